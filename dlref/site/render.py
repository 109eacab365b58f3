"""An executed notebook to HTML: code, output, figures, values. Output is text and never markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from dlref import __version__
from dlref.site.outcomes import READ
from dlref.site.snippets import Cell, Snippet, blocks

_BEHIND = ("matplotlib", "numpy", "torch")  # what dlref is made with


def value(notebook: dict[str, Any], name: str, spec: str = "") -> str:
    """Return a module-level value of an executed snippet, formatted as in an f-string.

    Raises:
        ValueError: The snippet has no such value, or the format does not fit it.
    """
    if not executed(notebook):
        return MISSING
    values = notebook["metadata"]["dlref"]["values"]
    if name not in values:
        known = ", ".join(sorted(values)) or "none"
        raise ValueError(f"no value {name!r} (a number, string or one-element tensor); there are: {known}")
    kind, text = values[name]
    content = READ[kind](text)
    try:
        if any(len(number) > _DIGITS for number in re.findall(r"\d+", spec)):
            raise ValueError(f"a width has at most {_DIGITS} digits")
        written = format(content, spec)
        written.encode()  # half a pair of surrogates is no text
    except (ValueError, OverflowError) as error:
        raise ValueError(f"format {spec!r} does not fit {name} = {text}: {error}") from None
    return written


def executed(notebook: dict[str, Any]) -> bool:
    """Say whether a snippet ran; where environments are left out, some did not."""
    return bool(notebook["metadata"]["dlref"].get("executed", True))


_DIGITS = 2  # of a width or precision
MISSING = "(not executed)"  # stands for a value
UNEXECUTED = '<p class="dl-unexecuted" role="note">Not executed: it was left out.</p>'


@dataclass(frozen=True)
class View:
    """What a fence shows of a snippet.

    Attributes:
        cell: The name of the one cell to show; empty: all.
        title: Text above the code.
        alt: A text for each figure, separated by " | ".
        caption: HTML below the last figure (or output).
        lines: Numbers of the lines to highlight, as in "3 5-7", counted in the code shown.
        show: "code", "output" or "both".
    """

    cell: str = ""
    title: str = ""
    alt: str = ""
    caption: str = ""
    lines: str = ""
    show: str = "both"


def fence(
    notebook: dict[str, Any],
    snippet: Snippet,
    view: View,
    base: str = "",
    number: str = "",
    anchor: str = "",
    below: str = "",
) -> str:
    """Return the HTML of a fence.

    Args:
        notebook: The snippet, executed.
        snippet: The same, as parsed.
        view: What to show of it.
        base: The way from the page to the site's root.
        number: What makes the figures' ids unique on the page.
        anchor: The id of the whole; empty: none.
        below: HTML that follows the last output.

    Raises:
        ValueError: The view does not fit what the snippet gave.
    """
    chosen = [snippet.cell(view.cell)] if view.cell else list(snippet.cells)
    pairs = [(part, notebook["cells"][snippet.cells.index(part)]["outputs"]) for part in chosen]
    drawn = sum(output["output_type"] == "display_data" for _, outputs in pairs for output in outputs)
    alts = _alts(view, drawn) if executed(notebook) else iter(())
    marked, first, parts = set(_numbers(view.lines)), 1, list[str]()
    for index, (part, outputs) in enumerate(pairs):
        if view.show != "output":
            text = shown(part)
            parts.append(code(text, [line - first + 1 for line in sorted(marked)]))
            first += text.count("\n") + 1
        if view.show != "code":
            parts.extend(_outputs(outputs, alts, f"{number}{index}"))
    if not executed(notebook):
        parts.append(UNEXECUTED)
    if marked and max(marked) >= first:
        raise ValueError(f'lines="{view.lines}", but {first - 1} lines of code are shown')
    if view.caption and parts:
        parts[-1] = _captioned(parts[-1], view.caption)
    script = snippet.until(chosen[-1]) if view.cell else snippet.source
    visible = view.show != "output" and script.strip() == shown(chosen[0]).strip()
    copy = "" if visible else f' data-copy="{escape(script)}"'
    name = f' id="{escape(anchor)}"' if anchor else ""
    bar = _bar(snippet.path, view.title, base, alone=not bundled(notebook))
    return f'<div class="dl-snippet"{name}{copy}>{bar}{"".join(parts)}{below}</div>'


def _alts(view: View, drawn: int) -> Iterator[str]:
    """Return the texts of the figures that are shown; ValueError if they are not as many."""
    alts = [text.strip() for text in view.alt.split(" | ")] if view.alt.strip() else []
    if view.show != "code" and drawn != len(alts):
        count = f"{drawn} figure{'s' * (drawn != 1)}"
        raise ValueError(f'the cells shown draw {count} and alt="…" describes {len(alts)}; separate several by " | "')
    return iter(alts)


def shown(cell: Cell) -> str:
    """Return a cell's code as the page shows it: without the block of options."""
    lines = cell.source.split("\n")
    for first, last in _blocks(cell.source):
        after = next((number for number in range(last + 1, len(lines)) if lines[number]), len(lines))
        del lines[first:after]
    return "\n".join(lines).strip("\n")


