"""What a page may say, and where on it."""

import html
import re

import pytest
from markdown import Markdown

from dlref.site.markdown import DlrefExtension, Session, parse, references
from dlref.site.snippets import Problem

CODE = "x = 0.125\nword = 'deep'\nprint('out', x)\n# %% draw\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
EXTENSIONS = [
    "admonition",
    "tables",
    "toc",
    "pymdownx.details",
    "pymdownx.superfences",
    "pymdownx.highlight",
    "pymdownx.tabbed",
    "attr_list",
    "md_in_html",
    "footnotes",
]
FENCE = "```snippet\na.py#first\n```"


@pytest.fixture(scope="module")
def root(tmp_path_factory, request):
    """A project with one snippet that has run, for pages that are converted in this process."""
    project = request.getfixturevalue("projects")(tmp_path_factory.mktemp("markdown"))
    project.snippet("a.py", "# %% first\n" + CODE)
    project.snippet("t/bad.py", "1 / 0\n")
    assert project.run().problems == ["snippets/t/bad.py:2: ZeroDivisionError: division by zero"]
    return project.root


@pytest.fixture
def session(root):
    """A session that raises the first problem."""
    session = Session.at(root)
    yield session
    session.engine.close(wait=False)


@pytest.fixture
def convert(session):
    """Convert Markdown with our extension alone, without MkDocs."""
    return Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)]).convert


def values(markup):
    return re.findall(r'<data class="dl-value" value="[^"]*">(.*?)</data>', markup)


# --- fences in their surroundings ---------------------------------------------------------------


def indent(text, by="    "):
    return "\n".join(by + line if line else by.rstrip() for line in text.split("\n"))


