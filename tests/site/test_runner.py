"""What a run captures: text, figures, values; and what it lets a snippet see."""

import json
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.site import runner
from dlref.site.snippets import Problem


def texts(notebook):
    """Return the text outputs of each cell: (stream, text)."""
    return [
        [(o["name"], o["text"]) for o in cell["outputs"] if o["output_type"] == "stream"] for cell in notebook["cells"]
    ]


def values(notebook):
    return notebook["metadata"]["dlref"]["values"]


def svgs(notebook):
    return [
        [o["data"]["image/svg+xml"] for o in cell["outputs"] if o["output_type"] == "display_data"]
        for cell in notebook["cells"]
    ]


# --- text ---------------------------------------------------------------------------------------


def test_a_cells_output_belongs_to_it(execute):
    notebook = execute("print('a')\n# %% b\nprint('b')\nprint('c', end='')\n# %% d\nx = 1\n")
    assert texts(notebook) == [[("stdout", "a\n")], [("stdout", "b\nc")], []]


def test_only_print_makes_output(execute):
    assert texts(execute("1 + 1\n'text'\n")) == [[]]


def test_errors_have_a_stream_of_their_own(execute):
    code = "import sys\nprint('a')\nprint('b', file=sys.stderr)\nsys.stderr.write('c')\nsys.stdout.write('d')\n"
    assert texts(execute(code)) == [[("stdout", "a\nd"), ("stderr", "b\nc")]]


def test_text_keeps_its_order_whatever_wrote_it(execute):
    code = """
    import os, subprocess, sys
    print('1')
    os.write(1, b'2\\n')
    sys.stdout.buffer.write(b'3\\n')
    subprocess.run(['echo', '4'])
    sys.__stdout__.write('5\\n')
    print('6')
    """
    assert texts(execute(code)) == [[("stdout", "1\n2\n3\n4\n5\n6\n")]]


def test_what_is_no_utf8_is_shown_as_escapes(execute):
    assert texts(execute("import os\nos.write(1, b'a\\xffb')\nprint('\\ud800')\n")) == [
        [("stdout", "a\\xffb\\ud800\n")]
    ]


def test_text_up_to_the_limit_is_allowed(execute):
    assert texts(execute("print('x' * (64 * 1024 - 1))\n")) == [[("stdout", "x" * (64 * 1024 - 1) + "\n")]]
    with pytest.raises(Problem, match="prints more than 64 KiB of text"):
        execute("print('x' * (64 * 1024))\n")


def test_the_limit_of_text_counts_bytes(execute):
    with pytest.raises(Problem, match="prints more than 64 KiB of text"):
        execute("print('模' * 30_000)\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b[38;2;1;2;3mcolour\x1b[m", "colour"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://a\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[2J\x1b[Hx\x1b[K", "x"),
        ("a\r\nb\r\n", "a\nb\n"),
        ("10 %\r20 %\r100 %\n", "100 %\n"),
        ("done\r", "done"),
        ("a\x00b\x07c\x7fd\x9be", "abcde"),
        ("a\tb\u00a0c\u2028d 模型🎓", "a\tb\u00a0c\u2028d 模型🎓"),
        ("\x1b", ""),
    ],
)
def test_terminal_text_becomes_plain(text, expected):
    assert runner.plain(text) == expected


@given(st.text(st.characters(codec="utf-8") | st.sampled_from("\x1b[]m;\r\n\x07")))
def test_plain_text_has_no_control_characters_and_is_stable(text):
    plain = runner.plain(text)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", plain)
    assert runner.plain(plain) == plain


# --- state --------------------------------------------------------------------------------------


def test_cells_share_their_state(execute):
    notebook = execute("x = 1\n# %% b\nx += 1\ndef f():\n    return x\n# %% c\nx += 1\nprint(f())\n")
    assert texts(notebook)[2] == [("stdout", "3\n")]


def test_a_future_import_holds_for_the_whole_file(execute):
    notebook = execute(
        "from __future__ import annotations\n# %% b\ndef f(x: nothing): pass\nprint(f.__annotations__)\n"
    )
    assert texts(notebook)[1] == [("stdout", "{'x': 'nothing'}\n")]


