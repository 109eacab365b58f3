"""What a snippet file says: its claim, its named cells, its options."""

from __future__ import annotations

import ast
import hashlib
import io
import re
import tokenize
import tomllib
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

_MARKER = re.compile(r"#\s?%%\s*(?P<name>.*)$")
_MARKED = re.compile(r"(?m)^#\s?%%")
_NAME = re.compile(r"[A-Za-z0-9_-]+$")
_OPENING = re.compile(r"# /// (?P<type>[a-zA-Z0-9-]+)")
_HIDDEN = re.compile(r"[\x01-\x08\x0b\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")  # of control, of direction
_CODING = re.compile(r"^[ \t\f]*#.*?coding[:=][ \t]*(?P<name>[-\w.]+)")  # PEP 263
_UNNAMEABLE = re.compile(r"[\\#:{}]")  # in a path: a fence or an inline value could not hold it
_LARGEST = 512 * 1024  # bytes of a snippet: reading more of Python takes seconds
_LIMITS = {"timeout": 30.0, "memory": 2.0}  # seconds, GiB
_LAB_LIMITS = {"timeout": 600.0, "memory": 8.0}
TOLERANCE = 1e-5  # by which a number may differ from the accepted one, relative to it: float32 on other machines
_MARKDOWN = "[markdown]"


class Problem(Exception):
    """Something that must not be published: where it is, and what to do about it.

    Args:
        message: What was expected, what came.
        where: Places from the outermost inwards, each "file" or "file:line".
    """

    def __init__(self, message: str, *where: str) -> None:
        super().__init__(": ".join([*where, message]))
        self.message, self.where = message, where

    def seen_from(self, place: str) -> Problem:
        """Return the same problem with the page and line that led to it in front."""
        return Problem(self.message, place, *self.where)


@dataclass(frozen=True)
class Options:
    """What a snippet asks for in its PEP 723 block.

    Attributes:
        timeout: Seconds of wall-clock time it may take.
        memory: Address space it may use, in GiB.
        network: Whether it may open connections.
        slow: Why it computes for longer than a snippet should; empty: it does not.
        dependencies: The list its own environment is made from; None: it runs in the site's.
        requires_python: A version specifier, as in PEP 723.
        tolerance: By how much its numbers may differ from the accepted ones, relative to them.
        measured: A pattern for the lines of its record whose numbers are others each time; empty: for none.
        amplifies: Whether its training makes much of how a kind of processor rounds.
        gpu: Whether it needs a CUDA device.
    """

    timeout: float = _LIMITS["timeout"]
    memory: float = _LIMITS["memory"]
    network: bool = False
    slow: str = ""
    dependencies: tuple[str, ...] | None = None
    requires_python: str | None = None
    tolerance: float = TOLERANCE
    measured: str = ""
    amplifies: bool = False
    gpu: bool = False


@dataclass(frozen=True)
class Cell:
    """A stretch of a snippet: its name ("" for the first one), its code, its first line's number (empty: its mark's).

    In a lab it may be `markdown`: then `source` is the text without the signs that make it a comment.
    """

    name: str
    source: str
    line: int
    markdown: bool = False


@dataclass(frozen=True)
class Snippet:
    """One file below `snippets/`, parsed.

    Attributes:
        path: Its name below `snippets/`, with forward slashes.
        source: Its text, as decoded from UTF-8, with newlines as line ends.
    """

    path: str
    source: str
    claim: str
    cells: tuple[Cell, ...]
    options: Options = field(default_factory=Options)

    @property
    def lab(self) -> bool:
        """Whether it is a long notebook with text of its own."""
        return is_lab(self.path)

    @property
    def code(self) -> tuple[Cell, ...]:
        """The cells that run."""
        return tuple(cell for cell in self.cells if not cell.markdown)

    @property
    def text(self) -> str:
        """The Markdown of a lab, line by line where it stands in the file; code is left blank."""
        lines = [""] * (self.source.count("\n") + 1)
        for cell in self.cells:
            if cell.markdown:
                body = cell.source.split("\n")
                lines[cell.line - 1 : cell.line - 1 + len(body)] = body
        return "\n".join(lines)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the text."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    def cell(self, name: str) -> Cell:
        """Return the cell of that name; ValueError lists the ones there are."""
        for cell in self.cells:
            if cell.name == name and name:
                return cell
        known = ", ".join(cell.name for cell in self.cells if cell.name) or "none"
        raise ValueError(f"{self.path} has no cell {name!r}; its named cells: {known}")

    def until(self, cell: Cell) -> str:
        """Return the script that gives this cell's output: the file from its top to the cell's end."""
        last = cell.line + cell.source.count("\n")
        return "\n".join(self.source.split("\n")[:last]).rstrip() + "\n"


def is_lab(path: str) -> bool:
    """Say whether a path below `snippets/` is that of a lab."""
    return path.startswith("labs/") and "/" not in path.removeprefix("labs/")


def find(folder: Path) -> Iterator[str]:
    """Yield the path below `folder` of each snippet file in it, in order."""
    for file in sorted(folder.rglob("*.py")):
        path = file.relative_to(folder)
        if not any(part.startswith((".", "__pycache__")) for part in path.parts):
            yield path.as_posix()


