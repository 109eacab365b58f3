"""What is wrong with a page is said with its file and line, and keeps no other page from being looked at."""

import os
import re
import shutil
import subprocess
import sys
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from markdown import Markdown

from dlref.site import build, pages, plugin
from dlref.site.engine import Engine
from dlref.site.markdown import DlrefExtension, Page, Session, outside_code, parse, references
from dlref.site.maths import Maths

FENCE = "```snippet\ngood.py\n```"
EXTENSIONS = ["admonition", "tables", "toc", "attr_list", "md_in_html", "footnotes", "def_list"]
EXTENSIONS += [f"pymdownx.{name}" for name in ("details", "superfences", "highlight", "tabbed")]


# --- pages that one build refuses -----------------------------------------------------------------


@dataclass(frozen=True)
class Bad:
    """A page that must not be published: what it holds, and what is said of it, by line (0: of the file)."""

    name: str
    content: str | bytes
    said: dict[int, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def file(self) -> str:
        return f"docs/bad/{self.name.replace(' ', '-')}.md"

    @property
    def patterns(self) -> list[str]:
        places = {line: f"{self.file}:{line}" if line else self.file for line in self.said}
        return [f"{re.escape(places[line])}: {message}" for line, message in self.said.items()]


BROKEN = r"an inline value is broken: expected \{\{ path.py:name"
FRONT = "the front matter is no YAML: "
UNSEEN = r"holds U\+{} \({}\), which nobody sees: remove it"
BAD = [
    # front matter, of which MkDocs makes text without a word
    Bad("front matter that never ends", "---\ntitle: A\n\n# A\n", {1: "the front matter is empty, or no line `---` ends it"}),
    Bad("front matter of nothing", "---\n---\n\nText.\n", {1: "the front matter is empty, or no line"}),
    Bad("front matter of a list", "---\n- a\n- b\n---\n", {2: r"the front matter holds lines like `title: …`, not \['a', 'b'\]"}),
    Bad("front matter of text", "---\njust text\n---\n", {2: "the front matter holds lines like `title: …`, not 'just text'"}),
    Bad("front matter of comments", "---\n# a\n---\n", {2: "the front matter holds lines like `title: …`, not None"}),
    Bad("front matter with tabs", "---\ntitle: A\nhide:\n\t- toc\n---\n", {4: f"{FRONT}found character '.t' that cannot start any token"}),
    Bad("front matter that is no YAML", "---\ntitle: A\nlist: [1, 2\nx: y: z\n---\n\nText.\n", {4: FRONT}),
    Bad("front matter with a key twice", "---\ntitle: A\ndescription: B.\ntitle: C\n---\n", {4: "title stands twice in the front matter"}),
    Bad("front matter with a date for a title", "---\ntitle: 2024-01-01\n---\n", {2: r"title is no text, but datetime.date\(2024, 1, 1\): put it in quotes"}),
    Bad("front matter with a day that there is not", "---\ntitle: A\nat: 2024-13-45\n---\n", {1: f"{FRONT}month must be in 1..12"}),
    Bad("front matter with a number for a description", "---\ntitle: A\n\ndescription: 404\n---\n", {4: "description is no text, but 404"}),
    Bad("front matter that makes an object", "---\ntitle: !!python/object/apply:os.getcwd []\n---\n", {2: f"{FRONT}could not determine a constructor"}),
    Bad("front matter as a tower", f"---\ntitle: {'[' * 5000}\n---\n", {1: f"{FRONT}maximum recursion depth"}),
    Bad("front matter with an alias to nothing", "---\ntitle: *nowhere\n---\n", {2: f"{FRONT}found undefined alias"}),
    Bad("text that would be taken for front matter", "Note: this line would vanish.\n\nText.\n", {1: "would be swallowed as front matter"}),
    Bad("an address that would be taken for front matter", "https://example.org/\n\nText.\n", {1: "would be swallowed as front matter"}),
    # characters
    Bad("Latin 1", b"# Caf\xe9\n", {0: "is not UTF-8: invalid continuation byte at byte 5"}),
    Bad("UTF-16", "# Café\n".encode("utf-16"), {0: "is not UTF-8: invalid start byte at byte 0"}),
    Bad("UTF-16 without its mark", "# Cafe".encode("utf-16-le"), {1: UNSEEN.format("0000", "a control character")}),
    Bad("a picture", b"\x89PNG\r\n\x1a\n" + zlib.compress(b"x"), {0: "is not UTF-8"}),
    Bad("NUL", "# A\n\nb\0c\n", {3: UNSEEN.format("0000", "a control character")}),
    Bad("an escape", "# A\n\n\x1b[2J\n", {3: UNSEEN.format("001B", "a control character")}),
    Bad("a control character of the second set", "# A\x9b31m\n", {1: UNSEEN.format("009B", "a control character")}),
    Bad("an override of direction", "# A\n\nif \u202e} \u2066\n", {3: UNSEEN.format("202E", "RIGHT-TO-LEFT OVERRIDE")}),
    Bad("an isolate of direction", "a \u2067 b", {1: UNSEEN.format("2067", "RIGHT-TO-LEFT ISOLATE")}),
    Bad("a space of no width", "a\u200bb", {1: UNSEEN.format("200B", "ZERO WIDTH SPACE")}),
    Bad("a byte order mark inside", "# A\n\n\ufeffb\n", {3: UNSEEN.format("FEFF", "ZERO WIDTH NO-BREAK SPACE")}),
    Bad("tags that spell a message", "a\U000e0041b", {1: UNSEEN.format("E0041", "TAG LATIN CAPITAL LETTER A")}),
    Bad("a line separator", "a\u2028b", {1: UNSEEN.format("2028", "LINE SEPARATOR")}),
    Bad("an invisible sign in a fence", "```snippet\ngo\u2060od.py\n```\n", {1: "no such snippet", 2: UNSEEN.format("2060", "WORD JOINER")}),
    # fences
    Bad("a fence that nothing closes", "a\n\n```snippet\ngood.py\n", {3: "this snippet fence is never closed"}),
    Bad("a fence that other signs close", "```snippet\ngood.py\n~~~\n", {1: "this snippet fence is never closed"}),
    Bad("a fence that fewer signs close", "````snippet\ngood.py\n```\n", {1: "this snippet fence is never closed"}),
    Bad("a fence in a fence", f"~~~snippet\n{FENCE}\n~~~\n", {1: "a snippet fence holds one line, path or path#cell, not 3"}),
    Bad("two paths", "```snippet\ngood.py good.py\n```\n", {1: "no such snippet: snippets/good.py good.py"}),
    Bad("a path with dots", "```snippet\n./good.py\n```\n", {1: r"'\./good\.py' leaves snippets/"}),
    Bad("a path that goes up", "```snippet\nx/../good.py\n```\n", {1: r"'x/\.\./good\.py' leaves snippets/"}),
    Bad("a path from the root", "```snippet\n/good.py\n```\n", {1: "'/good.py' leaves snippets/"}),
    Bad("a folder", "```snippet\nmore\n```\n", {1: "no such snippet: snippets/more"}),
    Bad("another case", "```snippet\nGood.py\n```\n", {1: "no such snippet: snippets/Good.py"}),
    Bad("NUL in a path", "```snippet\ngood.py\0\n```\n", {1: "no such snippet: snippets/good.py", 2: UNSEEN.format("0000", "a control character")}),
    Bad("an escape in a path", "```snippet\n\x1b[31m.py\n```\n", {1: r"no such snippet: snippets/.x1b\[31m.py", 2: UNSEEN.format("001B", "a control character")}),
    Bad("a path as long as a book", f"```snippet\n{'x' * 70_000}.py\n```\n", {1: "no such snippet: snippets/xxxx"}),
    Bad("a cell without a name", "```snippet\ngood.py#a#b\n```\n", {1: "good.py has no cell 'a#b'; its named cells: none"}),
    Bad("an option without quotes", "```snippet title=One and one\ngood.py\n```\n", {1: "unknown option 'and'"}),
    Bad("an option with the wrong quotes", "```snippet title=“One and one”\ngood.py\n```\n", {1: "unknown option 'and'"}),
    Bad("options as attributes", '```snippet {title="One"}\ngood.py\n```\n', {1: "unknown option '{title=One}'"}),
    Bad("a thousand options", f"```snippet {' '.join(f'o{n}=1' for n in range(1000))}\ngood.py\n```\n", {1: "unknown option 'o0=1'"}),
    # inline values
    Bad("a value that nothing closes", "a\n\nIs {{ good.py:total\n\nb }}\n", {3: BROKEN}),
    Bad("a value that one brace closes", "Is {{ good.py:total }, then.\n", {1: BROKEN}),
    Bad("a value in a value", "a\n{{ {{ good.py:total }} }}\n", {2: BROKEN}),
    Bad("a value in its own format", "{{ good.py:total:{{ good.py:total }}d }}\n", {1: BROKEN}),
    Bad("an unknown name", "a\n\n{{ good.py:totals }}\n", {3: "no value 'totals' .*; there are: markup, total"}),
    Bad("a private name", "{{ good.py:_hidden }}\n", {1: r"\{\{ good.py:_hidden \}\} is no inline value"}),
    Bad("an attribute", "{{ good.py:total.real }}\n", {1: r"\{\{ good.py:total.real \}\} is no inline value"}),
    Bad("a call", "{{ good.py:exit() }}\n", {1: r"\{\{ good.py:exit\(\) \}\} is no inline value"}),
    Bad("an item", "{{ good.py:markup[0] }}\n", {1: r"\{\{ good.py:markup\[0\] \}\} is no inline value"}),
    Bad("a format that is none", "{{ good.py:total:!r }}\n", {1: "format '!r' does not fit total = 2: "}),
    Bad("a value of ten thousand characters", "```snippet\nlong.py\n```\n\n{{ long.py:text }}\n", {5: "text has 10,000 characters; a value may have 999"}),
    Bad("a value of a million characters", "```snippet\nlong.py\n```\n\n{{ long.py:longer }}\n", {5: "no value 'longer' "}),
    # what makes a page wrong as a whole
    Bad("an id twice", "# A {#same}\n\ntext\n\n## B {#same}\n", {5: "the id 'same' stands 2 times on this page"}),
    Bad("an id of HTML twice", '<p id="same">a</p>\n\n<p id="same">b</p>\n', {3: "the id 'same' stands 2 times on this page"}),
    Bad("an id that a fence has", f"# A {{#snippet-good}}\n\n{FENCE}\n", {1: "the id 'snippet-good' stands 2 times"}),
    Bad("more than a page holds", "word " * 300_000, {0: "holds 1,500,000 bytes; a page holds at most 1,048,576: make several of it"}),
    Bad("ten million bytes on a line", "x" * 10_000_000, {0: "holds 10,000,000 bytes; a page holds at most"}),
    Bad("emphasis without end", "*" * 5000 + "a" + "*" * 5000, {0: "is nested too deeply"}),
    Bad("a template that is not there", "---\ntemplate: nowhere.html\n---\n", {0: "'nowhere.html' not found"}),
]  # fmt: skip
GOOD = '''"""One and one is two."""

markup, _hidden = "<img src=x onerror=alert(1)> {{ good.py:total }} **b** &amp; `c`", 1
total = 1 + 1
print("total:", total)
'''


def odd(docs: Path) -> dict[str, str]:
    """Put below `docs` what is no page; return what is to be said of each."""
    folder = docs / "odd"
    folder.mkdir()
    (docs.parent.parent / "outside.md").write_text("# A secret\n")
    (folder / "outside.md").symlink_to("../../../outside.md")
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "nowhere.md").symlink_to("nothing.md")
    (folder / "loop.md").symlink_to("loop.md")
    (folder / "null.md").symlink_to("/dev/null")
    (folder / "inside.md").symlink_to("../index.md")  # which is all right
    (folder / "folder.md").mkdir()
    (folder / "Case.md").write_text("# One\n")
    (folder / "case.md").write_text("# Two\n")
    (folder / "caf\u00e9.md").write_text("# One\n")
    (folder / "cafe\u0301.md").write_text("# Two\n")
    (folder / "a\u202egpj.png").write_bytes(b"")
    for name in b"pipe.md", b"pipe.png":
        os.mkfifo(os.fsencode(folder) + b"/" + name)
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.txt")).write_text("text")
    out, twin = "is a link that leads out of the project", "differs from .* in case alone: elsewhere they are one file"
    return {
        "outside.md": out, "passwd.txt": out, "null.md": out, "nowhere.md": "cannot be read: No such file",
        "loop.md": "cannot be read: (Too many levels|Symlink loop)", "folder.md": "is a folder with the name of a page",
        "case.md": twin, "caf\u00e9.md": twin, r"a\\u202egpj.png": "has a name with bytes or characters that cannot be seen",
        "pipe.md": "is neither a file nor a folder: remove it", "pipe.png": "is neither a file nor a folder",
        r"caf\\(xe9|udce9).txt": "has a name with bytes or characters",
    }  # fmt: skip


