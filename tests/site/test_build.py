"""What bad input gets: status 1, a message that says where, and the last good site as it was."""

import contextlib
import os
import re
import shutil
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Bad:
    """A snippet that must not be published: its code from line 2 on, and what is said of it."""

    name: str
    code: str
    line: int
    message: str
    options: str = ""

    def __str__(self) -> str:
        return self.name


SECRET = f"/var/tmp/dlref-must-not-exist-{os.getpid()}"
FAILS = [
    Bad("raises", "x = 1\nx / 0\n", 3, r"ZeroDivisionError: division by zero"),
    Bad("raises_in_a_function", "def f():\n    raise KeyError('k')\nf()\n", 3, r"KeyError: 'k'"),
    Bad("raises_in_a_library", "import json\n\njson.loads('{')\n", 4, r"JSONDecodeError: .* \(raised at .*json.*:\d+\)"),
    Bad("raises_by_import", "import no_such_module_at_all\n", 2, r"ModuleNotFoundError: .*no_such_module_at_all"),
    Bad("raises_something_of_its_own", "class Odd(BaseException): pass\nraise Odd('here')\n", 3, "Odd: here"),
    Bad("fails_its_assert", "a, b = 3, [4]\n\nassert [a] == b\n", 4, r"AssertionError: \[a\] == b, but came \[3\] and \[4\]"),
    Bad("fails_an_assert_in_a_function", "def f(n):\n    assert n < 2\nf(7)\n", 3, r"AssertionError: n < 2, but came 7 and 2"),
    Bad("fails_an_assert_with_a_message", "assert False, 'my words'\n", 2, "AssertionError: my words"),
    Bad("fails_an_assert_without_sides", "x = []\nassert not [1]\n", 3, r"AssertionError: not \[1\]"),
    Bad("warns", "import warnings\nwarnings.warn('careful')\n", 3, "UserWarning: careful"),
    Bad("warns_of_a_deprecation", "import warnings\nwarnings.warn('old', DeprecationWarning)\n", 3, "DeprecationWarning: old"),
    Bad("warns_in_its_text", "x = 1\ny = '\\d'\n", 3, "SyntaxError: .*invalid escape sequence"),
    Bad("warns_by_comparing", "x = 1\nassert x is 1\n", 3, "SyntaxError: .*is"),
    Bad("leaves_a_file_open", "print(open(__file__).readline())\n", 2, "ResourceWarning: unclosed file"),
    Bad("does_not_parse", "x = 1\nif x\n", 3, r"SyntaxError: expected ':': if x"),
    Bad("does_not_parse_indented", "x = 1\n  y = 2\n", 3, r"SyntaxError: unexpected indent"),
    Bad("has_a_null_byte", "x = 1\n\0\n", 1, "SyntaxError: .*null"),
    Bad("never_closes_a_string", "x = '''\n", 2, "SyntaxError: unterminated"),
    Bad("returns_at_the_top", "x = 1\nreturn x\n", 3, "SyntaxError: 'return' outside function"),
    Bad("is_only_a_docstring", "", 1, "is empty"),
    Bad("is_only_comments", "# nothing\n# %% a\n# more\n", 1, "is empty"),
    Bad("exits", "import sys\n\nsys.exit(0)\n", 4, r"leaves by sys\.exit\(0\)"),
    Bad("exits_in_a_function", "def f():\n    raise SystemExit\nf()\n", 3, r"leaves by sys\.exit"),
    Bad("exits_below_python", "import os\nprint('half')\nos._exit(0)\nprint('rest')\n", 1, "ends with exit status 0 before it has completed"),
    Bad("exits_in_a_second_cell", "x = 1\n# %% b\nimport os\nos._exit(3)\n", 1, "ends with exit status 3 before"),
    Bad("segfaults", "import ctypes\n\nctypes.string_at(0)\n", 4, "crashes: killed by SIGSEGV"),
    Bad("segfaults_by_signal", "import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n", 3, "crashes: killed by SIGSEGV"),
    Bad("aborts", "import os\ndef f():\n    os.abort()\nf()\n", 4, "crashes: killed by SIGABRT"),
    Bad("is_killed", "import os\nos.kill(os.getpid(), 9)\n", 1, "crashes: killed by SIGKILL"),
    Bad("kills_its_group", "import os\nos.killpg(0, 9)\n", 1, "crashes: killed by SIGKILL"),
    Bad("exceeds_its_time", "x = 1\nwhile True: x += 1\n", 3, r"exceeds its time limit of 0\.5 s", "timeout = 0.5"),
    Bad("sleeps_beyond_its_time", "import time\ndef f():\n    time.sleep(60)\nf()\n", 4, r"exceeds its time limit of 0\.5 s", "timeout = 0.5"),
    Bad("ignores_every_signal_and_hangs", "import signal, time\nfor s in set(signal.Signals) - {9, 19}:\n    signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)\n",
        5, r"exceeds its time limit of 0\.5 s", "timeout = 0.5"),
    Bad("waits_for_a_thread_that_never_ends", "import threading\nt = threading.Thread(target=threading.Event().wait)\nt.start()\nt.join()\n",
        5, r"exceeds its time limit of 0\.5 s", "timeout = 0.5"),
    Bad("exceeds_its_memory", "x = bytearray(3 << 30)\n", 2, r"MemoryError.*memory limit"),
    Bad("exceeds_a_smaller_memory", "x = [0]\nx = x * (1 << 28)\n", 3, r"MemoryError.*memory limit", "memory = 1"),
    Bad("prints_too_much", "for i in range(100_000):\n    print(i)\n", 3, "prints more than 64 KiB of text"),
    Bad("prints_too_much_in_all", "print('x' * 40_000)\n# %% b\nprint('x' * 40_000)\n", 4, "prints more than 64 KiB of text"),
    Bad("writes_too_much_to_descriptor_1", "import os\nfor _ in range(70):\n    os.write(1, b'x' * 1024)\n", 1, "prints more than 64 KiB of text"),
    Bad("writes_too_much_by_a_process", "import subprocess\nsubprocess.run(['head', '-c', '70000', '/dev/zero'], check=True)\n", 1, "prints more than 64 KiB of text"),
    Bad("prints_too_much_and_swallows_it", "try:\n    print('x' * 70_000)\nexcept BaseException:\n    pass\n", 3, "prints more than 64 KiB of text"),
    Bad("fills_the_disk", "with open('f', 'wb') as f:\n    for _ in range(300):\n        f.write(bytes(1 << 20))\n", 4, r"OSError: .*(File too large|No space left)"),
    Bad("draws_too_much", "import matplotlib.pyplot as plt\nfor _ in range(9):\n    plt.figure()\n", 1, "draws more figures than its limit: 9 are open and 8 are left"),
    Bad("draws_too_much_in_all", "import matplotlib.pyplot as plt\nfor _ in range(7):\n    plt.figure()\n# %% b\nplt.figure()\nplt.figure()\n",
        6, "draws more figures than its limit: 2 are open and 1 are left"),
    Bad("reads_input", "name = input('Who? ')\n", 2, "reads standard input"),
    Bad("reads_stdin", "import sys\nsys.stdin.read()\n", 3, "reads standard input"),
    Bad("reads_lines_of_stdin", "import sys\nfor line in sys.stdin:\n    pass\n", 3, "reads standard input"),
    Bad("reads_stdin_and_swallows_it", "try:\n    input()\nexcept BaseException:\n    pass\n", 3, "reads standard input"),
    Bad("reads_descriptor_0", "import os\nos.read(0, 1)\n", 3, "OSError: .*Bad file descriptor"),
    Bad("connects", "import socket\ns = socket.create_connection(('127.0.0.1', 9))\n", 3, "opens the network"),
    Bad("connects_elsewhere", "import socket\n\nwith socket.socket() as s:\n    s.connect(('10.0.0.1', 80))\n", 5, "opens the network"),
    Bad("sends_a_datagram", "import socket\nwith socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:\n    s.sendto(b'x', ('::1', 9))\n", 4, "opens the network"),
    Bad("waits_for_calls", "import socket\nwith socket.socket() as s:\n    s.bind(('', 0))\n", 4, "opens the network"),
    Bad("fetches", "from urllib.request import urlopen\nurlopen('http://localhost:9/', timeout=1)\n", 3, "opens the network"),
    Bad("looks_a_name_up", "import socket\nsocket.getaddrinfo('localhost', 80)\n", 3, "opens the network"),
    Bad("looks_a_name_up_the_old_way", "import socket\nsocket.gethostbyname('localhost')\n", 3, "opens the network"),
    Bad("fetches_and_catches", "from urllib.request import urlopen\ntry:\n    urlopen('http://localhost:9/', timeout=1)\nexcept Exception:\n    pass\n",
        4, "opens the network"),
    Bad("fetches_and_swallows", "from urllib.request import urlopen\ntry:\n    urlopen('http://localhost:9/', timeout=1)\nexcept:\n    pass\n",
        4, "opens the network"),
    Bad("writes_elsewhere", f"with open('{SECRET}', 'w') as f:\n    f.write('x')\n", 2, f"writes outside its own folder: {SECRET}"),
    Bad("appends_elsewhere", f"open('{SECRET}', 'ab').close()\n", 2, "writes outside its own folder"),
    Bad("opens_elsewhere_low", f"import os\nos.open('{SECRET}', os.O_RDWR | os.O_CREAT)\n", 3, "writes outside its own folder"),
    Bad("writes_beside_itself", "with open(__file__ + '.txt', 'w') as f:\n    pass\n", 2, "writes outside its own folder"),
    Bad("writes_over_itself", "with open(__file__, 'a') as f:\n    pass\n", 2, "writes outside its own folder"),
    Bad("writes_above", "with open('../x', 'w') as f:\n    pass\n", 2, "writes outside its own folder"),
    Bad("makes_a_folder_elsewhere", f"import os\nos.mkdir('{SECRET}')\n", 3, "writes outside its own folder"),
    Bad("touches_elsewhere", f"from pathlib import Path\nPath('{SECRET}').touch()\n", 3, "writes outside its own folder"),
    Bad("copies_elsewhere", f"import shutil\nshutil.copy(__file__, '{SECRET}')\n", 3, "writes outside its own folder"),
    Bad("moves_elsewhere", f"import shutil\nopen('a', 'w').close()\nshutil.move('a', '{SECRET}')\n", 4, "writes outside its own folder"),
    Bad("links_elsewhere", f"import os\nos.symlink('/', '{SECRET}')\n", 3, "writes outside its own folder"),
    Bad("writes_through_a_link", f"import os\nos.symlink('{SECRET}', 'link')\nopen('link', 'w').close()\n", 4, "writes outside its own folder"),
    Bad("writes_after_changing_folder", "import os\nos.chdir('/')\nopen('dlref-must-not-exist', 'w').close()\n", 4, "writes outside its own folder"),
    Bad("removes_elsewhere", "import os\nos.remove(__file__)\n", 3, "writes outside its own folder"),
    Bad("writes_elsewhere_and_swallows", f"try:\n    open('{SECRET}', 'w')\nexcept BaseException:\n    pass\n", 3, "writes outside its own folder"),
    Bad("raises_in_a_thread", "import threading\nt = threading.Thread(target=lambda: 1 / 0)\nt.start()\nt.join()\n", 3, r"ZeroDivisionError: division by zero"),
    Bad("writes_elsewhere_in_a_thread", f"import threading\nt = threading.Thread(target=lambda: open('{SECRET}', 'w'))\nt.start()\nt.join()\n", 3, "writes outside"),
    Bad("raises_where_nobody_looks", "class A:\n    def __del__(self):\n        1 / 0\na = A()\ndel a\n", 4, "ZeroDivisionError"),
    Bad("asks_for_an_unknown_option", "# /// script\n# [tool.dlref]\n# tmeout = 3\n# ///\nx = 1\n", 2, "unknown option 'tmeout'; known: amplifies, gpu, measured, memory, network, slow, timeout, tolerance"),
    Bad("has_an_unknown_key", "# /// script\n# dependency = ['x']\n# ///\nx = 1\n", 2, "unknown option 'dependency'"),
    Bad("has_a_timeout_of_text", "x = 1\n\n# /// script\n# [tool.dlref]\n# timeout = '3'\n# ///\n", 4, "option 'timeout' has the wrong type: '3'"),
    Bad("has_a_negative_timeout", "x = 1\n# /// script\n# [tool.dlref]\n# timeout = -1\n# ///\n", 3, "timeout is a positive number, not -1"),
    Bad("has_a_timeout_of_nan", "x = 1\n# /// script\n# [tool.dlref]\n# timeout = nan\n# ///\n", 3, "timeout is a positive number, not nan"),
    Bad("has_a_boolean_memory", "x = 1\n# /// script\n# [tool.dlref]\n# memory = true\n# ///\n", 3, "memory is a positive number, not True"),
    Bad("has_a_network_of_text", "x = 1\n# /// script\n# [tool.dlref]\n# network = 'yes'\n# ///\n", 3, "option 'network' has the wrong type"),
    Bad("has_dependencies_of_text", "# /// script\n# dependencies = 'numpy'\n# ///\nx = 1\n", 2, "option 'dependencies' has the wrong type"),
    Bad("has_dependencies_of_numbers", "# /// script\n# dependencies = [1]\n# ///\nx = 1\n", 2, "dependencies is a list of strings"),
    Bad("has_a_tool_of_text", "# /// script\n# tool = 'x'\n# ///\nx = 1\n", 2, "option 'tool' has the wrong type"),
    Bad("has_options_of_text", "# /// script\n# tool.dlref = 'x'\n# ///\nx = 1\n", 2, "expected a table, not 'x'"),
    Bad("has_no_toml", "# /// script\n# [tool\n# ///\nx = 1\n", 2, "the script block is not TOML"),
    Bad("never_closes_its_block", "x = 1\n# /// script\n# [tool.dlref]\n", 3, "expected one `# /// script` block that ends with `# ///`"),
    Bad("has_two_blocks", "# /// script\n# ///\n\n# /// script\n# ///\nx = 1\n", 2, "expected one `# /// script` block"),
    Bad("wants_another_python", "# /// script\n# requires-python = '<3'\n# ///\nx = 1\n", 1, "requires Python <3; this is 3"),
    Bad("names_a_cell_badly", "x = 1\n# %% two words\ny = 2\n", 3, "a cell is named `# %% name`"),
    Bad("names_a_cell_not", "x = 1\n# %%\ny = 2\n", 3, "a cell is named `# %% name`"),
    Bad("names_two_cells_alike", "x = 1\n# %% a\ny = 2\n# %% a\nz = 3\n", 5, "two cells are named 'a'"),
]  # fmt: skip

