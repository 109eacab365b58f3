"""The labs as a reader gets them: each notebook runs elsewhere and gives what the page shows."""

import ast
import json
import math
import os
import re
import shlex
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from dlref.site import snippets

ROOT = Path(__file__).resolve().parent.parent
LABS = sorted((ROOT / "snippets" / "labs").glob("*.py"))
COMMON = ["torch", "numpy", "matplotlib"]  # what every lab needs and what takes longest to install
UNWANTED = {"savefig", "show", "switch_backend", "rcParams", "rc_context"}


def lab(path: Path) -> snippets.Snippet:
    return snippets.read(ROOT / "snippets", f"labs/{path.name}")


def downloaded(path: Path) -> Any:
    return nbformat.read(ROOT / "site" / "snippets" / "labs" / f"{path.stem}.ipynb", as_version=nbformat.NO_CONVERT)


def listed(book: Any) -> list[str]:
    """Return what a notebook's first cell says to install."""
    command = shlex.split(book.cells[0].source.splitlines()[-1])
    assert command[:3] == ["%pip", "install", "--quiet"]
    return command[3:]


def printed(cells: list[Any]) -> list[str]:
    """Return the text that each cell of code printed."""
    return [
        "".join(output.text for output in cell.outputs if output.output_type == "stream" and output.name == "stdout")
        for cell in cells
        if cell.cell_type == "code"
    ]


def alike(came: str, shown: str) -> bool:
    """Say whether two outputs say the same: all but the numbers exactly, and of these nearly all closely.

    In another process arrays lie elsewhere, which changes last digits, and what was nearly a tie may fall otherwise.
    """
    number = re.compile(r"\d+(?:\.\d+)?")
    pairs = list(zip(number.findall(came), number.findall(shown), strict=False))
    close = [math.isclose(float(a), float(b), rel_tol=0.02, abs_tol=1) for a, b in pairs]
    return number.sub("#", came) == number.sub("#", shown) and sum(close) >= 0.95 * len(close)


def test_outputs_are_alike_if_only_few_numbers_differ_much() -> None:
    shown = "\n".join(f"run {run}: {run / 10:.1f} % of 240" for run in range(20))
    assert alike(shown.replace("1.7 %", "1.8 %").replace("of 240", "of 238"), shown)
    assert alike(shown.replace("run 7:", "run 70:"), shown)
    assert not alike(shown.replace("of 240", "of 480"), shown)
    assert not alike(shown.replace("run 7:", "fun 7:"), shown)
    assert not alike(shown + "\n1", shown)


def pip(python: Path, *arguments: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--quiet"]
    command += ["--disable-pip-version-check", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build dlref as the wheel that a reader would install."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(folder),
        ".",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """Make an environment with what all labs need, of the versions that they name."""
    folder = tmp_path_factory.mktemp("base")
    venv.create(folder)
    wanted = {name for path in LABS for name in listed(downloaded(path)) if name.partition("==")[0] in COMMON}
    assert len({name.partition("==")[0] for name in wanted}) == len(wanted)  # one version of each
    pip(folder / "bin" / "python", *sorted(wanted), "-c", "constraints.txt")
    pip(folder / "bin" / "python", str(wheel), "ipykernel", "-c", "constraints.txt")
    return folder


@pytest.fixture
def fresh(base: Path, tmp_path: Path) -> Path:
    """Make an environment of one lab's own: it sees what is in `base`, and what is installed into it."""
    folder = tmp_path / "own"
    venv.create(folder)
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = Path("lib", python, "site-packages")
    (folder / packages / "base.pth").write_text(f"{base / packages}\n")
    return folder


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_downloaded_notebook_runs_from_top_to_bottom_in_an_environment_made_from_its_first_cell(
    path: Path, fresh: Path, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = downloaded(path)
    nbformat.validate(book)
    python = fresh / "bin" / "python"
    needs = [str(wheel) if name.partition(" ")[0] == "dlref" else name for name in listed(book)]
    pip(python, *needs, "-c", "constraints.txt")
    for name in "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS":
        monkeypatch.setenv(name, "1")
    for name in "PYTHONWARNINGS", "MPLBACKEND", "MATPLOTLIBRC":
        monkeypatch.delenv(name, raising=False)
    shown = printed(book.cells[1:])
    book.cells[
        0
    ].source = "import dlref; assert 'site-packages' in dlref.__file__"  # a tested stand-in for installing it again
    kernel = tmp_path / "jupyter" / "kernels" / "own" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    argv = [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel.write_text(json.dumps({"argv": argv, "display_name": "Own", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(kernel.parents[2]))
    NotebookClient(book, kernel_name="own", timeout=600, resources={"metadata": {"path": str(tmp_path)}}).execute()
    assert alike("\n".join(printed(book.cells[1:])), "\n".join(shown))
    figures = [output for cell in book.cells if cell.cell_type == "code" for output in cell.outputs]
    assert any("image/png" in output.get("data", {}) for output in figures)


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_has_baselines_tested_exercises_and_sources(path: Path) -> None:
    text = lab(path).text
    headings = re.findall(r"(?m)^## (.+)$", text)
    assert headings[-2:] == ["Exercises", "Sources"]
    exercises = text.partition("\n## Exercises\n")[2].partition("\n## Sources\n")[0]
    solutions = re.split(r'(?m)^ *\?\?\? success "Solution', exercises)[1:]
    assert len(solutions) >= 2
    assert all(re.search(r"```snippet.*\n *practical-applications/exercise_", solution) for solution in solutions)
    assert re.search(r"(?m)^## .*(production|use|wrong)", text, re.IGNORECASE)
    assert len(re.findall(r"\{\{ ", text)) >= 15


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_a_lab_asserts_its_result_and_leaves_figures_to_the_engine(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(tree)) >= 2
    assert not {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)} & UNWANTED
    claim = ast.get_docstring(tree) or ""
    assert re.fullmatch(r"[^.!?]+\.", claim.replace("\n", " "))


def test_the_nine_labs_of_the_notes_are_there() -> None:
    vision = ["image_classification", "object_detection", "face_verification"]
    language = ["text_classification", "sentiment", "translation", "speech_recognition"]
    assert {path.stem for path in LABS} == {*vision, *language, "time_series", "driving"}
