"""What readers take away: each snippet runs where there is no `dlref`, and gives what the page shows."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dlref.site import drift, imports, render, runner, snippets
from dlref.site.engine import Engine, notebook

ROOT = Path(__file__).resolve().parent.parent
FRESH = Path(__file__).with_name("fresh.py")
STYLE = Path(runner.__file__).parent / "assets" / "matplotlibrc"  # limits of axes can depend on a figure's size
USES = re.compile(r"(?m)^ *(?:from|import) dlref\b")
PATHS = list(snippets.find(ROOT / "snippets"))
WITH = [path for path in PATHS if USES.search((ROOT / "snippets" / path).read_text(encoding="utf-8"))]
SETS_UP = re.compile(r"\b(os\.environ|warnings\.)")  # what has to be before an import
NO_DLREF = "import sys\nsys.modules['dlref'] = None  # so that importing it, or a part of it, fails\n"


@pytest.fixture(scope="module")
def site() -> Path:
    folder = ROOT / "site"
    if not (folder / "index.html").is_file():
        subprocess.run([sys.executable, "-m", "dlref.site.cli", "build"], cwd=ROOT, check=True)
    return folder / "snippets"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    """What has executed the snippets."""
    engine = Engine(ROOT, 2)
    yield engine
    engine.close(wait=False)


def script(site: Path, path: str) -> str:
    """Return the file of a snippet that a reader without dlref would take."""
    return (site / path).with_suffix(render.STANDALONE if path in WITH else ".py").read_text(encoding="utf-8")


def run(engine: Engine, texts: dict[str, str], folder: Path) -> dict[str, tuple[int, list[Any], str]]:
    """Run copies of snippets in processes that know neither dlref nor its engine, two at a time, the longest first.

    Args:
        engine: What has executed the snippets.
        texts: The copies by the snippets' paths.
        folder: Where they have beside them what the snippets have.

    Returns:
        By path: exit status, what was printed and drawn as outputs of a notebook, what was written to standard error.
    """
    groups, given = dict[tuple[str, bool], list[str]](), dict[str, tuple[int, list[Any], str]]()
    for path in sorted(texts, key=lambda path: -engine.results[path]["cpu_seconds"]):
        environment = engine.environments.get(path)
        python = environment.python if environment else sys.executable
        groups.setdefault((python, bool(SETS_UP.search(texts[path]))), []).append(path)
    surroundings = os.environ | {"MPLBACKEND": "agg", "MATPLOTLIBRC": str(STYLE), "MPLCONFIGDIR": str(folder)}
    surroundings |= dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"], "1")
    for (python, sets_up), paths in groups.items():
        asked = {
            "modules": [] if sets_up else imports.shared(ROOT, [texts[path] for path in paths]),
            "runner": runner.__file__,
            "jobs": [[NO_DLREF + texts[path], str(folder / path), str(folder / path)] for path in paths],
        }
        done = subprocess.run([python, "-W", "error", str(FRESH)], input=json.dumps(asked), env=surroundings,
                              capture_output=True, text=True, timeout=1200, check=False)  # fmt: skip
        assert done.returncode == 0, done.stderr
        for path, status in zip(paths, json.loads(done.stdout), strict=True):
            out, err = (Path(f"{folder / path}.{end}").read_text(encoding="utf-8") for end in ("out", "err"))
            figures = json.loads(Path(f"{folder / path}.json").read_text(encoding="utf-8")) if status == 0 else []
            outputs = [{"output_type": "stream", "name": "stdout", "text": out}] * bool(out)
            drawn = [{"output_type": "display_data", "metadata": {"shows": shows}} for shows in figures]
            given[path] = status, outputs + drawn, err
    return given


def lines(engine: Engine, path: str, outputs: list[Any]) -> list[str]:
    """Return the lines of the record of a snippet that gave these outputs: what is printed, then what is drawn."""
    snippet = engine.snippets[path]
    cells = [outputs, *[[] for _ in snippet.code[1:]]]
    record = [line.text for line in drift.record(snippet, notebook(snippet, {"cells": cells, "values": {}}, []))]
    return [line for line in record if line[:1] == ">"] + [line for line in record if line[:2] in ("fi", "  ")]


def differences(engine: Engine, path: str, status: int, outputs: list[Any], err: str) -> Iterator[str]:
    """Yield how what a copy gave differs from the stored result, which is what the page shows."""
    stored = [output for cell in engine.notebook(path)["cells"] for output in cell.get("outputs", ())]
    shown, came = lines(engine, path, stored), lines(engine, path, outputs)
    if status:
        yield f"{path}: {err}"
    for _, was, now in drift.differences(shown, came, engine.snippets[path].options.tolerance):
        yield f"{path}: shown {was!r}, came {now!r}"


def wrong(site: Path, engine: Engine, tmp: Path, paths: list[str]) -> list[str]:
    """Run the copies of some snippets; return all differences."""
    engine.run(paths)  # what a build of this state has done already
    texts = {path: script(site, path) for path in paths}
    assert not [path for path, text in texts.items() if USES.search(text)]
    given = run(engine, texts, shutil.copytree(site, tmp / "snippets"))
    return [text for path in paths for text in differences(engine, path, *given[path])]


@pytest.mark.slow
def test_each_snippet_gives_what_the_page_shows_in_a_process_that_knows_neither_dlref_nor_its_engine(
    site: Path, engine: Engine, tmp_path: Path
) -> None:
    found = wrong(site, engine, tmp_path, [path for path in PATHS if not snippets.is_lab(path)])
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_each_lab_gives_as_one_script_what_its_page_shows(site: Path, engine: Engine, tmp_path: Path) -> None:
    found = wrong(site, engine, tmp_path, [path for path in WITH if snippets.is_lab(path)])
    assert not found, "\n".join(found)


def test_a_copy_that_gives_something_else_or_needs_dlref_is_seen(site: Path, engine: Engine, tmp_path: Path) -> None:
    path = "activation-functions/softmax_twice.py"
    engine.run([path])
    (tmp_path / path).parent.mkdir()
    source, copy = (ROOT / "snippets" / path).read_text(encoding="utf-8"), script(site, path)
    drawing = f"{copy}import matplotlib.pyplot\nmatplotlib.pyplot.plot([1])\n"
    for text, messages in [
        (copy, []),
        (source, ["No module named 'dlref.activations'", "shown '> share 1.000 after one softmax, 0.232 after two"]),
        (copy.replace("{once:.3f}", "{once:.2f}1"), ["came '> share 1.001 after one softmax"]),
        (copy + "print(1)\n", ["shown None, came '> 1'"]),
        (
            drawing,
            [f"shown None, came {line}" for line in ("'figure'", "'  axes 1'", "'    x: ", "'    y: ", "'    Line2D")],
        ),
    ]:
        found = list(differences(engine, path, *run(engine, {path: text}, tmp_path)[path]))
        assert len(found) >= len(messages) > 0 or found == messages
        assert all(message in difference for message, difference in zip(messages, found, strict=False)), found


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
    ran = [cell.source for cell in snippets.read(ROOT / "snippets", path).code]
    own = [cell.source for cell in snippets.parse(path, downloaded, path).code]
    assert statements(code) == statements(own) == statements(ran)
