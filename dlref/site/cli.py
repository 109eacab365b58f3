"""The `dlref` command."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from dlref import __version__
from dlref.site.engine import Engine
from dlref.site.pages import shown
from dlref.site.snippets import Problem, is_lab

if TYPE_CHECKING:
    from dlref.site.markdown import Session


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0, 1 for problems, 2 for a wrong call, 130 if interrupted."""
    _open_closed()
    options = _parser().parse_args(arguments)
    root = Path(options.root)
    signal.signal(signal.SIGTERM, _interrupt)
    engine: Engine | None = None
    try:
        if not (root / "snippets").is_dir():
            raise Problem(f"expected a project, a folder with snippets/ and docs/; {root.resolve()} has no snippets/")
        progress = Progress()
        engine = Engine(
            root, getattr(options, "workers", None), progress=progress, announce=progress.say,
            make_environments=getattr(options, "environments", True),
        )  # fmt: skip
        if address := getattr(options, "executor", ""):
            from dlref.site.cluster import Cluster

            engine.use(Cluster(address, engine.preload))
        status: int = options.command(engine, options)
    except Problem as problem:
        status = _report([problem])
    except BrokenPipeError:  # who read what we print has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # what is left to print would fail once more at the end
        status = 1
    except OSError as error:
        status = _report([Problem(error.strerror or str(error), str(error.filename or root.resolve()))])
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        status = 130
    finally:
        for number in signal.SIGINT, signal.SIGTERM:  # who is impatient would leave processes and files behind
            signal.signal(number, signal.SIG_IGN)
        if engine:
            engine.close(wait=False)
    return status


def _open_closed() -> None:
    """Have nothing else take the place of a standard stream that is closed: a socket, say, that others write to."""
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # which takes the lowest number that is free
            stream = open(descriptor, "r" if descriptor == 0 else "w", encoding="utf-8", closefd=False)  # noqa: SIM115 (as long as we run)
            setattr(sys, name, stream)


def _run(engine: Engine, options: argparse.Namespace) -> int:
    paths = list(_chosen(engine, options.paths))
    if options.shard:
        from dlref.site.shards import part

        paths = part(engine, paths, *options.shard)
    ran = engine.run(paths)
    problems = [engine.problems[path] for path in paths if path in engine.problems]
    current = len(set(paths) - set(ran) - set(engine.problems) - engine.left_out)
    left_out = f", {len(engine.left_out)} left out with their environments" if engine.left_out else ""
    print(f"{len(paths)} snippets: {len(ran)} ran, {current} current, {len(problems)} failed{left_out}")
    _slowest(engine, paths, options.slowest)
    problems += engine.too_slow(paths)
    if options.record_durations:
        from dlref.site.shards import record

        print(f"{record(engine)}: what --shard goes by")
    if options.check or options.twice:
        problems += _drift(engine, paths, options)
    return _report(problems)


def _drift(engine: Engine, paths: list[str], options: argparse.Namespace) -> Iterator[Problem]:
    """Yield what differs from what was accepted, and from one run to the next, as far as either is asked for."""
    from dlref.site import drift

    compared = [path for path in paths if path in engine.results]
    if options.check:
        elsewhere = {path for path in compared if drift.elsewhere(engine, path)}
        found = [*drift.check(engine, (path for path in compared if path not in elsewhere))]
        strays = drift.strays(engine) if not options.paths else ()
        found += [Problem("is the record of no snippet: remove it", engine.named(place)) for place in strays]
        print(f"{len(compared) - len(elsewhere)} compared with what was accepted: {len(found)} differences")
        _not_here(elsewhere, "compared")
        yield from found
    if options.twice:
        found = [*drift.again(engine, compared)]
        print(f"{len(compared)} run twice: {len(found)} differences")
        yield from found


def _accept(engine: Engine, options: argparse.Namespace) -> int:
    from dlref.site import drift

    paths = list(_chosen(engine, options.paths))
    engine.run(paths)
    done = [path for path in paths if path in engine.results]
    elsewhere = set() if options.paths else {path for path in done if drift.elsewhere(engine, path)}
    said = {path: drift.accept(engine, path) for path in done if path not in elsewhere}
    for path, state in said.items():
        if state != "the same":
            print(f"{state}: {engine.named(drift.file(engine, path))}")
    for stray in drift.strays(engine) if not options.paths else ():
        stray.unlink()
        print(f"removed: {engine.named(stray)}")
    print(f"{len(said)} snippets accepted, {list(said.values()).count('the same')} of them as they were")
    _not_here(elsewhere, "accepted")
    return _report([engine.problems[path] for path in paths if path in engine.problems])


def _not_here(paths: Collection[str], what: str) -> None:
    """Say which snippets were passed over, if any."""
    if paths:
        why = "they amplify rounding, and their records are from another kind of processor"
        print(f"{len(paths)} not {what}: {why} ({', '.join(sorted(paths))})")


