"""The MkDocs adapter: results made in parallel, files that no page holds, watching while serving.

The only file that imports mkdocs. Nothing is wrong without it, only slower: what makes a page correct
is in `markdown`.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import signal
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemBytecodeCache, TemplateError
from mkdocs.commands.build import build as mkdocs_build
from mkdocs.config import config_options as options
from mkdocs.config import load_config
from mkdocs.config.base import Config
from mkdocs.config.config_options import ExtraScriptValue
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, ConfigurationError, MkDocsException, PluginError
from mkdocs.plugins import BasePlugin, get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page as MkDocsPage

from dlref.site import files as beside
from dlref.site import labs, render
from dlref.site.build import once
from dlref.site.engine import Engine, unexecuted
from dlref.site.markdown import Page, Session
from dlref.site.maths import Maths
from dlref.site.snippets import Problem, is_lab

if TYPE_CHECKING:
    from mkdocs.livereload import LiveReloadServer

EXTENSION = "dlref.site.markdown"
_PAGE = re.compile(r"Error (?:reading|building) page '(?P<page>[^']+)':? *(?P<message>.*)", re.DOTALL)
_CONFIG = re.compile(  # what MkDocs says of its configuration, with the line, the key or the entry that it is about
    r"Config value '(?P<key>[^']+)'|'(?P<entry>[^']+)' is included in the 'nav'"
    r"|(?i:configuration|config file)(?:[^\n]*\n(?:.*\n)*?.* line (?P<line>\d+), column)?"
)
_LINK = re.compile(r"Doc file '(?P<file>[^']+)' contains .*?link '(?P<link>[^']*)'")
_ANCHOR = re.compile(r'<div class="dl-snippet(?: dl-cell)?" id="([^"]+)"')
_NOT_EXECUTED = (
    '<div class="admonition warning dl-unexecuted"><p class="admonition-title">Not executed</p>'
    "<p>Snippets were left out: some outputs and numbers are missing here. A page like this is never published.</p>"
    "</div>"
)
PAGE_SECONDS = 60.0  # of computing that a page may take to convert
_log = get_plugin_logger("dlref")


class _Options(Config):
    assets = options.Type(dict, default={})  # site path: path in node_modules


class DlrefPlugin(BasePlugin[_Options]):
    """Share one `Session` between the pages of a build."""

    sessions: dict[Path, Session] = {}  # noqa: RUF012  (by root: `dlref build` puts its own here; serving keeps the warm one)
    command = "build"
    server: LiveReloadServer | None = None

    def on_startup(self, *, command: str, dirty: bool) -> None:
        """Remember whether pages are built or served."""
        self.command, self.watched = command, set[str]()

    def on_config(self, config: MkDocsConfig) -> MkDocsConfig:
        """Register the Markdown extension with the session of this build, styles and scripts."""
        root = Path(config.docs_dir).parent
        if root not in self.sessions:
            self.sessions[root] = Session(Engine(root), Maths(root), gather=True)
        self.session = self.sessions[root]
        beside.locate(self.session, config.repo_url or "")
        if EXTENSION not in config.markdown_extensions:
            config.markdown_extensions.append(EXTENSION)
        config.mdx_configs.setdefault(EXTENSION, {})["session"] = self.session
        script = ExtraScriptValue(beside.SCRIPT)
        script.type = "module"
        config.extra_javascript.insert(0, script)
        config.extra_css[:0] = beside.styles(self.session)
        return config

    def on_files(self, files: Files, *, config: MkDocsConfig) -> Files:
        """Start every snippet that must run, in parallel; add styles, scripts and fonts."""
        if self.command == "serve":
            self.session.renew()
        self.session.engine.begin(self.session.engine.snippets)
        if any(map(is_lab, self.session.engine.snippets)) and "mkdocs-jupyter" not in _after(config, "dlref"):
            raise PluginError("snippets/labs needs mkdocs-jupyter below dlref in the plugins, with `execute: false`")
        self.labs = {labs.page(path): path for path in self.session.engine.snippets if is_lab(path)}
        for page, path in self.labs.items():
            folder = str(self._shell(path).parents[1])  # not "generated": mkdocs-jupyter loses what such a file holds
            files.append(File(page, folder, config.site_dir, config.use_directory_urls))
        try:
            assets = beside.assets(self.session, self.config.assets)
        except ValueError as error:
            raise PluginError(str(error)) from None
        for target, source in assets.items():
            if isinstance(source, str):
                files.append(File.generated(config, target, content=source))
            else:
                files.append(File.generated(config, target, abs_src_path=str(source)))
        only = self.session.engine.only or set()
        for page in self.session.sources if only else ():
            file = files.get_file_from_path(page)
            if file and not only.isdisjoint(self.session.uses(page)):  # a change of snippets, unseen by MkDocs
                file.is_modified = lambda: True  # type: ignore[method-assign]
        self._order(files)
        return files

    def _order(self, files: Files) -> None:
        """Put what waits for every result last, and leave out what cannot be copied: a pipe would wait for ever."""
        for path in self.session.unfit:
            if not path.endswith(".md") and (file := files.get_file_from_path(path)):
                files.remove(file)
        for page, written in self.session.sources.items():
            if any(fence.kind == "report" for fence in written.fences) and (file := files.get_file_from_path(page)):
                files.remove(file)
                files.append(file)

    def _shell(self, path: str) -> Path:
        """Return the file of the notebook for mkdocs-jupyter; until the lab has run, it holds its code alone."""
        file = self.session.engine.store.folder / "pages" / labs.page(path)
        if not file.is_file():
            blank = unexecuted(self.session.engine.snippets[path])
            self.session.engine.store.write(file, json.dumps(blank).encode())
        return file

    def _lab(self, path: str, page: MkDocsPage) -> str:
        """Have a lab's code laid out by mkdocs-jupyter and its text by Markdown; return that text."""
        engine, snippet, theirs = self.session.engine, self.session.engine.snippets[path], page.render
        where = f"{engine.folder.name}/{path}"
        self.session.page = Page(where, 0, "../" * page.url.count("/"))
        page.meta["description"] = snippet.claim.replace("\n", " ")
        notebook, figures, failed = self.session.lab(path)
        engine.store.write(self._shell(path), json.dumps(labs.skeleton(snippet, notebook)).encode())

        def both(config: MkDocsConfig, files: Files) -> None:
            theirs(config, files)
            shell = page.content or ""
            MkDocsPage.render(page, config, files)
            source = self.session.source(path)
            head = labs.head(snippet, notebook, self.session.page.base, engine.results.get(path), source)
            try:
                cells = labs.laid(snippet, shell, figures)
                page.content = failed + labs.assemble(cells, page.content or "", head)
            except ValueError as error:
                page.content = self.session.fail(Problem(str(error), where))

        page.render = both  # type: ignore[method-assign]
        return labs.text(snippet)

    def on_nav(self, nav: Navigation, *, config: MkDocsConfig, files: Files) -> Navigation:
        """Compile the theme's templates, while snippets run; later builds find them compiled."""
        folder = self.session.engine.store.folder / "templates"
        self.compiled = FileSystemBytecodeCache(str(folder))
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            environment = config.theme.get_env()
            environment.bytecode_cache = self.compiled
            for name in environment.list_templates(extensions=["html"]):
                if not name.startswith("partials/languages/"):
                    with contextlib.suppress(TemplateError):  # one that needs a plugin which is not in use
                        environment.get_template(name)
        return nav

    def on_env(self, env: Environment, *, config: MkDocsConfig, files: Files) -> Environment:
        """Have MkDocs use the compiled templates."""
        env.bytecode_cache = self.compiled
        return env

    def on_page_read_source(self, *, page: MkDocsPage, config: MkDocsConfig) -> str | None:
        """Have MkDocs leave a page alone that cannot be read, so that it gets to the others."""
        source = self.session.sources.get(page.file.src_uri)
        return "" if source and not source.lines else None

    def on_page_markdown(self, markdown: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """Tell the extension which page comes, and how many lines its front matter takes."""
        if path := self.labs.get(page.file.src_uri):
            return self._lab(path, page)
        base = "../" * page.url.removeprefix("./").count("/")
        source = self.session.sources.get(page.file.src_uri)
        whole = len(source.lines) - 1 if source and source.lines else markdown.count("\n")
        name = f"{Path(config.docs_dir).name}/{page.file.src_uri}"
        self.session.page = Page(name, whole - markdown.count("\n"), base)
        page.render = partial(self._render, page, page.render)  # type: ignore[method-assign]
        return markdown

    def _render(self, page: MkDocsPage, theirs: Callable[..., None], config: MkDocsConfig, files: Files) -> None:
        """Have a page rendered; one that is too much for the parser is a problem of its own."""
        try:
            with limited(PAGE_SECONDS):
                theirs(config, files)
        except RecursionError:
            page.content = self.session.fail(Problem("is nested too deeply", self.session.page.file))
        except TimeoutError as error:
            page.content = self.session.fail(Problem(str(error), self.session.page.file))

    def on_page_content(self, html: str, *, page: MkDocsPage, config: MkDocsConfig, files: Files) -> str:
        """Tell MkDocs which places our HTML has, so that links to them count as right."""
        page.present_anchor_ids = (page.present_anchor_ids or set()) | set(_ANCHOR.findall(html))
        return _NOT_EXECUTED + html if render.UNEXECUTED in html or render.MISSING in html else html

    def on_post_page(self, output: str, *, page: MkDocsPage, config: MkDocsConfig) -> str:
        """Leave out the styles that this page does not need."""
        return beside.slim(output)

    def on_post_build(self, *, config: MkDocsConfig) -> None:
        """Write the downloads; end the build if anything failed, unless pages are being served."""
        self.session.engine.finish()
        beside.downloads(self.session, Path(config.site_dir), config.site_url or "")
        self.session.maths.save()
        if self.command == "serve":
            for problem in once(self.session.problems):
                _log.error("%s", problem)
            self._watch()
        elif self.session.problems and self.command != "dlref":
            raise PluginError("\n".join(map(str, self.session.problems)))

    def on_serve(self, server: LiveReloadServer, *, config: MkDocsConfig, builder: Any) -> LiveReloadServer:
        """Rebuild when a snippet or a local file that one used changes."""
        self.server = server
        self.session.engine.executor()  # so that the first edit need not wait for it
        server.watch(str(self.session.engine.folder))
        self._watch()
        return server

    def _watch(self) -> None:
        """Watch the folders of the files that were used, and not what is below them: that may be what we write."""
        engine = self.session.engine
        used = {engine.root / name for found in engine.results.values() for name in found["inputs"]["files"]}
        for folder in {str(file.parent) for file in used if file.parent.is_dir()} - self.watched:
            if self.server:
                self.server.watch(folder, recursive=False)
                self.watched.add(folder)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise TimeoutError once this process has computed for so long; only where there are signals for that."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"takes more than {seconds:g} s to convert: something in it makes the parser try too much")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _after(config: MkDocsConfig, plugin: str) -> list[str]:
    """Return the plugins that come after one."""
    names = list(config.plugins)
    return names[names.index(plugin) :] if plugin in names else []


class _Warnings(logging.Handler):
    """MkDocs' warnings as Problems, with the line of the link that they are about, or the ledger's row."""

    def __init__(self, session: Session, config_file: Path) -> None:
        super().__init__(logging.WARNING)
        self.session, self.config_file = session, config_file
        self.problems, self.failed = list[Problem](), False

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        self.failed |= record.levelno >= logging.ERROR
        if wrong := _PAGE.match(message):
            self.problems.append(Problem(wrong["message"] or message, f"docs/{wrong['page']}"))
            return
        if not (match := _LINK.search(message)):
            self.problems.append(Problem(message, self.place(message)))
            return
        if row := self.session.linked.get((match["file"], match["link"])):
            self.problems.append(row.wrong(message.partition("', but ")[2] or message))
            return
        source = self.session.sources[match["file"]]
        number = next((n for n, line in enumerate(source.lines, 1) if match["link"] in line), 1)
        self.problems.append(Problem(message.partition(": ")[2] or message, f"{source.name}:{number}"))

    def place(self, message: str) -> str:
        """Return the place of what MkDocs says of the project: the line of mkdocs.yml that it is about, if it is."""
        about = _CONFIG.search(message)
        if about is None:
            return "mkdocs"
        lines = self.config_file.read_text(encoding="utf-8", errors="replace").split("\n")
        key, entry = f"{about['key']}:", about["entry"] or "\n"
        said = (n for n, line in enumerate(lines, 1) if line.startswith(key) or entry in line)
        number = int(about["line"] or next(said, 0))
        return f"{self.config_file.name}:{number}" if number else self.config_file.name


def build(config_file: Path, target: Path, session: Session) -> list[Problem]:
    """Build a site into a folder; return what MkDocs itself found wrong."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    DlrefPlugin.sessions[session.engine.root] = session
    warnings = _Warnings(session, config_file)
    logger = logging.getLogger("mkdocs")
    logger.addHandler(warnings)
    try:
        config = load_config(str(config_file), site_dir=str(target))
        if Path(config.docs_dir).resolve() != session.engine.root / "docs":
            raise ConfigurationError("Config value 'docs_dir': pages lie in docs/, beside snippets/")
        plugin = config.plugins.get("dlref")
        if plugin is None:
            plugin = config.plugins["dlref"] = DlrefPlugin()
            plugin.load_config({})
        plugin.command = "dlref"
        mkdocs_build(config)
    except (MkDocsException, Abort, RecursionError) as error:
        said = "is nested too deeply, or inherits itself" if isinstance(error, RecursionError) else str(error)
        if not (isinstance(error, Abort) and warnings.problems):  # which say why
            warnings.problems.append(Problem(said, warnings.place(f"{said}\nconfiguration")))
    except Exception:
        if not warnings.failed:  # MkDocs logs what becomes of a page or a template, and which
            raise
    finally:
        logger.removeHandler(warnings)
    return warnings.problems


def serve(config_file: Path, address: str | None = None, *, all_pages: bool = True) -> None:
    """Serve a site and rebuild it when something changes; or else the session's pages and what was edited of others."""
    from mkdocs.commands.serve import serve as mkdocs_serve

    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    terminal = logging.StreamHandler()
    terminal.setFormatter(logging.Formatter("%(message)s"))
    terminal.addFilter(lambda record: "A 'dirty' build" not in record.getMessage())
    logging.getLogger("mkdocs").addHandler(terminal)
    logging.getLogger("mkdocs").setLevel(logging.INFO)
    mkdocs_serve(str(config_file), build_type=None if all_pages else "dirty", dev_addr=address)
