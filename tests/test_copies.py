"""What readers take away: each snippet runs where there is no `dlref`, and gives what the page shows."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dlref.site import pool, render, snippets
from dlref.site.engine import Engine
from dlref.site.snippets import Snippet

ROOT = Path(__file__).resolve().parent.parent
USES = re.compile(r"(?m)^ *(?:from|import) dlref\b")
PATHS = list(snippets.find(ROOT / "snippets"))
WITH = [path for path in PATHS if USES.search((ROOT / "snippets" / path).read_text(encoding="utf-8"))]
CLOCK = re.compile(r"(?m)^ *(?:import|from) (?:time|timeit)\b")  # what it measures is another number each time
NO_DLREF = "import sys\nsys.modules['dlref'] = None  # so that importing it, or a part of it, fails\n"


@pytest.fixture(scope="module")
def site() -> Path:
    folder = ROOT / "site"
    if not (folder / "index.html").is_file():
        subprocess.run([sys.executable, "-m", "dlref.site.cli", "build"], cwd=ROOT, check=True)
    return folder / "snippets"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """The project's engine, with two workers, each snippet of which has a fresh process of its own."""
    engine = Engine(ROOT, 2)
    yield engine
    engine.close(wait=False)


def script(site: Path, path: str) -> Snippet:
    """Return the file of a snippet that a reader without dlref would take."""
    file = (site / path).with_suffix(render.STANDALONE if path in WITH else ".py")
    return snippets.parse(path, file.read_text(encoding="utf-8"), str(file))


def job(engine: Engine, copy: Snippet) -> dict[str, Any]:
    """Return what runs a copy, cell by cell, as the engine runs a snippet, but in a process that has no dlref."""
    cells = [{"source": cell.source, "line": cell.line} for cell in copy.code]
    folder = engine.folder  # with the data beside it
    return {
        "name": copy.path, "file": str(folder / copy.path), "cache": str(engine.store.folder), "root": "", "python": "",
        "cells": [{"source": NO_DLREF, "line": 1}, *cells], "timeout": 600, "memory": 8 << 30, "network": False,
        "text": 1 << 18, "figures": 24,
    }  # fmt: skip


def printed(outputs: list[dict[str, Any]], *, timed: bool) -> str:
    text = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    return re.sub(r" *[\d.]+", "#", text) if timed else text


def drawn(outputs: list[dict[str, Any]]) -> list[str]:
    return [output["data"]["image/svg+xml"] for output in outputs if output["output_type"] == "display_data"]


def differences(engine: Engine, copy: Snippet, outcome: dict[str, Any]) -> Iterator[str]:
    """Yield how what a copy gave differs from the stored result, which is what the page shows."""
    path = copy.path
    if outcome["error"]:
        yield f"{path}: {outcome['error']}"
        return
    stored = [cell["outputs"] for cell in engine.notebook(path)["cells"] if cell["cell_type"] == "code"]
    timed = bool(CLOCK.search(copy.source))
    if len(stored) != len(outcome["cells"]) - 1:
        yield f"{path}: {len(stored)} cells on the page, {len(outcome['cells']) - 1} in the copy"
        return
    for number, (expected, came) in enumerate(zip(stored, outcome["cells"][1:], strict=True)):
        shown, text = (printed(outputs, timed=timed) for outputs in (expected, came))
        if shown != text:
            yield f"{path}, cell {number}: shown {shown!r}, came {text!r}"
        if not timed and drawn(expected) != drawn(came):
            yield f"{path}, cell {number}: another figure"


def wrong(site: Path, engine: Engine, paths: list[str]) -> list[str]:
    """Run the copies of some snippets, two at a time and the longest first; return all differences."""
    engine.run(paths)  # what a build of this state has done already
    paths = sorted(paths, key=lambda path: -engine.results[path]["cpu_seconds"])
    copies = [script(site, path) for path in paths]
    assert not [copy.path for copy in copies if USES.search(copy.source)]
    engine.executor()
    with ThreadPoolExecutor(2) as two:
        outcomes = two.map(pool.execute, [job(engine, copy) for copy in copies])
        pairs = zip(copies, outcomes, strict=True)
        return [text for copy, outcome in pairs for text in differences(engine, copy, outcome)]


@pytest.mark.slow
def test_each_snippet_that_uses_dlref_runs_without_it_as_one_script_and_gives_what_the_page_shows(
    site: Path, engine: Engine
) -> None:
    short = [path for path in WITH if not snippets.is_lab(path)]
    assert len(short) > 150
    found = wrong(site, engine, short)
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_each_lab_runs_without_dlref_as_one_script_and_gives_what_its_page_shows(site: Path, engine: Engine) -> None:
    found = wrong(site, engine, [path for path in WITH if snippets.is_lab(path)])
    assert not found, "\n".join(found)


def test_a_copy_that_gives_something_else_or_needs_dlref_is_seen(engine: Engine) -> None:
    path = "activation-functions/softmax_twice.py"
    engine.run([path])
    for change, message in [
        (lambda text: text, "ModuleNotFoundError: No module named 'dlref.activations'"),
        (lambda text: USES.sub("from torch import softmax, log_softmax\n#", text), "TypeError"),
        (lambda _: "print('share 1.000')\n", "shown 'share 1.000 after one softmax, 0.232 after two: loss 1.461"),
    ]:
        source = (ROOT / "snippets" / path).read_text(encoding="utf-8")
        copy = snippets.parse(path, change(source), path)
        engine.executor()
        [found] = differences(engine, copy, pool.execute(job(engine, copy)))
        assert message in found


def statements(cells: list[str]) -> list[str]:
    """Return the code of some cells, without what a notebook needs beyond it and what only the file has: its claim."""
    body = [node for cell in cells for node in ast.parse(cell).body]
    text = [
        ast.unparse(node) for node in body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
    ]
    return [line for line in text if not line.startswith("__file__ =")]


@pytest.mark.parametrize("path", PATHS)
def test_a_notebook_holds_the_code_that_ran_and_installs_what_the_script_lists(site: Path, path: str) -> None:
    cells = json.loads((site / path).with_suffix(".ipynb").read_text(encoding="utf-8"))["cells"]
    install, *code = [cell["source"] for cell in cells if cell["cell_type"] == "code"]
    downloaded = (site / path).read_text(encoding="utf-8")
    block = re.search(r"(?ms)^# /// script$.*?^# ///$", downloaded)
    assert block is not None
    listed = re.findall(r'^# +"([^"]+)",?$', block[0], re.MULTILINE)
    assert re.findall(r'"([^"]+)"', install) == listed
    assert install.startswith("# What this notebook ran with." if listed else "# This notebook needs Python alone")
    own = [cell.source for cell in snippets.parse(path, downloaded, path).code]
    assert statements(code) == statements(own)
