"""What must run again, and what must not."""

import json
import os
import platform
import re
import shutil
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import nbformat
import pytest

from dlref.site import engine as engine_module
from dlref.site.engine import Engine
from dlref.site.environments import versions_here
from dlref.site.pool import execute as execute_job
from dlref.site.snippets import Problem

HELPERS = {
    "lib/deep.py": "DEEP = 1\n",
    "lib/mid.py": "from lib.deep import DEEP\nMID = DEEP + 1\n",
    "lib/late.py": "LATE = 5\n",
    "other.py": "OTHER = 10\n",
    "unused.py": "UNUSED = 0\n",
    "data/numbers.csv": "1,2\n",
}
SNIPPETS = {
    "a.py": "from lib.mid import MID\nprint(MID)\n",
    "b.py": "def f():\n    import lib.late\n    return lib.late.LATE\nprint(f())\n",
    "c.py": "import other\nprint(other.OTHER)\n",
    "d.py": "from pathlib import Path\nprint(Path(__file__).parent.parent.joinpath('data/numbers.csv').read_text())\n",
    "e.py": "print('alone')\n",
    "f.py": "import importlib\nprint(importlib.import_module('oth' + 'er').OTHER)\n",
    "g.py": "import subprocess\nfrom lib import deep\nfrom pathlib import Path\nprint(Path(deep.__file__).read_text())\n",
}
ALL = set(SNIPPETS)


@pytest.fixture
def library(project):
    """A project with helpers and snippets that use them, everything current."""
    for path, text in HELPERS.items():
        project.write(path, text)
    for path, code in SNIPPETS.items():
        project.snippet(path, code)
    done = project.run()
    assert (done.status, done.ran) == (0, ALL), done.err
    return project


def test_nothing_runs_if_nothing_changed(library):
    done = library.run()
    assert (done.status, done.ran, done.out) == (0, set(), "7 snippets: 0 ran, 7 current, 0 failed\n")


@pytest.mark.parametrize(("helper", "users"), [
    ("lib/deep.py", {"a.py", "g.py"}), ("lib/mid.py", {"a.py"}), ("lib/late.py", {"b.py"}), ("other.py", {"c.py", "f.py"}),
    ("data/numbers.csv", {"d.py"}), ("unused.py", set()), ("snippets/e.py", {"e.py"}),
])  # fmt: skip
def test_a_change_runs_exactly_the_snippets_that_use_the_file(helper, users, library):
    file = library.root / helper
    file.write_text(file.read_text() + "# more\n" if helper.endswith(".py") else "1,2,3\n")
    for path in ALL:
        reason = library.why(f"snippets/{path}")
        if path not in users:
            assert reason == [f"snippets/{path}: current"]
        elif helper.startswith("snippets/"):
            assert reason == [f"snippets/{path}: snippet changed"]
        else:
            assert reason == [f"snippets/{path}: {helper} changed"]
    done = library.run()
    assert (done.status, done.ran) == (0, users), done.err
    assert library.run().ran == set()


def test_a_changed_helper_changes_the_output(library):
    library.write("lib/deep.py", "DEEP = 41\n")
    library.run()
    notebook = Engine(library.root).notebook("a.py")
    assert notebook["cells"][0]["outputs"][0]["text"] == "42\n"


def test_going_back_to_what_was_costs_nothing(library):
    library.write("lib/deep.py", "DEEP = 41\n")
    assert library.run().ran == {"a.py", "g.py"}
    library.write("lib/deep.py", HELPERS["lib/deep.py"])
    assert library.run().ran == set()
    assert Engine(library.root).notebook("a.py")["cells"][0]["outputs"][0]["text"] == "2\n"


def test_touching_files_runs_nothing(library):
    for path in (*HELPERS, *[f"snippets/{path}" for path in SNIPPETS]):
        os.utime(library.root / path)
    assert library.run().ran == set()


def test_windows_line_ends_alone_run_nothing(library):
    file = library.root / "snippets" / "e.py"
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert library.run().ran == set()


def test_a_helper_that_is_gone_is_noticed(library):
    (library.root / "lib" / "late.py").unlink()
    assert library.why("snippets/b.py") == ["snippets/b.py: lib/late.py is gone"]
    done = library.run()
    assert (done.status, done.ran) == (1, {"b.py"})
    assert done.problems == ["snippets/b.py:3: ModuleNotFoundError: No module named 'lib.late'"]


