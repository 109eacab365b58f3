"""The real site: what it holds, that it depends on nothing but its sources, and what a helper's change runs again."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOPIC = "activation-functions"
TOPICS = [
    *("introduction", "neural-networks", "activation-functions", "loss-functions", "optimization"),
    *("convolutional-networks", "recurrent-networks", "frameworks", "practical-applications", "key-takeaways"),
]
LEDGER = {  # the statements of the notes on this topic: the page and the snippets whose asserts stand for each
    "A1": ("index.md", ["many_switches.py", "switch_teaches_nothing.py"]),
    "A2": ("index.md", ["linear_layers_collapse.py", "xor_needs_a_bend.py"]),
    "A3": ("sigmoid.md", ["sigmoid_saturates.py", "loss_from_logits.py", "tumours.py"]),
    "A4": ("tanh.md", ["tanh_and_its_slope.py", "tanh_does_not_normalise.py", "zigzag.py"]),
    "A5": ("relu.md", ["relu_race.py", "dead_units.py"]),
    "A6": ("softmax.md", ["softmax_shares.py", "log_softmax.py", "softmax_calibration.py"]),
}
PAGES = sorted((ROOT / "docs" / TOPIC).glob("*.md"))


def fences(text: str) -> list[tuple[str, str]]:
    """Return (options, reference) of each snippet fence of a page's source."""
    return re.findall(r"^ *```snippet *(.*)\n *(\S+)\n *```$", text, re.MULTILINE)


def dlref(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dlref.site.cli", *arguments, "--root", str(root)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done


def ran(done: subprocess.CompletedProcess[str]) -> set[str]:
    return set(re.findall(r"(?m)^ran \d+/\d+ (\S+) ", done.stderr))


def html(site: Path) -> dict[str, str]:
    return {str(file.relative_to(site)): file.read_text(encoding="utf-8") for file in sorted(site.rglob("*.html"))}


@pytest.fixture(scope="module")
def site() -> Path:
    """The site of this tree, brought up to date."""
    dlref(ROOT, "build")
    return ROOT / "site"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sources of the site elsewhere, with an empty store, and built there."""
    root = tmp_path_factory.mktemp("elsewhere") / "notes"
    root.mkdir()
    for name in "docs", "snippets", "dlref", "overrides", "mkdocs.yml":
        source = ROOT / name
        shutil.copytree(source, root / name) if source.is_dir() else shutil.copy(source, root)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    dlref(root, "build")
    return root


def test_a_build_elsewhere_from_an_empty_store_gives_the_same_bytes(site: Path, copy: Path) -> None:
    here, there = html(site), html(copy / "site")
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []


def users(root: Path, module: str) -> set[str]:
    """Return the snippets that import a module of dlref, directly or through others, by their texts."""
    found = {module}
    files = {file: file.read_text(encoding="utf-8") for file in (root / "dlref").glob("*.py")}
    files |= {file: file.read_text(encoding="utf-8") for file in (root / "snippets").glob("*/*.py")}
    while True:
        pattern = rf"(?m)^ *(from|import) dlref(\.| import )({'|'.join(found)})\b"
        hits = {file for file, text in files.items() if re.search(pattern, text)}
        modules = {file.stem for file in hits if file.parent.name == "dlref"}
        if modules <= found:
            return {file.relative_to(root / "snippets").as_posix() for file in hits if file.parent.name != "dlref"}
        found |= modules


def test_a_changed_helper_concerns_exactly_what_uses_it_and_only_that_runs_again(copy: Path) -> None:
    everything = {line.split(": ")[0] for line in dlref(copy, "why", "snippets").stdout.splitlines()}
    for helper, file in ("plots", "plots/charts.py"), ("activations", "activations.py"):
        with (copy / "dlref" / file).open("a") as text:
            text.write("\n# a change\n")
        reasons = dlref(copy, "why", "snippets").stdout.splitlines()
        changed = {line.split(": ")[0] for line in reasons if f"dlref/{file} changed" in line}
        assert changed == {f"snippets/{path}" for path in users(copy, helper)}
        assert 0 < len(changed) < len(everything)
        if helper == "plots":  # running half of the site again once is enough: put it back
            (copy / "dlref" / file).write_bytes((ROOT / "dlref" / file).read_bytes())
    assert ran(dlref(copy, "run")) == users(copy, "activations")
    assert ran(dlref(copy, "run")) == set()


def test_every_topic_of_the_notes_has_its_page_in_their_order(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    nav = home.partition('<nav class="md-tabs')[0] + home
    links = [match for match in re.findall(r'href="(?:\./)?([a-z-]+)/"', nav) if match in TOPICS]
    assert list(dict.fromkeys(links)) == TOPICS
    for topic in set(TOPICS) - {TOPIC}:
        assert "being written" in (site / topic / "index.html").read_text(encoding="utf-8").lower()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_page_of_the_topic_ends_with_tested_solutions_and_sources(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (.+)$", text)
    assert headings[-2:] == ["Exercises", "Sources"]
    exercises = text.partition("\n## Exercises\n")[2].partition("\n## Sources\n")[0]
    solutions = re.split(r'(?m)^ *\?\?\? success "Solution', exercises)[1:]
    assert solutions
    assert all(fences(solution) for solution in solutions)


def test_the_topic_has_its_snippets_and_figures(site: Path) -> None:
    shown = Counter(ref.partition("#")[0] for page in PAGES for _, ref in fences(page.read_text(encoding="utf-8")))
    figures = sum(text.count('<figure class="dl-figure"') for name, text in html(site / TOPIC).items())
    assert len(shown) >= 14
    assert figures >= 10


@pytest.mark.parametrize("row", LEDGER)
def test_each_statement_of_the_notes_is_asserted_by_a_snippet_on_its_page(row: str) -> None:
    page, names = LEDGER[row]
    shown = {ref.partition("#")[0] for _, ref in fences((ROOT / "docs" / TOPIC / page).read_text(encoding="utf-8"))}
    for name in names:
        assert f"{TOPIC}/{name}" in shown
        assert re.search(r"(?m)^ *assert ", (ROOT / "snippets" / TOPIC / name).read_text(encoding="utf-8"))


def test_no_formula_is_left_as_tex(site: Path) -> None:
    for name, text in html(site).items():
        assert "arithmatex" not in text, name
        assert r"\(" not in re.sub(r"<(script|code|samp|pre|annotation)\b.*?</\1>", "", text, flags=re.DOTALL), name