SURROUNDINGS = {
    "alone": (FENCE, None),
    "between_text": (f"before\n{FENCE}\nafter", None),
    "after_a_heading": (f"# Heading\n{FENCE}", None),
    "in_a_list": (f"- item\n\n{indent(FENCE)}\n\n- next", "li"),
    "in_a_list_at_once": (f"- item\n{indent(FENCE)}\n- next", "li"),
    "in_a_numbered_list": (f"1. item\n\n{indent(FENCE)}\n\n2. next", "li"),
    "in_a_list_in_a_list": (f"- a\n\n    - b\n\n{indent(FENCE, '        ')}\n", "li"),
    "in_an_admonition": (f'!!! note "Title"\n\n{indent(FENCE)}\n', "div"),
    "in_an_admonition_at_once": (f"!!! note\n{indent(FENCE)}\n", "div"),
    "in_details": (f'??? success "Solution"\n\n{indent(FENCE)}\n', "details"),
    "in_open_details": (
        f'???+ success "Solution"\n\n{indent("text")}\n\n{indent(FENCE)}\n\n{indent("text")}\n',
        "details",
    ),
    "in_tabs": (f'=== "One"\n\n{indent(FENCE)}\n\n=== "Two"\n\n    text\n', "div"),
    "in_tabs_in_an_admonition": (f'!!! note\n\n    === "One"\n\n{indent(FENCE, "        ")}\n', "div"),
    "in_details_in_a_list": (f'- item\n\n    ??? note "T"\n\n{indent(FENCE, "        ")}\n', "details"),
    "in_a_quote": (f"> text\n>\n{indent(FENCE, '> ')}\n", "blockquote"),
    "in_a_quote_at_once": (indent(FENCE, "> "), "blockquote"),
    "with_tildes": (FENCE.replace("```", "~~~"), None),
    "with_more_ticks": (FENCE.replace("```", "`````"), None),
    "with_tabs": ("-\titem\n\n\t```snippet\n\ta.py#first\n\t```\n", "li"),
    "with_blank_lines_inside": ("```snippet\n\n  a.py#first\n\n```", None),
    "with_a_space": ("``` snippet\na.py#first\n```", None),
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_fence_works(name, convert):
    text, parent = SURROUNDINGS[name]
    markup = convert(text)
    assert markup.count('<div class="dl-snippet"') == 1
    assert "<samp>out 0.125</samp>" in markup
    assert "```" not in markup
    assert "~~~" not in markup
    assert "a.py#first" not in markup
    assert not re.search(r"<p>\s*<div", markup)
    if parent:
        inside = markup.partition('<div class="dl-snippet"')[0]
        assert len(re.findall(rf"<{parent}\b", inside)) > len(re.findall(rf"</{parent}>", inside))
    for wrapper in "ul", "ol", "blockquote":
        assert markup.count(f"<{wrapper}") == markup.count(f"</{wrapper}>") <= 2
    if "next" in text:
        assert markup.count("<ul") + markup.count("<ol") == 1


@pytest.mark.parametrize("name", [name for name in SURROUNDINGS if name != "with_blank_lines_inside"])
def test_a_fence_that_fails_is_found_at_its_line(name, convert):
    text, _ = SURROUNDINGS[name]
    broken = text.replace("a.py#first", "t/bad.py").replace("\r\n", "\n")
    line = next(n for n, line in enumerate(broken.split("\n"), 1) if "snippet" in line)
    with pytest.raises(Problem, match=rf"^page:{line}: snippets/t/bad.py:2: ZeroDivisionError"):
        convert(broken)


def test_text_around_a_fence_stays(convert):
    markup = convert(f"before\n{FENCE}\nafter\n\n{FENCE}\n\n- a\n\n{indent(FENCE)}\n\n    more of a\n\n- b\n")
    assert markup.startswith("<p>before</p>")
    assert "<p>after</p>" in markup
    assert markup.count('<div class="dl-snippet"') == 3
    assert "<p>more of a</p>" in markup
    assert markup.count("<ul>") == 1


EXAMPLES = {
    "in_a_longer_fence": "````markdown\n```snippet\nnope.py\n```\n\n{{ nope.py:x }}\n````",
    "in_a_fence_of_tildes": "~~~text\n```snippet\nnope.py\n```\n~~~",
    "in_a_longer_fence_in_a_list": "- a\n\n    ````markdown\n    ```snippet\n    nope.py\n    ```\n    ````",
    "in_a_span": "a `` ```snippet `` b",
    "in_another_fence": "```text\nsnippet\nnope.py\n{{ nope.py:x }}\n```",
    "of_another_language": "```python\nprint('{{ nope.py:x }}')\n```",
    "of_a_longer_word": "```snippets\nnope.py\n```",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_a_fence_is_left_alone(name, convert):
    markup = convert(EXAMPLES[name])
    assert "dl-snippet" not in markup
    assert re.search("<code", markup)
    assert ("snippet" in markup) == (name not in ("of_another_language", "of_a_longer_word"))


def test_a_fence_after_an_example_works(convert):
    markup = convert(f"````markdown\n```snippet\nnope.py\n```\n````\n\n{FENCE}\n")
    assert markup.count('<div class="dl-snippet"') == 1
    assert "nope.py" in markup


# --- what a fence says ----------------------------------------------------------------------------


def fences(text):
    found, _, problems = parse(text.split("\n"), "p.md")
    assert problems == []
    return found


def test_the_options_of_a_fence_are_read():
    [fence] = fences(
        '  ```snippet title="A \\"b\\" | c" alt="It\'s 1 | 2" lines="3 5-7" show=output caption=\'**x** $y$\'\n  t/a.py#cell\n  ```'
    )
    assert (fence.path, fence.cell, fence.first, fence.last, fence.indent) == ("t/a.py", "cell", 0, 3, "  ")
    assert fence.options == {
        "title": 'A "b" | c',
        "alt": "It's 1 | 2",
        "lines": "3 5-7",
        "show": "output",
        "caption": "**x** $y$",
    }


@pytest.mark.parametrize("title", ["A # b", "{{ a.py:x }}", "a=b", "x\\\\y", "naïve 模型", "[c](d)", "$x$"])
def test_an_option_may_hold_any_text(title):
    [fence] = fences(f'```snippet title="{title}"\na.py\n```')
    assert fence.options["title"] == title.replace("\\\\", "\\")


def test_inline_values_are_found_outside_code_only():
    lines = [
        "a {{ b.py:x }} `{{ c.py:x }}` {{d.py:x:.2f}}",
        "",
        "```",
        "{{ e.py:x }}",
        "```",
        "``a `{{ f.py:x }}` b`` {{ g.py:x }}",
    ]
    _, prose, _ = parse(lines, "p.md")
    assert list(references(prose)) == [(0, "b.py:x"), (0, "d.py:x:.2f"), (5, "g.py:x")]


def test_title_alt_and_caption_may_hold_values(convert):
    markup = convert(
        '```snippet title="x is {{ a.py:x:.2f }}" alt="A {{ a.py:word }} line." caption="**So** {{ a.py:x }} and `{{ a.py:x }}`."\na.py#draw\n```'
    )
    assert '<span class="dl-snippet__title">x is 0.12</span>' in markup
    assert 'aria-label="A deep line."' in markup
    assert (
        '<figcaption><strong>So</strong> <data class="dl-value" value="0.125">0.125</data> and <code>{{ a.py:x }}</code>.</figcaption>'
        in markup
    )


# --- inline values --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "It is {{ a.py:x }}.", "It is {{a.py:x}}.", "**{{ a.py:x }}**", "# Heading {{ a.py:x }}", "- {{ a.py:x }}", "> {{ a.py:x }}", "[{{ a.py:x }}](#x)",
        "| a |\n|---|\n| {{ a.py:x }} |", '!!! note "Is {{ a.py:x }}"\n\n    text', "!!! note\n\n    is {{ a.py:x }}", '??? note "T"\n\n    is {{ a.py:x }}',
        '=== "T"\n\n    is {{ a.py:x }}', '<div markdown="1">\n\nis {{ a.py:x }}\n\n</div>', "A note.[^1]\n\n[^1]: It is {{ a.py:x }}.", "_{{ a.py:x }}_ text",
        "<b>{{ a.py:x }}</b>", "- a\n\n    is {{ a.py:x }}", "\\*{{ a.py:x }}", "is\n{{ a.py:x }}\nhere",
    ],
)  # fmt: skip
def test_a_value_appears(text, convert):
    assert values(convert(text)) == ["0.125"]


