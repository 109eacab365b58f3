"""Our four parsers (fences, inline values, PEP 723, percent format) and labs, against what hypothesis makes up.

Each text is either any at all, or made of the pieces that our constructs are made of, and of pieces that
nearly are: there the mistakes are. `pytest --hypothesis-profile=fuzz tests/site/test_fuzz.py` searches for
hours where the usual run takes the same few hundred texts each time.
"""

import ast
import contextlib
import html
import json
import re
import time
import tomllib
from collections import defaultdict
from types import SimpleNamespace
from typing import Any

import jupytext
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from markdown import Markdown

from dlref.site import labs, markdown, render, snippets
from dlref.site.markdown import DlrefExtension, Session, cited, references, sources
from dlref.site.maths import Maths
from dlref.site.render import value as formatted
from dlref.site.snippets import Options, Problem, blocks

ANY = st.text(st.characters(codec="utf-8"), max_size=200)


def soup(pieces, separator="", most=24):
    """Texts of some pieces, and of single characters between them."""
    return st.lists(st.sampled_from(pieces) | st.characters(codec="utf-8"), max_size=most).map(separator.join)


def place(problem, file, text):
    """See that a problem is in this file, at a line that the text has."""
    name, _, line = problem.where[0].partition(":")
    assert name == file
    assert not line or 1 <= int(line) <= text.count("\n") + 1, str(problem)


def unix(text):
    """A text with the ends of lines that reading a file leaves."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def parsed(path, source):
    """Parse a snippet; None for one that is refused as it should be."""
    try:
        return snippets.parse(path, source, f"snippets/{path}")
    except Problem as problem:
        place(problem, f"snippets/{path}", source)
        return None


# --- percent format -----------------------------------------------------------------------------------

CODE = [
    '"""It holds."""', "x = 1", "y = (x +\n     1)", "z = '''\n# %% no\n'''", "if x:\n    y = 2\n    # %% no", "# a comment", "", "   ", "x = 1  # %% no",
    "def f():\n    return 1", "@f\ndef g(): ...", "# % no", "## %% no", "'\\\n# %% no'", "(\n# %% no\n1)", "if 1:\n# %% no\n    pass", "\t", "\x0c", "class C:\n    a = 1", "é = 'π 模'",
]  # fmt: skip
MARKS = ["# %% a", "# %% b", "#%% c", "# %%  d-1 ", "# %%", "# %% [markdown]", "# %%[markdown]", "# %% a b", "#\t%% e", "# %% é", "# %%%", "# %% [md]", "# %% [raw]"]  # fmt: skip
COMMENTS = ["# # Title", "# text", "#", "#no", "# - {{ x }}", "#  two", "# /// script", "# ///", '# """', "# $x$", "# ```", "# %% not"]  # fmt: skip
PERCENT = soup([*CODE, *MARKS, *COMMENTS, "\r", "\x00", "\ufeff", "\\"], "\n")
PATHS = st.sampled_from(["s.py", "labs/s.py"])


@given(PATHS, ANY | PERCENT)
@example("s.py", "x = " + "-" * 100_000 + "1")
@example("s.py", "x = 1" + " + 1" * 50_000)
@example("s.py", "x = " + "(" * 5000)
@example("labs/s.py", "x = 1\n# %% a")
@example("labs/s.py", "x = 1\n# %% a\n")
@example("labs/s.py", "x = 1\n# %% [markdown]")
@example("s.py", "x = [\n# %% a\n]")
@example("s.py", "if 1:\n    pass\n# %% a\nelse:\n    pass")
@example("s.py", "x = 1\\\n# %% a")
@example("s.py", "x = 1\\\n ")
@example("labs/s.py", "x = 1\n# %% a\n# %% b")
def test_a_snippet_is_refused_at_one_of_its_lines_or_its_cells_are_all_of_it_and_programs(path, source):
    source = unix(source)
    if snippet := parsed(path, source):
        lines, covered = source.split("\n"), set[int]()
        for cell in snippet.cells:
            body = cell.source.split("\n")
            there = [line.rstrip() for line in lines[cell.line - 1 : cell.line - 1 + len(body)]]
            written = [re.sub(r"^# ?", "", line) for line in there] if cell.markdown else there
            assert [line.rstrip() for line in body] == written or not cell.source
            covered |= set(range(cell.line - 1, cell.line - 1 + len(body)))
            assert cell.line <= len(lines)
            if not cell.markdown:
                ast.parse(cell.source)
        rest = [line for number, line in enumerate(lines) if number not in covered]
        assert all(not line.strip(" #\t\x0c") or re.match(r"#\s?%%", line) for line in rest)
        statements = ast.parse("\n".join(cell.source for cell in snippet.code)).body
        assert [ast.dump(one) for one in statements] == [ast.dump(one) for one in ast.parse(source).body]
        assert snippet.text.count("\n") == source.count("\n")
        if snippet.lab:
            written = labs.text(snippet).split("\n")
            assert len(written) == len(lines)
            assert written.count(labs.BREAK) == len(labs.code(snippet))


