"""The rules of prose: what they find, where, and what they let pass."""

import pytest

from dlref.site import prose
from dlref.site.markdown import Session
from dlref.site.maths import Maths

FRONT = "---\ntitle: T\ndescription: About it.\n---\n\n# T\n\n"  # seven lines


@pytest.fixture
def found(project, engine):
    """Return what the rules say of a page, as (line, message) without the page's name."""

    def found(text: str, front: str = FRONT, path: str = "index.md") -> list[tuple[int, str]]:
        project.page(front + text, path)
        engine.refresh()
        session = Session(engine, Maths(project.root))
        places = [(problem.where[0].rpartition(":"), problem.message) for problem in prose.check(session)]
        return [(int(line), message) for (name, _, line), message in places if name == f"docs/{path}"]

    return found


TYPED = [
    ("It is 0.93.", "0.93"),
    ("It is right in 97 % of cases.", "97 %"),
    ("It is right in 97.3% of cases.", "97.3%"),
    ("It is right in 97 per cent of cases.", "97 per cent"),
    ("It takes 21 seconds.", "21 seconds"),
    ("It takes 21 s and stops.", "21 s"),
    ("It takes 3ms.", "3ms"),
    ("It fills 12 GiB.", "12 GiB"),
    ("It is 21 times as fast.", "21 times"),
    ("It errs by 3e-7.", "3e-7"),
    ("It errs by −0.25.", "0.25"),
    ("| name | 0.93 |", "0.93"),
    ("## At 0.93", "0.93"),
    ("- Half is **0.51** of it.", "0.51"),
    ("    It is 0.93, in an admonition.", "0.93"),
    ("The value {{ a.py:x }} is above 0.93.", "0.93"),
    ("[It is 0.93](index.md).", "0.93"),
]


@pytest.mark.parametrize(("line", "number"), TYPED)
def test_a_typed_number_is_found_at_its_line(found, line, number):
    ((where, message),) = found(f"First.\n{line}\n")
    assert where == 9
    assert message.startswith(f"{number} is typed: a number that a run gives is a value")


ALLOWED = [
    "In 2012 there were 1,000 classes, 28 × 28 pixels and 3 layers.",
    "The 1970s, ResNet-50, GPT-4.1b, v1.2.3 and 1.9.1.",
    "It needs Python 3.12, version 2.5, release 1.24, or since 0.9; see section 4.3 and § 2.1.",
    "As [@someone2020it] found, it is 97 %.",
    "Write `0.93`, and $0.93 x$ and {{ a.py:x:.2f }}.",
    "A [link](https://example.org/0.93/v0.5) and https://example.org/1.5.",
    "<span data-x='0.93'>here</span>",
    "<!-- it was 0.93 -->",
    "It is 0.93. <!-- number: a definition -->",
    "$$\nx = 0.93\n$$",
    "```\n0.93\n```",
    "## Exercises\n\n1. What if it is 0.93?",
    "## Sources\n\n- Somebody, 0.93.",
]


@pytest.mark.parametrize("text", ALLOWED)
def test_what_is_no_result_passes(found, text):
    assert found(f"{text}\n") == []


def test_the_solution_of_an_exercise_is_prose_again(found):
    text = '## Exercises\n\n1. What if?\n\n    ??? success "Solution"\n        It is 0.93.\n'
    assert [line for line, _ in found(text)] == [13]


def test_a_number_that_stands_in_the_code_shown_went_in(project, found):
    fence = project.snippet("a.py", "rate = 0.93\nshare = 0.25\nlow = 2.5  # 0.77\nwait = 21\n# 0.55\n")
    given = "With 0.93, of 25 %, in the middle 95 %, for 21 seconds.\n"
    assert found(f"{given}\n{fence}") == []
    assert [line for line, _ in found(given)] == [8]
    assert [line for line, _ in found(f"With 0.55.\n\n{fence}")] == [8]  # a line of comment is prose


def test_captions_and_titles_are_prose(project, found):
    project.snippet("a.py", "x = 1\n")
    ((line, message),) = found('\n```snippet caption="It is 0.93."\na.py\n```\n')
    assert line == 9
    assert message.startswith("caption: 0.93 is typed")
    assert message.endswith("is cited, [@key]; others are said in words")
    assert found('```snippet caption="It is 0.93, as [@someone2020it] found."\na.py\n```\n') == []


def test_texts_for_figures_are_prose(project, found):
    fence = project.snippet("a.py", "rate = 0.25\n")
    ((line, message),) = found('\n```snippet title="A" alt="It is 0.93. | It is 0.97."\na.py\n```\n')
    assert line == 9
    assert message.startswith("alt: 0.93, 0.97 are typed: a number that a run gives is a value")
    assert message.endswith("; others are said in words")  # a comment or a citation would be read out
    assert len(found('```snippet alt="It is 0.93, as [@someone2020it] found."\na.py\n```\n')) == 1
    ((line, message),) = found(f"{fence}\n![It is 0.93](a.png)\n")
    assert (line, message[:13]) == (12, "0.93 is typed")


@pytest.mark.parametrize(
    "alt", ["{{ a.py:x:.2f }}", "{{ a.py:x:4.2 }}", "0.25", "in the middle 50 %", "in release 2.5", "0 to 10"]
)
def test_what_is_no_result_passes_in_a_text_for_a_figure(project, found, alt):
    project.snippet("a.py", "rate = 0.25\n")
    assert found(f'```snippet alt="It is {alt}."\na.py\n```\n') == []


