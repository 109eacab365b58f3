"""The same site by both generators: what a page shows of its snippets is the same, and so is what readers download."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from zensical import config

from dlref.site import zensical

ROOT = Path(__file__).resolve().parent.parent
GENERATORS = "mkdocs", "zensical"
PARTS = {  # what is compared of an article: the elements, and how each is read
    "code": ".dl-snippet__code code",
    "outputs": ".dl-snippet__output samp",
    "alternatives": ".dl-figure svg",
    "figures": ".dl-figure svg",
    "captions": "figcaption, .dl-snippet__caption",
    "values": "data.dl-value",
    "formulas": "math",
    "citations": ".dl-cite a",
    "terms": "dl-term a",
    "definitions": "dl-term [role=tooltip]",
    "downloads": "a.dl-download",
    "copies": "[data-copy]",
    "headings": "h1, h2, h3, h4",
    "tables": "td, th",
    "places": "[id]",
}


ATTRIBUTES = {"alternatives": "aria-label", "copies": "data-copy", "places": "id"}


def normal(part: str, element: Tag) -> str:
    """Return what is the same of an element whoever laid out the page around it."""
    if part in ATTRIBUTES:
        return str(element[ATTRIBUTES[part]])
    if part in ("figures", "formulas"):
        return str(element)
    if part in ("citations", "terms", "downloads"):
        return f"{element.get_text()} {element['href']}"
    return element.get_text()


def extracted(page: Path) -> dict[str, list[str]]:
    article = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("article")
    assert article is not None, page
    found = {part: [normal(part, each) for each in article.select(select)] for part, select in PARTS.items()}
    for part in "code", "outputs":  # mkdocs-jupyter begins a lab's outputs with a line's end
        found[part] = [text.strip("\n") for text in found[part]]
    found["places"] = sorted(name for name in found["places"] if not name.startswith("__"))  # the theme's own
    return found


def pages(site: Path) -> dict[str, Path]:
    return {str(f.relative_to(site)): f for f in sorted(site.rglob("*.html")) if f.name != "404.html"}


def downloads(site: Path) -> dict[str, bytes]:
    return {str(f.relative_to(site)): f.read_bytes() for f in sorted((site / "snippets").rglob("*")) if f.is_file()}


def build(root: Path, generator: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dlref.site.cli", "build", "--generator", generator, "--root", str(root)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def both(root: Path) -> Iterator[Path]:
    """Yield the site of each generator, MkDocs' first."""
    for generator in GENERATORS:
        done = build(root, generator)
        assert done.returncode == 0, done.stderr
        yield (root / "site").rename(root / f"site-{generator}")


PROJECT = {
    "snippets/sums/curve.py": '''"""A line rises."""

import matplotlib.pyplot as plt

total, text = 1 + 1, "<&*_$"
# %% drawing
print("total:", total)
figure, axes = plt.subplots()
axes.plot([0, total])
assert total == 2
''',
    "snippets/labs/small_lab.py": '''"""A lab in small."""

# %% [markdown]
# # A small lab
#
# It begins with {{ n }}, and the [sums](../sums/index.md#sums) say why [@gauss1801].
#
# %% squares
# alt: A line that rises from {{ n }}.
import matplotlib.pyplot as plt

n = 3
plt.plot([n, n**2])
print(n**2)

# %% [markdown]
# ## Exercises
#
# ??? success "Solution"
#
#     ```snippet show="code"
#     sums/curve.py#drawing
#     ```
#
# %% cubes
print(n**3)
''',
    "docs/index.md": """---
title: Home
description: What all this is.
---

# Home

Of {{ sums/curve.py:total }} and {{ sums/curve.py:text }}: $x^{ {{ sums/curve.py:total }} }$, see [@gauss1801].
A slope rises here.

$$
\\int_0^1 x < 1
$$

!!! note "Held"

    ```snippet title="Sum {{ sums/curve.py:total }}" alt="A line from 0 to {{ sums/curve.py:total }}." caption="After [@gauss1801]."
    sums/curve.py
    ```

| a | b |
|---|---|
| {{ sums/curve.py:total:.1f }} | [lab](labs/small-lab.ipynb#cell-squares) |
""",
    "docs/sums/index.md": """# Sums

\tindented by a tab

```snippet alt="A line." lines="2"
sums/curve.py#drawing
```

[home](../index.md#snippet-curve), [lab](../labs/small-lab.ipynb#exercises).
""",
    "docs/glossary.md": """# Glossary

Slope
:   How fast a line rises.
    See [Sums](sums/index.md#sums).
""",
    "docs/bibliography.md": "# Bibliography\n\n```bibliography\n```\n",
    "docs/bibliography.bib": """@book{gauss1801,
  author = {Gauss, Carl Friedrich}, title = {Disquisitiones arithmeticae}, year = {1801}, publisher = {Fleischer}}
""",
    "docs/data.csv": "1,2\n",
}