@given(st.binary(max_size=100) | PERCENT.map(str.encode))
@example(b"x = 1\r# %% a\ry = (\r")
@example(b"x = 1\r# %% a\ry = 2\r")
@example(b"\xef\xbb\xbf\xef\xbb\xbfx = 1")
@example(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n")
def test_a_file_of_any_bytes_is_read_as_python_reads_it_or_refused(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp() / "snippets"
    folder.mkdir(exist_ok=True)
    (folder / "s.py").write_bytes(content)
    try:
        snippet = snippets.read(folder, "s.py")
    except Problem as problem:
        place(problem, "snippets/s.py", unix(content.decode(errors="replace")))
    else:
        assert ast.dump(ast.parse(content)) == ast.dump(ast.parse(snippet.source))
        assert "\r" not in snippet.source


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True), unique=True, min_size=1, max_size=4)
BODIES = st.lists(st.sampled_from(["x = 1", "# a comment", "y = (\n    2)", "if 1:\n    z = '# %%'", "'''\n# %% no\n'''"]), min_size=1, max_size=4)  # fmt: skip
TEXTS = st.lists(st.sampled_from(["# Title", "text *so*", "", "- item", "    more", "$x$", "{{ x }}", "`# %%`", "```python", "x = 1"]), min_size=1, max_size=6)  # fmt: skip


@st.composite
def lab(draw):
    """A lab's source, and its cells as (name, "" for text; what it says)."""
    cells = [("", ["Title"])]
    for name in draw(NAMES):
        if draw(st.booleans()):
            cells.append(("", ["text", *draw(TEXTS), "end"]))
        cells.append((name, "\n".join(["x = 1", *draw(BODIES)]).split("\n")))
    parts = []
    for name, lines in cells:
        body = lines if name else [f"# {line}".rstrip() for line in lines]
        parts.append("\n".join([f"# %% {name or '[markdown]'}", *body]))
    return "\n\n".join(parts) + "\n", cells


@given(lab())
def test_a_labs_cells_are_those_that_jupytext_reads(written):
    source, cells = written
    ours = snippets.parse("labs/s.py", source, "snippets/labs/s.py").cells
    assert [(cell.name, cell.source.split("\n")) for cell in ours] == cells
    theirs = jupytext.reads(source, "py:percent").cells
    assert [(cell.cell_type == "markdown", cell.source) for cell in theirs] == [
        (cell.markdown, cell.source) for cell in ours
    ]
    assert [cell.metadata.get("name", cell.metadata.get("title", "")) for cell in theirs] == [
        cell.name for cell in ours
    ]


LAB_TEXT = soup(["{{ x }}", "{{ x:.2f }}", "{{x}}", "{{ a.py:x }}", "```", "````", "~~~", "```snippet", "`", "\n", "\n", " ", "\\frac{{ a }}{b}", "{{ x:", "}}", "{{ _x }}", "    "])  # fmt: skip


@given(LAB_TEXT)
@example("````markdown\n```\n{{ x }}\n```\n````")
def test_a_labs_own_values_are_named_outside_code_and_nothing_else_changes(text):
    lab = snippets.parse("labs/s.py", "# %% a\nx = 1\n", "snippets/labs/s.py")
    written = labs.own(lab, text)
    assert re.sub(r"\{\{ labs/s\.py:|\s", "", written.replace("{{ labs/s.py:", "{{")) == re.sub(r"\s", "", text)
    _, prose, _ = markdown.parse(text.split("\n"), "labs/s.py")
    for line, now, outside in zip(text.split("\n"), written.split("\n"), prose, strict=True):
        assert now == line or outside or "snippet" in line


