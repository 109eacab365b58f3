"""Run each snippet in a fresh, confined process.

Two roles live in this file. Imported, it is a `concurrent.futures.Executor` whose workers call
`execute(job)`. Run as a script, it is the fork server behind it: it imports the heavy third-party
packages once, and forks a child from that for each job. It imports nothing of dlref, so that no
snippet ever sees a stale module.

A child is a watcher and, below it, the snippet's own process. Where Linux lets it, the child has
its own PID, mount, IPC and network namespaces: of this machine's files it sees the system's, Python's
and the project's, everything outside its folder is read-only, no network exists, and nothing it
started survives it. Elsewhere the runner's audit hook and the process group do what they can, which
a snippet's own processes and native code get around.

What a snippet's process says is data: it is bounded, and must be in one piece from the runner. Python
cannot keep a runner's secret from code in the same process, so a snippet that forges on purpose can put
numbers on its own page that it did not compute, as it could by printing them. And without control groups,
which a user may not make, nobody adds up the memory of several processes: each has its limit.
"""

from __future__ import annotations

import atexit
import builtins
import contextlib
import ctypes
import faulthandler
import gc
import importlib
import importlib.util
import json
import os
import re
import resource
import select
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

PROCESSES, THREADS = 32, 1000  # of a snippet and its descendants
DISK, FILES = 256 << 20, 10_000  # bytes that a snippet may write, and in how many files
DESCRIPTORS = 1024  # that each of its processes may have open
RESULT = 64 << 20  # bytes of text, figures and values
MEDDLES = "writes where only the runner may: into what its result comes through"
ENDED = "was interrupted, or the process that runs it was ended from outside"
GRACE = 0.5  # seconds between asking where it hangs and ending it
_RSS_UNIT = 1 if sys.platform == "darwin" else 1024
_HERE = os.path.dirname(os.path.abspath(__file__))
_RUNNER = os.path.join(_HERE, "runner.py")
_SYSTEM = {"bin", "dev", "etc", "gnu", "lib", "lib32", "lib64", "nix", "opt", "proc", "sbin", "snap", "sys", "usr"}
_SECRETS = ("/etc/gshadow", "/etc/shadow", "/etc/ssh", "/etc/ssl/private")  # root reads them without any capability
_DEVICES = ("full", "null", "random", "urandom", "zero")
_LINKS = {"fd": "/proc/self/fd"} | {name: f"/proc/self/fd/{n}" for n, name in enumerate(("stdin", "stdout", "stderr"))}
_SHARED = "/dev/shm"  # noqa: S108 (where Linux keeps shared memory)
_preloaded: set[str] = set()  # in the fork server: the modules that each child begins with
_CARDS = ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")  # which of a machine's GPUs are this process's
_QUIET = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}  # TensorFlow: no log; the plain kernels
_THREADS = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")}
_THREADS |= {"TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1"}
_THREADS |= {"XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"}


# --- the side that asks ----------------------------------------------------------------------------


