"""Labs: long notebooks with text of their own, executed by our engine and laid out by mkdocs-jupyter.

mkdocs-jupyter gets the cells of code and what they printed, with a mark for each figure. The text goes
through the same Markdown as all pages and the figures through the same renderer, and all three are
put together here: a lab's formulas, values, citations, terms, links and figures are those of a page.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from dlref.site import render
from dlref.site.snippets import Cell, Snippet

if TYPE_CHECKING:
    from bs4 import Tag

_OWN = re.compile(r"\{\{ +(?P<name>[A-Za-z]\w*) *(?P<spec>:[^{}/]*)?\}\}")
_ALT = re.compile(r"(?m)^# alt: *(?P<text>.+)$\n?")
BREAK = "dlref-here-stands-code"


def page(path: str) -> str:
    """Return the page of a lab, below `docs/`: that of "labs/some_name.py" is "labs/some-name.ipynb"."""
    return path.removesuffix(".py").replace("_", "-") + ".ipynb"


def code(snippet: Snippet) -> list[Cell]:
    """Return the cells of code that a reader sees: all but a first one that holds the claim alone."""
    return [cell for cell in snippet.code if cell.name or len(ast.parse(cell.source).body) > bool(snippet.claim)]


def asserting(snippet: Snippet) -> Cell | None:
    """Return the first cell of code that asserts."""
    trees = {cell: ast.parse(cell.source) for cell in code(snippet)}
    return next((c for c in trees if any(isinstance(node, ast.Assert) for node in ast.walk(trees[c]))), None)


def anchor(cell: Cell) -> str:
    """Return the id of a cell of code on its page."""
    return f"cell-{cell.name or 'first'}"


def own(snippet: Snippet, text: str) -> str:
    """Return a lab's text with its own values, `{{ name:.1f }}`, named as other pages would name them."""
    from dlref.site.markdown import outside_code, parse  # which need this module

    lines = text.split("\n")
    fences, prose, _ = parse(lines, snippet.path)
    plain = outside_code(prose)
    for fence in fences:  # its options may hold values
        plain[fence.first] = lines[fence.first]

    def named(match: re.Match[str]) -> str:
        code = not plain[number][match.start() : match.end()].strip()
        return match[0] if code else f"{{{{ {snippet.path}:{match[1]}{(match[2] or '').rstrip()} }}}}"

    for number, line in enumerate(lines):
        lines[number] = _OWN.sub(named, line)
    return "\n".join(lines)


def text(snippet: Snippet) -> str:
    """Return a lab's text as Markdown, each line where it is in the file, with a break at each cell of code."""
    lines = own(snippet, snippet.text).split("\n")
    for cell in code(snippet):
        lines[cell.line - 1] = BREAK
    return "\n".join(lines)


def alts(cell: Cell) -> list[tuple[int, str]]:
    """Return the texts of a cell's figures, from its `# alt:` comments, each with its line in the file."""
    found = _ALT.finditer(cell.source)
    return [(cell.line + cell.source.count("\n", 0, match.start()), match["text"].strip()) for match in found]


def described(snippet: Snippet, source: str, fill: Callable[[str], str]) -> str:
    """Return a cell's code with the values of its `# alt:` comments put in."""
    return _ALT.sub(lambda match: fill(own(snippet, match[0])), source)