@pytest.mark.parametrize("text", [
    "`{{ a.py:x }}`", "``{{ a.py:x }}``", "    {{ a.py:x }}", "```\n{{ a.py:x }}\n```", "```python\n{{ a.py:x }}\n```", "- a\n\n    ```\n    {{ a.py:x }}\n    ```",
    "a `b {{ a.py:x }} c` d", "!!! note\n\n        {{ a.py:x }}",
])  # fmt: skip
def test_a_value_in_code_is_left_alone(text, convert):
    markup = convert(text)
    assert values(markup) == []
    assert "{{ a.py:x }}" in html.unescape(re.sub("<[^>]*>", "", markup))


@pytest.mark.parametrize(("reference", "expected"), [
    ("a.py:x", "0.125"), ("a.py:x:.1f", "0.1"), ("a.py:x:.1%", "12.5%"), ("a.py:word", "deep"), ("a.py:word:>6", "deep"), ("a.py:x:+.3e", "+1.250e-01"), ("a.py:x:*^9", "**0.125**"),
])  # fmt: skip
def test_a_value_is_formatted(reference, expected, convert):
    assert [found.strip() for found in values(convert(f"It is {{{{ {reference} }}}}!"))] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "{{ x }}",
        "{{ a.py }}",
        "{{ a.py: }}",
        "{{ a.py:x-y }}",
        "{{ a.py:x() }}",
        "{{ a.py:_x }}",
        "{{}}",
        "{{ a.txt:x }}",
        "{{ a.py#first:x }}",
    ],
)
def test_what_is_no_reference_is_a_problem(text, convert):
    with pytest.raises(Problem, match=r"^page:1: .*(is no inline value|leaves snippets/)"):
        convert(text)


def test_braces_of_other_kinds_are_text(convert):
    assert convert("a { b } {c} {{{ d } }").count("{") == 5


