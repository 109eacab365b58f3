"""The bibliography: what the file may say, what a page shows of it, and what is an error."""

import re
import textwrap
import xml.etree.ElementTree as ET

import pytest
from markdown import Markdown

from dlref.site import citations
from dlref.site.build import check
from dlref.site.markdown import DlrefExtension, Page, Session
from dlref.site.snippets import Problem

BIB = r"""
@inproceedings{kingma2015adam,
  author = {Kingma, Diederik P. and Ba, Jimmy},
  title = {{Adam}: A Method for Stochastic Optimization},
  booktitle = {ICLR 2015},
  year = {2015},
  eprint = {1412.6980},
}
@misc{maas2013rectifier, author = {Maas, Andrew L. and Hannun, Awni Y. and Ng, Andrew Y.}, title = {Rectifiers}, year = 2013}
@misc{zen2011a, author = {Zen, B.}, title = {Later *in* the `alphabet` & _so_}, year = 2011}
@misc{zen2011b, author = {Zen, B.}, title = {Earlier}, year = 2011}
"""


@pytest.fixture
def session(project):
    """A session of a project with a bibliography."""
    project.write("docs/bibliography.bib", BIB, dedent=False)
    project.page("# B\n\n```bibliography\n```\n", "bibliography.md")
    session = Session.at(project.root)
    session.page = Page("docs/topic/page.md", 4, "../../")
    yield session
    session.engine.close(wait=False)


@pytest.fixture
def convert(session):
    extensions = ["footnotes", "tables", "admonition", "attr_list", "pymdownx.superfences", "toc"]
    return lambda text: Markdown(extensions=[*extensions, DlrefExtension(session=session)]).convert(
        textwrap.dedent(text)
    )


def text(markup):
    return re.sub(r"\s+", " ", re.sub("<[^>]*>", "", markup)).strip()


ADAM = '<a href="../bibliography.md#kingma2015adam">Kingma and Ba (2015)</a>'


@pytest.mark.parametrize(("source", "shown"), [
    ("See [@kingma2015adam].", "See Kingma and Ba (2015)."),
    ("See [@maas2013rectifier] there.", "See Maas et al. (2013) there."),
    ("[@zen2011a] and [@zen2011b]", "Zen (2011b) and Zen (2011a)"),
    ("[@kingma2015adam; @maas2013rectifier]", "Kingma and Ba (2015) and Maas et al. (2013)"),
    ("[@kingma2015adam;@zen2011a ; @maas2013rectifier]", "Kingma and Ba (2015), Zen (2011b) and Maas et al. (2013)"),
    ("**[@kingma2015adam]**", "Kingma and Ba (2015)"),
    ("# Of [@kingma2015adam]", "Of Kingma and Ba (2015)"),
    ("| a |\n|---|\n| [@kingma2015adam] |", "a Kingma and Ba (2015)"),
    ("!!! note\n\n    [@kingma2015adam] did.", "Note Kingma and Ba (2015) did."),
    ("- By [@kingma2015adam]: they did.", "By Kingma and Ba (2015): they did."),
    ("- [@kingma2015adam] did it.", "Kingma and Ba (2015) did it."),
    ("- [@zen2011a; @zen2011b]: two.", "Zen (2011b) and Zen (2011a): two."),
    ("[@kingma2015adam]: gates", "Kingma and Ba (2015): gates"),
])  # fmt: skip
def test_running_text_names_authors_and_year_and_links_them(source, shown, convert):
    markup = convert(source)
    assert text(markup) == shown
    assert markup.count('<a href="../bibliography.md#') == source.count("@")
    assert ("@kingma2015adam" not in source) or ADAM in markup


@pytest.mark.parametrize("source", [
    "`[@kingma2015adam]`", "``a [@nope]``", "```text\n[@nope]\n```", "a\n\n    [@nope]", "~~~\n- [@nope]: x\n~~~", r"\[@nope]", "[@nope](https://x.org)",
    "A [@someone][] b", "me@nope.org and <me@nope.org>", "[me@nope.org]", "A note[^1].\n\n[^1]: b@nope",
    "```python\n@decorator\ndef f(): ...\n```", "[ @nope ]", "[@ nope]", "[@]",
])  # fmt: skip
def test_what_is_no_citation_is_left_alone(source, convert):
    markup = convert(source)
    assert "dl-cite" not in markup
    assert "dl-reference" not in markup
    assert "bibliography" not in markup


@pytest.mark.parametrize(("source", "tail"), [
    ("- [@kingma2015adam]", "."), ("- [@kingma2015adam].", "."), ("- [@kingma2015adam]: the steps.", ": the steps."), ("- [@kingma2015adam]: gates", ": gates"),
    ("1. [@kingma2015adam], section 2", ", section 2"), ("- a\n\n- [@kingma2015adam]: the *steps*.\n\n- b", ": the <em>steps</em>."), ("* [@kingma2015adam]\n    - inner", "."),
])  # fmt: skip
def test_a_list_item_that_begins_with_a_citation_shows_the_full_reference(source, tail, convert):
    reference = (
        '<span class="dl-reference">D. P. Kingma, J. Ba, <cite>Adam: A Method for Stochastic Optimization</cite>, '
        f'ICLR 2015, <a href="https://arxiv.org/abs/1412.6980">arXiv 1412.6980</a></span>{tail}'
    )
    assert reference in convert(source)


