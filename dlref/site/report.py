"""The build report: every snippet and lab with its place, its claim and its cost, and what they add up to.

Where a result came from differs from build to build, and stands on this page alone: all others are the
same from an empty store and from a full one.
"""

from __future__ import annotations

import ast
import platform
import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from markdown.util import AtomicString
from packaging.requirements import Requirement

from dlref.site import labs
from dlref.site.environments import Environment, versions_here

if TYPE_CHECKING:
    from dlref.site.engine import Engine
    from dlref.site.markdown import Session

LIBRARIES = ("torch", "numpy", "matplotlib")  # whose versions are named, where they are installed
THE_SITES = "the site’s"  # environment
RAN, STORED, LEFT_OUT, FAILED = "this build", "the store", "not executed", "failed"
_COLUMNS = {  # of the table of snippets, with what each is to a reader who sorts by it
    "Snippet and claim": "", "Page": "", "Asserts": "number", "CPU, s": "number", "Peak, MiB": "number",
    "Environment": "", "Result from": "",
}  # fmt: skip
_TEXT: dict[int, str | None] = {2: None, 3: None, ord("&"): "&amp;"}  # it is text, though it look like an entity


@dataclass(frozen=True)
class Row:
    """A snippet or lab in the report.

    Attributes:
        places: The title of each page that shows it, with the address of the first place there.
        environment: What its environment is called.
        result: Where its result came from, or why there is none.
        seconds: Of the processor; None: there is no result.
        memory: The most it had at a time, in bytes.
        packages: The distributions that its result depends on.
    """

    path: str
    claim: str
    lab: bool
    asserts: int
    places: tuple[tuple[str, str], ...]
    environment: str
    result: str
    seconds: float | None
    memory: int | None
    packages: frozenset[str]

    @property
    def topic(self) -> str:
        """The folder below `snippets/`; empty: none."""
        return self.path.partition("/")[0] if "/" in self.path else ""


def section(session: Session, name: str) -> ET.Element:
    """Return a part of the report, when every snippet has run; ValueError if there is no such part."""
    sections = {"totals": totals, "environments": environments, "snippets": snippets}
    if name not in sections:
        raise ValueError(f"a report fence holds one of {', '.join(sections)}, not {name!r}")
    session.engine.run(session.engine.snippets)
    return sections[name](session)


def rows(session: Session) -> list[Row]:
    """Return a row for each snippet, in the order of their paths."""
    engine, places, names, found = session.engine, _places(session), _names(session.engine), list[Row]()
    for path, snippet in sorted(engine.snippets.items()):
        stored = engine.results.get(path, {"inputs": {"distributions": ()}})
        found.append(Row(
            path, snippet.claim, snippet.lab, _asserts(snippet.source), tuple(places.get(path, ())),
            names[engine.environments[path]] if path in engine.environments else THE_SITES, _result(engine, path),
            stored.get("cpu_seconds"), stored.get("peak_memory"), frozenset(stored["inputs"]["distributions"]),
        ))  # fmt: skip
    return found


def _result(engine: Engine, path: str) -> str:
    if path in engine.problems:
        return FAILED
    if path in engine.left_out:
        return LEFT_OUT
    return RAN if path in engine.ran else STORED


@cache
def _asserts(source: str) -> int:
    return sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(source)))


def _places(session: Session) -> dict[str, list[tuple[str, str]]]:
    """Return the (title, address) of each page that shows a snippet; of a lab, its first cell with an assert."""
    found: dict[str, list[tuple[str, str]]] = {}
    for page, source in session.sources.items():
        first: dict[str, str] = {}
        for fence in source.fences:
            if fence.kind == "snippet":
                first.setdefault(fence.path, fence.anchor)
        for path, anchor in first.items():
            found.setdefault(path, []).append((source.title, session.way(f"{page}#{anchor}")))
    for path, snippet in session.engine.snippets.items():
        if snippet.lab:
            page, cell = labs.page(path), labs.asserting(snippet) or labs.code(snippet)[0]
            found[path] = [(session.sources[page].title, session.way(f"{page}#{labs.anchor(cell)}"))]
    return found


def _names(engine: Engine) -> dict[Environment, str]:
    """Return what to call each environment of snippets' own: the packages that no other lists, or its whole list."""
    packages = {each: [Requirement(item).name for item in each.requirements] for each in engine.environments.values()}
    listed, names = Counter(name for each in packages.values() for name in each), dict[Environment, str]()
    for environment, here in packages.items():
        alone = [name for name in here if listed[name] == 1] or environment.requirements
        names[environment] = ", ".join(alone) or "no packages"
        if environment.version != platform.python_version():
            names[environment] += f", Python {environment.version}"
    return names


# --- totals -----------------------------------------------------------------------------------------


