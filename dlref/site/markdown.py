"""What a page may say: fences, inline values, formulas, citations. A Python-Markdown extension.

Everything that makes a page correct is here, so that any generator that runs Python-Markdown
publishes the same: a result that is missing is executed on the spot; a reference that leads nowhere
or to a failure is a Problem. MkDocs' plugin only hands over a `Session` with results made in parallel.
"""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ET
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from html import unescape
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.blockprocessors import ReferenceProcessor
from markdown.inlinepatterns import InlineProcessor
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import HTML_PLACEHOLDER_RE, AtomicString

from dlref.site import citations, glossary, labs, ledger, pages, render, report
from dlref.site.engine import Engine, unexecuted
from dlref.site.maths import Maths
from dlref.site.snippets import Problem, decoded, is_lab

OPTIONS = tuple(option.name for option in fields(render.View) if option.name != "cell")
_OPEN = re.compile(r"(?P<indent>[ >]*)(?P<ticks>`{3,}|~{3,}) *(?P<info>.*)$")
_AFTER_BULLET = re.compile(r"(?P<indent>[ >]*(?:[-*+]|\d+[.)]) +)(?P<ticks>`{3,}|~{3,}) *(?P<info>.*)$")
VALUE = re.compile(r"\{\{(?P<text>[^{}]*)\}\}")
_FORMULA_VALUE = re.compile(r"\{\{\s*(?P<text>[^{}\s:]+\.py:[^{}]*)\}\}")  # TeX has double braces of its own
_KINDS = ("snippet", "bibliography", "ledger", "report")  # of our fences
IN_LIST = re.compile(r"\s*\[@(?P<key>[\w:.+-]+)\](?=\s*(?:$|[:.,;]))")  # a citation that an item begins with
_TICKS = re.compile(r"(?P<slashes>\\*)(?P<ticks>`+)")
_APART = re.compile(r" *(?:#{1,6}|[>|]|!!!|\?\?\?|===|:   )")  # begins a block of its own
_ITEM = re.compile(r" *(?:[-*+]|\d+\.) ")
_BROKEN = re.compile(  # a value that nothing ends, or that stands in another
    r"\{\{\s*+(?:(?=\{\{\s*+[^\s{}:]*+(?<=\.py):)|[^\s{}:]++(?<=\.py):(?:[^{}\n]|\n(?!\s*\n))*+(?!\}\}))"
)
_ID = re.compile(r"<[A-Za-z][^<>]*?\sid=\"([^\"]*)\"")
LONGEST = 999  # characters of an inline value
_REFERENCE = re.compile(r"(?P<path>[^\s:#]+\.py):(?P<name>[A-Za-z]\w*)(?::(?P<spec>.*))?$")


_MARKS: dict[int, str | None] = {2: None, 3: None}  # the characters that Python-Markdown keeps for itself


@dataclass(frozen=True)
class Fence:
    """One of our fences on a page: what it asks for, and the lines that it takes (from 0).

    Attributes:
        path: A snippet's; of the other kinds of fence, all that it holds.
    """

    path: str
    cell: str
    options: dict[str, str]
    first: int
    last: int
    indent: str
    kind: str = "snippet"

    @property
    def anchor(self) -> str:
        """The id of a snippet's block on its page."""
        return "-".join(filter(None, ["snippet", self.path.rpartition("/")[2].removesuffix(".py"), self.cell]))


@dataclass(frozen=True)
class Source:
    """A Markdown file below `docs/`: its name for messages, its lines, our fences, the lines outside code."""

    name: str
    lines: list[str] = field(default_factory=list)
    fences: list[Fence] = field(default_factory=list)
    prose: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The page's title, from its front matter or its first heading."""
        found = re.search(r"(?m)^(?:title:|#) +(.+)$", "\n".join(self.lines))
        return found[1].strip("\"' ") if found else self.name


@dataclass(frozen=True)
class Page:
    """The page in work: its file for messages, the lines before its text, the way to the site's root."""

    file: str = "page"
    offset: int = 0
    base: str = ""


