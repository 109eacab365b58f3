"""A whole site or nothing: check everything, build aside, put it into place in one step."""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dlref.site import ledger, render
from dlref.site.engine import Engine
from dlref.site.markdown import Session, cited, inside, references
from dlref.site.snippets import Problem, is_lab
from dlref.site.store import Store

GENERATORS = {"mkdocs": "dlref.site.plugin", "zensical": "dlref.site.zensical"}
_DEFAULTS = """\
site_name: {name}
docs_dir: {docs}
use_directory_urls: true
theme: {{name: material, font: false}}
plugins: [search, dlref{jupyter}]
markdown_extensions:
  [admonition, attr_list, md_in_html, tables, pymdownx.details, pymdownx.superfences, pymdownx.highlight,
   {{pymdownx.tabbed: {{alternate_style: true}}}}]
validation: {{links: {{not_found: warn, anchors: warn, unrecognized_links: warn, absolute_links: warn}}}}
"""


_JUPYTER = ', {mkdocs-jupyter: {include: ["*.ipynb"], execute: false, cache: false}}'  # lays out the labs


def check(session: Session) -> tuple[list[Problem], set[tuple[str, int]]]:
    """Look at everything that can be known without executing.

    Returns:
        The problems, and the (page, line) of every fence, all of which a build must render.
    """
    engine = session.engine
    problems, wanted, used = [*engine.problems.values(), *session.unfit.values()], set[tuple[str, int]](), set[str]()
    for source in session.sources.values():
        problems.extend(source.problems)
        for fence in source.fences:
            where = f"{source.name}:{fence.first + 1}"
            wanted.add((source.name, fence.first + 1))
            if fence.kind == "snippet":
                used.add(fence.path)
                problems.extend(_missing(engine, fence.path, fence.cell, where))
            for _, text in references([*fence.options.values()]):
                problems.extend(_unvalued(engine, text, where))
        for number, key in cited(source.prose):
            problems.extend(_uncited(session, key, f"{source.name}:{number + 1}"))
        for number, text in references(source.prose):
            problems.extend(_unvalued(engine, text, f"{source.name}:{number + 1}"))
    problems.extend(_unsupported(session))
    orphans = sorted(path for path in {*engine.snippets, *engine.problems} - used if not is_lab(path))
    problems.extend(Problem("is an orphan: no page shows it", f"{engine.folder.name}/{path}") for path in orphans)
    if not (engine.root / "docs").is_dir():
        problems.append(Problem("no such folder", str(engine.root / "docs")))
    return problems, wanted


def _uncited(session: Session, key: str, where: str) -> Iterator[Problem]:
    """Yield the problem of a citation that leads nowhere."""
    try:
        session.works.find(key)
    except Problem as problem:
        yield problem.seen_from(where)


def _unsupported(session: Session) -> Iterator[Problem]:
    """Yield what can be seen to be wrong with bibliography, ledger and glossary without executing."""
    works, book = session.works, session.ledger
    yield from [*works.problems, *book.problems, *session.glossary.problems]
    fences = [(source.name, fence) for source in session.sources.values() for fence in source.fences]
    if works.works and not any(
        (name, fence.kind) == ("docs/bibliography.md", "bibliography") for name, fence in fences
    ):
        yield Problem("expected docs/bibliography.md with a ```bibliography fence: citations lead there", works.name)
    yield from (
        Problem(f"{key} is cited on no page", w.where) for key, w in works.works.items() if key not in session.cited
    )
    listed = set[str]()
    for name, fence in fences:
        try:
            found = set(ledger.ids(fence.path)) if fence.kind == "ledger" and fence.path != "totals" else set[str]()
        except ValueError:
            continue  # the page says so
        listed |= found
        if not book.problems:
            for missing in sorted(found - book.rows.keys()):
                yield Problem(f"row {missing} is missing from {book.name}", f"{name}:{fence.first + 1}")
    for row in book.rows.values():
        try:
            if row.id not in listed:
                yield row.wrong("no ```ledger fence of a page lists it")
            list(ledger.asserting(row, session.sources, session.engine.snippets))
        except Problem as problem:
            yield problem


def _missing(engine: Engine, path: str, cell: str, where: str) -> Iterator[Problem]:
    """Yield the problem of a reference that leads nowhere."""
    try:
        inside(path)
        if path in engine.problems:
            return
        if path not in engine.snippets:
            raise ValueError(f"no such snippet: {engine.folder.name}/{path}")
        if cell:
            engine.snippets[path].cell(cell)
    except ValueError as error:
        yield Problem(str(error), where)