@dataclass(frozen=True)
class Refused:
    """What a build said of a project, and what it left behind."""

    problems: list[str]
    err: str
    status: int
    seconds: float
    untouched: bool
    clean: bool


def refused(project) -> Refused:
    before, began = project.site(), time.monotonic()
    done = project.build()
    seconds = time.monotonic() - began
    clean = project.nothing_left() and not list(project.tmp.iterdir())
    clean = clean and not list((project.root / ".dlref" / "building").glob("*/*"))
    return Refused(done.problems, done.err, done.status, seconds, before == project.site() != {}, clean)


@pytest.fixture(scope="module")
def together(tmp_path_factory, projects, template):
    """What one build says of all that is bad, what it was to say of the odd files, and its project."""
    project = projects(tmp_path_factory.mktemp("faulty"))
    shutil.copytree(template, project.root, dirs_exist_ok=True)
    project.write("snippets/good.py", GOOD)
    project.write("snippets/long.py", '"""It is long."""\ntext, longer = "x" * 10_000, "x" * 1_000_000\n')
    project.write("snippets/more/fails.py", '"""It fails."""\n1 / 0\n')
    project.page("# Fails\n\n```snippet\nmore/fails.py\n```\n", "fails.md")
    for bad in BAD:
        content = bad.content.encode() if isinstance(bad.content, str) else bad.content
        file = project.root / bad.file
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(content)
    said = odd(project.root / "docs")
    return refused(project), said