class Pool(ThreadPoolExecutor):
    """An executor for `execute`, with its fork server.

    Args:
        workers: Snippets that run at the same time.
        cache: A folder for matplotlib's font list.
        preload: Modules the fork server imports before it forks.
        hash_seed: What orders the sets of strings in its children.
    """

    def __init__(self, workers: int, cache: str, preload: Iterable[str] = (), hash_seed: str = "0") -> None:
        super().__init__(workers, thread_name_prefix="snippet")
        ForkServer.start(cache, preload, hash_seed=hash_seed)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Wait for the running snippets (or end them) and stop the fork server."""
        if not wait:
            ForkServer.stop()
        super().shutdown(wait, cancel_futures=cancel_futures)
        ForkServer.stop()


class ForkServer:
    """A fork server of this process: one for each Python and hash seed that snippets run with, started on first use."""

    _lock = threading.Lock()
    _running: dict[tuple[str, str], ForkServer] = {}  # noqa: RUF012 (the process's, by Python)

    def __init__(self, cache: str, preload: Iterable[str], python: str, hash_seed: str) -> None:
        home = os.path.join(os.path.abspath(cache), "matplotlib")
        os.makedirs(home, exist_ok=True)  # before anything is begun: the store may be none
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="dlref-"))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)  # should we be interrupted in what follows
        self.asking: set[socket.socket] = set()
        self.control, theirs = socket.socketpair()
        path = os.pathsep.join([os.path.dirname(python), os.environ.get("PATH", os.defpath)])
        environment = _THREADS | _QUIET | {
            "PATH": path, "HOME": self.folder, "LANG": "C.UTF-8", "TZ": "UTC",
            "PYTHONHASHSEED": hash_seed, "PYTHONDONTWRITEBYTECODE": "1", "MPLBACKEND": "agg", "MPLCONFIGDIR": home,
            "MATPLOTLIBRC": os.path.join(_HERE, "assets", "matplotlibrc"),
            "DLREF_NAMESPACES": os.environ.get("DLREF_NAMESPACES", "1"),
        }  # fmt: skip
        environment |= {name: os.environ[name] for name in _CARDS if name in os.environ}
        command = [python, "-P", os.path.abspath(__file__), str(theirs.fileno()), *preload]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=environment, cwd=self.folder,
                                        pass_fds=[theirs.fileno()], start_new_session=True)  # fmt: skip
        theirs.close()

    @classmethod
    def start(
        cls, cache: str = ".dlref", preload: Iterable[str] = (), python: str = "", hash_seed: str = "0"
    ) -> ForkServer:
        """Return the running server of a Python (default: this one) with a hash seed, or start one."""
        kind = python or sys.executable, hash_seed
        with cls._lock:
            found = cls._running.get(kind)
            if found is not None and found.process.poll() is not None:
                found.close()
                found = None
            if found is None:
                found = cls._running[kind] = cls(cache, preload, *kind)
            return found

    @classmethod
    def stop(cls) -> None:
        """End the servers and every snippet that they still run."""
        with cls._lock:
            servers, cls._running = list(cls._running.values()), {}
        for server in servers:
            server.close()

    def close(self) -> None:
        """End it and what it runs; remove its folder."""
        for asking in list(self.asking):
            with contextlib.suppress(OSError):  # that one has just ended
                asking.shutdown(socket.SHUT_RDWR)
        self.control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ask(self, job: dict[str, Any]) -> bytes:
        """Have the job run in a child; return all that its watcher said."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, self._lock:
                socket.send_fds(self.control, [b"!"], [theirs.fileno()])
                self.asking.add(ours)
            try:
                mine = {"folder": self.folder, "home": os.path.expanduser("~"), "keepers": [os.getpid()]}
                ours.sendall(json.dumps(job | mine).encode() + b"\n")
                with ours.makefile("rb") as answer:
                    return answer.readline()
            finally:
                self.asking.discard(ours)


atexit.register(ForkServer.stop)


def execute(job: dict[str, Any]) -> dict[str, Any]:
    """Run one snippet in a child of this process's fork server, under its limits.

    Args:
        job: What `runner.run` takes, with `timeout` (s), `memory` (bytes) and, for a snippet with an
            environment of its own, that one's `python` and the `cache` folder.

    Returns:
        What `runner.run` returns, with `peak_memory` (bytes) and `processor`. A child that did not complete gives an
        `error` that says why, and no more.
    """
    try:
        python, hash_seed = job.get("python", ""), job.get("hash_seed", "0")
        answer = ForkServer.start(job.get("cache", ".dlref"), python=python, hash_seed=hash_seed).ask(job)
    except OSError as error:
        return _failure(1, f"could not be started: {error}")
    if not answer:
        return _failure(1, ENDED)
    said: dict[str, Any] = json.loads(answer)
    line, why = _line(said["trace"], job["file"]), said["stopped"]
    if not why and said["signal"]:
        why = f"crashes: killed by {_name(said['signal'])}"
    elif not why and not said["result"]:
        why = f"ends with exit status {said['status']} before it has completed"
    if why:
        return _failure(line, why)
    try:
        result: dict[str, Any] = json.loads(said["result"])
        return result | {"peak_memory": said["peak_memory"], "processor": processor()}
    except (ValueError, TypeError, RecursionError):
        return _failure(line, MEDDLES)


@cache
def processor() -> str:
    """Return the kind of this machine's processor. Libraries choose their kernels by it: others round differently."""
    import hashlib  # these two not in the fork server, which is this file too
    import platform

    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            first, _, _ = file.read().partition("\n\n")
    except OSError:  # not Linux
        return f"{platform.machine()} {platform.processor()}"
    facts = {name.strip(): text.strip() for name, _, text in (line.partition(":") for line in first.splitlines())}
    features = facts.get("flags", facts.get("Features", ""))
    kernels = re.findall(r"\b(?:sse|ssse|avx|fma|f16c|amx|asimd|sve)\w*", features)
    told = [facts.get(name, "") for name in ("vendor_id", "cpu family", "model", "CPU implementer", "CPU part")]
    digest = hashlib.sha256(" ".join([*told, *kernels]).encode()).hexdigest()
    return f"{facts.get('model name', platform.machine())}, {digest[:8]}"