def test_a_title_is_text_and_never_markup(convert):
    assert "<cite>Later *in* the `alphabet` &amp; _so_</cite>" in convert("- [@zen2011a]")


def test_a_caption_links_from_where_its_page_will_be(convert, project, session):
    project.snippet("a.py", "print(1)\n")
    session.engine.refresh()
    markup = convert('```snippet caption="After [@kingma2015adam]."\na.py\n```')
    assert 'After <span class="dl-cite"><a href="../../bibliography/#kingma2015adam">' in markup


def test_an_unknown_key_is_a_problem_at_its_line_with_what_comes_near(convert):
    with pytest.raises(
        Problem,
        match=r"^docs/topic/page.md:7: no work 'kingma2015adm' in docs/bibliography.bib; there are kingma2015adam$",
    ):
        convert("a\n\nSee [@kingma2015adm].")
    with pytest.raises(Problem, match=r"^docs/topic/page.md:5: no work 'x' in docs/bibliography.bib$"):
        convert("- [@x]: note")


def test_a_session_that_gathers_shows_the_problem_and_goes_on(convert, session):
    session.gather = True
    markup = convert("See [@nope].\n\nSee [@kingma2015adam].")
    assert 'class="dl-error" role="alert"' in markup
    assert ADAM in markup
    assert [str(problem) for problem in session.problems] == [
        "docs/topic/page.md:5: no work 'nope' in docs/bibliography.bib"
    ]


# --- what the file says -----------------------------------------------------------------------------


def read(tmp_path, entries):
    file = tmp_path / "docs" / "b.bib"
    file.parent.mkdir(exist_ok=True)
    file.write_text(entries, encoding="utf-8")
    return citations.read(file)


def reference(tmp_path, entry):
    found = read(tmp_path, "@misc{k, " + entry + "}")
    assert found.problems == []
    return "".join(ET.tostring(found.works["k"].element(), "unicode", "text"))


@pytest.mark.parametrize(("authors", "label", "full"), [
    ("Ba, Jimmy", "Ba", "J. Ba"), ("Jimmy Lei Ba", "Ba", "J. L. Ba"), ("A, B. and C, D.", "A and C", "B. A, D. C"), ("A, B. and C, D. and E, F.", "A et al.", "B. A, D. C, F. E"),
    ("A, B. and others", "A et al.", "B. A et al."), ("van der Maaten, Laurens", "van der Maaten", "L. van der Maaten"), ("M{\\\"u}ller, Klaus-Robert", "Müller", "K.-R. Müller"),
    ("Bolte, J{\\'e}r{\\^o}me", "Bolte", "J. Bolte"), ("{\\O}rsted, {\\AA}ke", "Ørsted", "Å. Ørsted"), ("Erdős, Pál", "Erdős", "P. Erdős"), ("{DeepMind Team}", "DeepMind Team", "DeepMind Team"),
    (" and ".join(f"N{n}, A." for n in range(12)), "N0 et al.", "A. N0, A. N1, A. N2 et al."), ("King, Jr., Martin", "King Jr.", "M. King Jr."),
])  # fmt: skip
def test_authors_are_named(authors, label, full, tmp_path):
    found = read(tmp_path, "@misc{k, author = {%s}, title = {T}, year = 2000}" % authors)  # noqa: UP031
    assert found.problems == []
    assert found.works["k"].label == f"{label} (2000)"
    assert "".join(ET.tostring(found.works["k"].element(), "unicode", "text")) == f"{full}, T, 2000"


@pytest.mark.parametrize(("fields", "shown"), [
    ("journal = {Nature}, volume = 323, number = 6, pages = {533--536}", "A. B, T, Nature 323(6), 533–536, 1986"), ("journal = {Nature}, volume = 323", "A. B, T, Nature 323, 1986"),
    ("booktitle = {NIPS 1986}", "A. B, T, NIPS 1986"), ("publisher = {MIT Press}", "A. B, T, MIT Press, 1986"), ("", "A. B, T, 1986"), ("pages = {3}", "A. B, T, 3, 1986"),
    ("doi = {10.1038/323533a0}", "A. B, T, 1986, doi 10.1038/323533a0"), ("url = {https://www.x.org/a_b%20c}", "A. B, T, 1986, x.org"), ("eprint = {cs/0112017}", "A. B, T, 1986, arXiv cs/0112017"),
    ("eprint = {1706.04599}, doi = {10.1000/x}", "A. B, T, 1986, arXiv 1706.04599, doi 10.1000/x"),
])  # fmt: skip
def test_a_reference_says_where_the_work_appeared(fields, shown, tmp_path):
    assert reference(tmp_path, "author = {B, A.}, title = {T}, year = 1986, " + fields) == shown