def test_a_snippet_is_the_main_module(execute, project):
    notebook = execute(
        "import sys\nprint(__name__, __file__ == sys.argv[0], sys.argv[1:])\nimport __main__\nprint(__main__.__file__)\n"
    )
    assert texts(notebook) == [[("stdout", f"__main__ True []\n{project.root / 'snippets' / 's.py'}\n")]]


def test_a_snippet_can_see_its_own_source(execute):
    code = "import inspect\n# %% b\ndef f():\n    return 1\nprint(inspect.getsource(f), end='')\n"
    assert texts(execute(code))[1] == [("stdout", "def f():\n    return 1\n")]


def test_what_a_snippet_defines_can_be_pickled(execute):
    code = "import pickle\nclass A: pass\nprint(type(pickle.loads(pickle.dumps(A()))).__name__)\n"
    assert texts(execute(code)) == [[("stdout", "A\n")]]


def test_a_snippet_begins_in_an_empty_folder_of_its_own_and_may_write_there(execute):
    code = """
    import os, pathlib, tempfile
    print(os.listdir())
    pathlib.Path('a/b').mkdir(parents=True)
    pathlib.Path('a/b/c.txt').write_text('x')
    os.rename('a/b/c.txt', 'd.txt')
    with tempfile.NamedTemporaryFile() as file:
        print(os.path.dirname(file.name) == os.getcwd() == os.environ['HOME'])
    os.remove('d.txt')
    print(os.listdir())
    """
    for _ in range(2):
        assert texts(execute(code)) == [[("stdout", "[]\nTrue\n['a']\n")]]


def test_a_snippet_may_write_to_nowhere(execute):
    execute(
        "import os, subprocess\nopen(os.devnull, 'w').close()\nsubprocess.run(['true'], stdout=subprocess.DEVNULL, check=True)\n"
    )


def test_a_snippet_sees_a_clean_environment(execute, monkeypatch):
    monkeypatch.setenv("DLREF_SECRET_TOKEN", "x")
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    code = "import os, json\nprint(json.dumps(dict(os.environ)))\n"
    found = json.loads(texts(execute(code))[0][0][1])
    assert {"DLREF_SECRET_TOKEN", "PYTHONPATH", "USER", "PYTEST_CURRENT_TEST"}.isdisjoint(found)
    assert found["TZ"] == "UTC"
    assert found["LANG"] == "C.UTF-8"
    assert {value for name, value in found.items() if name.endswith("_NUM_THREADS")} == {"1"}


def test_hashes_are_the_same_in_each_run(execute, engine):
    code = "print(list({'a', 'b', 'c', 'd', 'e'}), hash('x'))\n"
    first = texts(execute(code))
    engine.close()
    assert texts(execute(f"{code}x = 1\n")) == first


SPOILS = """
import builtins, os, sys, json, warnings, random
import matplotlib
builtins.round = builtins.pow = None
os.environ["SPOILT"] = "1"
os.mkdir("x")
os.chdir("x")
sys.path.insert(0, "/spoilt")
sys.spoilt = json.spoilt = 1
matplotlib.rcParams["lines.linewidth"] = 99
warnings.simplefilter("ignore")
random.seed(1)
sys.setrecursionlimit(77)
"""
LOOKS = """
import os, sys, json, warnings, random
import matplotlib
print(round(1.2), pow(2, 2), "SPOILT" in os.environ, os.listdir(), "/spoilt" in sys.path, hasattr(sys, "spoilt"), hasattr(json, "spoilt"))
print(matplotlib.rcParams["lines.linewidth"], sys.getrecursionlimit())
try:
    warnings.warn("x")
except UserWarning:
    print("warned")
"""


def test_nothing_of_one_snippet_is_seen_by_another(project, engine):
    for number in range(3):
        project.snippet(f"a{number}.py", SPOILS)
        project.snippet(f"b{number}.py", LOOKS)
    engine.workers = 1
    engine.refresh()
    engine.run(engine.snippets)
    assert engine.problems == {}
    for number in range(3):
        notebook = engine.notebook(f"b{number}.py")
        assert texts(notebook) == [[("stdout", "1 4 False [] False False False\n2.0 1000\nwarned\n")]]


# --- values -------------------------------------------------------------------------------------


