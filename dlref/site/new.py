"""Begin a page or a snippet: files that pass all checks as they are, to be rewritten line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dlref.site.markdown import Session
from dlref.site.snippets import Problem

_TEMPLATES = Path(__file__).parent / "assets" / "new"
_WORDS = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*")  # of a page's address
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")  # of a file of Python
_ENTRY = re.compile(r"(?P<indent> *)- (?:(?P<title>[^#\n]+?): +)?[\"']?(?P<path>[\w./-]+\.(?:md|ipynb))\b")


@dataclass(frozen=True)
class Edit:
    """A file as it is to be: its path below the root, its text, and the line to begin with."""

    path: str
    text: str
    line: int = 1
    new: bool = True


def page(session: Session, name: str) -> list[Edit]:
    """Return a page, the snippets it shows and its line in the navigation; Problem if there is something already.

    Args:
        session: Of the project.
        name: topic/name, as in the page's address.
    """
    topic, words = _parts(
        name.removesuffix(".md"), _WORDS, "like optimization/warm-up (small letters, digits, hyphens)"
    )
    _known(session, topic, words)
    stem = f"{topic}/{(topic if words == 'index' else words).replace('-', '_')}"
    exercise = f"{topic}/exercise_{stem.partition('/')[2]}"
    title = _title(topic if words == "index" else words)
    text = _template("page.md", TITLE=title, SNIPPET=stem, EXERCISE=exercise, SOURCE=_source(session, topic))
    edits = [
        Edit(f"docs/{topic}/{words}.md", text),
        Edit(f"snippets/{stem}.py", _template("idea.txt")),
        Edit(f"snippets/{exercise}.py", _template("exercise.txt")),
        *_navigation(session.engine.root / "mkdocs.yml", f"{topic}/{words}.md", title),
    ]
    return _vacant(session, edits)


def snippet(session: Session, name: str, shown_on: str = "") -> list[Edit]:
    """Return a snippet, and the page that shows it from now on; Problem if it is there already.

    Args:
        session: Of the project.
        name: topic/name, as below `snippets/`.
        shown_on: The page, below `docs/` or as a path; empty: that of the topic.
    """
    root = session.engine.root
    like = "like optimization/warm_up (small letters, digits, underscores)"
    folder, stem = _parts(name.removesuffix(".py"), _NAME, like)
    choices = [f"{folder}.md", f"{folder.partition('/')[0]}/index.md"]
    if shown_on:
        text = shown_on if not (root / shown_on).is_file() else Path(shown_on).as_posix()
        choices = [text.removeprefix("docs/")]
    target = next((choice for choice in choices if (root / "docs" / choice).is_file()), None)
    if target is None:
        missing = f"docs/{choices[-1]}"
        raise Problem(f"{missing} is not there, and every snippet is on a page: name one with --page PAGE", name)
    shown = _template("shown.md", TITLE=_title(stem), SNIPPET=f"{folder}/{stem}")
    edits = [Edit(f"snippets/{folder}/{stem}.py", _template("snippet.txt")), _with(root, f"docs/{target}", shown)]
    return _vacant(session, edits)


def write(root: Path, edits: list[Edit]) -> None:
    """Write files; one that has appeared meanwhile is left alone, with FileExistsError."""
    for edit in edits:
        file = root / edit.path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x" if edit.new else "w", encoding="utf-8", newline="") as stream:
            stream.write(edit.text)


def _parts(name: str, last: re.Pattern[str], like: str) -> tuple[str, str]:
    """Return the folder and the name of what is asked for."""
    folder, _, own = name.rpartition("/")
    depth = 1 if last is _WORDS else 2
    folders = folder.split("/")
    if not last.fullmatch(own) or len(folders) > depth or not all(_WORDS.fullmatch(part) for part in folders):
        raise Problem(f"expected TOPIC/NAME, {like}", name)
    if folders[0] == "labs":
        raise Problem("a lab is begun with a copy of one that is there: see CONTRIBUTING.md", name)
    return folder, own


def _known(session: Session, topic: str, words: str) -> None:
    """Refuse a topic that is not there, in a project that has topics, unless it is begun by its index page."""
    topics = sorted({file.parent.name for file in (session.engine.root / "docs").glob("*/index.md")})
    if topics and topic not in topics and words != "index":
        known = ", ".join(topics)
        raise Problem(f"no such topic; there are: {known}. `dlref new page {topic}/index` begins it", topic)


def _vacant(session: Session, edits: list[Edit]) -> list[Edit]:
    there = [edit.path for edit in edits if edit.new and (session.engine.root / edit.path).exists()]
    if there:
        raise Problem("is there already, and nothing is overwritten: choose another name", there[0])
    return edits


def _title(words: str) -> str:
    return words.replace("-", " ").replace("_", " ").capitalize()


def _template(file: str, **words: str) -> str:
    text = (_TEMPLATES / file).read_text(encoding="utf-8")
    for word, meaning in words.items():
        text = text.replace(word, meaning)
    return text


def _source(session: Session, topic: str) -> str:
    """Return an item for the sources: a work that the topic cites, or any, or words if there is no bibliography."""
    near = [key for key, pages in session.cited.items() if any(page.startswith(f"{topic}/") for page in pages)]
    key = next((key for key in [*near, *session.works.works] if key in session.works.works), None)
    return f"[@{key}]: say what to read there." if key else "Author, *Title*, where and when: say what to read there."


def _with(root: Path, page: str, shown: str) -> Edit:
    """Return a page with something more before its exercises, or its sources, or at its end."""
    lines = (root / page).read_text(encoding="utf-8").rstrip("\n").split("\n")
    last = [lines.index(heading) for heading in ("## Exercises", "## Sources") if heading in lines]
    place = min(last, default=len(lines))
    before, after = "\n".join(lines[:place]).rstrip("\n"), "\n".join(lines[place:])
    text = f"{before}\n\n{shown}" + (f"\n{after}\n" if after else "")
    return Edit(page, text, before.count("\n") + 3, new=False)


# --- the navigation: edited as text, so that its comments stay ---------------------------------------


def _navigation(file: Path, path: str, title: str) -> Iterator[Edit]:
    """Yield mkdocs.yml with a line for a new page after the last one of its topic; nothing if it has no `nav`."""
    text = file.read_bytes().decode() if file.is_file() else ""
    lines = text.splitlines(keepends=True)
    begin = next((number for number, line in enumerate(lines, 1) if re.match(r"nav:\s*(#.*)?$", line)), None)
    if begin is None:
        return
    end = next((n for n in range(begin, len(lines)) if re.match(r"[^\s#-]", lines[n])), len(lines))
    entries = [(n, found) for n in range(begin, end) if (found := _ENTRY.match(lines[n]))]
    if not entries:
        raise Problem(f"cannot read the `nav`: add a line for {path} and the page by hand", f"{file.name}:{begin}")
    margin = min(len(found["indent"]) for _, found in entries)
    near = [entry for entry in entries if entry[1]["path"].startswith(f"{path.partition('/')[0]}/")]
    place, found = near[-1] if near else entries[-1]
    indent, break_ = found["indent"], "\r\n" if lines[place].endswith("\r\n") else "\n"
    lines[place] = lines[place].rstrip("\r\n") + break_
    if not near:
        indent = " " * margin
    elif len(indent) == margin and found["title"]:  # a topic of one page becomes a section
        head, _, rest = lines[place].partition(f"{found['title']}:")
        lines[place] = f"{head}{found['title']}:{break_}{indent}    - {rest.lstrip()}"
        indent += "    "
    new = "".join(lines[: place + 1]) + f"{indent}- {title}: {path}{break_}"
    yield Edit(file.name, new + "".join(lines[place + 1 :]), new.count("\n"), new=False)
