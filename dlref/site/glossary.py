"""The glossary: its terms, read once from one page, and where the other pages mark them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from dlref.site.snippets import Problem

# A term stands on a line of its own above one that begins with ":   ". Other names that readers should see
# follow in round brackets, names that only find it (inflections) in braces; plurals go without saying.
_TERM = re.compile(r"(?P<name>\w[^(){}:]*?)(?: \((?P<shown>[^()]+)\))?(?: \{(?P<hidden>[^{}]+)\})?$")
_SEE = re.compile(r"\s*\bSee \[.*", re.DOTALL)  # where a definition ends and its links begin
_MARKUP = re.compile(r"\[([^\]]*)\]\([^)]*\)|(?<!\w)[*_]+|[*_]+(?!\w)|`")
_WORD = re.compile(r"[^\W_][\w-]*")
_LEFT_ALONE = set(
    "a abbr button cite code data dfn figcaption h1 h2 h3 h4 h5 h6 kbd label math pre script style summary svg "
    "table".split()
)
_FOREIGN = re.compile(r"\b(?:dl-|doc-|arithmatex|admonition-title|footnote|toc|headerlink)")


@dataclass(frozen=True)
class Term:
    """An entry: what it is called, what it means in plain text, the line (from 0) that names it."""

    name: str
    label: str
    forms: tuple[str, ...]
    meaning: str
    line: int

    @property
    def anchor(self) -> str:
        """Its id on the glossary's page."""
        return re.sub(r"[^a-z0-9]+", "-", self.name.lower()).strip("-")


@dataclass
class Glossary:
    """The terms of a page; `problems` says what is wrong with it."""

    name: str = ""
    terms: list[Term] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    by_word: dict[str, dict[str, Term]] = field(default_factory=dict)  # a form's first word: the forms, longest first

    def find(self, text: str) -> Iterator[tuple[int, int, Term]]:
        """Yield (start, end, term) of each term in a text, where several begin the longest, none inside another."""
        flat, end = text.replace("\n", " "), 0
        for word in _WORD.finditer(flat):
            start = word.start()
            for form, term in self.by_word.get(word[0], {}).items() if start >= end else ():
                if flat.startswith(form, start) and not re.match(r"[\w-]", flat[start + len(form) :]):
                    end = start + len(form)
                    yield start, end, term
                    break


def read(name: str, lines: list[str]) -> Glossary:
    """Read the terms of a glossary's page."""
    found, last, taken = Glossary(name), "", dict[str, Term]()
    for number, line in enumerate(lines[:-1]):
        match = _TERM.match(line)
        if not match or not lines[number + 1].startswith(":   "):
            continue
        body = [lines[number + 1][4:]]
        body += [text.strip() for text in _until_blank(lines[number + 2 :])]
        meaning = _MARKUP.sub(r"\1", _SEE.sub("", " ".join(body))).strip()
        others = [other.strip() for group in ("shown", "hidden") for other in (match[group] or "").split(",")]
        forms = tuple(form for one in [match["name"], *filter(None, others)] for form in _forms(one))
        label = match["name"] + (f" ({match['shown']})" if match["shown"] else "")
        term, where = Term(match["name"], label, forms, meaning, number), f"{name}:{number + 1}"
        if (order := _order(term.name)) < last:
            found.problems.append(Problem(f"{term.name} stands too late: the terms are sorted", where))
        last = order
        if not meaning.endswith(".") or re.search(r"[${}<>]", meaning):
            message = "the definition is a sentence in plain text, and what follows begins with “See [”"
            found.problems.append(Problem(f"{term.name}: {message}", where))
        for form in dict.fromkeys(forms):
            if (other := taken.setdefault(form, term)) is not term:
                found.problems.append(Problem(f"{form!r} names {other.name} as well as {term.name}", where))
        found.terms.append(term)
    for form in sorted(taken, key=lambda form: (-len(form), form)):
        word = _WORD.match(form)
        found.by_word.setdefault(word[0] if word else form, {})[form] = taken[form]
    return found


def _until_blank(lines: list[str]) -> Iterator[str]:
    for line in lines:
        if not line.strip():
            return
        yield line


def _order(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", name.casefold())


def _forms(name: str) -> Iterator[str]:
    """Yield a name as a text may have it: in the plural, and in either case but for words with capitals inside."""
    plural = re.sub("(?<=[^aeiou])y$", "ie", name) if not re.search("(?:s|x|ch|sh)$", name) else f"{name}e"
    for form in name, f"{plural}s":
        yield form
        if form.partition(" ")[0][1:].islower():
            yield form[0].swapcase() + form[1:]


def headed(glossary: Glossary, lines: list[str], offset: int) -> list[str]:
    """Return the lines of the glossary's page, `offset` lines into its file, with an anchor at each term."""
    lines = list(lines)
    for term in glossary.terms:
        lines[term.line - offset] = f'<dfn id="{term.anchor}">{term.label}</dfn>'
    return lines


def mark(root: ET.Element, glossary: Glossary, way: Callable[[str], str], raw: Callable[[int], str]) -> None:
    """Mark the first place of each term in the running text below an element.

    Args:
        root: Of a page, when all other text is in place.
        glossary: The terms.
        way: Gives the address of a term from its anchor.
        raw: Gives the raw HTML that a number stands for: Python-Markdown keeps tags aside until the end.
    """
    seen = set[str]()

    def inside(element: ET.Element) -> None:
        made = list[ET.Element]()
        element.text = split(element.text, made)
        for child in list(element):
            made.append(child)
            if child.tag not in _LEFT_ALONE and not _FOREIGN.search(child.get("class", "")):
                inside(child)
            child.tail = split(child.tail, made)
        element[:] = made

    def split(text: str | None, made: list[ET.Element]) -> str | None:
        """Append the marks of a text, each with what follows it; return what stands before the first."""
        if not text or isinstance(text, AtomicString):
            return text
        before, end = text, 0
        for start, stop, term in glossary.find(_running(text, raw)):
            if term.anchor not in seen:
                seen.add(term.anchor)
                if end:
                    made[-1].tail = text[end:start]
                else:
                    before = text[:start]
                made.append(_marked(text[start:stop], term, way(term.anchor)))
                made[-1].tail, end = text[stop:], stop
        return before

    inside(root)


def _running(text: str, raw: Callable[[int], str]) -> str:
    """Return a text with what stands in raw HTML that is left alone blanked."""
    start, until = 0, ""
    for place in HTML_PLACEHOLDER_RE.finditer(text):
        tag = re.match(r"<(/?\w+)", raw(int(place[1])))
        if not until and tag and tag[1] in _LEFT_ALONE:
            start, until = place.end(), f"/{tag[1]}"
        elif tag and tag[1] == until:
            text, until = text[:start] + "\0" * (place.start() - start) + text[place.start() :], ""
    return text


def _marked(text: str, term: Term, address: str) -> ET.Element:
    """Return a term in a text as a link to its entry, with its meaning beside it for pointer, keyboard and ear."""
    element, name = ET.Element("dl-term"), f"term-{term.anchor}"
    ET.SubElement(element, "a", {"href": address, "aria-describedby": name}).text = AtomicString(text)
    tip = ET.SubElement(element, "span", {"id": name, "role": "tooltip", "data-search-exclude": ""})
    tip.text = AtomicString(term.meaning)
    return element
