"""Decide what must run, have it run, and keep what came of it.

An engine looks at one project: a folder with `snippets/`. It knows for each snippet whether a stored
result is still valid and, if not, why; it runs the others in parallel, through any
`concurrent.futures.Executor` that can call `pool.execute`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dlref.site import environments, imports, pool, snippets
from dlref.site.environments import Environment, Unavailable, owners, versions_here
from dlref.site.outcomes import believed
from dlref.site.snippets import Problem, Snippet
from dlref.site.store import Store
from dlref.site.trust import FACTS, amount, made_of, ours

TEXT, FIGURES = 64 * 1024, 8  # what a snippet may print (bytes) and draw
LAB_TEXT, LAB_FIGURES = 256 * 1024, 24  # and a lab
SLOW, SLOWEST = 10.0, 60.0  # seconds of computing: above the one a snippet says why, above the other it may not be
LAB_SLOWEST = 180.0
TRIES = 3  # runs of a snippet whose helpers are being edited meanwhile
_RUNNER = [Path(__file__).parent / name for name in ("runner.py", "assets/matplotlibrc")]

NO_GPU = "needs a GPU; there is none here: run it where there is one, or on a cluster, and bring its result"
INSTALLATIONS = 2  # environments that are made at the same time

Progress = Callable[[int, int, str, float], None]


class Engine:
    """The snippets of a project and their results.

    Args:
        root: The folder with `snippets/`; results are kept in `.dlref/` in it.
        workers: Snippets that run at the same time; None: one for each core.
        executor: Runs `pool.execute(job)`; None: a pool of processes on this machine.
        progress: Called after each run with how many are done, of how many, the snippet, its seconds.
        announce: Called with a sentence when an environment is begun and when it is made.
        make_environments: Whether to; else snippets whose environment is not there are left out.
    """

    def __init__(
        self,
        root: Path,
        workers: int | None = None,
        executor: Executor | None = None,
        progress: Progress = lambda *_: None,
        *,
        announce: Callable[[str], None] = lambda _: None,
        make_environments: bool = True,
    ) -> None:
        self.root = root.resolve()
        self.folder = self.root / "snippets"
        self.store = Store(self.root / ".dlref")
        self.workers = workers or len(
            os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else [0] * (os.cpu_count() or 1)
        )
        self._executor, self.progress, self.announce = executor, progress, announce
        self.make_environments = make_environments
        self.hash_seed = "0"
        self.only: set[str] | None = None  # the snippets that may run; None: all
        self._futures: dict[Future[Any], Snippet] = {}
        self._making: dict[Future[None], tuple[Environment, list[Snippet]]] = {}
        self._installer: ThreadPoolExecutor | None = None
        self._failed: dict[str, tuple[dict[str, Any], Problem]] = {}  # never stored: only for this process
        self.refresh()

    def refresh(self) -> None:
        """Read the snippets again, and forget what was known of files and results."""
        self.snippets: dict[str, Snippet] = {}
        self.problems: dict[str, Problem] = {}
        self.results: dict[str, dict[str, Any]] = {}
        self.ran: set[str] = set()
        self.left_out: set[str] = set()  # not executed: not in `only`, or without an environment that may be made
        self.environments: dict[str, Environment] = {}
        self._installed: dict[Path, dict[str, str] | None] = {}
        self._runs = Counter[str]()
        self._hashes: dict[str, str] = {}
        clashing = dict[str, str]()
        for path in snippets.find(self.folder):
            try:
                snippets.check_name(self.folder, path, clashing)
                self.snippets[path] = snippets.read(self.folder, path)
                self._place(self.snippets[path])
            except Problem as problem:
                self.problems[snippets.printable(path)] = problem
            except Unavailable as error:
                self.problems[path] = Problem(str(error), f"{self.folder.name}/{path}")
        versions_here.cache_clear()

    def _place(self, snippet: Snippet) -> None:
        """Note the environment of a snippet's own, if it asks for one; Unavailable if its Python is not here."""
        options = snippet.options
        if options.dependencies is not None:
            self.environments[snippet.path] = environments.find(self.store.folder / "environments", options)
        elif wanted := options.requires_python:
            if not environments.allows(wanted, platform.python_version()):
                raise Unavailable(f"requires Python {wanted}; this is {platform.python_version()}")

    def installed(self, environment: Environment) -> dict[str, str] | None:
        """Return what is in an environment, by one look for each state of the project; None: it is not made."""
        if environment.folder not in self._installed:
            self._installed[environment.folder] = environment.installed()
        return self._installed[environment.folder]

    def resolved(self, environment: Environment) -> dict[str, str] | None:
        """Return what is in an environment or, while it is not made here, was in it where merged results ran."""
        installed = self.installed(environment)
        return environment.recorded() if installed is None else installed

    # --- what must run ---------------------------------------------------------------------------

    def inputs(self, snippet: Snippet, files: Iterable[str] = (), distributions: Iterable[str] = ()) -> dict[str, Any]:
        """Return all that a result depends on, as it is now, in the form a manifest keeps."""
        environment = self.environments.get(snippet.path)
        versions = versions_here() if environment is None else self.resolved(environment) or {}
        options = asdict(snippet.options) | {"dependencies": list(snippet.options.dependencies or ())}
        if not snippet.options.gpu:  # so that results from before there was this option stay valid
            del options["gpu"]
        return {
            "snippet": snippet.digest,
            "options": options,
            "limits": _limits(snippet),
            "python": environment.version if environment else platform.python_version(),
            "platform": f"{sys.platform}-{platform.machine()}",
            "runner": hashlib.sha256("".join(map(self._hash, map(str, _RUNNER))).encode()).hexdigest(),
            "files": {name: self._hash(name) for name in files},
            "distributions": {name: versions.get(name, "") for name in distributions},
        }

    def changes(self, path: str, then: dict[str, Any]) -> Iterator[str]:
        """Yield each input of a stored result that is no longer what it was, with both values."""
        environment = self.environments.get(path)
        if environment and self.resolved(environment) is None:
            yield f"its environment is not there: {environment.name}"
            return
        now = self.inputs(self.snippets[path], then.get("files", ()), then.get("distributions", ()))
        for name in now:
            old, new = then.get(name), now[name]
            if old == new:
                continue
            if not isinstance(old, dict):
                yield f"{name} changed" if name in ("snippet", "runner") else f"{name}: {old} → {new}"
                continue
            for key in sorted(new):
                if old.get(key) != new[key]:
                    plain = f"{key}: {old.get(key)} → {new[key] or 'not installed'}"
                    yield plain if name != "files" else f"{key} {'changed' if new[key] else 'is gone'}"

    def why(self, path: str) -> list[str]:
        """Return why a snippet would run now; an empty list: its result is current."""
        if path in self.problems:
            return [str(self.problems[path])]
        reasons = ["it has not been run, or it failed"]
        for index, manifest in enumerate(self.store.manifests(path)):
            try:
                self.verified(self.snippets[path], self.store, manifest)
            except ValueError as error:
                changes = list(self.changes(path, manifest["inputs"])) if ours(manifest["inputs"]) else []
                reasons = (changes or [str(error)]) if index == 0 else reasons
            else:
                return []
        return reasons

    def current(self, path: str) -> bool:
        """Say whether a snippet has a valid result, and if so take it."""
        if path not in self.results and path in self.snippets:
            for manifest in self.store.manifests(path):
                with contextlib.suppress(ValueError):  # `why` says what is the matter with it
                    self.verified(self.snippets[path], self.store, manifest)
                    self.results[path] = manifest
                    break
        return path in self.results

    def verified(self, snippet: Snippet, store: Store, manifest: dict[str, Any]) -> dict[str, Any]:
        """Return the notebook of a stored result, if all of it is what this engine would have stored.

        That finds what is damaged, mixed up, out of date, or holds more than text, figures of our writer and
        values. It cannot find a lie in these, told by who computes the digests anew.

        Raises:
            ValueError: It is not valid here; why.
        """
        then = manifest["inputs"]
        if not ours(then):
            raise ValueError("its manifest is not of our making")
        if changed := next(self.changes(snippet.path, then), ""):
            raise ValueError(changed)
        if then != self.inputs(snippet, then["files"], then["distributions"]):
            raise ValueError("its manifest is not of our making")
        if not all(amount(manifest.get(name)) for name in FACTS) or not isinstance(manifest.get("processor"), str):
            raise ValueError("its manifest does not say how long it took, what memory, and where")
        executed = store.notebook(manifest)
        if executed is None:
            raise ValueError("its notebook is missing or damaged")
        if not made_of(unexecuted(snippet), executed):
            raise ValueError("its notebook is not of this snippet")
        return executed

    # --- having it run -----------------------------------------------------------------------------

    def begin(self, paths: Iterable[str]) -> list[str]:
        """Start those of the snippets that have no valid result, longest first; return them."""
        stale = [p for p in paths if p in self.snippets and p not in self.problems and not self.current(p)]
        waiting = {snippet.path for snippet in self._waiting()}
        for path in self.longest_first(set(stale) - waiting):
            snippet = self.snippets[path]
            inputs, problem = self._failed.get(path, ({}, None))
            if problem and next(self.changes(path, inputs), None) is None:
                self.problems[path] = problem
            else:
                self._start(snippet)
        if self._futures:
            owners()  # takes a third of a second: now, while the others import
        return [path for path in stale if path not in self.left_out and path not in self.problems]

    def longest_first(self, paths: Iterable[str]) -> list[str]:
        """Return snippets in the order in which they are begun: by how long they took when they last ran."""
        took = {path: (m.get("seconds") for m in self.store.manifests(path)) for path in paths}
        last = {path: next((each for each in seconds if amount(each)), 0.0) for path, seconds in took.items()}
        return sorted(last, key=lambda path: (-last[path], not snippets.is_lab(path), path))

    def finish(self, needed: str | None = None) -> None:
        """Wait for what was begun, or only until one snippet is done; keep what succeeded, note what did not."""
        while any(needed in (None, snippet.path) for snippet in self._waiting()):
            for future in wait([*self._futures, *self._making], return_when=FIRST_COMPLETED).done:
                if future in self._making:
                    self._made(future)
                    continue
                snippet = self._futures.pop(future)
                began, outcome = future.result()
                outcome = believed(outcome, len(snippet.code))
                self._runs[snippet.path] += 1
                if changed := self._changed_since(began, outcome):
                    if self._runs[snippet.path] < TRIES:
                        self._futures[self._submit(snippet)] = snippet
                        continue
                    outcome = {"error": {"line": 1, "message": f"{changed} keeps changing while it runs"}}
                self._record(snippet, outcome)
                total = len(list(self._waiting())) + len(self.ran)
                self.progress(len(self.ran), total, snippet.path, outcome.get("seconds", 0.0))

    def _waiting(self) -> Iterator[Snippet]:
        """Yield the snippets that were begun and are not done, with those whose environment is being made."""
        yield from self._futures.values()
        for _, waiting in self._making.values():
            yield from waiting

    def _start(self, snippet: Snippet) -> None:
        """Have a snippet run: now, or when its environment is made."""
        environment = self.environments.get(snippet.path)
        if self.only is not None and snippet.path not in self.only:
            self.left_out.add(snippet.path)
        elif snippet.options.gpu and isinstance(self._executor, pool.Pool | None) and not pool.gpus():
            self.problems[snippet.path] = Problem(NO_GPU, f"{self.folder.name}/{snippet.path}")
        elif environment is None or self.installed(environment) is not None:
            self._futures[self._submit(snippet)] = snippet
        elif not self.make_environments:
            self.left_out.add(snippet.path)
        else:
            for other, waiting in self._making.values():
                if other == environment:
                    waiting.append(snippet)
                    return
            self.announce(f"making an environment: {environment.name}")
            self._installer = self._installer or ThreadPoolExecutor(INSTALLATIONS, thread_name_prefix="environment")
            self._making[self._installer.submit(environment.make)] = environment, [snippet]

    def _made(self, future: Future[None]) -> None:
        """Start the snippets that waited for an environment, or note why they cannot run."""
        environment, waiting = self._making.pop(future)
        self._installed.pop(environment.folder, None)
        try:
            future.result()
        except Unavailable as error:
            for snippet in waiting:
                self.problems[snippet.path] = Problem(str(error), f"{self.folder.name}/{snippet.path}")
        else:
            self.announce(f"made the environment: {environment.name}")
            for snippet in waiting:
                if not self.current(snippet.path):  # a result from elsewhere may be
                    self._futures[self._submit(snippet)] = snippet

    def run(self, paths: Iterable[str]) -> list[str]:
        """Bring the results of some snippets up to date; return those that had to run."""
        stale = self.begin(paths)
        self.finish()
        return stale

    def notebook(self, path: str) -> dict[str, Any]:
        """Return a snippet's executed notebook, having it run if need be; Problem if it fails."""
        if path not in self.snippets and path not in self.problems:
            raise Problem(f"no such snippet: {self.folder.name}/{path}")
        if path not in self.results and path not in self.problems:
            self.begin([path])
            self.finish(path)
        if path in self.problems:
            raise self.problems[path]
        if path in self.left_out:
            return unexecuted(self.snippets[path])
        found = self.store.notebook(self.results[path])
        if found is None:  # it vanished between the look-up and now
            del self.results[path]
            return self.notebook(path)
        return found

    def computed(self, paths: Iterable[str]) -> list[tuple[float, str]]:
        """Return (processor's seconds, snippet) of those that have a result, slowest first."""
        return sorted(
            ((self.results[path]["cpu_seconds"], path) for path in paths if path in self.results), reverse=True
        )

    def too_slow(self, paths: Iterable[str]) -> Iterator[Problem]:
        """Yield a problem for each snippet that computes for longer than it may, or without saying why."""
        for seconds, path in self.computed(paths):
            took, where = f"computes for {seconds:.1f} s", f"{self.folder.name}/{path}:1"
            lab = self.snippets[path].lab
            if seconds > (most := LAB_SLOWEST if lab else SLOWEST):
                yield Problem(f"{took}; the limit is {most:g} s", where)
            elif seconds > SLOW and not lab and not self.snippets[path].options.slow:
                yield Problem(f'{took}; above {SLOW:g} s it says why: `slow = "…"` in its [tool.dlref]', where)

    def close(self, wait: bool = True) -> None:
        """Stop the processes that run snippets; without `wait`, at once."""
        for future in [*self._futures, *self._making]:
            future.cancel()
        if self._installer is not None:
            if not wait:
                environments.stop()
            self._installer.shutdown(wait)
            self._installer = None
        if self._executor is not None:
            self._executor.shutdown(wait, cancel_futures=True)
            self._executor = None

    def executor(self) -> Executor:
        """Return what runs the snippets, started if need be: its imports take seconds, in the background."""
        if self._executor is None:
            self._executor = pool.Pool(self.workers, str(self.store.folder), self.preload(), self.hash_seed)
        return self._executor

    def use(self, executor: Executor) -> None:
        """Have the snippets run there from now on."""
        self._executor = executor

    def job(self, snippet: Snippet) -> dict[str, Any]:
        """Return what `pool.execute` needs to run a snippet."""
        options, environment = snippet.options, self.environments.get(snippet.path)
        return {
            "name": snippet.path, "file": str(self.folder / snippet.path),
            "cache": str(self.store.folder), "project": str(self.root),
            "root": "" if environment else str(self.root), "python": environment.python if environment else "",
            "cells": [{"source": cell.source, "line": cell.line} for cell in snippet.code],
            "timeout": options.timeout, "memory": int(options.memory * 2**30), "network": options.network,
            "gpu": options.gpu, "hash_seed": self.hash_seed, **_limits(snippet),
        }  # fmt: skip

    def _submit(self, snippet: Snippet) -> Future[Any]:
        return self.executor().submit(_timed, self.job(snippet))

    def _record(self, snippet: Snippet, outcome: dict[str, Any]) -> None:
        self.ran.add(snippet.path)
        files = [self.named(file) for file in outcome.get("files", ()) if Path(file) != self.folder / snippet.path]
        for name in files:  # as the snippet saw them, not as they were when this engine first looked
            self._hashes.pop(name, None)
        if error := outcome["error"]:
            message = error["message"].replace(f"{self.root}{os.sep}", "")
            problem = Problem(message, f"{self.folder.name}/{snippet.path}:{error['line']}")
            self.problems[snippet.path] = problem
            if "files" in outcome:  # it came to its end, so that what it used is known
                self._failed[snippet.path] = (self.inputs(snippet, files), problem)
            return
        environment = self.environments.get(snippet.path)
        if environment:  # made for this list alone: all of it counts
            known = set(self.installed(environment) or ())
        else:
            known = {name for module in outcome["modules"] for name in owners().get(module, ())} - {"dlref"}
        executed = notebook(snippet, outcome, self.requires(snippet))
        try:
            self.results[snippet.path] = self.store.put(
                snippet.path, self.inputs(snippet, sorted(files), sorted(known)), executed,
                seconds=round(outcome["seconds"], 3), cpu_seconds=round(outcome["cpu_seconds"], 3),
                peak_memory=outcome["peak_memory"], processor=outcome["processor"],
            )  # fmt: skip
        except OSError as error:
            message = f"ran, but its result cannot be kept in {self.store.folder}: {error.strerror}"
            self.problems[snippet.path] = Problem(message, f"{self.folder.name}/{snippet.path}")

    def preload(self) -> list[str]:
        """Return the third-party modules that the snippets import, directly or through local modules."""
        sources = [snippet.source for path, snippet in self.snippets.items() if path not in self.environments]
        return imports.shared(self.root, sources)

    def requires(self, snippet: Snippet) -> list[str]:
        """Return what a copy of the snippet needs to be installed, with the versions it ran with."""
        if snippet.options.dependencies is not None:
            return list(snippet.options.dependencies)
        tops = imports.tops(self.root, snippet.source)
        names = sorted({name for top in tops for name in owners().get(top, ())} - {"dlref"})
        pinned = [f"{name}=={versions_here()[name].partition('+')[0]}" for name in names if name in versions_here()]
        return pinned + ["dlref"] * ("dlref" in tops)

    def _changed_since(self, began: float, outcome: dict[str, Any]) -> str:
        """Return a file that changed while a snippet was using it, so that it is unknown what it saw."""
        files = [file for file in outcome.get("files", ()) if os.path.exists(file)]
        times = {file: os.stat(file).st_ctime for file in files}  # st_mtime is what whoever edits it says
        return next((file for file, when in times.items() if began < when <= time.time()), "")

    def named(self, file: str | Path) -> str:
        """Return the name of a file as messages and manifests have it: below the root, if it is there."""
        path = Path(file)
        return path.relative_to(self.root).as_posix() if path.is_relative_to(self.root) else str(file)

    def _hash(self, name: str) -> str:
        if name not in self._hashes:
            self._hashes[name] = _digest(self.root / name)
        return self._hashes[name]


