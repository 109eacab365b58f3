"""Labs: parsed, executed, shown as pages, downloaded as notebooks."""

import base64
import html
import json
import re
import subprocess
import sys

import nbformat
import pytest

from dlref.site import labs, plugin, snippets
from dlref.site.build import build, config_file
from dlref.site.engine import Engine
from dlref.site.markdown import Session
from dlref.site.maths import Maths

LAB = '''"""Two and two is four."""

# %% [markdown]
# # Adding
#
# Two and two is {{ total }}, says [@doe2020sums], or {{ share:.0% }} of eight, and $x^2$ is a square.
# See [sums](../index.md#sums) and [more](../index.md).

# %% adding
total = 2 + 2
print("total:", total, "<b>")

# %% [markdown]
# ## Pictures

# %% drawing
# alt: A line that rises to {{ total }}.
import matplotlib.pyplot as plt

plt.plot([0, total])

# %% more
share = total / 8
assert share == 0.5

# %% [markdown]
# !!! note "Mind"
#
#     It is *even*.
#
# ## Exercises
#
# 1. Add three.
#
#     ??? success "Solution"
#
#         The sum is {{ good.py:total }}.
#
#         ```snippet
#         good.py
#         ```
#
# ```python
# {{ total }}
# ```
#
# ## Sources
#
# - [@doe2020sums]: all of it.
'''
BIB = "@article{doe2020sums, author={Doe, Jane}, title={Sums}, year={2020}, journal={Numbers}}\n"


def prepare(project):
    project.write("snippets/labs/a_lab.py", LAB, dedent=False)
    project.snippet("good.py", "total = 3\nprint('three', total)\n")
    project.write("docs/bibliography.bib", BIB)
    project.page("```bibliography\n```\n", "bibliography.md")
    project.page("# Home\n\n## Sums\n\n[Lab](labs/a-lab.ipynb#pictures), {{ labs/a_lab.py:share }}.\n")
    return project


@pytest.fixture
def lab(project):
    """A project with one lab."""
    return prepare(project)


@pytest.fixture(scope="module")
def made(projects, tmp_path_factory):
    """The same, its site built."""
    return prepare(projects(tmp_path_factory.mktemp("labs"))).good()


def parse(text, path="labs/a_lab.py"):
    return snippets.parse(path, text, f"snippets/{path}")


def change(project, old, new):
    assert LAB.count(old) == 1, LAB.count(old)
    project.write("snippets/labs/a_lab.py", LAB.replace(old, new), dedent=False)


def plain(source):
    return html.unescape(re.sub(r"<[^>]*>", "", source))


def download(made, suffix):
    return (made.root / "site/snippets/labs/a_lab").with_suffix(suffix)


# --- what a lab's file says ----------------------------------------------------------------------------


def test_cells_of_text_and_of_code_alternate_with_their_lines():
    cells = [(cell.markdown, cell.name, cell.line) for cell in parse(LAB).cells]
    lines = LAB.split("\n")
    assert [cell[:2] for cell in cells] == [
        (False, ""), (True, ""), (False, "adding"), (True, ""), (False, "drawing"), (False, "more"), (True, ""),
    ]  # fmt: skip
    assert lines[cells[1][2] - 1] == "# # Adding"
    assert lines[cells[2][2] - 1] == "total = 2 + 2"


def test_the_text_of_a_lab_stands_on_the_lines_of_its_file():
    lines = labs.text(parse(LAB)).split("\n")
    assert lines[3] == "# Adding"
    assert lines[5] == (
        "Two and two is {{ labs/a_lab.py:total }}, says [@doe2020sums], or {{ labs/a_lab.py:share:.0% }} of eight, "
        "and $x^2$ is a square."
    )
    assert lines.count(labs.BREAK) == 3


def test_a_cell_of_text_is_made_of_comments():
    with pytest.raises(
        snippets.Problem, match=r"a_lab\.py:5: a Markdown cell is made of comments, `# text`, not 'x = 1'"
    ):
        parse('"""A."""\n\n# %% [markdown]\n# Text.\nx = 1\n')


