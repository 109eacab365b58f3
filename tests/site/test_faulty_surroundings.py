"""Stores, machines and moments that are against a build: the site is whole, the last good one, or there is none."""

import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from dlref.site import build, outcomes

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'
    '<g id="_0"><path d="M 0 0" style="fill: none"/></g></svg>'
)


# --- stores ---------------------------------------------------------------------------------------


class Entry:
    """The newest result of a snippet in a store, to be spoiled."""

    def __init__(self, store: Path, path: str) -> None:
        self.store = store
        self.manifest = max((store / "results" / path).iterdir())

    @property
    def said(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self.manifest.read_text())
        return said

    @property
    def notebook(self) -> Path:
        return self.store / "notebooks" / f"{self.said['notebook']}.ipynb"

    def says(self, change) -> None:
        """Change what the manifest says."""
        said = self.said
        change(said)
        self.manifest.write_text(json.dumps(said))

    def holds(self, content: bytes) -> None:
        """Put another notebook there, with its right digest."""
        name = hashlib.sha256(content).hexdigest()
        (self.store / "notebooks" / f"{name}.ipynb").write_bytes(content)
        self.says(lambda said: said.update(notebook=name))

    def forge(self, change) -> None:
        """Change the notebook, with its digest."""
        executed = json.loads(self.notebook.read_bytes())
        change(executed)
        self.holds(json.dumps(executed).encode())

    def output(self, *data: dict[str, Any]) -> None:
        """Have the notebook show something else."""
        self.forge(lambda executed: executed["cells"][0].update(outputs=list(data)))

    def draws(self, svg: str) -> None:
        data = {"image/svg+xml": svg, "text/plain": "<Figure>"}
        self.output({"output_type": "display_data", "metadata": {"shows": []}, "data": data})


def instead(file: Path, make) -> None:
    """Put something else in the place of a file."""
    file.unlink()
    make(file)


def away(file: Path) -> None:
    """Put a link in the place of a file, to itself elsewhere."""
    other = file.with_name(f"{file.name}.other")
    file.rename(other)
    file.symlink_to(other)


def inputs(**changes):
    return lambda entry: entry.says(lambda said: said["inputs"].update(changes))


def facts(**changes):
    return lambda entry: entry.says(lambda said: said.update(changes))


def files(name: str, digest: str = ""):
    return inputs(files={name: digest})


