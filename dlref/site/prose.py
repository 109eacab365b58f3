"""The rules of prose that can be checked without executing: typed numbers, headings, descriptions, texts for figures.

A number that a run could give is not typed. What looks like one is a decimal, a percentage or a number of
seconds, bytes or times. It is all right in the sentence of a citation, in the question of an exercise, or
where the page shows code with the same number, which then went in and did not come out.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from dlref.site import citations, labs
from dlref.site.markdown import VALUE, Fence, Session, Source, outside_code
from dlref.site.snippets import Problem, Snippet

_UNIT = r"(?:\s?(?:[µnm]s|[KMGT]i?B)|\s(?:s|seconds?|minutes?|hours?|times))\b"
_NUMBER = re.compile(
    r"(?<![\w.,/])(?:(?P<share>\d+(?:\.\d+)?)(?:\s?%| per ?cent\b)"
    rf"|(?P<decimal>\d+\.\d+(?:e[-−]?\d+)?|\d+e[-−]?\d+)(?!\.?\w)|(?P<amount>\d+){_UNIT})"
)
_LABEL = re.compile(
    r"(?:\b(?:Python|releases?|versions?|since|sections?|chapters?|figures?|tables?)|§) ?$", re.IGNORECASE
)
_LITERAL = re.compile(r"(?<![\w.])\d[\d_]*\.?\d*(?:e-?\d+)?")
_EXEMPT = re.compile(r"<!-- number: *[^\s>-].*?-->")
_FRONT = re.compile(r"\A---\n.*?\n---(?:\n|\Z)", re.DOTALL)
_NO_PROSE = [re.compile(pattern, re.DOTALL) for pattern in (r"<!--.*?-->", r"\$\$.*?\$\$", r"(?<![\\$])\$[^$\n]+\$")]
_NO_WORDS = [VALUE, re.compile(r"(?<=\])\([^()\n]*\)"), re.compile(r"<[^<>\n]+>"), re.compile(r"https?://\S+")]
_CITE = "one that has a source is cited, [@key]"
_EXPLAIN = "for others say why at the end of the line, <!-- number: reason -->"
_REWORD = "others are said in words"
_HEADING = re.compile(r"(?P<level>#{1,6})[ \t]+\S")
_WITHOUT_ALT = re.compile(r"!\[\s*\]|<img\b(?![^>]*\balt=)")
_DRAWS = ("matplotlib.pyplot", "dlref.plots")


def check(session: Session) -> Iterator[Problem]:
    """Yield what is wrong with the prose of pages and labs, each with the line to change."""
    topics = {row.page.partition("/")[0] for row in session.ledger.rows.values()}
    drawing = _Drawing(session.engine.snippets)
    for path, source in session.sources.items():
        lab = next((s for s in session.engine.snippets.values() if s.lab and labs.page(s.path) == path), None)
        if source.lines and not lab:
            yield from _description(source)
        if lab or (path.partition("/")[0] in topics and any(_in_text(fence) for fence in source.fences)):
            yield from _sections(source)
        text = "\n".join(outside_code(source.prose))
        yield from _headings(source, _blank(_FRONT, _without(text, _NO_PROSE)))
        yield from _images(source, text)
        yield from _figures(source, drawing, lab)
        shown = {fence.path for fence in source.fences if fence.kind == "snippet"} | ({lab.path} if lab else set())
        yield from _numbers(source, text, lab, _Given(session.engine.snippets.get(path) for path in sorted(shown)))


def _blank(pattern: re.Pattern[str], text: str) -> str:
    """Return a text without what matches, with its lines where they were."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _without(text: str, patterns: list[re.Pattern[str]]) -> str:
    for pattern in patterns:
        text = _blank(pattern, text)
    return text


def _description(source: Source) -> Iterator[Problem]:
    front = _FRONT.match("\n".join(source.lines))
    if not re.search(r"(?m)^description:[ \t]*\S", front[0] if front else ""):
        message = "has no description: front matter, `---` on line 1, holds `title: …` and `description: One sentence.`"
        yield Problem(message, f"{source.name}:1")


def _in_text(fence: Fence) -> bool:
    """Say whether a snippet stands in the text itself; pages of tables show theirs in tabs alone."""
    return fence.kind == "snippet" and not fence.indent


def _sections(source: Source) -> Iterator[Problem]:
    """Yield which of the last two sections a page lacks, at the line where it would begin."""
    lines = [line.strip() for line in source.prose]
    end = len(lines) - (not lines[-1])
    if "## Exercises" not in lines:
        place = lines.index("## Sources") + 1 if "## Sources" in lines else end
        message = 'has no exercises: expected `## Exercises`, each with a `??? success "Solution"` that shows a snippet'
        yield Problem(message, f"{source.name}:{place}")
    if "## Sources" not in lines:
        message = "has no sources: expected `## Sources` at its end, with items such as `- [@key]: what to read there.`"
        yield Problem(message, f"{source.name}:{end}")


def _headings(source: Source, text: str) -> Iterator[Problem]:
    before = 1  # the page's title stands above, in the text or in the front matter
    for number, line in enumerate(text.split("\n"), 1):
        if match := _HEADING.match(line):
            level = len(match["level"])
            if level > before + 1:
                message = f"skips a level: below `{'#' * before}` comes `{'#' * (before + 1)}`, not `{match['level']}`"
                yield Problem(message, f"{source.name}:{number}")
            before = level


