"""The Zensical adapter: the pages of `mkdocs.yml` as the successor of Material for MkDocs renders them.

The only file that knows Zensical. It runs Python-Markdown's extensions, so that what a page says is the
same, and passes over MkDocs' plugins and hooks without a word. What our plugin does is done around it,
in a folder of the build's own: the sources are laid there with the labs as pages of Markdown, and a
configuration that names our styles, our scripts and the extension below. What it cannot do is announced.
"""

from __future__ import annotations

import atexit
import json
import posixpath
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from html import unescape
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element, SubElement

import yaml
from markdown import Markdown
from markdown.postprocessors import Postprocessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from yaml_env_tag import construct_env_tag

from dlref.site import files, labs
from dlref.site.engine import Engine
from dlref.site.markdown import DlrefExtension, Page, Session, Source
from dlref.site.maths import Maths
from dlref.site.snippets import Problem, is_lab

EXTENSION, OURS = "dlref.site.zensical", "dlref.site.markdown"
PLUGINS = set(  # those that Zensical has a counterpart for; it passes over all others
    "api-autonav autorefs awesome-nav blog callouts exclude gh-admonitions glightbox include-markdown literate-nav "
    "llmstxt macros mkdocs-nav-weight markdown-exec markdownextradata meta mike minify mkdocs-audio mkdocs-autoapi "
    "mkdocs-video mkdocstrings offline privacy redirects rss search social table-reader tags".split()
)
_REPLACED = {"dlref", "mkdocs-jupyter"}  # plugins whose part is played here
_END = "dlref-here-ends-the-page"
_MARK = "<!-- dlref: {} -->"
_MARKED = re.compile(r"<!-- dlref: (\{.*\}) -->$")
_ARTICLE = re.compile(r"<article\b.*</article>", re.DOTALL)
_ID = re.compile(r'<[^>]*?\s(?:id|name)="([^"]*)"')
_LINK = re.compile(r'<[^>]*?\s(?:href|src)="([^"]*)"')


# --- around Zensical ------------------------------------------------------------------------------


def build(config_file: Path, target: Path, session: Session) -> list[Problem]:
    """Build a site into a folder, in whose parent the work is done; return what was found wrong."""
    if not find_spec("zensical"):
        return [Problem("is not installed: pip install 'dlref[site,zensical]'", "zensical")]
    engine, stage = session.engine, target.parent
    engine.finish()
    try:
        settings = read(config_file)
        for text in unsupported(settings):
            engine.announce(f"Zensical: {text}")
        files.locate(session, str(settings.get("repo_url") or ""))
        lay(session, settings, config_file.parent, stage)
    except ValueError as error:
        return [Problem(str(error), config_file.name)]
    command = [sys.executable, "-m", "zensical", "build", "--clean", "--strict", "-f", str(stage / "mkdocs.yml")]
    done = subprocess.run(command, cwd=engine.root, capture_output=True, text=True, check=False)
    problems = list(_reported(session, stage))
    if done.returncode:
        said = (done.stderr.strip() or done.stdout.strip()).removeprefix("Error: ")
        return [*problems, Problem(said or f"gave up with status {done.returncode}", "zensical")]
    directories = _directories(settings)
    pages = {_built(path, directories): source for path, source in session.sources.items()}
    for page in pages:
        if (target / page).is_file():
            (target / page).write_text(files.slim((target / page).read_text(encoding="utf-8")), encoding="utf-8")
    session.problems += problems
    files.downloads(session, target, str(settings.get("site_url") or ""))
    if problems or session.engine.problems:  # what failed lacks what others link to
        return problems
    return list(_astray(target, pages))


def _reported(session: Session, stage: Path) -> Iterator[Problem]:
    """Yield what the extension found wrong, and each page that it did not see; note the fences that it did."""
    file, seen = stage / "report.jsonl", set[str]()
    for line in file.read_text(encoding="utf-8").splitlines() if file.is_file() else ():
        report = json.loads(line)
        seen.add(report["page"])
        session.shown |= {(page, number) for page, number in report["shown"]}
        yield from (Problem(message, *where) for message, *where in report["problems"])
    missing = [source.name for source in session.sources.values() if source.lines and source.name not in seen]
    yield from (Problem("Zensical did not render this page", name) for name in missing)


