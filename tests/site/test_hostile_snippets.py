"""Snippets that mean harm, or are no snippets at all: what is said of them, and what they leave behind: nothing."""

import itertools
import locale
import os
import re
import resource
import shutil
import signal
import socket
import sys
import tempfile
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from urllib.parse import unquote, urljoin

import pytest

from dlref.site import outcomes, snippets
from dlref.site.engine import Engine
from dlref.site.snippets import Problem, parse


@dataclass(frozen=True)
class Case:
    """A snippet: its code from line 2 on, what is said of it (line and message), or else what it prints."""

    name: str
    code: str
    said: str = ""
    out: str = ""
    options: str = ""

    def __str__(self) -> str:
        return self.name


MEDDLES = r"\d+: writes where only the runner may"
PRIVATE = "reads what is private: "
FORGED = "1: what came of it has not the form that the runner gives it"
SIGNAL = "sends a signal to processes that are not its own"
TO_ALL = "for fd in range(3, 64):\n    try:\n        os.write(fd, {})\n    except OSError:\n        pass\n"
RECORD = b'{"error": null, "cells": [[]], "values": {"x": ["int", "5"]}, "modules": [], "files": [], "seconds": 0, "cpu_seconds": 0}\n'
TRACE = "f'File \"{__file__}\", line 9x'.encode()"
TIME = r"exceeds its time limit of 1 s"
FIGURE = "from matplotlib.figure import Figure\nimport matplotlib.pyplot as plt\n"