@dataclass
class Session:
    """What the pages of one build share.

    Attributes:
        gather: Note problems and go on (a build, or serving), instead of raising the first.
        shown: The (page, line) of each fence that was rendered.
        linked: The ledger's row that each (page, address) of a generated link stands for.
        pages: Those (as `sources` names them) whose snippets alone are executed; none: all.
        repository: Where the files of this state are shown on the web; empty: nowhere.
        package: Where pip finds the dlref of this state; empty: nowhere.
    """

    engine: Engine
    maths: Maths
    gather: bool = False
    page: Page = field(default_factory=Page)
    problems: list[Problem] = field(default_factory=list)
    shown: set[tuple[str, int]] = field(default_factory=set)
    linked: dict[tuple[str, str], ledger.Row] = field(default_factory=dict)
    pages: tuple[str, ...] = ()
    repository: str = ""
    package: str = ""

    @classmethod
    def at(cls, root: Path) -> Session:
        """Return a session of its own for the project in a folder."""
        return cls(Engine(root), Maths(root.resolve()))

    def renew(self) -> None:
        """Look at everything afresh."""
        self.engine.refresh()
        self.problems.clear()
        self.shown.clear()
        self.linked.clear()
        for name in "unfit", "sources", "works", "ledger", "glossary", "cited":
            self.__dict__.pop(name, None)
        self.engine.only = {path for page in self.pages for path in self.uses(page)} if self.pages else None

    def uses(self, page: str) -> Iterator[str]:
        """Yield the snippets that a page shows or takes values of."""
        source = self.sources.get(page, Source(page))
        yield from (fence.path for fence in source.fences)
        captions = [text for fence in source.fences for text in fence.options.values()]
        yield from (
            match["text"].strip().partition(":")[0] for match in VALUE.finditer("\n".join([*source.prose, *captions]))
        )
        yield from (path for path in self.engine.snippets if is_lab(path) and labs.page(path) == page)

    @cached_property
    def unfit(self) -> dict[str, Problem]:
        """What is below `docs/` and cannot be part of a site, by its path there."""
        return pages.unfit(self.engine.root, self.engine.root / "docs")

    @cached_property
    def sources(self) -> dict[str, Source]:
        """The pages as they are written, by their path below `docs/`; those that cannot be read are without lines."""
        found = dict(sources(self.engine.root / "docs", self.unfit))
        for path, snippet in self.engine.snippets.items():
            if snippet.lab:
                lines, name = labs.text(snippet).split("\n"), f"{self.engine.folder.name}/{path}"
                found[labs.page(path)] = Source(name, lines, *parse(lines, name))
        return found

    @cached_property
    def works(self) -> citations.Bibliography:
        """What can be cited: `docs/bibliography.bib`."""
        return citations.read(self.engine.root / "docs" / "bibliography.bib")

    @cached_property
    def ledger(self) -> ledger.Ledger:
        """The statements and their verdicts: `docs/ledger.toml`."""
        return ledger.read(self.engine.root / "docs" / "ledger.toml")

    @cached_property
    def glossary(self) -> glossary.Glossary:
        """The terms: `docs/glossary.md`."""
        source = self.sources.get("glossary.md")
        return glossary.read(source.name, source.lines) if source else glossary.Glossary()

    @cached_property
    def cited(self) -> dict[str, list[str]]:
        """The pages that cite each work, by their path below `docs/`."""
        found: dict[str, list[str]] = {}
        for path, source in self.sources.items():
            captions = [fence.options.get("caption", "") for fence in source.fences]
            for match in citations.CITATION.finditer("\n".join([*outside_code(source.prose), *captions])):
                for key in citations.keys(match):
                    found.setdefault(key, [])
                    if path not in found[key]:
                        found[key].append(path)
        return found

    def filled(self, text: str) -> str:
        """Return a text with its inline values put in; ValueError or Problem if one is not there."""
        return VALUE.sub(lambda match: DlrefExtension(session=self).value(match["text"]), text)

    def source(self, path: str) -> str:
        """Return the address of a snippet's file on the repository; empty: it is not known."""
        return f"{self.repository}/{self.engine.folder.name}/{path}" if self.repository else ""

    def ran(self, path: str, notebook: dict[str, Any]) -> str:
        """Return the line that says what a snippet ran with; nothing, if it was left out."""
        result = self.engine.results.get(path)
        return render.ran(notebook, result["inputs"], self.source(path)) if result else ""

    def lab(self, path: str) -> tuple[dict[str, Any], list[str], str]:
        """Return a lab's notebook, its figures as HTML, and HTML that shows what failed: then it has code alone."""
        snippet, where = self.engine.snippets[path], f"{self.engine.folder.name}/{path}"

        def fill(text: str, line: int) -> str:
            try:
                return self.filled(text)
            except ValueError as error:
                raise Problem(str(error), f"{where}:{line}") from None
            except Problem as problem:
                raise problem.seen_from(f"{where}:{line}") from None

        try:
            notebook = self.engine.notebook(path)
            drawn = labs.figures(snippet, notebook, fill) if render.executed(notebook) else ()
            return notebook, list(drawn), ""
        except Problem as problem:
            return unexecuted(snippet), [], self.fail(problem)
        except ValueError as error:
            return unexecuted(snippet), [], self.fail(Problem(str(error), where))

    def way(self, path: str) -> str:
        """Return the address of a file below `docs/` as the source of the page in work would write it."""
        return "../" * (self.page.file.count("/") - 1) + path

    def fail(self, problem: Problem) -> str:
        """Note a problem and return HTML that shows it; or raise it."""
        if not self.gather:
            raise problem
        self.problems.append(problem)
        text = str(problem).replace("&", "&amp;").replace("<", "&lt;")
        return f'<div class="dl-error" role="alert"><strong>This does not run.</strong><pre>{text}</pre></div>'


