"""Each job in a fresh process, which ends with all that it started."""

import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from dlref.site.pool import ForkServer, Pool, execute


@pytest.fixture
def job(tmp_path):
    """Make a job of some code."""

    def make(code, **more):
        file = tmp_path / "job.py"
        file.write_text(code)
        return {"name": "job.py", "file": str(file), "root": str(tmp_path), "cells": [{"source": code, "line": 1}],
                "timeout": 10.0, "memory": 2 << 30, "network": False, "text": 1024, "figures": 1} | more  # fmt: skip

    return make


def text(outcome):
    assert outcome["error"] is None, outcome
    return "".join(output["text"] for cell in outcome["cells"] for output in cell)


def alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_job_has_a_process_of_its_own(job):
    code = "import os, sys\nprint(hasattr(sys, 'spoilt'), os.path.exists('file'))\nsys.spoilt = 1\nos.mkdir('file')\n"
    assert [text(execute(job(code))) for _ in range(3)] == ["False False\n"] * 3


def test_jobs_run_at_the_same_time(job):
    began = time.monotonic()
    with Pool(4, ".dlref") as pool:
        done = [pool.submit(execute, job("import time\ntime.sleep(0.4)\nprint(1)\n")) for _ in range(4)]
        assert [text(future.result()) for future in done] == ["1\n"] * 4
    assert time.monotonic() - began < 1.4


def test_any_executor_of_threads_will_do(job):
    with ThreadPoolExecutor(3) as pool:
        assert [text(outcome) for outcome in pool.map(execute, [job(f"print({n})") for n in range(6)])] == [
            f"{n}\n" for n in range(6)
        ]


def test_what_is_preloaded_is_imported_before_the_job(job):
    with Pool(1, ".dlref", ["colorsys", "no_such_module", "xml.dom.minidom"]) as pool:
        code = "import sys\nprint([name in sys.modules for name in ('colorsys', 'xml.dom.minidom', 'wave')])\n"
        assert text(pool.submit(execute, job(code)).result()) == "[True, True, False]\n"


def test_what_a_preloaded_library_writes_into_the_environment_reaches_no_job(job):
    with Pool(1, ".dlref", ["torch._dynamo"]) as pool:
        code = (
            "import os, sys\nprint('torch._dynamo' in sys.modules, [name for name in os.environ if 'TORCH' in name])\n"
        )
        assert text(pool.submit(execute, job(code)).result()) == "True []\n"


def test_a_change_of_the_runner_or_a_helper_is_seen_without_a_new_server(job, tmp_path):
    helper = tmp_path / "helper.py"
    for number in range(3):
        helper.write_text(f"X = {number}\n")
        assert text(execute(job("import helper\nprint(helper.X)\n"))) == f"{number}\n"


def test_the_peak_memory_of_a_job_is_its_own(job):
    with Pool(1, ".dlref") as pool:
        large = pool.submit(execute, job("x = bytearray(200 << 20)\n")).result()["peak_memory"]
        small = pool.submit(execute, job("x = 1\n")).result()["peak_memory"]
    assert 200 << 20 < large < 300 << 20
    assert small < 100 << 20


def test_a_limit_of_memory_is_for_each_job_alone(job):
    code = "x = bytearray(600 << 20)\n"
    assert "MemoryError" in execute(job(code, memory=512 << 20))["error"]["message"]
    assert execute(job(code, memory=1 << 30))["error"] is None


def test_time_is_up_even_if_the_job_only_writes_to_us(job):
    code = """
import os
for descriptor in range(3, 60):
    try:
        os.set_blocking(descriptor, True)
        while True:
            os.write(descriptor, b"x" * 65536)
    except OSError:
        continue
"""
    began = time.monotonic()
    assert execute(job(code, timeout=1.0))["error"]
    assert time.monotonic() - began < 5


