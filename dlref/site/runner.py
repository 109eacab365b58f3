"""Run one snippet in this process and report what it printed, drew and computed.

Stdlib only, and nothing of dlref: a fork server hands this file to a child process, in
whichever environment the snippet needs. The process is spent afterwards.
"""

from __future__ import annotations
import __future__

import ast
import atexit
import base64
import builtins
import io
import os
import re
import sys
import threading
import time
import types
import warnings
from collections.abc import Collection, Iterator
from itertools import groupby
from sys import getrecursionlimit as _limit
from sys import setrecursionlimit as _set_limit
from typing import Any, cast

_FEATURES = sum(getattr(__future__, name).compiler_flag for name in __future__.all_feature_names)
_ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = re.compile(r"[^\n\t\x20-\x7e\xa0-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]")  # and those of direction
_PATH_EVENTS = {  # audit event: which of its arguments are paths that change
    "os.chmod": (0,), "os.chown": (0,), "os.link": (1,), "os.mkdir": (0,), "os.remove": (0,),
    "os.rename": (0, 1), "os.rmdir": (0,), "os.symlink": (1,), "os.truncate": (0,), "os.utime": (0,),
}  # fmt: skip
_LOOKUPS = {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}
_TALKS = {"socket.connect", "socket.sendto", "socket.sendmsg"}
_UNIX, _LOOPBACK = 1, ("127.", "::1", "localhost")  # an address family; hosts that stay here
_OTHERS = re.compile(r"/proc/(\d+)/(environ|mem|fd|root|cwd|task|map_files)\b")
_MESSAGE, _VALUE = 2000, 100_000  # characters of an error, and of a value
_USED = """builtins sys os posixpath genericpath stat io codecs re re._compiler re._parser json json.encoder time
    threading warnings ast base64 types functools contextlib atexit faulthandler""".split()  # what reports a snippet


class Refused(BaseException):
    """A limit or a rule was broken. It counts even if the snippet catches it."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        _counts.append(self)


_counts: list[BaseException] = []  # what fails a snippet that goes on; one process runs one snippet


class Watch:
    """An audit hook: notes the files that are read, refuses writes elsewhere, what is private, and the network."""

    def __init__(
        self, folder: str, network: bool, shown: Collection[str] = (), private: Collection[str] = (),
        keepers: Collection[int] = (),
    ) -> None:  # fmt: skip
        self.folder, self.network, self.keepers = os.path.realpath(folder), network, {-1, *keepers}
        self.shown, self.private = [path + "/" for path in shown], [path + "/" for path in private]
        self.hidden = (*self.private, "/proc/")
        self.read: set[str] = set()

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        """Look at one audit event (see the table in Python's library reference)."""
        if event == "open":
            path, _, flags = args
            if isinstance(path, (str, bytes)):
                name = os.fsdecode(path)
                if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND):
                    self._may_write(name)
                else:
                    self._may_read(name)
                    self.read.add(name)
        elif event in _PATH_EVENTS:
            for index in _PATH_EVENTS[event]:
                if isinstance(args[index], (str, bytes)):
                    self._may_write(os.fsdecode(args[index]))
        elif event in ("os.kill", "os.killpg"):
            if args[0] in self.keepers or -args[0] in self.keepers:
                raise Refused("sends a signal to processes that are not its own")
        elif not self.network and (
            event in _LOOKUPS or (event in _TALKS and not self._stays(*args)) or _listens(event, args)
        ):
            raise Refused("opens the network; a snippet that must says `network = true` in [tool.dlref]")

    def _may_write(self, path: str) -> None:
        real = os.path.realpath(path)
        if real != os.devnull and not (real + os.sep).startswith(self.folder + os.sep):
            raise Refused(f"writes outside its own folder: {path}")

    def _may_read(self, path: str) -> None:
        place = (path if path.startswith("/") and "/." not in path else os.path.abspath(path)) + "/"
        if place.startswith(self.hidden):
            other = _OTHERS.match(place)
            if (other and int(other[1]) != os.getpid()) or _longest(place, self.private) > _longest(place, self.shown):
                raise Refused(f"reads what is private: {path}")

    def _stays(self, socket: Any, address: Any = None) -> bool:
        """Say whether a message goes to a process of the snippet's own: one that listens in its folder, or a pair."""
        if socket.family != _UNIX or not isinstance(address, (str, bytes)):
            return bool(socket.family == _UNIX and address is None)
        path = os.fsdecode(address)
        return "\0" not in path and os.path.realpath(path).startswith(self.folder + os.sep)