def sources(docs: Path, unfit: Mapping[str, Problem]) -> Iterator[tuple[str, Source]]:
    """Yield each Markdown file below `docs`, with its path there; of those that are `unfit`, their problem alone."""
    for file in sorted(docs.rglob("*.md")):
        path = file.relative_to(docs).as_posix()
        name = f"{docs.name}/{path}"
        try:
            if path in unfit:
                raise unfit[path]
            lines = decoded(file, name).split("\n")
        except Problem as problem:
            yield path, Source(name, problems=[problem])
            continue
        wrong = [Problem(text, f"{name}:{n + 1}") for n, text in [*pages.front_matter(lines), *pages.hidden(lines)]]
        lines = [line.expandtabs(4) for line in lines]
        fences, prose, problems = parse(lines, name)
        yield path, Source(name, lines, fences, prose, [*wrong, *problems])


def parse(lines: list[str], file: str, offset: int = 0) -> tuple[list[Fence], list[str], list[Problem]]:
    """Find our fences on a page.

    Returns:
        The fences; the lines with the inside of every code fence blanked; the problems.
    """
    fences, prose, problems = list[Fence](), list(lines), list[Problem]()
    number = 0
    while number < len(lines):
        first, number = number, number + 1
        where = f"{file}:{first + 1 + offset}"
        bulleted = _AFTER_BULLET.match(lines[first])
        if not (opened := bulleted or _OPEN.match(lines[first])):
            continue
        kind = next(iter(opened["info"].split(maxsplit=1)), "")
        ours = kind in _KINDS
        named = kind if ours else "code"
        if (opened["ticks"] if ours else "`") in opened["info"]:  # a code span
            continue
        end = re.compile(rf"[ >]*{opened['ticks'][0]}{{{len(opened['ticks'])},}} *$")
        while number < len(lines) and not end.match(lines[number]):
            number += 1
        body, closed = lines[first + 1 : number], number < len(lines)
        number = min(number + 1, len(lines))
        prose[first:number] = [""] * (number - first)
        try:
            if bulleted:
                raise ValueError(f"a {named} fence stands on a line of its own, indented below the bullet")
            if not closed:
                raise ValueError(f"this {named} fence is never closed")
            if not ours:
                continue
            text = list(_inside(body, opened["indent"]))
            path, cell, options = _request(opened["info"], text) if kind == "snippet" else (" ".join(text), "", {})
            fences.append(Fence(path, cell, options, first, number, opened["indent"], kind))
        except ValueError as error:
            problems.append(Problem(str(error), where))
    message = "an inline value is broken: expected {{ path.py:name }} or {{ path.py:name:format }}"
    problems += [Problem(message, f"{file}:{line + 1 + offset}") for line in _broken(prose)]
    return fences, prose, problems


def _inside(body: list[str], indent: str) -> Iterator[str]:
    """Yield what the lines of a fence hold that is indented, or quoted, as the fence is; blank ones hold nothing."""
    for line in body:
        if line.strip(" >"):
            if not line.startswith(indent):
                raise ValueError(f"{line.strip()!r} stands further left than the fence that it is in")
            yield line[len(indent) :].strip()


def _broken(prose: list[str]) -> Iterator[int]:
    """Yield each line (from 0) with an inline value outside code that no reader would take for one."""
    text, line, after, last = "\n".join(outside_code(prose)), 0, 0, -1
    for match in _BROKEN.finditer(text):
        line, after = line + text.count("\n", after, match.start()), match.start()
        if line > last:
            yield line
        last = line