ALONE = [
    "raises",
    "fails_its_assert",
    "warns",
    "does_not_parse",
    "is_only_a_docstring",
    "exits",
    "exits_below_python",
    "segfaults",
    "exceeds_its_time",
    "exceeds_its_memory",
    "prints_too_much",
    "draws_too_much",
    "reads_input",
    "fetches_and_swallows",
    "writes_elsewhere",
    "asks_for_an_unknown_option",
]  # fmt: skip  (also built with nothing else wrong)
CORE = [
    "raises",
    "exits",
    "exits_below_python",
    "segfaults",
    "kills_its_group",
    "exceeds_its_time",
    "sleeps_beyond_its_time",
    "exceeds_its_memory",
    "prints_too_much",
    "writes_too_much_to_descriptor_1",
    "reads_input",
    "connects",
    "fetches_and_swallows",
    "looks_a_name_up",
    "writes_elsewhere",
    "writes_beside_itself",
    "writes_through_a_link",
    "copies_elsewhere",
    "removes_elsewhere",
    "writes_elsewhere_and_swallows",
    "fills_the_disk",
]  # fmt: skip  (run a second time, without namespaces)


def add(project, bad: Bad) -> str:
    """Add a bad snippet and a page that shows it (from line 5 on); return the message that must come, as a pattern."""
    project.snippet(f"bad/{bad.name}.py", bad.code, options=bad.options)
    page = project.root / "docs" / "bad.md"
    text = page.read_text(encoding="utf-8") if page.is_file() else "---\ntitle: Bad\n---\n# Bad\n"
    page.write_text(f'{text}\n```snippet show="code"\nbad/{bad.name}.py\n```\n', encoding="utf-8")
    line = text.count("\n") + 2
    place = f"snippets/bad/{bad.name}.py" + ("" if bad.name.startswith("wants_") else f":{bad.line}")
    return rf"docs/bad.md:{line}: {re.escape(place)}: {bad.message}"


