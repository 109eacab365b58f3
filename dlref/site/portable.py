"""A lab's notebook for other programs: its text with values, references and solutions written out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from dlref.site import citations, labs, render
from dlref.site.markdown import IN_LIST, Fence, Session, parse

_LINK = re.compile(r"(?<!!)\[(?P<label>[^\]]+)\]\((?P<target>[^)\s]+\.(?:md|ipynb)(?:#[^)\s]*)?)\)")
_BLOCK = re.compile(r"(?P<indent> *)(?P<mark>\?\?\?\+?|!!!) +\w+(?: +\"(?P<title>.*)\")? *$")


def notebook(session: Session, path: str, site: str = "") -> dict[str, Any]:
    """Return the executed notebook of a lab as it is downloaded.

    Args:
        session: Of the project.
        path: The lab's, below `snippets/`.
        site: The address of the published site, to which links lead; empty: they become plain text.
    """
    snippet, executed = session.engine.snippets[path], session.engine.notebook(path)
    hidden = {cell.name for cell in snippet.code} - {cell.name for cell in labs.code(snippet)}
    cells = list[dict[str, Any]]()
    for cell in executed["cells"]:
        if cell["cell_type"] == "markdown":
            cells.append(cell | {"source": text(session, path, cell["source"], site)})
        elif cell["metadata"].get("name", "") not in hidden:
            cells.append(cell | {"source": labs.described(snippet, cell["source"], session.filled)})
    return executed | {"cells": cells}


def script(session: Session, path: str, site: str = "") -> str:
    """Return the text of a lab's file with the same text in its cells of Markdown, and for its figures."""
    snippet = session.engine.snippets[path]
    lines = snippet.source.split("\n")
    for cell in reversed(snippet.cells):
        first, count = cell.line - 1, cell.source.count("\n") + 1
        if cell.markdown:
            written = text(session, path, cell.source, site).split("\n")
            lines[first : first + count] = [f"# {line}".rstrip() for line in written]
        else:
            lines[first : first + count] = labs.described(snippet, cell.source, session.filled).split("\n")
    return "\n".join(lines)


def text(session: Session, path: str, source: str, site: str = "") -> str:
    """Return a stretch of a lab's Markdown in the form that every notebook program shows."""
    lines = source.split("\n")
    fences, prose, _ = parse(lines, path)
    lines = [_line(session, path, line, site) if outside else line for line, outside in zip(lines, prose, strict=True)]
    for fence in reversed(fences):
        lines[fence.first : fence.last] = [f"{fence.indent}{line}".rstrip() for line in _fence(session, fence)]
    return "\n".join(_blocks(lines))


def _line(session: Session, path: str, line: str, site: str) -> str:
    """Return a line of text with its values, citations and links written out."""
    line = labs.own(session.engine.snippets[path], line)
    item = re.match(r"\s*(?:[-*+]|\d+[.)])(?= )", line)
    if item and (match := IN_LIST.match(line[item.end() :])):
        whole = "".join(session.works.find(match["key"]).element().itertext())
        line = f"{item[0]} {whole}{line[item.end() + match.end() :]}"
    line = session.filled(line)
    line = citations.CITATION.sub(
        lambda match: " and ".join(session.works.find(key).label for key in citations.keys(match)), line
    )
    folder = posixpath.dirname(labs.page(path))

    def link(match: re.Match[str]) -> str:
        file, sharp, anchor = match["target"].partition("#")
        page = posixpath.normpath(posixpath.join(folder, file)).rpartition(".")[0].removesuffix("index").strip("/")
        address = f"{site.rstrip('/')}/{page}{'/' * bool(page)}{sharp}{anchor}"
        return f"[{match['label']}]({address})" if site else match["label"]

    return _LINK.sub(link, line)


def _fence(session: Session, fence: Fence) -> Iterator[str]:
    """Yield a snippet of the text, an exercise's solution say, as code with what it printed."""
    executed = session.engine.notebook(fence.path)
    snippet = session.engine.snippets[fence.path]
    chosen = [snippet.cell(fence.cell)] if fence.cell else list(snippet.cells)
    yield from ["```python", *"\n\n".join(render.shown(cell) for cell in chosen).split("\n"), "```"]
    outputs = [output for cell in chosen for output in executed["cells"][snippet.cells.index(cell)]["outputs"]]
    printed = "".join(output["text"] for output in outputs if output["output_type"] == "stream")
    if printed:
        yield from ["", "```text", *printed.rstrip("\n").split("\n"), "```"]


def _blocks(lines: list[str]) -> Iterator[str]:
    """Yield lines with admonitions as quotes, and those that open as HTML's own."""
    number = 0
    while number < len(lines):
        line, number = lines[number], number + 1
        if not (match := _BLOCK.match(line)):
            yield line
            continue
        inner, first = match["indent"] + "    ", number
        while number < len(lines) and (not lines[number].strip() or lines[number].startswith(inner)):
            number += 1
        while not lines[number - 1].strip():
            number -= 1
        body = list(_blocks([line.removeprefix(inner) for line in lines[first:number]]))
        title, indent = match["title"] or "Note", match["indent"]
        if match["mark"] == "!!!":
            quoted = [f"**{title}**", *body]
            yield from (f"{indent}> {line}".rstrip() for line in quoted)
        else:
            opened = [f"<details><summary>{title}</summary>", *body, "", "</details>"]
            yield from (f"{indent}{line}".rstrip() for line in opened)
