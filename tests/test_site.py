"""The real site: what it holds, that it depends on nothing but its sources, and what a helper's change runs again."""

import re
import shutil
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from dlref.site import drift
from dlref.site.engine import Engine
from dlref.site.snippets import is_lab
from dlref.site.store import Store
from dlref.site.trust import FACTS

ROOT = Path(__file__).resolve().parent.parent
TOPICS = [
    *("introduction", "neural-networks", "activation-functions", "loss-functions", "optimization"),
    *("convolutional-networks", "recurrent-networks", "frameworks", "practical-applications", "key-takeaways"),
]
PAGES = [page for topic in TOPICS for page in sorted((ROOT / "docs" / topic).glob("*.md"))]
TABLES = {"differences", *(page.stem for page in (ROOT / "docs" / "frameworks").glob("conformance*.md"))}
REPORT = "report"  # it shows seconds, memory and where results came from: they are those of one machine and one build
CLOCK = re.compile(r"(?m)^ *(import|from) (time|timeit)\b")  # a snippet that measures time prints other digits each run
STATEMENTS = [  # of the notes, in their order
    f"{topic}{number}"
    for topic, numbers in {"I": (1, 4), "N": (1, 5), "A": (1, 6), "L": (1, 5), "O": (1, 7), "C": (1, 7), "R": (1, 8),
                           "F": (0, 4), "P": (1, 4), "K": (1, 3)}.items()
    for number in range(numbers[0], numbers[1] + 1)
]  # fmt: skip


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
    """The sources of the site elsewhere, with a store that lacks the results of two topics, and built there."""
    root = tmp_path_factory.mktemp("elsewhere") / "notes"
    root.mkdir()
    for name in "docs", "snippets", "dlref", "overrides", "mkdocs.yml":
        source = ROOT / name
        shutil.copytree(source, root / name) if source.is_dir() else shutil.copy(source, root)
    (root / "node_modules").symlink_to(ROOT / "node_modules")
    (root / ".dlref").mkdir()
    (root / ".dlref" / "environments").symlink_to(ROOT / ".dlref" / "environments")  # minutes, and tested elsewhere
    engine = Engine(ROOT)
    missing = {path for path in engine.snippets if path.startswith(("activation-functions/", "loss-functions/"))}
    stored = engine.snippets.keys() - missing
    for path in stored:  # test_copies.py runs each of them once more
        assert engine.current(path)
        facts = {name: engine.results[path][name] for name in (*FACTS, "processor")}
        Store(root / ".dlref").put(path, engine.results[path]["inputs"], engine.notebook(path), **facts)
    assert ran(dlref(root, "build")) == missing
    assert len(missing) > 40
    return root


def measured() -> set[str]:
    """Return the built pages on which a snippet measures time."""
    timed = {file for file in (ROOT / "snippets").rglob("*.py") if CLOCK.search(file.read_text(encoding="utf-8"))}
    names = {file.relative_to(ROOT / "snippets").as_posix() for file in timed}
    pages = [page for page in (ROOT / "docs").rglob("*.md") if any(name in page.read_text("utf-8") for name in names)]
    return {page.relative_to(ROOT / "docs").as_posix().removesuffix(".md").removesuffix("index") for page in pages}


def test_a_build_elsewhere_gives_the_same_pages(site: Path, copy: Path) -> None:
    """Byte for byte, but that in another process a sum may be rounded otherwise, and move a point of a figure."""
    here, there = html(site), html(copy / "site")
    assert here.keys() == there.keys()
    others = [name for name in here if not drift.agree(here[name], there[name], 0.001)]
    different = {name.removesuffix("index.html").removesuffix("/") for name in others}
    assert different <= {page.removesuffix("/") for page in measured()} | {REPORT}


def test_the_report_has_a_row_for_each_snippet_and_lab_with_what_it_cost(site: Path) -> None:
    text = (site / REPORT / "index.html").read_text(encoding="utf-8").partition("<dl-report>")[2]
    rows = re.findall(r'(?s)<th [^>]*scope="row".*?</tr>', text)
    engine = Engine(ROOT)
    assert len(rows) == len(engine.snippets)
    assert all(re.search(r'href="\.\./[^"]*#(snippet|cell)-', row) for row in rows)
    assert all(len(re.findall(r'<td class="dl-number">\d+(?:\.\d\d)?</td>', row)) == 3 for row in rows)
    assert {row.rpartition("<td>")[2].partition("</td>")[0] for row in rows} <= {"the store", "this build"}