def test_a_data_file_that_was_missing_and_comes_is_noticed(library):
    library.snippet(
        "h.py",
        "import os\ntry:\n    with open(os.path.dirname(__file__) + '/../extra.txt') as file:\n        print(file.read())\nexcept FileNotFoundError:\n    print('none')\n",
    )
    assert library.run().ran == {"h.py"}
    assert library.run().ran == set()
    library.write("extra.txt", "some")
    assert library.why("snippets/h.py") == ["snippets/h.py: extra.txt changed"]
    assert library.run().ran == {"h.py"}


def test_a_project_that_is_moved_stays_current(library):
    moved = library.root.parent / "moved"
    shutil.move(library.root, moved)
    library.root = moved
    assert library.run().ran == set()


def test_a_failed_run_is_not_stored(project):
    project.snippet("a.py", "print('half')\n1 / 0\n")
    for _ in range(2):
        done = project.run()
        assert (done.status, done.ran) == (1, {"a.py"})
        assert project.why("snippets/a.py") == ["snippets/a.py: it has not been run, or it failed"]
    assert not list((project.root / ".dlref").glob("notebooks/*"))
    assert not list((project.root / ".dlref").glob("results/**/*.json"))


def test_a_result_stands_while_a_later_version_fails(library):
    library.write("other.py", "1 / 0\n")
    done = library.run()
    assert (done.status, done.ran) == (1, {"c.py", "f.py"})
    assert done.problems == [
        f"snippets/{name}: ZeroDivisionError: division by zero (raised at other.py:1)" for name in ("c.py:2", "f.py:3")
    ]
    library.write("other.py", HELPERS["other.py"])
    assert library.run().ran == set()


@pytest.mark.parametrize("damage", ["manifest", "truncated", "foreign", "notebook", "gone"])
def test_a_damaged_result_is_run_again(damage, library):
    store = library.root / ".dlref"
    manifest = next((store / "results" / "e.py").iterdir())
    notebook = store / "notebooks" / f"{json.loads(manifest.read_text())['notebook']}.ipynb"
    if damage == "manifest":
        manifest.write_text("{")
    elif damage == "truncated":
        manifest.write_bytes(manifest.read_bytes()[:100])
    elif damage == "foreign":
        manifest.write_text('{"format": 1, "snippet": "e.py"}')
    elif damage == "notebook":
        notebook.write_bytes(notebook.read_bytes().replace(b"alone", b"ALONE"))
    else:
        notebook.unlink()
    reason = (
        "its notebook is missing or damaged" if damage in ("notebook", "gone") else "it has not been run, or it failed"
    )
    assert library.why("snippets/e.py") == [f"snippets/e.py: {reason}"]
    assert library.run().ran == {"e.py"}
    assert library.why("snippets/e.py") == ["snippets/e.py: current"]


# --- inputs that are no files ---------------------------------------------------------------------


@pytest.fixture
def numpy_engine(project):
    """An engine whose one snippet, which uses numpy, is current."""
    project.snippet("n.py", "import numpy\nprint(numpy.arange(3))\n")
    engine = Engine(project.root)
    engine.run(["n.py"])
    assert engine.why("n.py") == []
    yield engine
    engine.close(wait=False)


def again(engine):
    """Return why the snippet would run, in a new engine as a new command would have."""
    return Engine(engine.root).why("n.py")


def test_another_version_of_a_distribution_it_imported_is_noticed(numpy_engine, monkeypatch):
    versions = dict(versions_here())
    now = versions["numpy"]

    fake = Mock(return_value=versions)  # with its cache_clear
    monkeypatch.setattr(engine_module, "versions_here", fake)
    versions["tqdm"] = "99"
    assert again(numpy_engine) == []
    versions["numpy"] = "99"
    assert again(numpy_engine) == [f"numpy: {now} → 99"]
    del versions["numpy"]
    assert again(numpy_engine) == [f"numpy: {now} → not installed"]


def test_another_python_is_noticed(numpy_engine, monkeypatch):
    now = platform.python_version()
    monkeypatch.setattr(platform, "python_version", lambda: "9.9.9")
    assert again(numpy_engine) == [f"python: {now} → 9.9.9"]


def test_another_platform_is_noticed(numpy_engine, monkeypatch):
    monkeypatch.setattr(platform, "machine", lambda: "abacus")
    assert [reason.partition(" → ")[2] for reason in again(numpy_engine)] == ["linux-abacus"]


