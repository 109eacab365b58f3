"""What can be seen of a stored result, whoever wrote it: that it has the form, and no more, that the engine gives it.

A store may be truncated, mixed up or poisoned by anything that can write there. That its text and numbers are
what a run gave cannot be seen; that none of it is markup, a script, a way out of the project or a trap can.
"""

from __future__ import annotations

import os
from typing import Any, TypeGuard

from dlref.site.outcomes import made_by_the_runner, readable

FACTS = ("seconds", "cpu_seconds", "peak_memory")  # that a manifest notes of a run
_ELSEWHERE = ("../", "/proc/", "/sys/", "/dev/")  # where no file is that a result can depend on


def made_of(blank: dict[str, Any], executed: dict[str, Any]) -> bool:
    """Say whether a notebook is what the engine makes of a snippet, whatever its outputs and values are.

    Args:
        blank: The snippet's notebook without them.
        executed: The notebook in question.
    """
    try:
        cells = [cell | {"outputs": []} if "outputs" in cell else cell for cell in executed["cells"]]
        shown = [output for cell in executed["cells"] for output in cell.get("outputs", ())]
        metadata, about = executed["metadata"], executed["metadata"]["dlref"]
        version = metadata["language_info"]["version"]  # of the machine that ran it
        wanted = blank["metadata"] | {
            "language_info": {"name": "python", "version": version},
            "dlref": {
                "snippet": blank["metadata"]["dlref"]["snippet"],
                **{n: about[n] for n in ("values", "requires")},
            },
        }
        return (
            executed | {"cells": cells, "metadata": metadata} == blank | {"metadata": wanted}
            and isinstance(version, str)
            and _lines(about["requires"])
            and all(readable(*value) for value in about["values"].values())
            and all(map(made_by_the_runner, shown))
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return False


def _lines(lines: object) -> bool:
    return isinstance(lines, list) and all(isinstance(line, str) for line in lines)


def ours(inputs: dict[str, Any]) -> bool:
    """Say whether the tables of a manifest have our form, and name only files that a result can depend on."""
    if not all(texts(inputs.get(name)) for name in ("files", "distributions")):
        return False
    return all(os.path.normpath(name) == name and not name.startswith(_ELSEWHERE) for name in inputs["files"])


def texts(table: object) -> bool:
    """Say whether something is a table of texts."""
    return isinstance(table, dict) and all(isinstance(text, str) for text in table.values())


def amount(value: object) -> TypeGuard[float]:
    """Say whether something is a number of seconds or bytes."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e15
