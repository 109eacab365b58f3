"""Run snippets on a Dask cluster: the same `pool.execute`, under the same limits, on whichever worker is free.

Every worker must see the project at the same path (a shared file system, or a copy) with the same content,
and have the same dlref, Python and packages. That is not taken on trust: a worker looks at the snippet's
file before it runs it and says afterwards what it ran with; a result that this machine would not have got
is a problem, and is never stored. Dask's own connections are open to whoever reaches them: a cluster belongs
on a network of one's own, or behind the TLS that Dask's configuration offers.

A snippet whose worker dies runs again on another. What it gave is kept once, here, when it arrives.
"""

from __future__ import annotations

import hashlib
import platform
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dlref.site import environments, pool
from dlref.site.snippets import Problem

if TYPE_CHECKING:
    from distributed import Client
    from distributed import Future as Remote

RETRIES = 2  # of a snippet whose run was ended from outside; Dask itself counts the workers that died under it
PATIENCE = 30.0  # seconds that snippets wait for a worker that could run them
CONNECT = 10.0  # seconds to wait for the scheduler
_PARTS = ("runner.py", "pool.py", "assets/matplotlibrc")  # of dlref: what a result depends on


class Cluster(Executor):
    """An executor for `pool.execute` on the workers of a Dask cluster.

    Args:
        address: Of its scheduler, `HOST:PORT`; it is called when the first snippet must run.
        preload: Returns the modules that workers import once, before they fork.
        patience: Seconds that snippets wait for a worker that could run them.
    """

    def __init__(self, address: str, preload: Callable[[], list[str]] = list, patience: float = PATIENCE) -> None:
        self.address, self.preload, self.patience = address, preload, patience
        self._client: Client | None = None
        self._modules: list[str] = []
        self._waiting: dict[Remote[Any], tuple[Future[Any], dict[str, Any], float]] = {}
        self._closed = threading.Event()

    def submit(self, function: Callable[..., Any], /, *jobs: Any, **_: Any) -> Future[Any]:
        """Have `function(job)` called on a worker; one that has a GPU, if the job needs one."""
        (job,) = jobs
        client, ours, began = self._connected(), Future[Any](), time.time()
        ours.set_running_or_notify_cancel()
        needs = {"GPU": 1} if job["gpu"] else {}
        theirs = client.submit(
            run, function, job, self._modules, digest(job["file"]), pure=False, retries=RETRIES, resources=needs
        )
        self._waiting[theirs] = ours, job, began
        theirs.add_done_callback(self._done)
        return ours

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the cluster. What workers have begun ends there, at the latest when its time is up."""
        self._closed.set()
        if self._client is not None:
            self._client.cancel(list(self._waiting))
            self._client.close()
            self._client = None

    def _connected(self) -> Client:
        """Return the connection, made if need be; Problem if there is no scheduler."""
        if self._client is None:
            try:
                from distributed import Client
            except ModuleNotFoundError as error:
                raise Problem(f"a Dask cluster needs {error.name}: pip install 'dlref[dask]'") from None
            try:
                self._client = Client(f"tcp://{self.address}", timeout=CONNECT, set_as_default=False)
            except (OSError, ValueError) as error:
                raise Problem(f"no Dask scheduler answers: {error}", f"dask://{self.address}") from None
            self._modules = self.preload()
            threading.Thread(target=self._watch, args=[self._client], daemon=True, name="cluster").start()
        return self._client

    def _done(self, theirs: Remote[Any]) -> None:
        """Pass on what came of a job."""
        ours, job, began = self._waiting.pop(theirs)
        try:
            outcome = theirs.result()
        except Exception as error:  # noqa: BLE001 (the cluster's, of any kind; the snippet's are in the outcome)
            said = " ".join(str(error).split()) or "the connection to the scheduler was lost"
            outcome = failure(f"could not be run on dask://{self.address}: {type(error).__name__}: {said}")
        else:
            outcome = checked(job, outcome)
        if not ours.done():
            ours.set_result((began, outcome))

    def _watch(self, client: Client) -> None:
        """Give up the jobs for which there has been no worker for too long."""
        since = dict[bool, float]()
        while not self._closed.wait(min(1.0, self.patience)):
            cards = _cards(client)
            for gpu in False, True:
                if any(cards) if gpu else cards:
                    since.pop(gpu, None)
                elif time.monotonic() - since.setdefault(gpu, time.monotonic()) >= self.patience:
                    self._give_up(gpu)

    def _give_up(self, gpu: bool) -> None:
        wanted = "needs a GPU; no worker says that it has one (`dask worker … --resources GPU=1`)"
        message = f"{wanted if gpu else 'found no worker'} on dask://{self.address} for {self.patience:g} s"
        for theirs, (ours, job, began) in list(self._waiting.items()):
            if job["gpu"] == gpu and not ours.done():
                ours.set_result((began, failure(message)))
                theirs.cancel()


def _cards(client: Client) -> list[float]:
    """Return how many GPUs each worker says it has; empty if the scheduler cannot be asked."""
    try:
        workers = client.scheduler_info(n_workers=-1)["workers"]
    except (OSError, RuntimeError):  # gone, or closing: its futures say so themselves
        return []
    return [worker["resources"].get("GPU", 0) for worker in workers.values()]


def failure(message: str) -> dict[str, Any]:
    """Return the outcome of a job that gave none."""
    return {"error": {"line": 1, "message": message}}


# --- on both sides -----------------------------------------------------------------------------------


def run(
    function: Callable[..., tuple[float, dict[str, Any]]], job: dict[str, Any], preload: list[str], expected: str
) -> dict[str, Any]:
    """Run a job on a worker, and return what came of it with what it ran with.

    Args:
        function: `(when it began, outcome)` of a job.
        job: What `pool.execute` takes.
        preload: Modules that this worker's fork server imports first.
        expected: The digest of the snippet's file.

    Raises:
        ConnectionAbortedError: It was ended from outside: Dask has it run again.
    """
    if digest(job["file"]) != expected:
        return failure(f"{_here()} does not see this file as it is: {_NEEDS}")
    if not job["python"]:
        pool.ForkServer.start(job["cache"], preload)
    _, outcome = function(job)
    if (outcome["error"] or {}).get("message") == pool.ENDED:
        raise ConnectionAbortedError(pool.ENDED)
    if "files" not in outcome:  # it did not come to its end
        return outcome
    return outcome | {"worker": _here(), "ran_with": surroundings(job, outcome)}


_NEEDS = "every worker needs this project at this path, with the same content, dlref, Python and packages"


def checked(job: dict[str, Any], outcome: dict[str, Any]) -> dict[str, Any]:
    """Return an outcome, with an error if it came of anything else than what is here."""
    there, worker = outcome.pop("ran_with", None), outcome.pop("worker", "")
    if there is None:
        return outcome
    here = surroundings(job, outcome)
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name):
            what = "is not the same there as here"
            if not name.startswith("/"):
                what = f"is {there.get(name) or 'missing'} there and {here.get(name) or 'missing'} here"
            return outcome | failure(f"ran on {worker}, but {name} {what}: {_NEEDS}")
    return outcome


def surroundings(job: dict[str, Any], outcome: dict[str, Any]) -> dict[str, str]:
    """Return what an outcome depends on besides the job, as it is on this machine, in short texts."""
    site = Path(__file__).parent
    parts = "".join(digest(str(site / name)) for name in _PARTS)
    found = {"Python": platform.python_version(), "platform": f"{sys.platform}-{platform.machine()}",
             "dlref": hashlib.sha256(parts.encode()).hexdigest()[:12]}  # fmt: skip
    if not job["python"]:  # what an environment of the snippet's own holds lies in the project
        versions = environments.versions(sys.path)
        known = {name for module in outcome["modules"] for name in environments.owners().get(module, ())} - {"dlref"}
        found |= {name: versions.get(name, "") for name in known}
    return found | {file: digest(file) for file in outcome["files"]}


def digest(file: str) -> str:
    """Return the SHA-256 of a file; empty if there is none."""
    try:
        return hashlib.sha256(Path(file).read_bytes()).hexdigest()
    except OSError:
        return ""


def _here() -> str:
    from distributed import get_worker

    return f"the worker {get_worker().name} ({get_worker().address})"