EVERYWHERE = [  # with namespaces and without
    # reports that are not the runner's
    Case("forges_a_report", f"import os\n{TO_ALL.format(RECORD)}os._exit(0)\n", MEDDLES),
    Case("forges_a_report_and_goes_on", f"import os\n{TO_ALL.format(RECORD)}", MEDDLES),
    Case("writes_rubbish_to_all_descriptors", f"import os\n{TO_ALL.format(bytes(range(256)))}", MEDDLES),
    Case("forges_its_trace", f"import os\n{TO_ALL.format(TRACE)}os._exit(0)\n", MEDDLES),
    Case("floods_the_report", "import os\nfor fd in range(3, 64):\n    try:\n        while True:\n            os.write(fd, bytes(1 << 20))\n    except OSError:\n        pass\n",
        r"\d+: gives more than 64 MiB of text, figures and values", options="timeout = 20"),
    Case("changes_its_report_through_a_frame", "import sys\nframe = sys._getframe()\nwhile 'result' not in frame.f_locals:\n    frame = frame.f_back\nframe.f_locals['result']['values'] = 1\nframe.f_locals['cells'].append([])\n", FORGED),
    # what it does to Python
    Case("breaks_builtins", "import builtins\nfor name in 'len isinstance print open sorted dict set list str type vars getattr map sum max'.split():\n    setattr(builtins, name, None)\n"),
    Case("breaks_builtins_before_it_fails", "import builtins\nbuiltins.len = builtins.isinstance = builtins.str = builtins.open = None\nassert 1 == 2\n", "4: AssertionError: 1 == 2, but came 1 and 2"),
    Case("deletes_builtins", "import builtins\nprint('a')\ndel builtins.len, builtins.dict, builtins.sorted\n", out="a\n"),
    Case("breaks_modules", "import io, json, os, pickle, re, time\njson.dumps = os.write = os.fstat = os.pread = os.getpid = time.perf_counter = None\nre.compile = io.BytesIO = pickle.dumps = os._exit = os.path.realpath = None\n# %% b\nx = 3\n"),
    Case("lies_by_modules", "import json, os\njson.dumps = lambda *_: '{}'\nos.write = lambda *_: 10 ** 9\nx = 1 / 0\n", "5: ZeroDivisionError"),
    Case("keeps_its_changes_from_cell_to_cell", "import json\njson.dumps = lambda x: 'mine'\n# %% b\nprint(json.dumps(1))\n", out="mine\n"),
    Case("fills_the_table_of_modules", "import sys, types\nsys.modules[3] = 4\nsys.modules['odd'] = types.SimpleNamespace(__file__=5)\nglobals()[7] = 8\n"),
    Case("empties_the_table_of_modules", "import sys\nprint('a')\nsys.modules.clear()\n", out="a\n"),
    Case("replaces_its_streams", "import io, sys\nprint('a')\nsys.stdout = io.StringIO()\nsys.stderr = None\nprint('b')\n", out="a\n"),
    Case("traces_everything", "import sys\ndef trace(*_):\n    raise ValueError('no')\nsys.setprofile(trace)\n", r"\d: ValueError: no"),
    Case("adds_an_audit_hook_that_raises", "import sys\ndef hook(*_):\n    raise ValueError('no')\nsys.addaudithook(hook)\n", "1: leaves Python in a state that allows no report: ValueError"),
    Case("is_of_a_fork", "import os\nif os.fork():\n    os.wait()\nprint('twice')\n", out="twice\ntwice\n"),
    # how it ends
    Case("ends_by_a_signal_without_a_name", "import os\nos.kill(os.getpid(), 40)\n", "1: crashes: killed by signal 40"),
    Case("ends_by_an_alarm", "import signal, time\nsignal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(5)\n", r"\d+: crashes: killed by SIGALRM"),
    Case("stops_itself", "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)\n", f"1: {TIME}", options="timeout = 1"),
    Case("ignores_sigterm_and_disarms_the_trace", "import faulthandler, signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nfaulthandler.cancel_dump_traceback_later()\nwhile True:\n    pass\n", f"1: {TIME}", options="timeout = 1"),
    Case("is_interrupted", "raise KeyboardInterrupt\n", "2: KeyboardInterrupt"),
    Case("closes_a_generator_that_is_none", "raise GeneratorExit('x')\n", "2: GeneratorExit: x"),
    Case("exits_at_its_exit", "import atexit, sys\natexit.register(sys.exit, 0)\n", r"\d: leaves by sys.exit\(0\)"),
    Case("exits_below_python_at_its_exit", "import atexit, os\natexit.register(os._exit, 0)\n", "1: ends with exit status 0 before it has completed"),
    Case("raises_at_its_exit", "import atexit\natexit.register(lambda: 1 / 0)\n", "3: ZeroDivisionError"),
    Case("prints_at_its_exit", "import atexit\natexit.register(print, 'bye')\nprint('first')\n", out="first\nbye\n"),
    Case("leaves_a_thread_that_prints", "import threading, time\ndef late():\n    time.sleep(0.1)\n    print('late')\nthreading.Thread(target=late).start()\nprint('first')\n", out="first\nlate\n"),
    Case("leaves_a_thread_that_fails", "import threading, time\ndef late():\n    time.sleep(0.1)\n    1 / 0\nthreading.Thread(target=late).start()\n", "5: ZeroDivisionError"),
    Case("leaves_a_thread_without_end", "import threading, time\nthreading.Thread(target=time.sleep, args=[99]).start()\n", rf"\d: {TIME}", options="timeout = 1"),
    Case("leaves_daemons", "import threading, time\nfor _ in range(20):\n    threading.Thread(target=time.sleep, args=[99], daemon=True).start()\nprint('a')\n", out="a\n"),
    Case("leaves_an_executor_open", "from concurrent.futures import ThreadPoolExecutor\nprint(ThreadPoolExecutor().submit(int, '3').result())\n", out="3\n"),
    Case("overflows_the_stack_in_c", "import sys\nsys.setrecursionlimit(10 ** 9)\nx = []\nfor _ in range(10 ** 5):\n    x = [x]\nrepr(x)\n", "7: crashes: killed by SIGSEGV"),
    Case("recurses_below_the_report", "import sys\nsys.setrecursionlimit(30)\nprint('a')\n", out="a\n"),
    Case("raises_what_cannot_be_said", "class Odd(Exception):\n    def __str__(self):\n        raise self\nraise Odd\n", r"5: Odd: \(its message cannot be had: Odd\)"),
    Case("raises_megabytes", "raise ValueError('x' * (30 << 20))\n", r"2: ValueError: x{2,2100}… \(\d+ characters\)$"),
    Case("raises_terminal_text", "raise type('a\\x1b[2Jb', (Exception,), {})('\\x1b]0;t\\x07c\\rd\\u202ee\\0f\\ud800')\n", r"2: de?f\\ud800$"),
    # leaks
    Case("leaks_descriptors", "import os\ntry:\n    while True:\n        os.open('/dev/null', 0)\nexcept OSError as error:\n    print(error)\nassert 1 == 2\n", "8: AssertionError"),
    Case("starts_thousands_of_threads", "import threading, time\nthreading.stack_size(32768)\nwhile True:\n    threading.Thread(target=time.sleep, args=[99], daemon=True).start()\n", r"\d+: starts more threads than its limit of 1000", options="timeout = 20"),
    Case("forks_twice_into_a_session_and_ignores_sigterm", "import os, signal, time\nif os.fork() == 0:\n    os.setsid()\n    signal.signal(signal.SIGTERM, signal.SIG_IGN)\n    if os.fork() == 0:\n        time.sleep(99)\n    os._exit(0)\nos.wait()\nprint('a')\n", out="a\n"),
    # filling what there is
    Case("fills_the_disk_with_many_files", "import os\nfor number in range(20_000):\n    open(str(number), 'w').close()\n", r"(\d+: makes more files than its limit of 10000|4: OSError: .*No space left)", options="timeout = 20"),
    Case("fills_the_disk_with_large_files", "import time\nfor number in range(4):\n    with open(str(number), 'wb') as file:\n        for _ in range(100):\n            file.write(bytes(1 << 20))\ntime.sleep(9)\n", r"(\d+: writes more than its limit of 256 MiB|\d: OSError: .*No space left)", options="timeout = 20"),
    Case("fills_the_disk_with_a_file_without_a_name", "import os, tempfile, time\nfiles = [tempfile.TemporaryFile() for _ in range(3)]\nfor file in files:\n    for _ in range(100):\n        file.write(bytes(1 << 20))\ntime.sleep(9)\n", r"(\d+: writes more than its limit of 256 MiB|\d: OSError: .*No space left)", options="timeout = 20"),
    Case("fills_memory_through_files_in_it", "import os, time\nfor _ in range(3):\n    file = os.memfd_create('x')\n    for _ in range(100):\n        os.write(file, bytes(1 << 20))\ntime.sleep(9)\n", r"\d+: writes more than its limit of 256 MiB", options="timeout = 20"),
    Case("has_a_sparse_file_of_a_terabyte", "import os\nos.truncate(os.open('f', os.O_CREAT | os.O_RDWR), 1 << 40)\n", "3: OSError: .*File too large"),
    # text
    Case("prints_gigabytes_to_stderr", "import os\nwhile True:\n    os.write(2, bytes(1 << 20))\n", r"(4: OSError: .*too large|\d+: writes more than its limit|\d+: prints more than 64 KiB of text)"),
    Case("prints_one_line_without_end", "import sys\nwhile True:\n    sys.stdout.write('x' * 1000)\n", "4: prints more than 64 KiB of text"),
    Case("prints_rubbish", "import os, sys\nsys.stdout.buffer.write(b'\\xff\\xfea\\x00\\x07')\nsys.stderr.buffer.write(b'\\xc3')\nos.write(1, '\\u202eb\\u2069 \\x1b[2J\\x1b[31mc\\rd\\n'.encode())\n", out="d\n"),
    Case("prints_markup", "print('</samp><script>alert(1)</script>')\n", out="</samp><script>alert(1)</script>\n"),
    Case("takes_its_text_back", "import os\nprint('abc')\nos.ftruncate(1, 0)\n"),
    Case("closes_its_output", "import os\nprint('abc')\nos.close(1)\n", r"\d: OSError: .*Bad file descriptor"),
    Case("has_a_value_of_gigabytes", "x = 'a' * (700 << 20)\n"),
    # other processes and places
    Case("kills_its_parent", "import os, time\nos.kill(os.getppid(), 9)\ntime.sleep(0.1)\n", f"3: {SIGNAL}"),
    Case("kills_its_parent_and_swallows_it", "import os\ntry:\n    os.kill(os.getppid(), 9)\nexcept BaseException:\n    pass\n", f"4: {SIGNAL}"),
    Case("asks_whom_it_could_kill", "import os\nos.kill(-1, 0)\n", f"3: {SIGNAL}"),
    Case("asks_for_the_group_of_its_parent", "import os\nos.killpg(os.getppid(), 0)\n", f"3: {SIGNAL}"),
    Case("kills_what_it_started", "import subprocess\nprocess = subprocess.Popen(['sleep', '9'], start_new_session=True)\nprocess.kill()\nprint(process.wait())\n", out="-9\n"),
    Case("reads_the_memory_of_its_parent", "import os\nopen(f'/proc/{os.getppid()}/mem', 'rb')\n", f"3: {PRIVATE}/proc/"),
    Case("reads_the_environment_of_its_parent", "import os\nos.open(f'/proc/self/../{os.getppid()}/environ', 0)\n", f"3: {PRIVATE}"),
    Case("reads_the_store", "from pathlib import Path\nPath(__file__).parent.joinpath('../.dlref/results/x').resolve().read_text()\n", "3: FileNotFoundError"),
    Case("writes_into_the_store", "from pathlib import Path\nPath(__file__).parent.joinpath('../.dlref/results/x').write_text('x')\n", "3: writes outside its own folder"),
    Case("edits_another_snippet", "from pathlib import Path\nPath(__file__).with_name('zz_last.py').write_text('x')\n", "3: writes outside its own folder"),
    Case("edits_a_page", "from pathlib import Path\nPath(__file__).parent.parent.joinpath('docs/index.md').open('a')\n", "3: writes outside its own folder"),
    Case("asks_docker", "import socket\nwith socket.socket(socket.AF_UNIX) as one:\n    one.connect('/var/run/docker.sock')\n", "4: opens the network"),
    Case("calls_a_socket_without_a_file", "import socket\nwith socket.socket(socket.AF_UNIX) as one:\n    one.connect('\\0dlref')\n", "4: opens the network"),
    Case("calls_the_machine_below", "import socket\nwith socket.socket(socket.AF_VSOCK) as one:\n    one.connect((2, 1024))\n", "4: opens the network"),
    Case("talks_to_itself", "import socket\na, b = socket.socketpair()\nwith a, b, socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as one:\n    a.sendmsg([b'x'])\n    server.bind('here')\n    server.listen()\n    one.connect('here')\n    print(b.recv(1))\n", out="b'x'\n"),
    # figures
    Case("draws_a_script", f"{FIGURE}Figure.savefig = lambda self, file, **_: file.write(b'<svg width=\"1pt\" height=\"1pt\"><script>alert(1)</script></svg>')\nplt.plot([1])\n", FORGED),
]  # fmt: skip
CONFINED = [  # what only namespaces can do
    Case("sees_no_disk", "import os\nprint(*sorted(set(os.listdir('/dev')) - {'fd', 'stdin', 'stdout', 'stderr', 'shm'}))\n", out="full null random urandom zero\n"),
    Case("has_the_usual_devices", "import subprocess\nprint(subprocess.run('echo a >/dev/stdout; head -c 2 /dev/zero | wc -c; echo b >/dev/null; cat </dev/null', shell=True, capture_output=True, text=True).stdout.split())\n", out="['a', '2']\n"),
    Case("writes_a_setting_of_the_kernel", "import subprocess\nprint(subprocess.run('echo 1 >/proc/sys/vm/stat_interval', shell=True, capture_output=True, text=True).stderr.rpartition(':')[2].strip() in ('Read-only file system', 'Permission denied'))\n", out="True\n"),
    Case("makes_namespaces_of_its_own", "import subprocess\nprint(subprocess.run(['unshare', '-U', 'true'], capture_output=True, text=True).returncode)\n", out="1\n"),
    Case("mounts", "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\nprint([libc.mount(b'x', b'.', b'tmpfs', 0, None), libc.umount2(b'/tmp', 2), libc.umount2(b'/proc', 2), libc.mount(None, b'/', None, 32 | 4096, None)])\n", out="[-1, -1, -1, -1]\n"),
    Case("traces_its_parent", "import ctypes, os\nprint(ctypes.CDLL(None).ptrace(16, os.getppid(), 0, 0))\n", out="-1\n"),
    Case("kills_its_parent_below_python", "import subprocess\nsubprocess.run(['kill', '-9', '1'], check=False)\nprint('a')\n", out="a\n"),
    Case("raises_its_limits", "import resource\nfor name in resource.RLIMIT_FSIZE, resource.RLIMIT_AS, resource.RLIMIT_NOFILE:\n    most = resource.getrlimit(name)[1]\n    try:\n        resource.setrlimit(name, (most, most + 1))\n    except (ValueError, PermissionError):\n        print('refused')\n", out="refused\n" * 3),
    Case("has_nothing_open_but_its_own", "import os\nprint(sorted({os.readlink(f'/proc/self/fd/{n}').partition(':')[0] for n in range(64) if os.path.lexists(f'/proc/self/fd/{n}')}))\n", out="['/dev/null', '/memfd', 'pipe']\n"),
]  # fmt: skip