def test_only_a_lab_has_cells_of_text():
    with pytest.raises(snippets.Problem, match=r"a cell is named `# %% name`"):
        parse('"""A."""\n\n# %% [markdown]\n# Text.\n# %% b\nx = 1\n', "topic/a.py")
    assert not snippets.is_lab("labs/parts/a.py")


def test_a_lab_may_take_longer_and_more_than_a_snippet():
    options, short = (
        parse(LAB).options,
        parse(LAB.replace("[markdown]", "text", 1).split("# %% [")[0], "t/a.py").options,
    )
    assert (options.timeout, options.memory) == (600, 8)
    assert (short.timeout, short.memory) == (30, 2)
    block = "# /// script\n# [tool.dlref]\n# timeout = 900\n# ///\n"
    assert parse(f'"""A."""\n{block}\nx = 1\n').options.timeout == 900


# --- the page ----------------------------------------------------------------------------------------------


def test_a_lab_is_a_page_with_text_values_formulas_citations_and_links(made):
    page = made.html("labs/a-lab/index.html")
    assert "Two and two is 4, says Doe (2020), or 50% of eight" in plain(page)
    assert '<span class="dl-math-inline"' in page
    assert 'href="../../bibliography/#doe2020sums"' in page
    assert re.search(r'href="(\.\./\.\./|\.\./\.\./index\.html)#sums"', page)
    assert 'href="../../snippets/labs/a_lab.ipynb" download' in page


def test_code_output_and_figures_stand_between_the_texts_in_order(made):
    page = made.html("labs/a-lab/index.html")
    said = [
        "Adding",
        "Two and two is 4",
        "total = 2 + 2",
        "total: 4 <b>",
        "Pictures",
        "plt.plot",
        "share = total",
        "Mind",
    ]
    places = [plain(page).index(text) for text in said]
    assert places == sorted(places)
    assert page.count("<svg ") == 1
    assert 'aria-label="A line that rises to 4."' in page
    assert "alt:" not in page
    assert "Two and two is four" not in page  # the claim describes the page, and is none of its cells


def test_the_claim_is_the_pages_description_and_the_heading_its_title(made):
    page = (made.root / "site/labs/a-lab/index.html").read_text()
    assert '<meta name="description" content="Two and two is four.">' in page
    assert re.search(r"<title>Adding - ", page)


def test_a_lab_brings_no_styles_scripts_or_prompts_of_its_own(made):
    page = made.html("labs/a-lab/index.html")
    assert not re.search(r"<style|<script|<link|jp-|clipboard-copy|In \[", page)


def test_headings_are_in_the_table_of_contents_and_texts_in_the_search(made):
    whole = (made.root / "site/labs/a-lab/index.html").read_text()
    assert len(re.findall(r'href="#pictures"', whole)) >= 2  # the link at the heading, and the table of contents
    found = {
        entry["location"]: entry
        for entry in json.loads((made.root / "site/search/search_index.json").read_text())["docs"]
    }
    assert {"labs/a-lab/", "labs/a-lab/#pictures", "labs/a-lab/#exercises"} <= found.keys()
    assert "says Doe (2020)" in found["labs/a-lab/"]["text"]


def test_an_exercise_shows_its_solution_as_pages_do(made):
    page = made.html("labs/a-lab/index.html")
    assert "three 3" in made.outputs("labs/a-lab/index.html")
    assert '<details class="success">' in page
    assert "The sum is 3." in plain(page)
    assert "{{ total }}" in plain(page)  # in a block of code it is no value


def test_other_pages_take_a_labs_values_and_link_to_its_sections(made):
    page = made.html()
    assert "0.5" in plain(page)
    assert 'href="labs/a-lab/#pictures"' in page


# --- its downloads -------------------------------------------------------------------------------------


