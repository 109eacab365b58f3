"""The build report: each result with its place and cost, where it came from, and what all of them add up to."""

import json
import platform
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html import unescape
from pathlib import Path

import pytest
from markdown import Markdown

from dlref.site.engine import Engine
from dlref.site.markdown import DlrefExtension, Page, Session
from dlref.site.maths import Maths
from dlref.site.snippets import Problem

HARD = "<b>Bold</b> & *stars*, &lt; {{ good.py:x }}, [@nobody2020], $x$ and [a](b.md)."
REPORT = "# B\n\n```report\ntotals\n```\n\n```report\nenvironments\n```\n\n```report\nsnippets\n```\n"
OWN = '"""It has {0}."""\n# /// script\n# dependencies = {1}\n# ///\nx = 1\nassert x == 1\nassert x\n'
LAB = '"""A lab."""\n\n# %% [markdown]\n# # Lab one\n\n# %% first\nx = 1\n\n# %% second\nassert x == 1\n'
PATHS = ["good.py", "labs/a_lab.py", "own.py", "t/cells.py", "t/hard.py"]


def prepare(project):
    project.snippet("good.py", "x = 1\nassert x == 1\nfor y in range(2):\n    assert y < 2\n")
    project.snippet("t/cells.py", "x = 2\n# %% quiet\ny = 3\n# %% loud\nassert x < y\n", claim="Two is less.")
    project.snippet("t/hard.py", "x = 1\n", claim=HARD)
    project.write("snippets/own.py", OWN.format("nothing", "[]"))
    project.write("snippets/labs/a_lab.py", LAB)
    project.page("# Home\n\n```snippet\ngood.py\n```\n\n```snippet\nown.py\n```\n")
    project.page(
        "---\ntitle: Topic & tee\n---\n\n# T\n\n```snippet\nt/hard.py\n```\n\n```snippet\nt/cells.py#loud\n```\n\n"
        "```snippet\nt/cells.py\n```\n\n```snippet\ngood.py\n```\n",
        "t/index.md",
    )
    project.page(REPORT, "report.md")


@pytest.fixture(scope="module")
def template(tmp_path_factory, request):
    """A project with a report, its site built twice: the sites, and the folder."""
    project = request.getfixturevalue("projects")(tmp_path_factory.mktemp("report"))
    prepare(project)
    first = project.good().site()
    return project.root, first, project.good().site()


@pytest.fixture
def root(template, tmp_path):
    """A copy of that project."""
    return shutil.copytree(template[0], tmp_path / "copy", symlinks=True)


@pytest.fixture
def session(root):
    """A session of the copy, on its report."""
    session = Session.at(root)
    session.page = Page("docs/report.md")
    yield session
    session.engine.close(wait=False)


def found(pattern, text):
    match = re.search(pattern, text, re.DOTALL)
    assert match, text
    return match


def convert(session, text=REPORT):
    return Markdown(extensions=[DlrefExtension(session=session)]).convert(text)


def lines(markup):
    """Return the rows of the table of snippets: the path's last part, the claim, and the text of each cell."""
    table, rows = found("<dl-report.*</dl-report>", markup)[0], {}
    for row in re.findall(r'<tr>\s*(<th [^>]*scope="row".*?)</tr>', table, re.DOTALL):
        name, claim, rest = found(r"<code>(.*?)</code>\s*<span>(.*?)</span>\s*</th>(.*)", row).groups()
        cells = re.findall(r"<td[^>]*>(.*?)</td>", rest, re.DOTALL)
        rows[name] = [unescape(re.sub(r"<[^>]*>", "", text)).strip() for text in (claim, *cells)]
    return rows


def totals(markup):
    return {name: unescape(text) for name, text in re.findall(r"<dt>(.*?)</dt>\s*<dd>(.*?)</dd>", markup)}


def test_each_row_has_the_claim_the_asserts_and_what_the_run_cost(session):
    rows = lines(convert(session))
    assert list(rows) == [path.rpartition("/")[2] for path in PATHS]
    for path in PATHS:
        result = session.engine.results[path]
        row = rows[path.rpartition("/")[2]]
        assert row[3:5] == [f"{result['cpu_seconds']:.2f}", f"{result['peak_memory'] / 2**20:.0f}"]
        assert float(row[4]) > 5
    assert [row[2] for row in rows.values()] == ["2", "1", "2", "1", "0"]
    assert [row[0] for row in rows.values()] == ["It holds.", "A lab.", "It has nothing.", "Two is less.", HARD]