def test_numbers_strings_and_booleans_are_values(execute):
    code = """
    import math
    a, b, c, d, e = 1, -0.1, True, "it's\\n\\"x\\"", 2 + 3j
    f, g, h, big = math.nan, math.inf, -0.0, 10 ** 30
    x = y = 1 / 3
    """
    found = {name: eval(text, {"nan": math.nan, "inf": math.inf}) for name, (_, text) in values(execute(code)).items()}
    assert math.isnan(found.pop("f"))
    assert math.copysign(1, found["h"]) == -1
    assert found == {
        "a": 1, "b": -0.1, "c": True, "d": 'it\'s\n"x"', "e": 2 + 3j, "g": math.inf, "h": 0.0, "big": 10**30, "x": 1 / 3, "y": 1 / 3,
    }  # fmt: skip


def test_arrays_of_one_element_are_values(execute):
    code = """
    import numpy as np
    a, b, c, d = np.float64(0.1), np.array(2), np.array([[3.5]]), np.bool_(True)
    e, f, g = np.float32(0.1), np.str_("x"), np.int8(-3)
    none, many, empty = None, np.zeros(2), np.zeros(0)
    """
    assert values(execute(code)) == {
        "a": ["float", "0.1"], "b": ["int", "2"], "c": ["float", "3.5"], "d": ["bool", "True"],
        "e": ["float", "0.10000000149011612"], "f": ["str", "'x'"], "g": ["int", "-3"],
    }  # fmt: skip


def test_tensors_of_one_element_are_values_and_run_on_one_thread(execute):
    code = """
    import torch
    a, b, c = torch.tensor(0.5, requires_grad=True), torch.tensor([[2]]), torch.tensor(True)
    many, empty = torch.zeros(2), torch.zeros(0)
    parameter = torch.nn.Linear(2, 2)
    threads = torch.get_num_threads()
    """
    assert values(execute(code)) == {
        "a": ["float", "0.5"],
        "b": ["int", "2"],
        "c": ["bool", "True"],
        "threads": ["int", "1"],
    }


def test_only_what_has_a_public_name_of_the_module_is_a_value(execute):
    code = """
    import math, sys
    from math import pi
    _private = 1
    def f():
        inner = 2
        global outer
        outer = 3
    f()
    class A:
        attribute = 4
    items, none, kind = [1], None, int
    gone = 5
    del gone
    """
    assert values(execute(code)) == {"pi": ["float", repr(math.pi)], "outer": ["int", "3"]}


@pytest.mark.parametrize("code", [
    "x = 10 ** 5000\ny = 1\n",
    "class A:\n    def __getattr__(self, name):\n        raise KeyError(name)\nx, y = A(), 1\n",
    "class A:\n    size = 1\n    def item(self):\n        raise OSError\nx, y = A(), 1\n",
    "from unittest.mock import MagicMock\nx, y = MagicMock(), 1\n",
    "class A(int):\n    def __repr__(self):\n        return 'odd'\nx, y = A(3), 1\n",
])  # fmt: skip
def test_what_cannot_be_a_value_does_no_harm(code, execute):
    assert values(execute(code))["y"] == ["int", "1"]
    assert "x" not in values(execute(code))


# --- figures ------------------------------------------------------------------------------------

LINE = """
import matplotlib.pyplot as plt

plt.plot([0, 1, 2], [0.123456789, 0.5, 1], label="a")
plt.plot([0, 1, 2], [1, 0.5, 0], label="b & <c>")
plt.xlabel("0.123456789 seconds")
plt.legend()
"""


def test_an_open_figure_is_drawn_at_the_end_of_its_cell(execute):
    notebook = execute(
        "import matplotlib.pyplot as plt\nplt.plot([1])\n# %% b\nx = plt.get_fignums()\nplt.plot([2])\nplt.figure()\nprint(x)\n# %% c\n"
    )
    assert [len(drawn) for drawn in svgs(notebook)] == [1, 2, 0]
    assert texts(notebook)[1] == [("stdout", "[]\n")]


def test_a_figure_that_was_closed_is_not_drawn(execute):
    assert svgs(execute("import matplotlib.pyplot as plt\nplt.plot([1])\nplt.close()\n")) == [[]]