def _merge(engine: Engine, options: argparse.Namespace) -> int:
    from dlref.site.shards import merge

    merged = merge(engine, [Path(folder) for folder in options.folders])
    total = len({*engine.snippets, *engine.problems})
    print(f"{total} snippets: {len(merged.taken)} taken, {len(merged.had)} here before, {len(merged.missing)} missing")
    return _report(merged.missing)


def _build(engine: Engine, options: argparse.Namespace) -> int:
    from dlref.site.build import build

    session = _session(engine)
    problems = build(session, generator=options.generator)
    if not problems:
        print(f"{engine.root / 'site'}: {len(engine.snippets)} snippets, {len(engine.ran)} of them ran now")
    _slowest(engine, engine.snippets)
    return _report(problems)


def _slowest(engine: Engine, paths: Iterable[str], number: int = 0) -> None:
    """List the slowest of some snippets; without a number, of those that ran now and took a second or more."""
    found = engine.computed(paths)
    if not number:
        found = [(seconds, path) for seconds, path in found if path in engine.ran and seconds >= 1]
    for index, (seconds, path) in enumerate(found[: number or 5]):
        print(f"{'slowest:' if index == 0 else '':8} {seconds:5.1f} s of computing, {path}")


def _serve(engine: Engine, options: argparse.Namespace) -> int:
    from dlref.site import labs, plugin
    from dlref.site.build import config_file

    session = _session(engine)
    docs = engine.root / "docs"
    for text in options.pages:
        file = next((p for p in (Path(text), engine.root / text, docs / text) if p.exists()), Path(text)).resolve()
        lab = next((p for p in engine.snippets if is_lab(p) and engine.folder / p == file), "")
        page = labs.page(lab) if lab else file.relative_to(docs).as_posix() if file.is_relative_to(docs) else text
        if page not in session.sources:
            raise Problem("no page there: expected a file below docs/, or a lab", text)
        session.pages += (page,)
    plugin.DlrefPlugin.sessions[engine.root] = session
    plugin.serve(config_file(engine.root), options.address, all_pages=not session.pages)
    return 0


def _check(engine: Engine, options: argparse.Namespace) -> int:
    from concurrent.futures import ThreadPoolExecutor

    from dlref.site import linters, prose
    from dlref.site.build import check, once

    with ThreadPoolExecutor() as threads:  # the linters are processes of their own
        linted = threads.submit(lambda: list(linters.check(engine.root)))
        session = _session(engine)
        problems, fences = check(session)
        problems = once([*problems, *prose.check(session), *linted.result()])
    if not problems:
        print(
            f"{len(engine.snippets)} snippets in {len(fences)} fences: nothing wrong that can be seen without executing"
        )
    return _report(problems)


def _new(engine: Engine, options: argparse.Namespace) -> int:
    from dlref.site import drift, new

    session = _session(engine)
    if options.kind == "page":
        edits = new.page(session, options.name)
    else:
        edits = new.snippet(session, options.name, options.page)
    new.write(engine.root, edits)
    for edit in edits:
        print(f"{edit.path}:{edit.line}: {'new' if edit.new else 'edited'}")
    engine.refresh()
    engine.progress = lambda *_: None
    written = [edit.path.removeprefix("snippets/") for edit in edits if edit.path.startswith("snippets/")]
    engine.run(written)
    for path in written:
        if path in engine.results:
            print(f"{engine.named(drift.file(engine, path))}:1: {drift.accept(engine, path)}")
    shown = next(edit.path for edit in edits if edit.path.startswith("docs/"))
    print(f"Next: dlref serve {shown}")
    return _report([engine.problems[path] for path in written if path in engine.problems])


def _why(engine: Engine, options: argparse.Namespace) -> int:
    for path in _chosen(engine, options.paths):
        for reason in engine.why(path) or ["current"]:
            print(f"{engine.folder.name}/{path}: {reason}")
    return 0


def _session(engine: Engine) -> Session:
    from dlref.site.markdown import Session
    from dlref.site.maths import Maths

    return Session(engine, Maths(engine.root), gather=True)


def _chosen(engine: Engine, paths: Sequence[str]) -> Iterator[str]:
    """Yield the snippets below the given files and folders; all if none is given."""
    known = sorted({*engine.snippets, *engine.problems})
    for text in paths or [str(engine.folder)]:
        path = next(
            (p for p in (Path(text), engine.root / text, engine.folder / text) if p.exists()), Path(text)
        ).resolve()
        found = [name for name in known if (engine.folder / name).is_relative_to(path)]
        if not found and path != engine.folder:
            raise Problem(f"no snippet there: expected a file or folder below {engine.folder.name}/", text)
        yield from found


def _report(problems: Sequence[Problem]) -> int:
    for problem in problems:
        print(shown(str(problem)), file=sys.stderr)
    if problems:
        print(f"{len(problems)} problem{'s' * (len(problems) > 1)}; nothing was published", file=sys.stderr)
    return bool(problems)


