"""Measure our engine against its peers: 24 one-figure torch snippets, cold and unchanged.

Every engine builds the same pages with the same theme in the same run, in turns, so that noise hits all
alike; the figures to keep are the ratios. `make bench` runs it; the peers get a virtual environment of
their own. The exit status is 1 when a target is missed.
"""

import argparse
import json
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import venv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
COUNT, MANY = 24, 1000
CHEAP = '"""Twice {n} is even."""\n\ntwice = 2 * {n}\nassert twice % 2 == 0\nprint(twice)\n'

SNIPPET = '''"""The area under tanh is the same on both sides, at steepness {n}."""

import matplotlib.pyplot as plt
import torch

torch.manual_seed({n})
x = torch.linspace(-3, 3, 201)
y = torch.tanh(({n} + 1) * x + 0.01 * torch.rand(201))
area = torch.trapezoid(y, x).item()
assert abs(area) < 0.1
figure, axes = plt.subplots()
axes.plot(x.numpy(), y.numpy())
axes.set_xlabel("input")
axes.set_ylabel("output")
print(f"area number {n} is {{area:.6f}}")
'''
AS_HTML = """
import io
svg = io.StringIO()
figure.savefig(svg, format="svg")
plt.close(figure)
print(svg.getvalue()[svg.getvalue().index("<svg"):])
"""
MKDOCS = """site_name: Benchmark
theme:
  name: material
  font: false
plugins: [{plugins}]
markdown_extensions:
  - pymdownx.highlight
  - pymdownx.superfences
{extensions}"""


@dataclass(frozen=True)
class Engine:
    """One way to put the snippets on pages.

    Attributes:
        name: What the table calls it.
        write: Writes the sources of snippet n below a folder.
        command: Builds that folder.
        figure: What each page has once for its figure; None for an engine that executes nothing.
        plugins: The entries of mkdocs.yml's plugins.
        extensions: Its further markdown_extensions.
    """

    name: str
    write: Callable[[Path, int, str], None]
    command: list[str]
    figure: str | None
    plugins: str = "search"
    extensions: str = ""

    def prepare(self, folder: Path) -> None:
        """Write the sources into an empty folder: nothing is left of an earlier build."""
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "docs").mkdir(parents=True)
        text = MKDOCS.format(plugins=self.plugins, extensions=self.extensions)
        (folder / "mkdocs.yml").write_text(text)
        (folder / "docs" / "index.md").write_text("# Benchmark\n\nOne page a snippet.\n")
        for n in range(COUNT):
            self.write(folder, n, SNIPPET.format(n=n))

    def check(self, folder: Path) -> None:
        """Raise RuntimeError unless every page shows its snippet, its text output and its figure."""
        for n in range(COUNT):
            page = (folder / "site" / f"s{n:02}" / "index.html").read_text(encoding="utf-8")
            ran = re.search(rf"area number {n} is -?\d\.\d{{6}}", page) is not None
            figures = page.count(self.figure) if self.figure else 0
            if "linspace" not in page or (ran, figures) != ((True, 1) if self.figure else (False, 0)):
                raise RuntimeError(f"{self.name}: page {n} has text output: {ran}, figures: {figures}")


def write_ours(folder: Path, n: int, code: str) -> None:
    """Write a snippet file, and a page that refers to it."""
    (folder / "snippets").mkdir(exist_ok=True)
    (folder / "snippets" / f"s{n:02}.py").write_text(code)
    page(folder, n, f'```snippet alt="A curve."\ns{n:02}.py\n```')


def write_jupyter(folder: Path, n: int, code: str) -> None:
    """Write a page that is itself a script, which becomes a notebook with a heading cell."""
    (folder / "docs" / f"s{n:02}.py").write_text(f"# %% [markdown]\n# # Snippet {n}\n\n# %%\n{code}")


def write_exec(folder: Path, n: int, code: str) -> None:
    """Write a page whose fence is executed and prints its figure as SVG."""
    page(folder, n, f'```python exec="1" html="1" source="above"\n{code}{AS_HTML}```')


def write_plain(folder: Path, n: int, code: str) -> None:
    """Write a page that only shows its code."""
    page(folder, n, f"```python\n{code}```")