def test_a_figure_comes_after_the_text_of_its_cell(execute):
    cell = execute(LINE + "print('text')\n")["cells"][0]
    assert [output["output_type"] for output in cell["outputs"]] == ["stream", "display_data"]


def test_eight_figures_are_allowed(execute):
    assert len(svgs(execute("import matplotlib.pyplot as plt\nfor _ in range(8):\n    plt.figure()\n"))[0]) == 8


def test_a_figure_is_one_valid_svg_without_scripts_styles_and_links(execute):
    [[svg]] = svgs(execute(LINE))
    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    tags = {element.tag.partition("}")[2] for element in root.iter()}
    assert tags <= {"svg", "g", "path", "defs", "use", "clipPath", "rect", "text", "tspan", "image"}
    assert not re.search(r"<\?xml|<!DOCTYPE|<!--|<metadata|<style|http://(?!www\.w3\.org/(2000/svg|1999/xlink))", svg)


def test_the_colours_of_the_style_are_variables_with_the_colours_as_fallbacks(execute):
    [[svg]] = svgs(
        execute(
            LINE
            + "plt.axhline(0.5, color='black')\nplt.axvline(1, color='#123456')\nplt.text(0, 0, 't', color='white')\n"
        )
    )
    style = re.findall(
        r"[0-9a-f]{6}",
        (Path(runner.__file__).parent / "assets" / "matplotlibrc").read_text().partition("prop_cycle")[2],
    )
    found = dict(re.findall(r"var\(--dl-(\w+),\s*(#[0-9a-f]{6})\)", svg))
    assert found.keys() == {"c0", "c1", "fg", "bg", "muted", "grid"}
    assert [found["c0"], found["c1"], found["bg"]] == [f"#{style[0]}", f"#{style[1]}", "#ffffff"]
    rest = re.sub(r"var\([^)]*\)", "", svg)
    assert set(re.findall(r"(?<!&)#[0-9a-f]{6}\b", rest)) == {"#123456"}


def test_a_snippet_that_changes_the_style_changes_no_role(execute):
    style = "import matplotlib.pyplot as plt\nplt.rcParams['axes.prop_cycle'] = plt.cycler(color=['#ff0000'])\nplt.rcParams['grid.color'] = '#00ff00'\n"
    [[svg]] = svgs(execute(style + LINE))
    assert "#ff0000" in svg
    assert "--dl-c0" not in svg
    assert "--dl-muted" in svg


def test_the_background_of_a_figure_is_transparent(execute):
    [[svg]] = svgs(execute(LINE))
    assert "--dl-bg" not in svg


def test_text_is_text_with_all_its_digits(execute):
    [[svg]] = svgs(execute(LINE))
    found = ["".join(element.itertext()) for element in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]
    assert "0.123456789 seconds" in found
    assert "b & <c>" in found
    assert "font-family" not in svg


def test_coordinates_have_two_decimals(execute):
    [[svg]] = svgs(execute(LINE))
    outside_text = re.sub(r"<text.*?</text>", "", svg, flags=re.DOTALL)
    assert not re.search(r"\d\.\d{3}", outside_text)


def test_every_reference_of_a_figure_has_its_id_and_every_id_a_reference(execute):
    [[svg]] = svgs(execute(LINE + "plt.scatter([1, 2], [1, 2])\nplt.imshow([[1, 2]])\n"))
    ids = re.findall(r' id="([^"]*)"', svg)
    assert len(ids) == len(set(ids))
    assert set(ids) == set(re.findall(r'(?:url\(|href=")#([^")]+)', svg))


def test_a_figure_is_the_same_in_each_run(execute, project):
    code = LINE + "plt.scatter([1, 2], [1, 2])\nplt.figure()\nplt.imshow([[1, 2]])\nplt.plot(range(9000))\n"
    first = svgs(execute(code))
    again = svgs(execute(code + "x = 1\n"))
    assert len(first[0]) == 2
    assert first == again


