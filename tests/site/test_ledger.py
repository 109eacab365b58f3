"""The ledger: what a row must have, that its evidence ran and is where it says, and what the page shows."""

import re

import pytest
from markdown import Markdown

from dlref.site import ledger
from dlref.site.build import check
from dlref.site.markdown import DlrefExtension, Page, Session
from dlref.site.snippets import Problem

TOML = """
[A1]
statement = "It *is* $x$ so."
verdict = "shown"
page = "t/one.md#the-part"
snippets = ["t/good.py"]

[A2]
statement = "It will be so."
status = "in work"
page = "t/one.md"

[B1]
statement = "Half of it is so."
verdict = "qualified"
page = "t/one.md#the-part"
snippets = ["t/cells.py", "t/good.py"]
"""
ONE = """---
title: Page one
---

# One

## The part

```snippet
t/good.py
```

```snippet
t/cells.py#quiet
```

```snippet
t/cells.py#loud
```
"""
LEDGER = "# L\n\n```ledger\ntotals\n```\n\n```ledger\nA1-A2 B1\n```\n"


@pytest.fixture(scope="module")
def root(tmp_path_factory, request):
    """A project with a ledger whose snippets have run."""
    project = request.getfixturevalue("projects")(tmp_path_factory.mktemp("ledger"))
    project.snippet("t/good.py", "x = 1\nassert x == 1\n")
    project.snippet("t/cells.py", "x = 2\n# %% quiet\ny = 3\n# %% loud\nassert x < y\n")
    project.page(ONE, "t/one.md")
    project.page(LEDGER, "ledger.md")
    project.write("docs/ledger.toml", TOML)
    assert project.run().problems == []
    return project.root


@pytest.fixture
def session(root):
    """A session of that project on its ledger's page; the files are put back afterwards."""
    files = {file: file.read_bytes() for folder in ("docs", "snippets") for file in (root / folder).rglob("*.*")}
    session = Session.at(root)
    session.page = Page("docs/ledger.md")
    yield session
    session.engine.close(wait=False)
    for file, content in files.items():
        file.write_bytes(content)


def convert(session, text=LEDGER):
    return Markdown(extensions=["toc", DlrefExtension(session=session)]).convert(text)


def wrong(session):
    session.renew()
    return [str(problem) for problem in check(session)[0]]


def replaced(file, old, new):
    text = file.read_text()
    assert text.count(old) >= 1
    file.write_text(text.replace(old, new, 1))


def test_each_row_says_its_verdict_and_links_its_section_and_its_asserting_snippets(session):
    markup = convert(session)
    rows = re.findall(r'<li id="(\w+)">(.*?)</li>', markup, re.DOTALL)
    assert [name for name, _ in rows] == ["A1", "A2", "B1"]
    assert '<span class="dl-ledger__statement">It <em>is</em> ' in rows[0][1]
    assert "katex" in rows[0][1]
    assert '<span class="dl-verdict dl-verdict--shown">shown</span>' in rows[0][1]
    assert (
        '<a href="t/one.md#the-part">Page one</a>: <a href="t/one.md#snippet-good"><code>good.py</code></a>'
        in rows[0][1]
    )
    assert '<span class="dl-verdict dl-verdict--in-work">in work</span>' in rows[1][1]
    assert re.findall('href="([^"]*)"', rows[1][1]) == ["t/one.md"]
    assert re.findall('href="([^"]*)"', rows[2][1])[1:] == ["t/one.md#snippet-cells-loud", "t/one.md#snippet-good"]


def test_the_totals_are_counted(session):
    found = re.findall(r'<li class="dl-verdict dl-verdict--[\w-]+">(.*?)</li>', convert(session))
    assert found == ["1 shown", "1 qualified", "0 corrected", "1 in work"]


def test_a_ledger_that_is_right_has_no_problem(session):
    assert wrong(session) == []


@pytest.mark.parametrize(("old", "new", "problem"), [
    ('["t/good.py"]', '["t/none.py"]', "docs/ledger.toml:2: row A1: there is no snippet t/none.py"),
    ('["t/good.py"]', "[]", "docs/ledger.toml:2: row A1: has no snippets"),
    ('snippets = ["t/good.py"]\n', "", "docs/ledger.toml:2: row A1: has no snippets"),
    ('page = "t/one.md#the-part"\n', 'page = "t/none.md#the-part"\n', "docs/ledger.toml:2: row A1: there is no page t/none.md"),
    ('page = "t/one.md#the-part"\n', 'page = "t/one.md"\n', "docs/ledger.toml:2: row A1: has no section in its page"),
    ('page = "t/one.md"\n', "", "docs/ledger.toml:8: row A2: has no page"),
    ('statement = "It *is* $x$ so."\n', "", "docs/ledger.toml:2: row A1: has no statement"),
    ('"shown"', '"proven"', 'docs/ledger.toml:2: row A1: expected a verdict, one of shown, qualified, corrected, or status = "in work"'),
    ('"in work"', '"done"', 'docs/ledger.toml:8: row A2: expected a verdict, one of'),
    ('status = "in work"', 'verdict = "in work"', 'docs/ledger.toml:8: row A2: expected a verdict, one of'),
    ('verdict = "shown"', 'verdikt = "shown"', "docs/ledger.toml:2: row A1: verdikt = 'shown' is none of: statement (str), "),
    ('["t/good.py"]', '"t/good.py"', "docs/ledger.toml:2: row A1: snippets = 't/good.py' is none of: "),
    ("[A2]", "[A1]", "docs/ledger.toml:8: is not TOML: "),
    ("[A2]", "[A2", "docs/ledger.toml:8: is not TOML: "),
    ("[A2]", "A2 = 3\n[A3]", "docs/ledger.toml:2: row A1: snippets"),
    ("[A2]", "[A3]", "docs/ledger.md:7: row A2 is missing from docs/ledger.toml"),
    ("[A2]", "[A3]", "docs/ledger.toml:8: row A3: no ```ledger fence of a page lists it"),
])  # fmt: skip
def test_what_is_wrong_with_a_row_is_said_with_its_name(old, new, problem, session, root):
    if "A2 = 3" in new:
        new, problem = "[[A2]]", "docs/ledger.toml: expected tables, not A2 = "
    replaced(root / "docs" / "ledger.toml", old, new)
    assert any(found.startswith(problem) for found in wrong(session)), wrong(session)
    session.renew()
    if "no ```ledger" not in problem:
        with pytest.raises(Problem, match=r"^docs/ledger.md:"):
            convert(session)


