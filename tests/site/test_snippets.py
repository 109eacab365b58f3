"""What a snippet file says."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlref.site.snippets import Options, Problem, find, parse, read


def cells(source):
    return [(cell.name, cell.source, cell.line) for cell in parse("s.py", source, "s.py").cells]


def options(block):
    lines = "".join(f"# {line}\n".replace("#  ", "#  ") if line else "#\n" for line in block.splitlines())
    return parse("s.py", f"# /// script\n{lines}# ///\nx = 1\n", "s.py").options


def test_the_docstring_is_the_claim():
    assert parse("s.py", '"""It holds."""\nx = 1\n', "s.py").claim == "It holds."


def test_a_snippet_without_a_docstring_has_no_claim():
    assert parse("s.py", "x = 1\n", "s.py").claim == ""


def test_code_before_the_first_marker_is_a_cell_without_a_name():
    assert cells('"""A."""\nx = 1\n# %% b\ny = 2\n') == [("", '"""A."""\nx = 1', 1), ("b", "y = 2", 4)]


def test_blank_lines_around_a_cell_are_no_part_of_it():
    assert cells("\n\nx = 1\n\n\n# %% b\n\n\ny = 2\n\nz = 3\n\n") == [("", "x = 1", 3), ("b", "y = 2\n\nz = 3", 9)]


def test_a_file_that_begins_with_a_marker_has_no_unnamed_cell():
    assert cells("# %% a\nx = 1\n") == [("a", "x = 1", 2)]


def test_a_named_cell_may_be_empty():
    assert cells("x = 1\n# %% a\n# %% b\ny = 2\n") == [("", "x = 1", 1), ("a", "", 2), ("b", "y = 2", 4)]


@pytest.mark.parametrize("marker", ["# %% b", "#%% b", "# %%b", "#%%  b  ", "# %%\tb"])
def test_a_marker_may_be_written_as_editors_write_it(marker):
    assert cells(f"x = 1\n{marker}\ny = 2\n") == [("", "x = 1", 1), ("b", "y = 2", 3)]


@pytest.mark.parametrize(
    "text",
    [
        "'''\n# %% a\n'''",
        "(\n    # %% a\n    1)",
        "1  # %% a",
        "1\n# % a",
        "1\n## %% a",
        "1\nif 1:\n    # %% a\n    pass",
    ],
)
def test_what_only_looks_like_a_marker_is_none(text):
    assert len(cells(f"x = {text}\n")) == 1


def test_a_marker_after_a_string_that_holds_one_is_found():
    assert [name for name, _, _ in cells("x = '''\n# %% a\n'''\n# %% b\ny = 1\n")] == ["", "b"]


NAMES = st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), unique=True, max_size=4)
BODIES = st.lists(
    st.sampled_from(["x = 1", "", "# % no", "y = '''\n# %% no\n'''", "if 1:\n    z = 2", "'# %% no'"]),
    min_size=1,
    max_size=4,
)


@given(NAMES, st.data())
def test_every_line_of_code_is_in_exactly_one_cell_at_its_own_line(names, data):
    source = "first = 1\n" + "".join(f"# %% {name}\n" + "\n".join(data.draw(BODIES)) + "\n" for name in names)
    snippet, lines = parse("s.py", source, "s.py"), source.split("\n")
    assert [cell.name for cell in snippet.cells] == ["", *names]
    covered = list[int]()
    for cell in snippet.cells:
        body = cell.source.split("\n") if cell.source else []
        assert lines[cell.line - 1 : cell.line - 1 + len(body)] == body
        covered += range(cell.line, cell.line + len(body))
    rest = [line for number, line in enumerate(lines, 1) if number not in covered]
    assert all(not line.strip() or line.removeprefix("# %% ") in names for line in rest)
    assert ast.dump(ast.parse("\n".join(cell.source for cell in snippet.cells))) == ast.dump(ast.parse(source))


def test_a_cell_is_found_by_its_name():
    snippet = parse("s.py", "x = 1\n# %% a\ny = 2\n# %% b\n", "s.py")
    assert snippet.cell("a").source == "y = 2"
    with pytest.raises(ValueError, match=r"s.py has no cell 'c'; its named cells: a, b"):
        snippet.cell("c")
    with pytest.raises(ValueError, match="has no cell ''"):
        snippet.cell("")


def test_the_script_of_a_cell_goes_from_the_top_of_the_file_to_its_end():
    snippet = parse("s.py", '"""A."""\nx = 1\n\n# %% a\ny = x\nz = y\n\n# %% b\nw = 3\n', "s.py")
    assert snippet.until(snippet.cell("a")) == '"""A."""\nx = 1\n\n# %% a\ny = x\nz = y\n'
    assert snippet.until(snippet.cell("b")) == snippet.source
    assert snippet.until(snippet.cells[0]) == '"""A."""\nx = 1\n'


def test_a_snippet_without_a_block_has_the_default_options():
    assert parse("s.py", "x = 1\n", "s.py").options == Options(30.0, 2.0, False, "", None, None)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("", Options()),
        ("[tool.dlref]\ntimeout = 3", Options(timeout=3.0)),
        ("[tool.dlref]\ntimeout = 0.5\nmemory = 4\nnetwork = true", Options(0.5, 4.0, True)),
        ("tool.dlref.memory = 0.5", Options(memory=0.5)),
        ('[tool.dlref]\nslow = " five seeds "', Options(slow="five seeds")),
        ("dependencies = []", Options(dependencies=())),
        ('dependencies = [\n    "numpy",\n    "keras>=3; python_version > \'3\'",\n]', Options(dependencies=("numpy", "keras>=3; python_version > '3'"))),
        ('requires-python = ">=3.11"', Options(requires_python=">=3.11")),
        ("# a comment\n\n[tool.dlref]\n\ntimeout = 3  # seconds", Options(timeout=3.0)),
    ],
)  # fmt: skip
def test_a_block_gives_options(block, expected):
    assert options(block) == expected


def test_a_block_may_stand_anywhere_in_the_file():
    source = '"""A."""\n\nx = 1\n\n# /// script\n# [tool.dlref]\n# timeout = 3\n# ///\ny = 2\n'
    assert parse("s.py", source, "s.py").options == Options(timeout=3.0)


def test_a_block_of_another_kind_is_not_ours():
    assert parse("s.py", "# /// other\n# timeout = 3\n# ///\nx = 1\n", "s.py").options == Options()


def test_options_of_other_tools_are_not_ours():
    with pytest.raises(Problem, match="unknown option"):
        options("[tool.dlref]\nspeed = 1")
    assert options("[tool.other]\nspeed = 1\n[tool.dlref]\ntimeout = 1") == Options(timeout=1.0)


@pytest.mark.parametrize("value", ["0", "-1", "inf", "nan", "1e6", "true", "'3'", "[3]"])
@pytest.mark.parametrize("name", ["timeout", "memory"])
def test_a_limit_is_a_positive_number(name, value):
    with pytest.raises(Problem, match=rf"s.py:1: .*{name}"):
        options(f"[tool.dlref]\n{name} = {value}")


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    (tmp_path / "a.py").write_bytes(b'"""A."""\nx = """\n1"""\n# %% b\ny = 2\n')
    (tmp_path / "b.py").write_bytes(b'\xef\xbb\xbf"""A."""\r\nx = """\r\n1"""\r\n# %% b\r\ny = 2\r\n')
    first, second = read(tmp_path, "a.py"), read(tmp_path, "b.py")
    assert (first.source, first.digest, first.cells) == (second.source, second.digest, second.cells)


def test_tabs_in_code_stay_tabs():
    assert cells("if 1:\n\tx = '\t'\n") == [("", "if 1:\n\tx = '\t'", 1)]


def test_form_feeds_and_other_separators_are_no_line_ends():
    assert cells("x = '\x0c\u2028'\n# %% b\ny = 1\n") == [("", "x = '\x0c\u2028'", 1), ("b", "y = 1", 3)]


def test_a_snippet_that_is_no_utf8_is_a_problem(tmp_path):
    (tmp_path / "a.py").write_bytes(b"x = '\xe9'\n")
    with pytest.raises(Problem, match=r"a.py: is not UTF-8: invalid continuation byte at byte 5"):
        read(tmp_path, "a.py")


@pytest.mark.parametrize("path", ["missing.py", "folder", "../outside.py", "link.py"])
def test_a_path_that_is_no_file_below_the_folder_is_a_problem(path, tmp_path):
    folder = tmp_path / "snippets"
    (folder / "folder").mkdir(parents=True)
    (tmp_path / "outside.py").write_text("x = 1\n")
    (folder / "link.py").symlink_to("../outside.py")
    with pytest.raises(Problem, match=f"snippets/{path}: is not a file below snippets/"):
        read(folder, path)


def test_all_python_files_are_found_in_order_but_hidden_ones(tmp_path):
    for name in "b/z.py", "a.py", "b/a.py", ".hidden/x.py", "b/.x.py", "__pycache__/x.py", "b/note.txt", "c d/é.py":
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert list(find(tmp_path)) == ["a.py", "b/a.py", "b/z.py", "c d/é.py"]


def test_a_problem_says_its_places_from_the_outside_in():
    inner = Problem("is bad", "snippets/a.py:3")
    assert str(inner.seen_from("docs/index.md:7")) == "docs/index.md:7: snippets/a.py:3: is bad"
    assert str(inner) == "snippets/a.py:3: is bad"
