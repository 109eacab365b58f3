"""Snippets on a Dask cluster: the same results under the same limits, and none lost when a worker dies."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from dlref.site import cluster
from dlref.site.cluster import Cluster, checked, surroundings
from dlref.site.engine import Engine
from dlref.site.snippets import Problem

pytestmark = pytest.mark.skipif(
    find_spec("distributed") is None and not os.environ.get("CI"),
    reason="the package distributed is not installed: pip install '.[dask]'",
)
NO_CARD = "needs a GPU; no worker says that it has one (`dask worker … --resources GPU=1`)"
NEEDS = "every worker needs this project at this path, with the same content, dlref, Python and packages"


class Dask:
    """A scheduler on this machine, and workers that come and go."""

    def __init__(self, folder, until):
        self.folder, self.file, self.until = folder, folder / "scheduler.json", until
        self.environment = {**os.environ, "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "10s"}
        self.workers: dict[str, subprocess.Popen[bytes]] = {}
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show")
        assert until(self.file.is_file, 60), (folder / "scheduler.log").read_text()
        self.address = json.loads(self.file.read_text())["address"].removeprefix("tcp://")

    def start(self, kind, *arguments, name="", prefix=(), **environment):
        with (self.folder / f"{name or kind}.log").open("wb") as log:
            command = [*prefix, sys.executable, "-m", "dask", kind, "--scheduler-file", str(self.file), *arguments]
            return subprocess.Popen(command, cwd=self.folder, env=self.environment | environment, stdin=subprocess.DEVNULL,
                                    stdout=log, stderr=log, start_new_session=True)  # fmt: skip

    def worker(self, name, *arguments, prefix=(), **environment):
        """Start a worker that runs one snippet at a time, and wait until it has found the scheduler."""
        options = ["--host", "127.0.0.1", "--no-nanny", "--nthreads", "1", "--no-dashboard", "--memory-limit", "0",
                   "--name", name, "--local-directory", str(self.folder / name), *arguments]  # fmt: skip
        self.workers[name] = self.start("worker", *options, name=name, prefix=prefix, **environment)
        assert self.until(lambda: "Registered to" in self.said(name), 60), self.said(name)

    def said(self, name):
        return (self.folder / f"{name}.log").read_text()

    def leave(self):
        for worker in self.workers.values():
            worker.kill()
            worker.wait()
        self.workers = {}

    def below(self, name):
        """Return the processes below a worker: its fork server, a watcher and a snippet's own, with their commands."""
        table = {
            int(f.parent.name): f.read_text().rpartition(")")[2].split() for f in Path("/proc").glob("[0-9]*/stat")
        }
        found = [self.workers[name].pid]
        for pid in found:
            found += [child for child, fields in table.items() if int(fields[1]) == pid and fields[0] != "Z"]
        return found[1:]


@pytest.fixture(scope="module")
def scheduler(tmp_path_factory, until):
    dask = Dask(tmp_path_factory.mktemp("dask"), until)
    yield dask
    dask.scheduler.kill()
    dask.scheduler.wait()


@pytest.fixture
def dask(scheduler):
    """The scheduler, without workers."""
    yield scheduler
    scheduler.leave()


@pytest.fixture
def two(dask):
    """The scheduler with two workers, the second of which says that it has a GPU."""
    dask.worker("one", CUDA_VISIBLE_DEVICES="1")
    dask.worker("two", "--resources", "GPU=1", CUDA_VISIBLE_DEVICES="2")
    return dask


def on(dask, project, *more):
    return project.dlref("run", "--executor", f"dask://{dask.address}", *more)


def results(project, aside):
    """Return the inputs and the notebook of each snippet's one result, and put the store aside."""
    shutil.move(project.root / ".dlref", project.root.parent / aside)
    found = {}
    for file in sorted((project.root.parent / aside / "results").rglob("*.json")):
        manifest = json.loads(file.read_text())
        assert manifest["snippet"] not in found
        found[manifest["snippet"]] = manifest["inputs"], manifest["notebook"]
    return found