def _failure(line: int, message: str) -> dict[str, Any]:
    return {"error": {"line": line, "message": message}}


def _name(number: int) -> str:
    """Return the name of a signal; those for real-time uses have none."""
    return signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"


def _line(trace: str, file: str) -> int:
    """Return the snippet's innermost line in a faulthandler trace; 1 if it is not in it."""
    found = re.search(rf'File "{re.escape(file)}", line (\d{{1,9}})\b', trace)
    return int(found[1]) if found else 1


# --- the fork server ---------------------------------------------------------------------------------


def serve(control: socket.socket, preload: Iterable[str]) -> None:
    """Import `preload`, then fork a watcher for each socket received, until the asker is gone."""
    if not _confines():
        os.environ["DLREF_NAMESPACES"] = "0"
    gc.disable()  # a tenth of the time of importing torch
    clean = dict(os.environ)
    for name in preload:
        try:
            importlib.import_module(name)
        except Exception:  # the snippet that imports it will say so itself
            continue
    _runner(os.stat(_RUNNER).st_mtime_ns)
    os.environ.clear()
    os.environ.update(clean)  # torch's compiler writes there where it may keep its files
    _preloaded.update(sys.modules)
    gc.enable()
    gc.freeze()  # so that collecting in a child does not copy every page of what was imported
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message:
            break
        if os.fork() == 0:
            control.close()
            _guarded(_child, socket.socket(fileno=descriptors[0]))
        os.close(descriptors[0])
    with contextlib.suppress(ChildProcessError):
        os.waitpid(-1, 0)  # SIGCHLD is ignored: this ends when the last watcher has cleaned up
    shutil.rmtree(os.getcwd(), ignore_errors=True)  # the asker may have been killed, and can clear nothing


def _guarded(function: Any, *arguments: Any) -> None:
    """Call a function in a forked child, which must never return into its parent's code."""
    status = 70
    try:
        status = function(*arguments) or 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _confines() -> bool:
    """Say whether this machine lets a process have namespaces and files of its own, by trying."""
    with tempfile.TemporaryDirectory() as folder:
        if (child := os.fork()) == 0:
            _guarded(_confine, folder)
        return os.waitpid(child, 0)[1] == 0


def _confine(folder: str) -> int:
    """Return 0 if this process may confine what it forks."""
    try:
        if not own_namespaces(network=False):
            return 1
        if inside := os.fork():
            return os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1])
        own_files(folder, _needed({"folder": folder, "file": folder}))
    except OSError:
        return 1
    return 0


