"""What a page may say: `snippet` fences, inline values, formulas. A Python-Markdown extension.

Everything that makes a page correct is here, so that any generator that runs Python-Markdown
publishes the same: a result that is missing is executed on the spot; a reference that leads nowhere
or to a failure is a Problem. MkDocs' plugin only hands over a `Session` with results made in parallel.
"""

from __future__ import annotations

import re
import shlex
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from html import unescape
from pathlib import Path
from typing import Any

from markdown import Extension, Markdown
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from dlref.site import render
from dlref.site.engine import Engine
from dlref.site.maths import Maths
from dlref.site.snippets import Problem

OPTIONS = tuple(option.name for option in fields(render.View) if option.name != "cell")
_OPEN = re.compile(r"(?P<indent>[ >]*)(?P<ticks>`{3,}|~{3,}) *(?P<info>.*)$")
_AFTER_BULLET = re.compile(r"[ >]*(?:[-*+]|\d+[.)]) +(?:`{3,}|~{3,}) *snippet\b")
_VALUE = re.compile(r"\{\{\s*(?P<text>[^{}]*?)\s*\}\}")
_FORMULA_VALUE = re.compile(r"\{\{\s*(?P<text>[^{}\s:]+\.py:[^{}]*?)\s*\}\}")  # TeX has double braces of its own
_REFERENCE = re.compile(r"(?P<path>[^\s:#]+\.py):(?P<name>[A-Za-z]\w*)(?::(?P<spec>.*))?$")


_MARKS: dict[int, str | None] = {2: None, 3: None}  # the characters that Python-Markdown keeps for itself


@dataclass(frozen=True)
class Fence:
    """A `snippet` fence of a page: what it asks for, and the lines that it takes (from 1)."""

    path: str
    cell: str
    options: dict[str, str]
    first: int
    last: int
    indent: str


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
    """

    engine: Engine
    maths: Maths
    gather: bool = False
    page: Page = field(default_factory=Page)
    problems: list[Problem] = field(default_factory=list)
    shown: set[tuple[str, int]] = field(default_factory=set)

    @classmethod
    def at(cls, root: Path) -> Session:
        """Return a session of its own for the project in a folder."""
        return cls(Engine(root), Maths(root.resolve()))

    def fail(self, problem: Problem) -> str:
        """Note a problem and return HTML that shows it; or raise it."""
        if not self.gather:
            raise problem
        self.problems.append(problem)
        text = str(problem).replace("&", "&amp;").replace("<", "&lt;")
        return f'<div class="dl-error" role="alert"><strong>This does not run.</strong><pre>{text}</pre></div>'


def parse(lines: list[str], file: str, offset: int = 0) -> tuple[list[Fence], list[str], list[Problem]]:
    """Find the snippet fences of a page.

    Returns:
        The fences; the lines with the inside of every code fence blanked; the problems.
    """
    fences, prose, problems = list[Fence](), list(lines), list[Problem]()
    number = 0
    while number < len(lines):
        first, number = number, number + 1
        where = f"{file}:{first + 1 + offset}"
        if _AFTER_BULLET.match(lines[first]):
            problems.append(Problem("a snippet fence stands on a line of its own, indented below the bullet", where))
        if not (opened := _OPEN.match(lines[first])):
            continue
        ours = opened["info"].split(maxsplit=1)[:1] == ["snippet"]
        if (opened["ticks"] if ours else "`") in opened["info"]:  # a code span
            continue
        end = re.compile(rf"[ >]*{opened['ticks'][0]}{{{len(opened['ticks'])},}} *$")
        while number < len(lines) and not end.match(lines[number]):
            number += 1
        body = [line[len(opened["indent"]) :].strip() for line in lines[first + 1 : number]]
        number = min(number + 1, len(lines))
        prose[first:number] = [""] * (number - first)
        if not ours:
            continue
        try:
            if not end.match(lines[number - 1]) or number - 1 == first:
                raise ValueError("this snippet fence is never closed")
            path, cell, options = _request(opened["info"], [line for line in body if line])
            fences.append(Fence(path, cell, options, first, number, opened["indent"]))
        except ValueError as error:
            problems.append(Problem(str(error), where))
    return fences, prose, problems


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


def references(prose: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, text) of each inline value outside code."""
    for number, line in enumerate(prose):
        if not line.startswith("    "):
            for match in _VALUE.finditer(re.sub(r"(`+).*?\1", lambda code: " " * len(code[0]), line)):
                yield number, match["text"]


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
        for problem in problems:
            session.fail(problem)
        lines = list(lines)
        for number, fence in reversed(list(enumerate(fences))):
            html = self._html(fence, f"{page.file}:{fence.first + 1 + page.offset}", number).translate(_MARKS)
            lines[fence.first : fence.last] = ["", fence.indent + self.md.htmlStash.store(html), ""]
        return lines

    def _html(self, fence: Fence, where: str, number: int) -> str:
        session, options = self.extension.session, dict(fence.options)
        session.shown.add((session.page.file, fence.first + 1 + session.page.offset))
        try:
            notebook = session.engine.notebook(fence.path)
            for name in ("title", "alt"):
                options[name] = _VALUE.sub(lambda m: self.extension.value(m["text"]), options.get(name, ""))
            options["caption"] = self.extension.inline(options.get("caption", ""), where)
            view = render.View(fence.cell, **options)
            return render.fence(notebook, session.engine.snippets[fence.path], view, session.page.base, f"{number}-")
        except ValueError as error:
            return session.fail(Problem(str(error), where))
        except Problem as problem:
            return session.fail(problem.seen_from(where))


class _Values(InlineProcessor):
    """`{{ path:name:format }}` in text; code was taken out before this looks."""

    def __init__(self, md: Markdown, extension: DlrefExtension) -> None:
        super().__init__(_VALUE.pattern, md)
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
        self.session = session or Session.at(Path(self.getConfig("root")))
        self.prose: list[str] = []
        self.filled: set[str] = set()
        self.place = ""

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register the processors; see Python-Markdown's extension API for the priorities."""
        md.registerExtensions(["pymdownx.arithmatex"], {"pymdownx.arithmatex": {"generic": True}})
        md.preprocessors.register(
            _Fences(md, self), "dlref-fences", 29
        )  # whitespace is normal, fences are not yet taken
        md.inlinePatterns.register(_Values(md, self), "dlref-values", 175)  # after code and escapes
        md.treeprocessors.register(_Formulas(md, self), "dlref-formulas", 15)  # after inline patterns

    def value(self, text: str) -> str:
        """Return the value that `path:name:format` names; ValueError or Problem if there is none."""
        self.filled.add(text)
        match = _REFERENCE.match(text)
        if not match:
            raise ValueError(f"{{{{ {text} }}}} is no inline value: expected path.py:name or path.py:name:format")
        inside(match["path"])
        return render.value(self.session.engine.notebook(match["path"]), match["name"], match["spec"] or "")

    def locate(self, text: str) -> str:
        """Return page:line of a text, looked for outside code."""
        return self.place or self.line(next((n for n, line in enumerate(self.prose) if text in line), 0))

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