def totals(session: Session) -> ET.Element:
    """Return what all rows add up to, and what the site was built with."""
    found, here = rows(session), versions_here()
    results = Counter(row.result for row in found)
    told = {
        "Snippets": f"{sum(not row.lab for row in found):,}",
        "Labs": f"{sum(row.lab for row in found):,}",
        "Asserts": f"{sum(row.asserts for row in found):,}",
        "Computing": f"{_computing(found):,.1f} s of one core",
        "Results": ", ".join(f"{results[name]:,} {_FROM[name]}" for name in _FROM if results[name]),
        "Built with": ", ".join(
            [f"Python {platform.python_version()}", *(f"{name} {here[name]}" for name in LIBRARIES if name in here)]
        ),
        "Commit": _commit(session.engine.root),
    }
    items = ET.Element("dl", {"class": "dl-totals", "data-search-exclude": ""})
    for name, text in told.items():
        if text:
            pair = _within(items, "div")
            _within(pair, "dt", name)
            _within(pair, "dd", text)
    return items


_FROM = {RAN: "from this build", STORED: "from the store", LEFT_OUT: LEFT_OUT, FAILED: FAILED}


def _computing(found: Iterable[Row]) -> float:
    return sum(row.seconds or 0 for row in found)


def _commit(root: Path) -> str:
    """Return the commit that is checked out, and whether files differ from it; empty where git knows of none."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(root), "describe", "--always", "--dirty", "--exclude=*", "--abbrev=12"]
    commit = subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    return commit.replace("-dirty", ", with changes")


# --- tables -----------------------------------------------------------------------------------------


def environments(session: Session) -> ET.Element:
    """Return a table of the environments: what each is made from and how much runs in it."""
    engine, found = session.engine, rows(session)
    lists = {THE_SITES: (platform.python_version(), "what the site is built with")}
    for environment, name in sorted(_names(engine).items(), key=lambda pair: pair[1]):
        lists[name] = environment.version, ", ".join(environment.requirements) or "nothing"
    frame, table = _table("Environments", "The environments, and how much runs in each.")
    _head(table, {"Environment": "", "Made from": "", "Python": "", "Packages": "number", "Snippets": "number",
                  "CPU, s": "number"})  # fmt: skip
    body = _within(table, "tbody")
    for name, (python, made) in lists.items():
        inside = [row for row in found if row.environment == name]
        packages = frozenset[str]().union(*(row.packages for row in inside))
        line = _within(body, "tr")
        _within(line, "th", name, scope="row")
        _cells(line, made, python)
        _cells(line, f"{len(packages):,}", f"{len(inside):,}", f"{_computing(inside):,.1f}", number=True)
    return frame


def snippets(session: Session) -> ET.Element:
    """Return the table of all snippets, in groups; the page's script sorts and filters it."""
    frame, table = _table("Snippets and labs", "Every snippet and lab, by topic.")
    whole = ET.Element("dl-report")
    whole.append(frame)
    _head(table, _COLUMNS)
    for topic, group in groupby(rows(session), lambda row: row.topic):
        body, inside = _within(table, "tbody"), list(group)
        head = _within(_within(body, "tr"), "th", _title(session, topic), scope="rowgroup", colspan=str(len(_COLUMNS)))
        asserts = sum(row.asserts for row in inside)
        _within(head, "small", f"{len(inside)} · {_many(asserts, 'assert')} · {_computing(inside):,.1f} s")
        for row in inside:
            _line(body, row)
    return whole


def _title(session: Session, topic: str) -> str:
    """Return what to call a topic: its page's title, if it has one."""
    source = session.sources.get(f"{topic}/index.md")
    return source.title if source else topic.replace("-", " ").capitalize() or "Without a topic"


def _line(body: ET.Element, row: Row) -> None:
    line, name = _within(body, "tr"), row.path.removeprefix(f"{row.topic}/")
    head = _within(line, "th", scope="row", abbr=name)
    _within(head, "code", name)
    _within(head, "span", row.claim)
    pages = _within(line, "td")
    for number, (title, address) in enumerate(row.places):
        if number:
            pages[-1].tail = AtomicString(", ")
        _within(pages, "a", title, href=address)
    seconds = "" if row.seconds is None else f"{row.seconds:.2f}"
    memory = "" if row.memory is None else f"{row.memory / 2**20:.0f}"
    _cells(line, str(row.asserts), seconds, memory, number=True)
    _cells(line, row.environment, row.result)


def _table(label: str, caption: str) -> tuple[ET.Element, ET.Element]:
    """Return a frame that scrolls, and the table in it."""
    attributes = {"class": "dl-table", "tabindex": "0", "role": "group", "aria-label": label, "data-search-exclude": ""}
    frame = ET.Element("div", attributes)
    table = _within(frame, "table", **{"class": "dl-report"})
    _within(table, "caption", caption)
    return frame, table


def _head(table: ET.Element, columns: dict[str, str]) -> None:
    line = _within(_within(table, "thead"), "tr")
    for name, kind in columns.items():
        _within(line, "th", name, scope="col", **({"class": f"dl-{kind}"} if kind else {}))


def _cells(line: ET.Element, *texts: str, number: bool = False) -> None:
    for text in texts:
        _within(line, "td", text, **({"class": "dl-number"} if number else {}))


def _within(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    """Return a new element at the end of another, with a text that is never markup."""
    element = ET.SubElement(parent, tag, attributes)
    if text:
        element.text = AtomicString(text.translate(_TEXT))
    return element


def _many(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'s' * (number != 1)}"
