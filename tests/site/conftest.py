"""A small project in a folder of its own, and the `dlref` command run on it as a process."""

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from dlref.site.engine import Engine
from dlref.site.pool import ForkServer

GOOD = '''"""One and one is two."""

total = 1 + 1
assert total == 2
print("total:", total)
'''
PAGE = """# Sums

```snippet
good.py
```

One and one is {{ good.py:total }}.
"""


@dataclass(frozen=True)
class Done:
    """A finished command: its exit status and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def problems(self) -> list[str]:
        """The problems it listed: the lines of stderr that name a place."""
        return [line for line in self.err.splitlines() if re.match(r"(docs|snippets|mkdocs)[^ ]*: ", line)]

    @property
    def ran(self) -> set[str]:
        """The snippets that ran."""
        return set(re.findall(r"(?m)^ran \d+/\d+ (\S+) ", self.err))


class Project:
    """A folder with `snippets/` and `docs/`, and temporary files of its own."""

    def __init__(self, folder: Path) -> None:
        self.root, self.tmp = folder / "project", folder / "tmp"
        self.started: list[subprocess.Popen[str]] = []
        self.environment: dict[str, str] = {}
        for path in self.root / "snippets", self.root / "docs", self.tmp:
            path.mkdir(parents=True, exist_ok=True)

    def write(self, path: str, text: str, *, dedent: bool = True) -> Path:
        """Write a file below the root."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((textwrap.dedent(text) if dedent else text).encode())
        return file

    def snippet(self, path: str, code: str, claim: str = "It holds.", options: str = "") -> str:
        """Write a snippet, its claim in line 1 and its code from line 2 on; return a fence that shows it."""
        block = "".join(f"# {line}\n" for line in ["/// script", "[tool.dlref]", *options.splitlines(), "///"])
        self.write(f"snippets/{path}", f'"""{claim}"""\n{textwrap.dedent(code)}{block if options else ""}')
        return f"```snippet\n{path}\n```\n"

    def page(self, text: str, path: str = "index.md") -> Path:
        """Write a page below `docs/`."""
        return self.write(f"docs/{path}", text)

    def show(self, *paths: str, alt: str = "") -> None:
        """Write an index page that shows these snippets, as a whole."""
        info = f' alt="{alt}"' if alt else ""
        self.page("# All\n\n" + "\n".join(f"```snippet{info}\n{path}\n```\n" for path in paths))

    def start(self, *arguments: str, executable: tuple[str, ...] = ("-m", "dlref.site.cli")) -> subprocess.Popen[str]:
        """Start a `dlref` command on the project."""
        environment = os.environ | {"TMPDIR": str(self.tmp), "PYTHONWARNINGS": "error"} | self.environment
        command = [sys.executable, *executable, *arguments, "--root", str(self.root)]
        process = subprocess.Popen(command, cwd=self.root, env=environment, text=True, encoding="utf-8",
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # fmt: skip
        self.started.append(process)
        return process

    def dlref(self, *arguments: str, timeout: float = 60) -> Done:
        """Run a `dlref` command to its end."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=timeout)
        return Done(process.returncode, out, err)

    def build(self) -> Done:
        """Run `dlref build`."""
        return self.dlref("build")

    def run(self, *paths: str) -> Done:
        """Run `dlref run`."""
        return self.dlref("run", *paths)

    def check(self) -> Done:
        """Run `dlref check`."""
        return self.dlref("check")

    def why(self, *paths: str) -> list[str]:
        """Return the lines that `dlref why` prints."""
        done = self.dlref("why", *paths)
        assert done.status == 0, done.err
        return done.out.splitlines()

    def good(self) -> "Project":
        """Build the site and see it succeed."""
        done = self.build()
        assert (done.status, done.problems) == (0, []), done.err
        return self

    def html(self, page: str = "index.html") -> str:
        """Return the article of a built page."""
        text = (self.root / "site" / page).read_text(encoding="utf-8")
        return text.partition("<article")[2].partition("</article>")[0]

    def site(self) -> dict[str, bytes]:
        """Return the content of each file of the built site."""
        folder = self.root / "site"
        return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}

    def outputs(self, page: str = "index.html") -> list[str]:
        """Return the text outputs that a page shows, as its HTML has them."""
        return re.findall(r"<samp>(.*?)</samp>", self.html(page), re.DOTALL)

    def processes(self) -> dict[int, str]:
        """Return the processes that the project started, by the folder named in their environment or command."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                texts = [(folder / name).read_bytes() for name in ("cmdline", "environ")]
                state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
            except OSError:
                continue
            if any(str(self.root.parent).encode() in text for text in texts) and state != "Z":
                found[int(folder.name)] = texts[0].replace(b"\0", b" ").decode(errors="replace")
        return found

    def nothing_left(self, seconds: float = 5) -> bool:
        """Say whether all processes of the project end within some seconds."""
        return until(lambda: not self.processes(), seconds)


def until(condition: Callable[[], object], seconds: float) -> bool:
    """Say whether a condition comes true within some seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return bool(condition())


@pytest.fixture(name="until", scope="session")
def until_fixture() -> Callable[[Callable[[], object], float], bool]:
    """Wait for something to come true."""
    return until


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """An empty project; what it started is ended with it."""
    project = Project(tmp_path)
    yield project
    for process in project.started:
        if process.poll() is None:
            process.kill()
        process.communicate()
    for pid in project.processes():
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            os.kill(pid, signal.SIGKILL)


@pytest.fixture(scope="session")
def projects() -> type[Project]:
    """Make further projects."""
    return Project


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one snippet on one page, and its good site."""
    project = Project(tmp_path_factory.mktemp("template"))
    project.write("snippets/good.py", GOOD)
    project.page(PAGE)
    return project.good().root


@pytest.fixture
def built(project: Project, template: Path) -> Project:
    """A project whose good site stands."""
    shutil.copytree(template, project.root, dirs_exist_ok=True)
    return project


@pytest.fixture(params=["namespaces", "fallback"])
def anywhere(request: pytest.FixtureRequest, built: Project) -> Project:
    """The built project, with the isolation that Linux namespaces give and with the one that works everywhere."""
    built.environment["DLREF_NAMESPACES"] = "1" if request.param == "namespaces" else "0"
    return built


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder of the test's own, and leave no fork server to the next one."""
    monkeypatch.chdir(tmp_path)
    yield
    ForkServer.stop()


@pytest.fixture
def engine(project: Project) -> Iterator[Engine]:
    """An engine of the empty project, in this process."""
    engine = Engine(project.root)
    yield engine
    engine.close(wait=False)


@pytest.fixture
def execute(project: Project, engine: Engine) -> Callable[..., dict[str, Any]]:
    """Run code as a snippet and return its executed notebook, or raise its Problem."""

    def execute(code: str, path: str = "s.py", **more: str) -> dict[str, Any]:
        project.snippet(path, code, **more)
        engine.refresh()
        return engine.notebook(path)

    return execute


@functools.cache
def have_namespaces() -> bool:
    """Say whether this machine lets a user make namespaces."""
    return subprocess.run(["unshare", "-Urmpn", "true"], capture_output=True, check=False).returncode == 0


@pytest.fixture
def namespaces() -> None:
    """Skip where a test is about what only namespaces can do and there are none."""
    if not have_namespaces() and not os.environ.get("CI"):
        pytest.skip("this machine does not let users make namespaces")