def refuses(project, *patterns: str) -> None:
    """See a build fail with exactly these problems, in any order, and the site stay as it is."""
    before = project.site()
    done = project.build()
    assert done.status == 1, done.out
    unmatched = [problem for problem in done.problems if not any(re.match(pattern, problem) for pattern in patterns)]
    missing = [pattern for pattern in patterns if not any(re.match(pattern, problem) for problem in done.problems)]
    assert (missing, unmatched) == ([], []), done.err
    assert len(done.problems) == len(set(done.problems)) == len(patterns)
    assert f"{len(patterns)} problem{'s' * (len(patterns) > 1)}; nothing was published" in done.err
    assert "Traceback" not in done.err
    assert before
    assert project.site() == before
    assert "published" not in done.out
    assert project.nothing_left()
    assert list(project.tmp.iterdir()) == []
    assert not Path(SECRET).exists()


@pytest.fixture(scope="module")
def together(tmp_path_factory, projects, template):
    """What one build says of a project with all that is bad: the snippets of FAILS and the pages of PAGES."""
    project = projects(tmp_path_factory.mktemp("together"))
    shutil.copytree(template, project.root, dirs_exist_ok=True)
    patterns = {bad.name: [add(project, bad)] for bad in FAILS} | {name: add_page(project, name) for name in PAGES}
    before = project.site()
    done = project.build()
    assert project.nothing_left()
    return done, patterns, before == project.site() != {}