def _unvalued(engine: Engine, text: str, where: str) -> Iterator[Problem]:
    """Yield the problem of an inline value of a snippet that is not there."""
    path = text.partition(":")[0]
    if path.endswith(".py"):
        yield from _missing(engine, path, "", where)


def build(session: Session, target: Path | None = None, generator: str = "mkdocs") -> list[Problem]:
    """Execute what must be, build the site, and put it into place if nothing is wrong.

    Args:
        session: Of the project; its `gather` is on.
        target: The finished site; None: `site/` in the project.
        generator: What renders the pages, one of `GENERATORS`.

    Returns:
        All that is wrong, each once; the site is in place if and only if the list is empty.
    """
    engine = session.engine
    target = target or engine.root / "site"
    engine.begin(engine.snippets)
    problems, wanted = check(session)
    for path in sorted(engine.left_out):
        what = engine.environments[path].name if path in engine.environments else "it"
        problems.append(Problem(f"was not executed: {what} was left out", f"{engine.folder.name}/{path}"))
    adapter = importlib.import_module(GENERATORS[generator])  # while the snippets run, as all the rest
    work = Path(tempfile.mkdtemp(prefix="site-", dir=engine.store.workshop()))
    try:
        fresh = work / "site"
        if any(Path(folder, name).is_symlink() for folder, names, _ in os.walk(engine.root / "docs") for name in names):
            wanted = set()  # `check` has said so; generators follow such a link, though it lead in circles
        else:
            said = adapter.build(config_file(engine.root), fresh, session)
            problems += said
            wanted = wanted if session.shown or not said else set()  # it built nothing, and says why
        engine.finish()
        problems += [*session.problems, *engine.problems.values()]
        problems += [
            Problem("this fence is on no page of the built site", f"{page}:{line}")
            for page, line in wanted - session.shown
        ]
        problems = once([*problems, *engine.too_slow(engine.snippets)])
        if not problems:
            problems = list(_incomplete(engine, fresh))
        if not problems:
            exchange(fresh, target)
    except (OSError, Problem) as error:
        engine.finish()
        wrong = error if isinstance(error, Problem) else Problem(f"cannot be written: {error}", target.name)
        problems = once([*problems, *session.problems, *engine.problems.values(), wrong])
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return problems


def config_file(root: Path) -> Path:
    """Return the project's `mkdocs.yml`, or one with our defaults if it has none."""
    own = root / "mkdocs.yml"
    if not os.path.lexists(own):
        own = root / ".dlref" / "mkdocs.yml"
        jupyter = _JUPYTER if any((root / "snippets" / "labs").glob("*.py")) else ""
        name, docs = (json.dumps(str(text), ensure_ascii=False) for text in (root.name, root / "docs"))
        Store(own.parent).write(own, _DEFAULTS.format(name=name, docs=docs, jupyter=jupyter).encode())
    elif not own.is_file():
        raise Problem("is no file", own.name)
    return own


def once(problems: list[Problem]) -> list[Problem]:
    """Return the problems in the order of their places; a snippet's only where the first page shows it."""
    first = dict[tuple[str, ...], Problem]()
    for problem in sorted(problems, key=lambda problem: (-len(problem.where), _places(problem))):
        first.setdefault((*problem.where[-1:], problem.message), problem)
    return sorted(first.values(), key=_places)


def _places(problem: Problem) -> list[tuple[str, int]]:
    return [(file, int(line) if line.isdigit() else 0) for file, _, line in (p.rpartition(":") for p in problem.where)]


def _incomplete(engine: Engine, site: Path) -> Iterator[Problem]:
    """Yield what a finished site lacks, whatever the generator said."""
    if not (site / "index.html").is_file():
        yield Problem("the site has no index.html: docs/index.md is missing", "docs/")
    for path in engine.snippets:
        suffixes = [".py", ".ipynb", *[render.STANDALONE] * render.bundled(engine.notebook(path))]
        for file in ((site / "snippets" / path).with_suffix(suffix) for suffix in suffixes):
            if not file.is_file():
                yield Problem(f"the site lacks the download {file.relative_to(site)}", f"{engine.folder.name}/{path}")


def exchange(fresh: Path, target: Path) -> None:
    """Put a folder into the place of another in one step where Linux offers it, else in two."""
    try:
        os.rename(fresh, target)  # the first; or that of another build at the same time, which is exchanged then
    except OSError:
        if not target.exists():
            raise
        libc = ctypes.CDLL(None, use_errno=True)
        if not hasattr(libc, "renameat2") or libc.renameat2(-100, bytes(fresh), -100, bytes(target), 2) != 0:
            os.rename(target, fresh.with_name("old"))
            os.rename(fresh, target)