@pytest.mark.parametrize("name", ["TEXT", "FIGURES"])
def test_other_limits_are_noticed(name, numpy_engine, monkeypatch):
    now = getattr(engine_module, name)
    monkeypatch.setattr(engine_module, name, now + 1)
    assert again(numpy_engine) == [f"{name.lower()}: {now} → {now + 1}"]


def test_another_runner_is_noticed(numpy_engine, monkeypatch, tmp_path):
    other = tmp_path / "runner.py"
    other.write_text("")
    monkeypatch.setattr(engine_module, "_RUNNER", [other])
    assert again(numpy_engine) == ["runner changed"]


def test_other_options_are_another_snippet(numpy_engine, project):
    project.snippet("n.py", "import numpy\nprint(numpy.arange(3))\n", options="timeout = 3")
    assert again(numpy_engine) == ["snippet changed", "timeout: 30.0 → 3.0"]


# --- files that change while they are used ----------------------------------------------------------


class Editing(ThreadPoolExecutor):
    """An executor that edits a file before or after each of the first runs."""

    def __init__(self, file: Path, times: int, after: bool) -> None:
        super().__init__(1)
        self.file, self.times, self.after, self.runs = file, times, after, 0

    def submit(self, function, /, *jobs, **_):
        def edited():
            self.runs += 1
            time.sleep(0.02)
            if not self.after:
                self.edit()
            answer = function(*jobs)
            time.sleep(0.02)
            if self.after:
                self.edit()
            return answer

        return super().submit(edited)

    def edit(self) -> None:
        if self.runs <= self.times:
            self.file.write_text(f"X = {self.runs}\n")


def test_a_helper_that_is_edited_before_its_snippet_runs_is_stored_as_it_ran(project):
    helper = project.write("helper.py", "X = 0\n")
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    first = Engine(project.root)
    first.run(["a.py"])
    first.close()
    helper.write_text("X = -1\n")
    editing = Engine(project.root, executor=Editing(helper, 1, after=False))
    assert editing.run(["a.py"]) == ["a.py"]  # it has looked at X = -1; the snippet sees X = 1
    editing.close()
    assert editing.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "1\n"
    helper.write_text("X = -1\n")
    assert Engine(project.root).why("a.py") == ["helper.py changed"]
    helper.write_text("X = 1\n")
    assert Engine(project.root).why("a.py") == []


def test_a_helper_that_is_edited_while_its_snippet_runs_has_it_run_again(project):
    helper = project.write("helper.py", "X = 0\n")
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    executor = Editing(helper, 1, after=True)
    engine = Engine(project.root, executor=executor)
    engine.run(["a.py"])
    engine.close()
    assert executor.runs == 2
    assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "1\n"
    assert Engine(project.root).why("a.py") == []


def test_a_helper_that_never_stops_changing_is_a_problem_and_nothing_is_stored(project):
    helper = project.write("helper.py", "X = 0\n")
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    executor = Editing(helper, 99, after=True)
    engine = Engine(project.root, executor=executor)
    engine.run(["a.py"])
    engine.close()
    assert executor.runs == engine_module.TRIES
    with pytest.raises(Problem, match=r"^snippets/a.py:1: helper.py keeps changing while it runs"):
        engine.notebook("a.py")
    assert Engine(project.root).why("a.py") == ["it has not been run, or it failed"]


def test_a_helper_dated_in_the_future_does_no_harm(project):
    helper = project.write("helper.py", "X = 0\n")
    os.utime(helper, (time.time() + 9999, time.time() + 9999))
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    assert project.run().ran == {"a.py"}
    assert project.run().ran == set()


def test_a_snippet_that_is_edited_while_it_waits_is_run_as_it_was_read(project):
    file = project.root / "snippets" / "a.py"
    project.snippet("a.py", "print('old')\n")
    engine = Engine(project.root)
    engine.begin(["a.py"])
    project.snippet("a.py", "print('new')\n")
    engine.finish()
    engine.close()
    assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "old\n"
    assert Engine(project.root).why("a.py") == ["snippet changed"]
    assert "new" in file.read_text()


# --- running ------------------------------------------------------------------------------------------


def test_another_executor_gives_the_same_results(library):
    own = Engine(library.root)
    shutil.move(library.root / ".dlref", library.root / "before")
    with ThreadPoolExecutor(2) as executor:
        other = Engine(library.root, executor=executor)
        assert set(other.run(other.snippets)) == ALL
        other.close()
    assert other.problems == {}
    shutil.move(library.root / ".dlref", library.root / "after")
    for name in ALL:
        found = []
        for folder in "before", "after":
            manifest = json.loads(next((library.root / folder / "results" / name).iterdir()).read_text())
            found.append((manifest["inputs"], manifest["notebook"]))
        assert found[0] == found[1]
    assert own.snippets == other.snippets


