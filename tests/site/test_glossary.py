"""The glossary: what its page may say, and which words of the other pages it marks."""

import re

import pytest
from markdown import Markdown

from dlref.site import glossary
from dlref.site.build import check
from dlref.site.markdown import DlrefExtension, Page, Session
from dlref.site.snippets import Problem

GLOSSARY = """---
title: Glossary
---

# Glossary

## A

Activation function {activation}
:   What bends
    a *layer*.
    See [Home](index.md).

Adam
:   An optimiser.

## G

Gradient
:   The derivatives of the loss.

Gradient descent
:   Steps along the [gradient](#gradient). See [Home](index.md) and [Home](index.md).

Loss {losses}
:   A `number`.

LSTM (long short-term memory)
:   A layer with gates.

ReLU
:   The kink.

Theory {theories}
:   What is not practice.
""".replace(" {theories}", "")
EXTENSIONS = [
    "footnotes",
    "tables",
    "admonition",
    "attr_list",
    "def_list",
    "md_in_html",
    "pymdownx.superfences",
    "pymdownx.details",
    "toc",
]


@pytest.fixture
def session(project):
    """A session of a project with a glossary, on another page."""
    project.page(GLOSSARY, "glossary.md")
    session = Session.at(project.root)
    session.page = Page("docs/t/page.md", 0, "../../")
    yield session
    session.engine.close(wait=False)


@pytest.fixture
def convert(session):
    return lambda text: Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)]).convert(text)


def marked(markup):
    """Return the words that are marked, in order."""
    return re.findall(r'<dl-term><a aria-describedby="[^"]*" href="[^"]*">(.*?)</a>', markup, re.DOTALL)


@pytest.mark.parametrize(("text", "words"), [
    ("An activation function bends.", ["activation function"]), ("Activation functions bend.", ["Activation functions"]), ("An activation.", ["activation"]),
    ("gradient descent", ["gradient descent"]), ("the gradient of gradient descent", ["gradient", "gradient descent"]), ("gradient\ndescent", ["gradient\ndescent"]),
    ("gradients, Gradients", ["gradients"]), ("LSTMs and a long short-term memory", ["LSTMs"]), ("long short-term memories", ["long short-term memories"]), ("lstm", []), ("relu ReLU", ["ReLU"]),
    ("losses and loss", ["losses"]), ("theories", ["theories"]), ("lossless, no-loss, loss-free, loss_1", []), ("Adam's loss!", ["Adam", "loss"]), ("**loss** and *gradient*", ["loss", "gradient"]),
    ("- loss\n- gradient", ["loss", "gradient"]), ("!!! note\n\n    The loss.", ["loss"]), ('??? note "T"\n\n    The loss.', ["loss"]), ("> loss", ["loss"]), ("loss  \nloss", ["loss"]),
    ("A[^1].\n\n[^1]: The loss.", []), ("a < b & loss", ["loss"]), ("activation & activation function", ["activation"]),
    ("<b>loss</b> <kbd>gradient</kbd> gradient", ["loss", "gradient"]), ("a <br> loss <i>Adam</i>", ["loss", "Adam"]),
])  # fmt: skip
def test_the_first_place_of_each_term_is_marked(text, words, convert):
    assert marked(convert(text)) == words


@pytest.mark.parametrize("text", [
    "# Loss", "### The loss {#x}", "`loss`", "    loss", "```text\nloss\n```", "[loss](https://x.org)", "[the **loss**](https://x.org)", "| loss |\n|---|\n| loss |", '!!! note "Loss"\n\n    x',
    '??? note "Loss"\n\n    x', "$loss$", "$$loss$$", '<p>loss</p>', '<img alt="loss" src="x">', '![loss](x.png)', "<https://loss.org>", "<button>loss</button>", "<kbd>loss</kbd>", 'a <a href="x">the loss</a> b', "a <code>loss <b>loss</b> loss</code>",
])  # fmt: skip
def test_terms_elsewhere_than_in_running_text_are_left_alone(text, convert):
    assert marked(convert(text)) == []