@pytest.mark.parametrize(("entries", "problem"), [
    ("@misc{a, author={B}, title={T}, year=1}\n", "1: a: year = '1' is not four digits"),
    ("\n@misc{a, author={B}, title={T}}", "2: a: has no year"), ("@misc{a, title={T}}", "1: a: has no author and no year"), ("@misc{a, author={B}, year=2000}", "1: a: has no title"),
    ("\n\n@misc{a, author={B}, title={T}, year=2000\n", "4: is no BibTeX: premature end of file"), ("@misc{a, author={B},\n title={T}\n year=2000}", "3: is no BibTeX: '}' expected"),
    ("@misc{a, author={B}, title=foo, year=2000}", "1: is no BibTeX: undefined string"), ("@misc{a, author={B}, title={T}, year=2000}\n\n@misc{a, author={C}, title={U}, year=2001}", "3: another work has the key 'a'"),
    ("@misc{a, author={B}, title={\\emph{T}}, year=2000}", "1: a: '\\\\emph' in '\\\\emph{T}' is LaTeX that is not understood"), ("@misc{a, author={B}, title={$x$}, year=2000}", "1: a: '$x$' in '$x$' is LaTeX"),
    ("@misc{a, author={B}, title={T}, year=2000, eprint={arXiv:1}}", "1: a: eprint = 'arXiv:1' is not an arXiv number"), ("@misc{a, author={B}, title={T}, year=2000, doi={https://doi.org/10.1/x}}", "1: a: doi = "),
    ("@misc{a, author={B}, title={T}, year=2000, url={x.org}}", "1: a: url = 'x.org' is not an address"),
])  # fmt: skip
def test_what_is_wrong_with_the_file_is_said_with_its_line(entries, problem, tmp_path):
    problems = [str(found) for found in read(tmp_path, entries).problems]
    assert any(found.startswith(f"docs/b.bib:{problem}") for found in problems), problems


def test_a_file_that_is_wrong_is_the_problem_of_its_citations_too(project, convert, session):
    project.write("docs/bibliography.bib", "@misc{a, title=}\n")
    with pytest.raises(Problem, match=r"^docs/topic/page.md:5: docs/bibliography.bib:1: is no BibTeX"):
        convert("See [@a].")


# --- the list, and the whole project ------------------------------------------------------------------


def test_the_list_is_sorted_and_says_where_each_work_is_cited(project, session, convert):
    project.page("---\ntitle: The one\n---\n\n# Other\n\n[@zen2011a] and `[@zen2011b]`\n", "one.md")
    project.page("# Two\n\n- a\n\n    [@zen2011a; @kingma2015adam]\n\n```text\n[@zen2011b]\n```\n", "t/two.md")
    session.page = Page("docs/bibliography.md")
    markup = convert("# B\n\n```bibliography\n```\n")
    assert re.findall(r'<li id="([^"]*)">', markup) == ["kingma2015adam", "maas2013rectifier", "zen2011b", "zen2011a"]
    items = markup.split("<li ")
    assert '<small>Cited on <a href="t/two.md">Two</a>.</small>' in items[1]
    assert '<small>Cited on <a href="one.md">The one</a>, <a href="t/two.md">Two</a>.</small>' in items[4]
    assert "2011 (a)" in text(items[3])


def wrong(session):
    return [str(problem) for problem in check(session)[0]]


def test_what_can_be_seen_without_executing_is_checked(project, session):
    project.page(
        "# One\n\n[@zen2011a; @zen2011b; @kingma2015adam] [@nope] `[@code]` \\[@escaped]\n\n    [@indented]\n", "one.md"
    )
    assert wrong(session) == [
        "docs/one.md:3: no work 'nope' in docs/bibliography.bib",
        "docs/bibliography.bib:9: maas2013rectifier is cited on no page",
    ]
    session.renew()
    project.page('# Two\n\n```snippet caption="By [@maas2013rectifier]"\na.py\n```\n', "two.md")
    project.page("# B\n", "bibliography.md")
    project.snippet("a.py", "x = 1\n")
    session.renew()
    assert wrong(session)[1:] == [
        "docs/bibliography.bib: expected docs/bibliography.md with a ```bibliography fence: citations lead there"
    ]


def test_a_site_is_built_with_its_bibliography_or_not_at_all(project):
    project.write("docs/bibliography.bib", BIB, dedent=False)
    project.page("# Home\n\n[@zen2011a; @zen2011b; @kingma2015adam]\n\n## Sources\n\n- [@maas2013rectifier]: all.\n")
    project.page("# B\n\n```bibliography\n```\n", "bibliography.md")
    project.good()
    assert '<a href="bibliography/#kingma2015adam">Kingma and Ba (2015)</a>' in project.html()
    assert '<a href="../">Home</a>' in project.html("bibliography/index.html")
    before = project.site()
    project.page("# Home\n\n[@zen2011a; @zen2011b; @kingma2015adam] [@zen2011c]\n")
    assert project.build().problems == [
        "docs/bibliography.bib:9: maas2013rectifier is cited on no page",
        "docs/index.md:3: no work 'zen2011c' in docs/bibliography.bib; there are zen2011b, zen2011a",
    ]
    assert project.site() == before
