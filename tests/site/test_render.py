"""An executed notebook as HTML, as a script and as a notebook file."""

import html
import json
import re
import shutil
import subprocess
import sys
import tomllib
import xml.etree.ElementTree as ET

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dlref
from dlref.site import render
from dlref.site.render import View
from dlref.site.snippets import parse

SOURCE = '"""It holds."""\nx = 1\nprint(x < 2)\n\n# %% second\ny = 2\nz = 3\n# %% third\n'


def notebook(source=SOURCE, outputs=None, values=None, requires=()):
    """Return a snippet and the notebook that a run would have given."""
    snippet = parse("t/my_idea.py", source, "s.py")
    cells = [{"source": cell.source, "outputs": (outputs or {}).get(cell.name, [])} for cell in snippet.cells]
    return {"cells": cells, "metadata": {"dlref": {"values": values or {}, "requires": list(requires)}}}, snippet


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def drawing(inner='<g id="_0"/><use href="#_0" clip-path="url(#_1)"/>'):
    return {
        "output_type": "display_data",
        "metadata": {},
        "data": {"image/svg+xml": f'<svg width="518" height="3">{inner}</svg>'},
    }


def fence(view=None, base="", number="0-", **more):
    book, snippet = notebook(**more)
    return render.fence(book, snippet, view or View(), base, number)


def text(markup):
    """Return the text of HTML that is well formed."""
    return "".join(
        ET.fromstring(markup.replace(" download ", ' download="" ').replace(" data-search-exclude>", ">")).itertext()
    )


# --- values -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "content", "spec", "expected"),
    [
        ("float", "0.30000000000000004", "", "0.30000000000000004"), ("float", "0.30000000000000004", ".2f", "0.30"),
        ("float", "1234567.891", ",.1f", "1,234,567.9"), ("float", "nan", "", "nan"), ("float", "-inf", ".1f", "-inf"),
        ("float", "0.256", ".1%", "25.6%"), ("float", "1e-07", ".0e", "1e-07"), ("float", "-0.0", "", "-0.0"), ("int", "42", "", "42"),
        ("int", "42", "05d", "00042"), ("int", "42", ".1f", "42.0"), ("int", "255", "x", "ff"), ("bool", "True", "", "True"),
        ("str", "'it\\'s\\n<b>'", "", "it's\n<b>"), ("str", "'ab'", ">4", "  ab"), ("complex", "(1+2j)", "", "(1+2j)"), ("complex", "(1+2j)", ".1f", "1.0+2.0j"),
    ],
)  # fmt: skip
def test_a_value_is_formatted_as_in_an_f_string(kind, content, spec, expected):
    assert render.value(notebook(values={"v": [kind, content]})[0], "v", spec) == expected


@given(st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.complex_numbers())
def test_every_value_comes_back_as_it_was(value):
    if value is not None:
        assert render.value(notebook(values={"v": [type(value).__name__, repr(value)]})[0], "v") == format(value)


def test_a_value_that_is_not_there_or_not_of_that_format_is_an_error():
    book, _ = notebook(values={"b": ["int", "1"], "a": ["str", "'x'"]})
    with pytest.raises(ValueError, match=r"no value 'c' \(a number, string or one-element tensor\); there are: a, b"):
        render.value(book, "c")
    with pytest.raises(ValueError, match=r"format '\.2f' does not fit a = 'x': Unknown format code 'f'"):
        render.value(book, "a", ".2f")
    with pytest.raises(ValueError, match="there are: none"):
        render.value(notebook()[0], "c")


# --- fences -------------------------------------------------------------------------------------


def test_each_cell_is_followed_by_its_output():
    found = text(fence(outputs={"": [stream("True\n")], "second": [stream("b\n")]}))
    assert found.index("print(x < 2)") < found.index("True") < found.index("y = 2") < found.index("Outputb")


def test_the_markers_of_cells_are_not_shown():
    assert "%%" not in text(fence())