def test_the_notebook_is_valid_and_its_text_is_written_out(made):
    book = nbformat.read(download(made, ".ipynb"), as_version=nbformat.NO_CONVERT)
    nbformat.validate(book)
    texts = "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    assert "Two and two is 4, says Doe (2020), or 50% of eight, and $x^2$ is a square." in texts
    assert "See sums and more." in texts
    assert "- J. Doe, Sums, Numbers, 2020: all of it." in texts
    assert "> **Mind**\n>\n> It is *even*." in texts
    assert "    <details><summary>Solution</summary>\n\n    The sum is 3.\n\n    ```python" in texts
    assert "    ```text\n    three 3\n    ```\n\n    </details>" in texts
    assert "```python\n{{ total }}\n```" in texts
    assert all("{{" not in cell.source for cell in book.cells if cell.cell_type == "code")
    drawing = next(cell for cell in book.cells if "plt.plot" in cell.source)
    assert drawing.source.startswith("# alt: A line that rises to 4.\nimport")
    drawn = drawing.outputs[0].data
    assert drawn["image/svg+xml"].startswith("<svg ")
    assert base64.b64decode(drawn["image/png"]).startswith(b"\x89PNG")  # what Jupyter shows before it trusts
    assert next(cell.outputs[0].text for cell in book.cells if cell.get("outputs")) == "total: 4 <b>\n"