def test_what_a_fence_shows_is_left_alone(project, session, convert):
    project.snippet("a.py", "print('loss')  # loss\n", claim="The loss.")
    session.engine.refresh()
    markup = convert('```snippet title="Loss" caption="The loss."\na.py\n```\n\nThe loss.')
    assert marked(markup) == ["loss"]
    assert marked(markup.rpartition("<p>")[2]) == ["loss"]


def test_a_mark_links_its_entry_and_holds_its_meaning(convert):
    assert convert("Use gradient descent. An activation.") == (
        '<p>Use <dl-term><a aria-describedby="term-gradient-descent" href="../glossary.md#gradient-descent">gradient descent</a>'
        '<span data-search-exclude="" id="term-gradient-descent" role="tooltip">Steps along the gradient.</span></dl-term>. An '
        '<dl-term><a aria-describedby="term-activation-function" href="../glossary.md#activation-function">activation</a>'
        '<span data-search-exclude="" id="term-activation-function" role="tooltip">What bends a layer.</span></dl-term>.</p>'
    )


def test_the_text_of_a_page_stays_as_it_was(project, session, convert):
    text = "Loss, *the gradient* of `loss` in Adam & co.\nThen **Adam** and loss: gradient descent.\n\n- LSTM [x](y.md) ReLU\n"
    with_terms = convert(text)
    (project.root / "docs" / "glossary.md").unlink()
    session.renew()
    without = convert(text)
    assert "dl-term" not in without
    assert (
        re.sub(r"</?dl-term>|<a aria-describedby[^>]*>(.*?)</a>|<span data-search-exclude.*?</span>", r"\1", with_terms)
        == without
    )


def test_the_glossarys_own_page_has_an_anchor_at_each_term_and_no_marks(session, convert):
    session.page = Page("docs/glossary.md", 4)
    markup = convert(GLOSSARY.partition("---\n\n")[2])
    assert marked(markup) == []
    assert '<dt><dfn id="activation-function">Activation function</dfn></dt>' in markup
    assert '<dt><dfn id="lstm">LSTM (long short-term memory)</dfn></dt>' in markup
    assert len(re.findall("<dfn ", markup)) == len(session.glossary.terms) == 8
    assert "{" not in markup


@pytest.mark.parametrize(("old", "new", "problem"), [
    ("Adam\n", "Zen\n", "19: Gradient stands too late: the terms are sorted"), ("Adam\n", "Gradient\n", "19: 'Gradient' names Gradient as well as Gradient"),
    ("ReLU\n", "ReLU {gradients}\n", "31: 'gradients' names Gradient as well as ReLU"), ("An optimiser.", "An optimiser", "14: Adam: the definition is a sentence"),
    ("An optimiser.", "An $x$.", "14: Adam: the definition is a sentence"), ("An optimiser.", "See [Home](index.md).", "14: Adam: the definition is a sentence"),
    ("An optimiser.", "{{ a.py:x }}.", "14: Adam: the definition is a sentence"),
])  # fmt: skip
def test_what_is_wrong_with_the_glossary_is_said_with_its_line(old, new, problem, project, session, convert):
    project.page(GLOSSARY.replace(old, new, 1), "glossary.md")
    assert any(str(found).startswith(f"docs/glossary.md:{problem}") for found in check(session)[0])
    session.page = Page("docs/glossary.md", 4)
    with pytest.raises(Problem, match=r"^docs/glossary.md:"):
        convert(GLOSSARY.replace(old, new, 1).partition("---\n\n")[2])


def test_a_page_is_searched_for_terms_once_whatever_their_number():
    names = [f"Term {chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(400)]
    lines = [line for name in names for line in (name, ":   It is.", "")]
    found = glossary.read("g.md", lines)
    assert found.problems == []
    text = " ".join(["word"] * 5000 + ["term pj"])
    assert [term.name for _, _, term in found.find(text)] == ["Term pj"]


def test_the_search_finds_the_words_and_not_the_meanings(project):
    project.page(GLOSSARY, "glossary.md")
    project.page("# Home\n\nUse gradient descent here.\n")
    project.good()
    index = project.site()["search/search_index.json"].decode()
    assert "Use gradient descent here." in re.sub(r"<[^>]*>", "", index)
    assert index.count("Steps along the gradient") == 1  # on the glossary's page
    assert '<a aria-describedby="term-gradient-descent" href="glossary/#gradient-descent">' in project.html()