def test_one_cell_shows_alone():
    found = text(fence(View(cell="second"), outputs={"": [stream("True\n")], "second": [stream("b\n")]}))
    assert "y = 2\nz = 3" in found
    assert "Outputb" in found
    assert "x = 1" not in found
    assert "True" not in found


@pytest.mark.parametrize(
    ("show", "code", "output"), [("both", True, True), ("code", True, False), ("output", False, True)]
)
def test_code_and_output_can_be_shown_alone(show, code, output):
    found = text(fence(View(show=show), outputs={"": [stream("True\n")]}))
    assert ("x = 1" in found, "True" in found) == (code, output)


def test_the_block_of_options_is_not_shown():
    source = '"""A."""\n# /// script\n# [tool.dlref]\n# timeout = 3\n# ///\nx = 1\n'
    found = text(fence(source=source))
    assert "timeout" not in found
    assert '"""A."""\nx = 1' in found


def test_the_title_is_the_one_given_or_the_name_of_the_file():
    assert "A &lt;b&gt; &amp; c" in fence(View(title="A <b> & c"))
    assert ">my idea<" in fence()


def test_the_downloads_are_found_from_the_page():
    assert re.findall(r'<a [^>]*href="([^"]*)" download', fence(base="../../")) == [
        "../../snippets/t/my_idea.py",
        "../../snippets/t/my_idea.ipynb",
    ]


@pytest.mark.parametrize(("lines", "marked"), [
    ("", []), ("2", ["x = 1"]), ("1,3", ['"""It holds."""', "print(x < 2)"]), ("2-4", ["x = 1", "print(x < 2)", "y = 2"]), ("5", ["z = 3"]), ("1 1-2", ['"""It holds."""', "x = 1"]),
])  # fmt: skip
def test_lines_are_highlighted_as_counted_in_the_code_shown(lines, marked):
    blocks = re.findall("<code>.*?</code>", fence(View(lines=lines)), re.DOTALL)
    found = [
        element for block in blocks for element in ET.fromstring(block).iter("span") if element.get("class") == "hll"
    ]
    assert ["".join(element.itertext()).strip() for element in found] == marked


@pytest.mark.parametrize("lines", ["0", "7", "6-7", "x", "3-", "-3", "3-2", "1.5", "1--2"])
def test_lines_that_are_not_there_are_an_error(lines):
    with pytest.raises(ValueError, match=re.escape(f'lines="{lines}"')):
        fence(View(lines=lines))


def copied(markup):
    """Return what the copy button takes: the attribute, or else the code shown."""
    attribute = re.search(r'data-copy="([^"]*)"', markup)
    shown = re.search(r"<code>(.*?)</code>", markup, re.DOTALL)
    found = attribute or shown
    assert found is not None
    return html.unescape(re.sub("<[^>]*>", "", found[1])).strip()


def test_what_is_copied_is_the_script_that_gave_the_output():
    assert copied(fence()) == SOURCE.strip()
    assert copied(fence(View(cell="second"))) == SOURCE.partition("# %% third")[0].strip()
    assert copied(fence(View(show="output"))) == SOURCE.strip()
    assert copied(fence(source="x = '<&\"'\n")) == "x = '<&\"'"
    assert "data-copy" not in fence(source="x = 1\n")


def test_a_caption_stands_below_the_last_part():
    markup = fence(View(caption="<em>C</em>", alt="A"), outputs={"": [drawing()], "third": [stream("o")]})
    assert markup.endswith('<p class="dl-snippet__caption"><em>C</em></p></div>')
    markup = fence(View(caption="<em>C</em>", alt="A"), outputs={"third": [drawing()]})
    assert markup.endswith("<figcaption><em>C</em></figcaption></figure></div>")


# --- figures ------------------------------------------------------------------------------------


def test_a_figure_has_its_text_and_its_size():
    markup = fence(View(alt='A "line" < 2 & more'), outputs={"": [drawing()]})
    assert '<svg role="img" aria-label="A &quot;line&quot; &lt; 2 &amp; more" width="518"' in markup
    assert "--dl-width:518px" in markup