class Progress:
    """A bar in a terminal, plain lines elsewhere."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """Show what takes long and is no snippet."""
        text = f"{time.monotonic() - self._began:.0f} s: {text}"
        if self._bar is None:
            print(text, file=sys.stderr, flush=True)
        else:
            self._bar.write(text, file=sys.stderr)

    def __call__(self, done: int, total: int, path: str, seconds: float) -> None:
        """Show that one more snippet has run."""
        if not sys.stderr.isatty():
            print(f"ran {done}/{total} {path} ({seconds:.2f} s)", file=sys.stderr, flush=True)
            return
        if self._bar is None:
            from tqdm import tqdm

            self._bar = tqdm(total=total, unit="snippet", leave=False)
        self._bar.total = total
        self._bar.set_postfix_str(path, refresh=False)
        self._bar.update(done - self._bar.n)
        if done == total:
            self._bar.close()
            self._bar = None


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "dlref", description="Execute the snippets of a site, and build it from what they gave."
    )
    parser.add_argument("--version", action="version", version=f"dlref {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, function: Any, text: str) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        added.set_defaults(command=function)
        added.add_argument(
            "--root", default=".", metavar="DIR", help="a folder with snippets/ and docs/ (default: here)"
        )
        return added

    run = command("run", _run, "execute the snippets whose result is not current")
    run.add_argument("paths", nargs="*", metavar="PATH", help="snippets or folders of them (default: all)")
    run.add_argument("--slowest", type=int, default=0, metavar="N", help="list the N slowest, whenever they ran")
    run.add_argument("--check", action="store_true", help="fail on what differs from what was accepted, and show it")
    run.add_argument(
        "--twice", action="store_true",
        help="run all a second time, in another order with another hash seed, and fail on what differs",
    )  # fmt: skip
    accept = command("accept", _accept, "record beside each snippet what it prints, draws and computes")
    accept.add_argument("paths", nargs="*", metavar="PATH", help="snippets or folders of them (default: all)")
    run.add_argument(
        "--shard", type=_shard, metavar="I/N", help="only part I of N, the same cut on every machine with this tree"
    )
    run.add_argument(
        "--executor", type=_address, metavar="dask://HOST:PORT",
        help="on a Dask cluster, whose workers see this folder at the same path",
    )  # fmt: skip
    run.add_argument(
        "--record-durations", action="store_true",
        help="note in snippets/durations.json how long each took: --shard goes by it",
    )  # fmt: skip
    merge = command("merge", _merge, "take the results of other machines, and see that none is missing")
    merge.add_argument("folders", nargs="+", metavar="DIR", help="their .dlref, or a copy of its results and notebooks")
    build = command("build", _build, "execute, check and build the whole site, or publish nothing")
    for each in run, accept, build:
        each.add_argument(
            "-j", dest="workers", type=_positive, metavar="N", help="snippets at the same time (default: one a core)"
        )
    build.add_argument(
        "--generator",
        choices=("mkdocs", "zensical"),
        default="mkdocs",
        help="what renders pages (default: %(default)s)",
    )
    serve = command("serve", _serve, "serve the site and follow edits")
    serve.add_argument(
        "--address", default="127.0.0.1:8000", metavar="HOST:PORT", help="where to serve (default: %(default)s)"
    )
    serve.add_argument(
        "pages", nargs="*", metavar="PAGE",
        help="execute only what these pages need; others show what is stored (default: all)",
    )  # fmt: skip
    for each in run, accept, serve:
        each.add_argument(
            "--without-environments", dest="environments", action="store_false",
            help="make none: snippets whose environment is not there are not executed, and their pages say so",
        )  # fmt: skip
    command("check", _check, "find what is wrong without executing anything")
    new = command("new", _new, "begin a page or a snippet that passes all checks as it is")
    new.add_argument("kind", choices=("page", "snippet"))
    new.add_argument("name", metavar="TOPIC/NAME")
    new.add_argument(
        "--page", default="", metavar="PAGE", help="that is to show the snippet (default: the topic's index page)"
    )
    why = command("why", _why, "say why a snippet would run: what changed since its result, or that it is current")
    why.add_argument("paths", nargs="+", metavar="PATH")
    return parser


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"expected a number from 1, not {text!r}")
    return min(int(text), 4 * (os.cpu_count() or 1))


def _shard(text: str) -> tuple[int, int]:
    index, _, count = text.partition("/")
    if not (index.isdecimal() and count.isdecimal() and 1 <= int(index) <= int(count)):
        raise argparse.ArgumentTypeError(f"expected I/N, part I of N, from 1/N to N/N, not {text!r}")
    return int(index), int(count)


def _address(text: str) -> str:
    host, _, port = text.removeprefix("dask://").rpartition(":")
    if not (text.startswith("dask://") and host and port.isdecimal()):
        raise argparse.ArgumentTypeError(f"expected dask://HOST:PORT, not {text!r}")
    return f"{host}:{port}"


if __name__ == "__main__":
    sys.exit(main())