def test_links_lead_to_the_published_site_where_its_address_is_known(lab):
    lab.write("mkdocs.yml", """
        site_name: A
        site_url: https://notes.example/x/
        repo_url: https://code.example/notes
        plugins: [search, dlref, {mkdocs-jupyter: {include: ["*.ipynb"], execute: false, cache: false}}]
        theme: {name: material, font: false}
        markdown_extensions: [admonition, attr_list, pymdownx.details, pymdownx.superfences]
    """)  # fmt: skip
    change(lab, "import matplotlib.pyplot as plt", "import matplotlib.pyplot as plt\nimport dlref")
    git = ["git", "-C", str(lab.root), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in ["init", "-q"], ["add", "snippets"], ["commit", "-q", "-m", "A"]:
        subprocess.run([*git, *arguments], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    lab.good()
    book = nbformat.read(download(lab, ".ipynb"), as_version=4)
    assert "See [sums](https://notes.example/x/#sums) and [more](https://notes.example/x/)." in book.cells[1].source
    assert book.cells[0].source.endswith(f' "dlref @ git+https://code.example/notes@{commit}"')


def test_the_first_cell_installs_what_the_notebook_ran_with(made):
    first = nbformat.read(download(made, ".ipynb"), as_version=4).cells[0]
    assert re.fullmatch(r'# [^\n]+\n%pip install --quiet "matplotlib==[\d.]+"', first.source)


def test_a_lab_that_asks_for_its_file_gets_one_in_its_notebook_after_the_installation(lab):
    change(lab, "share = total / 8", "share = total / 8\nassert __file__")
    book = nbformat.read(download(lab.good(), ".ipynb"), as_version=4)
    assert [cell.source[:8] for cell in book.cells[:3]] == ["# What t", "__file__", "# Adding"]
    assert "assert __file__" in plain(lab.html("labs/a-lab/index.html"))


def test_the_script_says_what_it_needs_and_prints_what_the_page_shows(made, tmp_path):
    text = download(made, ".py").read_text(encoding="utf-8")
    assert text.startswith("# /// script\n")
    assert "# Two and two is 4, says Doe (2020)" in text
    assert "\n# alt: A line that rises to 4.\nimport" in text
    command = [sys.executable, "-W", "error", download(made, ".py")]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "total: 4 <b>\n"


def test_a_solution_that_reads_a_data_set_has_its_package_installed(project):
    project.snippet("a.py", "from dlref.data import iris\nprint(len(iris().train.targets))\n")
    project.snippet("b.py", "from dlref import data\nprint(len(data.sunspots().values))\n")
    project.snippet("c.py", "from dlref.data import spirals\nnames = spirals(3).targets\nprint(names)\n")
    project.show("a.py", "b.py", "c.py")
    project.good()
    listed = {
        name: set(re.findall(r'(?m)^#     "([\w-]+)', (project.root / f"site/snippets/{name}.py").read_text()))
        for name in "abc"
    }
    assert listed == {"a": {"dlref", "scikit-learn"}, "b": {"dlref", "statsmodels"}, "c": {"dlref"}}


# --- the rules of snippets hold for labs ----------------------------------------------------------------


def test_a_lab_runs_once_and_again_when_it_or_what_it_imports_changes(lab):
    lab.write("lib/helper.py", "NUMBER = 2\n")
    change(lab, "total = 2 + 2", "from lib.helper import NUMBER\n\ntotal = NUMBER + 2")
    assert lab.good().build().ran == set()
    assert lab.why("snippets/labs") == ["snippets/labs/a_lab.py: current"]
    lab.write("lib/helper.py", "NUMBER = 1 + 1\n")
    assert lab.why("snippets/labs") == ["snippets/labs/a_lab.py: lib/helper.py changed"]
    assert lab.build().ran == {"labs/a_lab.py"}


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("total = 2 + 2", "total = 2 + None", "docs/index.md:5: snippets/labs/a_lab.py:10: TypeError: unsupported operand"),
    ("[@doe2020sums], or", "[@roe2020sums], or", "snippets/labs/a_lab.py:6: no work 'roe2020sums'"),
    ("{{ share:.0% }}", "{{ shore:.0% }}", "snippets/labs/a_lab.py:6: no value 'shore'"),
    ("# alt: A line that rises to {{ total }}.\n", "", "snippets/labs/a_lab.py: cell 'drawing' draws 1 figure and has 0 `# alt: …` lines"),
    ("rises to {{ total }}", "rises to {{ sum }}", "snippets/labs/a_lab.py:17: no value 'sum'"),
    ("rises to {{ total }}", "rises to {{ total:q }}", "snippets/labs/a_lab.py:17: format 'q' does not fit total = 4"),
    ("rises to {{ total }}", "rises to {{ bad.py:x }}", "snippets/labs/a_lab.py:17: no such snippet: snippets/bad.py"),
    ("        good.py\n", "        nowhere.py\n", "snippets/labs/a_lab.py:39: no such snippet: snippets/nowhere.py"),
    ("# # Adding\n", "#\n", "snippets/labs/a_lab.py: a lab begins with a cell of Markdown that holds its title"),
    ("# ## Pictures\n", "# <div>\n# never closed\n", "snippets/labs/a_lab.py: a list, a block or a fence of the text does not end before"),
    ("$x^2$", "$x^{2$", "snippets/labs/a_lab.py:6: "),
    ("index.md#sums", "index.md#summs", "snippets/labs/a_lab.py:7: "),
])  # fmt: skip
def test_what_is_wrong_in_a_lab_is_said_with_its_line_and_nothing_is_published(lab, old, new, problem):
    change(lab, old, new)
    done = lab.build()
    assert done.status == 1
    assert [line for line in done.problems if line.startswith(problem)], done.err
    assert not (lab.root / "site").exists()


def test_a_lab_that_prints_too_much_is_cut_off_at_its_own_limit(lab):
    change(lab, 'print("total:", total, "<b>")', "print('x' * 200_000)")
    assert lab.build().status == 0
    change(lab, 'print("total:", total, "<b>")', "print('x' * 300_000)")
    assert "a_lab.py:11: prints more than 256 KiB of text" in lab.build().err


def test_a_lab_on_a_site_without_mkdocs_jupyter_is_a_problem(lab):
    lab.write("mkdocs.yml", "site_name: A\nplugins: [dlref]\n")
    assert "snippets/labs needs mkdocs-jupyter below dlref in the plugins" in lab.build().err


