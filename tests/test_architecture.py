"""The table "Rooms" and the rules between them: who may import whom, and where a file may lie."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

REFERENCE = set(
    "checks activations losses optimizers initializers autograd layers convolution recurrent attention networks "
    "detection metrics data training".split()
)
OWN_NEEDS = {  # what a reference module may import beyond torch and numpy
    "data": {"sklearn", "skimage", "statsmodels", "names", "espeakng_loader"},
    "metrics": {"sklearn"},
}
SITE = set(
    "snippets runner pool outcomes trust environments imports bundle store engine render markdown citations glossary "
    "ledger report maths labs pages portable files plugin zensical drift shards cluster build prose linters new "
    "cli".split()
)
TOP = {
    *("docs", "snippets", "dlref", "tests", "benchmarks", "overrides", ".github", ".ci"),
    *("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "Makefile", "mkdocs.yml"),
    *("pyproject.toml", "constraints.txt", "package.json", "package-lock.json"),
    *(".gitignore", ".editorconfig", ".npmrc", ".pre-commit-config.yaml"),
}
USES_MKDOCS = {"dlref.site.plugin", "dlref.site.build"}
GUESTS = {"dlref.site.runner": {"matplotlib", "numpy"}}  # what a snippet has imported already, and then only
SITE_LINES = 6400  # of code; DESIGN.md said 1,500, before namespaces, labs, bundles, drift, clusters, hostile input
SNIPPET_LINES = 40  # that are neither blank nor comments
CONFORMANCE_LINES = 75  # of those that are tables: a line for each function


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted((ROOT / "dlref").rglob("*.py"))}
PRESENT = {name.removeprefix("dlref.") for name in MODULES if re.fullmatch(r"dlref\.\w+", name)} - {"site"}
PLOTS = sorted(name.removeprefix("dlref.plots.") for name in MODULES if name.startswith("dlref.plots."))
SNIPPETS = sorted((ROOT / "snippets").rglob("*.py"))
SHORT = [path for path in SNIPPETS if path.parts[len(ROOT.parts) + 1] != "labs"]


def short(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def imports(path: Path) -> Iterator[str]:
    """Yield every module that a file may import, wherever the statement stands, as an absolute name."""
    package = module_name(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            name = ".".join([*base, *([node.module] if node.module else [])])
            yield name
            yield from (f"{name}.{alias.name}" for alias in node.names)


def uses(path: Path, *modules: str) -> set[str]:
    """Return which of the modules, or parts of them, a file imports."""
    return {name for name in imports(path) for module in modules if f"{name}.".startswith(f"{module}.")}


def foreign(path: Path) -> set[str]:
    """Return the top-level packages that are neither Python's nor ours."""
    return {name.partition(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"dlref"}


def at_once(path: Path) -> set[str]:
    """Return the foreign top-level packages that a file needs in order to be imported."""
    first = [node for node in tree(path).body if isinstance(node, ast.Import | ast.ImportFrom)]
    names = {node.module or "" for node in first if isinstance(node, ast.ImportFrom) and not node.level}
    names |= {alias.name for node in first if isinstance(node, ast.Import) for alias in node.names}
    return {name.partition(".")[0] for name in names} - sys.stdlib_module_names - {"dlref"}


def code_lines(path: Path) -> int:
    """Count the lines of a file that are neither blank nor comment nor docstring."""
    texts = path.read_text(encoding="utf-8").splitlines()
    lines = {number for number, text in enumerate(texts, 1) if text.strip() and not text.strip().startswith("#")}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            lines -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return len(lines)


@cache
def tracked() -> list[Path]:
    """Return the files that a commit of this tree would hold."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted(path for name in set(names.split("\0")) if name and (path := ROOT / name).is_file())


# --- rooms ------------------------------------------------------------------------------------------


def test_every_file_lies_in_a_room_of_the_map() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP


def test_dlref_holds_the_modules_of_the_map_and_no_others() -> None:
    assert PRESENT <= REFERENCE | {"plots"}
    assert {path.stem for path in (ROOT / "dlref" / "site").glob("*.py")} - {"__init__"} <= SITE
    folders = {path.name for path in (ROOT / "dlref").rglob("*") if path.is_dir()} - {"__pycache__"}
    assert folders <= {"plots", "site", "assets"} | {path.name for path in (ROOT / "dlref/site/assets").rglob("*")}


def test_the_docstring_of_dlref_names_every_module_that_exists_and_no_other() -> None:
    text = ast.get_docstring(tree(ROOT / "dlref" / "__init__.py")) or ""
    named = set(re.findall(r"^ +(\w+)  ", text, re.MULTILINE))
    assert named == PRESENT | {"site"}


def test_each_folder_of_snippets_is_that_of_a_topic() -> None:
    topics = {path.parent.name for path in (ROOT / "docs").glob("*/index.md")}
    folders = {path.relative_to(ROOT / "snippets").parts[0] for path in SNIPPETS if path.parent != ROOT / "snippets"}
    assert folders - {"api", "home", "labs"} <= topics


@pytest.mark.parametrize("name", sorted(PRESENT & REFERENCE))
def test_each_reference_module_has_its_tests(name: str) -> None:
    assert (ROOT / "tests" / f"test_{name}.py").is_file()


@pytest.mark.parametrize("name", PLOTS)
def test_each_module_of_plots_has_its_tests(name: str) -> None:
    assert (ROOT / "tests" / "plots" / f"test_{name}.py").is_file()


def test_the_site_package_is_an_evenings_reading() -> None:
    assert sum(code_lines(path) for path in (ROOT / "dlref/site").glob("*.py")) <= SITE_LINES


# --- imports ----------------------------------------------------------------------------------------


def test_dlref_itself_imports_nothing() -> None:
    assert not set(imports(ROOT / "dlref" / "__init__.py"))


@pytest.mark.parametrize("name", sorted(PRESENT & REFERENCE))
def test_a_reference_module_imports_neither_plots_nor_site(name: str) -> None:
    path = MODULES[f"dlref.{name}"]
    assert not uses(path, "dlref.plots", "dlref.site")
    assert foreign(path) <= {"torch", "numpy"} | OWN_NEEDS.get(name, set())


def test_a_data_set_is_imported_only_where_it_is_used() -> None:
    assert at_once(MODULES["dlref.data"]) <= {"torch", "numpy"}


@pytest.mark.parametrize("name", ["dlref.plots", *(f"dlref.plots.{name}" for name in PLOTS)])
def test_plots_takes_arrays_and_imports_no_model(name: str) -> None:
    path = MODULES[name]
    assert not uses(path, "dlref.site", *(f"dlref.{name}" for name in REFERENCE))
    assert foreign(path) <= {"matplotlib", "numpy"}


@pytest.mark.parametrize("name", sorted(SITE))
def test_site_imports_no_model_and_no_plots(name: str) -> None:
    if f"dlref.site.{name}" in MODULES:
        path = MODULES[f"dlref.site.{name}"]
        assert not uses(path, "dlref.plots", *(f"dlref.{name}" for name in REFERENCE))


def test_only_the_adapter_and_the_build_import_mkdocs() -> None:
    assert {name for name, path in MODULES.items() if uses(path, "mkdocs", "material")} <= USES_MKDOCS


@pytest.mark.parametrize("name", ["snippets", "runner"])
def test_what_runs_in_any_environment_needs_only_python(name: str) -> None:
    path = MODULES[f"dlref.site.{name}"]
    assert foreign(path) <= GUESTS.get(f"dlref.site.{name}", set())
    assert not uses(path, *(f"dlref.site.{other}" for other in SITE - {"snippets"}))
    assert not at_once(path) & {"matplotlib", "torch", "numpy"}


@pytest.mark.parametrize("path", [*MODULES.values(), *sorted((ROOT / "tests").glob("*.py"))], ids=short)
def test_nobody_imports_snippets(path: Path) -> None:
    assert not uses(path, "snippets")


# --- snippets ---------------------------------------------------------------------------------------

# Figures are collected when a cell ends; style and backend are the site's; a reader's copy needs neither.
UNWANTED = {"savefig", "show", "use", "switch_backend", "rcParams", "rc", "rc_context", "set_size_inches"}


def unwanted(module: ast.Module) -> set[str]:
    """Return the attributes of pyplot, matplotlib or a figure that a snippet has no business with."""
    return {node.attr for node in ast.walk(module) if isinstance(node, ast.Attribute)} & UNWANTED


@pytest.mark.parametrize("path", SHORT, ids=short)
def test_a_snippet_is_short_and_opens_with_its_claim_in_one_sentence(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    claim = ast.get_docstring(tree(path)) or ""
    assert text.startswith('"""')
    assert claim.endswith(".")
    assert not re.search(r"[.!?]\s+[A-Z]", claim)
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    assert len(lines) <= (CONFORMANCE_LINES if path.parent.name == "conformance" else SNIPPET_LINES)


@pytest.mark.parametrize("path", SHORT, ids=short)
def test_a_snippet_leaves_figures_to_the_engine_and_asserts_its_claim(path: Path) -> None:
    assert not unwanted(tree(path))
    assert any(isinstance(node, ast.Assert) for node in ast.walk(tree(path)))


# --- what no file may say ---------------------------------------------------------------------------

HOSTS = re.compile(
    r"(?:registry\.npmjs|registry\.yarnpkg|pythonhosted|pypi|download\.pytorch|deb\.debian)\.(?:org|com)"
)
PLACES = re.compile(r"(?<![\w.~/:@<{$])/(?:work|root|home)/\w")


@pytest.mark.parametrize(("what", "pattern"), [("registry host", HOSTS), ("absolute path", PLACES)])
def test_no_file_names_a_registry_host_or_a_place_on_one_machine(what: str, pattern: re.Pattern[str]) -> None:
    found = [
        f"{short(path)}:{number}: {what}: {match[0]}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="ignore").splitlines(), 1)
        if (match := pattern.search(line))
    ]
    assert not found


# --- the checks themselves --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "module"),
    [
        ("import mkdocs.plugins", "mkdocs"),
        ("from mkdocs import config", "mkdocs"),
        ("def late():\n    from dlref import plots", "dlref.plots"),
        ("from dlref.plots import curves", "dlref.plots"),
    ],
)
def test_an_import_is_seen_wherever_it_stands(tmp_path: Path, monkeypatch, source: str, module: str) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "dlref" / "sample.py"
    file.parent.mkdir()
    file.write_text(source)
    assert uses(file, module)
    assert not uses(file, "dlref.plot", "mk")


def test_a_relative_import_is_seen_as_what_it_is(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    file = tmp_path / "dlref" / "site" / "sample.py"
    file.parent.mkdir(parents=True)
    file.write_text("from .. import plots\nfrom . import render\nfrom .store import Store")
    assert uses(file, "dlref.plots")
    assert uses(file, "dlref.site") >= {"dlref.site.render", "dlref.site.store"}


def test_a_figure_that_is_saved_or_shown_is_seen() -> None:
    assert unwanted(ast.parse("plt.show()\nfigure.savefig('a')\nmatplotlib.use('agg')")) == {"show", "savefig", "use"}


def test_hosts_and_places_are_seen() -> None:
    assert HOSTS.search("index-url = https://" + "pypi" + ".org/simple")
    assert PLACES.search("open('" + "/home" + "/ada/x')")
    assert not PLACES.search("https://example.org/home/page")
