"""MkDocs with our plugin: serving follows edits; a build is the same from any store."""

import html
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from urllib.request import urlopen

import pytest


class Served:
    """A project that `dlref serve` serves, and what it says."""

    def __init__(self, project, until, *pages):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{probe.getsockname()[1]}"
        self.project, self.until, self.said = project, until, list[str]()
        project.environment["PYTHONWARNINGS"] = "ignore"
        self.process = project.start("serve", *pages, "--address", self.address)
        self.readers = [
            threading.Thread(target=self.listen, args=(stream,))
            for stream in (self.process.stdout, self.process.stderr)
        ]
        for reader in self.readers:
            reader.start()
        assert until(lambda: "<article" in self.page(), 20), self.said

    def listen(self, stream):
        for line in stream:
            self.said.append(line)

    def page(self, path=""):
        try:
            with urlopen(f"http://{self.address}/{path}", timeout=5) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def shows(self, text, path="", seconds=8):
        return self.until(lambda: text in html.unescape(re.sub("<[^>]*>", "", self.page(path))), seconds)

    def ran(self):
        """Return the snippets that ran since the last call."""
        lines, self.said[:] = list(self.said), []
        return re.findall(r"ran \d+/\d+ (\S+) ", "".join(lines))

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        status = self.process.wait(10)
        for reader in self.readers:
            reader.join(5)
        self.process.stdout.close()
        self.process.stderr.close()
        return status


@pytest.fixture
def served(project, until):
    """A served project of three snippets, of which two use a helper."""
    project.write("lib/helper.py", "NUMBER = 1\n")
    project.snippet("a.py", "print('first a')\n")
    project.snippet("b.py", "from lib.helper import NUMBER\nprint('b has', NUMBER)\n")
    project.snippet("c.py", "from lib.helper import NUMBER\nx = NUMBER + 1\n")
    project.page(
        "# Served\n\n```snippet\na.py\n```\n\n```snippet\nb.py\n```\n\n```snippet\nc.py\n```\n\nc has {{ c.py:x }}\n"
    )
    served = Served(project, until)
    yield served
    if served.process.poll() is None:
        served.stop(signal.SIGKILL)


def test_serving_follows_edits_and_runs_only_what_they_touch(served):
    project = served.project
    assert served.shows("first a")
    assert served.shows("c has 2")
    assert sorted(served.ran()) == ["a.py", "b.py", "c.py"]

    project.snippet("a.py", "print('second a')\n")
    assert served.shows("second a")
    assert served.ran() == ["a.py"]

    project.write("lib/helper.py", "NUMBER = 40\n")
    assert served.shows("c has 41")
    assert served.shows("b has 40")
    assert sorted(served.ran()) == ["b.py", "c.py"]

    time.sleep(1.5)
    assert served.ran() == []


def test_serving_a_page_runs_only_what_it_needs_and_the_others_say_so(project, until):
    fence = project.snippet("a.py", "print('first a')\n")
    project.snippet("b.py", "print('first', 'b')\nx = 1\n")
    project.page(f"# A\n\n{fence}\n", "a.md")
    project.page("# B\n\n```snippet\nb.py\n```\n\n{{ b.py:x }}\n")
    served = Served(project, until, "docs/a.md")
    try:
        assert served.shows("first a", "a/")
        assert served.shows("Not executed: it was left out.")
        assert served.ran() == ["a.py"]
        project.page(f"# A\n\n{fence}\n{{{{ b.py:x }}}}\n", "a.md")
        assert served.shows("first b")
        assert served.ran() == ["b.py"]
    finally:
        served.stop()


def test_serving_a_page_writes_anew_what_it_needs_and_what_was_edited_and_no_other(project, until):
    fence = project.snippet("a.py", "print('first a')\n")
    project.page("# Home\n")
    project.page(f"# A\n\n{fence}\n", "a.md")
    project.page("# B\n\n[A](a.md)\n", "b.md")
    served = Served(project, until, "docs/a.md")
    try:
        [site] = project.tmp.glob("mkdocs_*")

        def written():
            return {page: (site / page / "index.html").stat().st_mtime_ns for page in ("", "a", "b")}

        before = written()
        project.snippet("a.py", "print('second a')\n")
        assert served.shows("second a", "a/")
        after = written()
        assert {page for page in before if after[page] != before[page]} == {"a"}
        project.page("# B\n\n[A](a.md) anew, and [more](more.md)\n", "b.md")
        project.page("# More\n\n[B](b.md)\n", "more.md")
        assert served.shows("A anew, and more", "b/")
        assert served.shows("More", "more/")
        assert written()[""] == before[""]
        assert not any("WARNING" in line for line in served.said), served.said
    finally:
        served.stop()