def _request(info: str, body: list[str]) -> tuple[str, str, dict[str, str]]:
    """Return (path, cell, options) of a fence's first line and its body."""
    if len(body) != 1:
        raise ValueError(f"a snippet fence holds one line, path or path#cell, not {len(body)}")
    try:
        words = shlex.split(info)[1:]
    except ValueError as error:
        raise ValueError(f"cannot read the fence's options: {error}") from None
    options: dict[str, str] = {}
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in OPTIONS:
            raise ValueError(f"unknown option {word!r}; the options are: {', '.join(OPTIONS)}")
        if name in options:
            raise ValueError(f"option {name!r} stands twice")
        options[name] = text
    if options.get("show", "both") not in ("code", "output", "both"):
        raise ValueError(f'show="{options["show"]}" is none of code, output, both')
    path, _, cell = body[0].partition("#")
    inside(path)
    return path, cell, options


def inside(path: str) -> None:
    """Raise ValueError for a path that is not one below `snippets/`."""
    if path.startswith("/") or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise ValueError(f"{path!r} leaves snippets/: a reference is a path below it, like topic/idea.py")


def outside_code(prose: list[str]) -> list[str]:
    """Return the lines with the inside of code spans blanked."""
    plain = list[str]()
    for paragraph in _paragraphs(prose):
        text, after, parts = "\n".join(paragraph), 0, list[str]()
        for start, end in _spans(text):
            parts += text[after:start], re.sub(r"[^\n]", " ", text[start:end])
            after = end
        plain += "".join([*parts, text[after:]]).split("\n")
    return plain


def _paragraphs(lines: list[str]) -> Iterator[list[str]]:
    """Yield the lines between which a code span may reach, group by group: those of a paragraph, or of an item."""
    group = list[str]()
    for line in lines:
        if group and (not line.strip() or _APART.match(line) or (_ITEM.match(line) and _ITEM.match(group[0]))):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _spans(text: str) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of each code span as Python-Markdown sees them: the longest end that there is, no escape."""
    runs, closing = list(_TICKS.finditer(text)), defaultdict[int, list[int]](list)
    for run in runs:
        closing[len(run["ticks"])].append(run.start("ticks"))
    after = 0
    for run in runs:
        start = run.start("ticks") + len(run["slashes"]) % 2
        for length in range(run.end() - start, 0, -1) if start >= after else ():
            place = bisect_left(closing[length], run.end())
            if place < len(closing[length]):
                after = closing[length][place] + length
                yield start, after
                break


def references(prose: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, text) of each inline value outside code, as which indented lines count."""
    lines = zip(prose, outside_code(prose), strict=True)
    text = "\n".join("" if line.startswith("    ") else plain for line, plain in lines)
    number = before = 0
    for match in VALUE.finditer(re.sub(r"\\[\\{]", "  ", text)):
        number, before = number + text.count("\n", before, match.start()), match.start()
        yield number, match["text"].strip()


def cited(prose: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, key) of each citation outside code."""
    for number, line in enumerate(outside_code(prose)):
        if not prose[number].startswith("    "):
            for match in citations.CITATION.finditer(line):
                yield from ((number, key) for key in citations.keys(match))


class _Fences(Preprocessor):
    """Put each fence's HTML in its place, before other extensions look at code fences."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        """Replace the fences of a page."""
        session = self.extension.session
        page = session.page
        fences, self.extension.prose, problems = parse(lines, page.file, page.offset)
        self.extension.filled.clear()
        self.extension.generated.clear()
        self.extension.blocks.clear()
        for problem in problems:
            session.fail(problem)
        if page.file == session.glossary.name:
            lines = glossary.headed(session.glossary, lines, page.offset)
            for problem in session.glossary.problems:
                session.fail(problem)
        lines, first = list(lines), dict[str, Fence]()
        for fence in fences:
            first.setdefault(fence.anchor, fence)
        for number, fence in reversed(list(enumerate(fences))):
            if fence.kind == "snippet":
                anchor = fence.anchor if first[fence.anchor] is fence else ""
                where = f"{page.file}:{fence.first + 1 + page.offset}"
                text = self.md.htmlStash.store(self._html(fence, where, number, anchor).translate(_MARKS))
            else:
                text = f"dlref-generates-{number}"
                self.extension.generated[text] = fence
            self.extension.blocks[text] = fence
            above, below = (
                lines[fence.first - 1 : fence.first],
                lines[fence.last : fence.last + 1],
            )  # two end a footnote
            apart = [[""] if beside and beside[0].strip(" >") else [] for beside in (above, below)]
            lines[fence.first : fence.last] = [*apart[0], fence.indent + text, *apart[1]]
        return lines

    def _html(self, fence: Fence, where: str, number: int, anchor: str) -> str:
        session, options = self.extension.session, dict(fence.options)
        session.shown.add((session.page.file, fence.first + 1 + session.page.offset))
        try:
            notebook = session.engine.notebook(fence.path)
            for name in ("title", "alt"):
                options[name] = VALUE.sub(lambda m: self.extension.value(m["text"]), options.get(name, ""))
            options["caption"] = self.extension.inline(options.get("caption", ""), where)
            view = render.View(fence.cell, **options)
            snippet = session.engine.snippets[fence.path]
            below = session.ran(fence.path, notebook)
            return render.fence(notebook, snippet, view, session.page.base, f"{number}-", anchor, below)
        except ValueError as error:
            return session.fail(Problem(str(error), where))
        except Problem as problem:
            return session.fail(problem.seen_from(where))