# What a snippet changes of its process and its surroundings, and a look at all of that.
SPOILS = """
import atexit, builtins, decimal, gc, json, locale, logging, os, random, resource, signal, sys, tempfile, threading, warnings
import matplotlib, numpy, torch
matplotlib.rcParams.update({"lines.linewidth": 99, "svg.fonttype": "path", "font.size": 1})
matplotlib.rcParamsDefault["lines.linewidth"] = 98
torch.set_default_dtype(torch.float64), torch.set_num_threads(2), torch.set_grad_enabled(False), torch.manual_seed(3)
torch.use_deterministic_algorithms(True), torch.set_printoptions(precision=1)
numpy.seterr(all="raise"), numpy.random.seed(3), numpy.set_printoptions(precision=1)
locale.setlocale(locale.LC_ALL, "C"), decimal.getcontext().__setattr__("prec", 2)
os.umask(0o777), os.mkdir("x", 0o777), os.environ.update(SPOILT="1", TZ="Asia/Tokyo", LANG="C"), os.nice(1)
signal.signal(signal.SIGINT, signal.SIG_IGN), signal.signal(signal.SIGUSR1, print)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100)), resource.setrlimit(resource.RLIMIT_CPU, (50, 50))
warnings.simplefilter("ignore"), sys.path.insert(0, "/spoilt"), random.seed(1), sys.setrecursionlimit(300)
gc.disable(), gc.set_threshold(1), sys.setswitchinterval(0.5), logging.getLogger().setLevel(1)
json.spoilt = sys.spoilt = builtins.spoilt = True
tempfile.tempdir = "/spoilt"
sys.dont_write_bytecode = False
sys.set_int_max_str_digits(0)
open("left", "w").close()
os.chdir("/")
builtins.print = json.dumps = os.getcwd = None
"""
LOOKS = """
import builtins, decimal, gc, json, locale, logging, os, resource, signal, sys, tempfile, threading, time, warnings
import matplotlib, numpy, torch
os.umask(mask := os.umask(0))
limits = {name: resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")}
state = [
    sorted(matplotlib.rcParams.items(), key=str), sorted(matplotlib.rcParamsDefault.items(), key=str),
    torch.get_default_dtype(), torch.get_num_threads(), torch.is_grad_enabled(), torch.are_deterministic_algorithms_enabled(),
    torch.initial_seed(), torch.tensor(1 / 3), numpy.geterr(), numpy.array(1 / 3), numpy.get_printoptions(),
    locale.setlocale(locale.LC_ALL), decimal.getcontext(), mask, sorted(os.environ.items()), os.nice(0), os.listdir(),
    [signal.getsignal(number) for number in range(1, 32)], signal.pthread_sigmask(signal.SIG_BLOCK, []), signal.getitimer(0),
    limits, len(warnings.filters), sys.path, sys.getrecursionlimit(), gc.isenabled(), gc.get_threshold(), sys.getswitchinterval(),
    logging.getLogger().level, print.__module__, json.dumps.__module__, os.getcwd.__module__, tempfile.tempdir, time.tzname,
    [hasattr(module, "spoilt") for module in (json, sys, builtins)], threading.active_count(), len(os.listdir("/proc/self/fd")),
    sys.dont_write_bytecode, sys.get_int_max_str_digits(), os.path.exists("left"), os.getcwd() == os.environ["HOME"],
]
for part in state:
    print(str(part).replace(os.getcwd(), "HERE"))
"""