def _astray(site: Path, pages: dict[str, Source]) -> Iterator[Problem]:
    """Yield the links of built pages that lead nowhere in the site; of the navigation, as the home page has it."""
    texts = {page: (site / page).read_text(encoding="utf-8") for page in pages if (site / page).is_file()}
    places = {page: set(map(unescape, _ID.findall(text))) for page, text in texts.items()}
    for page, text in texts.items():
        article = _ARTICLE.search(text)
        part = article[0] if article and page != "index.html" else text
        for link in dict.fromkeys(map(unescape, _LINK.findall(part))):
            address = urlsplit(link)
            if address.scheme or address.netloc or address.path.startswith("/"):
                continue
            goal = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(address.path)))
            goal = page if not address.path else goal
            if (site / goal).is_dir():
                goal = posixpath.normpath(posixpath.join(goal, "index.html"))
            wrong = "" if (site / goal).is_file() else "no such file in the site"
            anchor = unquote(address.fragment)
            if not wrong and anchor and goal in places and anchor not in places[goal]:
                wrong = f"{goal} has no place of that name"
            if wrong:
                yield Problem(f"link {link!r} leads nowhere: {wrong}", _line(pages[page], link))


def _line(source: Source, link: str) -> str:
    """Return page:line of the first line that may hold a link, judged by its last part."""
    last = link.rpartition("#")[2].rstrip("/").rpartition("/")[2].removesuffix(".html")
    return f"{source.name}:{next((n for n, line in enumerate(source.lines, 1) if last in line), 1)}"


# --- its configuration ----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Tagged:
    """A value of the configuration that Python's YAML would make an object of: it passes through as it is."""

    node: yaml.Node


class _Loader(yaml.SafeLoader):
    pass


class _Dumper(yaml.SafeDumper):
    pass


_Loader.add_constructor("!ENV", construct_env_tag)
_Loader.add_multi_constructor("tag:yaml.org,2002:python/", lambda _, __, node: _Tagged(node))
_Dumper.add_representer(_Tagged, lambda _, tagged: tagged.node)


def read(config_file: Path) -> dict[str, Any]:
    """Return what `mkdocs.yml` says; ValueError if it cannot be read."""
    try:
        settings = yaml.load(config_file.read_text(encoding="utf-8"), _Loader)  # noqa: S506  (a SafeLoader)
    except yaml.YAMLError as error:
        raise ValueError(f"cannot be read: {error}") from None
    if not isinstance(settings, dict) or "INHERIT" in settings:
        raise ValueError("expected a mapping without INHERIT, which is not supported with Zensical")
    return settings


def unsupported(settings: dict[str, Any]) -> Iterator[str]:
    """Yield a sentence for each part of the configuration that Zensical would drop."""
    for name in _named(settings.get("plugins")):
        if name not in PLUGINS | _REPLACED:
            yield f"knows no plugin {name!r}; it is left out, with all that it adds to pages"
    for hook in settings.get("hooks") or ():
        yield f"runs no hooks; {hook} is left out"
    validation = settings.get("validation") or {}
    for name in validation.get("nav", {}) if isinstance(validation, dict) else ():
        yield f"does not check the navigation for {name}; `dlref build` with MkDocs does"
    if settings.get("repo_url") and not settings.get("edit_uri"):
        yield "shows no link to edit a page unless mkdocs.yml has an edit_uri"


def _named(items: Any) -> dict[str, Any]:
    """Return plugins or extensions, which YAML may list in three ways, with their options."""
    if isinstance(items, dict):
        return {name: options or {} for name, options in items.items()}
    found: dict[str, Any] = {}
    for item in items or ():
        found |= {name: options or {} for name, options in item.items()} if isinstance(item, dict) else {item: {}}
    return found