FORGED = "<script>alert('forged')</script>"
HTML = {"output_type": "display_data", "metadata": {}, "data": {"text/html": FORGED}}
STREAM = {"output_type": "stream", "name": "stdout", "text": "forged\n"}
SPOILED = {
    # damaged
    "a manifest cut short": lambda e: e.manifest.write_bytes(e.manifest.read_bytes()[:-20]),
    "an empty manifest": lambda e: e.manifest.write_bytes(b""),
    "a manifest that is a tower": lambda e: e.manifest.write_text("[" * 100_000),
    "a manifest that is a folder": lambda e: instead(e.manifest, Path.mkdir),
    "a manifest that is a pipe": lambda e: instead(e.manifest, os.mkfifo),
    "a manifest that is a link": lambda e: away(e.manifest),
    "a manifest that is a link to itself": lambda e: instead(e.manifest, lambda file: file.symlink_to(file.name)),
    "a manifest without end": lambda e: os.truncate(e.manifest, 1 << 36),
    "a notebook cut short": lambda e: e.notebook.write_bytes(e.notebook.read_bytes()[:-20]),
    "an empty notebook": lambda e: e.notebook.write_bytes(b""),
    "a notebook that is gone": lambda e: e.notebook.unlink(),
    "a notebook that is a folder": lambda e: instead(e.notebook, Path.mkdir),
    "a notebook that is a pipe": lambda e: instead(e.notebook, os.mkfifo),
    "a notebook that is a link": lambda e: away(e.notebook),
    "a notebook without end": lambda e: os.truncate(e.notebook, 1 << 36),
    "a notebook with another digest": lambda e: e.notebook.write_bytes(e.notebook.read_bytes().replace(b"total", b"forge")),
    # foreign
    "another Python": inputs(python="2.7.18"),
    "another platform": inputs(platform="plan9-mips"),
    "another runner": inputs(runner="0" * 64),
    "another format": facts(format=99),
    "a release that is not here": inputs(distributions={"torch": "0.0.1"}),
    "inputs of its own": inputs(trust="me"),
    # wrong types
    "inputs that are a list": facts(inputs=[]),
    "files that are a list": inputs(files=["snippets/a.py"]),
    "files that are numbers": inputs(files={"x": 1}),
    "a notebook that is a number": facts(notebook=7),
    "a notebook elsewhere": facts(notebook="../../outside"),
    "a notebook with NUL in its name": facts(notebook="a\0b"),
    "seconds that are text": facts(seconds="forged", cpu_seconds="forged"),
    "seconds without end": facts(cpu_seconds=10**400),
    "seconds that are none": facts(cpu_seconds=float("nan")),
    "no seconds": lambda e: e.says(lambda said: said.pop("cpu_seconds")),
    # that point outside
    "a file outside": files("../outside.txt", hashlib.sha256(b"secret").hexdigest()),
    "a file that seems inside": files("snippets/../../outside.txt", hashlib.sha256(b"secret").hexdigest()),
    "a file of the kernel": files("/proc/self/environ"),
    "a device": files("/dev/zero"),
    # poisoned, with the right digest
    "HTML": lambda e: e.output(HTML),
    "HTML beside text": lambda e: e.output(STREAM, HTML),
    "HTML beside a figure": lambda e: e.output(HTML | {"metadata": {"shows": []}, "data": {"image/svg+xml": SVG, "text/plain": "", "text/html": FORGED}}),
    "a script": lambda e: e.output({"output_type": "display_data", "metadata": {}, "data": {"application/javascript": "alert(1)"}}),
    "a script in a figure": lambda e: e.draws(SVG.replace("<g ", f"{FORGED}<g ")),
    "a result": lambda e: e.output({"output_type": "execute_result", "metadata": {}, "data": {"text/plain": "forged"}, "execution_count": 1}),
    "an error": lambda e: e.output({"output_type": "error", "ename": "forged", "evalue": "", "traceback": []}),
    "text that is a list": lambda e: e.output(STREAM | {"text": ["forged"]}),
    "a stream of another name": lambda e: e.output(STREAM | {"name": 'x" onclick="alert(1)'}),
    "a stream with metadata": lambda e: e.output(STREAM | {"metadata": {"forged": 1}}),
    "outputs that are text": lambda e: e.forge(lambda n: n["cells"][0].update(outputs="forged")),
    "another snippet's notebook": lambda e: e.holds(Entry(e.store, "good.py").notebook.read_bytes()),
    "other code": lambda e: e.forge(lambda n: n["cells"][0].update(source="print('forged')")),
    "a cell more": lambda e: e.forge(lambda n: n["cells"].append(n["cells"][0])),
    "no cells": lambda e: e.forge(lambda n: n.update(cells=[])),
    "a key more": lambda e: e.forge(lambda n: n.update(forged=FORGED)),
    "metadata of its own": lambda e: e.forge(lambda n: n["metadata"].update(widgets={"forged": FORGED})),
    "another kernel": lambda e: e.forge(lambda n: n["metadata"]["kernelspec"].update(name="bash")),
    "metadata in a cell": lambda e: e.forge(lambda n: n["cells"][0]["metadata"].update(forged=1)),
    "a mark that it was not executed": lambda e: e.forge(lambda n: n["metadata"]["dlref"].update(executed=False)),
    "a value of another kind": lambda e: e.forge(lambda n: n["metadata"]["dlref"]["values"].update(number=["html", FORGED])),
    "a value that is code": lambda e: e.forge(lambda n: n["metadata"]["dlref"]["values"].update(number=["str", "__import__('os')"])),
    "a value that is a tower": lambda e: e.forge(lambda n: n["metadata"]["dlref"]["values"].update(number=["str", "(" * 50_000])),
    "a value that is no number": lambda e: e.forge(lambda n: n["metadata"]["dlref"]["values"].update(number=["int", "forged"])),
    "a value without end": lambda e: e.forge(lambda n: n["metadata"]["dlref"]["values"].update(number=["int", "9" * 50_000])),
    "values that are a list": lambda e: e.forge(lambda n: n["metadata"]["dlref"].update(values=["forged"])),
    "needs that are text": lambda e: e.forge(lambda n: n["metadata"]["dlref"].update(requires="forged")),
    "a tower": lambda e: e.holds(b'{"cells": ' + b"[" * 100_000),
    "a list": lambda e: e.holds(b"[]"),
    "a number": lambda e: e.holds(b"7"),
    "no JSON": lambda e: e.holds(b"forged"),
}  # fmt: skip