def settings():
    """Return what a run in this process could have changed of it."""
    os.umask(mask := os.umask(0))
    handlers = [signal.getsignal(number) for number in range(1, 32)]
    limits = [resource.getrlimit(number) for number in range(10)]
    return (mask, Path.cwd(), dict(os.environ), handlers, limits, locale.setlocale(locale.LC_ALL), sys.getrecursionlimit(),
            list(warnings.filters), threading.active_count(), len(list(Path("/proc/self/fd").iterdir())))  # fmt: skip


def peak():
    """Return the most memory that this process has held since it was last asked (bytes)."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return int(status.partition("VmHWM:")[2].split()[0]) << 10


def tree(root):
    """Return what there is below a folder but for results."""
    return {path: path.is_file() and path.read_bytes() for path in root.rglob("*") if ".dlref" not in path.parts}


@dataclass
class Run:
    """What came of many snippets in one engine."""

    project: object
    engine: Engine
    left: dict[str, object]


def run_all(project, cases, probe, monkeypatch, workers=2):
    """Run cases, and after the first one, on the same worker, a look at its surroundings."""
    for number, case in enumerate(cases):
        project.snippet(f"c{number:02}_{case.name}.py", case.code, options=case.options)
    project.snippet("c00_then.py", probe)
    project.snippet("zz_last.py", "print('last')\n")
    project.page("# All\n")
    monkeypatch.setattr(tempfile, "tempdir", str(project.tmp))
    engine, before, files = Engine(project.root, workers=workers), settings(), tree(project.root)
    peak()
    held = peak()
    engine.run(engine.snippets)
    grown = peak() - held
    engine.close()
    left = {"settings": settings() == before, "files": tree(project.root) == files, "temporary": list(project.tmp.iterdir()),
            "processes": project.nothing_left(), "memory": grown}  # fmt: skip
    return Run(project, engine, left)


@pytest.fixture(scope="module", params=["namespaces", "fallback"])
def ran(request, tmp_path_factory, projects):
    """All cases, with the isolation that Linux namespaces give and with the one that works everywhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DLREF_NAMESPACES", "1" if request.param == "namespaces" else "0")
        return run_all(projects(tmp_path_factory.mktemp(request.param)), EVERYWHERE, "print('fine')\n", patch)


def see(case, path, run):
    """See that what was said of a case, or what it printed, is what is expected."""
    problem = run.engine.problems.get(path)
    if case.said:
        assert problem is not None, text(run.engine.notebook(path))
        assert re.match(rf"snippets/{re.escape(path)}:{case.said}", str(problem)), problem
        assert not list(run.engine.store.manifests(path))
    else:
        assert problem is None
        assert text(run.engine.notebook(path)) == case.out


def text(notebook):
    """Return what a snippet printed."""
    outputs = [output for cell in notebook["cells"] for output in cell["outputs"]]
    return "".join(output["text"] for output in outputs if output.get("name") == "stdout")


@pytest.mark.parametrize(
    ("number", "case"), list(enumerate(EVERYWHERE)), ids=lambda value: "" if isinstance(value, int) else str(value)
)
def test_a_snippet_that(number, case, ran):
    see(case, f"c{number:02}_{case.name}.py", ran)


def test_all_others_ran_and_nothing_is_left(ran):
    assert text(ran.engine.notebook("zz_last.py")) == "last\n"
    assert len(ran.engine.ran) == len(EVERYWHERE) + 2
    assert ran.left.pop("memory") < 200 << 20
    assert ran.left == {"settings": True, "files": True, "temporary": [], "processes": True}


def test_inside_namespaces_a_snippet_cannot(namespaces, tmp_path, projects, monkeypatch):
    run = run_all(projects(tmp_path), CONFINED, "print('fine')\n", monkeypatch)
    for number, case in enumerate(CONFINED):
        see(case, f"c{number:02}_{case.name}.py", run)
    assert run.left.pop("memory") < 200 << 20
    assert run.left == {"settings": True, "files": True, "temporary": [], "processes": True}


@pytest.mark.parametrize("isolation", ["1", "0"], ids=["namespaces", "fallback"])
def test_the_next_snippet_notices_nothing(isolation, project, monkeypatch):
    monkeypatch.setenv("DLREF_NAMESPACES", isolation)
    project.snippet("before.py", LOOKS)
    run = run_all(project, [Case("spoils", SPOILS)], LOOKS, monkeypatch, workers=1)
    assert run.engine.problems == {}
    assert text(run.engine.notebook("c00_then.py")).splitlines() == text(run.engine.notebook("before.py")).splitlines()
    assert len(text(run.engine.notebook("before.py")).splitlines()) == 40
    assert run.left | {"memory": 0} == {
        "settings": True,
        "files": True,
        "temporary": [],
        "processes": True,
        "memory": 0,
    }