def users(root: Path, module: str) -> set[str]:
    """Return the snippets that import a module of dlref, directly or through others, by their texts."""
    found = {module}
    files = {file: file.read_text(encoding="utf-8") for file in (root / "dlref").glob("*.py")}
    files |= {file: file.read_text(encoding="utf-8") for file in (root / "snippets").rglob("*.py")}
    while True:
        names = "|".join(found)
        pattern = rf"(?m)^ *(from|import) dlref(\.({names})| import ([\w, ]*\b)?({names}))\b"
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
    topics = {path.parent for path in (copy / "snippets").rglob("*.py")} - {copy / "snippets" / "labs"}
    short = sorted(map(str, topics))
    assert ran(dlref(copy, "run", *short)) == {path for path in users(copy, "activations") if not is_lab(path)}
    assert ran(dlref(copy, "run", *short)) == set()


def test_every_topic_of_the_notes_has_its_page_in_their_order(site: Path) -> None:
    home = (site / "index.html").read_text(encoding="utf-8")
    nav = home.partition('<nav class="md-tabs')[0] + home
    links = [match for match in re.findall(r'href="(?:\./)?([a-z-]+)/"', nav) if match in TOPICS]
    assert list(dict.fromkeys(links)) == TOPICS
    assert "being written" not in home.lower()
    for topic in TOPICS:
        text = (site / topic / "index.html").read_text(encoding="utf-8").lower()
        assert "being written" not in text


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.stem not in TABLES], ids=lambda page: f"{page.parent.name}/{page.stem}"
)
def test_every_page_of_a_topic_ends_with_tested_solutions_and_sources(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    headings = re.findall(r"(?m)^## (.+)$", text)
    assert headings[-2:] == ["Exercises", "Sources"]
    exercises = text.partition("\n## Exercises\n")[2].partition("\n## Sources\n")[0]
    solutions = re.split(r'(?m)^ *\?\?\? success "Solution', exercises)[1:]
    assert solutions
    assert all(fences(solution) for solution in solutions)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_has_its_snippets_and_figures(site: Path, topic: str) -> None:
    pages = [page.read_text(encoding="utf-8") for page in PAGES if page.parent.name == topic]
    if topic == "practical-applications":
        pages += [
            file.read_text(encoding="utf-8").replace("\n#", "\n") for file in (ROOT / "snippets/labs").glob("*.py")
        ]
    shown = Counter(ref.partition("#")[0] for text in pages for _, ref in fences(text))
    built = html(site / topic) | (html(site / "labs") if topic == "practical-applications" else {})
    figures = sum(text.count('<figure class="dl-figure"') for text in built.values())
    assert len(shown) >= 5
    assert figures >= 3


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_prose_takes_its_numbers_from_runs(page: Path) -> None:
    assert len(re.findall(r"\{\{ *\S+\.py:\w+", page.read_text(encoding="utf-8"))) >= 5


def test_the_ledger_has_a_row_for_each_statement_of_the_notes_with_links_to_its_evidence(site: Path) -> None:
    rows = re.findall(r'<li id="([A-Z]\d)">(.*?)</li>', (site / "ledger" / "index.html").read_text("utf-8"), re.DOTALL)
    assert [name for name, _ in rows] == STATEMENTS
    assert not [name for name, row in rows if "dl-verdict--in-work" in row]
    assert all("#snippet-" in row or "#cell-" in row for _, row in rows)


def test_no_snippet_computes_for_long_without_saying_why(site: Path) -> None:
    engine = Engine(ROOT)
    assert all(engine.current(path) for path in engine.snippets)
    assert list(engine.too_slow(engine.snippets)) == []


def test_a_page_loads_the_styles_of_formulas_and_api_entries_if_it_has_some(site: Path) -> None:
    for sign, style in ('class="katex', "katex.min.css"), ('class="doc ', "_mkdocstrings.css"):
        pages = {name: text for name, text in html(site).items() if name != "404.html"}  # which is no page to MkDocs
        loads = {name for name, text in pages.items() if style in text}
        assert loads == {name for name, text in pages.items() if sign in text}
        assert 0 < len(loads) < len(pages)


def test_no_formula_is_left_as_tex(site: Path) -> None:
    for name, text in html(site).items():
        assert "arithmatex" not in text, name
        assert r"\(" not in re.sub(r"<(script|code|samp|pre|annotation)\b.*?</\1>", "", text, flags=re.DOTALL), name