def skeleton(snippet: Snippet, notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook that mkdocs-jupyter lays out: code, printed text, and a mark for each figure."""
    cells, figures = list[dict[str, Any]](), 0
    for cell in _shown(snippet, notebook):
        outputs = []
        for output in cell["outputs"]:
            if output["output_type"] == "display_data":
                output = output | {"data": {"text/html": str(figures)}}
                figures += 1
            outputs.append(output)
        cells.append(cell | {"source": _ALT.sub("", cell["source"]).strip("\n"), "outputs": outputs})
    return notebook | {"cells": cells}


def figures(snippet: Snippet, notebook: dict[str, Any], fill: Callable[[str, int], str]) -> Iterator[str]:
    """Yield each figure's HTML; ValueError if a cell has not as many texts as figures.

    Args:
        snippet: The lab.
        notebook: What it gave.
        fill: Puts inline values into a text, which stands on the line of that number.
    """
    number = 0
    for cell, executed in zip(code(snippet), _shown(snippet, notebook), strict=True):
        given = [output for output in executed["outputs"] if output["output_type"] == "display_data"]
        if len(given) != len(alts(cell)):
            lines = f"{len(alts(cell))} `# alt: …` line{'s' * (len(alts(cell)) != 1)}"
            raise ValueError(f"cell {cell.name!r} draws {len(given)} figure{'s' * (len(given) != 1)} and has {lines}")
        for output, (line, alt) in zip(given, alts(cell), strict=True):
            yield render.figure(output["data"]["image/svg+xml"], fill(own(snippet, alt), line), f"lab{number}")
            number += 1


def _shown(snippet: Snippet, notebook: dict[str, Any]) -> list[dict[str, Any]]:
    shown = {cell.name for cell in code(snippet)}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    return [cell for cell in cells if cell["metadata"].get("name", "") in shown]


def assemble(cells: Sequence[str], written: str, head: str) -> str:
    """Return a lab's page.

    Args:
        cells: Its cells of code: `laid` or `plain`.
        written: What Markdown made of `text`.
        head: What stands below the title.

    Raises:
        ValueError: The text has no title, or a break is not where it was.
    """
    parts = written.split(f"<p>{BREAK}</p>")
    if len(parts) != len(cells) + 1:
        raise ValueError("a list, a block or a fence of the text does not end before the next cell of code begins")
    parts[0], titles = re.subn("(?<=</h1>)", lambda _: head, parts[0], count=1)
    if not titles:
        raise ValueError("a lab begins with a cell of Markdown that holds its title, `# # Title`")
    return "".join(part + cell for part, cell in zip(parts, [*cells, ""], strict=True))


def laid(snippet: Snippet, shell: str, drawn: list[str]) -> list[str]:
    """Return the cells of code as mkdocs-jupyter laid out `skeleton`; its styles, scripts and buttons are left out."""
    return [_cell(tag, cell, drawn) for tag, cell in zip(_laid(shell), code(snippet), strict=True)]


def plain(snippet: Snippet, notebook: dict[str, Any], drawn: Iterable[str]) -> Iterator[str]:
    """Yield the cells of code as `laid` gives them, where there is no mkdocs-jupyter."""
    figures = iter(drawn)
    for cell, executed in zip(code(snippet), _shown(snippet, notebook), strict=True):
        parts = [render.code(_ALT.sub("", cell.source).strip("\n"), [])]
        for output in executed["outputs"]:
            figure = output["output_type"] == "display_data"
            parts.append(next(figures) if figure else render.printed(output["text"], error=output["name"] == "stderr"))
        yield _dressed(cell, parts)


def _laid(shell: str) -> list[Tag]:
    """Return the cells as mkdocs-jupyter laid them out."""
    from bs4 import BeautifulSoup  # only for labs: it takes as long as many a page

    return list(BeautifulSoup(shell, "html.parser").select(".jp-CodeCell[id]"))


def _cell(laid: Tag, cell: Cell, drawn: list[str]) -> str:
    """Return a cell of code as mkdocs-jupyter laid it out."""
    lines = laid.select_one(".highlight-ipynb pre")
    parts = [render.block(lines.decode_contents().rstrip("\n") if lines else "")]
    for output in laid.select(".jp-OutputArea-output"):
        text, kind = output.get_text(), str(output.get("data-mime-type"))
        figure = "html" in kind
        parts.append(drawn[int(text)] if figure else render.printed(text, error="stderr" in kind))
    return _dressed(cell, parts)


def _dressed(cell: Cell, parts: Iterable[str]) -> str:
    """Return code and what it gave in the clothes of a snippet."""
    title = escape(cell.name or "first").replace("_", " ")
    return (f'<div class="dl-snippet dl-cell" id="{anchor(cell)}"><div class="dl-snippet__bar">'
            f'<span class="dl-snippet__title">{title}</span><span class="dl-snippet__tools">'
            f'<dl-copy data-what="cells"></dl-copy></span></div>{"".join(parts)}</div>')  # fmt: skip


def head(snippet: Snippet, notebook: dict[str, Any], base: str, result: dict[str, Any] | None, source: str = "") -> str:
    """Return what stands below a lab's title: how long it took, with what, the downloads and the source, if known."""
    if result is None:
        return render.UNEXECUTED
    stem = f"{base}snippets/{quote(snippet.path.removesuffix('.py'))}"
    links = "".join(
        f'<a class="dl-download" href="{escape(stem + suffix)}" download>{text}</a>'
        for suffix, text in (
            (".ipynb", "Notebook with outputs (.ipynb)"),
            (".py", "Script (.py)"),
            *[(render.STANDALONE, "One script without dlref (.py)")] * render.bundled(notebook),
        )
    )
    links += f'<a class="dl-download" href="{escape(source)}">Source</a>' if source else ""
    with_what, seconds = render.versions(notebook, result["inputs"]), result["cpu_seconds"]
    took = f"{with_what} when this site was built: {seconds:.0f} s on one core."
    return f'<div class="dl-lab__head" data-search-exclude><p>{escape(took)}</p><p>{links}</p></div>'
