"""`dlref new`: what it writes passes every check as it is, and nothing is overwritten."""

import tomllib
from pathlib import Path

import pytest
import yaml

FRONT = "---\ndescription: A page.\n---\n\n"
NAV = """\
site_name: Notes  # a comment
theme: {name: material}
plugins: [search, dlref]
# before
nav:
  - Home: index.md
  - Sums: sums/index.md  # the first topic
  # between
  - Products:
      - products/index.md
      - Large: products/large.md
  - Last: last.md
# after
extra: {}
"""
LINTED = (Path(__file__).resolve().parents[2] / "pyproject.toml").read_text(encoding="utf-8")


@pytest.fixture
def notes(project):
    """A project with two topics, a bibliography, a ledger and the settings of this one."""
    project.write("mkdocs.yml", NAV)
    settings = tomllib.loads(LINTED)["tool"]["ruff"]["lint"]["select"]
    project.write("pyproject.toml", f"[tool.ruff]\nline-length = 88\n[tool.ruff.lint]\nselect = {settings}\n"
                  'ignore = ["ANN", "E402", "INP001", "N8", "PLR2004", "S101", "T201"]\npydocstyle = {convention = "google"}\n[tool.codespell]\n')  # fmt: skip
    project.page(f"{FRONT}# Home\n")
    project.page(f"{FRONT}# Products\n\n## Exercises\n\nNone.\n\n## Sources\n\n- [@doe2020it].\n", "products/index.md")
    for page in "sums/index.md", "products/large.md", "last.md":
        project.page(f"{FRONT}# Page\n\n## Sources\n", page)
    project.page(f"{FRONT}# Bibliography\n\n```bibliography\n```\n", "bibliography.md")
    project.write(
        "docs/bibliography.bib",
        "@book{doe2020it,\n author={Doe, Jo},\n title={It},\n year={2020},\n publisher={P}\n}\n",
    )
    return project


def nav(project):
    return yaml.safe_load((project.root / "mkdocs.yml").read_text())["nav"]


def added(project) -> list[str]:
    """Return the lines of mkdocs.yml that were not there."""
    return [line for line in (project.root / "mkdocs.yml").read_text().splitlines() if line not in NAV.splitlines()]


def test_a_new_page_and_a_new_snippet_pass_the_check_and_run(notes):
    done = notes.dlref("new", "page", "products/warm-up")
    assert (done.status, done.err) == (0, "")
    assert done.out.splitlines() == [
        "docs/products/warm-up.md:1: new", "snippets/products/warm_up.py:1: new",
        "snippets/products/exercise_warm_up.py:1: new", "mkdocs.yml:12: edited",
        "snippets/products/warm_up.accepted:1: new", "snippets/products/exercise_warm_up.accepted:1: new",
        "Next: dlref serve docs/products/warm-up.md",
    ]  # fmt: skip
    done = notes.dlref("new", "snippet", "products/cool_down")
    assert done.out.splitlines()[:2] == ["snippets/products/cool_down.py:1: new", "docs/products/index.md:7: edited"]
    done = notes.check()
    assert (done.status, done.err) == (0, "")
    assert done.out.startswith("3 snippets in 4 fences")  # one is that of the bibliography
    assert notes.run("--check").status == 0


def test_a_new_page_is_built_with_its_figure_and_values(project):
    assert project.dlref("new", "page", "dice/index").status == 0
    project.page(f"{FRONT}# Home\n\n[Dice](dice/index.md)\n")
    html = project.good().html("dice/index.html")
    assert "<figure" in html
    assert html.count('class="dl-value"') >= 5
    assert "SNIPPET" not in html
    assert "TITLE" not in html


def test_the_source_of_a_new_page_is_a_work_that_exists(notes):
    notes.dlref("new", "page", "sums/more")
    assert "- [@doe2020it]: say what to read there." in (notes.root / "docs/sums/more.md").read_text()


def test_the_navigation_gets_a_line_in_its_place_and_keeps_its_comments(notes):
    notes.dlref("new", "page", "products/small")
    assert added(notes) == ["      - Small: products/small.md"]
    assert nav(notes)[2] == {
        "Products": ["products/index.md", {"Large": "products/large.md"}, {"Small": "products/small.md"}]
    }


