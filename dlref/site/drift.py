"""What snippets gave when a person last looked, kept beside them, and what differs from it now.

The record of `snippets/<topic>/<idea>.py` is `<idea>.accepted`: printed text line by line, a line for each
thing that a figure shows (see `runner.shows`), a line for each value. Two lines agree if their text is the
same and their numbers differ by no more than the snippet's tolerance.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import as_completed
from decimal import Decimal
from difflib import SequenceMatcher
from itertools import zip_longest
from pathlib import Path
from typing import Any, NamedTuple

from dlref.site import pool
from dlref.site.engine import Engine, notebook
from dlref.site.snippets import TOLERANCE, Problem, Snippet, decoded

SUFFIX = ".accepted"
HASH_SEED = "1"  # of the second run; the first has 0
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?")
_FIGURE = "  "  # begins the lines of what a figure shows
_MOST = 10**7  # pairs of lines that are looked at to find which stands for which
_PROCESSOR = "# Processor: "  # begins the second line of a record, of what amplifies rounding
_MEASURED = "…"  # stands for a number that is another one each time

Pair = tuple[int, str | None, str | None]


class Line(NamedTuple):
    """A line of a record, and the line of the snippet where the cell that gave it begins."""

    text: str
    source: int = 1


# --- the record of a result -------------------------------------------------------------------------


def record(snippet: Snippet, notebook: dict[str, Any], processor: str = "") -> list[Line]:
    """Return a result as lines that can be read and compared; what is measured has no numbers.

    Of what amplifies rounding it also names the kind of processor: on another, all may be different.
    """
    title = f"# What snippets/{snippet.path} gave when `dlref accept` was last run on it."
    head = [Line(title), *[Line(f"{_PROCESSOR}{processor}")] * snippet.options.amplifies]
    return head + [_masked(snippet, line) for line in _lines(snippet, notebook)]


def _now(engine: Engine, path: str) -> list[str]:
    """Return the record of a snippet's present result."""
    processor = engine.results[path].get("processor", "")
    return [line.text for line in record(engine.snippets[path], engine.notebook(path), processor)]


def _lines(snippet: Snippet, notebook: dict[str, Any]) -> Iterator[Line]:
    for cell, executed in zip(snippet.cells, notebook["cells"], strict=True):
        outputs = executed.get("outputs", ())
        texts = ["", f"[{cell.name or 'first'}]"] * bool(outputs) + [t for output in outputs for t in _output(output)]
        yield from (Line(text, cell.line) for text in texts)
    values = notebook["metadata"]["dlref"]["values"]
    yield from map(Line, ["", "[values]"] * bool(values))
    yield from (Line(f"{name}: {kind} = {text}") for name, (kind, text) in sorted(values.items()))


def _output(output: dict[str, Any]) -> list[str]:
    if output["output_type"] == "display_data":
        return ["figure", *(_FIGURE + text for text in output["metadata"]["shows"])]
    sign = "> " if output["name"] == "stdout" else "! "
    return [(sign + text) if text else sign.strip() for text in output["text"].removesuffix("\n").split("\n")]


def _masked(snippet: Snippet, line: Line) -> Line:
    measured = snippet.options.measured
    if measured and re.search(measured, line.text):
        return line._replace(text=_NUMBER.sub(_MEASURED, line.text))
    return line


# --- comparing --------------------------------------------------------------------------------------


def agree(one: str, other: str, tolerance: float) -> bool:
    """Say whether two lines have the same text and numbers that differ by no more than the tolerance; 0: the same."""
    if one == other or not tolerance:
        return one == other
    if _shape(one) != _shape(other):
        return False
    numbers = _NUMBER.findall(one), _NUMBER.findall(other)
    sizes = (abs(float(number)) for each in numbers for number in each if not number.lstrip("-").isdigit())
    scale = max(sizes, default=0.0) if one.startswith(_FIGURE) else 0.0
    return all(close(a, b, tolerance, scale) for a, b in zip(*numbers, strict=True))