def _longest(place: str, folders: list[str]) -> int:
    """Return the length of the innermost of some folders that holds a place; 0: none does."""
    return max((len(folder) for folder in folders if place.startswith(folder)), default=0)


def _listens(event: str, args: tuple[Any, ...]) -> bool:
    """Say whether a socket asks for calls from elsewhere; several libraries try a loopback one when imported."""
    return event == "socket.bind" and isinstance(args[1], tuple) and not str(args[1][0]).startswith(_LOOPBACK)


class _Library:
    """Python's own modules as they are before a snippet: whatever it does to them, they report it as they were."""

    def __init__(self) -> None:
        self.ours = [(vars(sys.modules[name]), dict(vars(sys.modules[name]))) for name in _USED if name in sys.modules]
        self.theirs = list[tuple[dict[str, Any], dict[str, Any]]]()
        self.limit = sys.getrecursionlimit()

    def __enter__(self) -> None:
        self.theirs = self.restore()

    def __exit__(self, *_: object) -> None:
        _put(self.theirs)
        _set_limit(self.limit)

    def restore(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Put back what there was; return what the snippet made of it."""
        self.limit = _limit()
        _set_limit(max(self.limit, 1000))
        theirs = [(names, dict(names)) for names, _ in self.ours]
        _put(self.ours)
        sys.settrace(None)
        sys.setprofile(None)
        return theirs


def _put(states: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Give modules the names that they had."""
    for names, then in states:
        names.update(then)
        for name in names.keys() - then.keys():
            del names[name]


class _NoInput(io.TextIOBase):
    """Standard input that says so when it is read, instead of seeming empty."""

    def readable(self) -> bool:
        raise Refused("reads standard input; nobody is there to type")

    def read(self, size: int | None = -1) -> str:
        raise Refused("reads standard input; nobody is there to type")

    readline = read  # type: ignore[assignment]


class _Text(io.TextIOWrapper):
    """A standard stream that counts; the limit holds for what the cells print together."""

    written, limit = 0, 0

    def write(self, text: str) -> int:
        """Write, unless the snippet has printed more than its limit."""
        _Text.written += len(text)
        if _Text.written > _Text.limit:
            raise Refused(f"prints more than {_Text.limit // 1024} KiB of text")
        return super().write(text)


class _Capture:
    """File descriptors 1 and 2, and `sys.stdout` and `sys.stderr`, kept cell by cell."""

    def __init__(self, limit: int) -> None:
        _Text.limit = limit
        self.limit, self.seen = limit, {1: 0, 2: 0}
        for descriptor, name in (1, "stdout"), (2, "stderr"):
            file = os.memfd_create(name) if hasattr(os, "memfd_create") else _temporary_file()
            os.dup2(file, descriptor)
            os.close(file)
            raw = open(descriptor, "wb", closefd=False, buffering=0)
            stream = _Text(cast("Any", raw), "utf-8", errors="backslashreplace", write_through=True)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)

    def take(self) -> Iterator[dict[str, Any]]:
        """Yield what was written since the last call, as notebook outputs."""
        for descriptor, name in (1, "stdout"), (2, "stderr"):
            size = os.fstat(descriptor).st_size
            if sum(os.fstat(number).st_size for number in self.seen) > self.limit:
                raise Refused(f"prints more than {self.limit // 1024} KiB of text")
            text = os.pread(descriptor, size - self.seen[descriptor], self.seen[descriptor])
            self.seen[descriptor] = size
            if clean := plain(text.decode("utf-8", "backslashreplace")):
                yield {"output_type": "stream", "name": name, "text": clean}


