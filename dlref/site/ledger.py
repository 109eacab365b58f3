"""The ledger: every statement of the notes, its verdict, and the snippets whose asserts stand for it."""

from __future__ import annotations

import ast
import re
import tomllib
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from markdown.util import AtomicString

from dlref.site import labs
from dlref.site.snippets import Problem, Snippet, decoded, is_lab

if TYPE_CHECKING:
    from dlref.site.markdown import Fence, Source

IN_WORK = "in work"
VERDICTS = ("shown", "qualified", "corrected", IN_WORK)
_KEYS = {"statement": str, "verdict": str, "status": str, "page": str, "snippets": list}
_RANGE = re.compile(r"([A-Z]+)(\d+)(?:[-–]\1?(\d+))?$")


@dataclass(frozen=True)
class Row:
    """A statement: where its page says what about it, and the snippets below `snippets/` that assert it."""

    id: str
    statement: str
    verdict: str
    page: str
    section: str
    snippets: tuple[str, ...]
    where: str

    def wrong(self, message: str) -> Problem:
        """Return a problem that names this row."""
        return Problem(f"row {self.id}: {message}", self.where)


@dataclass
class Ledger:
    """The rows by id; `problems` says what is wrong with the file."""

    name: str
    rows: dict[str, Row] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read(file: Path) -> Ledger:
    """Read a ledger, a TOML file with a table for each row; an empty one if there is no file."""
    found = Ledger(f"{file.parent.name}/{file.name}")
    if not file.is_file():
        return found
    try:
        text = decoded(file, found.name)
        tables = tomllib.loads(text)
    except Problem as problem:
        found.problems.append(problem)
        return found
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        line = re.search(r"line (\d+)", str(error))
        place = f"{found.name}:{line[1] if line else text.count(chr(10)) + 1}"
        found.problems.append(Problem(f"is not TOML: {error}", place))
        return found
    for name, table in tables.items():
        if not isinstance(table, dict):
            found.problems.append(Problem(f"expected tables, not {name} = {table!r}", found.name))
            continue
        head = re.search(rf"(?m)^\[{re.escape(name)}\]", text)
        where = f"{found.name}:{text.count(chr(10), 0, head.start()) + 1 if head else 1}"
        try:
            found.rows[name] = _row(name, table, where)
        except ValueError as error:
            found.problems.append(Problem(f"row {name}: {error}", where))
    return found


def _row(name: str, table: dict[str, Any], where: str) -> Row:
    known = ", ".join(f"{key} ({kind.__name__})" for key, kind in _KEYS.items())
    unknown = [f"{key} = {value!r}" for key, value in table.items() if not isinstance(value, _KEYS.get(key, ()))]
    if unknown:
        raise ValueError(f"{unknown[0]} is none of: {known}")
    status, verdict = table.get("status", ""), table.get("verdict", table.get("status", ""))
    if verdict not in VERDICTS or status not in ("", IN_WORK) or (verdict == IN_WORK and not status):
        raise ValueError(f'expected a verdict, one of {", ".join(VERDICTS[:3])}, or status = "{IN_WORK}"')
    page, _, section = table.get("page", "").partition("#")
    needs = {"statement": table.get("statement"), "page": page}
    if not status:
        needs |= {"section in its page": section, "snippets": table.get("snippets")}
    if lacks := [name for name, there in needs.items() if not there]:
        raise ValueError(f"has no {', no '.join(lacks)}")
    return Row(name, table["statement"], status or verdict, page, section, tuple(table.get("snippets", ())), where)


def ids(text: str) -> Iterator[str]:
    """Yield the ids of "I1-I4 N1"; ValueError for anything else."""
    for item in text.split():
        if not (match := _RANGE.match(item)):
            raise ValueError(f"{item!r} is no id or range of ids, like A1-A6")
        yield from (f"{match[1]}{number}" for number in range(int(match[2]), int(match[3] or match[2]) + 1))


def asserting(row: Row, sources: Mapping[str, Source], snippets: Mapping[str, Snippet]) -> Iterator[tuple[str, str]]:
    """Yield (snippet, the place that shows its assert, below `docs/`); Problem if there is none.

    That is a fence of the row's page, or a cell of a lab that this page leads to.
    """
    if row.page not in sources:
        raise row.wrong(f"there is no page {row.page}")
    fences = [fence for fence in sources[row.page].fences if fence.kind == "snippet"]
    for path in row.snippets:
        if path not in snippets:
            raise row.wrong(f"there is no snippet {path}")
        if is_lab(path):
            yield path, _in_lab(row, snippets[path], "\n".join(sources[row.page].prose))
            continue
        here = [fence for fence in fences if fence.path == path]
        if not here:
            raise row.wrong(f"{path} is not on {row.page}")
        shown = next((fence for fence in here if _asserts(snippets[path], fence)), None)
        if shown is None:
            raise row.wrong(f"{row.page} shows no assert of {path}")
        yield path, f"{row.page}#{shown.anchor}"


def _in_lab(row: Row, lab: Snippet, prose: str) -> str:
    """Return the first cell of a lab that asserts; Problem if there is none or the row's page does not lead to it."""
    page = labs.page(lab.path)
    if f"{page})" not in prose and f"{page}#" not in prose:
        raise row.wrong(f"{row.page} does not lead to {page}")
    cell = labs.asserting(lab)
    if cell is None:
        raise row.wrong(f"{lab.path} asserts nothing")
    return f"{page}#{labs.anchor(cell)}"


def _asserts(snippet: Snippet, fence: Fence) -> bool:
    """Say whether a fence shows an assert."""
    lines = {node.lineno for node in ast.walk(ast.parse(snippet.source)) if isinstance(node, ast.Assert)}
    cells = [cell for cell in snippet.cells if fence.cell in ("", cell.name) and fence.options.get("show") != "output"]
    return any(cell.line <= line <= cell.line + cell.source.count("\n") for cell in cells for line in lines)


def totals(rows: Iterable[Row]) -> ET.Element:
    """Return how many rows there are of each verdict."""
    counts = Counter(row.verdict for row in rows)
    items = ET.Element("ul", {"class": "dl-ledger-totals"})
    for verdict in VERDICTS:
        item = ET.SubElement(items, "li", {"class": f"dl-verdict dl-verdict--{verdict.replace(' ', '-')}"})
        item.text = AtomicString(f"{counts[verdict]} {verdict}")
    return items


def entry(row: Row, title: str, page: str, evidence: Iterable[tuple[str, str]]) -> ET.Element:
    """Return a row as an item of a list.

    Args:
        row: The row.
        title: The title of its page.
        page: The address of its section.
        evidence: The name and the address of each snippet.
    """
    item = ET.Element("li", {"id": row.id})
    ET.SubElement(item, "span", {"class": "dl-ledger__id"}).text = AtomicString(row.id)
    ET.SubElement(item, "span", {"class": "dl-ledger__statement"}).text = row.statement
    verdict = ET.SubElement(item, "span", {"class": f"dl-verdict dl-verdict--{row.verdict.replace(' ', '-')}"})
    verdict.text = AtomicString(row.verdict)
    small = ET.SubElement(item, "small")
    link = ET.SubElement(small, "a", {"href": page})
    link.text = AtomicString(title)
    for number, (name, address) in enumerate(evidence):
        link.tail = AtomicString(", " if number else ": ")
        link = ET.SubElement(small, "a", {"href": address})
        ET.SubElement(link, "code").text = AtomicString(name)
    for element in item:
        element.tail = element.tail or " "
    return item