def test_an_exemption_gives_a_reason_and_exempts_a_number(found):
    assert [line for line, _ in found("It is 0.93. <!-- number: -->\n")] == [8]
    assert found("It is so. <!-- number: a definition -->\n") == [(8, "this comment exempts no number: remove it")]


def test_several_numbers_of_a_line_are_one_problem(found):
    ((_, message),) = found("From 0.93 to 0.95, and 0.93 again.\n")
    assert message.startswith("0.93, 0.95 are typed")


@pytest.mark.parametrize("front", ["", "---\ntitle: T\n---\n", "---\ntitle: T\ndescription:\n---\n"])
def test_a_page_has_a_description(found, front):
    ((line, message),) = found("# T\n", front)
    assert line == 1
    assert "has no description" in message


def test_no_level_of_headings_is_skipped(found):
    text = "## A\n\n### B\n\n## C\n\n#### D\n\n```\n###### E\n```\n"
    assert found(text) == [(14, "skips a level: below `##` comes `###`, not `####`")]
    assert found("### A\n") == [(8, "skips a level: below `#` comes `##`, not `###`")]


@pytest.mark.parametrize("image", ["![](a.png)", "![ ](a.png)", '<img src="a.png">'])
def test_an_image_says_what_it_shows(found, image):
    ((line, message),) = found(f"{image}\n")
    assert line == 8
    assert "no alt text" in message
    assert found('![A curve](a.png) <img alt="" src="b.png"> `![](c.png)`\n') == []


DRAWS = [
    "import matplotlib.pyplot as plt\nplt.subplots()\n",
    "import matplotlib.pyplot as plt\nfor _ in range(2):\n    plt.plot([1])\n",
    "from dlref.plots import curves\ncurves({})\n",
    "from dlref.plots import curves as c\nfigure = c({})\n",
]


@pytest.mark.parametrize("code", DRAWS)
def test_a_fence_whose_snippet_draws_has_a_text_for_it(project, found, code):
    project.snippet("a.py", f"x = 1\n# %% picture\n{code}# %% more\ny = 1\n")
    ((line, message),) = found("```snippet\na.py\n```\n")
    assert (line, message) == (8, 'draws a figure and has no alt text: say what it shows, ```snippet alt="…"')
    assert len(found("```snippet\na.py#picture\n```\n")) == 1
    for fence in '```snippet alt="A."\na.py', '```snippet show="code"\na.py', "```snippet\na.py#more":
        assert found(f"{fence}\n```\n") == []


def test_a_function_that_is_only_defined_draws_nothing(project, found):
    project.snippet("a.py", "import matplotlib.pyplot as plt\ndef draw():\n    plt.plot([1])\n")
    assert found("```snippet\na.py\n```\n") == []


LEDGER = '[A1]\nstatement = "It is."\nverdict = "shown"\npage = "sums/index.md#a"\nsnippets = ["a.py"]\n'


def test_a_page_of_a_topic_ends_with_exercises_and_sources(project, found):
    project.write("docs/ledger.toml", LEDGER)
    fence = project.snippet("a.py", "x = 1\n")
    both = "\n## Exercises\n\n## Sources\n"
    for text, lacks in ((fence, [(10, "exercises"), (10, "sources")]), (f"{fence}\n## Sources\n", [(12, "exercises")]),
                        (f"{fence}\n## Exercises\n", [(12, "sources")]), (fence + both, [])):  # fmt: skip
        assert [(line, message.split()[2].strip(":")) for line, message in found(text, path="sums/more.md")] == lacks
    tabs = '=== "a"\n\n    ' + fence.replace("\n", "\n    ")
    assert found(tabs, path="sums/table.md") == []
    assert found(fence, path="other/page.md") == []


def in_lab(project, engine, text):
    """Return what the rules say of a lab, as (line, message)."""
    project.write("snippets/labs/one.py", f'"""It holds."""\n\n{text}')
    engine.refresh()
    problems = list(prose.check(Session(engine, Maths(project.root))))
    places = [(problem.where[0].rpartition(":"), problem.message) for problem in problems]
    assert {name for (name, _, _), _ in places} == {"snippets/labs/one.py"}
    return [(int(line), message) for (_, _, line), message in places]


def test_each_text_for_a_figure_of_a_lab_is_found_at_its_line(project, engine):
    text = (
        "# %% [markdown]\n# # One\n\n# %% picture\n# alt: A line at {{ x:.2f }}, from 0.25 to 0.93.\n\n"
        "# alt: A bar of 97 %.\nx = 0.25\n\n# %% more\n\n\n# alt: A dot at 0.25, far left.\n# alt: It takes 21 s.\ny = x\n"
    )
    problems = [
        (line, message.split(":")[:2]) for line, message in in_lab(project, engine, text) if " typed" in message
    ]
    assert problems == [(7, ["alt", " 0.93 is typed"]), (9, ["alt", " 97 % is typed"]), (16, ["alt", " 21 s is typed"])]


def test_a_lab_has_all_that_a_page_has_but_a_description(project, engine):
    text = (
        "# %% [markdown]\n# # One\n#\n# #### Deep\n#\n# It is 0.93.\n\n# %% picture\n"
        "import matplotlib.pyplot as plt\n\nplt.plot([1])\n"
    )
    assert sorted(line for line, _ in in_lab(project, engine, text)) == [6, 8, 11, 13, 13]
