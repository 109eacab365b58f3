"""Snippets that need a GPU, on machines with and without one. None is needed here: what is asked is who may run."""

import ctypes

import pytest

from dlref.site import pool
from dlref.site.engine import NO_GPU, Engine
from dlref.site.store import Store


def test_what_needs_a_gpu_is_left_out_where_there_is_none(project, monkeypatch):
    monkeypatch.setattr(pool, "gpus", lambda: 0)
    project.snippet("a.py", "x = 1\n", options="gpu = true")
    project.snippet("b.py", "x = 1\n")
    engine = Engine(project.root)
    assert engine.run(engine.snippets) == ["b.py"]
    engine.close(wait=False)
    assert str(engine.problems["a.py"]) == f"snippets/a.py: {NO_GPU}"
    assert NO_GPU.startswith("needs a GPU; there is none here")
    assert engine.ran == {"b.py"}


def test_what_needs_a_gpu_runs_where_there_is_one_and_its_result_holds_where_there_is_none(project, monkeypatch):
    monkeypatch.setattr(pool, "gpus", lambda: 1)
    project.snippet("a.py", "print(1)\n", options="gpu = true")
    engine = Engine(project.root)
    assert engine.run(engine.snippets) == ["a.py"]
    engine.close(wait=False)
    assert engine.problems == {}
    monkeypatch.setattr(pool, "gpus", lambda: 0)
    engine = Engine(project.root)
    assert engine.run(engine.snippets) == []
    assert engine.problems == {}
    assert next(Store(project.root / ".dlref").manifests("a.py"))["inputs"]["options"]["gpu"] is True


def test_a_machine_without_the_driver_has_no_gpu(monkeypatch):
    pool.gpus.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", lambda *_: (_ for _ in ()).throw(OSError("no libcuda.so.1")))
    assert pool.gpus() == 0
    pool.gpus.cache_clear()


def test_results_from_before_there_were_gpus_stay_valid(project):
    project.snippet("a.py", "x = 1\n")
    project.run()
    assert "gpu" not in next(Store(project.root / ".dlref").manifests("a.py"))["inputs"]["options"]


@pytest.mark.parametrize("gpu", [True, False])
def test_on_a_gpu_addresses_may_be_reserved_and_memory_is_limited_all_the_same(gpu, project):
    code = "import mmap\nmap = mmap.mmap(-1, 9 << 30, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, mmap.PROT_READ)\n"
    project.snippet("a.py", code)
    project.snippet("b.py", "x = bytearray(3 << 30)\n")
    engine = Engine(project.root)
    jobs = []
    for snippet in engine.snippets.values():
        job = {"name": snippet.path, "file": str(engine.folder / snippet.path), "root": "", "timeout": 20.0, "memory": 2 << 30,
               "cells": [{"source": cell.source, "line": cell.line} for cell in snippet.code], "network": False, "gpu": gpu,
               "text": 1024, "figures": 1}  # fmt: skip
        jobs.append(pool.execute(job)["error"])
    assert "MemoryError" in jobs[1]["message"]
    assert (jobs[0] is None) == gpu
