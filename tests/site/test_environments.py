"""Snippets that list `dependencies`: what their environments hold, when they are made, and what is said when they cannot be.

The distributions are wheels made here, so that nothing is fetched.
"""

import json
import os
import platform
import re
import signal
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from dlref.site import environments, plugin, render
from dlref.site.build import build, config_file
from dlref.site.engine import Engine
from dlref.site.markdown import Session
from dlref.site.maths import Maths
from dlref.site.snippets import Options


@pytest.fixture
def wheel(tmp_path):
    """Make a wheel with one module; return the requirement for it."""

    def make(name, version="1", code="", needs=()):
        file = tmp_path / f"wheels-{version}" / f"{name}-{version}-py3-none-any.whl"
        file.parent.mkdir(exist_ok=True)
        needed = "".join(f"Requires-Dist: {need}\n" for need in needs)
        with zipfile.ZipFile(file, "w") as content:
            content.writestr(f"{name}.py", f"VERSION = {version!r}\n{code}")
            info = f"{name}-{version}.dist-info"
            content.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needed}")
            content.writestr(
                f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            content.writestr(f"{info}/RECORD", "")
        return f"{name} @ {file.as_uri()}"

    return make


def listed(*requirements, more=""):
    """Return a PEP 723 block."""
    lines = "".join(f'#   "{text}",\n' for text in requirements)
    return f"# /// script\n{more}# dependencies = [\n{lines}# ]\n# ///\n"


@pytest.fixture
def one(project, wheel):
    """A project with one snippet in an environment of its own."""
    project.write(
        "snippets/s.py",
        f'"""It holds."""\n{listed(wheel("alpha"))}import alpha\n\nversion = alpha.VERSION\nprint(version)\n',
    )
    project.page("# Page\n\nValue {{ s.py:version }}.\n\n```snippet\ns.py\n```\n")
    return project


def made(project):
    return sorted((project.root / ".dlref" / "environments").glob("*/complete.json"))


def folders(project):
    return {path.name for path in (project.root / ".dlref" / "environments").glob("*") if path.is_dir()}


# --- what is in one -----------------------------------------------------------------------------------


def test_a_snippet_runs_where_its_list_is_installed_and_nothing_else(project, wheel):
    gone = "import importlib.util, sys\nfor name in ('numpy', 'dlref', 'pip', 'helper'):\n    assert importlib.util.find_spec(name) is None, name\n"
    project.write("helper.py", "")
    project.write(
        "snippets/s.py",
        f'"""It holds."""\n{listed(wheel("alpha", needs=["beta"]), wheel("beta"))}{gone}import alpha, beta\nprint(sys.prefix)\n',
    )
    done = project.run()
    assert (done.status, done.ran) == (0, {"s.py"}), done.err
    [file] = made(project)
    assert json.loads(file.read_text())["installed"] == {"alpha": "1", "beta": "1"}
    notebook = Engine(project.root).notebook("s.py")
    assert notebook["cells"][0]["outputs"][0]["text"].strip() == str(file.parent)


def test_equal_lists_share_an_environment_whatever_their_order(project, wheel):
    alpha, beta = wheel("alpha"), wheel("beta")
    for path, needs in {"a.py": (alpha, beta), "b.py": (beta, alpha), "c.py": (alpha,)}.items():
        project.write(f"snippets/{path}", f'"""It holds."""\n{listed(*needs)}import alpha\n')
    done = project.run()
    assert (done.status, done.ran) == (0, {"a.py", "b.py", "c.py"}), done.err
    assert len(made(project)) == 2
    assert done.err.count("making an environment") == 2
    assert done.err.count("made the environment") == 2


def test_an_empty_list_gives_an_environment_with_nothing(project):
    code = "import importlib.util\nassert importlib.util.find_spec('numpy') is None\n"
    project.write("snippets/s.py", f'"""It holds."""\n# /// script\n# dependencies = []\n# ///\n{code}')
    assert project.run().status == 0
    assert project.run().ran == set()


def test_the_page_shows_what_the_environment_gave_and_the_download_what_it_needs(one, wheel):
    done = one.build()
    assert done.status == 0, done.err
    assert "Value 1." in re.sub("<[^>]+>", "", one.html())
    assert one.outputs() == ["1"]
    assert (one.root / "site/snippets/s.py").read_text().count("dependencies") == 1


# --- when it is made --------------------------------------------------------------------------------


def test_an_unchanged_project_does_not_touch_it(one):
    assert one.run().ran == {"s.py"}
    [file] = made(one)
    before = {path: path.lstat().st_mtime_ns for path in file.parent.rglob("*")}
    done = one.run()
    assert (done.ran, "environment" in done.err) == (set(), False)
    assert one.build().status == 0
    assert {path: path.lstat().st_mtime_ns for path in file.parent.rglob("*")} == before


@pytest.mark.parametrize(
    "harm", ["complete.json", "lib/python3.*/site-packages/*.dist-info", "bin/python", "lib/python3.*/site-packages"]
)
def test_a_damaged_one_is_not_used_but_made_again(harm, one):
    assert one.run().ran == {"s.py"}
    [file] = made(one)
    [hurt] = file.parent.glob(harm)
    hurt.rename(hurt.with_name("elsewhere"))
    assert one.why("snippets/s.py")[0].startswith("snippets/s.py: its environment is not there: Python 3.")
    done = one.run()
    assert (done.status, "made the environment: Python" in done.err) == (0, True), done.err
    assert done.ran == set()  # it is what it was, so that the result holds
    assert [file] == made(one)
    assert not list(file.parent.rglob("elsewhere"))


def test_one_with_another_version_than_was_installed_is_made_again(one):
    assert one.run().ran == {"s.py"}
    [info] = made(one)[0].parent.glob("lib/python3.*/site-packages/alpha-1.dist-info")
    info.rename(info.with_name("alpha-2.dist-info"))
    done = one.run()
    assert ("made the environment" in done.err, done.ran) == (True, set())
    assert "environment" not in one.run().err


def test_another_list_is_another_environment(one, wheel):
    assert one.run().ran == {"s.py"}
    file = one.root / "snippets/s.py"
    file.write_text(file.read_text().replace(wheel("alpha"), wheel("alpha", "2")))
    assert one.run().ran == {"s.py"}
    assert len(made(one)) == 2
    assert Engine(one.root).notebook("s.py")["cells"][0]["outputs"][0]["text"] == "2\n"


def test_two_commands_at_once_make_it_once(one, until):
    commands = [one.start("run") for _ in range(3)]
    said = [command.communicate(timeout=60)[1] for command in commands]
    assert [command.returncode for command in commands] == [0, 0, 0], said
    assert len(made(one)) == 1
    assert len(folders(one)) == 1


def slow_pip(project, monkeypatch, seconds=60):
    """Have pip wait in the middle of an installation."""
    folder = project.root / "slow"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import sys, time\nif 'pip' in ' '.join(sys.orig_argv) and 'install' in sys.orig_argv:\n"
        f"    print('waits', file=open({str(folder / 'waits')!r}, 'w'))\n    time.sleep({seconds})\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return folder / "waits"


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_installation_leaves_nothing_behind(end, one, monkeypatch, until):
    waits = slow_pip(one, monkeypatch)
    command = one.start("run")
    assert until(waits.exists, 30)
    assert folders(one)  # half-made
    command.send_signal(end)
    assert command.wait(20) == 130
    assert until(lambda: not folders(one), 5)
    assert one.nothing_left()
    monkeypatch.delenv("PYTHONPATH")
    assert one.run().ran == {"s.py"}


def test_a_killed_installation_is_not_taken_for_a_whole_one(one, monkeypatch, until):
    waits = slow_pip(one, monkeypatch, seconds=3)
    command = one.start("run")
    assert until(waits.exists, 30)
    command.kill()
    command.wait(20)
    assert folders(one)
    assert not made(one)
    monkeypatch.delenv("PYTHONPATH")
    done = one.run()  # waits for the pip that is still there
    assert (done.status, done.ran) == (0, {"s.py"}), done.err


# --- when it cannot be --------------------------------------------------------------------------------


def refused(project, block, code="x = 1\n"):
    """Run a snippet with this block beside a good one; return what is said of it."""
    project.write("snippets/bad.py", f'"""It holds."""\n{block}{code}')
    project.snippet("good.py", "x = 1\n")
    done = project.run()
    assert done.status == 1
    assert "good.py" in done.ran
    assert not made(project)
    assert not folders(project)
    [problem] = done.problems
    return problem


def test_a_package_that_does_not_exist_is_named_with_pips_reason(project, monkeypatch, tmp_path):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said = refused(project, listed("no-such-thing==9"))
    assert said.startswith("snippets/bad.py: cannot be installed: ")
    assert "Could not find a version that satisfies the requirement no-such-thing==9" in said
    assert "No matching distribution found for no-such-thing==9" in said


def test_a_conflict_is_told_in_pips_words(project, wheel, monkeypatch):
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    said = refused(project, listed(wheel("alpha", needs=["beta<1"]), wheel("beta", "2")))
    assert said.startswith("snippets/bad.py: cannot be installed: ")
    assert "beta" in said
    assert "conflict" in said


def test_a_package_without_a_wheel_is_not_built(project, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    ran = tmp_path / "ran"
    (source / "setup.py").write_text(f"open({str(ran)!r}, 'w')\n")
    with tarfile.open(tmp_path / "gamma-1.tar.gz", "w:gz") as archive:
        archive.add(source, "gamma-1")
    said = refused(project, listed(f"gamma @ {(tmp_path / 'gamma-1.tar.gz').as_uri()}"))
    assert re.fullmatch(r"snippets/bad\.py: dependencies: 'gamma @ .*gz' names neither a release nor a wheel: .*", said)
    assert not ran.exists()


@pytest.mark.parametrize(("text", "message"), [
    ("num py", r"dependencies: 'num py' is no requirement: .*"),
    ("--index-url=http://elsewhere", r"dependencies: '--index-url=http://elsewhere' is no requirement: .*"),
    ("-r file.txt", r"dependencies: '-r file.txt' is no requirement: .*"),
    ("alpha==", r"dependencies: 'alpha==' is no requirement: .*"),
])  # fmt: skip
def test_what_is_no_requirement_never_reaches_pip(text, message, project):
    assert re.fullmatch(r"snippets/bad\.py: " + message, refused(project, listed(text)))


def test_a_python_that_is_not_here_is_named_beside_those_that_are(project):
    said = refused(project, listed(more='# requires-python = ">=99"\n'))
    assert said.startswith("snippets/bad.py: requires Python >=99 which is not here; found: ")
    assert platform.python_version() in said


def test_a_specifier_that_is_none_is_told(project):
    said = refused(project, listed(more='# requires-python = "3.."\n'))
    assert said == "snippets/bad.py: requires-python is no version specifier: '3..'"


def test_a_python_too_old_for_the_runner_is_not_taken(tmp_path, monkeypatch):
    shim(tmp_path / "python3.9", "echo 3.9.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(
        environments.Unavailable,
        match=r"requires Python <3\.10, and 3\.11 or later, which is not here; found: .*3\.9\.1",
    ):
        environments.interpreter_for("<3.10")


def shim(file: Path, script: str) -> None:
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_another_python_is_sought_on_the_path_and_shims_that_fail_are_passed_over(tmp_path, monkeypatch):
    shim(tmp_path / "python3.97", "exit 127")
    shim(tmp_path / "python3.98", "echo 3.98.0")
    shim(tmp_path / "python3.99", "echo 3.99.1")
    (tmp_path / "python3.100").write_text("not executable")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/no/such/folder")
    assert environments.interpreter_for(">=3.90") == (str(tmp_path / "python3.99"), "3.99.1")
    assert environments.interpreter_for("<3.99,>3.90") == (str(tmp_path / "python3.98"), "3.98.0")
    assert environments.interpreter_for("") == (sys.executable, platform.python_version())


def test_another_python_is_another_environment(tmp_path, monkeypatch):
    shim(tmp_path / "python3.99", "echo 3.99.1")
    monkeypatch.setenv("PATH", str(tmp_path))
    ours, theirs = (
        environments.find(tmp_path, Options(dependencies=(), requires_python=wanted)) for wanted in (None, ">3.90")
    )
    assert ours.folder != theirs.folder
    assert (ours.version, theirs.version) == (platform.python_version(), "3.99.1")


def test_a_folder_that_cannot_be_written_is_told(one):
    (one.root / ".dlref").mkdir(exist_ok=True)
    (one.root / ".dlref" / "environments").write_text("in the way")
    done = one.run()
    assert done.status == 1
    assert "snippets/s.py: its environment cannot be made: " in done.err


# --- working without ------------------------------------------------------------------------------------


def test_without_environments_the_others_run_and_nothing_is_made(one):
    one.snippet("good.py", "x = 1\n")
    done = one.dlref("run", "--without-environments")
    assert (done.status, done.ran) == (0, {"good.py"})
    assert done.out == "2 snippets: 1 ran, 0 current, 0 failed, 1 left out with their environments\n"
    assert not folders(one)


def test_without_environments_one_that_is_there_is_used(one):
    assert one.run().ran == {"s.py"}
    file = one.root / "snippets/s.py"
    file.write_text(file.read_text() + "print(2)\n")
    done = one.dlref("run", "--without-environments")
    assert (done.status, done.ran) == (0, {"s.py"})


def test_a_page_says_what_was_not_executed_and_can_not_be_published(one):
    engine = Engine(one.root, make_environments=False)
    session = Session(engine, Maths(one.root), gather=True)
    problems = build(session)
    assert [str(problem) for problem in problems] == [
        f"snippets/s.py: was not executed: {engine.environments['s.py'].name} was left out"
    ]
    assert not (one.root / "site").exists()
    assert "--without-environments" in one.dlref("build", "--without-environments").err


def test_serving_without_environments_marks_the_page(one):
    session = Session(Engine(one.root, make_environments=False), Maths(one.root), gather=True)
    plugin.build(config_file(one.root), one.root / "preview", session)
    html = (one.root / "preview" / "index.html").read_text()
    assert render.UNEXECUTED in html
    assert f"Value {render.MISSING}." in re.sub("<[^>]+>", "", html)
    assert "never published" in html
    assert not (one.root / "preview/snippets/s.py").exists()


# --- limits hold there as well ------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "message"), [
    ("open(__import__('sys').prefix + '/x', 'w')\n", "writes outside its own folder"),
    ("import socket\nsocket.create_connection(('10.0.0.1', 80), timeout=1)\n", "opens the network"),
    ("import alpha\nassert alpha.VERSION == '3'\n", "AssertionError: alpha.VERSION == '3', but came '1' and '3'"),
    ("while True: pass\n", "exceeds its time limit of 2 s"),
    ("x = bytearray(3 << 30)\n", "out of its memory limit"),
])  # fmt: skip
def test_a_snippet_is_confined_in_its_environment_as_elsewhere(code, message, project, wheel):
    block = listed(wheel("alpha")).replace("# ///\n", "# [tool.dlref]\n# timeout = 2\n# ///\n")
    project.write("snippets/s.py", f'"""It holds."""\n{block}{code}')
    done = project.run()
    assert done.status == 1
    assert message in done.err
    assert project.nothing_left()