def written(folder: Path) -> Path:
    for name, text in PROJECT.items():
        file = folder / "project" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder / "project"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The small project, by both."""
    one, other = both(written(tmp_path_factory.mktemp("both")))
    return one, other


@pytest.fixture
def project(tmp_path: Path, built: tuple[Path, Path]) -> Path:
    """The small project, with its results."""
    root = written(tmp_path)
    shutil.copytree(built[0].parent / ".dlref" / "results", root / ".dlref" / "results")
    shutil.copytree(built[0].parent / ".dlref" / "notebooks", root / ".dlref" / "notebooks")
    return root


def test_zensical_and_mkdocs_publish_the_same_parts_and_downloads(built: tuple[Path, Path]) -> None:
    by_mkdocs, by_zensical = built
    one, other = pages(by_mkdocs), pages(by_zensical)
    assert one.keys() == other.keys()
    everything = dict.fromkeys(PARTS, 0)
    for name in one:
        expected, came = extracted(one[name]), extracted(other[name])
        for part in expected:
            assert came[part] == expected[part], f"{part} of {name}"
            everything[part] += len(came[part])
    assert all(everything.values()), everything  # nothing was equal because there was none of it
    assert extracted(other["labs/small-lab/index.html"])["alternatives"] == ["A line that rises from 3."]
    assert downloads(by_zensical) == downloads(by_mkdocs)
    assert (by_zensical / "data.csv").read_bytes() == (by_mkdocs / "data.csv").read_bytes()


def test_styles_scripts_and_fonts_are_there_and_a_page_without_a_formula_has_no_styles_for_them(
    built: tuple[Path, Path],
) -> None:
    home, sums = ((built[1] / name).read_text(encoding="utf-8") for name in ("index.html", "sums/index.html"))
    assert "assets/katex/katex.min.css" in home
    assert "katex.min.css" not in sums
    assert re.search(r'<script src="[^"]*assets/dlref\.js" type="module">', sums)
    for name in "dlref.css", "dlref.js", "katex/katex.min.css":
        assert (built[1] / "assets" / name).read_bytes() == (built[0] / "assets" / name).read_bytes()
    assert list((built[1] / "assets/katex/fonts").glob("*.woff2"))


FAULTS = [
    ("docs/sums/index.md", "[home](../index.md", "[home](../nowhere.md", r"docs/sums/index\.md:9: link '[^']*nowhere/#snippet-curve' leads nowhere: no such file"),
    ("docs/sums/index.md", "#snippet-curve", "#snippet-crve", r"docs/sums/index\.md:9: link '[^']*#snippet-crve' leads nowhere: index\.html has no place"),
    ("docs/index.md", "{{ sums/curve.py:text }}", "{{ sums/curve.py:nope }}", r"docs/index\.md:8: no value 'nope'"),
    ("docs/index.md", "x < 1", "\\x{", r"docs/index\.md:\d+: the formula .* does not parse"),
    ("docs/index.md", ' alt="A line from 0 to {{ sums/curve.py:total }}."', "", r"docs/index\.md:17: the cells shown draw 1 figure"),
    ("docs/index.md", "[@gauss1801].", "[@gauss1800].", r"docs/index\.md:8: no work 'gauss1800'"),
    ("snippets/sums/curve.py", "assert total == 2", "assert total == 3", r"docs/index\.md:8: snippets/sums/curve\.py:10: AssertionError"),
    ("snippets/labs/small_lab.py", "{{ n }}", "{{ m }}", r"snippets/labs/small_lab\.py:6: no value 'm'"),
    ("snippets/labs/small_lab.py", "# # A small lab", "# A small lab", r"snippets/labs/small_lab\.py: a lab begins with"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("file", "right", "wrong", "message"), FAULTS, ids=[fault[2][:20] or "no alt" for fault in FAULTS]
)
def test_what_is_wrong_ends_the_build_with_page_and_line(
    project: Path, file: str, right: str, wrong: str, message: str
) -> None:
    text = (project / file).read_text(encoding="utf-8")
    assert right in text
    (project / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    done = build(project, "zensical")
    assert done.returncode == 1
    assert re.search(rf"(?m)^{message}", done.stderr), done.stderr
    assert not (project / "site").exists()
    assert not list((project / ".dlref" / "building").glob("*/site-*"))


def configured(project: Path, text: str) -> subprocess.CompletedProcess[str]:
    basic = "site_name: Sums\ntheme: {name: material, font: false}\nmarkdown_extensions: [admonition, pymdownx.details, pymdownx.superfences, tables]\n"
    (project / "mkdocs.yml").write_text(basic + text, encoding="utf-8")
    return build(project, "zensical")


def test_what_zensical_would_drop_is_named(project: Path) -> None:
    plugins = "plugins: [search, dlref, mkdocs-jupyter, {gen-files: {scripts: [x.py]}}]\n"
    done = configured(
        project,
        plugins + "hooks: [hook.py]\nvalidation: {nav: {omitted_files: warn}}\nrepo_url: https://example.org/x\n",
    )
    assert done.returncode == 0, done.stderr
    for part in "plugin 'gen-files'", "hook.py is left out", "navigation for omitted_files", "edit_uri":
        assert part in done.stderr
    assert "'dlref'" not in done.stderr
    assert "jupyter" not in done.stderr


def test_a_page_that_the_navigation_names_and_is_not_there_is_an_error(project: Path) -> None:
    done = configured(project, "nav: [index.md, {Lab: labs/small-lab.ipynb}, {Gone: gone.md}]\n")
    assert done.returncode == 1
    assert "gone" in done.stderr


def test_a_configuration_that_cannot_be_followed_is_an_error(project: Path) -> None:
    assert "mkdocs.yml: expected a mapping without INHERIT" in configured(project, "INHERIT: other.yml\n").stderr
    assert "mkdocs.yml: cannot be read" in configured(project, "nav: [\n").stderr
    missing = configured(project, "plugins: [{dlref: {assets: {a.woff2: none/a.woff2}}}]\n")
    assert missing.returncode == 1
    assert "`npm ci` brings it" in missing.stderr


def test_an_exception_in_zensical_is_an_error_and_publishes_nothing(project: Path) -> None:
    (project / "broken.py").write_text("def makeExtension(**k):\n    raise RuntimeError('out of order')\n")
    done = configured(project, "")
    assert done.returncode == 0, done.stderr
    text = (project / "mkdocs.yml").read_text().replace("tables]", "tables, broken]")
    before = (project / "site" / "index.html").stat().st_ino
    (project / "mkdocs.yml").write_text(text)
    done = build(project, "zensical")
    assert done.returncode == 1
    assert "out of order" in done.stderr
    assert (project / "site" / "index.html").stat().st_ino == before


def test_tags_of_python_pass_through_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_text("a: !!python/name:os.path.join\nb: !ENV [DLREF_NONE, x]\n")
    settings = zensical.read(tmp_path / "mkdocs.yml")
    assert settings["b"] == "x"
    assert "python/name:os.path.join" in yaml.dump(settings, Dumper=zensical._Dumper)


def test_the_plugins_that_are_kept_are_those_that_this_zensical_knows() -> None:
    assert set(config._PLUGIN_UNSUPPORTED_OPTIONS) == zensical.PLUGINS


def test_without_zensical_the_command_says_what_to_install(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(zensical, "find_spec", lambda _: None)
    (problem,) = zensical.build(tmp_path / "mkdocs.yml", tmp_path / "site", cast("Any", None))
    assert str(problem) == "zensical: is not installed: pip install 'dlref[site,zensical]'"