def _child(asker: socket.socket) -> int:
    """Enter namespaces of its own, if it may, and watch the snippet from inside them."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    die_with_parent()
    with asker.makefile("rb") as reader:
        job = json.loads(reader.readline())
    needed = _needed(job)
    job["shown"], job["private"] = needed, _private(job, needed)
    confined = own_namespaces(network=job["network"])
    if confined and (inside := os.fork()):
        return os.waitstatus_to_exitcode(os.waitpid(inside, 0)[1])
    die_with_parent()
    if confined:
        job["keepers"] = [os.getpid()]
        own_files(job["folder"], needed, private=job["private"], gpu=job.get("gpu", False))
    else:
        job["keepers"] += [os.getpid(), os.getppid()]
        os.makedirs(folder := os.path.join(job["folder"], str(os.getpid())))
        job["folder"] = folder
        _prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: orphans come to this process, and end with it
    said = _watch(job, asker, confined)
    if not confined:
        shutil.rmtree(job["folder"], ignore_errors=True)
    with contextlib.suppress(OSError):  # nobody waits for it any more
        asker.sendall(json.dumps(said).encode() + b"\n")
    return 0


def _watch(job: dict[str, Any], asker: socket.socket, confined: bool) -> dict[str, Any]:
    """Run the snippet in a process below this one and end it when a limit says so."""
    reader, writer = os.pipe()
    seal = os.urandom(16).hex().encode()
    trace = os.memfd_create("trace") if hasattr(os, "memfd_create") else os.dup(tempfile.TemporaryFile().fileno())
    snippet = os.fork()
    if snippet == 0:
        os.close(reader)
        asker.close()
        _guarded(_snippet, job, writer, trace, seal)
    os.close(writer)
    said, stopped, until = bytearray(), "", time.monotonic() + job["timeout"] + GRACE
    poll = select.poll()
    poll.register(reader, select.POLLIN)
    poll.register(asker, select.POLLHUP)
    while not stopped:
        ready = dict(poll.poll(50))
        if asker.fileno() in ready:
            stopped = "was interrupted"
        elif time.monotonic() > until:
            stopped = f"exceeds its time limit of {job['timeout']:g} s"
        elif reader in ready:
            said += (part := os.read(reader, 1 << 20))
            if not part or said.endswith(seal):
                break
            if len(said) > RESULT:
                stopped = f"gives more than {RESULT >> 20} MiB of text, figures and values"
        else:
            stopped = _exceeds(job["folder"], confined)
    whole = said.startswith(seal) and said.endswith(seal) and said.count(seal) == 2
    if not stopped and said and not said.startswith(seal):
        stopped = MEDDLES
    report = said[len(seal) : -len(seal)] if whole and not stopped else b""
    status = _end(snippet, confined, bool(stopped), until)
    return {
        "stopped": stopped, "result": report.decode("utf-8", "replace"),
        "status": os.waitstatus_to_exitcode(status),
        "signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) and not stopped else 0,
        "trace": os.pread(trace, 1 << 16, 0).decode("utf-8", "replace"),
        "peak_memory": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * _RSS_UNIT,
    }  # fmt: skip


def _exceeds(folder: str, confined: bool) -> str:
    """Say which of its limits of processes, threads, bytes and files the snippet exceeds; empty: none."""
    below = _descendants()
    if len(below) > PROCESSES:
        return f"starts more processes than its limit of {PROCESSES}"
    if sum(below.values()) > THREADS:
        return f"starts more threads than its limit of {THREADS}"
    if not confined and sum(1 for _ in _files(folder)) > FILES:  # else its file systems have their limits
        return f"makes more files than its limit of {FILES}"
    open_files = (f"/proc/{pid}/fd/{name}" for pid in below for name in _listed(f"/proc/{pid}/fd"))
    if _size(open_files, nameless=True) + (0 if confined else _size(_files(folder))) > DISK:
        return f"writes more than its limit of {DISK >> 20} MiB"
    return ""


def _files(folder: str) -> Iterator[str]:
    """Yield all files and folders in a folder."""
    for parent, folders, files in os.walk(folder):
        yield from (os.path.join(parent, name) for name in [*folders, *files])


def _listed(folder: str) -> list[str]:
    with contextlib.suppress(OSError):  # of a process that has just ended
        return os.listdir(folder)
    return []


def _size(paths: Iterable[str], *, nameless: bool = False) -> int:
    """Return the bytes that some files take; or those alone that have no name in any folder, as in memory."""
    sizes = dict[tuple[int, int], int]()
    for path in paths:
        with contextlib.suppress(OSError):  # it has just been removed
            found = os.stat(path) if nameless else os.lstat(path)
            if not nameless or (found.st_nlink == 0 and stat.S_ISREG(found.st_mode)):
                sizes[found.st_dev, found.st_ino] = found.st_blocks * 512
    return sum(sizes.values())


def _end(snippet: int, confined: bool, now: bool, until: float) -> int:
    """Wait for the snippet's process, or kill it; end all that it left; return its wait status."""
    status = None
    while status is None:
        if now or time.monotonic() > until:
            _kill(snippet)
        pid, seen = os.waitpid(-1, 0 if now else os.WNOHANG)
        if pid == snippet:
            status = seen
        elif not pid:
            time.sleep(0.001)
    while not confined:  # what it left alive; in a PID namespace, the kernel ends that with us
        _kill(snippet, *_descendants())
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                continue
        except ChildProcessError:
            break
        time.sleep(0.001)
    return status


def _kill(*processes: int) -> None:
    """End processes and the groups that they lead; some may be gone already."""
    for process in processes:
        for kill in os.killpg, os.kill:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                kill(process, signal.SIGKILL)


