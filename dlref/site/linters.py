"""Format, lint and spelling: ruff and codespell, for a project whose pyproject.toml has settings for them."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

from dlref.site.snippets import Problem

_CODE = ("snippets", "dlref")
_TEXT = ("docs", "snippets", "dlref", "README.md", "CONTRIBUTING.md", "CHANGELOG.md")
_RUFF = re.compile(r"(?m)^(?P<place>[^\n:]+:\d+):\d+: (?P<message>.+)$")
_SPELLING = re.compile(r"(?m)^(?:\./)?(?P<place>[^\n:]+:\d+): (?P<word>.+?) ==> (?P<fix>.+)$")
_UNREADABLE = re.compile(r"Failed to parse .+\.py:\d+")
_HUNK = re.compile(r"@@ -(\d+)")


def check(root: Path) -> Iterator[Problem]:
    """Yield what the linters say, each with the line to change; nothing is written."""
    try:
        settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8")).get("tool", {})
    except FileNotFoundError:
        return
    except tomllib.TOMLDecodeError as error:
        yield Problem(f"is not TOML: {error}", "pyproject.toml")
        return
    if "ruff" in settings:
        ruff = ("ruff", "check", "--quiet", "--no-cache", "--output-format=concise")
        yield from _run(root, ruff, _CODE, _found)
        yield from _run(root, ("ruff", "format", "--no-cache", "--diff"), _CODE, _unformatted)
    if "codespell" in settings:
        yield from _run(root, ("codespell_lib",), _TEXT, _misspelt)


def _run(
    root: Path, command: tuple[str, ...], places: tuple[str, ...], read: Callable[[str], Iterator[Problem]]
) -> Iterator[Problem]:
    """Yield what one command says of some files and folders."""
    name = " ".join(word for word in command if not word.startswith("-")).replace("_lib", "")
    if find_spec(command[0]) is None:
        yield Problem(f"{name} is not installed: pip install '.[site]'", "pyproject.toml")
        return
    there = [place for place in places if (root / place).exists()]
    done = subprocess.run(
        [sys.executable, "-m", *command, *there], cwd=root, stdin=subprocess.DEVNULL, capture_output=True, check=False,
        text=True, encoding="utf-8", errors="replace",
    )  # fmt: skip
    problems = list(read(done.stdout))
    yield from problems
    if done.returncode and not problems and not _UNREADABLE.search(done.stderr):  # that is said by `ruff check`
        said = " ".join((done.stderr or done.stdout).split())
        yield Problem(f"{name} ended with status {done.returncode}: {said}", "pyproject.toml")


def _found(text: str) -> Iterator[Problem]:
    for match in _RUFF.finditer(text):
        yield Problem(f"ruff: {match['message']}", match["place"])


def _unformatted(text: str) -> Iterator[Problem]:
    """Yield the first line of each file that ruff would write otherwise, from its diff."""
    for part in re.split(r"(?m)^--- (?=\S)", text)[1:]:
        name, *lines = part.split("\n")
        start = next(number for number, line in enumerate(lines) if _HUNK.match(line))
        hunk = _HUNK.match(lines[start])
        same = next(number for number, line in enumerate(lines[start + 1 :]) if line[:1] in "-+")
        place = f"{name.partition(chr(9))[0]}:{int(hunk[1]) + same if hunk else 1}"
        yield Problem(f"ruff would set this otherwise: `ruff format {place.partition(':')[0]}` does it", place)


def _misspelt(text: str) -> Iterator[Problem]:
    for match in _SPELLING.finditer(text):
        yield Problem(f"spelling: {match['word']}, meant is perhaps {match['fix']}", match["place"])