def test_the_rows_stand_in_groups_that_are_summed(session):
    heads = re.findall(r'<th [^>]*scope="rowgroup"[^>]*>(.*?)</th>', convert(session))
    seconds = [session.engine.results[path]["cpu_seconds"] for path in PATHS]
    assert [re.sub(r"<[^>]*>", "|", head) for head in heads] == [
        f"Without a topic|1 · 2 asserts · {seconds[0]:.1f} s|",
        f"Labs|1 · 1 assert · {seconds[1]:.1f} s|",
        f"Without a topic|1 · 2 asserts · {seconds[2]:.1f} s|",
        f"Topic &amp; tee|2 · 1 assert · {seconds[3] + seconds[4]:.1f} s|",
    ]


def test_a_claim_is_text_and_never_markup(session):
    markup = convert(session)
    assert "<b>" not in markup
    assert "<em>" not in markup
    assert (
        "&lt;b&gt;Bold&lt;/b&gt; &amp; *stars*, &amp;lt; {{ good.py:x }}, [@nobody2020], $x$ and [a](b.md)." in markup
    )


def test_each_page_that_shows_a_snippet_is_linked_at_the_place(session):
    markup = convert(session)
    assert re.findall('href="([^"]*)"', markup) == [
        *("index.md#snippet-good", "t/index.md#snippet-good", "labs/a-lab.ipynb#cell-second", "index.md#snippet-own"),
        *("t/index.md#snippet-cells-loud", "t/index.md#snippet-hard"),
    ]
    assert [row[1] for row in lines(markup).values()] == [
        "Home, Topic & tee", "Lab one", "Home", "Topic & tee", "Topic & tee",
    ]  # fmt: skip


def test_every_link_of_a_built_report_leads_to_a_place_that_is_there(template):
    site = {name: content.decode() for name, content in template[1].items() if name.endswith(".html")}
    article = site["report/index.html"].partition("<article")[2].partition("</article>")[0]
    links = [link for link in re.findall(r'href="([^"]*)"', article) if not link.startswith("#")]
    assert len(links) == 6
    for link in links:
        page, _, anchor = link.partition("#")
        target = (Path("/report") / page / "index.html").as_posix()
        file = str(Path(target).resolve().relative_to("/"))
        assert f'id="{anchor}"' in site[file], link


def test_only_the_report_tells_a_build_that_ran_everything_from_one_that_took_it_from_the_store(template):
    _, first, second = template
    results = [{row[6] for row in lines(site["report/index.html"].decode()).values()} for site in (first, second)]
    assert results == [{"this build"}, {"the store"}]
    told = [totals(site["report/index.html"].decode())["Results"] for site in (first, second)]
    assert told == ["5 from this build", "5 from the store"]
    assert {name for name in first if first[name] != second[name]} == {"report/index.html"}
    index = json.loads(first["search/search_index.json"])["docs"]
    assert [entry["text"] for entry in index if entry["location"] == "report/"] == [""]


def test_what_runs_again_is_marked_and_the_rest_is_not(session, root):
    (root / "snippets/good.py").write_text('"""It holds."""\nx = 3\nassert x\n')
    session.renew()
    rows = lines(convert(session))
    assert {name for name, row in rows.items() if row[6] == "this build"} == {"good.py"}
    assert rows["good.py"][2] == "1"
    assert totals(convert(session))["Results"] == "1 from this build, 4 from the store"


def test_a_report_waits_for_all_that_has_no_result_yet(project):
    project.snippet("a.py", "import time\ntime.sleep(0.5)\n")
    project.show("a.py")
    session = Session.at(project.root)
    try:
        assert lines(convert(session))["a.py"][6] == "this build"
    finally:
        session.engine.close(wait=False)


def test_the_totals_are_those_of_the_rows(session):
    told, seconds = totals(convert(session)), [session.engine.results[path]["cpu_seconds"] for path in PATHS]
    assert (told["Snippets"], told["Labs"], told["Asserts"]) == ("4", "1", "6")
    assert told["Computing"] == f"{sum(seconds):.1f} s of one core"
    assert told["Built with"].startswith(f"Python {platform.python_version()}, torch 2")
    assert re.search(r", numpy \d[\w.+]+, matplotlib \d[\w.+]+$", told["Built with"])
    assert "Commit" not in told