def _snippet(job: dict[str, Any], result: int, trace: int, seal: bytes) -> int:
    """Become the snippet: own session, folder and limits; then run, and report between two seals."""
    die_with_parent()
    os.setsid()
    no_input = os.open(os.devnull, os.O_WRONLY)
    os.dup2(no_input, 0)
    os.close(no_input)
    os.chdir(job["folder"])
    settings = os.path.join(job["folder"], ".matplotlib")  # used if it was not preloaded: the other one is read-only
    os.environ.update(HOME=job["folder"], TMPDIR=job["folder"], MPLCONFIGDIR=settings)
    tempfile.tempdir = None
    space = resource.RLIMIT_DATA if job.get("gpu") else resource.RLIMIT_AS  # CUDA reserves addresses for all memory
    limits = {space: job["memory"], resource.RLIMIT_FSIZE: DISK, resource.RLIMIT_CORE: 0}
    limits[resource.RLIMIT_NOFILE] = DESCRIPTORS
    for name, value in limits.items():
        most = resource.getrlimit(name)[1]
        least = value if most == resource.RLIM_INFINITY else min(value, most)
        resource.setrlimit(name, (least, least))
    drop_capabilities()
    faulthandler.enable(trace)
    faulthandler.dump_traceback_later(job["timeout"], file=trace)
    runner, me = _runner(os.stat(_RUNNER).st_mtime_ns), os.getpid()
    try:
        outcome = runner.run(job | {"preloaded": _preloaded})
    except BaseException as error:
        outcome = _failure(1, f"leaves Python in a state that allows no report: {type(error).__name__}")
    if os.getpid() != me:  # it forked, and did not keep its child from coming here
        return bool(outcome["error"])
    said = memoryview(seal + json.dumps(outcome).encode() + seal)
    faulthandler.cancel_dump_traceback_later()
    while said:
        said = said[os.write(result, said) :]
    return 0


@cache
def _runner(version: int) -> Any:
    """Return the runner, loaded afresh if the file is not the one that this process or its parent knows."""
    spec = importlib.util.spec_from_file_location("_dlref_runner", _RUNNER)
    assert spec is not None and spec.loader is not None
    runner = importlib.util.module_from_spec(spec)
    vars(runner)["__builtins__"] = dict(vars(builtins))  # its own, whatever a snippet does to everyone's
    spec.loader.exec_module(runner)
    return runner


def _descendants() -> dict[int, int]:
    """Return the threads of each process below this one; empty where there is no /proc, or another namespace's."""
    found, children, threads = [os.getpid()], dict[int, list[int]](), dict[int, int]()
    for pid, fields in _table():
        children.setdefault(int(fields[1]), []).append(pid)
        threads[pid] = int(fields[17])
    for pid in found:
        found.extend(children.get(pid, ()))
    return {pid: threads[pid] for pid in found[1:]}


def _table() -> Iterable[tuple[int, list[str]]]:
    """Yield (pid, fields from the state on) of each process in /proc."""
    ours = os.path.lexists("/proc/self") and os.readlink("/proc/self") == str(os.getpid())
    for name in os.listdir("/proc") if ours else []:
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    yield int(name), file.read().rpartition(")")[2].split()
            except OSError:
                continue


@cache
def gpus() -> int:
    """Return how many CUDA devices this machine has, and this process may use."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int()
    return count.value if cuda.cuInit(0) == 0 and cuda.cuDeviceGetCount(ctypes.byref(count)) == 0 else 0


# --- what only Linux has -------------------------------------------------------------------------------

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        _libc.prctl(option, value, 0, 0, 0)


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that forked it ends."""
    _prctl(1, signal.SIGKILL)


def own_namespaces(network: bool) -> bool:
    """Move the next children into namespaces of their own; False where that is not allowed."""
    if sys.platform != "linux" or os.environ.get("DLREF_NAMESPACES") == "0":
        return False
    user, group = os.getuid(), os.getgid()
    kinds = 0x10000000 | 0x20000000 | 0x00020000 | 0x08000000 | (0 if network else 0x40000000)
    if _libc.unshare(kinds) != 0:  # user, PID, mount, IPC, network
        return False
    for name, text in ("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1"):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    return True


def _needed(job: dict[str, Any]) -> list[str]:
    """Return what a job must see of this machine beside its system: Python, the project, this package."""
    python = [sys.prefix, sys.base_prefix, os.path.dirname(os.path.realpath(sys.executable)), *sys.path]
    places = [job["folder"], os.path.dirname(job["file"]), job.get("root", ""), job.get("project", ""), *python]
    places += [_HERE, os.environ.get("MPLCONFIGDIR", ""), "/etc/resolv.conf" if job.get("network") else ""]
    found = {path for place in places if os.path.exists(place) for path in (place, os.path.realpath(place))}
    return sorted(path for path in found if path.startswith("/"))


