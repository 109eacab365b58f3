"""Formulas as HTML and MathML, made when the site is built."""

import json
import re
import shutil
from pathlib import Path

import pytest

from dlref.site import maths
from dlref.site.maths import Maths

KATEX = Path(maths.__file__).parents[2] / "node_modules" / "katex"


@pytest.fixture
def katex(tmp_path):
    """Maths of an empty project; its Node ends with the test."""
    found = []

    def make(root=tmp_path):
        found.append(Maths(root))
        return found[-1]

    yield make
    for one in found:
        if one._node:
            one._node.communicate()


def test_a_formula_becomes_html_and_mathml_with_its_source(katex):
    html = katex().render("x^2", display=False)
    assert html.startswith('<span class="katex">')
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML">' in html
    assert '<annotation encoding="application/x-tex">x^2</annotation>' in html


def test_a_displayed_formula_is_a_block(katex):
    html = katex().render("\\sum_{i=1}^n x_i", display=True)
    assert 'class="katex-display"' in html
    assert 'display="block"' in html


def test_an_aligned_formula_keeps_its_columns(katex):
    html = katex().render("\\begin{aligned}\na &= b < c \\\\\n  &= d\n\\end{aligned}", display=True)
    assert html.count("<mtr>") == 2
    assert "amp;" not in re.sub(r"<annotation.*?</annotation>", "", html, flags=re.DOTALL)


@pytest.mark.parametrize(
    "tex", ["\\frac{1}", "\\nope", "x^", "{", "x_1_2", "\\begin{aligned} a", "x^2€", "\\href{http://a}{b}"]
)
def test_a_formula_that_does_not_parse_is_an_error(tex, katex):
    with pytest.raises(ValueError, match="does not parse: ") as caught:
        katex().render(tex, display=False)
    assert repr(tex) in str(caught.value)


def test_after_an_error_the_next_formula_works(katex):
    one = katex()
    with pytest.raises(ValueError, match="Undefined control sequence"):
        one.render("\\nope", display=False)
    assert "katex" in one.render("\\alpha\n+'\"", display=False)


def test_formulas_are_remembered_so_that_a_second_build_needs_no_node(katex, monkeypatch):
    one = katex()
    first = one.render("a+b", display=False), one.render("a+b", display=True)
    one.save()
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)
    two = katex()
    assert (two.render("a+b", display=False), two.render("a+b", display=True)) == first
    assert first[0] != first[1]
    with pytest.raises(ValueError, match="formulas need Node and KaTeX: `make site` installs them"):
        two.render("b+a", display=False)


def test_formulas_that_are_no_longer_used_are_forgotten(katex, tmp_path):
    one = katex()
    one.render("a", display=False)
    one.save()
    two = katex()
    two.render("b", display=False)
    two.save()
    assert list(json.loads((tmp_path / ".dlref" / "maths.json").read_text())["formulas"]) == ["inline:b"]


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", '{"katex": "0.0.1", "formulas": {"inline:a": "stale"}}', '{"formulas": {"inline:a": "stale"}}'],
)
def test_a_damaged_or_older_memory_is_not_used(text, katex, tmp_path):
    (tmp_path / ".dlref").mkdir()
    (tmp_path / ".dlref" / "maths.json").write_text(text)
    assert "stale" not in katex().render("a", display=False)


def test_a_node_that_was_ended_is_started_again(katex):
    one = katex()
    one.render("a", display=False)
    one._node.kill()
    one._node.communicate()
    assert "katex" in one.render("b", display=False)


def test_the_katex_of_the_project_comes_first(tmp_path):
    own = tmp_path / "node_modules" / "katex"
    own.mkdir(parents=True)
    (own / "package.json").write_text('{"version": "1"}')
    assert Maths(tmp_path).katex == own
    assert Maths(tmp_path / "other").katex == KATEX


def test_without_katex_a_formula_is_an_error_that_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(maths, "__file__", str(tmp_path / "a" / "b" / "c" / "maths.py"))
    with pytest.raises(ValueError, match="`make site` installs them, or `npm ci`"):
        Maths(tmp_path).render("a", display=False)


def test_formulas_on_a_page_need_no_script(project):
    project.page("# Maths\n\nInline $a_b < c$ and\n\n$$\n\\begin{aligned}\na &= b \\\\\n&= c\n\\end{aligned}\n$$\n\n- in a list $x^2$\n\n| a | b |\n|---|---|\n| $x$ | $y$ |\n\n"
                 "`$code$` costs $5 and $6\n\n    $indented$\n\n```text\n$fenced$\n```\n")  # fmt: skip
    project.good()
    html = project.html()
    assert html.count('<span class="katex">') == 5
    assert html.count('class="katex-display"') == 1
    assert html.count("<mtr>") == 2
    for text in "<code>$code$</code>", "costs $5 and $6", "$indented$", "$fenced$":
        assert text in html
    assert "<mi>m</mi>" not in html  # of an &amp;
    assert '<div aria-label="Formula" class="dl-math" data-search-exclude="" role="group" tabindex="0">' in html


def test_a_formula_may_hold_an_inline_value(built):
    built.page("# Sum\n\n```snippet\ngood.py\n```\n\n$x = {{ good.py:total:.1f }}$ and ${{n}}$\n")
    built.good()
    found = re.findall(r'<annotation encoding="application/x-tex">(.*?)</annotation>', built.html())
    assert found == ["x = 2.0", "{{n}}"]