def _temporary_file() -> int:
    import tempfile

    return os.dup(tempfile.TemporaryFile().fileno())


def plain(text: str) -> str:
    """Return terminal text as a reader would see it: no colours, no overwritten or control characters."""
    text = _ANSI.sub("", text).replace("\r\n", "\n")
    text = "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in text.split("\n"))
    return _CONTROL.sub("", text)


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Run a snippet and return `{"cells", "values", "modules", "files", "seconds", "cpu_seconds", "error"}`.

    Args:
        job: `file` (its path, for tracebacks), `folder` (the working directory), `root` (first on
            the module path; empty in an environment of the snippet's own), `cells` (each `source`
            and `line`), `text` (bytes), `figures` (a count), `network` and, to save looking at them,
            the third-party modules that are `preloaded`. Then what it must not get at: `private` places,
            unless they are `shown`, and the processes that are its `keepers`.
    """
    module = types.ModuleType("__main__")
    module.__file__, module.__builtins__ = job["file"], builtins  # type: ignore[attr-defined]
    sys.modules["__main__"], sys.argv, sys.stdin = module, [job["file"]], cast("Any", _NoInput())
    sys.path[:0] = [job["root"]] if job["root"] else []
    sys.dont_write_bytecode = True
    keep = [job.get(name, ()) for name in ("shown", "private", "keepers")]
    capture, watch = _Capture(job["text"]), Watch(job["folder"], job["network"], *keep)
    sys.unraisablehook = lambda hook: _counts.append(hook.exc_value or hook.exc_type())
    threading.excepthook = lambda hook: _counts.append(hook.exc_value or hook.exc_type())
    sys.addaudithook(watch)
    warnings.resetwarnings()
    warnings.simplefilter("error")
    atexit._clear()  # noqa: SLF001 ( what was preloaded is not left in order: that takes longer than a snippet)
    library = _Library()
    cells: list[list[dict[str, Any]]] = []
    result: dict[str, Any] = {"cells": cells, "values": {}, "error": None}
    began, computed, flags, drawn = time.perf_counter(), _computed(), 0, 0
    try:
        for cell in job["cells"]:
            outputs: list[dict[str, Any]] = []
            cells.append(outputs)
            code = compile("\n" * (cell["line"] - 1) + cell["source"], job["file"], "exec", flags, True)
            flags |= code.co_flags & _FEATURES
            exec(code, vars(module))
            with library:
                outputs.extend(capture.take())
                drawings = figures(f"{job['name']}#{len(cells)}", job["figures"] - drawn, png=job.get("png", False))
                for data, shown in drawings:
                    outputs.append({"output_type": "display_data", "metadata": {"shows": shown}, "data": data})
                    drawn += 1
                if _counts:
                    raise _counts[0]
        library.restore()
        _leave()
        outputs.extend(capture.take())
        if _counts:
            raise _counts[0]
        result["values"] = dict(_values(vars(module)))
    except BaseException as error:
        library.restore()
        result["error"] = _explain(error, job["file"], cell["line"])
    result["seconds"], result["cpu_seconds"] = time.perf_counter() - began, _computed() - computed
    result["modules"] = sorted({name.partition(".")[0] for name in map(str, list(sys.modules))})
    result["files"] = sorted(_touched(watch.read, watch.folder, job.get("preloaded", ())))
    return result


def _leave() -> None:
    """End as Python does: wait for threads that are no daemons, then call what was registered for the end."""
    threading._shutdown()  # type: ignore[attr-defined]  # noqa: SLF001
    atexit._run_exitfuncs()  # noqa: SLF001


def _computed() -> float:
    """Return the processor's seconds that this process has taken, with the children that it waited for."""
    times = os.times()
    return time.process_time() + times.children_user + times.children_system