def test_all_that_is_bad_is_listed_by_one_build_and_the_good_site_stays(together):
    done, patterns, untouched = together
    assert done.status == 1
    assert untouched
    assert "Traceback" not in done.err
    wanted = [pattern for each in patterns.values() for pattern in each]
    assert [problem for problem in done.problems if not any(re.match(pattern, problem) for pattern in wanted)] == []
    assert f"{len(wanted)} problems; nothing was published" in done.err
    assert not Path(SECRET).exists()


@pytest.mark.parametrize("bad", FAILS, ids=str)
def test_a_snippet_is_refused_that(bad, together):
    done, patterns, _ = together
    [pattern] = patterns[bad.name]
    assert len([problem for problem in done.problems if re.match(pattern, problem)]) == 1, [
        p for p in done.problems if bad.name in p
    ]


@pytest.mark.parametrize("bad", [bad for bad in FAILS if bad.name in ALONE], ids=str)
def test_alone_a_snippet_is_refused_that(bad, built):
    refuses(built, add(built, bad))


def test_without_namespaces_bad_snippets_are_refused_as_well(built):
    built.environment["DLREF_NAMESPACES"] = "0"
    refuses(built, *[add(built, bad) for bad in FAILS if bad.name in CORE])


# --- processes that a snippet starts ------------------------------------------------------------