# --- PEP 723 ------------------------------------------------------------------------------------------

REFERENCE = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")  # as PEP 723 has it
BLOCKS = soup(["# /// script", "# ///", "#", "# x = 1", "#x", "", "# /// other", "# /// script ", " # /// script", "# [tool.dlref]", "# timeout = 3", "#  ///", "## /// script", "# # ///", "x = 1"], "\n", most=12)  # fmt: skip


@given(BLOCKS)
@example("# /// script\n# x = '''\n# ///\n# '''\n# ///\n")
@example("# /// other\n# /// script\n# ///\n")
def test_a_block_is_where_the_specification_says(text):
    lines = text.split("\n")
    ours = [(kind, "".join(f"{line}\n" for line in lines[first + 1 : last])) for kind, first, last in blocks(text)]
    assert [block for block in ours if block[1]] == [
        (match["type"], match["content"]) for match in REFERENCE.finditer(text)
    ]


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]), max_size=12)  # what is hidden is refused
KNOWN = st.fixed_dictionaries(
    {},
    optional={
        "timeout": st.floats(1e-3, 999_999) | st.integers(1, 999_999),
        "memory": st.floats(1e-3, 999_999),
        "network": st.booleans(),
        "gpu": st.booleans(),
        "slow": TEXT.map(str.strip),
        "tolerance": st.floats(0, 0.99),
        "measured": TEXT.map(re.escape),
    },
)
LISTED = st.none() | st.lists(TEXT, max_size=4)


def said(value):
    """A value as TOML has it: JSON does, for these."""
    return json.dumps(value, ensure_ascii=False)


@given(KNOWN, LISTED, st.none() | TEXT, st.dictionaries(TEXT, TEXT, max_size=3))
def test_a_block_that_is_written_from_a_table_is_read_as_that_table(ours, dependencies, python, others):
    lines = ["# what it needs", ""]
    if dependencies is not None:
        lines += ["dependencies = [", *(f"    {said(one)}," for one in dependencies), "]"]
    if python is not None:
        lines.append(f"requires-python = {said(python)}")
    lines += ["[tool.other]", *(f"{said(key)} = {said(value)}" for key, value in others.items())]
    lines += ["[tool.dlref]", *(f"{key} = {said(value)}" for key, value in ours.items())]
    block = "".join(f"# {line}\n" if line else "#\n" for line in ["/// script", *lines, "///"])
    expected = Options(
        **ours, dependencies=None if dependencies is None else tuple(dependencies), requires_python=python
    )
    for source in (f"{block}x = 1\n", f'"""A."""\n\n{block}\nx = 1\n', f"x = 1\n{block}"[:-1]):
        assert snippets.parse("s.py", source, "s.py").options == expected
        assert tomllib.loads("\n".join(lines)).get("dependencies") == dependencies


TOML = soup(
    ["[tool.dlref]", "timeout = ", "3", "tool.dlref.memory = ", "0x" + "f" * 5000, "9" * 5000, "dependencies = ", "[" * 3000, "]", "measured = ", "'a{9999999999}'", "'" + "(" * 2000 + "'", "'[['", "inf", "nan",
     "\n", "\n", "1979-05-27", "true", '"x"', "'''", "tolerance = ", "tool = ", "{", "}", "requires-python = ", "=", ".", "#", "slow = ", "-1", "1e999"], most=12)  # fmt: skip


@pytest.mark.filterwarnings("ignore:Possible:FutureWarning")  # a set in a set: a regular expression all the same
@given(ANY | TOML)
@example("tool.dlref.timeout = 0x" + "f" * 5000)
@example("tool.dlref.measured = 'a{9999999999}'")
@example("x = " + "[" * 10_000)
@example("x = " + "9" * 5000)
def test_whatever_stands_in_a_block_is_read_or_refused_at_its_line(text):
    source = "x = 1\n# /// script\n" + "".join(f"# {line}\n" for line in unix(text).split("\n")) + "# ///\n"
    if snippet := parsed("s.py", source):
        options = snippet.options
        assert 0 < options.timeout < 1e6
        assert 0 < options.memory < 1e6
        assert 0 <= options.tolerance < 1
        re.compile(options.measured)