def _staged(session: Session, settings: dict[str, Any], root: Path, stage: Path) -> dict[str, Any]:
    """Return the configuration as Zensical gets it."""
    theme = settings.get("theme") or {}
    theme = {"variant": "classic"} | (theme if isinstance(theme, dict) else {"name": theme})  # as Material looks
    if theme.get("custom_dir"):
        theme["custom_dir"] = str(root / theme["custom_dir"])
    plugins = {n: options for n, options in _named(settings.get("plugins", ["search"])).items() if n in PLUGINS}
    for options in plugins.get("mkdocstrings", {}).get("handlers", {}).values():
        options["paths"] = [str(root / path) for path in options.get("paths", ["."])]
    extensions = {n: o for n, o in _named(settings.get("markdown_extensions")).items() if n != OURS}
    handed = {"root": str(session.engine.root), "stage": str(stage), "repository": session.repository}
    return {name: value for name, value in settings.items() if name != "hooks"} | {
        "docs_dir": "docs",
        "site_dir": "site",
        "theme": theme,
        "plugins": [{name: options} for name, options in plugins.items()],
        "markdown_extensions": [{n: o} for n, o in (extensions | {EXTENSION: handed}).items()],
        "extra_css": [*files.styles(session), *(settings.get("extra_css") or ())],
        "extra_javascript": [{"path": files.SCRIPT, "type": "module"}, *(settings.get("extra_javascript") or ())],
        "validation": {"links": {"not_found": "ignore", "anchors": "ignore"}},  # `_astray` looks at all of the page
        **({"nav": _nav(session, settings["nav"])} if "nav" in settings else {}),
    }


def _nav(session: Session, item: Any) -> Any:
    """Return the navigation with the labs as the pages that they are here."""
    if isinstance(item, list):
        return [_nav(session, each) for each in item]
    if isinstance(item, dict):
        return {title: _nav(session, each) for title, each in item.items()}
    return _page(item) if item in session.sources else item


def _page(path: str) -> str:
    """Return the Markdown file of a page; that of a lab is a notebook elsewhere."""
    return f"{path.removesuffix('.ipynb')}.md" if path.endswith(".ipynb") else path


def _directories(settings: dict[str, Any]) -> bool:
    return bool(settings.get("use_directory_urls", True))


def _built(path: str, directories: bool) -> str:
    """Return the file of the site that a page becomes."""
    stem = _page(path).removesuffix(".md")
    folder, _, name = stem.rpartition("/")
    if name in ("index", "README"):
        return posixpath.join(folder, "index.html")
    return f"{stem}/index.html" if directories else f"{stem}.html"


# --- its sources ----------------------------------------------------------------------------------