def _blocks(source: str) -> list[tuple[int, int]]:
    """Return the lines (from 0, with both ends) of the block of options: one, or none."""
    return [(first, last) for kind, first, last in blocks(source) if kind == "script"][:1]


def code(text: str, marked: list[int]) -> str:
    """Return Python code as HTML, with some lines marked."""
    return block(highlight(text, _lexer(), _formatter(tuple(marked))).rstrip("\n"))


def block(body: str) -> str:
    """Return highlighted code as the block that a page shows."""
    return ('<div class="highlight no-copy dl-snippet__code"><pre tabindex="0" role="group" aria-label="Code">'
            f"<code>{body}</code></pre></div>")  # fmt: skip


@cache
def _formatter(marked: tuple[int, ...]) -> HtmlFormatter[str]:
    return HtmlFormatter(nowrap=True, hl_lines=list(marked))


@cache
def _lexer() -> PythonLexer:
    return PythonLexer()


def _bar(path: str, title: str, base: str, *, alone: bool) -> str:
    stem = f"{base}snippets/{quote(path.removesuffix('.py'))}"
    name = path.rpartition("/")[2].removesuffix(".py")
    links = "".join(
        f'<a class="dl-download" href="{escape(stem + suffix)}" download aria-label="Download {escape(name)}{suffix}">'
        f"{suffix}</a>"
        for suffix in (".py", ".ipynb")
    )
    if not alone:
        one = (f'<dl-copy data-what="script"><a class="dl-download" href="{escape(stem + STANDALONE)}" download '
               f'aria-label="Download {escape(name)} as one script">one script</a></dl-copy>')  # fmt: skip
        links = one + links
    title = escape(title or name.replace("_", " "))
    return (f'<div class="dl-snippet__bar"><span class="dl-snippet__title">{title}</span>'
            f'<span class="dl-snippet__tools"><dl-copy data-what="code"></dl-copy>{links}</span></div>')  # fmt: skip


def _outputs(outputs: list[dict[str, Any]], alts: Iterator[str], number: str) -> Iterator[str]:
    for index, output in enumerate(outputs):
        if output["output_type"] == "stream":
            yield printed(output["text"], error=output["name"] == "stderr")
        else:
            yield figure(output["data"]["image/svg+xml"], next(alts), f"f{number}-{index}")


def printed(text: str, *, error: bool = False) -> str:
    """Return what was printed, to stdout or stderr, as HTML."""
    kind = " dl-snippet__output--stderr" if error else ""
    return (f'<div class="dl-snippet__output{kind}"><span class="dl-snippet__label">Output</span>'
            f'<dl-copy data-what="output"></dl-copy><pre tabindex="0" role="group" aria-label="Output">'
            f'<samp>{escape(text.rstrip(chr(10)))}</samp></pre></div>')  # fmt: skip


def figure(svg: str, alt: str, prefix: str) -> str:
    """Return an SVG of `runner.svg` as a figure with ids of its own and a text for those who cannot see it."""
    svg = re.sub(r'( id="|url\(#|href="#)_(\d)', rf"\g<1>{prefix}_\2", svg)
    width = re.search(r'width="(\d+)"', svg)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{escape(alt)}" ', 1)
    style = f' style="--dl-width:{width[1]}px"' if width else ""
    return (f'<figure class="dl-figure"><div class="dl-figure__frame" tabindex="0" role="group" aria-label="Figure"'
            f"{style} data-search-exclude>{svg}</div></figure>")  # fmt: skip


def _captioned(part: str, caption: str) -> str:
    if part.endswith("</figure>"):
        return part.removesuffix("</figure>") + f"<figcaption>{caption}</figcaption></figure>"
    return f'{part}<p class="dl-snippet__caption">{caption}</p>'


def _numbers(lines: str) -> Iterator[int]:
    """Yield the line numbers of "3 5-7"."""
    for item in lines.replace(",", " ").split():
        first, dash, last = item.partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()) or not 0 < int(first) <= int(last or first):
            raise ValueError(f'lines="{lines}" is not of the form "3 5-7"')
        yield from range(int(first), int(last or first) + 1)


