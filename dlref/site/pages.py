"""The files below `docs/`: which of them a site can be made of, and what their front matter says.

What a generator would swallow or stumble over is found here, before one looks: it shows front matter that it
cannot read as text, follows a link wherever it leads, and waits for ever for what is no file.
"""

from __future__ import annotations

import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dlref.site.snippets import Problem

LARGEST = 1 << 20  # bytes of a page
_HIDDEN = re.compile(
    "[^\t\n\x20-\x7e\xa0-\U0010ffff]|[\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e007f]"
)
_FRONT = re.compile(r"-{3}[ \t]*\n(?P<body>.*?\n)(?:\.{3}|-{3})[ \t]*\n", re.DOTALL)  # MkDocs knows no other
_SWALLOWED = re.compile(r" {0,3}[A-Za-z0-9_-]+:")  # MkDocs takes it for front matter of another kind


def unfit(root: Path, docs: Path) -> dict[str, Problem]:
    """Return what below `docs` no site can be made of, by its path there.

    Args:
        root: The project, which nothing leads out of.
        docs: The folder of its pages.
    """
    found, same = dict[str, Problem](), dict[str, str]()

    def note(file: str, message: str) -> None:
        path = os.path.relpath(file, docs)
        found[path] = Problem(message, shown(f"{docs.name}/{path}"))

    for folder, folders, names in os.walk(docs, onerror=lambda error: note(error.filename, _refused(error))):
        for name in sorted([*folders, *names]):
            file = os.path.join(folder, name)
            twin = same.setdefault(unicodedata.normalize("NFC", file).casefold(), file)
            if twin != file:
                note(file, f"differs from {os.path.relpath(twin, docs)} in case alone: elsewhere they are one file")
            elif wrong := _wrong(Path(file), root):
                note(file, wrong)
    return found


def _wrong(file: Path, root: Path) -> str:
    """Say why a file or folder cannot be part of a site; empty: it can."""
    try:
        seen = file.stat()
    except OSError as error:  # of a link, that it leads nowhere or to itself
        return _refused(error)
    page, folder, link = file.suffix == ".md", stat.S_ISDIR(seen.st_mode), file.is_symlink()
    wrongs = {
        "has a name with bytes or characters that cannot be seen: rename it": shown(file.name) != file.name,
        "is a link that leads out of the project: put here what it leads to": link
        and not file.resolve().is_relative_to(root),
        "is a link to a folder, which may lead in circles: put here what it leads to": link and folder,
        "is a folder with the name of a page: rename it": page and folder,
        "is neither a file nor a folder: remove it": not folder and not stat.S_ISREG(seen.st_mode),
        "cannot be read: Permission denied": not folder and not os.access(file, os.R_OK),
        f"holds {seen.st_size:,} bytes; a page holds at most {LARGEST:,}: make several of it": page
        and seen.st_size > LARGEST,
    }
    return next((message for message, wrong in wrongs.items() if wrong), "")


def _refused(error: OSError) -> str:
    return f"cannot be read: {error.strerror}"


def shown(text: str) -> str:
    """Return a text with escapes for what cannot be seen or printed."""
    text = _HIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
    return text.encode("utf-8", "backslashreplace").decode()


def hidden(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, what is wrong) of characters that those who review a page cannot see."""
    for number, line in enumerate(lines):
        if found := _HIDDEN.search(line):
            name = unicodedata.name(found[0], "a control character")
            yield number, f"holds U+{ord(found[0]):04X} ({name}), which nobody sees: remove it"


def front_matter(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, what is wrong) of a page's front matter."""
    if _SWALLOWED.match(lines[0]):
        yield 0, "would be swallowed as front matter: leave the first line blank, or write the front matter in `---`"
    if not re.fullmatch(r"-{3}[ \t]*", lines[0]):
        return
    front = _FRONT.match("\n".join(lines))
    if front is None:
        yield 0, "the front matter is empty, or no line `---` ends it"
        return
    import yaml

    try:
        loader = yaml.SafeLoader(front["body"])
        node = loader.get_single_node()
        meta = loader.construct_document(node) if node else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        yield (mark.line + 1 if mark else 0), f"the front matter is no YAML: {getattr(error, 'problem', error)}"
    except (ValueError, RecursionError) as error:  # a date that there is not; a tower of brackets
        yield 0, f"the front matter is no YAML: {error}"
    else:
        yield from _entries(node, meta)


def _entries(node: Any, meta: object) -> Iterator[tuple[int, str]]:
    """Yield (line from 0, what is wrong) of front matter that is YAML."""
    if not isinstance(meta, dict):
        yield 1, f"the front matter holds lines like `title: …`, not {shown(repr(meta)[:80])}"
        return
    seen = set[str]()
    for key, _ in node.value:
        line = key.start_mark.line + 1
        if key.value in seen:
            yield line, f"{key.value} stands twice in the front matter"
        elif key.value in ("title", "description", "template") and not isinstance(meta[key.value], str):
            yield line, f"{key.value} is no text, but {meta[key.value]!r}: put it in quotes"
        seen.add(key.value)