# --- secrets and sockets ------------------------------------------------------------------------------

TELLS = """
import os, subprocess
assert not {{"GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "SSH_AUTH_SOCK"}} & os.environ.keys()
assert os.path.expanduser("~") == os.getcwd()
for path in {paths}:
    try:
        with open(path) as file:
            print(file.read())
    except BaseException as error:
        print(type(error).__name__, end=" ")
if {confined}:
    done = subprocess.run(["sh", "-c", "cat {joined}; ls -a {home}; cat /proc/*/environ"], capture_output=True, text=True)
    print(done.stdout, done.stderr)
"""
SECRETS = (
    ".ssh/id_ed25519",
    ".netrc",
    ".config/gh/hosts.yml",
    ".aws/credentials",
    "notes.txt",
    "project/.git/config",
    "project/.env",
)


@pytest.mark.parametrize("isolation", ["1", "0"], ids=["namespaces", "fallback"])
def test_a_snippet_cannot_read_what_is_secret(isolation, project, have_places):
    home = project.root.parent
    for name in SECRETS:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("hunter2")
    project.environment |= {"HOME": str(home), "GITHUB_TOKEN": "hunter2", "AWS_SECRET_ACCESS_KEY": "hunter2",
                            "SSH_AUTH_SOCK": "/hunter2", "DLREF_NAMESPACES": isolation}  # fmt: skip
    paths = [str(home / name) for name in SECRETS]
    confined = isolation == "1" and have_places
    project.snippet("tells.py", TELLS.format(paths=paths, joined=" ".join(paths), home=home, confined=confined))
    project.write("data/mine.txt", "my own")
    project.snippet(
        "reads.py", "from pathlib import Path\nprint((Path(__file__).parent.parent / 'data/mine.txt').read_text())\n"
    )
    done = project.run()
    assert done.problems == [f"snippets/tells.py:8: reads what is private: {paths[0]}"]
    assert "hunter2" not in done.out + done.err
    project.snippet(
        "tells.py",
        f"import subprocess\nprint(subprocess.run(['cat', *{paths}], capture_output=True, text=True).stdout, 'said')\n",
    )
    if confined:
        assert project.run().status == 0
        assert text(Engine(project.root).notebook("tells.py")) == " said\n"
    assert text(Engine(project.root).notebook("reads.py")) == "my own\n"


@pytest.fixture
def have_places(namespaces):
    """Say that places can be hidden: a test that needs it was skipped otherwise."""
    return True


def test_a_snippet_reaches_no_socket_outside(namespaces, project, execute):
    address = project.root.parent / "agent.sock"
    with socket.socket(socket.AF_UNIX) as agent:
        agent.bind(str(address))
        agent.listen()
        agent.settimeout(0.1)
        call = f"import socket; socket.socket(socket.AF_UNIX).connect({str(address)!r})"
        with pytest.raises(Problem, match=r"snippets/s.py:2: opens the network"):
            execute(f"{call}\n")
        code = f"import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', {call!r}], capture_output=True, text=True).stderr)\n"
        assert "FileNotFoundError" in text(execute(code))
        with pytest.raises(TimeoutError):
            agent.accept()


# --- what is not of the runner's making ----------------------------------------------------------------

GOOD = {"error": None, "cells": [[{"output_type": "stream", "name": "stdout", "text": "a\n"}]], "values": {"x": ["int", "5"]},
        "modules": ["os"], "files": ["/a/b.py"], "seconds": 0.1, "cpu_seconds": 0.1, "peak_memory": 1}  # fmt: skip
FORGERIES = {
    "no_error": {"error": "no"}, "an_error_without_line": {"error": {"message": "x"}}, "a_line_of_text": {"error": {"line": "1", "message": "x"}},
    "no_cells": {"cells": []}, "a_cell_too_many": {"cells": [[], []]}, "cells_of_text": {"cells": ["x"]}, "an_unknown_output": {"cells": [[{"output_type": "error"}]]},
    "html": {"cells": [[{"output_type": "display_data", "metadata": {"shows": []}, "data": {"text/html": "<script>", "text/plain": ""}}]]},
    "control_characters": {"cells": [[{"output_type": "stream", "name": "stdout", "text": "\x1b[2J"}]]},
    "another_stream": {"cells": [[{"output_type": "stream", "name": "<b>", "text": "a"}]]},
    "values_of_another_kind": {"values": {"x": ["list", "[]"]}}, "a_value_that_is_another": {"values": {"x": ["int", "os"]}}, "code_as_a_value": {"values": {"x": ["str", "print(1)"]}},
    "a_number_as_a_string": {"values": {"x": ["str", "5"]}}, "a_value_without_kind": {"values": {"x": "5"}}, "a_list_of_values": {"values": []},
    "modules_of_numbers": {"modules": [1]}, "a_file_without_end": {"files": ["/dev/zero"]}, "files_of_numbers": {"files": [1]}, "memory_as_a_file": {"files": ["/proc/kcore"]},
    "no_time": {"seconds": None}, "negative_time": {"cpu_seconds": -1}, "time_without_end": {"seconds": float("inf")},
}  # fmt: skip


@pytest.mark.parametrize("forged", list(FORGERIES.values()), ids=FORGERIES)
def test_a_report_is_refused_with(forged):
    assert outcomes.believed(dict(GOOD), 1) == GOOD
    assert outcomes.believed(GOOD | forged, 1)["error"]["message"].startswith(FORGED[3:])


SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9"{}>{}</svg>'
)
DRAWINGS = {
    "a_script": ("", "<script>1</script>"), "a_handler": (' onload="x"', ""), "foreign_objects": ("", "<foreignObject/>"), "a_link": ("", '<a xlink:href="javascript:x"/>'),
    "an_animation": ("", "<animate/>"), "a_style_sheet": ("", "<style>*{}</style>"), "an_image_from_elsewhere": ("", '<image xlink:href="https://x/y.png"/>'),
    "an_svg_as_an_image": ("", '<image xlink:href="data:image/svg+xml;base64,PHN2Zy8+"/>'), "a_use_from_elsewhere": ("", '<use xlink:href="//x/y#z"/>'),
    "a_place_on_the_page": (' style="position:fixed;top:0"', ""), "an_address_in_a_style": ("", '<g style="fill: url(https://x)"/>'), "an_escape_in_a_style": ("", '<g style="fill: u\\72l(//x)"/>'),
    "an_address_in_a_clip": ("", '<g clip-path="URL(//x)"/>'), "another_namespace": ("", '<x:script xmlns:x="http://www.w3.org/1999/xhtml"/>'), "a_link_of_html": ("", '<image href="//x"/>'),
    "a_comment": ("", "<!-- x -->"), "raw_text": ("", "<![CDATA[<script>]]>"), "an_open_tag": ("", "<g>"), "a_class": (' class="dl-x"', ""),
}  # fmt: skip


