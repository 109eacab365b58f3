"""Results are kept whole or not at all, and never trusted because they are there."""

import json
import os
import threading

import pytest

from dlref.site.store import FORMAT, KEPT, Store

NOTEBOOK = {"cells": [], "metadata": {"é": "模型"}, "nbformat": 4, "nbformat_minor": 5}


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / ".dlref")


def same(wanted):
    return lambda inputs: inputs == wanted


def find(store, path, same):
    """Return the newest manifest of a snippet whose inputs are right and whose notebook is whole."""
    found = (manifest for manifest in store.manifests(path) if same(manifest["inputs"]))
    return next((manifest for manifest in found if store.notebook(manifest) is not None), None)


def manifest_file(store, path="t/a.py"):
    return max((store.folder / "results" / path).iterdir())


def notebook_file(store, manifest):
    return store.folder / "notebooks" / f"{manifest['notebook']}.ipynb"


def test_what_is_put_is_found_and_comes_back_as_it_was(store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK, seconds=0.5)
    assert find(store, "t/a.py", same({"x": 1})) == put
    assert put["seconds"] == 0.5
    assert store.notebook(put) == NOTEBOOK


def test_nothing_is_found_for_other_inputs_or_another_snippet(store):
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    assert find(store, "t/a.py", same({"x": 2})) is None
    assert find(store, "t/b.py", same({"x": 1})) is None
    assert find(store, "t", same({"x": 1})) is None


def test_a_manifest_says_in_plain_text_what_a_result_depends_on(store):
    store.put("t/a.py", {"files": {"helper.py": "abc"}}, NOTEBOOK)
    text = manifest_file(store).read_text()
    assert '"helper.py": "abc"' in text
    assert json.loads(text)["snippet"] == "t/a.py"


def test_earlier_results_stay_so_that_going_back_costs_nothing(store):
    for number in range(KEPT):
        store.put("t/a.py", {"x": number}, NOTEBOOK | {"number": number})
    for number in range(KEPT):
        found = find(store, "t/a.py", same({"x": number}))
        assert found is not None
        assert store.notebook(found) == NOTEBOOK | {"number": number}


def test_of_two_results_with_the_same_inputs_the_newer_counts(store):
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    newer = store.put("t/a.py", {"x": 1}, NOTEBOOK | {"newer": 1})
    assert find(store, "t/a.py", same({"x": 1})) == newer


def test_only_so_many_results_of_a_snippet_are_kept(store):
    for number in range(KEPT + 3):
        store.put("t/a.py", {"x": number}, NOTEBOOK)
    assert [manifest["inputs"]["x"] for manifest in store.manifests("t/a.py")] == list(range(KEPT + 2, 2, -1))
    assert len(list((store.folder / "results" / "t" / "a.py").iterdir())) == KEPT


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "null", "3", '{"format": 1}', "\xff", '{"format": 99, "snippet": "t/a.py"}']
)
def test_a_damaged_manifest_counts_as_missing(text, store):
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    manifest_file(store).write_text(text, encoding="latin-1")
    assert find(store, "t/a.py", same({"x": 1})) is None


def test_every_truncation_of_a_manifest_counts_as_missing(store):
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    content = manifest_file(store).read_bytes()
    for size in range(len(content) - 2):  # the last two are a brace and a line end
        manifest_file(store).write_bytes(content[:size])
        assert find(store, "t/a.py", same({"x": 1})) is None


@pytest.mark.parametrize("key", ["format", "snippet", "inputs", "notebook"])
def test_a_manifest_that_lacks_something_counts_as_missing(key, store):
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    manifest = json.loads(manifest_file(store).read_text())
    del manifest[key]
    manifest_file(store).write_text(json.dumps(manifest))
    assert find(store, "t/a.py", same({"x": 1})) is None


def test_a_manifest_of_another_format_or_snippet_counts_as_missing(store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    for change in {"format": FORMAT + 1}, {"snippet": "t/b.py"}:
        manifest_file(store).write_text(json.dumps(put | change))
        assert find(store, "t/a.py", same({"x": 1})) is None


def test_an_older_result_is_taken_if_the_newer_is_damaged(store):
    older = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    store.put("t/a.py", {"x": 1}, NOTEBOOK | {"newer": 1})
    manifest_file(store).write_text("{")
    assert find(store, "t/a.py", same({"x": 1})) == older


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b + b" ", lambda b: b.replace(b"4", b"5"), lambda b: b[:0]]
)
def test_a_notebook_that_is_not_what_its_name_says_counts_as_missing(damage, store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    file = notebook_file(store, put)
    file.write_bytes(damage(file.read_bytes()))
    assert store.notebook(put) is None
    assert find(store, "t/a.py", same({"x": 1})) is None


def test_a_notebook_that_is_gone_counts_as_missing_and_is_written_again(store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    notebook_file(store, put).unlink()
    assert find(store, "t/a.py", same({"x": 1})) is None
    assert store.notebook(store.put("t/a.py", {"x": 1}, NOTEBOOK)) == NOTEBOOK


def test_a_damaged_notebook_is_mended_by_the_same_result(store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    notebook_file(store, put).write_bytes(b"x")
    store.put("t/a.py", {"x": 1}, NOTEBOOK)
    assert store.notebook(put) == NOTEBOOK


def test_a_write_that_fails_leaves_what_was_there_and_nothing_else(store, monkeypatch):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    before = sorted(map(str, store.folder.rglob("*")))

    def fails(*_):
        raise OSError("disk full")

    monkeypatch.setattr(os, "replace", fails)
    with pytest.raises(OSError, match="disk full"):
        store.put("t/a.py", {"x": 2}, NOTEBOOK | {"newer": 1})
    assert sorted(map(str, store.folder.rglob("*"))) == before
    assert find(store, "t/a.py", same({"x": 1})) == put


def test_a_reader_never_sees_half_a_result(store):
    store.put("t/a.py", {"x": 0}, NOTEBOOK)
    stop, seen = threading.Event(), []

    def read():
        while not stop.is_set():
            found = find(store, "t/a.py", bool)
            seen.append(found is None or store.notebook(found) is not None)

    reader = threading.Thread(target=read)
    reader.start()
    for number in range(60):
        store.put("t/a.py", {"x": number}, NOTEBOOK | {"text": "x" * 100_000, "number": number})
    stop.set()
    reader.join()
    assert seen
    assert all(seen)


def test_a_stray_file_in_the_store_is_no_result(store):
    put = store.put("t/a.py", {"x": 1}, NOTEBOOK)
    for name in ".tmp123", "notes.txt", "000009.json~":
        (store.folder / "results" / "t" / "a.py" / name).write_text("x")
    assert find(store, "t/a.py", same({"x": 1})) == put
    assert store.put("t/a.py", {"x": 2}, NOTEBOOK) == find(store, "t/a.py", same({"x": 2}))


def test_a_folder_may_be_named_like_a_snippet(store):
    first, second = store.put("t", {"x": 1}, NOTEBOOK), store.put("t/a.py", {"x": 1}, NOTEBOOK)
    assert find(store, "t", same({"x": 1})) == first
    assert find(store, "t/a.py", same({"x": 1})) == second