class _Ids(Postprocessor):
    """A look at the ids of a page, which links and scripts go by."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, text: str) -> str:
        """Note each id that stands twice."""
        extension, counts = self.extension, Counter(_ID.findall(text))
        for name in [name for name, count in counts.items() if count > 1 and not extension.place]:
            named = (n for n, line in enumerate(extension.prose) if f"#{name}" in line or f'id="{name}"' in line)
            where = extension.line(max(named, default=0))
            text += extension.session.fail(Problem(f"the id {name!r} stands {counts[name]} times on this page", where))
        return text


class _Values(InlineProcessor):
    """`{{ path:name:format }}` in text; code was taken out before this looks."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(VALUE.pattern, md)
        self.extension = extension

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Any, int, int]:  # type: ignore[override]  # noqa: N802
        """Return the value as an element."""
        session = self.extension.session
        try:
            element = ET.Element("data", {"class": "dl-value"})
            text = self.extension.value(m["text"]).translate(_MARKS | {ord("&"): "&amp;"})
            element.set("value", text)
            element.text = AtomicString(text)  # it is text, though it look like Markdown or an entity
            return element, m.start(0), m.end(0)
        except ValueError as error:
            html = session.fail(Problem(str(error), self.extension.locate(m[0])))
        except Problem as problem:
            html = session.fail(problem.seen_from(self.extension.locate(m[0])))
        return self.md.htmlStash.store(html), m.start(0), m.end(0)


class _NoCitations(ReferenceProcessor):
    """Definitions of links; "[@key]: note" is none."""

    RE = re.compile(ReferenceProcessor.RE.pattern.replace(r"\[", r"\[(?!@)", 1), re.MULTILINE)


