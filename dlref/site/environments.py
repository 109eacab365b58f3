"""Virtual environments for snippets that list `dependencies`: one for each list and Python, made once.

An environment is whole if its `complete.json` is there (it is written last) and its Python and installed
distributions are those named in it. Anything else is removed and made afresh, so that a half-made or
damaged one is never used.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.metadata
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from dlref.site.snippets import Options

OLDEST = "3.11"  # that the runner understands
TIMEOUT = 1200.0  # seconds until an installation that hangs is given up
_VERSION = re.compile(r"\d+\.\d+\.\d+\S*")


class Unavailable(ValueError):
    """An environment cannot be had: what is wrong with what the snippet asks for, or pip's reason."""


@dataclass(frozen=True)
class Environment:
    """Where the distributions of one list are, or will be.

    Attributes:
        requirements: The list, normalised: sorted, each once.
        interpreter: The Python it is made with.
        version: That Python's version.
        folder: Where it is.
    """

    requirements: tuple[str, ...]
    interpreter: str
    version: str
    folder: Path

    @property
    def python(self) -> str:
        """The environment's own Python."""
        return str(self.folder / "bin" / "python")

    @cached_property
    def name(self) -> str:
        """What to call it in messages: the first of its packages."""
        names = [Requirement(text).name for text in self.requirements]
        return f"Python {self.version}, " + ", ".join(names[:6]) + ", …" * (len(names) > 6)

    def installed(self) -> dict[str, str] | None:
        """Return the version of each distribution in it; None unless it is whole."""
        try:
            said: dict[str, dict[str, str]] = json.loads((self.folder / "complete.json").read_bytes())
            whole = os.access(self.python, os.X_OK) and said["installed"] == versions(self._packages())
            return said["installed"] if whole else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @property
    def _record(self) -> Path:
        return self.folder.with_suffix(".merged.json")

    def recorded(self) -> dict[str, str] | None:
        """Return what was in it on the machine whose results were merged into this one's; None: nothing was merged."""
        try:
            said: dict[str, str] = json.loads(self._record.read_bytes())
        except (OSError, ValueError):
            return None
        return said if self.meets(said) else None

    def record(self, installed: dict[str, str]) -> None:
        """Note what was in it where results ran that are merged; it counts for as long as it is not made here."""
        self._record.parent.mkdir(parents=True, exist_ok=True)
        aside = self._record.with_suffix(".new")
        aside.write_text(json.dumps(installed, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        aside.rename(self._record)

    def meets(self, installed: object) -> bool:
        """Say whether versions by distribution, from elsewhere, are what its list asks for."""
        if not isinstance(installed, dict) or not all(isinstance(text, str) for text in installed.values()):
            return False
        wanted = [Requirement(text) for text in self.requirements]
        return all(
            normal(one.name) in installed and (one.url or one.specifier.contains(installed[normal(one.name)], True))
            for one in wanted
            if one.marker is None or one.marker.evaluate({"python_full_version": self.version})
        )

    def make(self) -> None:
        """Make it, unless it is whole; another process that makes it is waited for.

        Raises:
            Unavailable: It cannot be made; the message has pip's reason.
        """
        try:
            self.folder.parent.mkdir(parents=True, exist_ok=True)
            with open(self.folder.with_suffix(".lock"), "w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if self.installed() is None:
                    shutil.rmtree(self.folder, ignore_errors=True)
                    self._install(lock.fileno())
        except OSError as error:
            raise Unavailable(f"its environment cannot be made: {error}") from None

    def _install(self, lock: int) -> None:
        try:
            self._fill(lock)
        except BaseException:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise

    def _fill(self, lock: int) -> None:
        _call([self.interpreter, "-m", "venv", "--without-pip", str(self.folder)], lock)
        if self.requirements:  # wheels alone: nothing that is downloaded runs before it is confined
            _call(
                [sys.executable, "-m", "pip", "--python", self.python, "install", "--quiet", "--no-input",
                 "--disable-pip-version-check", "--only-binary=:all:", "--", *self.requirements], lock
            )  # fmt: skip
        said = {"requirements": self.requirements, "python": self.version, "installed": versions(self._packages())}
        aside = self.folder / "complete.json.new"
        aside.write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
        aside.rename(self.folder / "complete.json")

    def _packages(self) -> list[str]:
        return [str(folder) for folder in self.folder.glob("lib/python*/site-packages")]


def find(folder: Path, options: Options) -> Environment:
    """Return the environment below `folder` that a snippet asks for, made or not.

    Raises:
        Unavailable: The list or `requires-python` is not valid, or no Python here meets it.
    """
    requirements = tuple(sorted({_normalised(text) for text in options.dependencies or ()}))
    interpreter, version = interpreter_for(options.requires_python or "")
    key = hashlib.sha256("\n".join([version, sysconfig.get_platform(), *requirements]).encode()).hexdigest()[:16]
    return Environment(requirements, interpreter, version, folder / key)


def _normalised(text: str) -> str:
    try:
        requirement = Requirement(text)
    except InvalidRequirement as error:
        raise Unavailable(f"dependencies: {text!r} is no requirement: {str(error).splitlines()[0]}") from None
    if requirement.url and not requirement.url.partition("#")[0].endswith(".whl"):
        raise Unavailable(f"dependencies: {text!r} names neither a release nor a wheel: what must be built is not run")
    return str(requirement)


def allows(wanted: str, version: str) -> bool:
    """Say whether a Python's version meets a specifier; Unavailable if that is none."""
    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except InvalidSpecifier:
        raise Unavailable(f"requires-python is no version specifier: {wanted!r}") from None


def interpreter_for(wanted: str) -> tuple[str, str]:
    """Return path and version of a Python that meets a specifier: this one, or the newest found on the PATH."""
    found = list[str]()
    for path, version in _interpreters():
        if allows(wanted, version) and allows(f">={OLDEST}", version):
            return path, version
        found.append(version)
    raise Unavailable(
        f"requires Python {wanted}{f', and {OLDEST} or later,' if wanted.startswith('<') else ''} which is not here; "
        f"found: {', '.join(dict.fromkeys(found))}; install one and put it on the PATH"
    )


def _interpreters() -> Iterator[tuple[str, str]]:
    """Yield (path, version) of this Python, and of the others only if it will not do."""
    yield sys.executable, platform.python_version()
    yield from _others(os.environ.get("PATH", os.defpath))


@cache
def _others(path: str) -> list[tuple[str, str]]:
    """Return (path, version) of the Pythons on the PATH, newest first."""
    found = dict[str, str]()
    for folder in path.split(os.pathsep):
        for file in Path(folder or ".").glob("python3.*"):
            if re.fullmatch(r"python3\.\d+", file.name) and os.access(file, os.X_OK):
                ask = [str(file), "-I", "-S", "-c", "import sys; print(sys.version.split()[0])"]
                with contextlib.suppress(OSError, subprocess.TimeoutExpired):  # a shim of a version manager, perhaps
                    said = subprocess.run(ask, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
                    if _VERSION.fullmatch(said):
                        found.setdefault(said, str(file))
    newest = sorted(found.items(), key=lambda item: [int(n) for n in re.findall(r"\d+", item[0])], reverse=True)
    return [(file, version) for version, file in newest]


_running: set[subprocess.Popen[str]] = set()
_starting = threading.Lock()


def _call(command: list[str], lock: int) -> None:
    """Run a command, which holds the lock as long as it lives; Unavailable with its complaint if it fails."""
    surroundings = {name: text for name, text in os.environ.items() if name != "PYTHONWARNINGS"}  # pip has its own
    with _starting:
        process = subprocess.Popen(
            command, env=surroundings, text=True, errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True, pass_fds=[lock],
        )  # fmt: skip
        _running.add(process)
    try:
        said, _ = process.communicate(timeout=TIMEOUT)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"cannot be installed: pip did not end within {TIMEOUT:g} s") from None
    finally:
        _end(process)
        _running.discard(process)
    if process.returncode:
        raise Unavailable(f"cannot be installed: {_complaint(said) or f'exit status {process.returncode}'}")


def _end(process: subprocess.Popen[str]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def stop() -> None:
    """End the installations that are running; what they have made is removed by who began them."""
    with _starting:
        for process in list(_running):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)


def _complaint(said: str) -> str:
    """Return pip's reason, without its advice: the lines marked as errors, or else the last one."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line.removeprefix("ERROR:").strip() for line in lines if line.startswith("ERROR:")]
    if not errors or errors == ["Exception:"]:  # pip itself failed: its traceback ends with the reason
        errors = lines[-1:]
    return "; ".join(dict.fromkeys(errors))


def versions(folders: Iterable[str]) -> dict[str, str]:
    """Return the version of each distribution in folders of packages, by normalised name (from its folder's: fast)."""
    found: dict[str, str] = {}
    for folder in folders:
        for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if name.endswith(".dist-info"):
                distribution, _, version = name.removesuffix(".dist-info").partition("-")
                found.setdefault(normal(distribution), version)
    return found


@cache
def owners() -> dict[str, list[str]]:
    """Return the distributions that each top-level module of this environment comes from."""
    found = importlib.metadata.packages_distributions()
    return {module: [normal(name) for name in names] for module, names in found.items()}


@cache
def versions_here() -> dict[str, str]:
    """Return the version of each distribution that this Python can import."""
    return versions(sys.path)


def normal(name: str) -> str:
    """Return a distribution's name in its one normal form."""
    return re.sub(r"[-_.]+", "-", name).lower()
