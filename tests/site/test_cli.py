"""The command: what it prints, what it returns, what it does not even import."""

import os
import pty
import re
import subprocess
import sys
import termios
import time
from itertools import pairwise

import pytest

from dlref import __version__
from dlref.site.engine import Engine


def sizes(project):
    return {path: (path.stat().st_mtime_ns, path.stat().st_size) for path in project.root.rglob("*") if path.is_file()}


def test_run_says_what_ran_in_plain_lines(project):
    project.snippet("a.py", "x = 1\n")
    project.snippet("t/b.py", "x = 1\n")
    done = project.run()
    assert done.status == 0
    assert re.fullmatch(r"ran 1/2 \S+ \(\d+\.\d\d s\)\nran 2/2 \S+ \(\d+\.\d\d s\)\n", done.err)
    assert done.out == "2 snippets: 2 ran, 0 current, 0 failed\n"
    done = project.run()
    assert (done.status, done.out, done.err) == (0, "2 snippets: 0 ran, 2 current, 0 failed\n", "")


def took(project, path, seconds):
    """Have the stored result of a snippet say that it computed for so long."""
    file = max((project.root / ".dlref" / "results" / path).iterdir())
    file.write_text(re.sub(r'"cpu_seconds": [\d.]+', f'"cpu_seconds": {seconds}', file.read_text()))


def test_run_lists_the_slowest(project):
    for name in "abcdefg":
        project.snippet(f"{name}.py", "x = 1\n")
    project.snippet("t/busy.py", "import time\nwhile time.process_time() < 1.1:\n    pass\n")
    done = project.run()
    assert re.fullmatch(
        r"8 snippets: 8 ran, 0 current, 0 failed\nslowest: +1\.\d s of computing, t/busy.py\n", done.out
    )
    assert project.run().out == "8 snippets: 0 ran, 8 current, 0 failed\n"
    for seconds, name in enumerate("abcdefg", 2):
        took(project, f"{name}.py", seconds)
    lines = project.run("--slowest", "3").out.splitlines()[1:]
    assert lines == [f"{head:8} {time} s of computing, {name}.py" for head, time, name in
                     [("slowest:", "  8.0", "g"), ("", "  7.0", "f"), ("", "  6.0", "e")]]  # fmt: skip
    assert project.run("t", "--slowest", "3").out.count(" s of computing, ") == 1


def test_a_snippet_that_computes_for_long_says_why_and_never_for_more_than_a_minute(project):
    project.snippet("a.py", "x = 1\n")
    project.show("a.py")
    project.good()
    before = project.site()
    for seconds, problems in [
        (9.9, []),
        (10.1, ['snippets/a.py:1: computes for 10.1 s; above 10 s it says why: `slow = "…"` in its [tool.dlref]']),
        (60.5, ["snippets/a.py:1: computes for 60.5 s; the limit is 60 s"]),
    ]:
        took(project, "a.py", seconds)
        assert [(done.status, done.problems) for done in (project.run(), project.build())] == [
            (bool(problems), problems)
        ] * 2
        assert project.site() == before
    project.snippet("a.py", "x = 1\n", options='slow = "Five seeds."')
    project.good()
    for seconds, problems in (59.9, []), (60.5, ["snippets/a.py:1: computes for 60.5 s; the limit is 60 s"]):
        took(project, "a.py", seconds)
        assert project.run().problems == problems
    project.snippet("a.py", "x = 1\n", options='slow = " "')
    project.good()
    took(project, "a.py", 12)
    assert project.run().status == 1


def test_run_lists_all_failures_and_keeps_what_succeeded(project):
    project.snippet("a.py", "1 / 0\n")
    project.snippet("b.py", "x = 1\n")
    project.snippet("c.py", "if x\n")
    done = project.run()
    assert done.status == 1
    assert done.problems == [
        "snippets/a.py:2: ZeroDivisionError: division by zero",
        "snippets/c.py:2: SyntaxError: expected ':': if x",
    ]
    assert done.out == "3 snippets: 2 ran, 0 current, 2 failed\n"
    assert project.why("snippets/b.py") == ["snippets/b.py: current"]


@pytest.mark.parametrize(("paths", "chosen"), [
    (["snippets/t/b.py"], {"t/b.py"}), (["snippets/t"], {"t/b.py", "t/c.py"}), (["t/b.py"], {"t/b.py"}), (["t"], {"t/b.py", "t/c.py"}),
    (["snippets"], {"a.py", "t/b.py", "t/c.py", "u/d.py"}), (["snippets/a.py", "snippets/u"], {"a.py", "u/d.py"}), ([], {"a.py", "t/b.py", "t/c.py", "u/d.py"}),
])  # fmt: skip
def test_run_takes_files_and_folders(paths, chosen, project):
    for path in "a.py", "t/b.py", "t/c.py", "u/d.py":
        project.snippet(path, "x = 1\n")
    done = project.run(*paths)
    assert (done.status, done.ran) == (0, chosen)


@pytest.mark.parametrize("path", ["snippets/none.py", "docs", "none", "/etc/passwd"])
def test_a_path_without_snippets_is_a_problem(path, built):
    for command in "run", "why":
        done = built.dlref(command, path)
        assert done.status == 1
        assert f"{path}: no snippet there: expected a file or folder below snippets/" in done.err