def close(one: str, other: str, tolerance: float, scale: float = 0.0) -> bool:
    """Say whether two numbers, as they are written, differ by no more than the tolerance.

    It is relative to the larger of them or, in a figure, to the largest of its line, for that is the scale on
    which a reader sees them. Elsewhere, what is smaller than the tolerance itself is rounding, which machines
    do differently: there, zero or the same order of magnitude is enough. Whole numbers count something: they
    are the same or they are not, unless the snippet asks for a tolerance that is larger than the usual one.
    """
    if tolerance <= TOLERANCE and one.lstrip("-").isdigit() and other.lstrip("-").isdigit():
        return Decimal(one) == Decimal(other)
    a, b = abs(float(one)), abs(float(other))
    if abs(float(one) - float(other)) <= tolerance * max(a, b, scale) or one == other:
        return True
    return max(a, b) <= tolerance and (0 in (a, b) or 0.1 <= a / b <= 10)


def _shape(line: str) -> str:
    return _NUMBER.sub("#", line)


def pairs(old: list[str], new: list[str], tolerance: float) -> Iterator[Pair]:
    """Yield each line of two records beside the one that stands for it in the other, with its number in the old."""
    begin = next((n for n, (a, b) in enumerate(zip(old, new, strict=False)) if not agree(a, b, tolerance)), None)
    begin = min(len(old), len(new)) if begin is None else begin
    yield from ((number + 1, old[number], new[number]) for number in range(begin))
    left, right = [_shape(line) for line in old[begin:]], [_shape(line) for line in new[begin:]]
    blocks = [("", 0, len(left), 0, len(right))]
    if left != right and len(left) * len(right) < _MOST:
        blocks = [*SequenceMatcher(None, left, right, autojunk=False).get_opcodes()]
    for _, a, b, c, d in blocks:
        for offset, (was, now) in enumerate(zip_longest(old[begin + a : begin + b], new[begin + c : begin + d])):
            yield min(begin + 1 + min(a + offset, max(b - 1, a)), len(old)), was, now


def differences(old: list[str], new: list[str], tolerance: float) -> Iterator[Pair]:
    """Yield those of the `pairs` that do not agree; a blank line more or less is a heading's, which differs too."""
    for number, was, now in pairs(old, new, tolerance):
        if (was or now) and (was is None or now is None or not agree(was, now, tolerance)):
            yield number, was, now


def _said(was: str | None, now: str | None) -> str:
    """Return a difference as two lines of a diff, and by how much numbers differ where all else is the same."""
    if was is not None and now is not None and _shape(was) == _shape(now):
        found = zip(map(float, _NUMBER.findall(was)), map(float, _NUMBER.findall(now)), strict=True)
        size = max(abs(a - b) / max(abs(a), abs(b), sys.float_info.min) for a, b in found)
        return f", by {size:.0e} of a number's size\n- {was}\n+ {now}"
    return "".join(f"\n{sign} {text}" for sign, text in (("-", was), ("+", now)) if text is not None)


# --- dlref accept, dlref run --check ----------------------------------------------------------------


def file(engine: Engine, path: str) -> Path:
    """Return where the record of a snippet is, or will be."""
    return (engine.folder / path).with_suffix(SUFFIX)


def strays(engine: Engine) -> Iterator[Path]:
    """Yield the records whose snippet is gone."""
    known = {file(engine, path) for path in {*engine.snippets, *engine.problems}}
    yield from (found for found in sorted(engine.folder.rglob(f"*{SUFFIX}")) if found not in known)


def _accepted(engine: Engine, path: str) -> list[str] | None:
    """Return the lines of a snippet's record; None if there is none, Problem if it is not UTF-8."""
    place = file(engine, path)
    return decoded(place, engine.named(place)).removesuffix("\n").split("\n") if place.is_file() else None


def elsewhere(engine: Engine, path: str) -> bool:
    """Say whether a snippet that amplifies rounding was accepted from another kind of processor than it ran on."""
    old = _accepted(engine, path) if engine.snippets[path].options.amplifies else None
    return old is not None and any(line.startswith(_PROCESSOR) for line in old[1:2]) and old[1] != _now(engine, path)[1]