@pytest.mark.parametrize("parts", list(DRAWINGS.values()), ids=DRAWINGS)
def test_a_drawing_is_refused_with(parts):
    def output(attributes, inner):
        data = {"image/svg+xml": SVG.format(attributes, inner), "text/plain": "<Figure>"}
        return {"output_type": "display_data", "metadata": {"shows": []}, "data": data}

    assert outcomes.made_by_the_runner(
        output(' style="stroke-linecap:butt"', '<g clip-path="url(#_0)"><use xlink:href="#_0" x="1"/></g>')
    )
    assert not outcomes.made_by_the_runner(output(*parts))


def test_a_drawing_with_a_document_type_is_refused():
    svg = f'<!DOCTYPE svg [<!ENTITY a "aaaa">]>{SVG.format("", "<text>&a;</text>")}'
    data = {"image/svg+xml": svg, "text/plain": "<Figure>"}
    assert not outcomes.made_by_the_runner({"output_type": "display_data", "metadata": {"shows": []}, "data": data})


def test_figures_of_many_kinds_are_believed(execute):
    code = """
    import numpy as np
    import matplotlib.pyplot as plt
    _, axes = plt.subplots(2, 3)
    axes[0, 0].contourf(np.eye(5), hatches=["/", "x"], cmap="viridis")
    axes[0, 1].bar([1, 2], [3, 4], hatch="*", alpha=0.5)
    axes[0, 2].tripcolor([0, 1, 0], [0, 0, 1], [1.0, 2, 3], shading="gouraud")
    axes[1, 0].pie([1, 2], labels=["a & b", "<c>"], shadow=True)
    axes[1, 1].annotate('$x^2$ "q"', (0, 0), (1, 1), arrowprops={"arrowstyle": "->"}, rotation=30, weight="bold", style="italic")
    axes[1, 2].imshow(np.eye(3)), axes[1, 2].quiver([1], [1], [1], [1]), axes[1, 2].plot([0, 1], "--", lw=3, dashes=[1, 2])
    """
    assert execute(code)["cells"][0]["outputs"]


# --- files that are no snippets --------------------------------------------------------------------------

ODD = {  # a file's bytes, and what is said of it
    "latin1.py": (b"x = '\xe9'\n", ": is not UTF-8: invalid continuation byte at byte 5"),
    "latin1_with_its_line.py": (b"# -*- coding: latin-1 -*-\nx = '\xc3\xa9'\n", ":1: says that it is latin-1; a snippet is UTF-8"),
    "latin1_in_line_2.py": (b"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\nx = 1\n", ":2: says that it is iso-8859-15"),
    "utf16.py": ("x = 1\n".encode("utf-16"), ": is not UTF-8: invalid start byte at byte 0"),
    "utf16_without_mark.py": ("x = 1\n".encode("utf-16-le"), ":1: SyntaxError: .*null"),
    "nul.py": (b"x = 1\n\0", ":1: SyntaxError: .*null"),
    "overridden.py": ("x = 1\naccess = 'user\u202e \u2066# admin\u2069 \u2066'\n".encode(), r":2: holds U\+202E"),
    "isolated.py": ("# \u2067 y\nx = 1\n".encode(), r":1: holds U\+2067"),
    "escape.py": (b"x = 1\n# \x1b[2J\n", r":2: holds U\+001B"),
    "backspace.py": (b"x = 1\ny = 2 #\x08\x08\n", r":2: holds U\+0008"),
    "empty.py": (b"", ":1: is empty"),
    "blank.py": (b"\n\n \n", ":1: is empty"),
    "only_comments.py": (b"# a\n# b\n", ":1: is empty"),
    "only_a_mark.py": (b"\xef\xbb\xbf", ":1: is empty"),
    "megabytes.py": (b"x = 1\n" * 900_000, ": has 5400000 bytes; the limit is 524288"),
    "million.py": (b"x = '" + b"a" * 1_000_000 + b"'\n", ": has 1000007 bytes; the limit is 524288"),
    "parentheses.py": (b"(" * 100_000, ":1: SyntaxError: too many nested parentheses"),
    "signs.py": (b"x = " + b"-" * 100_000 + b"1\n", ":1: SyntaxError: is nested more deeply than Python can read"),
    "attributes.py": (b"x = a" + b".b" * 100_000 + b"\n", ":1: SyntaxError: is nested more deeply"),
    "sums.py": (b"x = 1" + b"+1" * 100_000 + b"\n", ":1: SyntaxError: is nested more deeply"),
    "branches.py": (b"if 1: pass\n" + b"elif 1: pass\n" * 20_000, ":1: SyntaxError: is nested more deeply"),
    "digits.py": (b"x = " + b"9" * 10_000 + b"\n", ":1: SyntaxError: Exceeds the limit"),
    "tabs_and_spaces.py": (b"if 1:\n\tx = 1\n        y = 2\n", ":3: (TabError|SyntaxError|.*inconsistent)"),
    "same_cells.py": (b"x = 1\n# %% a\ny = 1\n# %% b\nz = 1\n# %% a\nw = 1\n", ":6: two cells are named 'a'"),
    "no_name_for_a_cell.py": ("x = 1\n# %% \u202d\ny = 1\n".encode(), r":2: holds U\+202D"),
    "a:b.py": (b"x = 1\n", ": its name holds ':'; no page could name it"),
    "a#b.py": (b"x = 1\n", ": its name holds '#'"),
    "back\\slash.py": (b"x = 1\n", ": its name holds .*; no page"),
    "two\nlines.py": (b"x = 1\n", ": its name holds a character that cannot be seen"),
    "colour\x1b[31m.py": (b"x = 1\n", ": its name holds a character that cannot be seen"),
    "mirrored\u202e.py": (b"x = 1\n", ": its name holds a character that cannot be seen"),
    "not_utf8\udcff.py": (b"x = 1\n", ": its name holds a character that cannot be seen"),
    "relu.py": (b"x = 1\n", ": is one file with Relu.py on machines where case"),
    "caf\u00e9.py": (b"x = 1\n", ": is one file with cafe\u0301.py on machines"),
    "broken_helper_user.py": (b"import broken_helper\n", r":1: SyntaxError: expected ':' \(broken_helper.py, line 2\)"),
    "encoded_helper_user.py": (b"import encoded_helper\n", ":1: SyntaxError: .*encoded_helper"),
}  # fmt: skip
FINE = {  # and of these, what they print
    "Relu.py": (b"print('a')\n", "a\n"), "cafe\u0301.py": (b"print('a')\n", "a\n"),
    "mark.py": (b"\xef\xbb\xbfprint('a')\n", "a\n"), "lone_carriage_return.py": (b"x = 1  # harmless\rprint('a')\n", "a\n"), "carriage_returns.py": (b"print('a')\r\n# %% b\r\nprint('''b\r\nc''')\r\n", "a\nb\nc\n"),
    "tabs.py": (b"if 1:\n\tprint('\t', 'a')\n", "\t a\n"), "form_feed.py": (b"print('a')\n\x0c\nprint('b')\n", "a\nb\n"),
    "no_last_line_end.py": (b"print('a')", "a\n"), "its_own_coding.py": ("# coding: utf-8\nprint('é')\n".encode(), "é\n"),
    "a_long_line.py": (b"x = '" + b"a" * 400_000 + b"'\nprint(len(x))\n", "400000\n"),
    "a b.py": (b"print('a')\n", "a\n"), "it's \"q\" & <b>.py": (b"print('a')\n", "a\n"), "-rf.py": (b"print('a')\n", "a\n"),
    "..py": (b"", ""), "a..b.py": (b"print('a')\n", "a\n"), "模型/ü.py": (b"print('a')\n", "a\n"), "%2e%2e.py": (b"print('a')\n", "a\n"),
}  # fmt: skip
del FINE["..py"]  # hidden, as all names that begin with a dot
STRANGE = {  # what is no file at all
    "fifo.py": os.mkfifo, "folder.py": lambda path: path.mkdir(), "loop.py": lambda path: path.symlink_to("loop.py"),
    "circle/a.py": lambda path: path.symlink_to("../circle/b.py"), "device.py": lambda path: path.symlink_to("/dev/zero"),
    "out.py": lambda path: path.symlink_to("/etc/passwd"), "nowhere.py": lambda path: path.symlink_to("nothing"),
    "memory.py": lambda path: path.symlink_to("/proc/self/mem"), "above.py": lambda path: path.symlink_to("../docs/index.md"),
}  # fmt: skip


