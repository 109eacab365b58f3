"""What a snippet's process says came of it, looked at before anything is kept.

That process ran code that may have put anything into the runner's mouth. What has another form than the runner
gives it is a failure, and a drawing that could do more on a page than be seen is no drawing.
"""

from __future__ import annotations

import ast
import math
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from dlref.site.runner import plain

READ: dict[str, Callable[[str], Any]] = {
    "bool": ast.literal_eval, "int": int, "float": float, "complex": complex, "str": ast.literal_eval,
}  # fmt: skip
_FORGED = "what came of it has not the form that the runner gives it: does it write the report itself?"
_STREAM, _FIGURE = {"output_type", "name", "text"}, {"image/svg+xml", "text/plain"}
_KERNEL = ("/proc/", "/sys/", "/dev/")  # no data: some of its files have no end
_SVG, _LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"
_TAGS = set(
    "svg g path defs use clipPath rect text tspan image pattern linearGradient stop filter feColorMatrix feComposite "
    "feBlend feFlood polygon".split()
)
_ATTRIBUTES = set(
    "id x y x1 y1 x2 y2 width height viewBox d points style transform fill stroke opacity clip-path filter offset "
    "patternUnits patternTransform gradientUnits in in2 mode operator result type values flood-color k1 k2 k3 k4 "
    "fill-opacity stroke-opacity stroke-width shape-rendering preserveAspectRatio".split()
)
_STYLE = re.compile(
    r"\s*(fill|stroke|stop|font|text|opacity|image-rendering|clip|filter|shape-rendering)[a-z-]*\s*:[^\\@]*"
)
_REFERENCE = re.compile(r"#[\w.-]+|data:image/png;base64,[A-Za-z0-9+/=\s]*")
_ELSEWHERE = re.compile(r"url\((?!#)", re.IGNORECASE)


def believed(outcome: dict[str, Any], cells: int) -> dict[str, Any]:
    """Return an outcome, or a failure if it is none of a snippet with so many cells of code."""
    try:
        error = outcome["error"]
        fine = (_error(error) if error is not None else _whole(outcome, cells)) and _files(outcome.get("files", []))
    except (KeyError, TypeError, AttributeError, ValueError):
        fine = False
    return outcome if fine else {"error": {"line": 1, "message": _FORGED}}


def _error(error: dict[str, Any]) -> bool:
    return type(error["line"]) is int and isinstance(error["message"], str)


def _whole(outcome: dict[str, Any], cells: int) -> bool:
    """Say whether a success has all its parts."""
    values, modules = outcome["values"], outcome["modules"]
    return (
        len(outcome["cells"]) == cells
        and all(isinstance(outputs, list) and all(map(made_by_the_runner, outputs)) for outputs in outcome["cells"])
        and all(readable(*value) for value in values.values())
        and all(isinstance(name, str) for name in modules)
        and all(0 <= outcome[name] < math.inf for name in ("seconds", "cpu_seconds"))
    )


def _files(files: list[Any]) -> bool:
    return all(isinstance(file, str) and not file.startswith(_KERNEL) for file in files)


def readable(kind: str, text: str) -> bool:
    """Say whether a value can be read back as what it is said to be, so that a page may print it."""
    try:
        return kind in READ and type(READ[kind](text)).__name__ == kind
    except (SyntaxError, MemoryError, RecursionError):
        return False


def made_by_the_runner(output: dict[str, Any]) -> bool:
    """Say whether an output is printed text or a figure: nothing else is ever stored."""
    if output["output_type"] == "stream":
        named = set(output) == _STREAM and output["name"] in ("stdout", "stderr")
        return named and isinstance(output["text"], str) and plain(output["text"]) == output["text"]
    if output["output_type"] != "display_data" or set(output["data"]) - {"image/png"} != _FIGURE:
        return False
    told = list(output["metadata"]) == ["shows"] and all(isinstance(line, str) for line in output["metadata"]["shows"])
    return (
        told
        and all(isinstance(text, str) for text in output["data"].values())
        and _drawing(output["data"]["image/svg+xml"])
    )


def _drawing(svg: str) -> bool:
    """Say whether an SVG holds only what matplotlib draws with: no script, no address, nothing outside its frame."""
    if re.search(r"<[!?]", svg):  # document types may define anything
        return False
    try:
        return all(_element(element) for element in ET.fromstring(svg).iter())  # noqa: S314 (without entities)
    except ET.ParseError:
        return False


def _element(element: ET.Element) -> bool:
    if element.tag.removeprefix(_SVG) not in _TAGS or not element.tag.startswith(_SVG):
        return False
    for name, text in element.attrib.items():
        if _ELSEWHERE.search(text) or not (_REFERENCE.fullmatch(text) if name == _LINK else name in _ATTRIBUTES):
            return False
    parts = element.get("style", "").split(";")
    return all(_STYLE.fullmatch(part) for part in parts if part.strip())