def test_a_build_of_faulty_pages_says_so_in_time_and_leaves_nothing_but_the_last_good_site(together):
    done, said = together
    assert (done.status, done.untouched, done.clean) == (1, True, True)
    assert "Traceback" not in done.err
    assert done.seconds < 60
    patterns = [pattern for bad in BAD for pattern in bad.patterns]
    patterns += [f"docs/odd/{name}: {message}" for name, message in said.items()]
    patterns += ["docs/fails.md:3: snippets/more/fails.py:2: ZeroDivisionError"]
    assert [problem for problem in done.problems if not any(re.match(p, problem) for p in patterns)] == []
    assert f"{len(patterns)} problems; nothing was published" in done.err


@pytest.mark.parametrize("bad", BAD, ids=str)
def test_a_page_is_refused_for(bad, together):
    done, _ = together
    found = [problem for problem in done.problems if re.match(rf"{re.escape(bad.file)}[: ]", problem)]
    assert len(found) == len(bad.said), found
    assert all(any(re.match(pattern, problem) for problem in found) for pattern in bad.patterns), found


def test_what_is_no_page_is_refused_where_it_lies(together):
    done, said = together
    for name, message in said.items():
        assert len([1 for problem in done.problems if re.match(f"docs/odd/{name}: {message}", problem)]) == 1, name
    assert not any(problem.startswith(("docs/odd/inside.md", "docs/odd/Case.md")) for problem in done.problems)