def accept(engine: Engine, path: str) -> str:
    """Record what a snippet gave; return "new", "changed" or "the same". Lines that agree stay as they were."""
    snippet, place = engine.snippets[path], file(engine, path)
    now = _now(engine, path)
    old = _accepted(engine, path)
    kept = pairs(old or [], now, snippet.options.tolerance)
    lines = [
        was if was is not None and agree(was, new, snippet.options.tolerance) else new
        for _, was, new in kept
        if new is not None
    ]
    if lines == old:
        return "the same"
    place.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return "new" if old is None else "changed"


def check(engine: Engine, paths: Iterable[str]) -> Iterator[Problem]:
    """Yield each line in which the results of some snippets differ from what was accepted."""
    for path in paths:
        try:
            yield from _check(engine, engine.snippets[path])
        except Problem as problem:
            yield problem


def _check(engine: Engine, snippet: Snippet) -> Iterator[Problem]:
    place, where = file(engine, snippet.path), f"{engine.folder.name}/{snippet.path}"
    now = _now(engine, snippet.path)
    old = _accepted(engine, snippet.path)
    if snippet.options.measured and not any(_MEASURED in line for line in now):
        yield Problem(f"no number that it gives is in a line with its `measured`, {snippet.options.measured!r}", where)
    if old is None:
        yield Problem(f"its output was never accepted: look at it, then `dlref accept {where}`", where)
        return
    for number, was, new in differences(old, now, snippet.options.tolerance):
        yield Problem(f"differs from what was accepted{_said(was, new)}", f"{engine.named(place)}:{number}")


# --- dlref run --twice ------------------------------------------------------------------------------


def again(engine: Engine, paths: Iterable[str]) -> Iterator[Problem]:
    """Run snippets that have a result once more, keep nothing, and yield what differs.

    Their order is the opposite one, as far as there is any, and what Python hashes has another seed.
    """
    engine.close()
    engine.hash_seed = HASH_SEED
    backwards = [engine.snippets[path] for path in reversed(engine.longest_first(paths))]
    futures = {engine.executor().submit(pool.execute, engine.job(snippet)): snippet.path for snippet in backwards}
    found = dict[str, list[Problem]]()
    for done, future in enumerate(as_completed(futures), 1):
        path, outcome = futures[future], future.result()
        engine.progress(done, len(futures), path, outcome.get("seconds", 0.0))
        found[path] = list(_compared(engine, path, outcome))
    for path in sorted(found):
        yield from found[path]


def _compared(engine: Engine, path: str, outcome: dict[str, Any]) -> Iterator[Problem]:
    """Yield what a second run gave that the first did not."""
    snippet, where = engine.snippets[path], f"{engine.folder.name}/{path}"
    if error := outcome["error"]:
        message = error["message"].replace(f"{engine.root}{os.sep}", "")
        yield Problem(f"the second time, {message}", f"{where}:{error['line']}")
        return
    notebooks = engine.notebook(path), notebook(snippet, outcome, [])
    first, second = (record(snippet, each) for each in notebooks)
    texts = [line.text for line in first], [line.text for line in second]
    differs = False
    for number, was, now in differences(*texts, tolerance=0):
        differs = True
        yield Problem(f"gives something else the second time{_said(was, now)}", f"{where}:{first[number - 1].source}")
    drawn = zip(*(_drawn(snippet, each) for each in notebooks), strict=False)
    for (line, was), (_, now) in () if differs else drawn:
        if was != now:
            yield Problem(f"draws something else the second time{_said(*_excerpt(was, now))}", f"{where}:{line}")


def _drawn(snippet: Snippet, notebook: dict[str, Any]) -> Iterator[tuple[int, str]]:
    """Yield (its cell's line, SVG) of each figure in which nothing is measured."""
    for cell, executed in zip(snippet.cells, notebook["cells"], strict=True):
        for output in executed.get("outputs", ()):
            lines = map(Line, _output(output))
            if "image/svg+xml" in output.get("data", ()):
                if not any(_masked(snippet, line) != line for line in lines):
                    yield cell.line, output["data"]["image/svg+xml"]


def _excerpt(one: str, other: str) -> tuple[str, str]:
    """Return the stretch of two texts where they begin to differ."""
    letters = enumerate(zip(one, other, strict=False))
    at = next((number for number, (a, b) in letters if a != b), min(len(one), len(other)))
    return one[max(at - 40, 0) : at + 40], other[max(at - 40, 0) : at + 40]