def test_several_figures_take_their_texts_in_order():
    markup = fence(View(alt="One. | Two. | Three."), outputs={"": [drawing(), drawing()], "third": [drawing()]})
    assert re.findall(r'role="img" aria-label="([^"]*)"', markup) == ["One.", "Two.", "Three."]


@pytest.mark.parametrize(("alt", "drawn"), [("", 1), ("A", 0), ("A", 2), ("A | B", 1), (" ", 1), ("A | B | C", 2)])
def test_texts_that_are_not_as_many_as_the_figures_are_an_error(alt, drawn):
    with pytest.raises(ValueError, match=rf'the cells shown draw {drawn} figures? and alt="…" describes'):
        fence(View(alt=alt), outputs={"": [drawing()] * drawn})


def test_no_text_is_needed_for_a_figure_that_is_not_shown():
    assert "<svg" not in fence(View(show="code"), outputs={"": [drawing()]})
    assert "<svg" not in fence(View(cell="second"), outputs={"": [drawing()]})


def test_ids_are_unique_and_their_references_follow():
    svgs = [render.figure(drawing()["data"]["image/svg+xml"], "A", prefix) for prefix in ("f0-0-0", "f0-0-1", "f1-0-0")]
    ids = [re.findall(r' id="([^"]*)"', svg) for svg in svgs]
    assert ids == [["f0-0-0_0"], ["f0-0-1_0"], ["f1-0-0_0"]]
    assert 'href="#f0-0-1_0"' in svgs[1]
    assert "url(#f0-0-1_1)" in svgs[1]


def test_the_same_figure_twice_on_a_page_has_no_id_twice(project):
    code = (
        "import matplotlib.pyplot as plt\nplt.plot([1, 2], 'o-')\nplt.scatter([1, 2], [2, 1])\n# %% b\nplt.plot([1])\n"
    )
    project.snippet("a.py", code)
    one = '```snippet alt="A. | B."\na.py\n```\n\n'
    project.page("# Twice\n\n" + one + one + '```snippet alt="B."\na.py#b\n```\n')
    project.good()
    page = (project.root / "site" / "index.html").read_text()
    ids = re.findall(r'\sid="([^"]*)"', page)
    assert len(ids) == len(set(ids)) > 10
    assert set(re.findall(r'(?:url\(|<use [^>]*href=")#([^")]+)', page)) <= set(ids)


# --- output is text -------------------------------------------------------------------------------

NASTY = {
    "a_script": "<script>alert(1)</script>",
    "markdown": "**x** _y_ `z` # h [a](b) ![c](d) --- ***",
    "a_template": "{{ good.py:total }} {% raw %} {{ 7*7 }}",
    "entities": "&amp; &lt; &#60; &",
    "the_end_of_its_element": "</samp></pre></div></article>",
    "a_formula": "$x^2$ \\(y\\) $$z$$",
    "a_fence": "```\n```snippet\nnope.py\n```",
    "a_placeholder": "wzxhzdk:0 klzzwxh:0001 qlxqqx",
    "spaces": "  a\n\n\n    b\tc",
    "quotes": "\"a\" 'b' \\ \\n",
    "other_alphabets": "naïve ≤ 模型 🎓",
}
STRIPPED = {
    "\x1b[31mred\x1b[0m \x1b]8;;http://a\x1b\\link\x1b]8;;\x07": "red link",
    "1 %\r50 %\r100 %": "100 %",
    "a\x00b\x08c\x7fd": "abcd",
    "\x02wzxhzdk:0\x03 \x02klzzwxh:0000\x03": "wzxhzdk:0 klzzwxh:0000",
}


@pytest.fixture(scope="module")
def nasty(tmp_path_factory, request):
    """A site whose snippets print, store and draw the texts of the tables."""
    project = request.getfixturevalue("projects")(tmp_path_factory.mktemp("nasty"))
    project.write("snippets/good.py", "total = 2\n")
    page = "# Nasty\n\n```snippet\ngood.py\n```\n\n"
    for number, printed in enumerate([*NASTY.values(), *STRIPPED]):
        project.write(
            f"snippets/n{number}.py",
            f"import sys\ntext = {printed!r}\nprint(text)\nprint(text, file=sys.stderr)\n",
            dedent=False,
        )
        page += f'## N{number}\n\n```snippet caption="is {{{{ n{number}.py:text }}}}"\nn{number}.py\n```\n\n'
    for number in range(len(NASTY)):
        page += f"\nValue {number} is {{{{ n{number}.py:text }}}}.\n"
    project.page(page)
    return project.good()


