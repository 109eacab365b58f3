"""What is accepted, what counts as drift, and how it is shown."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.site import drift, pool, runner
from dlref.site.engine import Engine
from dlref.site.snippets import TOLERANCE, Problem, parse

ROOT = Path(__file__).resolve().parents[2]
CODE = """
print("loss 0.5 after 3 steps")
loss = 0.5
# %% end
name = "it's"
print()
print("end")
"""
RECORD = """\
# What snippets/t/a.py gave when `dlref accept` was last run on it.

[first]
> loss 0.5 after 3 steps

[end]
>
> end

[values]
loss: float = 0.5
name: str = "it's"
"""
DRAWN = """
import matplotlib.pyplot as plt
plt.plot([0, 1, 2], [0.5, 0.25, 0.125], label="loss")
plt.xlabel("epoch")
plt.legend()
"""


@pytest.fixture
def accepted(project):
    """A project with one snippet whose output is accepted."""
    project.snippet("t/a.py", CODE)
    done = project.dlref("accept")
    assert (done.status, done.out) == (0, "new: snippets/t/a.accepted\n1 snippets accepted, 0 of them as they were\n")
    return project


def check(project, *paths):
    return project.run(*paths, "--check")


def differences(done):
    """Return the places and lines of the differences that a command showed."""
    return [line.partition(": ")[0] if line.startswith("snippets/") else line for line in done.err.splitlines()
            if line.startswith(("snippets/", "- ", "+ "))]  # fmt: skip


def record(project, path="t/a.py"):
    return (project.root / "snippets" / path).with_suffix(".accepted").read_text(encoding="utf-8")


# --- comparing ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("one", "other", "same"), [
    ("loss 0.5", "loss 0.5", True), ("loss 0.5", "Loss 0.5", False), ("loss 0.5", "loss  0.5", False),
    ("loss 0.5", "loss 0.5000004", True), ("loss 0.5", "loss 0.500001", False), ("loss 0.5", "loss -0.5", False),
    ("x 1e9", "x 1.0000001e9", True), ("x 1e9", "x 1.00001e9", False), ("x 0.0", "x -0.0", True),
    ("5 of 9", "6 of 9", False), ("12345678 of", "12345679 of", False), ("-0 of", "0 of", True), ("0 of", "1 of", False),
    ("gap 1.1e-16", "gap 4.4e-16", True), ("gap 1.1e-16", "gap 0.0", True), ("gap 1e-16", "gap -3e-16", True),
    ("slope 3.1e-12", "slope 5.0e-9", False), ("gap 1.0e-7", "gap 1.0e-5", False), ("gap 0.0", "gap 0.001", False),
    ("[1.0, 2.0]", "[1.0, 2.0, 3.0]", False), ("nan", "nan", True), ("nan", "0.5", False), ("-inf", "inf", False),
    ("  Line2D y: [1.0, 1e-09]", "  Line2D y: [1.0, 2e-08]", True), ("> [1.0, 1e-09]", "> [1.0, 2e-08]", False),
    ("  Line2D y: 50 as [1e-09]", "  Line2D y: 50 as [2e-08]", False), ("  Line2D y: 50 as [1.0]", "  Line2D y: 51 as [1.0]", False),
    (".5", ".5000001", True), ("1e5", "100000.0", True), ("9" * 5000, "9" * 4999 + "8", False), ("", "", True), ("", " ", False),
])  # fmt: skip
def test_text_is_compared_exactly_and_numbers_with_a_tolerance(one, other, same):
    assert drift.agree(one, other, 1e-6) == drift.agree(other, one, 1e-6) == same


@pytest.mark.parametrize(("one", "other", "tolerance", "same"), [
    ("0.93", "0.94", 0.02, True), ("0.93", "0.94", 0.01, False), ("930 right", "940 right", 0.02, True), ("930 right", "940 right", 0.01, False),
    ("0.5", "0.5000000001", 0, False), ("0.0", "-0.0", 0, False), ("0.5", "0.5", 0, True), ("1e-16", "2e-16", 1e-20, False),
])  # fmt: skip
def test_the_tolerance_is_the_snippets(one, other, tolerance, same):
    assert drift.agree(one, other, tolerance) == same


@given(*[st.lists(st.text("a1.-e ", max_size=6), max_size=8)] * 2)
def test_each_line_of_two_records_is_paired_once_and_in_its_order(old, new):
    pairs = list(drift.pairs(old, new, 1e-6))
    assert [was for _, was, _ in pairs if was is not None] == old
    assert [now for _, _, now in pairs if now is not None] == new
    assert all(was == old[number - 1] for number, was, _ in pairs if was is not None)
    assert list(drift.differences(old, old, 1e-6)) == []


def test_a_line_more_is_one_difference_whatever_its_neighbours_are():
    old = [f"> epoch {n}: loss {1 / n}" for n in range(1, 9)]
    new = [*old[:3], "> learning rate 0.1", *old[3:]]
    assert list(drift.differences(old, new, 1e-6)) == [(4, None, "> learning rate 0.1")]
    assert list(drift.differences(new, old, 1e-6)) == [(4, "> learning rate 0.1", None)]


@pytest.mark.parametrize(("option", "message"), [
    ("tolerance = -1.0", "tolerance is a number from 0 to below 1, not -1.0"), ("tolerance = 1", "tolerance is a number from 0 to below 1, not 1"),
    ("tolerance = true", "tolerance is a number from 0 to below 1, not True"), ("tolerance = nan", "tolerance is a number from 0 to below 1, not nan"),
    ('tolerance = "x"', "option 'tolerance' has the wrong type: 'x'"), ("measured = 1", "option 'measured' has the wrong type: 1"),
    ('measured = "("', "measured is no regular expression: missing ), unterminated subpattern at position 0"),
])  # fmt: skip
def test_options_that_mean_nothing_are_problems(option, message):
    with pytest.raises(Problem) as caught:
        parse("a.py", f'"""A."""\n# /// script\n# [tool.dlref]\n# {option}\n# ///\nx = 1\n', "snippets/a.py")
    assert str(caught.value) == f"snippets/a.py:2: {message}"


# --- dlref accept ---------------------------------------------------------------------------------


def test_what_is_accepted_is_a_text_that_can_be_read(accepted):
    assert record(accepted) == RECORD


def test_accepting_the_same_writes_nothing(accepted):
    file = accepted.root / "snippets/t/a.accepted"
    before = file.stat().st_mtime_ns
    done = accepted.dlref("accept", "snippets/t")
    assert (done.status, done.out) == (0, "1 snippets accepted, 1 of them as they were\n")
    assert file.stat().st_mtime_ns == before


def test_accepting_changes_only_the_lines_that_differ(accepted):
    code = CODE.replace("print()\n", "").replace("loss = 0.5", "loss = 0.50000001").replace('"end"', '"over"')
    accepted.snippet("t/a.py", code)
    assert accepted.dlref("accept", "t/a.py").out.startswith("changed: snippets/t/a.accepted\n")
    assert record(accepted) == RECORD.replace(">\n", "").replace("> end", "> over")
    assert check(accepted).status == 0


def test_what_fails_is_not_accepted_and_the_rest_is(accepted):
    accepted.snippet("t/a.py", "print('new')\n1 / 0\n")
    accepted.snippet("b.py", "print('b')\n")
    done = accepted.dlref("accept")
    assert (done.status, done.problems) == (1, ["snippets/t/a.py:3: ZeroDivisionError: division by zero"])
    assert record(accepted) == RECORD
    assert "> b\n" in record(accepted, "b.py")


def test_a_record_whose_snippet_is_gone_is_a_problem_until_all_is_accepted(accepted):
    accepted.snippet("b.py", "print('b')\n")
    (accepted.root / "snippets/t/a.py").rename(accepted.root / "snippets/t/c.py")
    assert accepted.dlref("accept", "b.py", "t/c.py").status == 0
    done = check(accepted)
    assert (done.status, done.problems) == (1, ["snippets/t/a.accepted: is the record of no snippet: remove it"])
    assert check(accepted, "b.py").status == 0
    assert accepted.dlref("accept").out.startswith("removed: snippets/t/a.accepted\n")
    assert check(accepted).status == 0


def test_a_record_is_no_snippet_and_is_not_published(accepted):
    code = "from pathlib import Path\nfound = sum(len(f.read_bytes()) for f in Path(__file__).parent.iterdir() if f.suffix != '.py')\n"
    accepted.snippet("t/b.py", code)
    accepted.write("snippets/t/data.csv", "1,2\n")
    accepted.show("t/a.py", "t/b.py")
    accepted.good()
    assert {path for path in accepted.site() if path.startswith("snippets/")} == {
        "snippets/t/a.ipynb", "snippets/t/a.py", "snippets/t/b.ipynb", "snippets/t/b.py", "snippets/t/data.csv"
    }  # fmt: skip


# --- dlref run --check ----------------------------------------------------------------------------


def test_nothing_changed_is_no_difference(accepted):
    done = check(accepted)
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith("1 compared with what was accepted: 0 differences\n")


def test_each_line_that_differs_is_shown_with_its_place(accepted):
    code = (
        CODE.replace("loss 0.5", "loss 0.6").replace("loss = 0.5", "loss = 0.6").replace('"end"', '"over"')
        + "more = True\n"
    )
    accepted.snippet("t/a.py", code)
    done = check(accepted)
    assert done.status == 1
    assert differences(done) == [
        "snippets/t/a.accepted:4", "- > loss 0.5 after 3 steps", "+ > loss 0.6 after 3 steps",
        "snippets/t/a.accepted:8", "- > end", "+ > over",
        "snippets/t/a.accepted:11", "- loss: float = 0.5", "+ loss: float = 0.6",
        "snippets/t/a.accepted:12", "+ more: bool = True",
    ]  # fmt: skip
    assert "a.accepted:4: differs from what was accepted, by 2e-01 of a number's size\n" in done.err
    assert accepted.run().status == 0


def test_a_snippet_sets_its_tolerance(accepted):
    code = CODE.replace("0.5", "0.50001")
    accepted.snippet("t/a.py", code)
    assert check(accepted).status == 1
    accepted.snippet("t/a.py", code, options="tolerance = 1e-4")
    assert check(accepted).status == 0


def test_what_amplifies_rounding_is_compared_only_on_the_kind_of_processor_of_its_record(project):
    file, elsewhere = project.root / "snippets/a.accepted", "# Processor: another one, 0123abcd"
    why = "they amplify rounding, and their records are from another kind of processor (a.py)\n"
    project.snippet("b.py", "x = 1\n")
    project.snippet("a.py", "loss = 0.5\n", options="amplifies = true")
    project.dlref("accept")
    accepted = file.read_text(encoding="utf-8")
    assert accepted.split("\n")[1] == f"# Processor: {pool.processor()}"
    project.snippet("a.py", "loss = 0.6\n", options="amplifies = true")
    assert differences(check(project)) == ["snippets/a.accepted:5", "- loss: float = 0.5", "+ loss: float = 0.6"]

    foreign = accepted.replace(accepted.split("\n")[1], elsewhere)
    file.write_text(foreign, encoding="utf-8")
    done = check(project)
    assert (done.status, done.err) == (0, "")
    assert done.out.endswith(f"1 compared with what was accepted: 0 differences\n1 not compared: {why}")
    done = project.dlref("accept")
    assert done.out == f"1 snippets accepted, 1 of them as they were\n1 not accepted: {why}"
    assert file.read_text(encoding="utf-8") == foreign
    assert project.dlref("accept", "a.py").out.startswith("changed: snippets/a.accepted\n")
    assert file.read_text(encoding="utf-8") == accepted.replace("0.5", "0.6")

    file.write_text(accepted.replace(accepted.split("\n")[1] + "\n", ""), encoding="utf-8")
    assert "snippets/a.accepted:2" in differences(check(project))  # it says no processor: it does not pass


def test_what_does_not_amplify_rounding_names_no_processor_and_is_compared_on_all(accepted):
    assert "Processor" not in record(accepted)


def test_a_number_of_another_kind_is_a_difference(accepted):
    accepted.snippet("t/a.py", CODE.replace("loss = 0.5", "loss = 5"))
    assert differences(check(accepted)) == ["snippets/t/a.accepted:11", "- loss: float = 0.5", "+ loss: int = 5"]


def test_what_was_never_accepted_is_a_problem_and_so_is_a_record_that_cannot_be_read(project):
    for name in "abc":
        project.snippet(f"{name}.py", "x = 1\n")
    project.dlref("accept", "b.py", "c.py")
    (project.root / "snippets/c.accepted").write_bytes(b"\xff")
    done = check(project)
    assert done.status == 1
    assert done.problems == [
        "snippets/a.py: its output was never accepted: look at it, then `dlref accept snippets/a.py`",
        "snippets/c.accepted: is not UTF-8: invalid start byte at byte 0",
    ]


def test_a_figure_is_compared_by_what_it_shows(project):
    project.snippet("a.py", DRAWN)
    project.dlref("accept")
    project.snippet("a.py", DRAWN.replace('label="loss"', 'label="loss", color="C3", linewidth=5'))
    assert check(project).status == 0
    project.snippet("a.py", DRAWN.replace("0.125]", "0.126]"))
    assert differences(check(project)) == [
        "snippets/a.accepted:7", "-     y: linear, 0.10625 to 0.51875", "+     y: linear, 0.1073 to 0.5187",
        "snippets/a.accepted:9", "-     Line2D 'loss' y: [0.5, 0.25, 0.125]", "+     Line2D 'loss' y: [0.5, 0.25, 0.126]",
    ]  # fmt: skip
    project.snippet("a.py", DRAWN.replace('"epoch"', '"step"'))
    assert differences(check(project))[1:] == [
        "-     x 'epoch': linear, -0.1 to 2.1",
        "+     x 'step': linear, -0.1 to 2.1",
    ]


def test_figures_show_data_whatever_draws_it(execute):
    code = """
    import matplotlib.pyplot as plt
    import numpy as np
    figure, rows = plt.subplots(2, 3)
    (a, b, c), (d, e, f) = rows
    figure.suptitle("all")
    a.semilogy([1, 2], [10, 1000], label="rate")
    a.plot([1, 2], [1, 0.1], "o")
    a.legend(title="which")
    b.bar(["x", "y"], [3, 4])
    b.set_title("bars")
    c.imshow([[0, 1], [2, 3]])
    c.annotate("see", (1, 1), (0, 0))
    c.axis("off")
    d.scatter([1, 2], [3, np.nan], s=9, c=[5, 6])
    d.fill_between([0, 1], 0, [1, 2])
    e.quiver([0], [1], [2], [3])
    e.table([["cell"]])
    e.axvline(0.5, visible=False)
    f.pcolormesh([[1, 2]])
    f.invert_yaxis()
    f.inset_axes([0, 0, 1, 1]).plot(range(101))
    """
    (output,) = execute(code)["cells"][0]["outputs"]
    assert output["metadata"]["shows"] == [
        "text 'all'",
        "axes 1", "  x: linear, 0.95 to 2.05", "  y: log, 0.0630957344 to 1584.89319",
        "  Line2D 'rate' x: [1.0, 2.0]", "  Line2D 'rate' log y: [1.0, 3.0]", "  Line2D x: [1.0, 2.0]", "  Line2D log y: [0.0, -1.0]",
        "  legend 'which'", "  legend 'rate'",
        "axes 2", "  x: linear, -0.49 to 1.49 ['x', 'y']", "  y: linear, 0.0 to 4.2",
        "  Rectangle x0: [-0.4, 0.6]", "  Rectangle y0: [0.0, 0.0]", "  Rectangle x1: [0.4, 1.4]", "  Rectangle y1: [3.0, 4.0]", "  text 'bars'",
        "axes 3", "  AxesImage pixels: [0.0, 1.0, 2.0, 3.0]", "  AxesImage extent: [-0.5, 1.5, 1.5, -0.5]", "  text 'see' at: [1.0, 1.0]",
        "axes 4", "  x: linear, -0.05 to 1.05", "  y: linear, -0.15 to 3.15",
        "  PathCollection x: [1.0, nan]", "  PathCollection y: [3.0, nan]", "  PathCollection size: [9.0]", "  PathCollection colour: [5.0, nan]",
        "  FillBetweenPolyCollection x: 7 as [0.0, 1.0, 1.0, 1.0, 0.0], min 0.0, max 1.0, mean 0.428571429, sd 0.494871659, ramp 0.214285714",
        "  FillBetweenPolyCollection y: 7 as [1.0, 0.0, 2.0, 2.0, 1.0], min 0.0, max 2.0, mean 1.0, sd 0.755928946, ramp 0.595238095",
        "axes 5", "  x: linear, -0.025 to 0.525", "  y: linear, 0.945 to 1.055",
        "  Quiver x: [0.0]", "  Quiver y: [1.0]", "  Quiver u: [2.0]", "  Quiver v: [3.0]", "  cell 'cell'",
        "axes 6", "  x: linear, 0.0 to 2.0", "  y: linear, 1.0 to 0.0",
        "  QuadMesh x: [0.0, 1.0, 2.0, 0.0, 1.0, 2.0]", "  QuadMesh y: [0.0, 0.0, 0.0, 1.0, 1.0, 1.0]", "  QuadMesh colour: [1.0, 2.0]",
        "axes 7", "  x: linear, -5.0 to 105.0", "  y: linear, -5.0 to 105.0",
        *(f"  Line2D {side}: 101 as [0.0, 25.0, 50.0, 75.0, 100.0], min 0.0, max 100.0, mean 50.0, sd 29.1547595, ramp 33.5" for side in "xy"),
    ]  # fmt: skip


def test_what_is_not_finite_is_counted():
    assert runner._summary([[*range(8), np.nan]]) == (
        "9 as [0.0, 2.0, 4.0, 6.0, nan], min 0.0, max 7.0, mean 3.5, sd 2.29128785, ramp 2.5, 1 not finite"
    )
    assert runner._summary([[np.nan] * 8]) == "[nan, nan, nan, nan, nan, nan] of 8"


@given(st.integers(7, 400), st.data())
def test_a_few_numbers_tell_data_from_other_data(size, data):
    values = np.random.default_rng(size).normal(size=size)
    line = "  y: " + runner._summary([values])
    assert drift.agree(line, "  y: " + runner._summary([values * (1 + 1e-9)]), TOLERANCE)
    one, other = data.draw(st.integers(0, size // 3)), data.draw(st.integers(2 * size // 3 + 1, size - 1))
    moved, swapped = values.copy(), values.copy()
    moved[one] += 0.1
    swapped[[one, other]] = values[[other, one]]
    others = [moved, values[:-1], values[::-1], [*values, np.nan]]
    if abs(values[one] - values[other]) > 0.5:
        others.append(swapped)
    assert not any(drift.agree(line, "  y: " + runner._summary([each]), TOLERANCE) for each in others)


def test_what_is_measured_has_no_numbers_in_the_record(project):
    code = "import time\nseconds = time.perf_counter()\nprint(f'took {seconds:.9f} s')\nprint('of 3 runs')\n"
    project.snippet("a.py", code, options='measured = "seconds|took"')
    project.dlref("accept")
    assert record(project, "a.py").endswith("> took … s\n> of 3 runs\n\n[values]\nseconds: float = …\n")
    project.snippet("a.py", code.replace("took", "took about"), options='measured = "seconds|took"')
    assert differences(check(project)) == ["snippets/a.accepted:4", "- > took … s", "+ > took about … s"]
    project.snippet("a.py", code, options='measured = "seconds|took"')
    assert project.run("--check", "--twice").status == 0
    project.snippet("a.py", code, options='measured = "minutes"')
    assert (
        "snippets/a.py: no number that it gives is in a line with its `measured`, 'minutes'" in check(project).problems
    )


def test_a_lab_is_compared_too(project):
    text = "# %% [markdown]\n# # Title\n\n# %% sum\nprint('sum', 2)\nx = 2\n"
    project.snippet("labs/one.py", text)
    project.dlref("accept")
    assert record(project, "labs/one.py").endswith("\n\n[sum]\n> sum 2\n\n[values]\nx: int = 2\n")
    project.snippet("labs/one.py", text.replace("2", "3"))
    assert differences(check(project))[:3] == ["snippets/labs/one.accepted:4", "- > sum 2", "+ > sum 3"]


# --- dlref run --twice ----------------------------------------------------------------------------


def test_what_is_the_same_twice_is_no_difference_and_the_second_result_is_not_kept(accepted):
    accepted.snippet("b.py", DRAWN)
    accepted.run()
    before = {file: file.read_bytes() for file in (accepted.root / ".dlref/results").rglob("*.json")}
    done = accepted.run("--twice")
    assert (done.status, done.ran) == (0, {"t/a.py", "b.py"})
    assert done.out.endswith("2 run twice: 0 differences\n")
    assert {file: file.read_bytes() for file in (accepted.root / ".dlref/results").rglob("*.json")} == before


@pytest.mark.parametrize(("code", "expected"), [
    ("# %% order\nprint(*{f'word {n}' for n in range(20)})\n", ["snippets/a.py:3"]),
    ("import time\nnow = time.time()\n", ["snippets/a.py:1"]),
    ("print(object())\n", ["snippets/a.py:1"]),
    ("import os\nif os.environ['PYTHONHASHSEED'] == '1':\n    print('more')\n", ["snippets/a.py:1"] * 2),
    ("import os\n\nassert os.environ['PYTHONHASHSEED'] == '0'\n", ["snippets/a.py:4"]),
    ("import os\nimport matplotlib.pyplot as plt\n# %% draw\nplt.plot([1, 2], color='C' + os.environ['PYTHONHASHSEED'])\n", ["snippets/a.py:5"]),
], ids=["order", "time", "address", "more", "failure", "colour"])  # fmt: skip
def test_what_differs_from_run_to_run_is_shown_with_its_place(code, expected, project):
    project.snippet("a.py", code)
    done = project.run("--twice")
    assert (done.status, [text for text in differences(done) if text.startswith("snippets/")]) == (1, expected)
    assert "the second time" in done.err
    assert "\n+ " in done.err or "the second time, AssertionError: " in done.err


def test_the_second_run_has_another_order_and_another_hash_seed(project, monkeypatch):
    code = "import os, time\nbegan, seed = time.time(), os.environ['PYTHONHASHSEED']\n"
    for name in "abcd":
        project.snippet(f"{name}.py", code)
    began, seeds = {}, set()

    def note(engine, path, outcome):
        began[path] = float(outcome["values"]["began"][1])
        seeds.add(outcome["values"]["seed"][1])
        return ()

    monkeypatch.setattr(drift, "_compared", note)
    engine = Engine(project.root, workers=1)
    engine.run(engine.snippets)
    first = {path: float(engine.notebook(path)["metadata"]["dlref"]["values"]["began"][1]) for path in engine.snippets}
    monkeypatch.setattr(engine, "longest_first", lambda paths: sorted(paths, key=first.__getitem__))
    assert list(drift.again(engine, engine.snippets)) == []
    engine.close()
    assert sorted(first, key=first.__getitem__) == sorted(began, key=began.__getitem__, reverse=True)
    assert seeds == {"'1'"}


def test_each_hash_seed_has_a_fork_server_of_its_own():
    servers = [pool.ForkServer.start(hash_seed=seed) for seed in "010"]
    assert servers[0] is servers[2] is not servers[1]


# --- the newest releases --------------------------------------------------------------------------


def newest(folder, check_status, site_status=0):
    """Run `.ci/newest` with a make and a dlref that only pretend; return it and its summary."""
    (folder / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci/newest", folder / ".ci")
    (folder / "constraints.txt").write_text("numpy==2.0\ntorch==2.13.0\n")
    said = (
        "ran 1/2 a.py (0.1 s)\nsnippets/a.accepted:4: differs from what was accepted\n- > 1.0\n+ > 2.0\n"
        if check_status
        else ""
    )
    tools = {
        "bin/make": f'case "$*" in\n"pins TORCH=torch") printf "numpy==2.0\\ntorch==2.14.0\\n" > constraints.txt;;\nsite) echo built; exit {site_status};;\n*) exit 9;;\nesac',
        ".venv/bin/dlref": f'[ "$*" = "run --check" ] || exit 9\nprintf {json.dumps(said)}\nexit {check_status}',
    }
    for name, text in tools.items():
        file = folder / name
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    surroundings = os.environ | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
    }
    done = subprocess.run(
        ["bash", ".ci/newest"], cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    return done, (folder / "summary.md").read_text()


def test_the_newest_releases_are_reported_with_what_they_changed(tmp_path):
    releases = "## Releases\n\n``````diff\n-torch==2.13.0\n+torch==2.14.0\n``````\n\n"
    done, summary = newest(tmp_path / "same", 0)
    assert (done.returncode, summary) == (
        0,
        releases + "The site builds, and nothing differs from what was accepted.\n",
    ), done.stderr
    done, summary = newest(tmp_path / "differs", 1)
    changed = "snippets/a.accepted:4: differs from what was accepted\n- > 1.0\n+ > 2.0"
    assert (done.returncode, summary) == (1, f"{releases}## Not what was accepted\n\n``````diff\n{changed}\n``````\n\n")
    assert changed in done.stdout
    done, summary = newest(tmp_path / "broken", 1, 2)
    assert done.returncode == 1
    assert summary.index("## The site does not build\n\n``````text\nbuilt\n") < summary.index(
        "## Not what was accepted"
    )