def test_no_control_character_of_a_page_reaches_the_terminal(together):
    done, _ = together
    assert set(re.findall(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]", done.err)) == set()
    assert "\u202e" not in done.err


def test_a_link_to_a_folder_is_refused_before_anything_follows_it_in_circles(built):
    built.snippet("fails.py", "1 / 0\n")
    built.page("# Fails\n\n```snippet\nfails.py\n```\n", "fails.md")
    for name in "one", "two":  # following both, there are two to the power of forty folders
        (built.root / "docs" / name).symlink_to(".")
    done = refused(built)
    assert (done.status, done.untouched, done.clean) == (1, True, True)
    wrong = "is a link to a folder, which may lead in circles: put here what it leads to"
    assert sorted(done.problems) == [
        f"docs/one: {wrong}", f"docs/two: {wrong}", "snippets/fails.py:2: ZeroDivisionError: division by zero",
    ]  # fmt: skip


def without_rights(*command):
    """Return a command that runs without root's right to read and write whatever it likes."""
    if os.getuid():
        return list(command)
    lost = "-dac_override,-dac_read_search"
    return ["setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}", *command]


def test_a_page_a_picture_and_a_folder_that_may_not_be_read_are_said_with_the_others(built):
    built.page("# Fails\n\n{{ good.py:nope }}\n", "fails.md")
    for path in "page.md", "picture.png", "folder/page.md":
        built.page("# Closed\n", path)
    closed = [built.root / "docs" / name for name in ("page.md", "picture.png", "folder")]
    for file in closed:
        file.chmod(0)
    command = without_rights(sys.executable, "-m", "dlref.site.cli", "build", "--root", str(built.root))
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    finally:
        for file in closed:
            file.chmod(0o700)
    said = done.stderr.splitlines()
    denied = {f"docs/{name}: cannot be read: Permission denied" for name in ("folder", "page.md", "picture.png")}
    assert denied <= set(said)
    assert "docs/fails.md:3: no value 'nope' (a number, string or one-element tensor); there are: total" in said
    assert said[-1] == "4 problems; nothing was published"


# --- pages that are odd and right -------------------------------------------------------------------

ODD = {
    "byte-order-mark": b"\xef\xbb\xbf---\ntitle: Mark\n---\n# Mark\n\n```snippet\ngood.py\n```\n",
    "windows": b"---\r\ntitle: Windows\r\n---\r\n# W\r\n\r\n```snippet\r\ngood.py\r\n```\r\n",
    "empty": b"",
    "blank": b"\n\n\n",
    "no-line-end": b"# No end\n\n```snippet\ngood.py\n```",
    "dots": b"---\ntitle: Dots\ndescription: 'It is: so.'\n...\n# Dots\n",
    "tags": b"---\ntitle: Tags\ntags: [a, b]\ndate: 2024-02-29\nhide:\n  - toc\n---\n# Tags\n",
    "rule": b"\n---\n\nA line, which is no front matter.\n",
    "note": b"\nNote: this line stays.\n",
    "tabs": b"# Tabs\n\n-\ta\n\n\t```snippet\n\tgood.py\n\t```\n",
    "spelled": "# Spelled\n\ncafe\u0301, \u05e9\u05dc\u05d5\u05dd, \U0001f469\u200d\U0001f52c, a\xa0b, co\xadoperate\n".encode(),
    "braces": b"# Braces\n\n`{{ good.py:nope }}`, {{{ a }, { b }, $x_{{a}}$ and $\\frac{{1}}{{2}}$\n\n    {{ good.py:nope }}\n",
    "\u6a21\u578b & 50% #1 'q'": b"# Named\n\n```snippet\ngood.py\n```\n",
}


def test_odd_pages_that_are_right_are_published(built):
    for name, content in ODD.items():
        (built.root / "docs" / f"{name}.md").write_bytes(content)
    built.good()
    pages = {name: (built.root / "site" / name / "index.html").read_text(encoding="utf-8") for name in ODD}
    shows = {name for name, page in pages.items() if "<samp>total: 2</samp>" in page}
    assert shows == {"byte-order-mark", "windows", "no-line-end", "tabs", "\u6a21\u578b & 50% #1 'q'"}
    assert "this line stays" in pages["note"]
    assert "which is no front matter" in pages["rule"]
    assert pages["braces"].count("{{ good.py:nope }}") == 2
    assert "{{{ a }, { b }" in pages["braces"]
    assert pages["braces"].count('class="katex"') == 2
    assert "title: " not in "".join(page.partition("<article")[2] for page in pages.values())


# --- fences in mixtures -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sums(tmp_path_factory, projects):
    """A project whose snippets have run: one that is right and one that fails."""
    project = projects(tmp_path_factory.mktemp("sums"))
    project.write("snippets/good.py", GOOD)
    project.write("snippets/fails.py", '"""It fails."""\n1 / 0\n')
    assert project.run().problems == ["snippets/fails.py:2: ZeroDivisionError: division by zero"]
    project.page("# Sums\n\n```snippet\ngood.py\n```\n")
    project.page("# Fails\n\n```snippet\nfails.py\n```\n", "fails.md")
    return project


@pytest.fixture
def session(sums):
    """A session that gathers what is wrong."""
    session = Session.at(sums.root)
    session.gather = True
    yield session
    session.engine.close(wait=False)


def put(text: str, path: str) -> str:
    """Replace FENCE by a fence of a path, each of its lines with what stands before it."""
    fence = ["```snippet", path, "```"]
    return "\n".join(
        "\n".join(line.replace("FENCE", part) for part in fence) if "FENCE" in line else line
        for line in text.split("\n")
    )


MIXTURES = {
    "bullets of three kinds": "* a\n\n    + b\n\n        - c\n\n            FENCE\n",
    "a numbered list in a numbered list": "1. a\n\n    1. b\n\n        FENCE\n\n    2. c\n\n2. d\n",
    "a list in a quote": "> - a\n>\n>     FENCE\n>\n> - b\n",
    "a quote in a list": "- a\n\n    > FENCE\n\n- b\n",
    "a quote in a quote": "> > FENCE\n",
    "an admonition in a list": '- a\n\n    !!! note "T"\n\n        FENCE\n\n- b\n',
    "a list in an admonition": "!!! note\n\n    - a\n\n        FENCE\n\n    - b\n",
    "details in an admonition": '!!! note\n\n    ??? success "Solution"\n\n        FENCE\n',
    "open details in details": "??? note\n\n    ???+ tip\n\n        FENCE\n",
    "tabs in a list": '1. a\n\n    === "One"\n\n        FENCE\n\n    === "Two"\n\n        b\n',
    "tabs in details in a list": '- a\n\n    ??? note\n\n        === "One"\n\n            FENCE\n',
    "a list in tabs": '=== "One"\n\n    1. a\n\n        FENCE\n\n=== "Two"\n\n    b\n',
    "an admonition in a quote": "> !!! note\n>\n>     FENCE\n",
    "a tab character in a list in a list": "-\ta\n\n\t-\tb\n\n\t\tFENCE\n",
    "a tab character in an admonition": "!!! note\n\n\tFENCE\n",
    "spaces and then a tab character": "- a\n\n    - b\n\n    \tFENCE\n",
    "a definition": "term\n\n:   meaning\n\n    FENCE\n",
    "a footnote": "text[^1]\n\n[^1]: note\n\n    FENCE\n\n    more\n",
    "HTML with Markdown": '<div markdown="1">\n\nFENCE\n\n</div>\n',
    "between comments": "<!-- a -->\n\nFENCE\n\n<!-- b -->\n",
    "between a rule and a table": "---\n\nFENCE\n\n| a |\n|---|\n| b |\n",
}


@pytest.mark.parametrize("name", MIXTURES)
def test_a_fence_works_in(name, session):
    text = put(MIXTURES[name], "good.py")
    session.page = Page("docs/page.md", 4)
    markup = Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)]).convert(text)
    assert session.problems == []
    assert markup.count('<div class="dl-snippet"') == markup.count("<samp>total: 2</samp>") == 1
    assert "```" not in markup
    assert not re.search(r"<p>\s*<div", markup)
    Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)]).convert(put(MIXTURES[name], "fails.py"))
    line = next(n for n, line in enumerate(text.split("\n"), 5) if "```snippet" in line)
    wanted = f"docs/page.md:{line}: snippets/fails.py:2: ZeroDivisionError: division by zero"
    assert list(map(str, session.problems)) == [wanted]