def read(folder: Path, path: str) -> Snippet:
    """Parse the snippet `path` below `folder`; Problem says which line is wrong and why."""
    where = f"{folder.name}/{path}"
    file = folder / path
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        raise Problem(f"is not a file below {folder.name}/", where)
    return parse(path, decoded(file, where, most=_LARGEST), where)


def check_name(folder: Path, path: str, seen: dict[str, str]) -> None:
    """Problem if a path cannot stand in a message or a fence, or is one of those `seen` but for case."""
    where = f"{folder.name}/{printable(path)}"
    if (odd := _UNNAMEABLE.search(path)) or not path.isprintable():
        what = f"{odd[0]!r}" if odd else "a character that cannot be seen"
        raise Problem(f"its name holds {what}; no page could name it", where)
    if (other := seen.setdefault(unicodedata.normalize("NFC", path).casefold(), path)) != path:
        raise Problem(f"is one file with {other} on machines where case or accents' form do not count", where)


def printable(path: str) -> str:
    """Return a path with escapes for what would not be seen."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in path)


def decoded(file: Path, where: str, most: int | None = None) -> str:
    """Return a file's text, its lines ended as Python and Markdown read them.

    Problem if it cannot be read, has more bytes than `most`, or is not UTF-8.
    """
    try:
        if most is not None and (size := file.stat().st_size) > most:
            raise Problem(f"has {size} bytes; the limit is {most}: data may stand in a file beside it", where)
        return file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise Problem(f"is not UTF-8: {error.reason} at byte {error.start}", where) from None
    except OSError as error:
        raise Problem(f"cannot be read: {error.strerror}", where) from None


@lru_cache(maxsize=2048)
def parse(path: str, source: str, where: str) -> Snippet:
    """Parse a snippet's text; `where` is the file named in a Problem."""
    _visible(source, where)
    try:
        tree = ast.parse(source)
        marks = list(_marks(source))
    except SyntaxError as error:
        text = f": {error.text.strip()}" if error.text else ""
        raise Problem(f"SyntaxError: {error.msg}{text}", f"{where}:{error.lineno or 1}") from None
    except ValueError as error:
        raise Problem(f"SyntaxError: {error}", f"{where}:1") from None
    except (RecursionError, MemoryError):  # of Python's parser, which has used little of either
        raise Problem("SyntaxError: is nested more deeply than Python can read", f"{where}:1") from None
    claim = ast.get_docstring(tree) or ""
    if len(tree.body) <= bool(claim):
        raise Problem("is empty: a snippet has at least one statement", f"{where}:1")
    cells = tuple(_cells(source, marks, where, lab=is_lab(path)))
    for cell in cells:
        _whole(cell, where)
    return Snippet(path, source, claim, cells, _options(source, where, _LAB_LIMITS if is_lab(path) else _LIMITS))


def _visible(source: str, where: str) -> None:
    """Problem if a text is read otherwise by Python than by people."""
    if odd := _HIDDEN.search(source):
        line = source.count("\n", 0, odd.start()) + 1
        said = f"holds U+{ord(odd[0]):04X}, which readers do not see and some editors obey: write it as an escape"
        raise Problem(said, f"{where}:{line}")
    for number, text in enumerate(source.split("\n", 2)[:2], 1):
        coding = _CODING.match(text)
        if coding and coding["name"].lower().replace("_", "-") not in ("utf-8", "utf8", "utf-8-sig"):
            raise Problem(
                f"says that it is {coding['name']}; a snippet is UTF-8, and needs no such line", f"{where}:{number}"
            )


def _marks(source: str) -> Iterator[tuple[int, str]]:
    """Yield (line, name) of each `# %%` comment at the left margin; strings that look so are none."""
    if not _MARKED.search(source):  # half of all snippets, and reading them takes the most time of a check
        return
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT and token.start[1] == 0:
            if match := _MARKER.match(token.string):
                yield token.start[0], match["name"].strip()


def _cells(source: str, marks: list[tuple[int, str]], where: str, *, lab: bool) -> Iterator[Cell]:
    lines, seen = source.split("\n"), set[str]()
    starts = [(0, ""), *marks]
    for (line, name), (end, _) in zip(starts, [*starts[1:], (len(lines) + 1, "")], strict=True):
        if name == _MARKDOWN and lab:
            if (cell := _markdown(lines[line : end - 1], line + 1, where)).source:
                yield cell
            continue
        if line and not _NAME.match(name):
            raise Problem(f"a cell is named `# %% name` (letters, digits, _, -), not {name!r}", f"{where}:{line}")
        if name and name in seen:
            raise Problem(f"two cells are named {name!r}", f"{where}:{line}")
        seen.add(name)
        body = lines[line : end - 1]
        text = "\n".join(body).rstrip()
        blank = next((number for number, text in enumerate(body) if text.strip()), 0)
        if text or name:
            yield Cell(name, "\n".join(text.split("\n")[blank:]), line + blank + bool(text))