@pytest.fixture(scope="module")
def odd(tmp_path_factory, projects, template):
    """What a build says of a project with all odd files, whose good site stands."""
    project = projects(tmp_path_factory.mktemp("odd"))
    shutil.copytree(template, project.root, dirs_exist_ok=True)
    folder = project.root / "snippets"
    project.write("broken_helper.py", "x = 1\nif x\n")
    (project.root / "encoded_helper.py").write_bytes(b"x = '\xe9'\n")
    (folder / "circle").mkdir()
    (folder / "circle" / "round").symlink_to("..")
    for name, (content, _) in {**ODD, **FINE}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    for name, make in STRANGE.items():
        make(folder / name)
    before = project.site()
    done = project.build()
    assert project.nothing_left()
    assert project.site() == before
    return project, done


@pytest.mark.parametrize("name", [*ODD, *STRANGE], ids=ascii)
def test_a_file_is_refused_that_is(name, odd):
    _, said = ODD.get(name, (b"", ": is not a file below snippets/"))
    place = "snippets/" + re.escape(snippets.printable(name))
    problems = [line for line in odd[1].err.splitlines() if re.match(place + "(?=:)", line) and "orphan" not in line]
    assert len(problems) == 1, problems
    assert re.match(place + said, problems[0]), problems


def test_a_build_says_all_of_it_and_runs_the_rest(odd):
    project, done = odd
    assert done.status == 1
    assert "Traceback" not in done.err
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", done.err)
    assert FINE.keys() <= set(re.findall(r"(?m)^ran \d+/\d+ (.+) \([\d.]+ s\)$", done.err))
    assert list(project.tmp.iterdir()) == []


@pytest.mark.parametrize("name", FINE)
def test_a_file_runs_that_is(name, odd):
    engine = Engine(odd[0].root)
    assert engine.why(name) == []
    assert text(engine.notebook(name)) == FINE[name][1]


def test_odd_names_are_shown_and_can_be_downloaded(built):
    names = [name for name in FINE if name not in ("Relu.py", "cafe\u0301.py")]
    for name in names:
        (built.root / "snippets" / name).parent.mkdir(exist_ok=True)
        (built.root / "snippets" / name).write_bytes(FINE[name][0])
    built.show("good.py", *names)
    built.good()
    assert {f"snippets/{name}" for name in names} <= built.site().keys()
    links = re.findall(r'class="dl-download" href="([^"]*)"', built.html())
    assert links
    assert {unquote(urljoin("/", unescape(link))).lstrip("/") for link in links} <= built.site().keys()


# --- blocks of options -----------------------------------------------------------------------------------