def test_what_a_value_holds_is_text_and_is_not_looked_at_again(session):
    md = Markdown(extensions=[*EXTENSIONS, DlrefExtension(session=session)])
    markup = md.convert("a {{ good.py:markup }} b\n\n| t |\n|---|\n| {{ good.py:markup }} |\n")
    assert session.problems == []
    assert markup.count("&lt;img src=x onerror=alert(1)&gt; {{ good.py:total }} **b** &amp;amp; `c`</data>") == 2
    assert "<img" not in markup


# --- in time ------------------------------------------------------------------------------------------

MANY = 50_000  # of a short pattern: a page of the largest size, or several
SLOW = 20.0  # seconds, on a machine that others use: a pattern that tries too much takes minutes
LONG = {
    "open braces": "{{ " * MANY, "open braces close to each other": "{{" * MANY, "opened values": "{{ a.py:x " * MANY,
    "values in values": "{{ {{ a.py:x " * MANY, "values": "{{ a.py:x }} " * MANY, "one opened value": "{{ a.py:" + "x" * MANY,
    "citations without end": "[@a; @b" * MANY, "one long citation": "[@a" + "; @a" * MANY, "brackets": "[" * MANY,
    "one line of ten million": "word " * 2_000_000, "lines": "word\n" * MANY, "fences": "```snippet\ngood.py\n```\n\n" * 5000,
    "opened fences": "```snippet\n" * MANY, "bullets": "- " * MANY, "quotes": "> " * MANY, "dots": "..." * MANY,
    "front matter without end": "---\n" + "a: b\n" * MANY, "keys": "a:\n" * MANY, "headings": "# a {#b}\n" * MANY,
    "numbers": "0.5 % " * MANY, "one long number": "1" * MANY + "%", "comments": "<!-- number: a" * MANY,
}  # fmt: skip


