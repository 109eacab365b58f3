"""What snippets import: what to import before forking, and what a copy needs to be installed."""

from __future__ import annotations

import ast
import importlib.util
import sys
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

_HEAVY = {"torch", "matplotlib"}  # preloaded when one snippet imports them; others, when two do
_ON_FIRST_USE = {  # what a library imports only when this is used
    "torch.optim": ["torch._dynamo"],  # 1.4 s at the first optimiser
    "matplotlib.pyplot": ["matplotlib.backends.backend_agg", "matplotlib.backends.backend_svg"],
}


def shared(root: Path, sources: list[str]) -> list[str]:
    """Return the third-party modules that some texts import, directly or through local modules, worth doing once."""
    counts = Counter(name for source in sources for name in _foreign(root, source, set()))
    names = {name for name, count in counts.items() if count > 1 or name.partition(".")[0] in _HEAVY}
    for part, hidden in _ON_FIRST_USE.items():
        if part in names or sum(part in source for source in sources) > 1:
            names.update(hidden)
    return sorted(names)


def tops(root: Path, source: str) -> set[str]:
    """Return the top-level third-party modules that a text needs: its own, and those of what it uses of dlref."""
    tree = ast.parse(source)
    found = set(imported(tree))
    for name in [name for name in found if name.startswith("dlref.")]:
        found |= _called(local(root, name), _taken(tree, name))
    return {name.partition(".")[0] for name in found} - sys.stdlib_module_names


def _taken(tree: ast.AST, module: str) -> set[str]:
    """Return the names that a text imports from a module or looks up in one."""
    found = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def _called(module: str, names: set[str]) -> set[str]:
    """Return what functions of a module import, and those that they call there."""
    functions = {node.name: node for node in ast.parse(module).body if isinstance(node, ast.FunctionDef)}
    found, done, todo = set[str](), set[str](), names & functions.keys()
    while todo:
        done.add(name := todo.pop())
        found |= set(imported(functions[name]))
        used = {node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name)}
        todo |= (used & functions.keys()) - done
    return found


def _foreign(root: Path, source: str, seen: set[str]) -> set[str]:
    found = set[str]()
    try:
        tree = ast.parse(source)
    except (
        SyntaxError,
        ValueError,
        MemoryError,
        RecursionError,
    ):  # a module's: the snippet that imports it will say so
        return found
    for name in imported(tree):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names or name in seen:
            continue
        seen.add(name)
        if text := local(root, name):
            found |= _foreign(root, text, seen)
        elif top != "dlref":
            found.add(name)
    return found


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that a tree imports anywhere in it, in full."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names if node.module == "dlref")


@cache
def _package() -> Path:
    spec = importlib.util.find_spec("dlref")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent.parent


def found(root: Path, name: str) -> tuple[Path, str] | None:
    """Return the file of a module that belongs to the project or to dlref, and its path there; None for any other."""
    for folder in root, _package():
        for path in f"{name.replace('.', '/')}.py", f"{name.replace('.', '/')}/__init__.py":
            if (
                (folder / path).is_file()
                and (folder == root or name.startswith("dlref"))
                and "site-packages" not in path
            ):
                return folder / path, path
    return None


def local(root: Path, name: str) -> str:
    """Return the text of a module that belongs to the project or to dlref; empty for any other."""
    file = found(root, name)
    return file[0].read_text(encoding="utf-8", errors="replace") or " " if file else ""