def _values(names: dict[Any, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield (name, [kind, repr]) of what a page may print: numbers, strings, one-element tensors."""
    for name, value in names.items():
        try:
            if not isinstance(name, str) or name.startswith("_") or isinstance(value, (types.ModuleType, type)):
                continue
            if hasattr(value, "item") and getattr(value, "size", None) is not None:
                value = value.item()
            if type(value) in (bool, int, float, complex) or (type(value) is str and len(value) <= _VALUE):
                yield name, [type(value).__name__, repr(value)]
        except Exception:  # more than one element, a number of too many digits, or a class of its own ways
            continue


def _touched(read: set[str], folder: str, preloaded: Collection[str]) -> Iterator[str]:
    """Yield the files that the run read or imported and that no distribution or Python itself owns."""
    modules = [module for name, module in list(sys.modules.items()) if name not in preloaded]
    loaded = {file for module in modules if type(file := getattr(module, "__file__", None)) is str}
    owned = tuple(os.path.realpath(prefix) + os.sep for prefix in {
        folder, sys.prefix, sys.base_prefix, sys.exec_prefix, "/proc", "/sys", "/dev", "/etc", "/usr", "/lib",
    })  # fmt: skip
    site = os.path.dirname(os.path.realpath(__file__))  # this machinery, which the engine looks at itself
    ours = os.path.dirname(site) + os.sep  # dlref counts file by file, wherever it is installed
    for path in read | loaded:
        if path.startswith(owned) and not path.startswith(ours) and "/../" not in path:
            continue  # most of them, and looking closer costs more than the typical snippet
        if path.endswith(".pyc"):
            parent, _, name = path.rpartition("/__pycache__/")
            path = f"{parent}/{name.partition('.')[0]}.py"
        real = os.path.realpath(path)
        foreign = real.startswith(owned) or "/site-packages/" in real
        if not os.path.isdir(real) and (real.startswith(ours) or not foreign) and not real.startswith(site):
            yield real


def _explain(error: BaseException, file: str, line: int) -> dict[str, Any]:
    """Return the line of the snippet that failed (or that given), and what was expected and what came."""
    kind, message, inner = type(error).__name__, _said(error), ""
    trace, frame = error.__traceback__, None
    while trace is not None:
        place = trace.tb_frame.f_code.co_filename
        if place == file:
            line, frame, inner = trace.tb_lineno, trace.tb_frame, ""
        elif frame is not None:
            inner = f"{place}:{trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == file:
        line, message = error.lineno or 1, error.msg
    if isinstance(error, AssertionError) and not message and not inner and frame is not None:
        message = _assertion(file, line, frame)
    if isinstance(error, MemoryError) or "can't allocate memory" in message:
        message = f"{message} (out of its memory limit)".strip()
    suffix = f" (raised at {inner})" if inner else ""
    if isinstance(error, SystemExit):
        told = f"leaves by sys.exit({message}) before its end"
    elif isinstance(error, Refused):
        told = message
    else:
        told = f"{kind}: {message}{suffix}" if message else f"{kind}{suffix}"
    return {"line": line, "message": _message(told)}


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException as other:
        return f"(its message cannot be had: {type(other).__name__})"


def _message(text: str) -> str:
    """Return what a terminal and a log may show of an error: no control characters, and not megabytes."""
    text = text if len(text) <= _MESSAGE else f"{text[:_MESSAGE]}… ({len(text)} characters)"
    return plain(text.encode("utf-8", "backslashreplace").decode())


def _assertion(file: str, line: int, frame: types.FrameType) -> str:
    """Return the text of the failed assert with the two sides' values, where it compares two."""
    try:
        with open(file, encoding="utf-8") as source:
            tree = ast.parse(source.read())
        node = next(n for n in ast.walk(tree) if isinstance(n, ast.Assert) and n.lineno <= line <= n.end_lineno)  # type: ignore[operator]
        text = ast.unparse(node.test)
        if not isinstance(node.test, ast.Compare):
            return text
        sides = [node.test.left, *node.test.comparators]
        values = [eval(compile(ast.Expression(side), file, "eval"), frame.f_globals, frame.f_locals) for side in sides]
        return f"{text}, but came " + " and ".join(_short(value) for value in values)
    except BaseException:  # the report of a failure must not fail
        return ""


def _short(value: object) -> str:
    text = " ".join(builtins.repr(value).split())
    return text if len(text) <= 120 else text[:117] + "..."


# --- figures -------------------------------------------------------------------------------------

_DROPPED = re.compile(
    r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>|</?a\b[^>]*>|<defs>\s*<style.*?</style>\s*</defs>",
    re.DOTALL,
)
_REFERENCE = re.compile(r"(url\(|href=\")#([\w.:-]+)")


def figures(name: str, limit: int, *, png: bool = False) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield the open pyplot figures, in order, as a notebook's data with what they show, and close them."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    numbers = pyplot.get_fignums() if pyplot else []
    if len(numbers) > limit:
        raise Refused(f"draws more figures than its limit: {len(numbers)} are open and {limit} are left")
    for number in numbers:
        figure = cast("Any", pyplot).figure(number)
        data = {"image/svg+xml": svg(figure, f"{name}.{number}"), "text/plain": "<Figure>"}
        yield data | _png(figure, wanted=png), shows(figure)
    if pyplot:
        pyplot.close("all")


def svg(figure: Any, name: str) -> str:
    """Return a matplotlib figure as one SVG for both palettes.

    Colours become CSS variables with the light palette's as fallback; text stays text in the page's
    own type; ids are the same in every run; what has too many points to draw is rasterised.
    """
    import matplotlib

    for axes in figure.axes:
        for artist in [*axes.lines, *axes.collections]:
            artist.set_rasterized(artist.get_rasterized() or _dense(artist))
    file = io.BytesIO()
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": name}):
        figure.savefig(file, format="svg", metadata={"Date": None}, dpi=144)
    text = _DROPPED.sub("", file.getvalue().decode())
    ids = {old: f"_{index}" for index, old in enumerate(dict.fromkeys(m[2] for m in _REFERENCE.finditer(text)))}
    roles = _roles(matplotlib)
    text = re.sub(r"<[^>]+>", lambda tag: _tag(tag[0], ids, roles), text)
    return re.sub(r"\s*\n\s*", "", text)


def _png(figure: Any, *, wanted: bool) -> dict[str, str]:
    """Return a figure as the picture that Jupyter shows of a notebook it does not trust yet: one from the web."""
    if not wanted:
        return {}
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=110, facecolor="white", metadata={"Software": None})
    return {"image/png": base64.b64encode(file.getvalue()).decode()}


def _roles(matplotlib: Any) -> dict[str, str]:
    """Return the CSS variable that stands for each colour of the matplotlibrc this process began with."""
    rc, hexed = matplotlib.rcParamsOrig, matplotlib.colors.to_hex
    with matplotlib.rc_context({"axes.prop_cycle": rc["axes.prop_cycle"]}):
        cycle = {hexed(f"C{index}"): f"c{index}" for index in range(len(rc["axes.prop_cycle"]))}
    return cycle | {"#000000": "fg", "#ffffff": "bg", hexed(rc["grid.color"]): "grid",
                    hexed(rc["axes.edgecolor"]): "muted", hexed(rc["text.color"]): "fg"}  # fmt: skip


def _tag(tag: str, ids: dict[str, str], roles: dict[str, str]) -> str:
    """Return one tag of matplotlib's SVG with our ids, colours, type and two decimals."""
    if tag.startswith("<svg"):
        width, height = re.findall(r'(?:width|height)="([\d.]+)pt"', tag)
        return (f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
                f'width="{float(width) * 4 / 3:.0f}" height="{float(height) * 4 / 3:.0f}" '
                f'viewBox="0 0 {width} {height}" '
                f'style="stroke-linejoin:round;stroke-linecap:butt">')  # fmt: skip
    tag = re.sub(r"\s*\n\s*", "" if "base64," in tag else " ", tag)
    tag = re.sub(r' id="([^"]*)"', lambda m: f' id="{ids[m[1]]}"' if m[1] in ids else "", tag)
    tag = _REFERENCE.sub(lambda m: f"{m[1]}#{ids[m[2]]}", tag)
    tag = re.sub(r"font-family: [^;\"]+;? ?", "", tag)
    tag = re.sub(r"#[0-9a-f]{6}\b", lambda m: f"var(--dl-{roles[m[0]]},{m[0]})" if m[0] in roles else m[0], tag)
    return re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), tag)