def test_stopping_ends_what_runs_at_once(job, until):
    pool = Pool(2, ".dlref")
    server = ForkServer.start()
    futures = [pool.submit(execute, job("import time\ntime.sleep(60)\n")) for _ in range(2)]
    assert until(lambda: len(server.asking) == 2, 5)
    time.sleep(0.2)
    began = time.monotonic()
    pool.shutdown(wait=False, cancel_futures=True)
    assert time.monotonic() - began < 2
    assert "was interrupted" in futures[0].result(5)["error"]["message"]
    assert server.process.poll() == 0
    assert not Path(server.folder).exists()


def test_stopping_twice_does_no_harm():
    ForkServer.stop()
    ForkServer.start()
    ForkServer.stop()
    ForkServer.stop()


def test_a_server_that_was_ended_is_started_again(job):
    server = ForkServer.start()
    server.process.kill()
    server.process.wait()
    assert text(execute(job("print(1)\n"))) == "1\n"


def test_a_server_ends_with_the_process_that_started_it(tmp_path, until):
    code = "from dlref.site.pool import ForkServer\nimport os, time\nprint(ForkServer.start().process.pid, flush=True)\ntime.sleep(60)\n"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, env=os.environ | {"TMPDIR": str(tmp_path)},
                               stdout=subprocess.PIPE, text=True)  # fmt: skip
    with process:
        assert process.stdout is not None
        server = int(process.stdout.readline())
        assert alive(server)
        process.send_signal(signal.SIGKILL)
    assert until(lambda: not alive(server), 5)


def test_an_interrupt_in_a_terminal_does_not_reach_the_server():
    server = ForkServer.start()
    assert os.getsid(server.process.pid) != os.getsid(0)


@pytest.mark.parametrize("namespaces", ["1", "0"])
def test_many_jobs_leave_no_process_and_no_file(namespaces, job, until, monkeypatch):
    monkeypatch.setenv("DLREF_NAMESPACES", namespaces)
    server = ForkServer.start()
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    with ThreadPoolExecutor(8) as pool:
        jobs = [
            job("open('file', 'w').close()\nimport subprocess\nsubprocess.Popen(['sleep', '60'])\nprint(1)\n")
            for _ in range(24)
        ]
        wait([pool.submit(execute, one) for one in jobs])
    assert until(lambda: not children.read_text(), 5)
    assert list(Path(server.folder).iterdir()) == []
    assert len(list(Path(f"/proc/{server.process.pid}/fd").iterdir())) < 10


def test_no_thread_of_ours_is_left(job):
    before = threading.active_count()
    with Pool(3, ".dlref") as pool:
        wait([pool.submit(execute, job("x = 1\n")) for _ in range(6)])
    assert threading.active_count() == before


def test_inside_only_the_own_folder_can_be_written_whoever_tries(job, namespaces, tmp_path):
    code = f"""
import subprocess
for place in {str(tmp_path)!r}, "/", "/etc", "/dev/shm/../../root", "/proc/sys/kernel":
    done = subprocess.run(["touch", place + "/touched"], capture_output=True, text=True)
    print(done.returncode, "Read-only" in done.stderr or "denied" in done.stderr or "No such" in done.stderr)
print(subprocess.run(["touch", "here"]).returncode)
"""
    assert text(execute(job(code))) == "1 True\n" * 5 + "0\n"


def test_inside_no_other_process_can_be_seen(job, namespaces):
    assert (
        text(execute(job("import os\nprint(sorted(int(name) for name in os.listdir('/proc') if name.isdigit()))\n")))
        == "[1, 2]\n"
    )


def test_inside_the_limits_cannot_be_undone(job, namespaces):
    code = """
import ctypes, resource, subprocess
libc = ctypes.CDLL(None, use_errno=True)
print(libc.mount(None, b"/", None, 32 | 4096, None), libc.umount2(b"/proc", 2), libc.sethostname(b"x", 1), libc.unshare(0x10000000))
print(subprocess.run(["mount", "-o", "remount,rw", "/"], capture_output=True).returncode != 0)
try:
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    print("raised")
except (ValueError, PermissionError):
    print("refused")
"""
    result = text(execute(job(code)))
    assert result.splitlines()[0].startswith("-1 -1 -1")
    assert result.splitlines()[1:] == ["True", "refused"]