@pytest.mark.parametrize(("code", "dense"), [
    ("plt.plot(range(6000))", True), ("plt.plot(range(600))", False), ("plt.scatter(range(2000), range(2000))", True),
    ("plt.scatter(range(200), range(200))", False), ("plt.contourf([[1, 2], [3, 4]])", False), ("plt.plot([1, 2], rasterized=True)", True),
    ("plt.pcolormesh([[n * m for n in range(90)] for m in range(90)])", True),
])  # fmt: skip
def test_what_is_dense_becomes_an_image_inside_the_figure(code, dense, execute):
    [[svg]] = svgs(execute(f"import matplotlib.pyplot as plt\n{code}\n"))
    assert ("data:image/png;base64," in svg) == dense
    assert len(svg) < 200_000
    assert "<text" in svg


def test_a_figure_that_cannot_be_drawn_is_a_problem_of_its_cell(execute):
    with pytest.raises(Problem, match=r"snippets/s.py:4: .*Error"):
        execute("x = 1\n# %% b\nimport matplotlib.pyplot as plt\nplt.title('$\\\\nope$')\n")


def test_a_matplotlib_that_was_not_preloaded_draws_the_same(execute, engine):
    late = LINE.replace(
        "import matplotlib.pyplot as plt", "import importlib\nplt = importlib.import_module('matplotlib.pyplot')"
    )
    [[first]] = svgs(execute(late))
    engine.close()
    [[second]] = svgs(execute(LINE))
    assert first == second


def test_a_matplotlib_that_was_not_imported_stays_so(execute):
    assert texts(execute("import sys\nprint('matplotlib' in sys.modules)\n")) == [[("stdout", "False\n")]]


# --- failures -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("code", "line", "message"), [
    ("assert 1 == 2\n", 2, "AssertionError: 1 == 2, but came 1 and 2"),
    ("x = [3]\nassert 1 < x[0] < 2\n", 3, r"AssertionError: 1 < x\[0\] < 2, but came 1 and 3 and 2"),
    ("x = 'a' * 500\nassert x == ''\n", 3, r"AssertionError: x == '', but came 'a{116}\.\.\. and ''$"),
    ("assert (\n    1\n    == 2\n)\n", 3, "AssertionError: 1 == 2, but came 1 and 2"),
    ("import math\nassert math.isclose(1, 2)\n", 3, r"AssertionError: math.isclose\(1, 2\)$"),
    ("def f(a):\n    b = a\n    assert b == 2\nf(1)\n", 4, "AssertionError: b == 2, but came 1 and 2"),
    ("assert 1 == 2, f'{1} is not {2}'\n", 2, "AssertionError: 1 is not 2$"),
    ("class Odd:\n    def __repr__(self):\n        1 / 0\nassert Odd() == 1\n", 5, "AssertionError$"),
    ("import numpy as np\nassert (np.ones(2) == 1).all() == False\n", 3, r"AssertionError: .*, but came (np\.)?True_? and False"),
    ("raise ValueError\n", 2, "ValueError$"),
    ("raise ValueError('two\\nlines')\n", 2, "ValueError: two\nlines"),
    ("try:\n    1 / 0\nexcept ZeroDivisionError:\n    raise KeyError('k')\n", 5, "KeyError: 'k'"),
    ("x = 1\n\n# %% b\n\ny = 2\n1 / 0\n", 7, "ZeroDivisionError"),
    ("def f(n):\n    return f(n + 1)\nf(0)\n", 3, "RecursionError: maximum recursion depth exceeded"),
    ("class Odd(Exception):\n    def __str__(self):\n        1 / 0\nraise Odd\n", "[15]", ".*"),
])  # fmt: skip
def test_a_failure_says_where_and_what_came(code, line, message, execute):
    with pytest.raises(Problem, match=rf"(?s)^snippets/s.py:{line}: {message}"):
        execute(code)


def test_a_failure_in_a_helper_names_both_files(execute, project):
    project.write("helper.py", "def f():\n    raise ValueError('deep')\n")
    with pytest.raises(Problem, match=r"^snippets/s.py:3: ValueError: deep \(raised at helper.py:2\)$"):
        execute("import helper\nhelper.f()\n")


def test_a_failure_in_a_test_of_a_helper_shows_no_sides_of_the_snippet(execute, project):
    project.write("helper.py", "def f(x):\n    assert x == 2\n")
    with pytest.raises(Problem, match=r"^snippets/s.py:3: AssertionError \(raised at helper.py:2\)$"):
        execute("import helper\nhelper.f(1)\n")
