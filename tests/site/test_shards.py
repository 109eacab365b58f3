"""Parts that all machines cut alike, and results that are taken from them only if they hold here."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.site import trust
from dlref.site.engine import Engine, unexecuted
from dlref.site.environments import Environment
from dlref.site.shards import deal, merge, part
from dlref.site.snippets import Problem
from dlref.site.store import Store

NAMES = ["a.py", "b.py", "t/c.py", "t/d.py", "u/e.py"]


def listed(*requirements):
    """Return a snippet that runs in an environment made from a list."""
    return f'"""It holds."""\n# /// script\n# dependencies = {json.dumps(requirements)}\n# ///\nprint(1)\n'


# --- cutting ------------------------------------------------------------------------------------------


def test_the_longest_is_dealt_first_and_each_goes_to_the_hand_that_has_least():
    assert deal({"e": 7, "d": 5, "c": 4, "b": 3, "a": 1}, 2) == [["e", "b"], ["d", "c", "a"]]
    assert deal({"b": 1, "a": 1, "c": 1}, 2) == [["a", "c"], ["b"]]
    assert deal({"a": 1}, 3) == [["a"], [], []]


@given(st.dictionaries(st.text(min_size=1), st.floats(0, 1e4), min_size=1), st.integers(1, 9))
def test_every_piece_is_dealt_once_and_no_hand_has_much_more_than_its_share(seconds, count):
    hands = deal(seconds, count)
    assert len(hands) == count
    assert sorted(piece for hand in hands for piece in hand) == sorted(seconds)
    most = max(sum(seconds[piece] for piece in hand) for hand in hands)
    assert most <= sum(seconds.values()) / count + max(seconds.values()) + 1e-6


@pytest.fixture
def cut(project):
    """Cut some snippets with some recorded durations; return the parts."""

    def cut(count, recorded, unrecorded=()):
        for path in [*recorded, *unrecorded]:
            project.snippet(path, "x = 1\n")
        project.write("snippets/durations.json", json.dumps(recorded))
        engine = Engine(project.root)
        return [part(engine, engine.snippets, index + 1, count) for index in range(count)]

    return cut


def test_snippets_are_cut_by_their_recorded_durations(cut):
    assert cut(2, {"a.py": 7.0, "b.py": 5.0, "c.py": 4.0, "d.py": 3, "e.py": 1.5}) == [
        ["a.py", "d.py"], ["b.py", "c.py", "e.py"],
    ]  # fmt: skip


@pytest.mark.parametrize(("recorded", "unrecorded", "parts"), [
    ({"a.py": 59.0, "b.py": 0.0}, "labs/new.py", [["labs/new.py"], ["a.py", "b.py"]]),
    ({"a.py": 61.0, "b.py": 0.0}, "labs/new.py", [["a.py"], ["b.py", "labs/new.py"]]),
    ({"a.py": 1.0, "b.py": 2.0, "c.py": 9.0}, "new.py", [["c.py"], ["a.py", "b.py", "new.py"]]),
    ({"a.py": 1.0, "b.py": 5.0, "c.py": 9.0}, "new.py", [["a.py", "c.py"], ["b.py", "new.py"]]),
    ({"a.py": 3.0, "b.py": 3.0, "labs/known.py": 99.0}, "new.py", [["labs/known.py"], ["a.py", "b.py", "new.py"]]),
    ({}, "new.py", [["new.py"], []]),
])  # fmt: skip
def test_one_without_a_record_counts_as_the_median_and_a_lab_as_a_minute(recorded, unrecorded, parts, cut):
    assert cut(2, recorded, [unrecorded]) == parts


def test_snippets_of_one_environment_stay_together_and_making_it_counts(project):
    for name in "ab":
        project.write(f"snippets/{name}.py", listed("x==1"))
    for name in "cd":
        project.snippet(f"{name}.py", "x = 1\n")
    project.write("snippets/durations.json", json.dumps({"a.py": 1, "b.py": 1, "c.py": 50, "d.py": 11}))
    engine = Engine(project.root)
    assert [part(engine, engine.snippets, index, 2) for index in (1, 2)] == [["a.py", "b.py"], ["c.py", "d.py"]]


def test_the_cut_is_the_same_whatever_a_machine_has_run_and_however_it_hashes(project):
    for path in NAMES:
        project.snippet(path, "x = 1\n")
    project.write("snippets/durations.json", json.dumps({"a.py": 3.0, "b.py": 2.0}))
    code = "import sys; from pathlib import Path; from dlref.site.engine import Engine; from dlref.site.shards import part\nengine = Engine(Path(sys.argv[1]))\nprint([part(engine, set(engine.snippets), n, 3) for n in (1, 2, 3)])\n"

    def cuts(seed):
        environment = os.environ | {"PYTHONHASHSEED": seed}
        return subprocess.run(
            [sys.executable, "-c", code, project.root], env=environment, check=True, capture_output=True
        ).stdout

    before = cuts("1")
    assert project.run("a.py", "t").status == 0
    assert cuts("2") == before


@pytest.mark.parametrize("text", ["{", "[]", '{"a.py": "1"}', '{"a.py": -1}', '{"a.py": NaN}', "<<<<<<< HEAD", '{"a.py": true}'])  # fmt: skip
def test_durations_that_cannot_be_read_are_a_problem_and_not_another_cut(text, project):
    project.snippet("a.py", "x = 1\n")
    project.write("snippets/durations.json", text)
    done = project.dlref("run", "--shard", "1/2")
    assert (done.status, done.ran) == (1, set())
    assert done.problems[0].startswith("snippets/durations.json: ")
    assert "--record-durations` writes it anew once it is removed" in done.err


def test_durations_are_recorded_where_they_have_changed(project):
    for path in "a.py", "b.py", "c.py":
        project.snippet(path, "x = 1\n")
    file = project.write("snippets/durations.json", '{"a.py": 0.1, "b.py": 5.0, "gone.py": 3}')
    done = project.dlref("run", "--record-durations")
    assert done.status == 0
    assert f"{file}: what --shard goes by" in done.out
    assert json.loads(file.read_text()) == {"a.py": 0.1, "b.py": 0.0, "c.py": 0.0}


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "a/b", "1/", "1/2/3", ""])
def test_a_part_that_there_is_not_is_a_wrong_call(text, project):
    done = project.dlref("run", "--shard", text)
    assert done.status == 2
    assert f"expected I/N, part I of N, from 1/N to N/N, not {text!r}" in done.err


# --- joining ------------------------------------------------------------------------------------------


@pytest.fixture
def machine(project, projects):
    """Make a machine with a copy of the project and nothing that was run."""

    def machine(name):
        made = projects(project.root.parent / name)
        shutil.copytree(project.root, made.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".dlref", "site"))
        return made

    return machine


def store(machine):
    return str(machine.root / ".dlref")


@pytest.fixture
def site(project):
    """A project of five snippets, one of which uses a helper and one draws."""
    project.write("helper.py", "X = 1\n")
    for path in NAMES:
        project.snippet(path, f"print({path!r})\n")
    project.snippet("t/c.py", "import helper\nprint(helper.X)\n")
    project.show(*NAMES)
    return project


def test_parts_together_are_the_whole_and_building_from_them_runs_nothing(site, machine):
    parts = [machine(f"m{index}") for index in (1, 2)]
    done = [one.dlref("run", "--shard", f"{index}/2") for index, one in enumerate(parts, 1)]
    assert [one.status for one in done] == [0, 0]
    assert done[0].ran | done[1].ran == set(NAMES)
    assert not done[0].ran & done[1].ran
    assert {len(one.ran) for one in done} == {2, 3}
    merged = site.dlref("merge", *map(store, parts))
    assert (merged.status, merged.out, merged.err) == (0, "5 snippets: 5 taken, 0 here before, 0 missing\n", "")
    built = site.build()
    assert (built.status, built.ran) == (0, set()), built.err
    assert [output.strip() for output in site.outputs()] == ["a.py", "b.py", "1", "t/d.py", "u/e.py"]


def test_merging_twice_takes_nothing_twice(site, machine):
    other = machine("other")
    other.run()
    site.dlref("merge", store(other), store(other))
    files = sorted(map(str, (site.root / ".dlref" / "results").rglob("*.json")))
    assert len(files) == len(NAMES)
    again = site.dlref("merge", store(other))
    assert (again.status, again.out) == (0, "5 snippets: 0 taken, 5 here before, 0 missing\n")
    assert sorted(map(str, (site.root / ".dlref" / "results").rglob("*.json"))) == files


def test_what_is_missing_is_listed_and_what_is_there_is_kept(site, machine):
    other = machine("other")
    other.run("t")
    done = site.dlref("merge", store(other))
    assert (done.status, done.out) == (1, "5 snippets: 2 taken, 0 here before, 3 missing\n")
    assert done.problems == [
        f"snippets/{path}: has no valid result: no store has one" for path in ("a.py", "b.py", "u/e.py")
    ]
    assert site.run().ran == {"a.py", "b.py", "u/e.py"}


def test_a_snippet_that_cannot_be_read_is_missing(site, machine):
    other = machine("other")
    other.run()
    site.write("snippets/bad.py", "if x\n")
    done = site.dlref("merge", store(other))
    assert done.status == 1
    assert done.problems == ["snippets/bad.py:1: SyntaxError: expected ':': if x"]


def test_a_failure_on_the_other_machine_is_missing_here(site, machine):
    site.snippet("a.py", "1 / 0\n")
    other = machine("other")
    assert other.run().status == 1
    done = site.dlref("merge", store(other))
    assert done.problems == ["snippets/a.py: has no valid result: no store has one"]


def newest(machine, path="a.py"):
    return max((machine.root / ".dlref" / "results" / path).iterdir())


def rewrite(machine, change, path="a.py"):
    """Rewrite the manifest of a result."""
    file = newest(machine, path)
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))


def forge(machine, change, path="a.py"):
    """Rewrite the notebook of a result, with its digest and its manifest."""
    folder = Store(machine.root / ".dlref")
    manifest = next(folder.manifests(path))
    executed = folder.notebook(manifest)
    assert executed is not None
    change(executed)
    folder.put(path, manifest["inputs"], executed, **{name: manifest[name] for name in FACTS})
    for old in sorted(newest(machine, path).parent.iterdir())[:-1]:
        old.unlink()


def replaced(table, *keys_and_value):
    *keys, last, value = keys_and_value
    for key in keys:
        table = table[key]
    table[last] = value


FACTS = (*trust.FACTS, "processor")
STREAM = {"output_type": "stream", "name": "stdout", "text": "forged\n"}
NOT_OURS, NOT_THIS = "its manifest is not of our making", "its notebook is not of this snippet"
NO_FACTS = "its manifest does not say how long it took, what memory, and where"
MANIFESTS = {
    "another text": (("inputs", "snippet", "0" * 64), "snippet changed"),
    "another Python": (("inputs", "python", "3.9.1"), r"python: 3\.9\.1 → 3\.\d+\.\d+"),
    "another platform": (("inputs", "platform", "linux-abacus"), "platform: linux-abacus → .*"),
    "another runner": (("inputs", "runner", "0" * 64), "runner changed"),
    "another limit": (("inputs", "limits", {"text": 1, "figures": 8}), "text: 1 → 65536"),
    "another file": (("inputs", "files", {"helper.py": "0" * 64}), "helper.py changed"),
    "a file that is not here": (("inputs", "files", {"/nowhere/x.py": "0" * 64}), "/nowhere/x.py is gone"),
    "a package that is not here": (("inputs", "distributions", {"nowhere": "1"}), "nowhere: 1 → not installed"),
    "more inputs": (("inputs", "more", 1), NOT_OURS),
    "files of a wrong kind": (("inputs", "files", ["helper.py"]), NOT_OURS),
    "digests of a wrong kind": (("inputs", "files", {"helper.py": 3}), NOT_OURS),
    "no packages": (("inputs", "distributions", None), NOT_OURS),
    "a path for a digest": (("notebook", "../../secret"), "its notebook is missing or damaged"),
    "a digest of nothing": (("notebook", "0" * 64), "its notebook is missing or damaged"),
    "no time": (("cpu_seconds", None), NO_FACTS),
    "a time before its beginning": (("seconds", -1), NO_FACTS),
    "memory of a wrong kind": (("peak_memory", "much"), NO_FACTS),
    "time without end": (("seconds", float("inf")), NO_FACTS),
    "no processor": (("processor", None), NO_FACTS),
    "another snippet's name": (("snippet", "b.py"), "no store has one"),
    "another format": (("format", 99), "no store has one"),
}  # fmt: skip
NOTEBOOKS = {
    "another source": ("cells", 0, "source", "print('else')"),
    "another kind of cell": ("cells", 0, "cell_type", "markdown"),
    "one more cell": ("cells", [{"cell_type": "raw"}] * 2),
    "no cells": ("cells", []),
    "cells of a wrong kind": ("cells", 3),
    "another snippet": ("metadata", "dlref", "snippet", "b.py"),
    "not executed": ("metadata", "dlref", "executed", False),
    "no values": ("metadata", "dlref", {"snippet": "a.py"}),
    "no metadata": ("metadata", {}),
    "markup": ("cells", 0, "outputs", [{"output_type": "display_data", "data": {"text/html": "<b>"}, "metadata": {}}]),
    "an error": ("cells", 0, "outputs", [{"output_type": "error"}]),
    "a stream that is none": ("cells", 0, "outputs", [STREAM | {"text": ["a"]}]),
    "a stream with more": ("cells", 0, "outputs", [STREAM | {"more": 1}]),
    "an output of a wrong kind": ("cells", 0, "outputs", ["text"]),
}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory, projects):
    """A machine that has run one snippet; copied, not changed."""
    made = projects(tmp_path_factory.mktemp("ran"))
    made.write("helper.py", "X = 1\n")
    made.snippet("a.py", "print('a')\n")
    engine = Engine(made.root)
    engine.run(["a.py"])
    engine.close(wait=False)
    assert engine.problems == {}
    return made


@pytest.fixture
def pair(ran, projects, tmp_path):
    """A machine that has run one snippet, and an engine of one that has not."""
    other, here = projects(tmp_path / "other"), projects(tmp_path / "here")
    shutil.copytree(ran.root, other.root, dirs_exist_ok=True)
    shutil.copytree(ran.root, here.root, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".dlref"))
    return other, Engine(here.root)


def refused(engine, other):
    """Merge; see that nothing was taken; return why not."""
    merged = merge(engine, [Path(store(other))])
    assert merged.taken == []
    assert len(merged.missing) == 1
    assert Engine(engine.root).why("a.py") == ["it has not been run, or it failed"]
    return merged.missing[0].message.partition("has no valid result: ")[2].removeprefix(f"in {store(other)}, ")


def test_a_sound_result_is_taken_with_all_that_was_known_of_it(pair):
    other, engine = pair
    assert merge(engine, [Path(store(other))]).taken == ["a.py"]
    theirs, ours = (next(Store(root / ".dlref").manifests("a.py")) for root in (other.root, engine.root))
    assert ours == theirs
    assert engine.notebook("a.py")["cells"][0]["outputs"][0]["text"] == "a\n"


@pytest.mark.parametrize("case", MANIFESTS)
def test_a_manifest_that_does_not_hold_here_is_refused(case, pair):
    change, reason = MANIFESTS[case]
    rewrite(pair[0], lambda manifest: replaced(manifest, *change))
    assert re.fullmatch(reason, refused(pair[1], pair[0]))


@pytest.mark.parametrize("case", NOTEBOOKS)
def test_a_notebook_that_is_not_of_this_snippet_is_refused_though_its_digest_is_right(case, pair):
    forge(pair[0], lambda notebook: replaced(notebook, *NOTEBOOKS[case]))
    assert refused(pair[1], pair[0]) == NOT_THIS


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-1], lambda b: b.replace(b"a\\n", b"b\\n"), lambda b: b[:0], lambda b: b + b" "]
)
def test_a_notebook_that_is_not_what_its_name_says_is_refused(damage, pair):
    file = next((pair[0].root / ".dlref" / "notebooks").iterdir())
    file.write_bytes(damage(file.read_bytes()))
    assert refused(pair[1], pair[0]) == "its notebook is missing or damaged"


def test_a_notebook_that_is_none_is_refused(pair):
    folder = pair[0].root / ".dlref"
    content = b"no JSON"
    name = hashlib.sha256(content).hexdigest()
    (folder / "notebooks" / f"{name}.ipynb").write_bytes(content)
    rewrite(pair[0], lambda manifest: replaced(manifest, "notebook", name))
    assert "its notebook is missing or damaged" in refused(pair[1], pair[0])


def test_a_valid_result_behind_one_that_is_not_is_taken(pair):
    other, engine = pair
    manifest = json.loads(newest(other).read_text())
    manifest["inputs"]["snippet"] = "0" * 64
    newest(other).with_name("000009.json").write_text(json.dumps(manifest))
    assert merge(engine, [Path(store(other))]).taken == ["a.py"]


def test_a_result_that_a_second_store_has_is_taken_if_the_first_has_none(pair, projects, tmp_path):
    other, engine = pair
    bad = projects(tmp_path / "bad")
    shutil.copytree(other.root, bad.root, dirs_exist_ok=True)
    rewrite(bad, lambda manifest: replaced(manifest, "inputs", "runner", "0"))
    assert merge(engine, [Path(store(bad)), Path(store(other))]).taken == ["a.py"]


@pytest.mark.parametrize("name", ["nowhere", "snippets", "file"])
def test_what_is_no_store_is_a_problem_and_nothing_is_taken(name, pair, tmp_path):
    other, engine = pair
    (engine.root / "file").write_text("")
    with pytest.raises(Problem, match=rf"{name}: no store there: expected a .dlref folder"):
        merge(engine, [Path(store(other)), engine.root / name])
    assert not list(engine.store.manifests("a.py"))


# --- environments that are not made here --------------------------------------------------------------


def ran_with(root, path, installed):
    """Store a result as a machine would on which the environment holds these versions."""
    engine = Engine(root)
    engine.environments[path].record(installed)
    snippet, executed = engine.snippets[path], unexecuted(engine.snippets[path])
    del executed["metadata"]["dlref"]["executed"]
    inputs = engine.inputs(snippet, [], sorted(installed))
    engine.store.put(path, inputs, executed, seconds=1.0, cpu_seconds=1.0, peak_memory=1, processor="p")


def test_a_result_from_an_environment_holds_without_making_that_here(project, machine):
    project.write("snippets/a.py", listed())
    project.show("a.py")
    other = machine("other")
    assert other.run().status == 0
    assert project.dlref("run", "--without-environments").out.count("1 left out") == 1
    done = project.dlref("merge", store(other))
    assert (done.status, done.out) == (0, "1 snippets: 1 taken, 0 here before, 0 missing\n"), done.err
    built = project.build()
    assert (built.status, built.ran) == (0, set()), built.err
    assert not list((project.root / ".dlref" / "environments").glob("*/"))


def test_results_that_ran_with_other_versions_of_one_list_are_refused(project, machine):
    for name in "abc":
        project.write(f"snippets/{name}.py", listed("alpha==1"))
    parts = [machine(f"m{index}") for index in range(3)]
    ran_with(parts[0].root, "a.py", {"alpha": "1", "beta": "2"})
    ran_with(parts[1].root, "b.py", {"alpha": "1", "beta": "2"})
    ran_with(parts[2].root, "c.py", {"alpha": "1", "beta": "3"})
    done = project.dlref("merge", *map(store, parts))
    assert (done.status, done.out) == (1, "3 snippets: 2 taken, 0 here before, 1 missing\n")
    assert done.problems == [f"snippets/c.py: has no valid result: in {store(parts[2])}, beta: 3 → 2"]


@pytest.mark.parametrize("installed", [{"alpha": "2"}, {"beta": "1"}, {}])
def test_versions_that_are_not_what_the_list_asks_for_are_refused(installed, project, machine):
    project.write("snippets/a.py", listed("alpha==1"))
    other = machine("other")
    ran_with(other.root, "a.py", {"alpha": "1"})
    rewrite(other, lambda manifest: replaced(manifest, "inputs", "distributions", installed))
    assert "its environment is not there: " in refused(Engine(project.root), other)


def test_versions_that_most_results_name_wrongly_do_not_hide_those_that_are_right(project, machine):
    for name in "abc":
        project.write(f"snippets/{name}.py", listed("alpha==1"))
    other = machine("other")
    for name in "abc":
        ran_with(other.root, f"{name}.py", {"alpha": "1"})
    for name in "ab":
        rewrite(other, lambda manifest: replaced(manifest, "inputs", "distributions", {"alpha": "2"}), f"{name}.py")
    assert merge(Engine(project.root), [Path(store(other))]).taken == ["c.py"]


@pytest.mark.parametrize(("requirements", "installed", "meets"), [
    (["a==1"], {"a": "1"}, True), (["a==1"], {"a": "1.0"}, True), (["a==1"], {"a": "1.1"}, False), (["A_b>=2"], {"a-b": "2.1"}, True),
    (["a", "b"], {"a": "1"}, False), (["a; python_version < '3'"], {}, True), (["a @ https://x/a-1-py3-none-any.whl"], {"a": "9"}, True),
    ([], {}, True), ([], {"a": "1"}, True), (["a>=1"], {"a": "2rc1"}, True),
])  # fmt: skip
def test_versions_meet_a_list_or_not(requirements, installed, meets, tmp_path):
    assert Environment(tuple(requirements), "python", "3.11.7", tmp_path).meets(installed) is meets


@pytest.mark.parametrize("text", ["", "[]", "3", '{"a": 1}', '{"a": "2"}'])
def test_a_damaged_note_of_versions_counts_as_none(text, tmp_path):
    environment = Environment(("a==1",), "python", "3.11.7", tmp_path / "e")
    assert environment.recorded() is None
    environment.record({"a": "1"})
    assert environment.recorded() == {"a": "1"}
    (tmp_path / "e.merged.json").write_text(text)
    assert environment.recorded() is None


def test_an_environment_that_is_made_here_counts_more_than_what_was_said_of_it(project):
    project.write("snippets/a.py", listed())
    engine = Engine(project.root)
    engine.environments["a.py"].record({"beta": "1"})
    assert engine.resolved(engine.environments["a.py"]) == {"beta": "1"}
    engine.run(["a.py"])
    engine.close(wait=False)
    assert engine.problems == {}
    assert Engine(project.root).resolved(engine.environments["a.py"]) == {}