def _digest(file: Path) -> str:
    """Return the SHA-256 of a file; empty: there is none, or it cannot be read."""
    try:
        if not file.is_file():
            return ""
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError:  # it has just gone
        return ""


def notebook(snippet: Snippet, outcome: dict[str, Any], requires: list[str]) -> dict[str, Any]:
    """Return a snippet and what came of it as a Jupyter notebook (nbformat 4.5)."""
    results, cells, count = iter(outcome["cells"]), list[dict[str, Any]](), 0
    for number, cell in enumerate(snippet.cells, 1):
        made: dict[str, Any] = {"id": f"cell-{number}", "metadata": {"name": cell.name} if cell.name else {}}
        if cell.markdown:
            made |= {"cell_type": "markdown", "source": cell.source}
        else:
            count += 1
            made |= {"cell_type": "code", "execution_count": count, "source": cell.source, "outputs": next(results)}
        cells.append(made)
    metadata = {
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python", "version": platform.python_version()},
        "dlref": {"snippet": snippet.path, "values": outcome["values"], "requires": requires},
    }
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _limits(snippet: Snippet) -> dict[str, int]:
    """Return what a snippet may print and draw, and whether its figures are kept as pictures as well."""
    lab = {"text": LAB_TEXT, "figures": LAB_FIGURES, "png": True}
    return lab if snippet.lab else {"text": TEXT, "figures": FIGURES}


def unexecuted(snippet: Snippet) -> dict[str, Any]:
    """Return the notebook of a snippet that was left out: its code alone, marked as not executed."""
    outcome: dict[str, Any] = {"cells": [[] for _ in snippet.code], "values": {}}
    blank = notebook(snippet, outcome, list(snippet.options.dependencies or ()))
    blank["metadata"]["dlref"]["executed"] = False
    return blank


def _timed(job: dict[str, Any]) -> tuple[float, dict[str, Any]]:
    return time.time(), pool.execute(job)