@pytest.mark.parametrize(
    "text",
    [
        "<div>\n{{ a.py:nope }}\n</div>",
        "a\n\n<p>{{ a.py:x }}</p>",
        "<pre>{{ a.py:x }}</pre>",
        '<img alt="{{ a.py:nope }}" src="x">\n',
    ],
)
def test_a_value_where_none_can_be_is_a_problem(text, convert):
    with pytest.raises(Problem, match=r"^page:\d: "):
        convert(text)


def test_a_title_with_a_value_is_the_title_everywhere(built):
    built.write("snippets/t.py", 'text = "R&D <b> **x**"\n')
    built.page(
        "# Of {{ t.py:text }}\n\n## Part {{ good.py:total }}\n\n```snippet\ngood.py\n```\n\n```snippet\nt.py\n```\n",
        "more.md",
    )
    built.good()
    page = (built.root / "site" / "more" / "index.html").read_text()
    assert "Of R&D <b> **x**" in html.unescape(page.partition("<title>")[2].partition("</title>")[0])
    assert ">R&amp;D &lt;b&gt; **x**</data></h1>" in page.replace(
        '<a class="headerlink" href="#of-rd-b-x" title="Permanent link">&para;</a>', ""
    )
    assert re.search(r'<a href="#part-2"[^>]*>\s*<span class="md-ellipsis">\s*Part 2\s*</span>', page)


def test_a_table_stands_in_a_frame_that_the_keyboard_can_scroll(convert):
    table = "| a |\n|---|\n| b |\n"
    markup = convert(f"before\n\n{table}\nafter\n\n- item\n\n{indent(table)}\n")
    frame = '<div aria-label="Table" class="dl-table" role="group" tabindex="0">\n<table>'
    assert markup.count(frame) == markup.count("<table>") == 2
    assert markup.count("</table>\n</div>") == 2
    assert "<p>after</p>" in markup


# --- without MkDocs -------------------------------------------------------------------------------


def test_any_generator_that_runs_python_markdown_publishes_the_same(project):
    project.snippet("a.py", "x = 3\nprint('made now')\n")
    md = Markdown(
        extensions=["dlref.site.markdown"], extension_configs={"dlref.site.markdown": {"root": str(project.root)}}
    )
    markup = md.convert("```snippet\na.py\n```\n\n{{ a.py:x }}")
    assert "<samp>made now</samp>" in markup
    assert values(markup) == ["3"]


def test_without_a_session_that_gathers_the_first_problem_is_raised(convert):
    with pytest.raises(Problem, match=r"^page:3: snippets/t/bad.py:2: ZeroDivisionError: division by zero"):
        convert("text\n\n```snippet\nt/bad.py\n```\n\n{{ a.py:nope }}\n")


def test_a_session_that_gathers_shows_each_problem_in_its_place_and_goes_on(convert, session):
    session.gather = True
    markup = convert(
        "# T\n\n```snippet\nt/bad.py\n```\n\nis {{ a.py:nope }} <b>\n\n$\\nope$\n\n```snippet x=1\na.py\n```\n\n"
        + FENCE
    )
    assert markup.count('class="dl-error" role="alert"') == 3
    assert "docs/index" not in markup
    assert "page:3: snippets/t/bad.py:2: ZeroDivisionError: division by zero" in markup
    assert markup.count('<div class="dl-snippet"') == 1
    assert [str(problem).partition(": ")[0] for problem in session.problems] == [
        "page:11",
        "page:3",
        "page:7",
        "page:9",
    ]


def test_an_error_on_a_page_is_text(project):
    project.snippet("a.py", "raise ValueError('<script>alert(1)</script> & **x**')\n")
    session = Session.at(project.root)
    session.gather = True
    try:
        markup = Markdown(extensions=[DlrefExtension(session=session)]).convert("```snippet\na.py\n```\n")
    finally:
        session.engine.close()
    assert "ValueError: &lt;script>alert(1)&lt;/script> &amp; **x**" in markup