STANDALONE = ".standalone.py"  # how the file of a snippet as one script ends


def bundled(notebook: dict[str, Any]) -> bool:
    """Say whether a snippet uses dlref, so that it is offered as one script as well."""
    return "dlref" in notebook["metadata"]["dlref"]["requires"]


def standalone(snippet: Snippet, notebook: dict[str, Any], text: str, needs: list[str]) -> str:
    """Return a snippet as one script to download.

    Args:
        snippet: The snippet.
        notebook: The same, executed.
        text: What `bundle` made of it.
        needs: The packages that this text needs.
    """
    listed = [name.partition("==")[0] for name in needs]
    enough = " and ".join(filter(None, [", ".join(listed[:-1]), *listed[-1:]])) or "Python"
    begin = f"# {snippet.path} as one script: what it uses of dlref is written into it. It needs {enough} alone.\n\n"
    metadata = notebook["metadata"] | {"dlref": notebook["metadata"]["dlref"] | {"requires": needs}}
    return script(replace(snippet, source=begin + text), notebook | {"metadata": metadata}, "")


def ran(notebook: dict[str, Any], inputs: dict[str, Any], source: str) -> str:
    """Return the line that says what a snippet ran with.

    Args:
        notebook: The snippet, executed.
        inputs: What its result depends on, of its manifest.
        source: The address of its file on the repository; empty: unknown.
    """
    link = f' <a href="{escape(source)}">Source</a>' if source else ""
    return f'<p class="dl-ran" data-search-exclude>{escape(versions(notebook, inputs))}.{link}</p>'


def versions(notebook: dict[str, Any], inputs: dict[str, Any]) -> str:
    """Return what a snippet ran with: Python and the packages that it imports, or that dlref does for it."""
    listed = [re.split("[=<>~! ]", name, maxsplit=1)[0] for name in notebook["metadata"]["dlref"]["requires"]]
    named = {*listed, *(_BEHIND if "dlref" in listed else ())}
    installed = inputs["distributions"] | {"dlref": __version__}
    found = [f"{name} {installed[name].partition('+')[0]}" for name in sorted(named) if installed.get(name)]
    return ", ".join([f"Ran with Python {inputs['python']}", *found])


def packages(notebook: dict[str, Any], repository: str) -> list[str]:
    """Return what a copy needs to be installed, as pip knows it; dlref comes from its repository, if that is known."""
    needs = notebook["metadata"]["dlref"]["requires"]
    return [f"dlref @ git+{repository}" if name == "dlref" and repository else name for name in needs]


def script(snippet: Snippet, notebook: dict[str, Any], repository: str) -> str:
    """Return a snippet as a file to download: itself, with a PEP 723 block that says what it needs."""
    listed = "".join(f'#     "{name}",\n' for name in packages(notebook, repository))
    python = '# requires-python = ">=3.11"\n' * (snippet.options.requires_python is None)
    head = "# /// script\n" + python + f"# dependencies = [\n{listed}# ]\n" * (snippet.options.dependencies is None)
    lines = snippet.source.split("\n")
    for first, _ in _blocks(snippet.source):
        return "\n".join([*lines[:first], head + lines[first + 1], *lines[first + 2 :]])
    return f"{head}# ///\n{snippet.source}"


INSTALL = "install"  # the id of the cell that installs what a notebook needs


def installing(notebook: dict[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return a notebook whose first cell installs some packages, as pip knows them."""
    text = "# What this notebook ran with. Run this cell where it is missing, as on Colab.\n%pip install --quiet "
    text += " ".join(f'"{name}"' for name in names)
    first = code_cell(INSTALL, text if names else "# This notebook needs Python alone: there is nothing to install.")
    return notebook | {"cells": [first, *notebook["cells"]]}


def code_cell(name: str, source: str) -> dict[str, Any]:
    """Return a notebook's cell of code that was not executed."""
    return {"cell_type": "code", "id": name, "execution_count": None, "metadata": {}, "source": source, "outputs": []}


def notebook_file(notebook: dict[str, Any]) -> str:
    """Return the text of an executed notebook's file; one that asks for `__file__`, which notebooks lack, gets it."""
    if any("__file__" in cell["source"] for cell in notebook["cells"]):
        name = notebook["metadata"]["dlref"]["snippet"].rpartition("/")[2]
        text = f'__file__ = "{name}"  # a notebook has none; the data are to stand beside it'
        cells, first = notebook["cells"], int(notebook["cells"][0]["id"] == INSTALL)
        notebook = notebook | {"cells": [*cells[:first], code_cell("file", text), *cells[first:]]}
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"