def test_a_topic_of_one_page_becomes_a_section(notes):
    notes.dlref("new", "page", "sums/small-ones")
    assert added(notes) == [
        "  - Sums:",
        "      - sums/index.md  # the first topic",
        "      - Small ones: sums/small-ones.md",
    ]
    assert nav(notes)[1] == {"Sums": ["sums/index.md", {"Small ones": "sums/small-ones.md"}]}


def test_a_new_topic_comes_last(notes):
    notes.dlref("new", "page", "powers/index")
    assert nav(notes)[-1] == {"Powers": "powers/index.md"}
    assert added(notes) == ["  - Powers: powers/index.md"]
    assert (notes.root / "snippets/powers/powers.py").is_file()


def test_line_ends_stay_as_they_are(notes):
    notes.write("mkdocs.yml", NAV.replace("\n", "\r\n"))
    notes.dlref("new", "page", "sums/small")
    text = (notes.root / "mkdocs.yml").read_bytes()
    assert text.count(b"\n") == text.count(b"\r\n")


def test_a_project_without_a_navigation_needs_none(project):
    project.page(f"{FRONT}# Home\n")
    done = project.dlref("new", "page", "sums/small")
    assert done.status == 0
    assert not (project.root / "mkdocs.yml").exists()


def test_a_snippet_is_shown_before_the_exercises_of_the_page_that_is_named(notes):
    for page in "products/large.md", "docs/products/large.md":
        name = f"products/{'x' if page[0] == 'p' else 'y'}"
        assert notes.dlref("new", "snippet", name, "--page", page).status == 0
    text = (notes.root / "docs/products/large.md").read_text()
    assert text.index("products/x.py") < text.index("products/y.py") < text.index("## Sources")
    notes.dlref("new", "snippet", "products/deep/z")
    text = (notes.root / "docs/products/index.md").read_text()
    assert text.index("products/deep/z.py") < text.index("## Exercises") < text.index("## Sources")


BAD = [
    ("page", "warm-up", "warm-up: expected TOPIC/NAME, like optimization/warm-up"),
    ("page", "sums/Warm-up", "expected TOPIC/NAME"),
    ("page", "sums/warm_up", "expected TOPIC/NAME"),
    ("page", "sums/a/b", "expected TOPIC/NAME"),
    ("page", "../sums", "expected TOPIC/NAME"),
    ("page", "sums/../../x", "expected TOPIC/NAME"),
    ("page", "/sums/x", "expected TOPIC/NAME"),
    ("page", "sums/", "expected TOPIC/NAME"),
    ("page", "sums/é", "expected TOPIC/NAME"),
    ("page", "sums/index", "docs/sums/index.md: is there already"),
    ("page", "sum/x", "sum: no such topic; there are: products, sums. `dlref new page sum/index` begins it"),
    ("page", "labs/x", "a lab is begun with a copy"),
    ("snippet", "labs/x", "a lab is begun with a copy"),
    ("snippet", "sums/warm-up", "expected TOPIC/NAME, like optimization/warm_up"),
    ("snippet", "sums/2fast", "expected TOPIC/NAME"),
    ("snippet", "sums/there", "snippets/sums/there.py: is there already"),
    ("snippet", "none/x", "none/x: docs/none/index.md is not there, and every snippet is on a page"),
]


@pytest.mark.parametrize(("kind", "name", "message"), BAD)
def test_what_is_no_name_or_is_there_is_refused_and_nothing_is_written(notes, kind, name, message):
    notes.write("snippets/sums/there.py", "x = 1\n")
    before = {file: file.read_bytes() for file in notes.root.rglob("*") if file.is_file()}
    done = notes.dlref("new", kind, name)
    assert done.status == 1
    assert message in done.err
    assert {file: file.read_bytes() for file in notes.root.rglob("*") if file.is_file()} == before


def test_a_navigation_that_cannot_be_read_is_a_problem_and_nothing_is_written(notes):
    notes.write("mkdocs.yml", "site_name: N\nnav:\n  [index.md]\n")
    done = notes.dlref("new", "page", "sums/x")
    assert done.status == 1
    assert "mkdocs.yml:2: cannot read the `nav`: add a line for sums/x.md and the page by hand" in done.err
    assert not (notes.root / "docs/sums/x.md").exists()