# --- pages --------------------------------------------------------------------------------------------

EXTENSIONS = [
    "abbr", "admonition", "attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.arithmatex", "pymdownx.details",
    "pymdownx.highlight", "pymdownx.inlinehilite", "pymdownx.superfences", "pymdownx.tabbed",
]  # fmt: skip
SETTINGS = {"pymdownx.arithmatex": {"generic": True}, "pymdownx.tabbed": {"alternate_style": True}}
A_SNIPPET = snippets.parse("a.py", "# %% b\nx = 1\n", "a.py")


class Formulas(Maths):
    """Keeps what it is asked to render."""

    def __init__(self):
        self.katex = None
        self.seen = list[tuple[str, bool]]()

    def render(self, tex, display):
        self.seen.append((tex, display))
        return "<i>formula</i>"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Convert a page, where each fence is its title and the value of `{{ a.py:x1 }}` is "x1v".

    Returns the markup, the problems, the lines of the fences, and the formulas.
    """
    values: dict[str, Any] = {"metadata": {"dlref": {"values": defaultdict(lambda: ["str", "'v'"])}}}

    def notebook(path):
        if path != "a.py":
            raise Problem(f"no such snippet: {path}")
        return values

    engine: Any = SimpleNamespace(
        root=tmp_path_factory.mktemp("pages"), snippets={"a.py": A_SNIPPET}, results={}, notebook=notebook
    )
    formulas = Formulas()
    session = Session(engine, formulas, gather=True)
    md = Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)], extension_configs=SETTINGS)

    def convert(text):
        session.problems.clear()
        session.shown.clear()
        formulas.seen.clear()
        markup = md.reset().convert(text)
        for problem in session.problems:
            place(problem, "page", text)
        return markup, list(session.problems), sorted(line for _, line in session.shown), list(formulas.seen)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(render, "fence", lambda *given: f"<p>{given[2].title or 'untitled'}</p>")
        patch.setattr(render, "value", lambda *given: f"{given[1]}v")
        yield convert


PLAIN = Markdown(extensions=EXTENSIONS, extension_configs=SETTINGS)


def plain(text):
    """The page without our extension; tables without the frame that ours have."""
    return PLAIN.reset().convert(text)


def unframed(markup):
    markup = re.sub(
        r'<div aria-label="Table" class="dl-table" role="group" tabindex="0">\n(<table>.*?</table>)\n</div>',
        r"\1",
        markup,
        flags=re.DOTALL,
    )
    return re.sub(r'<data class="dl-value" value="[^"]*">(.*?)</data>', r"\1", markup)


def normal(text):
    """A page as Python-Markdown takes it: no tabs, and no other ends of lines."""
    return unix(text.replace("\x02", "").replace("\x03", "")).expandtabs(4)


def without_fences(text, fences):
    """A page with a paragraph in place of each fence: its title."""
    lines = text.split("\n")
    for fence in reversed(fences):
        title = fence.options.get("title") or "untitled"
        above, below = (
            ["" for line in beside if line.strip(" >")]
            for beside in (lines[: fence.first][-1:], lines[fence.last :][:1])
        )
        lines[fence.first : fence.last] = [*above, fence.indent + title, *below]
    return "\n".join(lines)


CONTAINERS = ["- ", "1. ", "!!! note", '??? note "T"', '???+ tip "T"', '=== "Tab"', "> "]
LEAVES = [
    "text *so*", "two\nlines", "## Heading", "```python\nx = 1\n```", "~~~text\n```snippet title='no'\na.py\n```\n~~~", "````markdown\n```snippet\nno.py\n```\n````",
    "| a | b |\n|---|---|\n| 1 | 2 |", "`` ```snippet ``", "Term\n:   said", "***", "a[^1]\n\n[^1]: note", "<b>x</b>", "![i](j.png)",
]  # fmt: skip
FENCES = st.builds("{0}snippet title=f{{n}}\n{1}\n{0}".format, st.sampled_from(["```", "````", "~~~"]), st.sampled_from(["a.py", "a.py#b", "\na.py\n", "  a.py"]))  # fmt: skip
TREES = st.recursive(
    FENCES | st.sampled_from(LEAVES),
    lambda inner: st.tuples(st.sampled_from(CONTAINERS), st.lists(inner, min_size=1, max_size=3)),
    max_leaves=8,
)


def laid(block, number):
    """The lines of a block; each fence gets its number."""
    if isinstance(block, str):
        if "{n}" in block:
            block = block.replace("{n}", str(next(number)))
        return block.split("\n")
    opening, inner = block
    body = [line for child in inner for line in ["", *laid(child, number)]][1:]
    if opening == "> ":
        return [f"> {line}".rstrip() for line in body]
    indented = [f"    {line}" if line else "" for line in body]
    return [f"{opening}item" if opening in ("- ", "1. ") else opening, "", *indented]


@given(st.lists(TREES, min_size=1, max_size=4))
def test_fences_in_any_nesting_are_found_and_rendered_where_a_paragraph_would_be(pages, trees):
    number = iter(range(100))
    lines = [line for tree in trees for line in ["", *laid(tree, number)]][1:]
    text = "\n".join(lines)
    found, prose, problems = markdown.parse(lines, "page")
    expected = [n for n, line in enumerate(lines) if re.search(r"snippet title=f\d", line)]
    assert problems == []
    assert [fence.first for fence in found] == expected
    assert [fence.options["title"] for fence in found] == [f"f{n}" for n in range(len(expected))]
    assert {fence.path for fence in found} <= {"a.py"}
    assert len(prose) == len(lines)
    markup, problems, shown, _ = pages(text)
    assert (shown, problems) == ([n + 1 for n in expected], [])
    assert unframed(markup) == plain(without_fences(text, found))


PAGE_LINES = soup(
    ["```snippet title=t", "~~~snippet title=t", "````snippet title=t", "    ```snippet title=t", "> ```snippet title=t", "  ```snippet title=t", "``` snippet title=t", "a.py", "    a.py", "> a.py", "  a.py", "a.py#b",
     "```", "    ```", "> ```", "~~~", "````", "`````", "```python", "    ```python", "- item", "- ```snippet title=t", "1. item", "!!! note", "    text", "        text", '=== "T"', "> quote", "", "", "",
     "text", "<div>", "</div>", "<!--", "-->", "<pre>", "</pre>", '<div markdown="1">', "```snippet x=1", "```snippet title='", "`` ``` ``", "\t```snippet title=t", "\ta.py", "\t```", "# H", "    # H",
     "```snippets", "```snippet```", "| a |", "|---|", "[^1]: a", ":   a", "term", "``` {.python}", "```python, x", "```  ", "~~~ `", ">", ">>  ```", "\\```"], "\n", most=14)  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(PAGE_LINES)
def test_each_fence_of_a_page_is_rendered_or_refused_and_the_rest_is_left_alone(pages, text):
    text = normal(text)
    found, prose, problems = markdown.parse(text.split("\n"), "page")
    for problem in problems:
        place(problem, "page", text)
    assert [now for now in prose if now] == [line for line, now in zip(text.split("\n"), prose, strict=True) if now]
    assume("{{" not in text and "[@" not in text and "$" not in text)
    markup, seen, shown, _ = pages(text)
    assert {str(problem) for problem in problems} <= {str(problem) for problem in seen}
    if not seen and text.strip():
        assert shown == [fence.first + 1 for fence in found]
        assert unframed(markup) == plain(without_fences(text, found))


UNSEEN = "this snippet fence stands in code, in raw HTML or in a comment, where readers see none"
A_FENCE = "```snippet\na.py\n```"
HIDDEN = {  # page, the problem's line and text
    "behind_a_code_fence_without_end": (f"~~~text\n\n{A_FENCE}", "1: this code fence is never closed"),
    "in_an_indented_block": ("text\n\n    ```snippet\n    a.py\n    ```", f"3: {UNSEEN}"),
    "in_a_comment": (f"<!--\n{A_FENCE}\n-->", f"2: {UNSEEN}"),
    "in_raw_html": (f"<div>\n{A_FENCE}\n</div>", f"2: {UNSEEN}"),
    "in_preformatted_text": (f"<pre>\n{A_FENCE}\n</pre>", f"2: {UNSEEN}"),
    "with_a_path_further_left": (
        "- a\n\n    ```snippet\n  t/a.py\n    ```",
        "3: 't/a.py' stands further left than the fence that it is in",
    ),
}


@pytest.mark.parametrize("where", HIDDEN)
def test_a_fence_that_no_reader_would_see_is_refused(where, pages):
    text, problem = HIDDEN[where]
    assert [str(found) for found in pages(text)[1]] == [f"page:{problem}"]


@pytest.mark.parametrize("text", ["a[^1]\n\n[^1]:\n    text\n\n    ```snippet\n    a.py\n    ```", "Term\n:   said\n\n    ```snippet\n    a.py\n    ```", f'<div markdown="1">\n\n{A_FENCE}\n\n</div>', f"<details markdown><summary>S</summary>\n\n{A_FENCE}\n\n</details>"])  # fmt: skip
def test_a_fence_is_seen_in_notes_definitions_and_html_that_holds_markdown(text, pages):
    markup, problems, _, _ = pages(text)
    assert problems == []
    assert markup.count("<p>untitled</p>") == 1


@given(ANY | soup(["```snippet ", "title=", '"', "'", "\\", "a.py", "#", "alt=", "lines=", "show=code", "show=x", "\n", "```", "caption=", " ", "..", "/", "=", "b"]))  # fmt: skip
def test_whatever_a_fence_asks_for_is_understood_or_refused_at_its_line(text):
    for source in (text, f"```snippet {text}\n```", f"```snippet\n{text}\n```"):
        found, prose, problems = markdown.parse(source.split("\n"), "page")
        assert len(prose) == source.count("\n") + 1
        for problem in problems:
            place(problem, "page", source)
        for fence in found:
            assert 0 <= fence.first < fence.last <= len(prose)
            assert fence.kind != "snippet" or not {"", ".", ".."} & set(fence.path.split("/"))


INLINE = soup(
    ["{{ a.py:x1 }}", "{{a.py:x2}}", "{{ a.py:x3:.2f }}", "{{", "}}", "{", "}", "{{ nope }}", "`", "`", "``", "\\", "\\`", "*", "**", "word", " ", " ", "\n", "\n\n", "(b)", "{{ a.py:x1", ":x }}", "    ", "- ", "> ", "# ", "&amp;", "!"],
    most=16)  # fmt: skip


@settings(max_examples=3 * settings().max_examples)
@given(INLINE)
@example("\\`{{ a.py:x1 }}`")
@example("`` a ` {{ a.py:x1 }} ``")
@example("``` a `` {{ a.py:x1 }} `")
@example("`a\nb {{ a.py:x1 }}` c")
def test_the_values_of_a_page_are_found_where_they_are_substituted_and_the_rest_is_left_alone(pages, text):
    text = normal(text)
    assume(not re.search(r"[<$@|~\[\]=_^]|```|\}\}\{|(?m:^ {4})|(?m:^:|^\s*[!?]{3})", text) and text.strip())
    markup, problems, _, _ = pages(text)
    _, prose, _ = markdown.parse(text.split("\n"), "page")
    found = [text for _, text in references(prose) if re.match(r"a\.py:[A-Za-z]\w*(:.*)?$", text)]
    if not problems:
        assert len(found) == markup.count('<data class="dl-value"')
        if not re.search(r"\*\{\{|\}\}[*{]|\\", text):  # else a brace differs from a letter, by its meaning there
            filled = re.sub(r"\{\{\s*a\.py:([A-Za-z]\w*)\s*(:[^{}]*)?\}\}", r"\1v", text)
            if "`" not in text:
                assert unframed(markup) == plain(filled)


def test_braces_after_a_backslash_are_text(pages):
    markup, problems, _, _ = pages("\\{{ a.py:x1 }} and {{ a.py:x2 }}")
    assert problems == []
    assert unframed(markup) == "<p>{{ a.py:x1 }} and x2v</p>"


@given(st.sampled_from(["", "2f", ".3f", ",", "e", "d", "c", ">9", "s", "%", "n", "x", "_", "0=8"]) | ANY | st.integers(0, 10**12).map(str), st.sampled_from([["int", "3"], ["int", "1" + "0" * 400], ["int", "55296"], ["float", "inf"], ["float", "1e300"], ["str", "'é'"], ["bool", "True"]]))  # fmt: skip
@example("1000000000", ["int", "3"])
@example(".999999999f", ["float", "0.1"])
@example("f", ["int", "1" + "0" * 400])
@example("c", ["int", "55296"])
def test_a_format_gives_a_short_text_or_is_refused(spec, value):
    text = ""
    with contextlib.suppress(ValueError):
        text = formatted({"metadata": {"dlref": {"values": {"x": value}}}}, "x", spec)
    assert len(text.encode()) < 2000


FORMULAS = soup(["$", "$", "$$", "$$", "\\$", "x^2", "{{", "}}", "\\frac{1}{2}", "_", "*", "\\\\", " ", "\n", "\n\n", "\\(", "\\)", "\\[", "\\]", "`", "a", "1", "\\begin{align}", "\\end{align}", "<", "&", "[@", "]", "    ", "- "], most=16)  # fmt: skip


@settings(max_examples=2 * settings().max_examples)
@given(FORMULAS)
def test_formulas_are_those_that_arithmatex_finds_and_none_is_changed(pages, text):
    text = normal(text)
    assume("[@" not in text)
    _, problems, _, seen = pages(text)
    if not problems and text.strip():
        found = re.findall(r'<(div|span) class="arithmatex">\\[(\[](.*?)\\[)\]]</\1>', plain(text), re.DOTALL)
        expected = [(html.unescape(tex).strip(), tag == "div") for tag, tex in found]
        assert sorted(seen) == sorted(expected)


@given(ANY.map(str.encode) | st.binary(max_size=60) | PAGE_LINES.map(str.encode))
@example(b"a\r```snippet\rb.py\r```")
def test_a_page_of_any_bytes_is_read_or_refused_at_one_of_its_lines(tmp_path_factory, content):
    docs = tmp_path_factory.getbasetemp() / "docs"
    docs.mkdir(exist_ok=True)
    (docs / "page.md").write_bytes(content)
    [(name, source)] = sources(docs, {})
    assert name == "page.md"
    text = unix(content.decode(errors="replace"))
    for problem in source.problems:
        place(problem, "docs/page.md", text)
    assert source.title
    for number, _ in [*references(source.prose), *cited(source.prose)]:
        assert number < text.count("\n") + 1


# --- time ---------------------------------------------------------------------------------------------


def page_read(text):
    _, prose, _ = markdown.parse(text.split("\n"), "page")
    list(references(prose)), list(cited(prose))
    labs.own(snippets.parse("labs/s.py", "x = 1\n", "s.py"), text)


def snippet_read(text):
    for source in (f"# %% a\nx = '''{text}'''\n", "".join(f"# {line}\n" for line in text.split("\n")) + "x = 1\n"):
        parsed("s.py", source)
    list(blocks(text))


def seconds(read, text):
    began = time.process_time()
    read(text)
    return time.process_time() - began


SPECIAL = st.text(st.sampled_from("`~{}: \n#%/[@]$>-\\=\"'|!.ax"), min_size=1, max_size=6)
PUMPS = SPECIAL | st.sampled_from(["# /// script\n", "# ///\n", "```snippet\n", "{{ a:", "[@a; ", "# %% a\n", "- ```snippet\n", "> ", "```\n", '```snippet title="'])  # fmt: skip


@settings(max_examples=settings().max_examples // 2)
@given(st.sampled_from(["", "{{", "{{ a.py:", "{{ a:", "```snippet title=", "`", "[@a", "# /// script\n", "\n# %% "]), PUMPS)  # fmt: skip
@example("{{", " ")
@example("{{ a:", " ")
@example("", "# /// script\n")
@example("", "`")
@example("`", "``a")
@example("", "\n")
def test_reading_takes_time_in_proportion_to_the_length(start, pump):
    for read in page_read, snippet_read:
        short, long = (start + pump * (size // len(pump)) for size in (4_000, 32_000))
        assert seconds(read, long) < 24 * seconds(read, short) + 0.3  # 8 times as long; its square would be 64 times
