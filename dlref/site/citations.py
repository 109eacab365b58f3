"""The bibliography: one `.bib` file, read once, and what a page shows of each work in it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from markdown.util import AtomicString

from dlref.site.snippets import Problem, decoded

CITATION = re.compile(r"(?<!\\)\[(?P<keys>@[\w:.+-]+(?:\s*;\s*@[\w:.+-]+)*)\](?![(\[])")  # [@key] or [@key; @key]
_ENTRY = re.compile(r"@\s*\w+\s*[{(]\s*([^\s,{}()]+)\s*,")
_SHAPES = {  # field: what it looks like
    "year": (r"\d{4}", "four digits"),
    "eprint": (r"\d{4}\.\d{4,5}|[a-z.-]+/\d{7}", "an arXiv number, like 1412.6980"),
    "doi": (r"10\.\d{4,}/\S+", "like 10.1038/323533a0, without https"),
    "url": (r"https?://\S+", "an address that begins with https://"),
}
_VENUES = ("journal", "booktitle", "publisher", "school", "howpublished")
_LISTED = 10  # authors; of a longer list the first three


@dataclass(frozen=True)
class Work:
    """One entry: what a reference says, and where the entry stands.

    Attributes:
        people: (Initials, surname) of each author; the surname of a group is its name.
        more: Whether there are authors that the entry does not name.
        venue: Where it appeared, with volume and pages.
        letter: What tells it from another work of the same authors and year: "a", "b", or nothing.
    """

    key: str
    people: tuple[tuple[str, str], ...]
    more: bool
    title: str
    year: str
    venue: str
    links: tuple[tuple[str, str], ...]
    where: str
    letter: str = ""

    @property
    def names(self) -> str:
        """The authors as a sentence names them."""
        surnames = [surname for _, surname in self.people]
        if self.more or len(surnames) > 2:
            return f"{surnames[0]} et al."
        return " and ".join(surnames)

    @property
    def label(self) -> str:
        """What running text shows."""
        return f"{self.names} ({self.year}{self.letter})"

    def element(self) -> ET.Element:
        """Return the full reference as an element."""
        few = self.people if len(self.people) <= _LISTED else self.people[:3]
        authors = ", ".join(f"{initials} {surname}".strip() for initials, surname in few)
        authors += " et al." if self.more or len(few) < len(self.people) else ""
        span = ET.Element("span", {"class": "dl-reference"})
        span.text = AtomicString(f"{authors}, ")
        title = ET.SubElement(span, "cite")
        title.text = AtomicString(self.title)
        venue = self.venue if self.year in self.venue else ", ".join(filter(None, [self.venue, self.year]))
        title.tail = AtomicString(f", {venue}{self.letter and f' ({self.letter})'}")
        last = title
        for text, address in self.links:
            last.tail = AtomicString((last.tail or "") + ", ")
            last = ET.SubElement(span, "a", {"href": address})
            last.text = AtomicString(text)
        return span


@dataclass
class Bibliography:
    """The works of a project, in the order of their list; `problems` says what is wrong with the file."""

    name: str
    works: dict[str, Work] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def find(self, key: str) -> Work:
        """Return the work of that key; Problem if there is none, or if the file says too little about it."""
        if key in self.works:
            return self.works[key]
        for problem in self.problems:
            raise problem
        near = get_close_matches(key, self.works, 3, 0.7)
        raise Problem(f"no work {key!r} in {self.name}" + (f"; there are {', '.join(near)}" if near else ""))


def keys(match: re.Match[str]) -> list[str]:
    """Return the keys of a citation."""
    return [key.strip().removeprefix("@") for key in match["keys"].split(";")]


def read(file: Path) -> Bibliography:
    """Read a `.bib` file; an empty bibliography if there is none."""
    found = Bibliography(f"{file.parent.name}/{file.name}")
    if not file.is_file():
        return found
    from pybtex import errors
    from pybtex.database.input.bibtex import Parser

    try:
        text = decoded(file, found.name)
    except Problem as problem:
        found.problems.append(problem)
        return found
    places = dict[str, str]()
    for match in _ENTRY.finditer(text):
        place = f"{found.name}:{text.count(chr(10), 0, match.start()) + 1}"
        if places.setdefault(match[1], place) != place:
            found.problems.append(Problem(f"another work has the key {match[1]!r}", place))
    with errors.capture() as captured:
        entries = Parser().parse_string(text).entries
    for error in captured:
        if line := getattr(error, "lineno", None):
            message = re.sub(r"(?:syntax error )?in line \d+: ", "", str(error))
            found.problems.append(Problem(f"is no BibTeX: {message}", f"{found.name}:{line}"))
    works = list[Work]()
    for key, entry in entries.items():
        try:
            works.append(_work(key, entry, places.get(key, found.name)))
        except ValueError as error:
            found.problems.append(Problem(f"{key}: {error}", places.get(key, found.name)))
    works.sort(key=lambda work: (work.names.casefold(), work.year, work.title.casefold()))
    same = Counter(work.label for work in works)
    seen = Counter[str]()
    for work in works:
        seen[work.label] += 1
        letter = chr(ord("a") + seen[work.label] - 1) if same[work.label] > 1 else ""
        found.works[work.key] = replace(work, letter=letter)
    return found


def _work(key: str, entry: Any, where: str) -> Work:
    """Return an entry as a work; ValueError says what it lacks."""
    fields = {name.lower(): _plain(text) if name != "url" else text for name, text in entry.fields.items()}
    people = [_person(person) for person in entry.persons.get("author", ())]
    if lacks := [
        name for name in ("author", "title", "year") if not (people if name == "author" else fields.get(name))
    ]:
        raise ValueError(f"has no {' and no '.join(lacks)}")
    for name, (shape, description) in _SHAPES.items():
        if name in fields and not re.fullmatch(shape, fields[name]):
            raise ValueError(f"{name} = {fields[name]!r} is not {description}")
    venue = next((fields[name] for name in _VENUES if name in fields), "")
    if volume := fields.get("volume"):
        venue += f" {volume}" + (f"({fields['number']})" if "number" in fields else "")
    if pages := fields.get("pages"):
        venue += f", {re.sub('-+', '–', pages)}"
    return Work(
        key, tuple(person for person in people if person[1] != "others"), ("", "others") in people,
        fields["title"], fields["year"], venue.removeprefix(", "), tuple(_links(fields)), where,
    )  # fmt: skip


def _person(person: Any) -> tuple[str, str]:
    """Return (initials, surname): ("J.-P.", "van der Berg")."""
    given = _plain(" ".join([*person.first_names, *person.middle_names]))
    initials = " ".join("-".join(f"{part[0]}." for part in name.split("-") if part) for name in given.split())
    return initials, _plain(" ".join([*person.prelast_names, *person.last_names, *person.lineage_names]))


def _plain(text: str) -> str:
    """Return LaTeX as plain text; ValueError for what stays LaTeX."""
    from pybtex.richtext import Text

    plain = " ".join(str(Text.from_latex(text)).split())
    if left := re.search(r"[\\{}$]\S*", plain):
        raise ValueError(f"{left[0]!r} in {text!r} is LaTeX that is not understood: write it in plain Unicode")
    return plain


def _links(fields: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (text, address) of each place where the work is."""
    if number := fields.get("eprint"):
        yield f"arXiv {number}", f"https://arxiv.org/abs/{number}"
    if doi := fields.get("doi"):
        yield f"doi {doi}", f"https://doi.org/{doi}"
    if url := fields.get("url"):
        yield url.partition("//")[2].partition("/")[0].removeprefix("www."), url


def listed(bibliography: Bibliography, cited: dict[str, dict[str, str]]) -> ET.Element:
    """Return all works as a list.

    Args:
        bibliography: The works.
        cited: For each key, the pages that cite it: their addresses and titles.
    """
    items = ET.Element("ul", {"class": "dl-bibliography"})
    for key, work in bibliography.works.items():
        item = ET.SubElement(items, "li", {"id": key})
        item.append(work.element())
        item[0].tail = AtomicString(". ")
        pages = ET.SubElement(item, "small")
        pages.text = AtomicString("Cited on ")
        for address, title in cited.get(key, {}).items():
            link = ET.SubElement(pages, "a", {"href": address})
            link.text, link.tail = AtomicString(title), AtomicString(", ")
        if len(pages):
            pages[-1].tail = AtomicString(".")
    return items