GOOD = {
    "text.py": "print('naïve')\n", "helped.py": "import helper\nprint(helper.X)\n",
    "drawn.py": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
    "numbers.py": "import numpy\nx = numpy.arange(3).sum()\nprint(x)\n",
    "data.py": "from pathlib import Path\nprint(Path(__file__).with_name('data.csv').read_text())\n",
}  # fmt: skip
BAD = {
    "late.py": ("import time\ntime.sleep(60)\n", "timeout = 1"),
    "large.py": ("x = bytearray(700 << 20)\n", "memory = 0.5"),
    "loud.py": ("print('x' * 70000)\n", ""), "elsewhere.py": ("open('/tmp/x', 'w')\n", ""),
    "calls.py": ("import socket\nsocket.create_connection(('127.0.0.1', 9))\n", ""), "leaves.py": ("import os\nos._exit(0)\n", ""),
    "raises.py": ("x = 1\nassert x == 2\n", ""), "crashes.py": ("import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", ""),
    "forks.py": ("import os, time\nfor _ in range(40):\n    if os.fork() == 0:\n        time.sleep(9)\ntime.sleep(9)\n", ""),
}  # fmt: skip


def test_results_and_limits_are_those_of_this_machine(two, project):
    project.write("helper.py", "X = 1\n")
    project.write("snippets/data.csv", "1,2\n")
    for path, code in GOOD.items():
        project.snippet(path, code)
    for path, (code, options) in BAD.items():
        project.snippet(path, code, options=options)
    here = project.run()
    first = results(project, "here")
    there = on(two, project)
    second = results(project, "there")
    assert set(first) == set(GOOD)
    assert second == first
    assert (there.status, there.problems) == (here.status, here.problems)
    assert len(there.problems) == len(BAD)
    assert there.ran == set(GOOD) | set(BAD)


def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_kept_twice(two, project, until):
    names = [f"s{number}.py" for number in range(8)]
    for name in names:
        project.snippet(name, f"import time\ntime.sleep(1)\nprint({name!r})\n")
    run = project.start("run", "--executor", f"dask://{two.address}")
    assert run.stderr is not None
    lines = [run.stderr.readline()]  # one has come to its end
    assert until(lambda: len(two.below("one")) >= 3, 20)  # and a snippet is running there
    victims = two.below("one")
    two.workers["one"].kill()
    lines += run.stderr.readlines()
    assert run.wait(60) == 0, lines
    assert sorted(re.findall(r"ran \d+/8 (\S+) ", "".join(lines))) == names
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in victims), 5)
    kept = results(project, "there")
    assert sorted(kept) == names
    assert sorted(file.stem for file in (project.root.parent / "there" / "notebooks").iterdir()) == sorted(
        digest for _, digest in kept.values()
    )
    assert project.run().ran == set(names)
    assert results(project, "here") == kept


def test_a_snippet_whose_fork_server_is_killed_runs_again(dask, project, until):
    dask.worker("one")
    project.snippet("a.py", "import time\ntime.sleep(2)\nprint(1)\n")
    run = project.start("run", "--executor", f"dask://{dask.address}")
    assert until(lambda: len(dask.below("one")) >= 3, 30)
    os.kill(dask.below("one")[0], signal.SIGKILL)
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (0, "1 snippets: 1 ran, 0 current, 0 failed\n"), err


def test_what_needs_a_gpu_runs_where_there_is_one(two, project):
    for number in range(5):
        project.snippet(f"g{number}.py", "import os\nprint(os.environ['CUDA_VISIBLE_DEVICES'])\n", options="gpu = true")
    done = on(two, project)
    assert (done.status, len(done.ran)) == (0, 5), done.err
    engine = Engine(project.root)
    assert {engine.notebook(path)["cells"][0]["outputs"][0]["text"] for path in engine.snippets} == {"2\n"}
    assert project.run().ran == set()  # a machine without one has the result


def test_nothing_that_is_current_goes_to_the_cluster(project):
    project.snippet("a.py", "x = 1\n")
    project.run()
    done = project.dlref("run", "--executor", "dask://127.0.0.1:1")
    assert (done.status, done.out) == (0, "1 snippets: 0 ran, 1 current, 0 failed\n")


def waited(project, address, patience=1.0):
    """Run what there is, with little patience; return the problems."""
    engine = Engine(project.root)
    engine.use(Cluster(address, patience=patience))
    try:
        engine.run(engine.snippets)
    finally:
        engine.close(wait=False)
    assert not list((project.root / ".dlref").rglob("*.json"))
    return [str(problem) for problem in engine.problems.values()]