def _dense(artist: Any) -> bool:
    """Say whether an artist has more points or paths than an SVG should carry."""
    if hasattr(artist, "get_xydata"):
        return len(artist.get_xydata()) > 5000
    return max(len(artist.get_paths()), len(artist.get_offsets())) > 1500


# --- what a figure shows ---------------------------------------------------------------------------

_WRITTEN = {"FixedFormatter", "FuncFormatter", "StrCategoryFormatter"}  # ticks that carry more than the limits


def shows(figure: Any) -> list[str]:
    """Return what a drawn figure shows, a line for each thing: data in a few numbers, and all text.

    No pixels, colours or places of text that a layout found: two releases of matplotlib agree on it.
    """
    lines = _things(figure)
    axes = list(figure.axes)
    for number, one in enumerate(axes, 1):
        axes.extend(inset for inset in one.child_axes if inset not in axes)
        sides = [getattr(one, name) for name in ("xaxis", "yaxis", "zaxis") if hasattr(one, name) and one.axison]
        lines += [f"axes {number}", *(f"  {text}" for text in [*map(_side, sides), *_things(one)])]
    return lines


def _side(axis: Any) -> str:
    """Return an axis' label, limits and scale, and the labels of its ticks where they are names."""
    low, high = axis.get_view_interval()
    ticks = [label.get_text() for label in axis.get_ticklabels()]
    named = f" {ticks}" if type(axis.get_major_formatter()).__name__ in _WRITTEN else ""
    label = axis.label.get_text()
    name = f"{axis.axis_name} {label!r}" if label else axis.axis_name
    return f"{name}: {axis.get_scale()}, {_number(low)} to {_number(high)}{named}"


