"""ruff and codespell, as `dlref check` asks them: each problem at the line to change."""

import re

import pytest

from dlref.site import linters

SETTINGS = (
    '[tool.ruff]\nline-length = 88\n[tool.ruff.lint]\nselect = ["F", "E"]\n[tool.codespell]\nignore-words-list = "nd"\n'
)
MISSPELT = "teh"  # codespell:ignore


@pytest.fixture
def said(project):
    return lambda: [str(problem) for problem in linters.check(project.root)]


def test_a_project_without_settings_is_left_alone(project, said):
    project.write("snippets/a.py", "import os\nx=1\n")
    assert said() == []
    project.write("pyproject.toml", "[project]\nname = 'x'\n")
    assert said() == []


def test_format_lint_and_spelling_name_the_line(project, said):
    project.write("pyproject.toml", SETTINGS)
    project.write("snippets/a.py", "import os\n\nx = 1\ny = 2\n\nz=3\n")
    project.page(f"# T\n\nThis is {MISSPELT} page, nd more.\n")
    assert said() == [
        "snippets/a.py:1: ruff: F401 [*] `os` imported but unused",
        "snippets/a.py:6: ruff would set this otherwise: `ruff format snippets/a.py` does it",
        f"docs/index.md:3: spelling: {MISSPELT}, meant is perhaps the",
    ]
    assert not list(project.root.glob(".ruff_cache"))


def test_what_is_right_gives_nothing(project, said):
    project.write("pyproject.toml", SETTINGS)
    project.write("snippets/a.py", "x = 1\n")
    assert said() == []


def test_a_snippet_that_does_not_parse_is_said_once(project, said):
    project.write("pyproject.toml", "[tool.ruff]\n")
    project.write("snippets/a.py", "if x\n")
    assert said()
    assert all(re.match(r"snippets/a.py:[12]: ruff: invalid-syntax", problem) for problem in said())


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[tool.ruff]\nno-such-setting = 1\n", "pyproject.toml: ruff check ended with status 2: .*no-such-setting"),
        ("[tool.ruff\n", "pyproject.toml: is not TOML"),
    ],
)
def test_a_linter_that_does_not_run_is_a_problem(project, said, settings, message):
    project.write("pyproject.toml", settings)
    project.write("snippets/a.py", "x = 1\n")
    assert re.match(message, said()[0])


def test_a_linter_that_is_not_installed_is_a_problem(project, said, monkeypatch):
    project.write("pyproject.toml", "[tool.codespell]\n")
    monkeypatch.setattr(linters, "find_spec", lambda _: None)
    assert said() == ["pyproject.toml: codespell is not installed: pip install '.[site]'"]