EVIDENCE = {
    "not_on_the_page": ("docs/t/one.md", "t/good.py", "t/cells.py", "row A1: t/good.py is not on t/one.md"),
    "without_an_assert": (
        "snippets/t/good.py",
        "assert x == 1",
        "print(x)",
        "row A1: t/one.md shows no assert of t/good.py",
    ),
    "with_the_assert_in_a_cell_not_shown": (
        "docs/t/one.md",
        "t/cells.py#loud",
        "t/cells.py#quiet",
        "row B1: t/one.md shows no assert of t/cells.py",
    ),
    "with_only_the_output_shown": (
        "docs/t/one.md",
        "```snippet\nt/good.py",
        "```snippet show=output\nt/good.py",
        "row A1: t/one.md shows no assert of t/good.py",
    ),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_a_row_is_wrong_whose_snippet_is(name, session, root):
    file, old, new, problem = EVIDENCE[name]
    replaced(root / file, old, new)
    assert any(problem in found for found in wrong(session))
    session.renew()
    with pytest.raises(Problem, match=f"^docs/ledger.md:7: docs/ledger.toml:\\d+: {re.escape(problem)}$"):
        convert(session)


def test_a_row_whose_snippet_fails_is_wrong_by_its_name_and_runs_again_once_mended(session, root):
    replaced(root / "snippets/t/good.py", "x = 1", "x = 2")
    session.renew()
    assert wrong(session) == []  # nothing is executed by a check
    with pytest.raises(
        Problem,
        match=r"^docs/ledger.md:7: docs/ledger.toml:2: row A1: t/good.py did not run: snippets/t/good.py:3: AssertionError",
    ):
        convert(session)
    replaced(root / "snippets/t/good.py", "x = 2\nassert x == 1", "x = 2\nassert x == 2")
    session.renew()
    assert 'id="B1"' in convert(session)
    assert session.engine.ran == {"t/good.py"}


def test_all_rows_that_are_wrong_are_said_at_once_and_the_others_shown(session, root):
    replaced(root / "snippets/t/good.py", "x = 1", "x = 2")
    session.renew()
    session.gather = True
    markup = convert(session)
    assert [str(problem).split(": ")[2] for problem in session.problems] == ["row A1", "row B1"]
    assert re.findall(r'<li id="(\w+)">', markup) == ["A1", "A2", "B1"]
    assert markup.count('class="dl-error"') == 2


@pytest.mark.parametrize("name", ["ledger.toml", "bibliography.bib"])
def test_a_file_that_is_not_utf_8_is_a_problem(name, session, root):
    file = root / "docs" / name
    old = file.read_bytes() if file.exists() else b""
    file.write_bytes(b"# caf\xe9\n")
    found = wrong(session)
    file.write_bytes(old)
    assert f"docs/{name}: is not UTF-8: invalid continuation byte at byte 5" in found


@pytest.mark.parametrize(("text", "expected"), [
    ("A1-A3", ["A1", "A2", "A3"]), ("A1–A2 B7", ["A1", "A2", "B7"]), ("F0-F1", ["F0", "F1"]), ("N9-11", ["N9", "N10", "N11"]), ("", []),
])  # fmt: skip
def test_ids_are_ranges(text, expected):
    assert list(ledger.ids(text)) == expected


@pytest.mark.parametrize("text", ["A", "1", "A1-B2", "A1,A2", "totals A1"])
def test_what_is_no_id_is_a_problem(text, session):
    with pytest.raises(Problem, match=r"^docs/ledger.md:3: .* is no id or range of ids, like A1-A6"):
        convert(session, f"# L\n\n```ledger\n{text}\n```\n")


def test_a_build_fails_by_the_rows_name_if_an_anchor_is_wrong_or_a_snippet_fails(project, root):
    for file in ("docs/t/one.md", "docs/ledger.md", "docs/ledger.toml", "snippets/t/good.py", "snippets/t/cells.py"):
        project.write(file, (root / file).read_text(), dedent=False)
    project.page("# Home\n")
    project.good()
    assert '<a href="../t/one/#snippet-good">' in project.html("ledger/index.html")
    assert '<div class="dl-snippet" id="snippet-good">' in project.html("t/one/index.html")
    before = project.site()
    replaced(project.root / "docs/ledger.toml", "#the-part", "#another")
    assert project.build().problems == [
        "docs/ledger.toml:2: row A1: the doc 't/one.md' does not contain an anchor '#another'."
    ]
    replaced(project.root / "docs/ledger.toml", "#another", "#the-part")
    replaced(project.root / "snippets/t/good.py", "x = 1", "x = 2")
    problems = project.build().problems
    assert any(
        ": docs/ledger.toml:2: row A1: t/good.py did not run: snippets/t/good.py:3: AssertionError" in found
        for found in problems
    )
    assert project.site() == before