def test_the_commit_is_named_where_git_knows_it_and_whether_files_differ(session, root):
    def git(*arguments):
        command = ["git", "-C", str(root), "-c", "user.name=A", "-c", "user.email=a@b.c", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    git("init", "--quiet")
    git("add", "docs")
    git("commit", "--quiet", "--message", "one")
    git("tag", "v1")
    commit = git("rev-parse", "--short=12", "HEAD")
    assert totals(convert(session))["Commit"] == commit
    (root / "docs/index.md").write_text("# Other\n")
    assert totals(convert(session))["Commit"] == f"{commit}, with changes"


def environments(markup):
    table = ET.fromstring(found("<table.*?</table>", markup)[0])
    return {row[0].text: [cell.text for cell in row[1:]] for row in table.iterfind("tbody/tr")}


def test_the_environments_are_listed_with_what_runs_in_them(session):
    markup, here = convert(session), platform.python_version()
    seconds = {path: session.engine.results[path]["cpu_seconds"] for path in PATHS}
    others = sum(seconds.values()) - seconds["own.py"]
    used = {name for path in PATHS for name in session.engine.results[path]["inputs"]["distributions"]}
    assert environments(markup) == {
        "the site’s": ["what the site is built with", here, str(len(used)), "4", f"{others:.1f}"],
        "no packages": ["nothing", here, "0", "1", f"{seconds['own.py']:.1f}"],
    }
    assert [row[5] for row in lines(markup).values()] == ["the site’s"] * 2 + ["no packages"] + ["the site’s"] * 2


def test_packages_that_a_result_depends_on_are_counted_once(session, root):
    session.engine.run(PATHS)
    before = {name for path in PATHS for name in session.engine.results[path]["inputs"]["distributions"]}
    for path, names in ("good.py", {"aa", "bb"}), ("t/hard.py", {"bb"}):
        session.engine.results[path]["inputs"]["distributions"] = dict.fromkeys(before | names, "1")
    assert environments(convert(session))["the site’s"][2] == str(len(before) + 2)


def test_a_snippet_whose_environment_is_not_made_is_marked_and_its_list_named(root):
    for number, listed in enumerate(['["aa==1", "both==2"]', '["bb>=1", "both==2"]', '["both==2"]'], 1):
        (root / f"snippets/t/own{number}.py").write_text(OWN.format(number, listed))
    session = Session(Engine(root, make_environments=False), Maths(root))
    markup = convert(session)
    own = {name: row[2:] for name, row in lines(markup).items() if name.startswith("own")}
    session.engine.close(wait=False)
    assert own["own1.py"] == ["2", "", "", "aa", "not executed"]
    assert own["own2.py"] == ["2", "", "", "bb", "not executed"]
    assert own["own3.py"] == ["2", "", "", "both==2", "not executed"]
    assert own["own.py"][3:] == ["no packages", "the store"]
    assert totals(markup)["Results"] == "5 from the store, 3 not executed"
    assert environments(markup)["bb"] == ["bb>=1, both==2", platform.python_version(), "0", "1", "0.0"]


def test_while_serving_a_snippet_that_failed_is_marked(session, root):
    (root / "snippets/good.py").write_text('"""It holds."""\nassert False\n')
    session.renew()
    session.gather = True
    markup = convert(session)
    assert lines(markup)["good.py"][1:] == ["Home, Topic & tee", "1", "", "", "the site’s", "failed"]
    assert totals(markup)["Results"] == "4 from the store, 1 failed"


def test_a_part_that_there_is_not_is_an_error_with_its_line(session):
    with pytest.raises(
        Problem, match=r"^docs/report.md:3: a report fence holds one of totals, environments, snippets, not 'all'"
    ):
        convert(session, "# B\n\n```report\nall\n```\n")


def test_the_table_is_one_for_readers_who_hear_it(session):
    markup = convert(session)
    whole = ET.fromstring(found("<dl-report>.*</dl-report>", markup)[0])
    frame = whole[0]
    assert (frame.get("tabindex"), frame.get("role"), frame.get("aria-label")) == ("0", "group", "Snippets and labs")
    assert frame.findtext("table/caption") == "Every snippet and lab, by topic."
    assert {head.get("scope") for head in frame.iterfind("table/thead/tr/th")} == {"col"}
    assert [head.get("abbr") for head in frame.iterfind('table/tbody/tr/th[@scope="row"]')] == list(lines(markup))
    assert "<button" not in markup  # what only a script can do comes with it


def test_pages_that_wait_for_nothing_are_rendered_before_the_report(project):
    project.snippet("a.py", "import time\ntime.sleep(2)\n")
    project.show("a.py")
    project.page("# Other\n", "z/other.md")
    project.page(REPORT, "report.md")
    project.write(
        "mkdocs.yml",
        """
        site_name: A
        plugins: [search, dlref]
        hooks: [order.py]
    """,
    )
    project.write(
        "order.py",
        """
        import json
        from pathlib import Path
        pages = []
        def on_page_content(html, page, config, files):
            pages.append(page.file.src_uri)
        def on_post_build(config):
            Path("order.json").write_text(json.dumps(pages))
    """,
    )
    project.good()
    assert json.loads((project.root / "order.json").read_text())[-1] == "report.md"