def test_no_worker_is_a_problem_and_not_a_wait_for_ever(dask, project):
    project.snippet("a.py", "x = 1\n")
    assert waited(project, dask.address) == [f"snippets/a.py:1: found no worker on dask://{dask.address} for 1 s"]


def test_no_gpu_in_the_cluster_is_a_problem_of_those_that_need_one(dask, project):
    dask.worker("one")
    project.snippet("a.py", "x = 1\n", options="gpu = true")
    assert waited(project, dask.address) == [f"snippets/a.py:1: {NO_CARD} on dask://{dask.address} for 1 s"]


def test_no_scheduler_is_a_problem(project, monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    project.snippet("a.py", "x = 1\n")
    with pytest.raises(Problem, match=r"^dask://127.0.0.1:1: no Dask scheduler answers: "):
        waited(project, "127.0.0.1:1")


def test_what_is_missing_for_a_cluster_is_named(project, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    project.snippet("a.py", "x = 1\n")
    with pytest.raises(Problem, match=r"a Dask cluster needs distributed: pip install 'dlref\[dask\]'"):
        waited(project, "127.0.0.1:1")


@pytest.mark.parametrize(
    "text", ["127.0.0.1:8786", "dask://", "dask://host", "dask://:1", "dask://host:port", "tcp://h:1"]
)
def test_an_address_that_is_none_is_a_wrong_call(text, project):
    done = project.dlref("run", "--executor", text)
    assert done.status == 2
    assert f"expected dask://HOST:PORT, not {text!r}" in done.err


# --- a worker that is not like this machine -----------------------------------------------------------


def instead(change, command):
    """Return what starts a process for which files are others than for us."""
    return ["unshare", "-Urm", "sh", "-c", f'{change} && exec "$@"', "sh", *command]


@pytest.mark.parametrize(("what", "message"), [
    ("snippets/a.py", r"snippets/a.py:1: the worker one \(tcp://.*\) does not see this file as it is: "),
    ("snippets", r"snippets/a.py:1: the worker one \(tcp://.*\) does not see this file as it is: "),
    ("helper.py", r"snippets/a.py:1: ran on the worker one \(tcp://.*\), but helper.py is not the same there as here: "),
])  # fmt: skip
def test_a_worker_that_sees_something_else_gives_no_result(what, message, namespaces, dask, project, tmp_path):
    project.write("helper.py", "X = 1\n")
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    other = tmp_path / "other"
    other.mkdir() if what == "snippets" else other.write_text("X = 2\n")
    dask.worker("one", prefix=instead(f"mount --bind {other} {project.root / what}", []))
    done = on(dask, project)
    assert done.status == 1
    assert re.fullmatch(message + NEEDS, done.problems[0])
    assert not list((project.root / ".dlref").glob("results/**/*.json"))


@pytest.fixture
def outcome(project):
    """A job, and what came of it on a worker that is like this machine."""
    file = project.write("snippets/a.py", "import numpy\n")
    job = {"file": str(file), "python": ""}
    given = {"error": None, "files": [str(file)], "modules": ["numpy", "sys"], "cells": []}
    return job, given | {"worker": "the worker one", "ran_with": surroundings(job, given)}


def test_a_worker_like_this_machine_is_believed(outcome):
    job, given = outcome
    assert checked(job, dict(given)) == {key: given[key] for key in ("error", "files", "modules", "cells")}


@pytest.mark.parametrize(
    ("name", "there"),
    [("Python", "3.9.1"), ("platform", "linux-abacus"), ("dlref", "0"), ("numpy", "9.9"), ("more", "1")],
)
def test_a_worker_with_something_else_gives_no_result(name, there, outcome):
    job, given = outcome
    here = given["ran_with"].get(name) or "missing"
    given["ran_with"][name] = there
    said = checked(job, given)
    assert said["error"] == {
        "line": 1,
        "message": f"ran on the worker one, but {name} is {there} there and {here} here: {NEEDS}",
    }


def test_a_worker_without_a_package_gives_no_result(outcome):
    job, given = outcome
    version = given["ran_with"].pop("numpy")
    assert f"numpy is missing there and {version} here" in checked(job, given)["error"]["message"]


def test_an_environment_of_the_snippets_own_counts_instead_of_the_workers_packages(outcome):
    job, given = outcome
    assert "numpy" in surroundings(job, given)
    assert "numpy" not in surroundings(job | {"python": "/x/bin/python"}, given)