def test_what_a_snippet_prints_appears_as_text_and_nothing_else(nasty):
    found = [html.unescape(output) for output in nasty.outputs()]
    expected = [*NASTY.values(), *STRIPPED.values()]
    assert found == [printed for printed in expected for _ in range(2)]
    assert not re.search(r"<(?!/?span)", "".join(nasty.outputs()))


@pytest.mark.parametrize("name", NASTY)
def test_a_value_appears_as_text_and_nothing_else(name, nasty):
    number = list(NASTY).index(name)
    element = re.search(
        rf'<p>Value {number} is <data class="dl-value" value="([^"]*)">(.*?)</data>\.</p>', nasty.html(), re.DOTALL
    )
    assert element is not None
    assert html.unescape(element[1]) == html.unescape(element[2]) == NASTY[name]
    assert "<" not in element[2]


@pytest.mark.parametrize("name", NASTY)
def test_a_value_in_a_caption_appears_as_text_and_nothing_else(name, nasty):
    number = list(NASTY).index(name)
    part = nasty.html().partition(f'id="n{number}"')[2]
    caption = re.search(
        r'<p class="dl-snippet__caption">is <data class="dl-value"[^>]*>(.*?)</data></p>', part, re.DOTALL
    )
    assert caption is not None
    assert html.unescape(caption[1]) == NASTY[name]
    assert "<" not in caption[1]


def test_text_in_a_figure_appears_as_text_and_nothing_else(project):
    project.snippet("a.py", "import matplotlib.pyplot as plt\nplt.title('<script>alert(1)</script> & **x** {{ y }}')\n")
    project.show("a.py", alt="</svg><script>alert(2)</script>")
    project.good()
    assert "<script>alert" not in project.html()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; **x** {{ y }}" in project.html()
    assert 'aria-label="&lt;/svg&gt;&lt;script&gt;alert(2)&lt;/script&gt;"' in project.html()


# --- what it ran with, and from where --------------------------------------------------------------

INPUTS = {
    "python": "3.12.1",
    "distributions": {"numpy": "2.1.0", "torch": "2.13.0+cpu", "keras": "3.1", "pillow": "11"},
}


@pytest.mark.parametrize(("requires", "expected"), [
    ([], "Ran with Python 3.12.1"),
    (["keras==3.1", "numpy==2.1.0"], "Ran with Python 3.12.1, keras 3.1, numpy 2.1.0"),
    (["torch>=2", "tqdm"], "Ran with Python 3.12.1, torch 2.13.0"),
    (["dlref"], f"Ran with Python 3.12.1, dlref {dlref.__version__}, numpy 2.1.0, torch 2.13.0"),
])  # fmt: skip
def test_a_snippet_says_what_it_ran_with(requires, expected):
    assert render.versions(notebook(requires=requires)[0], INPUTS) == expected


def test_the_line_below_a_snippet_leads_to_its_source_where_that_is_known():
    book, _ = notebook(requires=["numpy==2.1.0"])
    line = '<p class="dl-ran" data-search-exclude>Ran with Python 3.12.1, numpy 2.1.0.'
    assert render.ran(book, INPUTS, "") == f"{line}</p>"
    assert render.ran(book, INPUTS, "https://x/a?b&c") == f'{line} <a href="https://x/a?b&amp;c">Source</a></p>'