def _private(job: dict[str, Any], needed: Iterable[str]) -> list[str]:
    """Return what a job must not read, though it may lie in what it needs: the home folder, and settings."""
    home, inside = os.path.realpath(job["home"]), [path + "/" for path in needed]
    hidden = [] if home == "/" or any(f"{home}/".startswith(path) for path in inside) else [home]
    for place in {home, os.path.realpath(job.get("project", job["folder"]))}:
        with contextlib.suppress(OSError):  # no such folder, or not for this user
            hidden += [f"{place}/{name}" for name in os.listdir(place) if name.startswith(".")]
    return sorted(path for path in hidden if not any(inner.startswith(path + "/") for inner in inside) or path == home)


def own_files(folder: str, needed: Iterable[str], private: Iterable[str] = (), *, gpu: bool = False) -> None:
    """Leave of this machine's files the system's and the needed ones, read-only, and fresh space in `folder`.

    Sockets go with the places they lie in; a read-only file system would not keep anyone from using them.
    """
    _mount("", "/", "", 1 << 18 | 1 << 14)  # private, recursive
    _read_only("/")
    devices = [f"/dev/{name}" for name in os.listdir("/dev") if name in _DEVICES or (gpu and name.startswith("nvidia"))]
    sources = {path: os.open(path, os.O_PATH) for path in [*needed, *devices]}
    covers = [entry.path for entry in os.scandir("/") if entry.is_dir(follow_symlinks=False)]
    for cover in [path for path in covers if path[1:] not in _SYSTEM] + ["/dev"]:
        _mount("tmpfs", cover, "tmpfs", 6, "size=1m,mode=755")  # nosuid, nodev
        for path, source in sources.items():
            if path.startswith(cover + "/") and not os.path.lexists(path):
                _show(path, source)
    for source in sources.values():
        os.close(source)
    for name, target in _LINKS.items():
        os.symlink(target, f"/dev/{name}")
    os.mkdir(_SHARED)
    for path in [*private, *_SECRETS]:
        _hide(path, needed)
    _read_only("/")
    for target in folder, _SHARED:
        _mount("tmpfs", target, "tmpfs", 6, f"size={DISK},nr_inodes={FILES}")
    _own_kernel()


def _own_kernel() -> None:
    """Have /proc show own processes alone, and take away two ways to fill memory: file systems, System V's segments."""
    _mount("proc", "/proc", "proc", 14)  # nosuid, nodev, noexec
    for setting, value in ("user/max_user_namespaces", 0), ("kernel/shmall", DISK // 4096):
        with contextlib.suppress(PermissionError), open(f"/proc/sys/{setting}", "w") as file:
            file.write(str(value))
    _read_only("/proc")  # who is root outside may write settings of the whole machine there


def _hide(path: str, needed: Iterable[str]) -> None:
    """Have a place look empty, unless something needed lies in it."""
    if os.path.isdir(path) and not any(place.startswith(path + "/") for place in needed):
        _mount("tmpfs", path, "tmpfs", 7, "size=4k")  # read-only, nosuid, nodev
    elif os.path.isfile(path):
        _mount("/dev/null", path, "", 1 << 12)  # bind


def _show(path: str, source: int) -> None:
    """Have a file or folder, open as `source`, appear at a path of which nothing is left."""
    if stat.S_ISDIR(os.fstat(source).st_mode):
        os.makedirs(path)
    else:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    _mount(f"/proc/self/fd/{source}", path, "", 1 << 12 | 1 << 14)  # bind, recursive


def _mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Call mount(2); OSError if the kernel will not."""
    texts = [text.encode() or None for text in (source, target, kind)]
    _called(_libc.mount(*texts, ctypes.c_ulong(flags), data.encode() or None), target)


def _read_only(path: str) -> None:
    """Make all that is mounted from a place downwards read-only; mount_setattr(2) has no name in the C library."""
    attributes = (ctypes.c_uint64 * 4)(1, 0, 0, 0)
    _called(_libc.syscall(442, -100, path.encode(), 0x8000, attributes, ctypes.sizeof(attributes)), path)


def _called(status: int, path: str) -> None:
    if status != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), path)


def drop_capabilities() -> None:
    """Give up what the namespace granted, so that the snippet cannot undo its limits."""
    if sys.platform == "linux":
        _prctl(38, 1)  # PR_SET_NO_NEW_PRIVS
        _libc.capset((ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])), sys.argv[2:])
    os._exit(0)  # torch takes half a second to leave in order