@pytest.fixture(scope="module")
def spoiled(tmp_path_factory, projects, template):
    """The project of a store in which each entry is spoiled in another way, with what a build said and did."""
    project = projects(tmp_path_factory.mktemp("spoiled"))
    shutil.copytree(template, project.root, dirs_exist_ok=True)
    (project.root.parent / "outside.txt").write_text("secret")
    names = [f"s{number:02}.py" for number in range(len(SPOILED))]
    for name in names:
        project.write(f"snippets/{name}", f'"""It is {name}."""\nnumber = 1\nprint("total of {name}:", number)\n')
    project.show("good.py", *names)
    project.environment["SOURCE_DATE_EPOCH"] = "1700000000"
    before = project.good().site()
    store = project.root / ".dlref"
    for name, spoil in zip(names, SPOILED.values(), strict=True):
        spoil(Entry(store, name))
    (store / "results" / "good.py" / "\u00b2\u00b3.json").write_text("forged")  # digits, but no number
    for folder in store / "results" / "good.py", store / "notebooks":
        (folder / ".tmp_left_over").write_text("forged")
    gone = store / "building" / "4194305"  # a process that there cannot be
    gone.mkdir()
    (gone / "tmp_left_over").write_text("forged")
    done = project.build()
    return project, done, before, dict(zip(SPOILED, names, strict=True))


def test_a_spoiled_store_gives_the_site_that_a_sound_one_gives(spoiled):
    project, done, before, names = spoiled
    assert (done.status, done.problems) == (0, []), done.err
    assert "Traceback" not in done.err
    assert done.ran == set(names.values())
    after = project.site()
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name] and "report" not in name] == []
    assert not (project.root / ".dlref" / "building" / "4194305").exists()
    assert project.nothing_left()
    assert list(project.tmp.iterdir()) == []
    assert project.build().ran == set()


@pytest.mark.parametrize("name", SPOILED)
def test_a_result_is_not_taken_from_the_store_that_is(name, spoiled):
    _, done, _, names = spoiled
    assert names[name] in done.ran


DRAWN = {
    "as it is drawn": ("<path", "<path", True),
    "text": ("<path", '<text x="1">a &lt; b, on = 1, url(x), @</text><path', True),
    "a picture of pixels": ("<path", '<image xlink:href="data:image/png;base64,iVBORw0KGgo="/><path', True),
    "a use": ("<path", '<use xlink:href="#_0"/><path', True),
    "a script": ("<path", "<script>alert(1)</script><path", False),
    "a frame of HTML": ("<path", "<foreignObject><p>a</p></foreignObject><path", False),
    "an animation": ("<path", '<set attributeName="href" to="javascript:alert(1)"/><path', False),
    "a style": ("<path", "<style>@import url(//a.b)</style><path", False),
    "a link": ("<path", '<a href="//a.b"><path', False),
    "an event": ("<path", '<path onload="alert(1)"', False),
    "an event in capitals": ("<path", '<path OnLoad = "alert(1)"', False),
    "a script's address": ("<path", '<use href="javascript:alert(1)"/><path', False),
    "an address elsewhere": ("<path", '<image href="https://example.org/a.png"/><path', False),
    "a picture that is a drawing": ("<path", '<image href="data:image/svg+xml;base64,AA"/><path', False),
    "an address in a style": ("fill: none", "fill: url(https://example.org/a)", False),
    "an address in a style, spelled otherwise": ("fill: none", "fill: \\75rl(//a.b)", False),
    "an address in a style, as entities": ("fill: none", "fill: &#117;rl(//a.b)", False),
    "an end and HTML": ("</svg>", "</svg><img src=x>", False),
    "a comment": ("<path", "<!-- a --><path", False),
    "an entity": ("<svg ", '<!DOCTYPE a [<!ENTITY b "c">]><svg ', False),
    "a tag that never ends": ("</svg>", "<path d=", False),
    "quotes that never end": ("</svg>", '<path d="', False),
    "ten million tags": ("</svg>", "<g " * 3_000_000, False),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_figure_is_one_of_our_writer_or_none(name):
    old, new, fine = DRAWN[name]
    data = {"image/svg+xml": SVG.replace(old, new, 1), "text/plain": "<Figure>"}
    began = time.process_time()
    shown = {"output_type": "display_data", "metadata": {"shows": []}, "data": data}
    assert outcomes.made_by_the_runner(shown) is fine
    assert time.process_time() - began < 10


def without_rights(*command: str) -> list[str]:
    """Return a command that runs without root's right to read and write whatever it likes."""
    lost = "-dac_override,-dac_read_search,-fowner"
    return [*(["setpriv", f"--bounding-set={lost}", f"--inh-caps={lost}"] if not os.getuid() else []), *command]


def dlref(project, *arguments: str, before: str = "", wrap=lambda *command: list(command), **options):
    """Run a `dlref` command by way of another; `before` is what a shell does first."""
    command = wrap(sys.executable, "-m", "dlref.site.cli", *arguments, "--root", str(project.root))
    if before:
        command = ["sh", "-c", f'{before}; exec "$@"', "sh", *command]
    environment = {"TMPDIR": str(project.tmp), "PYTHONWARNINGS": "error", **os.environ} | project.environment
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False,
                          **{"env": environment, "cwd": project.root, **options})  # fmt: skip