def _images(source: Source, text: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if _WITHOUT_ALT.search(line):
            message = "an image has no alt text: say what it shows, `![like this](file.png)`"
            yield Problem(message, f"{source.name}:{number}")


# --- figures ----------------------------------------------------------------------------------------


class _Drawing:
    """Knows which snippets draw, as far as their code says."""

    def __init__(self, snippets: dict[str, Snippet]) -> None:
        self.snippets = snippets

    def cells(self, path: str, name: str = "") -> Iterator[int]:
        """Yield the first line of each cell that draws, of those that a fence shows."""
        snippet = self.snippets.get(path)
        if snippet is None or not any(module in snippet.source for module in _DRAWS):
            return
        tools = set(_tools(ast.parse(snippet.source)))
        for cell in snippet.code:
            if name in ("", cell.name) and tools & set(_called(ast.parse(cell.source))):
                yield cell.line


def _tools(tree: ast.Module) -> Iterator[str]:
    """Yield the calls that make a figure, as the snippet names them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name == "matplotlib.pyplot" and alias.asname:
                    yield from (f"{alias.asname}.{name}" for name in ("subplots", "figure", "plot", "imshow"))
        elif isinstance(node, ast.ImportFrom) and node.module == "dlref.plots":
            yield from (alias.asname or alias.name for alias in node.names)


def _called(tree: ast.Module) -> Iterator[str]:
    """Yield what a cell calls outside the functions that it defines."""
    for statement in tree.body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield from (ast.unparse(node.func) for node in ast.walk(statement) if isinstance(node, ast.Call))


def _figures(source: Source, drawing: _Drawing, lab: Snippet | None) -> Iterator[Problem]:
    for fence in source.fences:
        if fence.kind == "snippet" and fence.options.get("show") != "code" and not fence.options.get("alt"):
            if list(drawing.cells(fence.path, fence.cell)):
                message = 'draws a figure and has no alt text: say what it shows, ```snippet alt="…"'
                yield Problem(message, f"{source.name}:{fence.first + 1}")
    drawn = set(drawing.cells(lab.path)) if lab else set[int]()
    for cell in lab.code if lab else ():
        if cell.line in drawn and not labs.alts(cell):
            yield Problem("draws a figure and has no `# alt: …` line", f"{source.name}:{cell.line}")


# --- numbers ----------------------------------------------------------------------------------------


class _Given:
    """The numbers that stand in some snippets."""

    def __init__(self, snippets: Iterator[Snippet | None]) -> None:
        self.snippets = snippets

    @cached_property
    def numbers(self) -> set[float]:
        """All of them; read only when a page has a number."""
        code = "\n".join(cell.source for snippet in self.snippets if snippet for cell in snippet.code)
        return {float(text.replace("_", "")) for text in _LITERAL.findall(re.sub(r"(?m)^ *#.*$", "", code))}

    def __contains__(self, number: re.Match[str]) -> bool:
        """Say whether a number of the text went in: itself, or as a share, or as the tails that a share leaves."""
        if number["share"]:
            percent = float(number["share"])
            forms = (percent / 100, 50 - percent / 2, 0.5 - percent / 200)
            return not self.numbers.isdisjoint(round(form, 9) for form in forms)
        return float((number["decimal"] or number["amount"]).replace("−", "-")) in self.numbers


def _numbers(source: Source, text: str, lab: Snippet | None, given: _Given) -> Iterator[Problem]:
    lines = text.split("\n")
    plain = _without(_blank(_FRONT, text), [*_NO_PROSE, *_NO_WORDS]).split("\n")
    section = ""
    for number, line in enumerate(plain):
        if line.startswith("## "):
            section = line.strip()
        free = section == "## Sources" or (section == "## Exercises" and re.match(r"\d+\. ", line))
        typed = [] if free or citations.CITATION.search(lines[number]) else list(_typed(line, given))
        if bool(typed) != bool(_EXEMPT.search(lines[number])):
            yield Problem(_advice(typed, _CITE, _EXPLAIN), f"{source.name}:{number + 1}")
    for fence in source.fences:
        for name in ("title", "caption", "alt"):
            yield from _beside(name, fence.options.get(name, ""), f"{source.name}:{fence.first + 1}", given)
    for cell in lab.code if lab else ():
        for place, alt in labs.alts(cell):
            yield from _beside("alt", alt, f"{source.name}:{place}", given)


def _beside(name: str, text: str, where: str, given: _Given) -> Iterator[Problem]:
    """Yield the problem of a title, caption or text for figures; no comment can stand there, only captions cite."""
    if name != "caption" or not citations.CITATION.search(text):
        typed = list(_typed(_without(outside_code([text])[0], [*_NO_PROSE, *_NO_WORDS]), given))
        if typed:
            yield Problem(f"{name}: {_advice(typed, *[_CITE] * (name == 'caption'), _REWORD)}", where)


def _typed(line: str, given: _Given) -> Iterator[str]:
    for match in _NUMBER.finditer(line):
        if not (match["decimal"] and _LABEL.search(line[: match.start()])) and match not in given:
            yield match[0]


def _advice(typed: list[str], *others: str) -> str:
    if not typed:
        return "this comment exempts no number: remove it"
    are = f"{', '.join(dict.fromkeys(typed))} {'are' if len(set(typed)) > 1 else 'is'} typed"
    return "; ".join([f"{are}: a number that a run gives is a value, {{{{ topic/idea.py:name:.1f }}}}", *others])