BOMB = """import os, time
for _ in range(400):
    if os.fork() == 0:
        time.sleep(60)
"""
BOMBS = {
    "one_after_another": BOMB,
    "doubling": "import os\nwhile True:\n    os.fork()\n",
    "doubling_into_sessions_of_their_own": "import os\nfor _ in range(7):\n    os.fork() or os.setsid()\nwhile True:\n    pass\n",
    "swallowing": "import os\nwhile True:\n    try:\n        os.fork()\n    except BaseException:\n        pass\n",
    "by_subprocess": "import subprocess\nall = [subprocess.Popen(['sleep', '60']) for _ in range(100)]\nall[0].wait()\n",
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_snippet_that_forks_without_end_is_ended_with_all_its_processes(name, anywhere):
    bad = Bad(name, BOMBS[name], 0, "starts more processes than its limit of 32")
    pattern = add(anywhere, bad).replace(":0:", r":\d+:")
    began = time.monotonic()
    refuses(anywhere, pattern)
    assert time.monotonic() - began < 15


LEAVES = """import os, time
print('parent')
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        time.sleep(60)
    os._exit(0)
os.wait()
time.sleep(0.2)
"""


def test_a_process_that_a_snippet_leaves_behind_ends_with_it(anywhere):
    anywhere.snippet("bad/leaves.py", LEAVES)
    anywhere.show("good.py", "bad/leaves.py")
    anywhere.good()
    assert anywhere.outputs() == ["total: 2", "parent"]
    assert anywhere.nothing_left(0.5)


def test_a_process_that_a_snippet_starts_cannot_write_outside(built, namespaces):
    file = built.root / "snippets" / "good.py"
    code = f"""
    import subprocess
    done = subprocess.run(["sh", "-c", "echo x > {file}; echo x > {SECRET}; rm {file}; touch inside; ls"],
                          capture_output=True, text=True)
    assert done.stdout == "inside\\n", done.stdout
    assert "Read-only" in done.stderr
    """
    built.snippet("writes.py", code)
    built.show("good.py", "writes.py")
    built.good()
    assert file.read_text().startswith('"""One and one')
    assert not Path(SECRET).exists()


def test_a_process_that_a_snippet_starts_has_no_network(built, namespaces):
    code = "import socket\nsocket.create_connection(('127.0.0.1', 9))\n"
    built.snippet("asks.py", f"""
    import subprocess, sys
    done = subprocess.run([sys.executable, "-c", {code!r}], capture_output=True, text=True)
    assert "Network is unreachable" in done.stderr or "Cannot assign" in done.stderr, done.stderr
    """)  # fmt: skip
    built.show("good.py", "asks.py")
    built.good()


def test_a_snippet_that_says_so_may_open_the_network(anywhere):
    code = "import socket\nwith socket.socket() as server:\n    server.bind(('127.0.0.1', 0))\n    print(server.getsockname()[0])\n"
    anywhere.snippet("asks.py", code, options="network = true")
    anywhere.show("good.py", "asks.py")
    anywhere.good()
    assert anywhere.outputs() == ["total: 2", "127.0.0.1"]


def test_a_snippet_cannot_end_the_process_that_watches_it(anywhere):
    bad = Bad("shoots", "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(60)\n", 0, "", "timeout = 0.5")
    refuses(anywhere, add(anywhere, bad).replace(":0:", r":\d+:"))


# --- pages --------------------------------------------------------------------------------------

FIGURE = '"""A line."""\n\nimport matplotlib.pyplot as plt\n\nplt.plot([1, 2])\n\n# %% other\nx = 1\n'
DEAD = "Doc file '[a-z_]+.md' contains a link '{}', but "
PAGES = {  # text of a page from line 1 on; line and message of each problem
    "unknown_option": ('```snippet colour="red"\ngood.py\n```', {1: "unknown option 'colour=red'; the options are: title, alt, caption, lines, show"}),
    "option_without_value": ("```snippet title\ngood.py\n```", {1: "unknown option 'title'"}),
    "option_twice": ("```snippet title=a title=b\ngood.py\n```", {1: "option 'title' stands twice"}),
    "open_quote": ('```snippet title="a\ngood.py\n```', {1: "cannot read the fence's options: No closing quotation"}),
    "unknown_file": ("text\n\n```snippet\nmissing.py\n```", {3: "no such snippet: snippets/missing.py"}),
    "unknown_cell": ("```snippet\ngood.py#nope\n```", {1: "good.py has no cell 'nope'; its named cells: none"}),
    "unknown_cell_of_some": ("```snippet\nfigure.py#nope\n```", {1: "figure.py has no cell 'nope'; its named cells: other"}),
    "two_lines": ("```snippet\ngood.py\ngood.py\n```", {1: "a snippet fence holds one line, path or path#cell, not 2"}),
    "no_line": ("```snippet\n\n```", {1: "a snippet fence holds one line, path or path#cell, not 0"}),
    "parent": ("```snippet\n../outside.py\n```", {1: r"'\.\./outside\.py' leaves snippets/"}),
    "parent_inside": ("```snippet\na/../../outside.py\n```", {1: ".* leaves snippets/"}),
    "absolute": ("```snippet\n/etc/passwd\n```", {1: "'/etc/passwd' leaves snippets/"}),
    "backslash": ("```snippet\n..\\outside.py\n```", {1: ".* leaves snippets/"}),
    "no_python": ("```snippet\nnotes.txt\n```", {1: "no such snippet: snippets/notes.txt"}),
    "a_folder": ("```snippet\nbad\n```", {1: "no such snippet: snippets/bad"}),
    "lines_out_of_range": ("```snippet lines=5-6\ngood.py\n```", {1: 'lines="5-6", but 5 lines of code are shown'}),
    "lines_from_zero": ("```snippet lines=0\ngood.py\n```", {1: 'lines="0" is not of the form "3 5-7"'}),
    "lines_of_text": ("```snippet lines=two\ngood.py\n```", {1: 'lines="two" is not of the form "3 5-7"'}),
    "lines_backwards": ("```snippet lines=4-2\ngood.py\n```", {1: 'lines="4-2" is not of the form "3 5-7"'}),
    "lines_without_code": ("```snippet lines=1 show=output\ngood.py\n```", {1: 'lines="1", but 0 lines of code are shown'}),
    "unknown_show": ("```snippet show=none\ngood.py\n```", {1: 'show="none" is none of code, output, both'}),
    "no_alt": ("```snippet\nfigure.py\n```", {1: r'the cells shown draw 1 figure and alt="…" describes 0'}),
    "empty_alt": ('```snippet alt=" "\nfigure.py\n```', {1: r'the cells shown draw 1 figure and alt="…" describes 0'}),
    "alt_for_nothing": ('```snippet alt="A line."\nfigure.py#other\n```', {1: r'the cells shown draw 0 figures and alt="…" describes 1'}),
    "one_alt_too_many": ('```snippet alt="A. | B."\nfigure.py\n```', {1: r'the cells shown draw 1 figure and alt="…" describes 2'}),
    "never_closed": ("text\n\n```snippet\ngood.py\n\nmore", {3: "this snippet fence is never closed"}),
    "never_closed_at_once": ("text\n\n```snippet", {3: ".*"}),
    "after_a_bullet": ("- ```snippet\n  good.py\n  ```", {1: "a snippet fence stands on a line of its own, indented below the bullet"}),
    "after_a_number": ("1. ~~~ snippet\n   good.py\n   ~~~", {1: "a snippet fence stands on a line of its own, indented below the bullet"}),
    "unknown_value": ("a\n\nb {{ good.py:nope }}", {3: r"no value 'nope' .*; there are: total"}),
    "private_value": ("{{ good.py:_private }}", {1: ".*no inline value.*"}),
    "value_of_unknown_file": ("a {{ missing.py:x }}", {1: "no such snippet: snippets/missing.py"}),
    "value_outside": ("a {{ ../good.py:x }}", {1: r"'\.\./good\.py' leaves snippets/"}),
    "wrong_format": ("a {{ good.py:total:q }}", {1: "format 'q' does not fit total = 2"}),
    "format_for_text": ("a {{ text.py:word:.2f }}", {1: "format '.2f' does not fit word = 'deep'"}),
    "no_reference": ("a\n{{ total }}", {2: r"\{\{ total \}\} is no inline value: expected path.py:name"}),
    "a_macro": ("a {{ 7 * 7 }}", {1: r"\{\{ 7 \* 7 \}\} is no inline value"}),
    "value_in_a_heading": ("# The {{ good.py:nope }}", {1: "no value 'nope'"}),
    "value_in_a_table": ("| a | b |\n|---|---|\n| 1 | {{ good.py:nope }} |", {3: "no value 'nope'"}),
    "value_in_a_caption": ('```snippet caption="is {{ good.py:nope }}"\ngood.py\n```', {1: "no value 'nope'"}),
    "value_in_an_alt": ('```snippet alt="is {{ good.py:nope }}"\nfigure.py\n```', {1: "no value 'nope'"}),
    "value_in_an_admonition": ("!!! note\n\n    It is {{ good.py:nope }}.", {3: "no value 'nope'"}),
    "dead_link": ("a\n\n[b](nowhere.md)", {3: DEAD.format("nowhere.md")}),
    "dead_link_to_a_folder": ("[b](nowhere/index.md)", {1: DEAD.format("nowhere/index.md")}),
    "dead_image": ("a\n![b](nothing.png)", {2: DEAD.format("nothing.png")}),
    "dead_anchor": ("# A\n\n[b](#nowhere)", {3: "Doc file '[a-z_]+.md' contains a link '#nowhere', but there is no such anchor"}),
    "dead_anchor_elsewhere": ("a\n[b](index.md#nowhere)", {2: "Doc file '[a-z_]+.md' contains a link 'index.md#nowhere', but .*anchor"}),
    "absolute_link": ("[b](/nowhere/)", {1: "Doc file '[a-z_]+.md' contains an absolute link '/nowhere/'"}),
    "bad_formula": ("a\n\nb $\\frac{1}$ c", {3: r"the formula '\\\\frac\{1\}' does not parse: "}),
    "unknown_command": ("a $\\nope$", {1: r"the formula '\\\\nope' does not parse: Undefined control sequence"}),
    "bad_display": ("a\n\n$$\n\\begin{aligned}\na &= b\n\\end{align}\n$$\n\nb", {4: "the formula .* does not parse: "}),
    "lenient_formula": ("a $x^2€$", {1: "the formula .* does not parse: .*"}),
    "bad_formula_in_a_caption": ('```snippet caption="is $\\nope$"\ngood.py\n```', {1: "the formula .* does not parse"}),
    "bad_formula_in_a_list": ("- a\n- b $x^$\n", {2: r"the formula 'x\^' does not parse"}),
    "several_at_once": ("$\\nope$\n\n```snippet x=1\ngood.py\n```\n\n{{ good.py:nope }}\n[b](nowhere.md)\n",
        {1: "the formula", 3: "unknown option", 7: "no value", 8: DEAD.format("nowhere.md")}),
}  # fmt: skip
TEXT = '"""Text."""\n\nword, _private = "deep", 1\n'


def add_page(project, name: str, start: str = "") -> list[str]:
    """Add a page of the table, and what it refers to; return the messages that must come, as patterns."""
    text, problems = PAGES[name]
    project.write("snippets/figure.py", FIGURE)
    project.write("snippets/text.py", TEXT)
    project.write("snippets/notes.txt", "Not Python.")
    project.write("outside.py", "x = 1\n")
    project.page("# Others\n\n```snippet show=code\nfigure.py\n```\n\n```snippet\ntext.py\n```\n", "others.md")
    project.write(f"docs/page_{name}.md", start + (text.replace("\n", "\r\n") if start else text), dedent=False)
    offset = start.count("\n")
    return [f"docs/page_{name}.md:{line + offset}: ({message})" for line, message in problems.items()]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_refused_with(name, together):
    done, patterns, _ = together
    said = [problem for problem in done.problems if problem.startswith(f"docs/page_{name}.md:")]
    assert len(said) == len(patterns[name])
    assert all(any(re.match(pattern, problem) for problem in said) for pattern in patterns[name]), said


@pytest.mark.parametrize(
    "name", ["unknown_option", "unknown_cell", "parent", "no_alt", "unknown_value", "dead_link", "bad_formula"]
)
def test_alone_a_page_is_refused_with(name, built):
    refuses(built, *add_page(built, name))


@pytest.mark.parametrize(
    "name", ["never_closed", "no_alt", "unknown_value", "dead_link", "bad_display", "several_at_once"]
)
def test_lines_are_counted_from_the_top_of_the_file(name, built):
    refuses(built, *add_page(built, name, "---\ntitle: Bad\ndescription: It is.\n---\n\n\n"))


def test_a_page_is_refused_that_is_not_utf8(built):
    (built.root / "docs" / "bad.md").write_bytes(b"# Caf\xe9\n")
    refuses(built, "docs/bad.md: is not UTF-8: .* at byte 5")


def test_a_snippet_is_refused_that_is_not_utf8(built):
    (built.root / "snippets" / "bad.py").write_bytes(b'"""Caf\xe9."""\nx = 1\n')
    built.page("```snippet\nbad.py\n```\n", "bad.md")
    refuses(built, "docs/bad.md:1: snippets/bad.py: is not UTF-8: .* at byte 6")


def test_an_orphan_is_refused(built):
    built.snippet("topic/alone.py", "x = 1\n")
    built.snippet("topic/mentioned.py", "x = 1\n")
    built.page("# More\n\n{{ topic/mentioned.py:x }}\n", "more.md")
    refuses(
        built, "snippets/topic/alone.py: is an orphan: no page shows it", "snippets/topic/mentioned.py: is an orphan"
    )


def test_a_snippet_shown_only_in_an_example_of_a_fence_is_an_orphan(built):
    built.snippet("alone.py", "x = 1\n")
    built.page("# More\n\n````markdown\n```snippet\nalone.py\n```\n````\n", "more.md")
    refuses(built, "snippets/alone.py: is an orphan")


def test_a_failing_orphan_is_both(built):
    built.snippet("alone.py", "1 / 0\n")
    refuses(built, "snippets/alone.py: is an orphan", "snippets/alone.py:2: ZeroDivisionError")


def test_a_link_out_of_the_snippets_is_refused(built):
    built.write("outside.py", "x = 1\n")
    (built.root / "snippets" / "inside.py").symlink_to("../outside.py")
    built.page("# More\n\n```snippet\ninside.py\n```\n", "more.md")
    refuses(built, "docs/more.md:3: snippets/inside.py: is not a file below snippets/")


def test_a_linked_folder_out_of_the_snippets_is_refused(built):
    built.write("elsewhere/outside.py", "x = 1\n")
    (built.root / "snippets" / "topic").symlink_to("../elsewhere")
    built.page("# More\n\n```snippet\ntopic/outside.py\n```\n", "more.md")
    refuses(built, "docs/more.md:3: (snippets/topic/outside.py: is not a file below|no such snippet: )")


def test_a_snippet_that_fails_is_said_once_though_two_pages_show_it(built):
    built.snippet("bad.py", "1 / 0\n")
    for name in "one.md", "two.md":
        built.page("```snippet\nbad.py\n```\n\n```snippet\nbad.py\n```\n", name)
    refuses(built, "docs/one.md:1: snippets/bad.py:2: ZeroDivisionError")


def test_a_snippet_that_is_not_there_is_said_for_each_place_that_names_it(built):
    for name in "one.md", "two.md":
        built.page("```snippet\nbad.py\n```\n\n{{ bad.py:x }}\n", name)
    refuses(
        built,
        *[f"docs/{name}.md:{line}: no such snippet: snippets/bad.py" for name in ("one", "two") for line in (1, 5)],
    )


def test_a_project_without_a_front_page_is_refused(built):
    (built.root / "docs" / "index.md").rename(built.root / "docs" / "other.md")
    refuses(built, r"docs/: the site has no index.html")


def test_a_project_without_pages_is_refused(built):
    for file in (built.root / "docs").iterdir():
        file.unlink()
    (built.root / "docs").rmdir()
    before = built.site()
    done = built.build()
    assert done.status == 1
    assert "no such folder" in done.err
    assert "Traceback" not in done.err
    assert built.site() == before


def test_a_first_build_that_fails_leaves_no_site(project):
    project.show("bad.py")
    project.snippet("bad.py", "1 / 0\n")
    done = project.build()
    assert done.status == 1
    assert not (project.root / "site").exists()


def test_a_failure_is_mended_by_the_next_build(built):
    built.snippet("bad.py", "x = 1\nassert x == 2\n")
    built.show("good.py", "bad.py")
    refuses(built, "docs/index.md:7: snippets/bad.py:3: AssertionError")
    refuses(built, "docs/index.md:7: snippets/bad.py:3: AssertionError")
    built.snippet("bad.py", "x = 2\nassert x == 2\nprint('mended')\n")
    built.good()
    assert built.outputs() == ["total: 2", "mended"]


def test_a_new_site_replaces_all_of_the_old_one(built):
    built.write("site/left/over.txt", "old")
    built.good()
    assert "left/over.txt" not in built.site()
    assert (built.root / "site" / "index.html").is_file()


# --- interrupting -------------------------------------------------------------------------------

SLOW = """import subprocess, time
process = subprocess.Popen(["sleep", "300"])
time.sleep(300)
"""


def interrupted(project, until, moment, number):
    """Start a build, send it a signal at a moment, see all of it end; return its exit status."""
    project.environment["PYTHONWARNINGS"] = "ignore"  # files that an exception left open
    before = project.site()
    process = project.start("build")
    if moment == "snippet":
        assert until(lambda: any("sleep 300" in command for command in project.processes().values()), 20)
    elif moment == "site":
        assert until(lambda: list((project.root / ".dlref" / "building").glob("*/*/site/*")), 20)
    elif moment == "fork_server":
        assert until(lambda: any("pool.py" in command for command in project.processes().values()), 20)
    else:
        time.sleep(float(moment))
    process.send_signal(number)
    _, err = process.communicate(timeout=10)
    assert project.nothing_left()
    assert project.site() == before
    if number != signal.SIGKILL:
        assert not re.search("Traceback(?s:.*) in main$", err, re.MULTILINE)  # Python tells where it ends an import
        assert list(project.tmp.iterdir()) == []
    return process.returncode


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
@pytest.mark.parametrize("moment", ["fork_server", "snippet", "site", "0.3", "0.6"])
def test_a_build_that_is_interrupted_leaves_no_half_site_and_no_process(moment, number, built, until):
    if moment != "site":
        built.snippet("slow.py", SLOW)
        built.show("good.py", "slow.py", "slow.py")
    else:
        (built.root / ".dlref").rename(built.root / "old")
        built.page(PAGES_OF_WORK, "long.md")
    # By SIGINT, Python itself ends that way if it was evaluating a string; before it began, so does SIGTERM.
    assert interrupted(built, until, moment, number) in (130, -number)
    assert not list((built.root / ".dlref" / "building").glob("*/*"))


PAGES_OF_WORK = "# Long\n\n" + "".join(f"## Part {n}\n\n*a* `b` **c**\n\n" for n in range(600))


@pytest.mark.parametrize("moment", ["snippet", "site"])
def test_a_build_that_is_killed_leaves_no_half_site_and_no_process(moment, built, until):
    built.page(PAGES_OF_WORK, "long.md")
    if moment == "snippet":
        built.snippet("slow.py", SLOW)
        built.show("good.py", "slow.py")
    assert interrupted(built, until, moment, signal.SIGKILL) == -signal.SIGKILL
    (built.root / "snippets" / "slow.py").unlink(missing_ok=True)
    built.show("good.py")
    built.good()
    assert list((built.root / ".dlref" / "building").glob("*/*")) == []


def test_a_build_that_is_killed_while_it_runs_without_namespaces_leaves_no_process(built, until):
    built.environment["DLREF_NAMESPACES"] = "0"
    built.snippet("slow.py", SLOW)
    built.show("good.py", "slow.py")
    interrupted(built, until, "snippet", signal.SIGKILL)


def test_ending_the_fork_server_is_a_failure_of_its_snippets_and_not_of_the_build(built, until):
    built.snippet("slow.py", SLOW)
    built.show("good.py", "slow.py")
    before, process = built.site(), built.start("build")
    assert until(lambda: any("sleep 300" in command for command in built.processes().values()), 20)
    for pid, command in built.processes().items():
        if "pool.py" in command:
            with contextlib.suppress(ProcessLookupError):  # its server has gone, and it with it
                os.kill(pid, signal.SIGKILL)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 1
    assert "snippets/slow.py:1: was interrupted, or the process that runs it was ended from outside" in err
    assert built.site() == before
    assert built.nothing_left()