def test_an_executor_gets_a_plain_job_and_gives_a_plain_answer(project):
    seen = []

    class Remote(ThreadPoolExecutor):
        def submit(self, function, /, *jobs, **_):
            future: Future[Any] = Future()
            seen.append(json.loads(json.dumps(*jobs)))
            began, outcome = function(seen[-1])
            future.set_result((began, json.loads(json.dumps(outcome))))
            return future

    project.snippet("a.py", "print('far away')\n", options="timeout = 3")
    engine = Engine(project.root, executor=Remote(1))
    engine.run(["a.py"])
    engine.close()
    assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "far away\n"
    assert (seen[0]["timeout"], seen[0]["memory"], seen[0]["network"]) == (3.0, 2 << 30, False)


def test_a_snippet_that_is_asked_for_is_run_on_the_spot(project):
    project.snippet("a.py", "print('now')\n")
    project.snippet("b.py", "1 / 0\n")
    engine = Engine(project.root)
    try:
        assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "now\n"
        with pytest.raises(Problem, match=r"snippets/b.py:2: ZeroDivisionError"):
            engine.notebook("b.py")
        with pytest.raises(Problem, match=r"no such snippet: snippets/c.py"):
            engine.notebook("c.py")
    finally:
        engine.close()


def test_a_result_that_vanishes_is_made_again(project):
    project.snippet("a.py", "print('now')\n")
    engine = Engine(project.root)
    try:
        engine.run(["a.py"])
        for file in (project.root / ".dlref" / "notebooks").iterdir():
            file.unlink()
        assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "now\n"
    finally:
        engine.close()


def test_snippets_run_in_parallel_but_no_more_than_there_are_workers(project):
    for number in range(6):
        project.snippet(f"s{number}.py", "import time\ntime.sleep(0.3)\n")
    running, most, lock = 0, 0, threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, function, /, *jobs, **_):
            def counted():
                nonlocal running, most
                with lock:
                    running += 1
                    most = max(most, running)
                try:
                    return function(*jobs)
                finally:
                    with lock:
                        running -= 1

            return super().submit(counted)

    engine = Engine(project.root, executor=Counting(3))
    began = time.monotonic()
    engine.run(engine.snippets)
    assert time.monotonic() - began < 1.6
    engine.close()
    assert (most, engine.problems) == (3, {})


def test_the_longest_snippet_of_last_time_starts_first(project):
    order: list[str] = []
    for number, seconds in enumerate([0.0, 0.3, 0.1]):
        project.snippet(f"s{number}.py", f"import time\ntime.sleep({seconds})\n")
    engine = Engine(project.root)
    engine.run(engine.snippets)
    engine.close()
    for number in range(3):
        file = project.root / "snippets" / f"s{number}.py"
        file.write_text(file.read_text() + "x = 1\n")

    class Noting(ThreadPoolExecutor):
        def submit(self, function, /, *jobs, **_):
            order.extend(job["name"] for job in jobs)
            return super().submit(function, *jobs)

    engine = Engine(project.root, executor=Noting(1))
    engine.run(engine.snippets)
    engine.close()
    assert order == ["s1.py", "s2.py", "s0.py"]


def test_a_snippet_that_fails_is_not_run_twice_in_one_build(project):
    project.snippet("a.py", "1 / 0\n")
    engine = Engine(project.root)
    engine.run(["a.py"])
    engine.run(["a.py"])
    assert engine._runs["a.py"] == 1
    engine.close()


# --- what comes of a run ------------------------------------------------------------------------------


def test_an_executed_notebook_is_valid_and_complete(execute, project):
    notebook = execute(
        "import sys\nx = 1\n# %% draw\nimport matplotlib.pyplot as plt\nplt.plot([1])\nprint('a')\nprint('b', file=sys.stderr)\n# %% empty\n"
    )
    nbformat.validate(nbformat.from_dict(notebook))
    assert notebook["nbformat"] == 4
    assert notebook["nbformat_minor"] == 5
    assert [cell["metadata"].get("name") for cell in notebook["cells"]] == [None, "draw", "empty"]
    assert [cell["execution_count"] for cell in notebook["cells"]] == [1, 2, 3]
    assert notebook["cells"][0]["source"] == '"""It holds."""\nimport sys\nx = 1'
    assert [output["output_type"] for output in notebook["cells"][1]["outputs"]] == ["stream", "stream", "display_data"]