def lay(session: Session, settings: dict[str, Any], root: Path, stage: Path) -> None:
    """Lay out everything that Zensical is to read."""
    docs = stage / "docs"
    source = root / (settings.get("docs_dir") or "docs")
    shutil.copytree(source, docs, ignore=shutil.ignore_patterns("*.md"))
    for path, page in session.sources.items():
        if page.lines:
            file = docs / _page(path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(_marked(session, path, page), encoding="utf-8")
    extra = _named(settings.get("plugins")).get("dlref", {}).get("assets", {})
    for name, original in files.assets(session, extra).items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        if isinstance(original, str):
            (docs / name).write_text(original, encoding="utf-8")
        else:
            shutil.copyfile(original, docs / name)
    text = yaml.dump(_staged(session, settings, root, stage), Dumper=_Dumper, allow_unicode=True, sort_keys=False)
    (stage / "mkdocs.yml").write_text(text, encoding="utf-8")
    failed = {path: [problem.message, *problem.where] for path, problem in session.engine.problems.items()}
    happened = {"failed": failed, "ran": sorted(session.engine.ran)}
    (stage / "engine.json").write_text(json.dumps(happened), encoding="utf-8")


def _marked(session: Session, path: str, page: Source) -> str:
    """Return a page with a last line that tells the extension which one it is; Zensical does not.

    Zensical moves relative links of the whole page, ours as well, from where the source is to where the page is.
    """
    head = ""
    if path.endswith(".ipynb"):
        lab = next(lab for lab in session.engine.snippets if is_lab(lab) and labs.page(lab) == path)
        head = f"---\ndescription: {json.dumps(session.engine.snippets[lab].claim.replace(chr(10), ' '))}\n---\n"
    mark = {"path": path, "lines": len(page.lines), "base": "../" * path.count("/")}
    return "\n".join([head + page.lines[0], *page.lines[1:], _MARK.format(json.dumps(mark))]) + "\n"


# --- inside Zensical ------------------------------------------------------------------------------


@cache
def _session(root: str, stage: str, repository: str) -> Session:
    """Return the session that all pages share; nothing runs in it: what failed before has failed here."""
    session = Session(Engine(Path(root)), Maths(Path(root)), gather=True, repository=repository)
    happened = json.loads(Path(stage, "engine.json").read_bytes())
    failed = {path: Problem(message, *where) for path, (message, *where) in happened["failed"].items()}
    session.engine.problems |= failed
    session.engine.ran |= set(happened["ran"])
    session.engine.only = set()
    atexit.register(session.maths.save)
    return session


class _Begin(Preprocessor):
    """Read which page this is; what has no mark is no page, a docstring for instance."""

    def __init__(self, md: Markdown, extension: ZensicalExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, lines: list[str]) -> list[str]:
        """Take the mark off, and set the page in work."""
        count = next((n for n, line in reversed(list(enumerate(lines))) if line.strip()), 0)
        match = _MARKED.match(lines[count])
        if match:
            mark, session = json.loads(match[1]), self.extension.session
            if self.extension.busy:
                raise RuntimeError(f"{mark['path']} is rendered while another page is, which dlref cannot follow")
            self.extension.path = mark["path"]
            self.extension.busy.append(mark["path"])
            session.page = Page(session.sources[mark["path"]].name, mark["lines"] - count, mark["base"])
            return lines[:count]
        return lines


class _Links(Treeprocessor):
    """Links to labs, which are pages of Markdown here; the end of the page."""

    def __init__(self, md: Markdown, extension: ZensicalExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, root: Element) -> None:
        """Name the labs' pages as Zensical knows them."""
        if not self.extension.path:
            return
        folder = posixpath.dirname(self.extension.path)
        for link in root.iter("a"):
            file, sharp, anchor = link.get("href", "").partition("#")
            if (
                file.endswith(".ipynb")
                and posixpath.normpath(posixpath.join(folder, file)) in self.extension.session.sources
            ):
                link.set("href", f"{_page(file)}{sharp}{anchor}")
        SubElement(root, "p").text = _END  # others have stretches of a page go through the postprocessors


class _End(Postprocessor):
    """A lab's cells of code, put between its texts; the report of the page."""

    def __init__(self, md: Markdown, extension: ZensicalExtension) -> None:
        super().__init__(md)
        self.extension = extension

    def run(self, text: str) -> str:
        """Return the page's HTML, and report what was found."""
        session, path = self.extension.session, self.extension.path
        whole, end, _ = text.rpartition(f"<p>{_END}</p>")
        if not end:
            return text
        if path.endswith(".ipynb"):
            whole = self._lab(whole)
        report = {
            "page": session.page.file,
            "problems": [[problem.message, *problem.where] for problem in session.problems],
            "shown": sorted(session.shown),
        }
        with self.extension.report.open("a", encoding="utf-8") as file:
            file.write(json.dumps(report) + "\n")
        session.problems.clear()
        session.shown.clear()
        self.extension.busy.clear()
        return whole

    def _lab(self, text: str) -> str:
        session = self.extension.session
        name = session.page.file.partition("/")[2]
        snippet = session.engine.snippets[name]
        notebook, figures, failed = session.lab(name)
        cells = [] if failed else list(labs.plain(snippet, notebook, figures))
        result, source = session.engine.results.get(name), session.source(name)
        head = labs.head(snippet, notebook, session.page.base, result, source)
        try:
            return failed or labs.assemble(cells, text, head)
        except ValueError as error:
            return session.fail(Problem(str(error), session.page.file))


class ZensicalExtension(DlrefExtension):
    """Our extension, with a session for all pages and a report of each."""

    busy: list[str] = []  # noqa: RUF012  (of all instances: the page in work)

    def __init__(self, root: str, stage: str, repository: str) -> None:
        super().__init__(_session(root, stage, repository))
        self.path, self.report = "", Path(stage, "report.jsonl")

    def extendMarkdown(self, md: Markdown) -> None:  # noqa: N802
        """Register our extension's processors, and what stands before and after them."""
        super().extendMarkdown(md)
        md.preprocessors.register(_Begin(md, self), "dlref-begin", 40)  # before anything else looks at the lines
        md.treeprocessors.register(_Links(md, self), "dlref-links", -10)  # after all that adds links
        md.postprocessors.register(_End(md, self), "dlref-end", -10)


def makeExtension(root: str, stage: str, repository: str) -> ZensicalExtension:  # noqa: N802
    """Return the extension (Python-Markdown looks for this name)."""
    return ZensicalExtension(root, stage, repository)