def _things(parent: Any) -> list[str]:
    """Return the lines of what axes or a figure hold; neighbours of one kind and label share a line."""
    lines = list[str]()
    for (kind, *names), group in groupby(_seen(parent), lambda seen: (seen[0], *seen[1])):
        parts = [data for _, data in group]
        told = [f"{kind} {name}: {_summary([part[name] for part in parts])}" for name in names]
        lines += told or [kind] * len(parts)
    return lines


def _seen(parent: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield (kind and label, its numbers by name) of each visible thing that axes or a figure hold."""
    for artist in parent.get_children():
        label = artist.get_label()
        kind = type(artist).__name__
        if not artist.get_visible() or artist is parent.patch or "Spine" in kind:
            continue
        if kind == "Legend":
            for text in [artist.get_title(), *artist.get_texts()]:
                yield from _text("legend", text)
        elif kind == "Table":
            for cell in artist.get_celld().values():
                yield from _text("cell", cell.get_text())
        elif hasattr(artist, "get_fontsize"):
            yield from _text("text", artist, placed=artist in getattr(parent, "texts", ()) and hasattr(parent, "title"))
        elif data := _data(artist):
            named = f"{kind} {label!r}" if label and not str(label).startswith("_") else kind
            yield named, dict(_on_axis(parent, name, values) for name, values in data.items())


def _on_axis(parent: Any, name: str, values: Any) -> tuple[str, Any]:
    """Return numbers as an axis shows them: on a logarithmic one, it is their powers of ten."""
    import numpy

    scale = getattr(parent, f"get_{name[0]}scale", None)
    if scale is None or scale() != "log":
        return name, values
    with numpy.errstate(all="ignore"):
        return f"log {name}", numpy.log10(numpy.ma.filled(numpy.ma.asarray(values).astype(float), numpy.nan))


def _text(kind: str, artist: Any, *, placed: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a text that is not empty, with its place if the snippet chose it."""
    if text := artist.get_text():
        x, y = getattr(artist, "xy", artist.get_position())
        yield f"{kind} {text!r}", {"at": [artist.convert_xunits(x), artist.convert_yunits(y)]} if placed else {}


def _data(artist: Any) -> dict[str, Any]:
    """Return the numbers that an artist draws, by name; none if it draws no data."""
    if hasattr(artist, "get_data_3d"):
        return dict(zip("xyz", artist.get_data_3d(), strict=True))
    if hasattr(artist, "get_xydata"):
        return dict(zip("xy", artist.get_xydata().T, strict=True))
    if hasattr(artist, "get_bbox"):  # a bar
        return {name: [getattr(artist.get_bbox(), name)] for name in ("x0", "y0", "x1", "y1")}
    if hasattr(artist, "get_patch_transform"):
        return dict(zip("xy", artist.get_patch_transform().transform_path(artist.get_path()).vertices.T, strict=True))
    if hasattr(artist, "get_extent") and hasattr(artist, "get_array"):  # an image
        return {"pixels": artist.get_array(), "extent": artist.get_extent()}
    return _collection(artist) if hasattr(artist, "get_offsets") else {}


def _collection(artist: Any) -> dict[str, Any]:
    """Return the numbers of many points, areas, segments or arrows."""
    import numpy

    places, found = artist.get_offsets(), dict[str, Any]()
    if hasattr(artist, "get_coordinates"):
        found = dict(zip("xy", artist.get_coordinates().reshape(-1, 2).T, strict=True))
    elif len(places) > 1 or numpy.any(places):
        found = dict(zip("xy", places.T, strict=True)) | {"size": getattr(artist, "get_sizes", list)()}
    elif paths := artist.get_paths():
        found = dict(zip("xy", numpy.concatenate([path.vertices for path in paths]).T, strict=True))
    found |= {"colour": artist.get_array(), "u": getattr(artist, "U", None), "v": getattr(artist, "V", None)}
    return {name: values for name, values in found.items() if values is not None and numpy.size(values)}


def _summary(parts: list[Any]) -> str:
    """Return a few numbers that tell data from other data, whichever element, order or size has changed."""
    import numpy

    masked: Any = numpy.ma
    flat = masked.concatenate([numpy.ma.asarray(part).astype(float).ravel() for part in parts]).filled(numpy.nan)
    finite = flat[numpy.isfinite(flat)]
    if flat.size <= 6 or not finite.size:
        return f"[{', '.join(map(_number, flat[:6]))}]{f' of {flat.size}' if flat.size > 6 else ''}"
    some = flat[numpy.linspace(0, flat.size - 1, 5).round().astype(int)]
    with numpy.errstate(all="ignore"):  # a sum may overflow; then that is what it is
        facts = {"min": finite.min(), "max": finite.max(), "mean": finite.mean(), "sd": finite.std(),
                 "ramp": (finite * numpy.linspace(0, 1, finite.size)).mean()}  # fmt: skip
    told: list[str] = [f"{flat.size} as [{', '.join(map(_number, some))}]"]
    told += [f"{name} {_number(fact)}" for name, fact in facts.items()]
    told += [f"{flat.size - finite.size} not finite"] * (finite.size < flat.size)
    return ", ".join(told)


def _number(value: Any) -> str:
    """Return a number to nine digits, never looking like a count."""
    return repr(float(f"{float(value):.9g}"))