def test_paths_are_found_from_where_one_stands(built):
    folder = built.root / "snippets"
    command = [sys.executable, "-m", "dlref.site.cli", "why", "good.py", "--root", ".."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "snippets/good.py: current\n"


def test_why_says_current_or_which_input_changed(built):
    assert built.why("snippets/good.py") == ["snippets/good.py: current"]
    built.snippet("new.py", "x = 1\n")
    built.snippet("bad.py", "if x\n")
    built.write("snippets/good.py", "total = 2\n")
    assert built.why("snippets") == [
        "snippets/bad.py: snippets/bad.py:2: SyntaxError: expected ':': if x", "snippets/good.py: snippet changed",
        "snippets/new.py: it has not been run, or it failed",
    ]  # fmt: skip


def test_check_executes_and_writes_nothing(built):
    built.snippet("a.py", f"open({str(built.root / 'ran')!r}, 'w')\n")
    front = "---\ndescription: A page.\n---\n"
    built.page(f"{front}# More\n\n```snippet\na.py\n```\n", "more.md")
    built.page(front + (built.root / "docs/index.md").read_text())
    before = sizes(built)
    done = built.check()
    assert (done.status, done.err) == (0, "")
    assert done.out == "2 snippets in 2 fences: nothing wrong that can be seen without executing\n"
    assert sizes(built) == before


def test_check_lists_all_that_can_be_known_without_executing(built):
    built.snippet("bad.py", "if x\n")
    built.snippet("alone.py", "1 / 0\n")
    built.page(
        "```snippet x=1\ngood.py\n```\n\n```snippet\nnope.py\n```\n\n```snippet\n../x.py\n```\n\n{{ nope.py:x }}\n\n```snippet\ngood.py#none\n```\n\n"
        '```snippet alt="{{ nope.py:y }}"\ngood.py\n```\n',
        "more.md",
    )
    done = built.check()
    assert done.status == 1
    assert sorted(problem.partition(": ")[0] for problem in done.problems) == [
        "docs/index.md:1", "docs/more.md:1", "docs/more.md:1", "docs/more.md:13", "docs/more.md:15", "docs/more.md:19", "docs/more.md:5", "docs/more.md:9",
        "snippets/alone.py", "snippets/bad.py", "snippets/bad.py:2",
    ]  # fmt: skip
    assert "ZeroDivisionError" not in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["bake"],
        ["why"],
        ["run", "-j", "0"],
        ["run", "-j", "two"],
        ["run", "-j", "-1"],
        ["build", "extra"],
        ["run", "--speed"],
    ],
)
def test_a_wrong_call_has_status_2_and_says_how(arguments, tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "dlref.site.cli", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "usage: dlref" in done.stderr


@pytest.mark.parametrize("command", ["run", "build", "check", "serve"])
def test_a_folder_that_is_no_project_is_a_problem(command, project):
    (project.root / "snippets").rmdir()
    done = project.dlref(command)
    assert done.status == 1
    assert "expected a project, a folder with snippets/ and docs/" in done.err
    assert "Traceback" not in done.err


def test_the_root_is_where_one_stands_unless_said_otherwise(built):
    command = [sys.executable, "-m", "dlref.site.cli", "run"]
    done = subprocess.run(command, cwd=built.root, capture_output=True, text=True, check=True)
    assert done.stdout == "1 snippets: 0 ran, 1 current, 0 failed\n"


def test_the_version_is_that_of_the_package(project):
    done = subprocess.run(
        [sys.executable, "-m", "dlref.site.cli", "--version"], capture_output=True, text=True, check=True
    )
    assert done.stdout == f"dlref {__version__}\n"


def test_workers_are_limited_as_asked(project):
    for name in "abc":
        project.snippet(f"{name}.py", "import os, time\nprint(time.time())\ntime.sleep(0.2)\nprint(time.time())\n")
    assert project.dlref("run", "-j", "1").status == 0
    engine = Engine(project.root)
    spans = sorted(
        list(map(float, engine.notebook(f"{name}.py")["cells"][0]["outputs"][0]["text"].split())) for name in "abc"
    )
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_a_terminal_shows_a_progress_bar(project):
    for name in "abc":
        project.snippet(f"{name}.py", "x = 1\n")
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 80))
    command = [sys.executable, "-m", "dlref.site.cli", "run", "--root", str(project.root)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=theirs)
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert process.wait(10) == 0
    assert "0/3 [" in seen.decode()
    assert "ran 1/3" not in seen.decode()


def test_with_nothing_to_do_run_starts_no_process_and_imports_nothing_heavy(built):
    process = built.start("run", executable=("-X", "importtime", "-m", "dlref.site.cli"))
    _, err = process.communicate(timeout=20)
    imported = {line.rpartition("|")[2].strip() for line in err.splitlines() if line.startswith("import time:")}
    assert process.returncode == 0
    assert "dlref.site.engine" in imported
    for name in (
        "torch",
        "numpy",
        "matplotlib",
        "mkdocs",
        "markdown",
        "pygments",
        "tqdm",
        "dlref.site.plugin",
        "dlref.site.markdown",
    ):
        assert name not in imported
        assert not any(other.startswith(f"{name}.") for other in imported)


def test_with_nothing_to_do_run_starts_no_fork_server(built):
    code = "import sys\nfrom dlref.site import cli, pool\npool.ForkServer.__init__ = None\nstatus = cli.main(sys.argv[1:])\nprint(pool.ForkServer._running)\nsys.exit(status)\n"
    process = built.start("run", executable=("-c", code))
    out, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (0, "")
    assert out.endswith("{}\n")


def test_with_nothing_to_do_two_hundred_snippets_take_less_than_a_second(project):
    for number in range(200):
        project.snippet(f"s{number}.py", f"x = {number}\n")
    project.run()
    began = time.monotonic()
    assert project.run().ran == set()
    assert time.monotonic() - began < 1