class _Citations(InlineProcessor):
    """`[@key]` in text: names and year, linked to the bibliography."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(citations.CITATION.pattern, md)
        self.extension = extension

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Any, int, int]:  # type: ignore[override]  # noqa: N802
        """Return the citations as links."""
        span, keys = ET.Element("span", {"class": "dl-cite"}), citations.keys(m)
        for number, key in enumerate(keys, 1):
            try:
                work = self.extension.session.works.find(key)
            except Problem as problem:
                html = self.extension.session.fail(problem.seen_from(self.extension.locate(f"@{key}")))
                return self.md.htmlStash.store(html), m.start(0), m.end(0)
            link = ET.SubElement(span, "a", {"href": self.extension.way("bibliography", key)})
            link.text = AtomicString(work.label)
            link.tail = AtomicString("" if number == len(keys) else " and " if number == len(keys) - 1 else ", ")
        return span, m.start(0), m.end(0)


class _Shared(Treeprocessor):
    """What a page shows of the bibliography and the ledger, before inline patterns look at it; tables that scroll."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: ET.Element) -> None:
        """Put lists in place of their fences, and full references in place of citations that begin an item."""
        texts = [element.text or "" for element in root.iter("p")]
        blocks = {*texts, *(held[0] for text in texts for held in HTML_PLACEHOLDER_RE.finditer(text))}
        for text, lost in reversed(self.extension.blocks.items()):
            if text not in blocks:
                message = f"this {lost.kind} fence stands in code, in raw HTML or in a comment, where readers see none"
                self.extension.session.fail(Problem(message, self.extension.line(lost.first)))
        for parent in list(root.iter()):
            for index, child in enumerate(parent):
                if fence := self.extension.generated.get(child.text or ""):
                    parent[index] = self._generated(fence)
                    parent[index].tail = child.tail
                elif child.tag == "table":  # the keyboard can scroll what has the focus
                    attributes = {"class": "dl-table", "tabindex": "0", "role": "group", "aria-label": "Table"}
                    parent[index] = ET.Element("div", attributes)
                    parent[index].append(child)
                    parent[index].tail, child.tail = child.tail, None
            if parent.tag == "li":
                holder = (
                    parent[0] if not (parent.text or "").strip() and len(parent) and parent[0].tag == "p" else parent
                )
                match = IN_LIST.match(holder.text or "")
                if match and (work := self.extension.session.works.works.get(match["key"])):
                    reference = work.element()
                    reference.tail = (holder.text or "")[match.end() :].rstrip() or "."
                    holder.text = None
                    holder.insert(0, reference)

    def _generated(self, fence: Fence) -> ET.Element:
        session = self.extension.session
        session.shown.add((session.page.file, fence.first + 1 + session.page.offset))
        if fence.kind == "bibliography":
            for problem in session.works.problems:
                session.fail(problem)
            cited = {
                key: {session.way(p): session.sources[p].title for p in paths} for key, paths in session.cited.items()
            }
            return citations.listed(session.works, cited)
        where = self.extension.line(fence.first)
        if fence.kind == "report":
            try:
                return report.section(session, fence.path)
            except ValueError as error:
                wrong = ET.Element("div")
                wrong.text = self.md.htmlStash.store(session.fail(Problem(str(error), where)))
                return wrong
        if fence.path == "totals":
            return ledger.totals(session.ledger.rows.values())
        items = ET.Element("ul", {"class": "dl-ledger"})
        try:
            names = list(ledger.ids(fence.path))
        except ValueError as error:
            names, items.text = [], self.md.htmlStash.store(session.fail(Problem(str(error), where)))
        for name in names:
            try:
                items.append(self._row(name))
            except Problem as problem:
                html = session.fail(problem.seen_from(where))
                ET.SubElement(items, "li", {"id": name}).text = self.md.htmlStash.store(html)
        return items

    def _row(self, name: str) -> ET.Element:
        """Return a row of the ledger; Problem if its evidence did not run or is not where it says."""
        session = self.extension.session
        for problem in session.ledger.problems:
            raise problem
        if name not in session.ledger.rows:
            raise Problem(f"row {name} is missing from {session.ledger.name}")
        row, evidence = session.ledger.rows[name], list[tuple[str, str]]()
        for path, place in ledger.asserting(row, session.sources, session.engine.snippets):
            try:
                session.engine.notebook(path)
            except Problem as problem:
                raise row.wrong(f"{path} did not run: {problem}") from None
            evidence.append((path.rpartition("/")[2], session.way(place)))
        page = session.way(row.page + (row.section and f"#{row.section}"))
        file = session.page.file.partition("/")[2]
        session.linked |= {(file, address): row for address in (page, *(address for _, address in evidence))}
        return ledger.entry(row, session.sources[row.page].title, page, evidence)


class _Terms(Treeprocessor):
    """The glossary's terms, marked on the other pages."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: ET.Element) -> None:
        """Mark each term where it first stands; not in captions and docstrings, which are converted apart."""
        session, apart = (
            self.extension.session,
            self.extension.place or "mkdocstrings_headings" in self.md.treeprocessors,
        )
        if session.glossary.terms and not apart and session.page.file != session.glossary.name:
            raw = self.md.htmlStash.rawHtmlBlocks
            way = self.extension.way
            glossary.mark(root, session.glossary, lambda anchor: way("glossary", anchor), lambda n: str(raw[n]))


class _Formulas(Treeprocessor):
    """What arithmatex found, as KaTeX's HTML."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: ET.Element) -> None:
        """Render each formula of a page."""
        for element in root.iter():
            if element.get("class") != "arithmatex":
                continue
            tex, display = (element.text or "").strip()[2:-2].strip(), element.tag == "div"
            tex = unescape(tex) if display else tex  # arithmatex escapes blocks only
            session, place = self.extension.session, self.extension.locate(tex.split("\n")[0])
            try:
                html = session.maths.render(_FORMULA_VALUE.sub(lambda m: self.extension.value(m["text"]), tex), display)
            except ValueError as error:
                html = session.fail(Problem(str(error), place))
            except Problem as problem:
                html = session.fail(problem.seen_from(place))
            element.text = self.md.htmlStash.store(html)
            element.set("data-search-exclude", "")  # the search would find it three times: glyphs, MathML and TeX
            if display:
                element.attrib.update({"class": "dl-math", "tabindex": "0", "role": "group", "aria-label": "Formula"})
            else:
                element.set("class", "dl-math-inline")
        for number, text in references(self.extension.prose):
            if _REFERENCE.match(text) and text not in self.extension.filled:
                where = self.extension.place or self.extension.line(number)
                self.extension.session.fail(Problem(f"{{{{ {text} }}}} stands in raw HTML, where it stays", where))