def test_each_snippet_of_a_site_shows_its_versions_and_its_source_at_the_commit_that_was_built(project):
    project.snippet("t/a.py", "import numpy\nprint(numpy.pi)\n")
    project.show("t/a.py")
    project.good()
    assert re.search(
        r'<p class="dl-ran" data-search-exclude>Ran with Python [\d.]+, numpy [\d.]+\.</p></div>', project.html()
    )
    config = (project.root / ".dlref" / "mkdocs.yml").read_text()
    project.write("mkdocs.yml", config + "repo_url: https://code.example/notes/\n", dedent=False)
    git = ["git", "-C", str(project.root), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in ["init", "-q"], ["add", "snippets"], ["commit", "-q", "-m", "A"]:
        subprocess.run([*git, *arguments], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    project.good()
    assert f'<a href="https://code.example/notes/blob/{commit}/snippets/t/a.py">Source</a></p></div>' in project.html()


# --- as one script ----------------------------------------------------------------------------------


def test_one_script_is_offered_for_a_snippet_that_uses_dlref_and_for_no_other():
    plain, uses = (fence(requires=requires, base="../") for requires in (["numpy==2.0.0"], ["numpy==2.0.0", "dlref"]))
    assert 'data-what="script"' not in plain
    assert re.search(
        r'<dl-copy data-what="script"><a class="dl-download" href="\.\./snippets/t/my_idea\.standalone\.py" download '
        r'aria-label="Download my_idea as one script">one script</a></dl-copy>', uses)  # fmt: skip


def test_one_script_says_plainly_what_it_needs_and_lists_it():
    book, snippet = notebook(requires=["torch==2.13.0", "dlref"])
    text = render.standalone(snippet, book, "x = 1\n", ["numpy==2.1.0", "scikit-learn==1.6.0", "torch==2.13.0"])
    assert block(text)["dependencies"] == ["numpy==2.1.0", "scikit-learn==1.6.0", "torch==2.13.0"]
    said = "what it uses of dlref is written into it. It needs numpy, scikit-learn and torch alone."
    assert f"\n# t/my_idea.py as one script: {said}\n\nx = 1\n" in text
    assert "It needs Python alone." in render.standalone(snippet, book, "x = 1\n", [])


def test_one_script_stands_beside_the_other_downloads_and_runs_where_there_is_no_dlref(project, tmp_path):
    code = (
        "from dlref.activations import relu\nimport torch\nprint(relu(torch.tensor([-1.0, 2.0])))\n# %% b\nprint('é')\n"
    )
    project.snippet("t/a.py", code, options="timeout = 60")
    project.snippet("t/b.py", "print(1)\n")
    project.show("t/a.py", "t/b.py")
    project.good()
    folder = project.root / "site" / "snippets" / "t"
    assert {file.name for file in folder.iterdir()} == {"a.py", "a.ipynb", "a.standalone.py", "b.py", "b.ipynb"}
    text = (folder / "a.standalone.py").read_text(encoding="utf-8")
    listed = [name.partition("==")[0] for name in block(text)["dependencies"]]
    assert listed == ["torch"]
    assert block(text)["tool"] == {"dlref": {"timeout": 60}}
    start = "import runpy, sys; sys.modules['dlref'] = None; runpy.run_path(sys.argv[1], run_name='__main__')"
    command = [sys.executable, "-I", "-W", "error", "-c", start]
    done = subprocess.run(
        [*command, folder / "a.standalone.py"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout == "tensor([0., 2.])\né\n"
    done = subprocess.run([*command, folder / "a.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "ModuleNotFoundError: No module named 'dlref.activations'" in done.stderr


def test_a_snippet_that_cannot_be_one_script_ends_the_build(project):
    project.write("helper.py", "total = 1\nprint(total, end='')\n")
    project.snippet("a.py", "import dlref\nfrom helper import total\nprint(dlref.__version__, total)\n")
    project.show("a.py")
    done = project.build()
    assert done.status == 1
    [problem] = done.problems
    assert (
        problem == "snippets/a.py: cannot be made one script: helper.py:2: binds no name, so that nothing asks for it"
    )


# --- downloads ------------------------------------------------------------------------------------


def block(script):
    """Return the PEP 723 block of a script, read as its specification says."""
    pattern = r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$"
    [match] = [match for match in re.finditer(pattern, script) if match["type"] == "script"]
    lines = match["content"].splitlines(keepends=True)
    return tomllib.loads("".join(line[2:] if line.startswith("# ") else line[1:] for line in lines))


def download(source, requires=(), repository=""):
    book, snippet = notebook(source, requires=requires)
    return render.script(snippet, book, repository)


def test_a_downloaded_script_says_what_it_needs():
    script = download(SOURCE, ["numpy==2.0.0", "dlref"], "https://example.org/notes")
    assert block(script) == {
        "requires-python": ">=3.11",
        "dependencies": ["numpy==2.0.0", "dlref @ git+https://example.org/notes"],
    }
    assert script.endswith(SOURCE)


def test_a_downloaded_script_without_needs_says_so():
    assert block(download(SOURCE))["dependencies"] == []


def test_the_options_of_a_snippet_stay_in_its_download_and_its_needs_join_them():
    source = '"""A."""\n# /// script\n# [tool.dlref]\n# timeout = 3\n# ///\nimport numpy\n'
    script = download(source, ["numpy==2.0.0"])
    assert block(script) == {
        "requires-python": ">=3.11",
        "dependencies": ["numpy==2.0.0"],
        "tool": {"dlref": {"timeout": 3}},
    }


def test_what_a_snippet_says_it_needs_is_not_changed():
    source = '# /// script\n# requires-python = ">=3.12"\n# dependencies = ["keras"]\n# ///\nx = 1\n'
    assert download(source, ["numpy==2.0.0"]) == source


def test_downloads_run_elsewhere_and_give_what_the_page_shows(project, tmp_path):
    project.snippet("t/a.py", "import numpy\nprint(numpy.arange(3) < 1, 'é')\n# %% b\nprint('second')\n")
    project.page("```snippet\nt/a.py\n```\n")
    project.good()
    shown = "\n".join(html.unescape(output) for output in project.outputs())
    script = project.root / "site" / "snippets" / "t" / "a.py"
    done = subprocess.run(
        [sys.executable, "-W", "error", script], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == shown == "[ True False False] é\nsecond"
    assert block(script.read_text())["dependencies"][0].startswith("numpy==")


def test_a_downloaded_notebook_is_valid_and_has_its_outputs(project):
    project.snippet("t/a.py", "print('é <b>')\n# %% b\nimport matplotlib.pyplot as plt\nplt.plot([1])\n")
    project.page('```snippet alt="A."\nt/a.py\n```\n')
    project.good()
    file = project.root / "site" / "snippets" / "t" / "a.ipynb"
    book = nbformat.read(file, as_version=nbformat.NO_CONVERT)
    nbformat.validate(book)
    install, first, second = book.cells
    assert re.fullmatch(r'# [^\n]+\n%pip install --quiet "matplotlib==[\d.]+"', install.source)
    assert first.outputs[0].text == "é <b>\n"
    assert second.outputs[0].data["image/svg+xml"].startswith("<svg ")
    assert json.loads(file.read_text(encoding="utf-8"))["metadata"]["kernelspec"]["name"] == "python3"


def test_data_beside_a_snippet_can_be_downloaded_and_its_downloads_read_them(project, tmp_path):
    project.write("snippets/t/data.json", "[1, 2]\n")
    code = (
        "import json\nfrom pathlib import Path\nprint(json.loads(Path(__file__).with_name('data.json').read_text()))\n"
    )
    project.snippet("t/a.py", code)
    project.page("```snippet\nt/a.py\n```\n")
    project.good()
    folder = shutil.copytree(project.root / "site" / "snippets" / "t", tmp_path / "downloads")
    install, *cells = nbformat.read(folder / "a.ipynb", as_version=4).cells
    assert install.source == "# This notebook needs Python alone: there is nothing to install."
    for name, text in ("script", (folder / "a.py").read_text()), ("notebook", "\n".join(cell.source for cell in cells)):
        command = [sys.executable, *(["-"] if name == "notebook" else [folder / "a.py"])]
        done = subprocess.run(command, input=text, cwd=folder, capture_output=True, text=True, check=True)
        assert done.stdout == "[1, 2]\n", name