def write_protected(project):
    for folder in [project.root / ".dlref", *(project.root / ".dlref").rglob("*")]:
        if folder.is_dir():
            folder.chmod(0o555)


def in_place(folder: Path) -> None:
    shutil.rmtree(folder)
    folder.write_text("a file")


UNUSABLE = {
    "a store that is a file": (
        lambda p: in_place(p.root / ".dlref"),
        lambda *c: list(c),
        r"\.dlref.*: (File exists|Not a directory)",
    ),
    "results that are a file": (
        lambda p: in_place(p.root / ".dlref" / "results"),
        lambda *c: list(c),
        "ran, but its result cannot be kept in .*: (File exists|Not a directory)",
    ),
    "a store that may not be written": (write_protected, without_rights, "Permission denied"),
}


@pytest.mark.parametrize("name", UNUSABLE)
def test_a_store_that_cannot_be_used_is_a_problem_and_the_site_stays(name, built):
    spoil, wrap, message = UNUSABLE[name]
    built.snippet("new.py", "print('new')\n")
    built.snippet("fails.py", "1 / 0\n")
    built.show("good.py", "new.py", "fails.py")
    before = built.site()
    spoil(built)
    try:
        done = dlref(built, "build", wrap=wrap)
    finally:
        for folder in (built.root / ".dlref").rglob("*"):
            folder.chmod(0o755)
        (built.root / ".dlref").chmod(0o755)
    assert done.returncode == 1
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert before == built.site() != {}
    assert built.nothing_left()
    assert list(built.tmp.iterdir()) == []


# --- machines -------------------------------------------------------------------------------------


