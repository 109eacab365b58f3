"""What a site holds beside its pages, whichever generator makes those: styles, scripts, fonts, downloads."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from dlref.site import bundle, drift, portable, render
from dlref.site.markdown import Session
from dlref.site.snippets import Problem, Snippet

_ASSETS = Path(__file__).parent / "assets"
STYLES = "assets/katex/katex.min.css", "assets/dlref.css"  # formulas', where there is KaTeX; ours
SCRIPT = "assets/dlref.js"  # a module
_APART = {  # styles that not every page needs, and a sign of those that do
    re.compile(r'\s*<link rel="stylesheet" href="[^"]*katex\.min\.css">'): 'class="katex',
    re.compile(r'\s*<link rel="stylesheet" href="[^"]*_mkdocstrings\.css">'): 'class="doc ',
}


def styles(session: Session) -> list[str]:
    """Return the styles that every page needs, before the project's own."""
    return list(STYLES if session.maths.katex else STYLES[1:])


def slim(html: str) -> str:
    """Leave out of a page the styles of formulas and of API entries, if it has none: they weigh more than ours."""
    for link, sign in _APART.items():
        html = html if sign in html else link.sub("", html)
    return html


def locate(session: Session, address: str) -> None:
    """Note where the repository is, and that this build is of the commit that is checked out."""
    address = address.rstrip("/")
    commit = _commit(session.engine.root) if address else ""
    session.package = f"{address}@{commit}" if commit else address
    session.repository = f"{address}/blob/{commit or 'HEAD'}" if address else ""


def _commit(root: Path) -> str:
    """Return the commit that is checked out; empty: there is no git, or no commit yet."""
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(root), "rev-parse", "--verify", "HEAD"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def assets(session: Session, extra: Mapping[str, str]) -> dict[str, Path | str]:
    """Return the file that each file of the site outside `docs/` is a copy of, or its text.

    Args:
        session: Of the project.
        extra: The project's own: paths in the site, and in `node_modules`.

    Raises:
        ValueError: One is not there.
    """
    modules = session.engine.root / "node_modules"
    found = dict[str, Path]()
    if katex := session.maths.katex:
        found["assets/katex/katex.min.css"] = katex / "dist" / "katex.min.css"
        found |= {f"assets/katex/fonts/{f.name}": f for f in sorted((katex / "dist" / "fonts").glob("*.woff2"))}
    found |= {target: modules / source for target, source in extra.items()}
    if missing := [str(file) for file in found.values() if not file.is_file()]:
        raise ValueError(f"no such file; if it is in node_modules, `npm ci` brings it: {', '.join(missing)}")
    return found | {f"assets/{name}": _light(_ASSETS / name) for name in ("dlref.css", "dlref.js")}


def _light(file: Path) -> str:
    """Return our style sheet or script without its comments and indentation, which no reader's browser needs."""
    return re.sub(r"(?m)^ *//.*\n|^ +|/\*(?s:.*?)\*/\n?", "", file.read_text(encoding="utf-8"))


def downloads(session: Session, site: Path, site_url: str) -> None:
    """Write what readers download into a site: each snippet and lab as scripts and as a notebook, and its data.

    Where only some pages are wanted, only their snippets.
    """
    engine, library = session.engine, bundle.Library(session.engine.root)
    wanted = [path for path in engine.results if engine.only is None or path in engine.only]
    for path in wanted:  # one that vanishes meanwhile is made again
        notebook, snippet = engine.notebook(path), engine.snippets[path]
        if snippet.lab:
            if session.problems:  # a value in its text, say, cannot be written out
                continue
            snippet = replace(snippet, source=portable.script(session, path, site_url))
            notebook = portable.notebook(session, path, site_url)
        target = site / "snippets" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(render.script(snippet, notebook, session.package), encoding="utf-8")
        if render.bundled(notebook):
            target.with_suffix(render.STANDALONE).write_text(_standalone(session, library, snippet, notebook), "utf-8")
        notebook = render.installing(notebook, render.packages(notebook, session.package))
        target.with_suffix(".ipynb").write_text(render.notebook_file(notebook), encoding="utf-8")
        for name in engine.results[path]["inputs"]["files"]:
            if name.startswith("snippets/") and not name.endswith((".py", drift.SUFFIX)):  # data beside it
                shutil.copyfile(engine.root / name, site / name)


def _standalone(session: Session, library: bundle.Library, snippet: Snippet, notebook: dict[str, Any]) -> str:
    """Return a snippet as one script; if that cannot be, note why."""
    try:
        text = library.bundle(snippet.source)
    except (ValueError, RecursionError) as error:
        session.fail(Problem(f"cannot be made one script: {error}", f"{session.engine.folder.name}/{snippet.path}"))
        return ""
    return render.standalone(snippet, notebook, text, session.engine.requires(replace(snippet, source=text)))