BLOCKS = {  # lines of a snippet, and the line and message of what is said
    "two": ("# /// script\n# ///\nx = 1\n# /// script\n# ///", 1, "expected one `# /// script` block"),
    "one_in_another": ("# /// script\n# /// script\n# ///", 1, "expected one `# /// script` block"),
    "unclosed": ("x = 1\n# /// script\n# [tool.dlref]", 2, "expected one `# /// script` block that ends with"),
    "interrupted": ("# /// script\n# [tool.dlref]\nx = 1\n# ///", 1, "expected one"),
    "a_line_without_space": ("# /// script\n#[tool.dlref]\n# ///", 1, "expected one"),
    "closed_with_more": ("# /// script\n# /// end", 1, "expected one"),
    "no_toml": ("# /// script\n# a b\n# ///", 1, "is not TOML: Expected '='"),
    "a_key_twice": ("# /// script\n# [tool.dlref]\n# timeout = 1\n# timeout = 2\n# ///", 1, "is not TOML: Cannot overwrite"),
    "a_table_twice": ("# /// script\n# [tool.dlref]\n# [tool.dlref]\n# ///", 1, "is not TOML: Cannot declare"),
    "deep_nesting": ("# /// script\n# x = " + "[" * 5000 + "\n# ///", 1, "is not TOML"),
    "an_unknown_key": ("# /// script\n# depends = []\n# ///", 1, "unknown option 'depends'"),
    "an_unknown_limit": ("# /// script\n# tool.dlref.disk = 1\n# ///", 1, "unknown option 'disk'"),
    "a_tool_of_text": ("# /// script\n# tool = 'x'\n# ///", 1, "option 'tool' has the wrong type"),
    "tools_in_a_list": ("# /// script\n# [[tool.dlref]]\n# timeout = 1\n# ///", 1, "expected a table"),
    "dependencies_of_text": ("# /// script\n# dependencies = 'a'\n# ///", 1, "option 'dependencies' has the wrong type"),
    "dependencies_of_lists": ("# /// script\n# dependencies = [['a']]\n# ///", 1, "dependencies is a list of strings"),
    "a_python_of_a_number": ("# /// script\n# requires-python = 3.11\n# ///", 1, "option 'requires-python' has the wrong type"),
    "a_network_of_a_number": ("# /// script\n# tool.dlref.network = 1\n# ///", 1, "option 'network' has the wrong type"),
    "a_gpu_of_text": ("# /// script\n# tool.dlref.gpu = 'yes'\n# ///", 1, "option 'gpu' has the wrong type"),
    "a_reason_of_a_number": ("# /// script\n# tool.dlref.slow = 3\n# ///", 1, "option 'slow' has the wrong type"),
    "a_bad_pattern": ("# /// script\n# tool.dlref.measured = '('\n# ///", 1, "measured is no regular expression"),
    "a_date_for_a_limit": ("# /// script\n# tool.dlref.timeout = 2026-01-01\n# ///", 1, "option 'timeout' has the wrong type"),
    "a_key_with_an_escape": ('# /// script\n# "a\\u001b" = 1\n# ///', 1, r"unknown option 'a\\x1b'"),
} | {
    f"{name}_of_{value}": (f"# /// script\n# tool.dlref.{name} = {value}\n# ///", 1, f"{name} is a (positive )?number")
    for name, value in itertools.product(["timeout", "memory", "tolerance"], ["-1", "nan", "inf", "-inf", "true", "1e300", "9" * 400])
}  # fmt: skip


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_is_refused_that_is(name):
    source, line, said = BLOCKS[name]
    with pytest.raises(Problem, match=f"(?s)^s.py:{line}: .*{said}"):
        parse("s.py", f"{source}\nx = 1\n", "s.py")


# --- files that change while they are used -----------------------------------------------------------------


class Editing(ThreadPoolExecutor):
    """An executor that edits a file after the first run, and dates it back."""

    def __init__(self, file):
        super().__init__(1)
        self.file, self.runs = file, 0

    def submit(self, function, /, *jobs, **_):
        def edited():
            answer = function(*jobs)
            self.runs += 1
            if self.runs == 1:
                self.file.write_text("X = 2\n")
                os.utime(self.file, (1e9, 1e9))
            return answer

        return super().submit(edited)


def test_a_helper_edited_while_it_is_used_is_noticed_whatever_its_date(project):
    helper = project.write("helper.py", "X = 1\n")
    project.snippet("a.py", "import helper\nprint(helper.X)\n")
    executor = Editing(helper)
    engine = Engine(project.root, executor=executor)
    engine.run(["a.py"])
    engine.close()
    assert (executor.runs, text(engine.notebook("a.py"))) == (2, "2\n")


class Removing(ThreadPoolExecutor):
    """An executor that removes some files after each run, and leaves something else in their places."""

    def __init__(self, make, *files):
        super().__init__(1)
        self.make, self.files = make, files

    def submit(self, function, /, *jobs, **_):
        def removed():
            answer = function(*jobs)
            for file in self.files:
                if file.is_file():
                    file.unlink()
                    self.make(file)
            return answer

        return super().submit(removed)


READS = "from pathlib import Path\nprint(Path(__file__).parent.parent.joinpath('data.txt').read_text())\n"


@pytest.mark.parametrize(
    ("make", "said"),
    [(Path.exists, ""), (Path.mkdir, "3: IsADirectoryError"), (os.mkfifo, "[13]: exceeds its time limit of 1 s")],
    ids=["nothing", "a_folder", "a_fifo"],
)
def test_files_that_become_something_else_while_a_snippet_runs_harm_no_other(make, said, project):
    data = project.write("data.txt", "some")
    project.snippet("a.py", READS, options="timeout = 1")
    project.snippet("b.py", "print('b')\n")
    engine = Engine(project.root, executor=Removing(make, data, project.root / "snippets" / "a.py"))
    engine.run(engine.snippets)
    engine.close()
    assert [re.match(f"snippets/a.py:{said}", str(problem)) is None for problem in engine.problems.values()] == [
        False
    ] * bool(said)
    assert text(engine.notebook("b.py")) == "b\n"
    assert "a.py" not in Engine(project.root).snippets


def test_a_data_file_that_becomes_a_fifo_is_gone(project):
    data = project.write("data.txt", "some")
    project.snippet("a.py", READS)
    engine = Engine(project.root)
    engine.run(["a.py"])
    engine.close()
    data.unlink()
    os.mkfifo(data)
    assert Engine(project.root).why("a.py") == ["data.txt is gone"]


def test_a_text_of_megabytes_is_no_value(execute):
    assert execute("x, y, z = 'a' * (30 << 20), 1, 'a' * 50_000\n")["metadata"]["dlref"]["values"].keys() == {"y", "z"}


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(13, "Permission denied"),
        FileNotFoundError(2, "No such file or directory"),
        OSError(5, "Input/output error"),
    ],
    ids=lambda error: error.strerror,
)
def test_a_snippet_that_cannot_be_read_is_a_problem_of_its_own(error, project, monkeypatch):
    project.snippet("a.py", "print('a')\n")
    project.snippet("b.py", "print('b')\n")
    read = Path.read_bytes

    def failing(path):
        if path.name == "a.py":
            raise error
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", failing)
    engine = Engine(project.root)
    engine.run(engine.snippets)
    engine.close()
    assert [str(problem) for problem in engine.problems.values()] == [
        f"snippets/a.py: cannot be read: {error.strerror}"
    ]
    assert text(engine.notebook("b.py")) == "b\n"