@pytest.mark.parametrize("name", LONG)
def test_a_page_is_read_in_time_that_grows_with_its_size_whatever_it_holds(name, session):
    lines, began = LONG[name].split("\n"), time.process_time()
    list(pages.front_matter(lines))
    list(pages.hidden(lines))
    _, rest, _ = parse(lines, "docs/long.md")
    list(references(rest))
    list(outside_code(rest))
    assert time.process_time() - began < SLOW


def test_a_page_of_five_thousand_fences_is_laid_out_in_time(session):
    began = time.process_time()
    markup = Markdown(extensions=[DlrefExtension(session=session)]).convert(LONG["fences"])
    assert (markup.count('<div class="dl-snippet"'), session.problems) == (5000, [])
    assert markup.count('id="snippet-good"') == 1
    assert time.process_time() - began < 3 * SLOW


def test_a_page_that_takes_the_parser_for_ever_is_a_problem_of_its_own(sums, monkeypatch):
    sums.page("# Slow\n\n" + "[" * 20_000 + "\n", "slow.md")
    monkeypatch.setattr(plugin, "PAGE_SECONDS", 0.5)
    session = Session(Engine(sums.root), Maths(sums.root), gather=True)
    problems = list(map(str, build.build(session)))
    session.engine.close(wait=False)
    (sums.root / "docs" / "slow.md").unlink()
    assert "docs/fails.md:3: snippets/fails.py:2: ZeroDivisionError: division by zero" in problems
    assert any(problem.startswith("docs/slow.md: takes more than 0.5 s to convert: ") for problem in problems)
    assert len(problems) == 2