def _whole(cell: Cell, where: str) -> None:
    """Problem if a cell begins or ends inside a statement: each is to be a program of its own."""
    try:
        ast.parse("" if cell.markdown else cell.source)
    except SyntaxError as error:
        message = f"a cell begins or ends inside a statement ({error.msg}): `# %%` stands between statements"
        raise Problem(message, f"{where}:{cell.line}") from None


def _markdown(body: list[str], line: int, where: str) -> Cell:
    """Return a lab's cell of text: each of its lines is a comment."""
    while body and not body[-1].strip():
        body.pop()
    for number, text in enumerate(body):
        if text.rstrip() and not re.match(r"#( |$)", text):
            raise Problem(f"a Markdown cell is made of comments, `# text`, not {text!r}", f"{where}:{line + number}")
    return Cell("", "\n".join(re.sub(r"^# ?", "", text).rstrip() for text in body), line, markdown=True)


def blocks(source: str) -> Iterator[tuple[str, int, int]]:
    """Yield the type of each block of metadata, as PEP 723 defines it, and its lines (from 0, with both ends).

    The last `# ///` of a run of comments ends it. An empty one counts too: the specification's has a line or more.
    """
    lines = source.split("\n") if "# /// " in source else []
    number = 0
    while number < len(lines):
        first = number
        while number < len(lines) and (lines[number] == "#" or lines[number].startswith("# ")):
            number += 1
        run = lines[first:number]
        if "# ///" in run:
            last = number - 1 - run[::-1].index("# ///")
            opened = next((n for n in range(first, last) if _OPENING.fullmatch(lines[n])), None)
            if opened is not None:
                yield lines[opened].removeprefix("# /// "), opened, last
        number += 1


def _options(source: str, where: str, limits: dict[str, float]) -> Options:
    opened = [match.start() for match in re.finditer(r"(?m)^# /// script[ \t]*$", source)]
    if not opened:
        return Options(timeout=limits["timeout"], memory=limits["memory"])
    where = f"{where}:{source.count(chr(10), 0, opened[0]) + 1}"
    found = [(first, last) for kind, first, last in blocks(source) if kind == "script"]
    if len(opened) != 1 or len(found) != 1:
        raise Problem("expected one `# /// script` block that ends with `# ///`", where)
    (first, last), lines = found[0], source.split("\n")
    block = _table("\n".join(line[2:] for line in lines[first + 1 : last]), where)
    tool = block.get("tool", {})
    ours = tool.get("dlref", {}) if isinstance(tool, dict) else {}
    _known(block, {"dependencies": list, "requires-python": str, "tool": dict}, where)
    number = (int, float)
    kinds: dict[str, Any] = {
        "timeout": number,
        "memory": number,
        "network": bool,
        "amplifies": bool,
        "gpu": bool,
        "slow": str,
        "tolerance": number,
        "measured": str,
    }
    _known(ours, kinds, where)
    for name in limits.keys() & ours.keys():
        if isinstance(ours[name], bool) or not 0 < ours[name] < 1e6:
            raise Problem(f"{name} is a positive number, not {ours[name]!r}", where)
    _comparable(ours, where)
    dependencies = block.get("dependencies")
    if dependencies is not None and not all(isinstance(item, str) for item in dependencies):
        raise Problem("dependencies is a list of strings", where)
    return Options(
        timeout=float(ours.get("timeout", limits["timeout"])),
        memory=float(ours.get("memory", limits["memory"])),
        network=ours.get("network", False),
        slow=ours.get("slow", "").strip(),
        tolerance=float(ours.get("tolerance", TOLERANCE)),
        measured=ours.get("measured", ""),
        amplifies=ours.get("amplifies", False),
        dependencies=None if dependencies is None else tuple(dependencies),
        requires_python=block.get("requires-python"),
        gpu=ours.get("gpu", False),
    )


def _table(text: str, where: str) -> dict[str, Any]:
    """Return what a block of metadata says; Problem if it is not TOML, or more than can be read or shown."""
    try:
        table = tomllib.loads(text)
        repr(table)  # there are limits to nesting and to digits
    except (ValueError, RecursionError) as error:
        raise Problem(f"the script block is not TOML: {error}", where) from None
    return table


def _comparable(ours: dict[str, Any], where: str) -> None:
    """Look at what a snippet says about comparing its results."""
    tolerance = ours.get("tolerance", TOLERANCE)
    if isinstance(tolerance, bool) or not 0 <= tolerance < 1:
        raise Problem(f"tolerance is a number from 0 to below 1, not {tolerance!r}", where)
    try:
        re.compile(ours.get("measured", ""))
    except (re.error, OverflowError, RecursionError) as error:
        raise Problem(f"measured is no regular expression: {error}", where) from None


def _known(table: object, kinds: dict[str, type | tuple[type, ...]], where: str) -> None:
    if not isinstance(table, dict):
        raise Problem(f"expected a table, not {table!r}", where)
    for key, value in table.items():
        if key not in kinds:
            raise Problem(f"unknown option {key!r}; known: {', '.join(sorted(kinds))}", where)
        if not isinstance(value, kinds[key]):
            raise Problem(f"option {key!r} has the wrong type: {value!r}", where)