def test_a_manifest_names_what_was_used_and_no_more(library):
    engine = Engine(library.root)
    found = {path: next(engine.store.manifests(path)) for path in SNIPPETS}
    assert {path: set(manifest["inputs"]["files"]) for path, manifest in found.items()} == {
        "a.py": {"lib/deep.py", "lib/mid.py"}, "b.py": {"lib/late.py"}, "c.py": {"other.py"}, "d.py": {"data/numbers.csv"},
        "e.py": set(), "f.py": {"other.py"}, "g.py": {"lib/deep.py"},
    }  # fmt: skip
    assert all(manifest["peak_memory"] > 1 << 20 for manifest in found.values())
    assert all(0 <= manifest["seconds"] < 5 for manifest in found.values())
    assert all(
        re.fullmatch("[0-9a-f]{64}", digest)
        for manifest in found.values()
        for digest in manifest["inputs"]["files"].values()
    )


BUSY = "import time\nbegan = time.process_time()\nwhile time.process_time() < began + 0.3:\n    pass\n"


@pytest.mark.parametrize(("code", "computes"), [
    ("import time\ntime.sleep(0.3)\n", False), (BUSY, True), (f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BUSY!r}], check=True)\n", True),
    (f"import threading\nthread = threading.Thread(target=exec, args=({BUSY!r}, {{}}))\nthread.start()\nthread.join()\n", True),
], ids=["sleeping", "computing", "in_a_child", "in_a_thread"])  # fmt: skip
def test_a_manifest_says_how_long_a_snippet_computed_and_not_how_long_it_waited(code, computes, execute, engine):
    execute(code)
    found = next(engine.store.manifests("s.py"))
    assert (found["cpu_seconds"] > 0.27) == computes
    assert found["seconds"] > 0.27


def test_a_module_of_dlref_counts_file_by_file(execute, engine):
    execute("import dlref.site.snippets\n")
    files = next(engine.store.manifests("s.py"))["inputs"]["files"]
    names = {Path(name).name for name in files}
    assert "activations.py" not in names


def test_what_a_copy_needs_is_pinned_to_what_it_ran_with(execute):
    code = "import json, numpy as np\nimport matplotlib.pyplot as plt\nimport dlref\n"
    requires = execute(code)["metadata"]["dlref"]["requires"]
    versions = versions_here()
    assert requires == [f"matplotlib=={versions['matplotlib']}", f"numpy=={versions['numpy']}", "dlref"]


def test_only_what_more_than_one_snippet_imports_is_preloaded_but_for_the_heavy(project):
    project.write("helper.py", "import yaml\nfrom . import x\n")
    for path, code in {
        "a.py": "import numpy as np\nimport helper\nimport json\n", "b.py": "from numpy import linalg\nimport numpy\nimport tqdm\n",
        "c.py": "def f():\n    import torch.nn\n", "d.py": "import helper, dlref.site\nimport no_such_thing\n",
    }.items():  # fmt: skip
        project.snippet(path, code)
    assert Engine(project.root).preload() == ["numpy", "torch.nn", "yaml"]


def test_a_module_that_cannot_be_imported_before_is_the_problem_of_its_snippets(project):
    for path in "a.py", "b.py":
        project.snippet(path, "import no_such_thing\n")
    project.snippet("c.py", "print('fine')\n")
    done = project.run()
    assert done.problems == [
        f"snippets/{path}:2: ModuleNotFoundError: No module named 'no_such_thing'" for path in ("a.py", "b.py")
    ]
    assert "3 snippets: 3 ran, 0 current, 2 failed" in done.out


def test_a_job_can_be_executed_without_an_engine(tmp_path):
    file = tmp_path / "a.py"
    file.write_text("print(1)\n")
    job = {"name": "a.py", "file": str(file), "root": str(tmp_path), "cells": [{"source": "print(1)", "line": 1}],
           "timeout": 5.0, "memory": 2 << 30, "network": False, "text": 1024, "figures": 1}  # fmt: skip
    outcome = execute_job(job)
    assert outcome["error"] is None
    assert outcome["cells"] == [[{"output_type": "stream", "name": "stdout", "text": "1\n"}]]