# --- files that pages share -----------------------------------------------------------------------------

THEME = "theme: {name: material, font: false}\n"
CONFIGURATIONS: dict[str, tuple[str | bytes | None, str]] = {  # what mkdocs.yml holds, and what is said of it
    "no YAML": ("site_name: [\n", ":2: .*expected the node content"),
    "a tab character": ("site_name: x\n\ttheme: material\n", ":2: .*found character '.*t' that cannot start any token"),
    "a list": ("- a\n", ": The configuration is invalid. Expected a key-value mapping"),
    "nothing": ("", ": Config value 'site_name': Required configuration not provided"),
    "Latin 1": (b"site_name: caf\xe9\n", ": .*unacceptable character"),
    "UTF-16": ("site_name: x\n".encode("utf-16")[:-1], ": .*truncated data"),
    "a tower": (f"site_name: {'[' * 2000}", ": is nested too deeply, or inherits itself"),
    "itself": (f"site_name: x\nINHERIT: mkdocs.yml\n{THEME}", ": is nested too deeply, or inherits itself"),
    "a file that is not there": (f"site_name: x\nINHERIT: none.yml\n{THEME}", ": Inherited config file 'none.yml' does not exist"),
    "an unknown key": (f"site_name: x\nsite_nam: y\n{THEME}", ":2: Config value 'site_nam': Unrecognised"),
    "an unknown theme": ("site_name: x\ntheme: none\n", ":2: Config value 'theme': Unrecognised theme name"),
    "an unknown plugin": (f"{THEME}site_name: x\nplugins: [none]\n", ":3: Config value 'plugins': The \"none\" plugin"),
    "an unknown extension": (f"site_name: x\nmarkdown_extensions: [none]\n{THEME}", ":2: Config value 'markdown_extensions'"),
    "other pages": (f"site_name: x\ndocs_dir: snippets\n{THEME}", ":2: Config value 'docs_dir': pages lie in docs/"),
    "pages of the machine": (f"site_name: x\ndocs_dir: /etc\n{THEME}", ":2: Config value 'docs_dir': pages lie in docs/"),
    "a nav that is a number": (f"site_name: x\nnav: 3\n{THEME}", ":2: Config value 'nav': Expected nav to be a list"),
    "a nav of lists": (f"site_name: x\n{THEME}nav:\n  - [a, b]\n", ":3: Config value 'nav': Expected nav item"),
    "a nav of two keys": (f"site_name: x\nnav: [{{A: index.md, B: index.md}}]\n{THEME}", ":2: .* dict of size 1"),
    "a nav of a page that is not there": (f"site_name: x\n{THEME}nav:\n  - index.md\n  - fails.md\n  - none.md\n", ":6: A reference to 'none.md'"),
    "a nav that leads out": (f"site_name: x\n{THEME}nav: [index.md, fails.md, ../mkdocs.md]\n", ":3: A reference to '../mkdocs.md'"),
    "a folder": (None, ": is no file"),
}  # fmt: skip


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_what_is_wrong_with_the_configuration_is_said_with_its_line(name, sums):
    content, message = CONFIGURATIONS[name]
    file = sums.root / "mkdocs.yml"
    if content is None:
        file.mkdir()
    else:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    session = Session(Engine(sums.root), Maths(sums.root), gather=True)
    try:
        problems = list(map(str, build.build(session)))
    finally:
        session.engine.close(wait=False)
        file.rmdir() if content is None else file.unlink()
    [failure] = [problem for problem in problems if problem.endswith("ZeroDivisionError: division by zero")]
    assert failure.removeprefix("docs/fails.md:3: ").startswith("snippets/fails.py:2: ")
    [wrong] = [problem for problem in problems if problem != failure]
    assert re.match(f"mkdocs.yml{message}", wrong, re.DOTALL)
    assert not (sums.root / "site").exists()
    assert not list((sums.root / ".dlref" / "building").glob("*/*"))
