"""The pages on frameworks: the same data on every side, no cell missing, no cell that could not fail."""

import ast
import copy
import json
import math
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlref.site import environments, snippets
from dlref.site.engine import Engine
from dlref.site.snippets import Snippet
from tests.test_conformance import cases

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "snippets" / "frameworks"
FRAMEWORKS = ("pytorch", "tensorflow", "keras", "jax", "mxnet")
IDEAS = ("tensors", "digits", "save_and_export", "eager_or_graph")
LOOSEST = 1e-5  # of any cell; the snippets themselves assert less where float64 is to be had
ALL = [
    snippets.read(ROOT / "snippets", path)
    for path in snippets.find(ROOT / "snippets")
    if path.startswith("frameworks/")
]


def given_weights() -> list[Snippet]:
    return [snippet for snippet in ALL if Path(snippet.path).name.startswith("given_weights")]


def numbers(source: str) -> dict[str, object]:
    """Return the names that a cell of plain numbers gives."""
    found: dict[str, object] = {}
    exec(source, {"__builtins__": {}}, found)
    return found


def table(page: str) -> Iterator[list[str]]:
    """Yield the cells of each row of a page's tables."""
    for line in (ROOT / "docs" / "frameworks" / page).read_text(encoding="utf-8").splitlines():
        if line.startswith("| ") and "{{" in line:
            yield [cell.strip() for cell in line.strip("|").split(" | ")]


def rows(page: str) -> Iterator[list[str]]:
    """Yield the (path, name) references of each row's cells as "path:name"."""
    for cells in table(page):
        yield re.findall(r"\{\{ *([^:}]+:\w+)[^}]*\}\}", " | ".join(cells))


def test_environments_are_few_and_each_release_is_pinned() -> None:
    lists = {tuple(sorted(snippet.options.dependencies)) for snippet in ALL if snippet.options.dependencies is not None}
    assert len(lists) == 4
    assert all(re.fullmatch(r"[\w.-]+==[\d.]+", name) for each in lists for name in each)


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_every_framework_shows_the_same_ideas(framework: str) -> None:
    own = {Path(snippet.path).stem for snippet in ALL if snippet.path.startswith(f"frameworks/{framework}/")}
    assert own >= set(IDEAS)
    assert any(name.startswith("given_weights") for name in own)
    page = (ROOT / "docs" / "frameworks" / f"{framework}.md").read_text(encoding="utf-8")
    assert all(f"frameworks/{framework}/{name}.py" in page for name in IDEAS)


def test_the_given_network_has_the_same_numbers_on_every_side() -> None:
    sides = {snippet.path: numbers(snippet.cell("expected").source) for snippet in given_weights()}
    assert len(sides) == 6
    first, *others = sides.values()
    assert set(first) == {"outputs", "gradient_w1", "gradient_w2", "losses"}
    assert all(other == first for other in others)


def test_keras_runs_the_same_code_on_both_backends() -> None:
    one, other = (snippet for snippet in given_weights() if "keras" in snippet.path)
    assert [cell.source for cell in one.cells[1:]] == [cell.source for cell in other.cells[1:]]
    assert one.options.dependencies != other.options.dependencies


def test_the_conformance_page_has_a_cell_for_every_function_in_every_framework() -> None:
    wanted = {name for group in cases().values() for name in group}
    found = {references[0].rpartition(":")[2]: references for references in rows("conformance.md")}
    assert set(found) == wanted
    for name, references in found.items():
        assert [Path(path).stem.partition("_")[0] for path in references] == list(FRAMEWORKS), name
        assert {reference.rpartition(":")[2] for reference in references} == {name}


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_conformance_cell_is_a_difference_within_tolerance_or_a_short_reason(framework: str, engine_values) -> None:
    compared = 0
    for reference in (cell for references in rows("conformance.md") for cell in references):
        path, _, name = reference.rpartition(":")
        if Path(path).stem.startswith(f"{framework}_"):
            text = engine_values(path)[name]
            if found := re.findall(r"(?<![\w-])(?:0|\de-\d+)(?![\w-])", text):
                assert all(float(number) <= LOOSEST for number in found), reference
                compared += 1
            else:
                assert 2 < len(text) <= 45, f"{reference}: {text}"
    assert compared >= 25


@pytest.fixture(scope="session")
def engine_values():
    """The values that snippets gave, from the store."""
    engine = Engine(ROOT)

    def values(path: str) -> dict[str, str]:
        said = engine.notebook(path)["metadata"]["dlref"]["values"]
        return {name: ast.literal_eval(text) for name, (kind, text) in said.items() if kind == "str"}

    yield values
    engine.close(wait=False)


EACH = """
import json, runpy, sys
for name in json.loads(sys.argv[1]):
    text = open(name).read()
    open("reference.json", "w").write(text)
    try:
        runpy.run_path("a_copy.py")
        print(name, "passed")
    except AssertionError:
        print(name, "failed")
"""


@pytest.mark.parametrize(
    "snippet", [s for s in ALL if s.path.startswith("frameworks/conformance/")], ids=lambda s: Path(s.path).stem
)
def test_a_wrong_value_or_a_gradient_of_nan_makes_the_conformance_snippet_fail(
    snippet: Snippet, tmp_path: Path
) -> None:
    """The last function that a snippet compares gets a wrong value; the last one with a gradient gets nan there."""
    compared = re.findall(r"(?m)^(\w+) = compare\(", snippet.source)
    reference = json.loads((FOLDER / "conformance" / "reference.json").read_text())
    (tmp_path / "right").write_text(json.dumps(reference))
    for kind, part in ("value", "value"), ("slope", "gradients"):
        wrong = copy.deepcopy(reference)
        names = [name for name in compared if part in wrong.get(name, ())]
        if names:
            parent: Any = wrong[names[-1]]
            key: Any = part
            while not isinstance(parent[key], float):
                parent, key = parent[key], next(reversed(parent[key])) if isinstance(parent[key], dict) else -1
            parent[key] = 7.25 if kind == "value" else math.nan
            (tmp_path / kind).write_text(json.dumps(wrong))
    made = [name for name in ("right", "value", "slope") if (tmp_path / name).exists()]
    (tmp_path / "a_copy.py").write_text(snippet.source)
    command = [python(snippet), "-c", EACH, json.dumps(made)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    said = ["right passed", *(f"{name} failed" for name in made[1:])]
    assert done.stdout.splitlines() == said, done.stderr


def python(snippet: Snippet) -> str:
    """Return the Python that a snippet runs with."""
    if snippet.options.dependencies is None:
        return sys.executable
    return environments.find(ROOT / ".dlref" / "environments", snippet.options).python


def test_the_table_of_differences_has_five_measured_cells_in_every_row() -> None:
    found = list(rows("differences.md"))
    assert len(found) >= 20
    for references in found:
        columns = [Path(path).parts[1] for path in references]
        assert columns == list(FRAMEWORKS), references
        assert len({reference.rpartition(":")[2] for reference in references}) == 1
