"""README and CONTRIBUTING are true: their code runs, their commands and files exist."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import dlref

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]


def block(text: str, language: str) -> str:
    """Return the first fenced block in a language, without its indentation."""
    found = re.search(rf"^( *)```{language}\n(.*?)^\1```$", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return "".join(line.removeprefix(found[1]) for line in found[2].splitlines(keepends=True))


def run(code: str, folder: Path) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout


def test_the_taste_in_the_readme_is_a_snippet_of_the_site() -> None:
    path = re.search(r"\]\((snippets/.+?\.py)\)", README)
    assert path is not None
    assert block(README, "python") == (ROOT / path[1]).read_text(encoding="utf-8")


def test_the_taste_prints_what_the_readme_shows(tmp_path: Path) -> None:
    assert run(block(README, "python"), tmp_path) == block(README, "text")


def test_the_page_in_the_readme_refers_to_that_snippet_and_a_value_of_it() -> None:
    code, page = block(README, "python"), README.split("````")[1]
    fence = re.search(r"^(activation-functions/\w+\.py)$", page, re.MULTILINE)
    value = re.search(r"\{\{ (.+\.py):(\w+):", page)
    assert fence is not None
    assert value is not None
    assert fence[1] == value[1]
    assert f"snippets/{fence[1]}" in README
    assert re.search(rf"^{value[2]} = ", code, re.MULTILINE)


def test_the_first_snippet_of_a_contributor_runs(tmp_path: Path) -> None:
    assert run(block(CONTRIBUTING, "python"), tmp_path).startswith("largest difference: ")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_command_that_is_named_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert {"site", "test", "serve"} <= targets
    named = re.findall(r"`make (?:[A-Z]+=\S+ )*([a-z]+)", path.read_text(encoding="utf-8"))
    assert set(named) <= targets


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_is_linked_exists(path: Path) -> None:
    links = re.findall(r"\]\((?!https?://)([^)#]+)\)", path.read_text(encoding="utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_version_has_one_place() -> None:
    assert version("dlref") == dlref.__version__
    assert 'dynamic = ["version"]' in (ROOT / "pyproject.toml").read_text(encoding="utf-8")