class DlrefExtension(Extension):
    """The extension, for one Markdown instance."""

    def __init__(self, session: Session | None = None, **configs: Any) -> None:
        self.config = {"root": [".", "The folder with snippets/"]}
        super().__init__(**configs)
        self.given = session
        self.prose: list[str] = []
        self.filled: set[str] = set()
        self.generated: dict[str, Fence] = {}
        self.blocks: dict[str, Fence] = {}  # by the text that holds its place
        self.place = ""

    @cached_property
    def session(self) -> Session:
        """The session given; else one of its own, made for the first page, not for who only looks at the options."""
        return self.given or Session.at(Path(self.getConfig("root")))

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register the processors; see Python-Markdown's extension API for the priorities."""
        md.registerExtensions(["pymdownx.arithmatex"], {"pymdownx.arithmatex": {"generic": True}})
        md.preprocessors.register(
            _Fences(md, self), "dlref-fences", 29
        )  # whitespace is normal, fences are not yet taken
        md.inlinePatterns.register(_Values(md, self), "dlref-values", 175)  # after code and escapes
        md.inlinePatterns.register(_Citations(md, self), "dlref-citations", 174)  # before links
        md.parser.blockprocessors.register(_NoCitations(md.parser), "reference", 15)
        md.treeprocessors.register(_Shared(md, self), "dlref-shared", 25)  # before inline patterns
        md.treeprocessors.register(_Terms(md, self), "dlref-terms", 4)  # after attributes and the table of contents
        md.treeprocessors.register(_Formulas(md, self), "dlref-formulas", 15)  # after inline patterns
        md.postprocessors.register(_Ids(md, self), "dlref-ids", 1)  # when all is in place

    def value(self, text: str) -> str:
        """Return the value that `path:name:format` names; ValueError or Problem if there is none."""
        text = text.strip()
        self.filled.add(text)
        match = _REFERENCE.match(text)
        if not match:
            raise ValueError(f"{{{{ {text} }}}} is no inline value: expected path.py:name or path.py:name:format")
        inside(match["path"])
        value = render.value(self.session.engine.notebook(match["path"]), match["name"], match["spec"] or "")
        if len(value) > LONGEST:
            raise ValueError(f"{match['name']} has {len(value):,} characters; a value may have {LONGEST}")
        return value

    def locate(self, text: str) -> str:
        """Return page:line of a text, looked for outside code."""
        begin = text.partition("\n")[0]
        return self.place or self.line(next((n for n, line in enumerate(self.prose) if begin in line), 0))

    def way(self, page: str, anchor: str) -> str:
        """Return the address of a place on a page of `docs/`."""
        if self.place:  # a caption is converted apart, and no generator translates its links
            return f"{self.session.page.base}{page}/#{anchor}"
        return f"{self.session.way(page)}.md#{anchor}"

    def line(self, number: int) -> str:
        """Return page:line of a line of the page's text, counted from 0."""
        return f"{self.session.page.file}:{number + 1 + self.session.page.offset}"

    def inline(self, text: str, place: str) -> str:
        """Return a caption's Markdown as HTML without its paragraph."""
        if not text:
            return ""
        extension = DlrefExtension(session=self.session)
        extension.place = place
        return Markdown(extensions=[extension]).convert(text).removeprefix("<p>").removesuffix("</p>")


def makeExtension(**configs: Any) -> DlrefExtension:  # noqa: N802
    """Return the extension (Python-Markdown looks for this name)."""
    return DlrefExtension(**configs)