def test_a_disk_that_is_full_is_a_problem_at_whatever_moment_and_leaves_no_half_site(built, namespaces):
    """The disk is in memory, of a few sizes: so full for a build, for a result, for pages or for the last file."""
    script = """
    mount -t tmpfs -o size=$1 none "$2" && cp -a "$3/." "$2" && rm -rf "$2/.dlref" && cd "$2"
    before=$(find site -type f | sort | xargs cat | sha256sum)
    shift 3; "$@" --root . ; echo "status $?"
    find .dlref/building -mindepth 2 -maxdepth 2 2>/dev/null
    test "$before" = "$(find site -type f | sort | xargs cat | sha256sum)" && echo "as it was"
    """
    place = built.root.parent / "disk"
    place.mkdir()
    size = sum(file.stat().st_blocks * 512 for file in built.root.rglob("*") if ".dlref" not in file.parts)
    said = set()
    for room in 0, 900, 3200:
        command = ["unshare", "-rm", "sh", "-c", script, "sh", f"{size // 1024 + room}k", str(place), str(built.root)]
        command += [sys.executable, "-m", "dlref.site.cli", "build"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        lines = done.stdout.splitlines()
        assert "Traceback" not in done.stderr
        assert "No space left on device" in done.stderr, (room, done.stdout, done.stderr)
        assert lines[-2:] == ["status 1", "as it was"], (room, done.stdout, done.stderr)
        said |= {line.partition(":")[0] for line in done.stderr.splitlines() if "No space left" in line}
    assert len(said) > 1
    assert built.nothing_left()


def test_a_file_that_may_not_grow_is_a_problem_and_leaves_no_half_site(built):
    built.snippet("new.py", "print('x' * 50_000)\n")
    built.show("good.py", "new.py")
    before = built.site()
    done = dlref(built, "build", before="ulimit -S -f 40")  # in blocks of 512 bytes
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "File too large" in done.stderr
    assert before == built.site() != {}
    assert built.nothing_left()
    assert not list((built.root / ".dlref" / "building").glob("*/*"))


SURROUNDINGS = {  # what a shell does first, what the environment says, and how the command is started
    "far away and in other letters": ("", {"TZ": "Pacific/Chatham", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {}),
    "without a home, a place for files, a language": ("unset HOME LANG LC_ALL PATH_INFO", {"TMPDIR": "/nowhere", "TZ": ":/nowhere"}, {}),
    "with a home that is no folder and nobody else's rights": ("umask 077", {"HOME": "/dev/null", "LC_ALL": "tr_TR.UTF-8"}, {}),
    "with standard streams closed": ("exec <&-; exec >&-; exec 2>&-", {}, {}),
    "from another folder, with a wide open umask": ("umask 000", {"PYTHONHASHSEED": "7", "COLUMNS": "20"}, {"cwd": "/"}),
    "without git": ("", {"PATH": "/nowhere"}, {}),
    "with a git that is broken": ("", {"GIT_DIR": "/nowhere"}, {}),
}  # fmt: skip


@pytest.fixture(scope="module")
def dated(tmp_path_factory, projects):
    """A project that says when it was built and where it comes from, and the site that it gives."""
    project = projects(tmp_path_factory.mktemp("dated"))
    project.write(
        "snippets/good.py", '"""One and one is two."""\n\ntotal = 1 + 1\nprint("İı:", sorted({"b", "a"}), total)\n'
    )
    project.page("# Süms\n\n```snippet\ngood.py\n```\n\nIs {{ good.py:total:.2f }}.\n")
    project.write(
        "mkdocs.yml",
        "site_name: Süms\ntheme: {name: material, font: false}\nrepo_url: https://example.org/x\nsite_url: https://example.org/\n",
    )
    (project.root / ".git").mkdir()
    (project.root / ".git" / "HEAD").write_text("ref: nowhere\n")
    project.environment["SOURCE_DATE_EPOCH"] = "1700000000"
    return project, project.good().site()


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_a_site_is_the_same_byte_for_byte_when_built(name, dated):
    project, before = dated
    shell, environment, options = SURROUNDINGS[name]
    shutil.rmtree(project.root / "site", ignore_errors=True)  # the case before may have failed
    shutil.rmtree(project.root / ".dlref" / "results", ignore_errors=True)
    environment = {"TMPDIR": str(project.tmp), **os.environ} | project.environment | environment
    done = dlref(project, "build", before=shell, env=environment, **options)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    after = project.site()
    assert after.keys() == before.keys()
    assert [name for name in before if before[name] != after[name]] == []
    assert project.nothing_left()
    assert list(project.tmp.iterdir()) == []


NAMES = {
    "signs": "a \"b\" 'c' #1 50% {x} [y]: z, & $HOME `id` \\ ;\n*?",
    "a number": "2024",
    "letters": "模型 é \U0001f469 שלום",
    "length": "/".join(["x" * 200] * 12),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_project_is_built_in_a_folder_with_a_name_of(name, tmp_path, projects):
    project = projects(tmp_path)
    project.root = project.root.parent / NAMES[name]
    project.write("snippets/good.py", '"""It holds."""\nimport sys\nprint("total:", 2)\n')
    project.write("docs/index.md", "# Sums\n\n```snippet\ngood.py\n```\n")
    project.good()
    assert project.outputs() == ["total: 2"]
    assert project.nothing_left()


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_who_stops_reading_does_not_spoil_a_build(stream, built):
    built.snippet("new.py", "print('new')\n")
    built.show("good.py", "new.py")
    reader, writer = os.pipe()
    os.close(reader)
    streams: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, stream: writer}
    command = [sys.executable, "-m", "dlref.site.cli", "build", "--root", str(built.root)]
    status = subprocess.run(command, check=False, timeout=60, **streams).returncode
    os.close(writer)
    assert status in (0, 1)
    assert built.nothing_left()
    assert "new" in built.outputs() or built.outputs() == ["total: 2"]
    assert not list((built.root / ".dlref" / "building").glob("*/*"))
    built.good()


# --- moments ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [True, False], ids=["the first ones", "again"])
def test_two_builds_at_once_both_end_well_and_leave_one_whole_site(first, built):
    built.environment["SOURCE_DATE_EPOCH"] = "1700000000"
    whole = built.good().site()
    shutil.rmtree(built.root / ".dlref")
    if first:
        shutil.rmtree(built.root / "site")
    processes = [built.start("build") for _ in range(2)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert (process.returncode, "Traceback" in err) == (0, False), err
    assert built.site() == whole
    assert not list((built.root / ".dlref" / "building").glob("*/*"))
    assert built.nothing_left()


def test_sites_that_are_put_into_one_place_at_once_leave_a_whole_one(tmp_path):
    target, errors = tmp_path / "site", list[BaseException]()

    def put(number: int) -> None:
        for turn in range(40):
            fresh = tmp_path / f"{number}-{turn}" / "site"
            fresh.mkdir(parents=True)
            for name in "abc":
                (fresh / name).write_text(f"{number}-{turn}")
            try:
                build.exchange(fresh, target)
            except OSError as error:
                errors.append(error)

    threads = [threading.Thread(target=put, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len({(target / name).read_text() for name in "abc"}) == 1


HOOK = """
import importlib, os, signal, sys
from dlref.site import cli
(module, _, inside), name, number, times = sys.argv[1].partition(":"), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
place = importlib.import_module(module)
place = getattr(place, inside) if inside else place
original = getattr(place, name)
def interrupted(*arguments, **options):
    for _ in range(times):
        os.kill(os.getpid(), number)
    return original(*arguments, **options)
setattr(place, name, interrupted)
sys.exit(cli.main(sys.argv[5:]))
"""
MOMENTS = {  # which function is called at the moment, and the signal
    "while it starts": ("dlref.site.engine:Engine", "refresh", signal.SIGTERM),
    "before the fork server": ("dlref.site.pool:socket", "socketpair", signal.SIGINT),
    "while snippets are begun": ("dlref.site.engine:Engine", "_submit", signal.SIGTERM),
    "while a snippet runs": ("dlref.site.engine", "wait", signal.SIGKILL),
    "when a snippet is done": ("dlref.site.engine:Engine", "_record", signal.SIGINT),
    "while it stores": ("dlref.site.store:os", "replace", signal.SIGKILL),
    "while it stores, asked to end": ("dlref.site.store:os", "replace", signal.SIGTERM),
    "while pages are read": ("dlref.site.markdown", "sources", signal.SIGINT),
    "while pages are rendered": ("dlref.site.plugin:DlrefPlugin", "on_page_content", signal.SIGTERM),
    "while the site is written": ("dlref.site.plugin:DlrefPlugin", "on_post_page", signal.SIGKILL),
    "while downloads are written": ("dlref.site.files", "downloads", signal.SIGINT),
    "before the exchange": ("dlref.site.build", "exchange", signal.SIGKILL),
    "while it clears up": ("dlref.site.engine:Engine", "close", signal.SIGINT),
    "while it clears up, asked to end": ("dlref.site.pool:ForkServer", "close", signal.SIGTERM),
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_build_leaves_a_whole_site_and_nothing_else_when_it_is_interrupted(name, built, until):
    place, function, number = MOMENTS[name]
    built.environment |= {"SOURCE_DATE_EPOCH": "1700000000", "PYTHONWARNINGS": "ignore"}
    built.snippet("new.py", "print('new')\n")
    built.show("good.py", "new.py")
    old = built.site()
    process = built.start(place, function, str(int(number)), "2", "build", executable=("-c", HOOK))
    _, err = process.communicate(timeout=30)
    assert built.nothing_left()
    assert until(lambda: not list(built.tmp.iterdir()), 5)
    assert "Traceback" not in err, err
    done = "clears up" in name
    assert process.returncode in ((0, 130) if done else (-signal.SIGKILL,) if number == signal.SIGKILL else (130,)), err
    if not done:
        assert built.site() == old
        if number != signal.SIGKILL:
            assert not list((built.root / ".dlref" / "building").glob("*/*"))
    built.good()
    assert built.outputs() == ["total: 2", "new"]
    assert not list((built.root / ".dlref" / "building").glob("*/*"))