def test_a_lab_that_the_navigation_leaves_out_is_a_problem(lab):
    lab.write(
        "mkdocs.yml",
        """
        site_name: A
        plugins: [search, dlref, {mkdocs-jupyter: {include: ["*.ipynb"], execute: false, cache: false}}]
        theme: {name: material, font: false}
        markdown_extensions: [admonition, pymdownx.details, pymdownx.superfences]
        nav: [index.md, bibliography.md]
        validation: {nav: {omitted_files: warn}}
    """,
    )
    assert "labs/a-lab.ipynb" in lab.build().err
    assert not (lab.root / "site").exists()


def test_labs_are_started_first_since_they_take_longest(project, monkeypatch):
    project.snippet("a.py", "x = 1\n")
    project.write("snippets/labs/z.py", LAB, dedent=False)
    engine, started = Engine(project.root), []
    monkeypatch.setattr(engine, "_start", lambda snippet: started.append(snippet.path))
    engine.begin(engine.snippets)
    assert started == ["labs/z.py", "a.py"]


ROW = """
    [A1]
    statement = "Sums are sums."
    verdict = "shown"
    page = "index.md#sums"
    snippets = ["labs/a_lab.py"]
"""


def test_a_lab_is_evidence_in_the_ledger_by_its_cell_that_asserts(lab):
    lab.write("docs/ledger.toml", ROW)
    lab.page("# Ledger\n\n```ledger\nA1\n```\n", "ledger.md")
    assert 'href="../labs/a-lab/#cell-more"' in lab.good().html("ledger/index.html")


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("assert share == 0.5", "share  # no assert", "row A1: labs/a_lab.py asserts nothing"),
    ("", "", "row A1: index.md does not lead to labs/a-lab.ipynb"),
])  # fmt: skip
def test_a_lab_is_no_evidence_without_an_assert_or_a_link_to_it(lab, old, new, problem):
    lab.write("docs/ledger.toml", ROW)
    lab.page("# Ledger\n\n```ledger\nA1\n```\n", "ledger.md")
    if old:
        change(lab, old, new)
    else:
        lab.page("# Home\n\n## Sums\n\n{{ labs/a_lab.py:share }}\n")
    assert f"docs/ledger.toml:2: {problem}" in lab.check().problems


# --- serving a page executes what it needs ----------------------------------------------------------------


@pytest.mark.parametrize(("page", "needed"), [
    ("index.md", {"labs/a_lab.py"}), ("labs/a-lab.ipynb", {"labs/a_lab.py", "good.py"}), ("bibliography.md", set()),
    ("other.md", {"good.py"}),
])  # fmt: skip
def test_only_what_the_chosen_page_needs_is_executed_and_the_others_say_so(lab, page, needed):
    lab.page('```snippet title="{{ good.py:total }}"\ngood.py\n```\n', "other.md")
    session = Session(Engine(lab.root), Maths(lab.root), gather=True, pages=(page,))
    session.renew()
    session.engine.run(session.engine.snippets)
    assert session.engine.ran == needed
    assert session.engine.left_out == {"labs/a_lab.py", "good.py"} - needed


def test_a_lab_that_was_left_out_shows_its_code_and_says_so(lab):
    session = Session(Engine(lab.root), Maths(lab.root), gather=True, pages=("other.md",))
    lab.page("# Other\n", "other.md")
    session.renew()
    plugin.build(config_file(lab.root), lab.root / "preview", session)
    page = (lab.root / "preview/labs/a-lab/index.html").read_text()
    assert not session.problems
    assert "Not executed" in page
    assert "Two and two is (not executed)" in plain(page)
    assert "snippets/labs/a_lab.py: was not executed: it was left out" in map(str, build(session, lab.root / "site"))


def test_serving_a_page_that_is_not_there_is_a_problem(lab):
    done = lab.dlref("serve", "docs/nowhere.md")
    assert (done.status, done.err.splitlines()[0]) == (
        1, "docs/nowhere.md: no page there: expected a file below docs/, or a lab",
    )  # fmt: skip