def test_serving_shows_a_failure_on_the_page_and_in_the_terminal_and_goes_on(served):
    project = served.project
    assert served.shows("first a")
    served.ran()
    project.snippet("a.py", "print('half')\nassert 1 == 2, 'broken <b>'\n")
    assert served.shows("docs/index.md:3: snippets/a.py:3: AssertionError: broken <b>")
    assert 'class="dl-error" role="alert"' in served.page()
    assert served.until(
        lambda: any("docs/index.md:3: snippets/a.py:3: AssertionError: broken <b>" in line for line in served.said), 5
    )
    assert served.shows("b has 1")
    assert served.ran() == ["a.py"]

    project.page((project.root / "docs" / "index.md").read_text() + "\nMore text.\n")
    assert served.shows("More text.")
    assert served.ran() == []  # a failure whose inputs are the same is not run again

    project.snippet("a.py", "if x\n")
    assert served.shows("snippets/a.py:2: SyntaxError")
    project.snippet("a.py", "print('mended')\n")
    assert served.shows("mended")
    assert "dl-error" not in served.page()
    assert served.ran() == ["a.py"]


def test_serving_sees_new_snippets_pages_and_helpers(served):
    project = served.project
    project.write("new/other.py", "NAME = 'new helper'\n")
    project.snippet("t/d.py", "from new.other import NAME\nprint(NAME)\n")
    project.page("# More\n\n```snippet\nt/d.py\n```\n", "more.md")
    assert served.shows("new helper", "more/")
    project.write("new/other.py", "NAME = 'edited helper'\n")
    assert served.shows("edited helper", "more/")


def test_a_snippet_that_draws_for_the_first_time_while_serving_is_drawn(served):
    served.project.snippet("a.py", "import matplotlib.pyplot as plt\nplt.plot([1])\nprint('drawn')\n")
    served.project.page('# Served\n\n```snippet alt="A line."\na.py\n```\n')
    assert served.shows("drawn")
    assert 'aria-label="A line."' in served.page()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["INT", "TERM"])
def test_serving_ends_at_once_and_leaves_nothing(number, served):
    assert served.shows("first a")
    began = time.monotonic()
    status = served.stop(number)
    assert time.monotonic() - began < 6
    assert status in (0, 130)
    assert served.project.nothing_left()
    assert list(served.project.tmp.iterdir()) == []
    assert not any("Traceback" in line for line in served.said)
    assert not (served.project.root / "site").exists()


def test_a_served_project_with_a_helper_beside_its_folders_rests(project, until):
    project.write("helper.py", "X = 1\n")
    project.snippet("a.py", "import helper\nprint('has', helper.X)\n")
    project.show("a.py")
    served = Served(project, until)
    try:
        assert served.shows("has 1")
        time.sleep(2)
        assert sum("Building documentation" in line for line in served.said) <= 1
        project.write("helper.py", "X = 2\n")
        assert served.shows("has 2")
        time.sleep(2)
        assert sum("Building documentation" in line for line in served.said) <= 2
    finally:
        served.stop()


# --- building --------------------------------------------------------------------------------------


def test_a_build_from_an_empty_store_gives_the_same_pages_byte_for_byte(project):
    code = "import matplotlib.pyplot as plt\nprint(sorted({'a', 'b'}), hash('x'))\nplt.scatter(range(9), range(9))\nplt.plot(range(9000))\nplt.figure()\nplt.plot([1], label='a')\nplt.legend()\n"
    for name in "a.py", "t/b.py":
        project.snippet(name, code)
    project.page(
        '# One\n\n```snippet alt="A. | B."\na.py\n```\n\n$x^2$ {{ a.py:code }}\n'.replace("{{ a.py:code }}", "")
    )
    project.page(
        '# Two\n\n```snippet alt="A. | B." caption="$x$"\nt/b.py\n```\n\n```snippet alt="A. | B."\na.py\n```\n',
        "t/two.md",
    )
    project.good()
    first = {name: content for name, content in project.site().items() if not name.startswith("sitemap")}
    shutil.rmtree(project.root / ".dlref")
    shutil.rmtree(project.root / "site")
    project.good()
    second = {name: content for name, content in project.site().items() if not name.startswith("sitemap")}
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []
    assert b"<svg" in first["index.html"]