def page(folder: Path, n: int, fence: str) -> None:
    """Write page n, the same for every engine but for its fence."""
    (folder / "docs" / f"s{n:02}.md").write_text(f"# Snippet {n}\n\nWhat the snippet shows.\n\n{fence}\n")


def engines(peers: Path) -> dict[str, Engine]:
    """Return the four engines; the peers run in their own environment, plain MkDocs in ours."""
    mkdocs = ["-m", "mkdocs", "build"]
    every = [
        Engine(
            "dlref",
            write_ours,
            [sys.executable, "-m", "dlref.site.cli", "build"],
            'class="dl-figure"',
            "search, dlref",
            "  - dlref.site.markdown\n",
        ),
        Engine(
            "mkdocs-jupyter",
            write_jupyter,
            [str(peers), *mkdocs],
            'src="data:image/png',
            "search, mkdocs-jupyter: {execute: true, include: ['s*.py']}",
        ),
        Engine("markdown-exec", write_exec, [str(peers), *mkdocs], 'id="figure_1"', "search, markdown-exec"),
        Engine("plain", write_plain, [sys.executable, *mkdocs], None),
    ]
    return {engine.name: engine for engine in every}


def environment(folder: Path) -> Path:
    """Return the Python of the peers' environment, which is made or brought up to date first."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    constraints = (ROOT / "constraints.txt").read_text()
    wanted = [*project["dependencies"], *project["optional-dependencies"]["bench"]]
    stamp = folder / "installed"
    python = folder / "bin" / "python"
    content = "\n".join([*wanted, constraints])
    if not stamp.is_file() or stamp.read_text() != content:
        say(f"Installing the peers into {folder.name} (some minutes the first time).")
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", "--quiet"]
        torch = re.findall(r"^torch==.*$", constraints, re.MULTILINE)  # by itself and exact: see the Makefile
        subprocess.run([*pip, *torch], check=True)
        subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), *wanted], check=True)
        stamp.write_text(content)
    return python


def seconds(command: list[str], folder: Path) -> float:
    """Run a command in a folder and return how long it took, start of its process included."""
    unwanted = "MPLBACKEND", "CI", "PYTHONDONTWRITEBYTECODE"  # each engine may keep its compiled modules
    clean = {name: value for name, value in os.environ.items() if name not in unwanted}
    began = time.perf_counter()
    done = subprocess.run(
        command, cwd=folder, env=clean, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    took = time.perf_counter() - began
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed with {done.returncode}:\n{done.stdout}{done.stderr}"[-4000:])
    return took


def measure(chosen: list[Engine], rounds: int, folder: Path) -> dict[str, list[float]]:
    """Return the seconds of every round, by "engine, what"."""
    times: dict[str, list[float]] = {}
    for number in range(rounds):
        shift = number % len(chosen)
        for engine in chosen[shift:] + chosen[:shift]:  # each goes first once
            place = folder / engine.name
            engine.prepare(place)
            for what in "cold", "unchanged":
                took = seconds(engine.command, place)
                engine.check(place)
                times.setdefault(f"{engine.name}, {what}", []).append(took)
                say(f"round {number + 1}: {engine.name}, {what}: {took:.2f} s")
            if engine.name == "dlref":
                times.setdefault("run 24", []).append(nothing_to_do(place))
    if any(engine.name == "dlref" for engine in chosen):
        times["run 1000"] = [*idle(folder / "many", rounds)]
    return times


def idle(folder: Path, rounds: int) -> Iterator[float]:
    """Yield how long `dlref run` takes when 1,000 snippets have run before."""
    (folder / "docs").mkdir(parents=True)
    (folder / "snippets").mkdir()
    fences = []
    for n in range(MANY):
        (folder / "snippets" / f"s{n:04}.py").write_text(CHEAP.format(n=n))
        fences.append(f"```snippet\ns{n:04}.py\n```\n")
    (folder / "docs" / "index.md").write_text("# Many\n\n" + "\n".join(fences))
    (folder / "mkdocs.yml").write_text(MKDOCS.format(plugins="dlref", extensions="  - dlref.site.markdown\n"))
    say(f"{MANY} cheap snippets, executed: {nothing_to_do(folder):.1f} s")
    for _ in range(rounds):
        yield nothing_to_do(folder)


def nothing_to_do(folder: Path) -> float:
    """Return the seconds of `dlref run` in a folder, whose snippets may all have run before."""
    return seconds([sys.executable, "-m", "dlref.site.cli", "run"], folder)


@dataclass(frozen=True)
class Target:
    """A figure to reach.

    Attributes:
        text: What is compared.
        value: The figure.
        limit: Its bound.
        least: Whether the bound is the least that is wanted, or the most.
        unit: What stands behind the figure.
    """

    text: str
    value: float
    limit: float
    least: bool
    unit: str

    @property
    def reached(self) -> bool:
        """Whether the figure is on the right side of its bound."""
        return self.value >= self.limit if self.least else self.value <= self.limit


def targets(mid: dict[str, float]) -> Iterator[Target]:
    """Yield the targets that these medians say something about."""
    ours, plain = ("dlref, cold", "dlref, unchanged"), "plain, unchanged"
    jupyter, execute = "mkdocs-jupyter, cold", ("markdown-exec, cold", "markdown-exec, unchanged")
    if ours[0] in mid and jupyter in mid:
        yield Target("cold, times faster than mkdocs-jupyter", mid[jupyter] / mid[ours[0]], 12, True, "×")
    if ours[0] in mid and execute[0] in mid:
        yield Target("cold, times faster than markdown-exec", mid[execute[0]] / mid[ours[0]], 1, True, "×")
        yield Target("unchanged, times faster than markdown-exec", mid[execute[1]] / mid[ours[1]], 4, True, "×")
    if ours[1] in mid and plain in mid:
        yield Target("unchanged, against nothing executed", mid[ours[1]] / mid[plain], 1.3, False, "×")
    if ours[1] in mid:
        yield Target(f"`dlref run`, nothing to do, {COUNT} snippets", mid["run 24"], 0.5, False, " s")
        growth = 1000 * (mid["run 1000"] - mid["run 24"]) / (MANY - COUNT)
        yield Target(f"each further snippet, up to {MANY:,}", growth, 2, False, " ms")


def report(mid: dict[str, float], names: Iterable[str], goals: Iterable[Target]) -> str:
    """Return the two tables in Markdown, as README.md shows them."""
    lines = ["| engine | cold | unchanged |", "|---|--:|--:|"]
    lines += [f"| {name} | {mid[f'{name}, cold']:.1f} s | {mid[f'{name}, unchanged']:.1f} s |" for name in names]
    lines += ["", "| | measured | wanted | |", "|---|--:|--:|---|"]
    for goal in goals:
        wanted = f"{'≥' if goal.least else '≤'} {goal.limit:g}{goal.unit}"
        verdict = "reached" if goal.reached else "**missed**"
        lines.append(f"| {goal.text} | {goal.value:.2f}{goal.unit} | {wanted} | {verdict} |")
    return "\n".join(lines)


def say(line: str) -> None:
    """Print progress where it does not mix with the tables."""
    print(line, file=sys.stderr, flush=True)


def main() -> int:
    """Measure, print the tables, and return 1 if a target was missed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3, help="rounds of which the medians are taken (3)")
    parser.add_argument("--peers", type=Path, default=ROOT / ".bench-venv", help="the peers' virtual environment")
    parser.add_argument("--engines", default="dlref,mkdocs-jupyter,markdown-exec,plain", help="which, with commas")
    parser.add_argument("--json", type=Path, help="write every round's seconds here")
    options = parser.parse_args()
    names = options.engines.split(",")
    known = engines(options.peers.absolute() / "bin" / "python")
    if unknown := set(names) - set(known):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if set(names) & {"mkdocs-jupyter", "markdown-exec"}:
        environment(options.peers.absolute())
    with tempfile.TemporaryDirectory(prefix="dlref-bench-") as folder:
        times = measure([known[name] for name in names], options.rounds, Path(folder))
    mid = {what: median(seconds) for what, seconds in times.items()}
    goals = [*targets(mid)]
    print(
        f"Medians of {options.rounds} rounds, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, torch {version('torch').partition('+')[0]}.\n"
    )
    print(report(mid, names, goals))
    if options.json:
        options.json.write_text(json.dumps({"seconds": times, "targets": [vars(goal) for goal in goals]}, indent=2))
    return int(not all(goal.reached for goal in goals))


if __name__ == "__main__":
    sys.exit(main())