def test_mkdocs_itself_builds_the_same_page_and_refuses_what_is_wrong(built):
    config = built.root / ".dlref" / "mkdocs.yml"
    built.good()
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-f", config, "-d", built.root / "other"]
    subprocess.run(command, check=True, capture_output=True)
    assert (built.root / "other" / "index.html").read_bytes() == (built.root / "site" / "index.html").read_bytes()
    built.snippet("good.py", "1 / 0\n")
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert "docs/index.md:3: snippets/good.py:2: ZeroDivisionError: division by zero" in done.stderr


def test_what_the_reader_may_download_is_in_the_site(built):
    built.snippet("t/deep/a.py", "x = 1\n")
    built.page("# A\n\n```snippet\nt/deep/a.py\n```\n", "t/deep/page.md")
    built.good()
    page = (built.root / "site" / "t" / "deep" / "page" / "index.html").read_text()
    for link in re.findall(r'class="dl-download" href="([^"]*)"', page):
        assert (built.root / "site" / "t" / "deep" / "page" / link).resolve().is_file()
    names = set(built.site())
    assert {"snippets/good.py", "snippets/good.ipynb", "snippets/t/deep/a.py", "snippets/t/deep/a.ipynb"} <= names
    assert {"assets/dlref.css", "assets/dlref.js", "assets/katex/katex.min.css"} <= names
    style, script = ((built.root / "site" / "assets" / name).read_text() for name in ("dlref.css", "dlref.js"))
    assert not re.search(r"/\*|(?m:^ )", style + script)  # comments weigh and tell browsers nothing
    assert not re.search(r"(?m)^ *//", script)
    assert ".dl-snippet {\nmargin:" in style
    assert 'customElements.define("dl-copy", DlCopy);' in script
    assert '<link rel="stylesheet" href="../../../assets/dlref.css">' in page
    assert re.search(r'<script src="../../../assets/dlref.js" type="module">', page)


def test_only_what_changed_is_run_by_a_second_build(built):
    built.snippet("a.py", "print('a')\n")
    built.show("good.py", "a.py")
    done = built.build()
    assert (done.status, done.ran) == (0, {"a.py"})
    assert "2 snippets, 1 of them ran now" in done.out
    assert built.build().ran == set()


def test_an_asset_that_is_missing_is_a_problem(built):
    built.write(
        "mkdocs.yml",
        "site_name: x\ntheme: {name: material, font: false}\nplugins: [{dlref: {assets: {assets/x.woff2: none/x.woff2}}}]\n",
    )
    done = built.build()
    assert done.status == 1
    assert "no such file; if it is in node_modules, `npm ci` brings it" in done.err


def test_a_project_of_its_own_configuration_without_our_plugin_is_built_as_well(built):
    built.write(
        "mkdocs.yml",
        "site_name: mine\ntheme: {name: material, font: false}\nmarkdown_extensions: [pymdownx.superfences]\n",
    )
    built.good()
    assert built.outputs() == ["total: 2"]
    built.write("mkdocs.yml", "site_name: [\n")
    before = built.site()
    done = built.build()
    assert done.status == 1
    assert "Traceback" not in done.err
    assert built.site() == before


def test_the_templates_are_compiled_once_and_give_the_same_pages(built):
    folder = built.root / ".dlref" / "templates"
    before, times = built.site(), {file: file.stat().st_mtime_ns for file in folder.iterdir()}
    assert any("main.html" in file.read_bytes().decode("latin-1") for file in times)
    built.good()
    assert {file: file.stat().st_mtime_ns for file in folder.iterdir()} == times
    shutil.rmtree(folder)
    built.good()
    pages = [name for name in before if name.endswith(".html")]
    assert {name: built.site()[name] for name in pages} == {name: before[name] for name in pages}


def test_only_a_page_with_a_formula_loads_their_styles(built):
    built.page("# With\n\n$x$\n", "with.md")
    built.good()
    loads = {name: b"katex.min.css" in built.site()[name] for name in ("index.html", "with/index.html")}
    assert loads == {"index.html": False, "with/index.html": True}
