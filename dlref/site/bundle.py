"""A snippet as one script: the parts of `dlref` that it uses, written into it.

A part is what binds a name at the top level of a module: a definition, a class, a constant. Which parts a
snippet needs is found by following names, from its own imports through every scope of what they lead to. Parts
keep their text; they stand in the order in which Python would have imported them. Where two of them, or one and
the snippet, mean different things by one name, the part is renamed; the snippet's own text stays as it is, but
for its imports of what is now beside it.
"""

from __future__ import annotations

import ast
import builtins
import io
import keyword
import re
import sys
import tokenize
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, cast

from dlref.site import imports

WIDTH = 120
_Function = ast.FunctionDef | ast.AsyncFunctionDef
_Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_Scope = _Function | ast.ClassDef | ast.Lambda | _Comprehension
_FOR_TOOLS = re.compile(r"# (?:noqa|fmt|type|pragma|ruff)\b")


class Thing(NamedTuple):
    """What a name can mean.

    Attributes:
        kind: "part" of a local module, "module" that is local, "member" of another module, another module by an
            "alias", or by its "path", which binds its first word.
        module: The module's full name.
        name: The part's or member's; else empty.
    """

    kind: str
    module: str
    name: str = ""

    @property
    def means(self) -> str:
        """The object: whatever binds it, by its full name."""
        return self.module.partition(".")[0] if self.kind == "path" else f"{self.module}.{self.name}".rstrip(".")


class Edit(NamedTuple):
    """A stretch of a text, in bytes, and what takes its place."""

    begin: int
    end: int
    text: str


def bundle(source: str, root: Path) -> str:
    """Return a snippet as one script that imports neither dlref nor a module of the project.

    Args:
        source: The snippet's text.
        root: The project; its modules, and those of dlref, are written into the script.

    Raises:
        ValueError: A part cannot be taken out of its module; the message says which and why.
    """
    return Library(root).bundle(source)


# --- names and their scopes -----------------------------------------------------------------------


def bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that some statements bind in the scope that they stand in."""
    found, elsewhere, todo = set[str](), set[str](), list(nodes)
    while todo:
        node = todo.pop()
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
                continue
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp() | ast.Lambda():
                found |= {part.target.id for part in ast.walk(node) if isinstance(part, ast.NamedExpr)}
                continue
            case ast.Name(ctx=ast.Store() | ast.Del()):
                found.add(node.id)
            case ast.Import() | ast.ImportFrom():
                found |= {alias.asname or alias.name.partition(".")[0] for alias in node.names}
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
                found.add(name)
            case ast.MatchMapping(rest=str(name)):
                found.add(name)
            case ast.Global() | ast.Nonlocal():
                elsewhere |= set(node.names)
        todo += ast.iter_child_nodes(node)
    return found - elsewhere


class _Names(ast.NodeVisitor):
    """The names of a piece of code that its module gives meaning: those that no scope in it binds."""

    def __init__(self) -> None:
        self.found: list[ast.Name] = []
        self.quoted: set[str] = set()  # in annotations that are strings
        self._scopes: list[tuple[bool, set[str]]] = []  # (is a class, its names)

    def visit_Name(self, node: ast.Name) -> None:
        """Keep it, unless a function around it, or the class right around it, binds it."""
        inner = len(self._scopes) - 1
        if not any(
            node.id in names for depth, (of_class, names) in enumerate(self._scopes) if depth == inner or not of_class
        ):
            self.found.append(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Look at scopes with what belongs to them, and into annotations that are strings."""
        if isinstance(node, _Scope):
            self._scope(node)
            return
        if isinstance(node, ast.arg | ast.AnnAssign):
            self._annotation(node.annotation)
        super().generic_visit(node)

    def _annotation(self, node: ast.expr | None) -> None:
        for part in ast.walk(node) if node else ():
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                try:
                    inner = ast.parse(part.value, mode="eval")
                except SyntaxError:
                    continue  # a text, as in Literal["none"] or a shape
                self.quoted |= {name.id for name in ast.walk(inner) if isinstance(name, ast.Name)}

    def _scope(self, node: _Scope) -> None:
        outside, inside, names = _parts(node)
        if isinstance(node, _Function):
            self._annotation(node.returns)
        for part in outside:
            self.visit(part)
        self._scopes.append((isinstance(node, ast.ClassDef), names))
        for part in inside:
            self.visit(part)
        self._scopes.pop()


def _parts(node: _Scope) -> tuple[list[ast.AST], list[ast.AST], set[str]]:
    """Return what of a scope's node belongs to the scope around it, what to its own, and the names that it binds."""
    if isinstance(node, _Comprehension):
        first, names = node.generators[0].iter, bound([part.target for part in node.generators])
        own = [child for part in node.generators for child in ast.iter_child_nodes(part) if child is not first]
        values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        return [first], [*own, *values], names
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords], list(node.body), bound(node.body)
    arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    arguments += [argument for argument in (node.args.vararg, node.args.kwarg) if argument]
    outside: list[ast.AST] = [*node.args.defaults, *filter(None, node.args.kw_defaults), *arguments]
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    if not isinstance(node, ast.Lambda):
        outside += [*node.decorator_list, *filter(None, [node.returns])]
    return outside, body, bound(body) | {argument.arg for argument in arguments}


# --- modules --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Module:
    """A text of Python: its full name (empty for the snippet), the file named in messages, its source."""

    name: str
    file: str
    source: str

    @cached_property
    def data(self) -> bytes:
        """The source, in which the tree's columns count."""
        return self.source.encode()

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree."""
        return ast.parse(self.source)

    @cached_property
    def lines(self) -> list[int]:
        """Where each line begins, in bytes; one more than there are."""
        lengths = [len(line) + 1 for line in self.data.split(b"\n")]
        return [sum(lengths[:number]) for number in range(len(lengths) + 1)]

    @cached_property
    def statements(self) -> dict[str, list[ast.stmt]]:
        """The statements that bind each name, imports apart."""
        found: dict[str, list[ast.stmt]] = {}
        for statement in self.tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom) or _idle(statement) or _for_types(statement):
                continue
            if not (names := bound([statement])):
                raise ValueError(f"{self.file}:{statement.lineno}: binds no name, so that nothing asks for it")
            for name in names:
                found.setdefault(name, []).append(statement)
        return found

    @cached_property
    def imported(self) -> list[ast.Import | ast.ImportFrom]:
        """The imports at the top level, with those for annotations only."""
        blocks = [node.body if _for_types(node) and isinstance(node, ast.If) else [node] for node in self.tree.body]
        return [node for block in blocks for node in block if isinstance(node, ast.Import | ast.ImportFrom)]

    @cached_property
    def public(self) -> list[str]:
        """The names that it offers: those of `__all__`, or what it defines without an underscore in front."""
        for statement in self.statements.get("__all__", ()):
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List | ast.Tuple):
                return [str(ast.literal_eval(item)) for item in statement.value.elts]
        return sorted(name for name in self.statements if not name.startswith("_"))

    def base(self, node: ast.ImportFrom) -> str:
        """Return the full name of the module that an import is from."""
        if not node.level:
            return node.module or ""
        package = self.name.split(".") if self.file.endswith("__init__.py") else self.name.split(".")[:-1]
        return ".".join([*package[: len(package) - node.level + 1], *filter(None, [node.module])])

    def place(self, node: ast.expr | ast.stmt) -> tuple[int, int]:
        """Return where a node begins and ends, in bytes."""
        begin = self.lines[node.lineno - 1] + node.col_offset
        return begin, self.lines[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    @cached_property
    def words(self) -> set[str]:
        """Every word of the source."""
        return set(re.findall(r"\w+", self.source))

    @cached_property
    def hints(self) -> list[tuple[int, Edit]]:
        """For each comment that speaks to a linter, its line and its removal with the blanks before it."""
        found = list[tuple[int, Edit]]()
        for token in tokenize.generate_tokens(io.StringIO(self.source).readline):
            if token.type == tokenize.COMMENT and _FOR_TOOLS.match(token.string):
                line, column = token.start
                before = self.source.split("\n")[line - 1][:column].rstrip()
                begin = self.lines[line - 1] + len(before.encode())
                found.append((line, Edit(begin, self.lines[line] - 1, "")))
        return found


class Use(NamedTuple):
    """A name that a statement uses, what it means, and the expression to put the script's name for; None: none."""

    name: str
    thing: Thing
    node: ast.expr | None


def _for_types(statement: ast.stmt) -> bool:
    """Say whether a statement is an `if TYPE_CHECKING:` with imports."""
    return (
        isinstance(statement, ast.If)
        and ast.unparse(statement.test).rpartition(".")[2] == "TYPE_CHECKING"
        and all(isinstance(node, ast.Import | ast.ImportFrom) for node in statement.body)
    )


@dataclass(frozen=True, eq=False)
class Statement:
    """A statement of a local module that a script may take.

    Attributes:
        binds: The names that it gives the module.
        uses: What it uses of its own module, of others and of Python.
        inner: The names that scopes inside it bind.
        imports: Its own imports of local modules.
        edits: What changes in its text in any script.
    """

    module: Module
    node: ast.stmt
    binds: frozenset[str]
    uses: tuple[Use, ...]
    inner: frozenset[str]
    imports: tuple[ast.Import | ast.ImportFrom, ...]
    edits: tuple[Edit, ...]


def _idle(statement: ast.stmt) -> bool:
    """Say whether a statement does nothing: a docstring, say."""
    return isinstance(statement, ast.Pass | ast.Assert) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


# --- what a project has -----------------------------------------------------------------------------


class Library:
    """The local modules of a project as they are now, each read once: make another when they may have changed."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._modules: dict[str, Module | None] = {}
        self._meanings: dict[tuple[str, str], list[Thing]] = {}
        self._statements: dict[ast.stmt, Statement] = {}

    def bundle(self, source: str) -> str:
        """Return a snippet as one script; see `bundle`."""
        return _Script(self, Module("", "the snippet", source)).text()

    def find(self, name: str) -> Module | None:
        """Return a local module by its full name; None if there is none."""
        if name not in self._modules:
            found = imports.found(self.root, name) if name else None
            self._modules[name] = Module(name, found[1], found[0].read_text(encoding="utf-8")) if found else None
        return self._modules[name]

    def module(self, name: str) -> Module:
        """Return a local module that is known to be there."""
        found = self.find(name)
        assert found is not None
        return found

    def bindings(self, module: Module, node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, Thing]]:
        """Yield each name that an import binds, with what it means then."""
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                kind = "module" if self.find(top) else "alias" if alias.asname or top == alias.name else "path"
                whole = alias.name if alias.asname or kind == "path" else top
                yield alias.asname or top, Thing(kind, whole)
            return
        base = module.base(node)
        for alias in node.names if base != "__future__" else ():
            if (local := self.find(base)) is None:
                yield alias.asname or alias.name, Thing("member", base, alias.name)
            elif alias.name == "*":
                yield from ((name, self.part(base, name)) for name in local.public)
            else:
                yield alias.asname or alias.name, self.part(base, alias.name)

    def part(self, base: str, name: str) -> Thing:
        """Return what a name of a local module means; ValueError if it has none of that name."""
        module = self.find(base)
        for thing in self.meanings(module, name) if module else ():
            return thing
        if self.find(f"{base}.{name}"):
            return Thing("module", f"{base}.{name}")
        raise ValueError(f"{module.file if module else base} has no {name!r}")

    def meanings(self, module: Module, name: str) -> list[Thing]:
        """Return what a name means at the top level of a local module; nothing: it is Python's own."""
        key = module.name, name
        if key not in self._meanings and name in module.statements:
            self._meanings[key] = [Thing("part", *key)]
        elif key not in self._meanings:
            bindings = (pair for node in module.imported for pair in self.bindings(module, node))
            self._meanings[key] = [thing for local, thing in bindings if local == name]
        return self._meanings[key]

    def local(self, module: Module, tree: ast.AST) -> Iterator[ast.Import | ast.ImportFrom]:
        """Yield the imports of local modules anywhere in a tree."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module.base(node)]
                if any(map(self.find, named)):
                    yield node

    def statement(self, module: Module, node: ast.stmt) -> Statement:
        """Return what there is to know of a statement of a local module."""
        if node not in self._statements:
            inner = (name for part in ast.walk(node) if isinstance(part, _Scope) for name in _parts(part)[2])
            hints = (edit for line, edit in module.hints if node.lineno <= line <= (node.end_lineno or 0))
            self._statements[node] = Statement(
                module, node, frozenset(bound([node])), tuple(self._uses(module, node)), frozenset(inner),
                tuple(self.local(module, node)), (*_shortened(module, node), *hints),
            )  # fmt: skip
        return self._statements[node]

    def _uses(self, module: Module, statement: ast.stmt) -> Iterator[Use]:
        names, around = _Names(), _around(statement)
        names.visit(statement)
        for node in names.found:
            things = self.meanings(module, node.id)
            if not things and node.id in vars(builtins):
                yield Use(node.id, Thing("member", "builtins", node.id), node)
            elif not things and node.id != "__name__":
                raise ValueError(f"{module.file}:{node.lineno}: {node.id} has no meaning outside its module")
            for thing in things:
                if thing.kind != "module":
                    yield Use(node.id, thing, node)
                    continue
                path, part, expression = self.reached(thing.module, node, around)
                if part is None:
                    raise ValueError(f"{module.file}:{node.lineno}: {node.id} is used as a whole")
                yield Use(path[-1], part, expression)
        for name in sorted(names.quoted):
            yield from (Use(name, thing, None) for thing in self.meanings(module, name) if thing.kind != "module")

    def reached(
        self, module: str, name: ast.Name, around: dict[ast.expr, ast.Attribute]
    ) -> tuple[list[str], Thing | None, ast.expr]:
        """Follow attributes from a local module's name to a part; None if they end before one."""
        path, node = list[str](), cast("ast.expr", name)
        while attribute := around.get(node):
            node = attribute
            path.append(attribute.attr)
            thing = self.part(module, attribute.attr)
            if thing.kind != "module":
                return path, thing, node
            module = thing.module
        return path, None, node


# --- the script -----------------------------------------------------------------------------------


class _Script:
    """A snippet, and all that it needs of local modules."""

    def __init__(self, library: Library, snippet: Module) -> None:
        self.library, self.snippet = library, snippet
        self.order: list[str] = []  # of the local modules, as Python imports them
        self.parts: dict[Thing, list[Statement]] = {}
        self.foreign: dict[Thing, str] = {}  # what comes from elsewhere, with the name it goes by there
        self.holders = self._held()
        self.imports = list(library.local(snippet, snippet.tree))
        self.spaces: dict[str, dict[str, object]] = {}  # the local modules that the snippet has by a name
        for node in self.imports:
            for name, thing in library.bindings(snippet, node):
                self._open(name, thing) if thing.kind == "module" else self._take(thing, thing.name)
        if any(self.spaces.values()):
            self._take(Thing("member", "types", "SimpleNamespace"), "SimpleNamespace")
        self.final = self._named()

    # --- what is needed

    def _take(self, thing: Thing, name: str) -> None:
        """Note that something is needed, and what it needs in its turn."""
        if thing.kind != "part":
            self.foreign.setdefault(thing, name)
            return
        if thing in self.parts:
            return
        module = self.library.module(thing.module)
        self._import(thing.module)
        self.parts[thing] = [self.library.statement(module, node) for node in module.statements[thing.name]]
        for statement in self.parts[thing]:
            for other in sorted(statement.binds):
                self._take(Thing("part", thing.module, other), other)
            for node in statement.imports:
                for local, inner in self.library.bindings(module, node):
                    self._take(inner, local)
            for use in statement.uses:
                self._take(use.thing, use.name)

    def _import(self, name: str) -> None:
        """Put a local module in order: after its packages and what it imports."""
        package = name.rpartition(".")[0]
        for other in filter(None, [package, name]):
            if other in self.order or not (module := self.library.find(other)):
                continue
            self.order.append(other)  # so that a circle ends
            for node in module.imported:
                names = [alias.name for alias in node.names]
                base = module.base(node) if isinstance(node, ast.ImportFrom) else ""
                for inner in [base, *(f"{base}.{name}".strip(".") for name in names)]:
                    if self.library.find(inner):
                        self._import(inner)
            self.order.remove(other)
            self.order.append(other)

    def _open(self, name: str, thing: Thing) -> None:
        """Take what the snippet uses of a local module that it has by a name."""
        around, space = _around(self.snippet.tree), self.spaces.setdefault(name, {})
        for node in ast.walk(self.snippet.tree):
            if not isinstance(node, ast.Name) or node.id != name:
                continue
            path, inner, _ = self.library.reached(thing.module, node, around)
            holder, level = thing.module, space
            for step in path if inner is None else path[:-1]:
                holder = self.library.part(holder, step).module
                level = level.setdefault(step, {})  # type: ignore[assignment]
            offered = [(name, self.library.part(holder, name)) for name in self.library.module(holder).public]
            for last, found in [(path[-1], inner)] if inner else offered:
                self._take(found, found.name or last)
                level[last] = found

    # --- names in the script

    def _held(self) -> dict[str, object]:
        """Return what the snippet means by each name that it binds: an object of elsewhere, a part, or its own."""
        tree, found = self.snippet.tree, dict[str, object]()
        for statement in tree.body:
            if isinstance(statement, ast.Import | ast.ImportFrom):
                pairs = [(name, _identity(thing)) for name, thing in self.library.bindings(self.snippet, statement)]
            else:
                declared = [node.names for node in ast.walk(statement) if isinstance(node, ast.Global)]
                pairs = [(name, "own") for name in {*bound([statement]), *(n for names in declared for n in names)}]
            for name, meaning in pairs:
                found[name] = meaning if found.setdefault(name, meaning) == meaning else "own"
        return found

    def _named(self) -> dict[Thing, str]:
        """Return the name of each thing in the script: its own, unless something else has that."""
        own = _Names()
        own.visit(self.snippet.tree)
        holders: dict[str, object] = {node.id: f"builtins.{node.id}" for node in own.found}
        holders |= self.holders
        builtin = [thing for thing in self.foreign if thing.module == "builtins"]
        direct = [thing for thing in self.parts if holders.get(thing.name) == _identity(thing)]
        final: dict[Thing, str] = {}
        for thing in dict.fromkeys([*builtin, *direct, *self.parts, *self.foreign]):
            name, meaning = self.foreign.get(thing, thing.name), _identity(thing)
            if holders.setdefault(name, meaning) != meaning:
                if thing.kind == "path":
                    raise ValueError(f"{name} means something else in the snippet than `import {thing.module}` does")
                name = self._fresh(thing, name, holders)
                holders[name] = meaning
            final[thing] = name
        return final

    def _fresh(self, thing: Thing, name: str, holders: dict[str, object]) -> str:
        """Return a name that nothing else has: with that of the module in front."""
        module = thing.module.rpartition(".")[2]
        fresh = f"_{module}{name}" if name.startswith("_") else f"{module}_{name}"
        texts = [self.snippet, *map(self.library.module, self.order)]
        while fresh in holders or any(fresh in text.words for text in texts) or keyword.iskeyword(fresh):
            fresh += "_"
        return fresh

    # --- the text

    def text(self) -> str:
        """Return the script."""
        if not self.imports:
            return self.snippet.source
        head = "\n".join([*self._future(), *self._imports()])
        own = _applied(self.snippet, 0, len(self.snippet.data), self._own_edits()).strip("\n")
        parts = filter(None, [*map(self._section, self.order), f"# --- the snippet ---\n\n{own}\n"])
        return "\n\n".join(filter(None, [head, "\n\n\n".join(parts)]))

    def _future(self) -> Iterator[str]:
        modules = dict.fromkeys([self.snippet, *(self.library.module(thing.module) for thing in self.parts)])
        nodes = [node for module in modules for node in module.imported]
        names = {a.name for n in nodes if isinstance(n, ast.ImportFrom) and n.module == "__future__" for a in n.names}
        if names:
            yield f"from __future__ import {', '.join(sorted(names))}"
            yield ""

    def _imports(self) -> Iterator[str]:
        """Yield the imports of what comes from elsewhere, merged and sorted: Python's own first."""
        lines, members = set[tuple[str, int, str]](), dict[str, list[str]]()
        for thing in self.foreign:
            name, module = self.final[thing], thing.module
            if thing.kind == "member" and name == thing.name:
                members.setdefault(module, []).append(name)
            elif thing.kind == "member":
                lines.add((module, 3, f"from {module} import {thing.name} as {name}"))
            else:
                lines.add((module, 1, f"import {module}" + f" as {name}" * (thing.kind == "alias" and name != module)))
        lines |= {(module, 2, _from(module, names)) for module, names in members.items() if module != "builtins"}
        ordered = sorted(lines, key=lambda line: (line[1] > 1, *line))
        own = [text for module, _, text in ordered if module.partition(".")[0] in sys.stdlib_module_names]
        others = [text for module, _, text in ordered if module.partition(".")[0] not in sys.stdlib_module_names]
        yield from [*own, *[""] * bool(own and others), *others]

    def _section(self, name: str) -> str:
        """Return what is taken of a module, below a line that names its file; nothing, if nothing is."""
        module, text, last = self.library.module(name), "", None
        taken = {statement for thing, found in self.parts.items() if thing.module == name for statement in found}
        for statement in sorted(taken, key=lambda statement: statement.node.lineno):
            text += "\n" * _gap(module, last, statement.node) + self._statement(statement)
            last = statement.node
        return text and f"# --- {module.file}{self._version(name)} ---\n{text}".rstrip("\n")

    def _version(self, name: str) -> str:
        """Return the version of a module's package, if that says one."""
        top = name.partition(".")[0]
        package = self.library.find(top)
        found = re.search(r'(?m)^__version__ = "([^"]+)"', package.source) if package else None
        return f" of {top} {found[1]}" if found else ""

    def _statement(self, statement: Statement) -> str:
        """Return a statement's text with its comments, with shorter docstrings and the script's names."""
        module, node = statement.module, statement.node
        edits = [*statement.edits, *self._renamed(statement)]
        edits += [self._replaced(module, inner) for inner in statement.imports]
        first = _first(module, node)
        return _applied(module, module.lines[first - 1], module.lines[node.end_lineno or first], edits)

    def _renamed(self, statement: Statement) -> Iterator[Edit]:
        module, own = statement.module, statement.node
        for use in statement.uses:
            final = self.final[use.thing]
            if use.node is None or (isinstance(use.node, ast.Name) and use.node.id == final):
                continue
            if final in statement.inner:
                raise ValueError(
                    f"{module.file}:{use.node.lineno}: {final} means something else inside this definition"
                )
            yield Edit(*module.place(use.node), final)
        changed = {name for name in statement.binds if self.final[Thing("part", module.name, name)] != name}
        if isinstance(own, _Function | ast.ClassDef) and changed:
            begin, end = module.place(own)
            match = re.compile(rb"(?:async +)?(?:def|class) +").match(module.data, begin, end)
            assert match is not None
            final = self.final[Thing("part", module.name, own.name)]
            yield Edit(match.end(), match.end() + len(own.name.encode()), final)
        for node in ast.walk(own):
            if isinstance(node, ast.Global) and any(
                self.final.get(Thing("part", module.name, name), name) != name for name in node.names
            ):
                raise ValueError(f"{module.file}:{node.lineno}: a global name of this function is another one's too")

    def _own_edits(self) -> Iterator[Edit]:
        """Yield what changes in the snippet: its imports of local modules, and those from the future."""
        removed = [self._replaced(self.snippet, node) for node in self.imports]
        future = (n for n in self.snippet.imported if isinstance(n, ast.ImportFrom) and n.module == "__future__")
        removed += [_lines(self.snippet, node) for node in future]
        data, runs = self.snippet.data, list[Edit]()
        for edit in sorted(removed):
            if runs and runs[-1].end == edit.begin and not edit.text and not runs[-1].text:
                runs[-1] = Edit(runs[-1].begin, edit.end, "")
            else:
                runs.append(edit)
        for begin, end, text in runs:
            doubled = not text and data[:begin].endswith(b"\n\n") and data[end : end + 1] == b"\n"
            yield Edit(begin, end + doubled, text)

    def _replaced(self, module: Module, node: ast.Import | ast.ImportFrom) -> Edit:
        """Return the edit that puts, for an import of local things, the names that the script has for them."""
        lines = [
            f"import {alias.name}" + f" as {alias.asname}" * bool(alias.asname)
            for alias in (node.names if isinstance(node, ast.Import) else ())
            if not self.library.find(alias.name)
        ]
        for name, thing in self.library.bindings(module, node):
            if thing.kind == "module" and module is self.snippet:
                if name in self.spaces and (space := self.spaces.pop(name)):
                    lines.append(self._space(name, space))
            elif thing.kind == "part" and self.final[thing] != name:
                lines.append(f"{name} = {self.final[thing]}")
        whole = _lines(module, node)
        alone = node not in module.tree.body and any(
            getattr(parent, field, None) == [node]
            for parent in ast.walk(module.tree)
            for field in ("body", "orelse", "finalbody")
            if not isinstance(parent, ast.Module)
        )
        if not lines and not alone:
            return whole
        begin, end = module.place(node)
        indent = "\n" + " " * node.col_offset
        return Edit(begin, end, indent.join(line.replace("\n", indent) for line in lines) or "pass")

    def _space(self, name: str, space: dict[str, object]) -> str:
        """Return the assignment that makes a module's name stand for the parts of it that are used."""
        simple = self.final[Thing("member", "types", "SimpleNamespace")]

        def call(level: dict[str, object]) -> str:
            items = [
                f"{key}={call(inner) if isinstance(inner, dict) else self.final[inner]}"  # type: ignore[index]
                for key, inner in sorted(level.items())
            ]
            return _joined(f"{simple}(", items, ")")

        return f"{name} = {call(space)}"


def _identity(thing: Thing) -> object:
    """Return what tells two meanings of a name apart."""
    return thing if thing.kind == "part" else "own" if thing.kind == "module" else thing.means


def _around(tree: ast.AST) -> dict[ast.expr, ast.Attribute]:
    """Return the attribute that is asked of each expression."""
    return {node.value: node for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


# --- texts ----------------------------------------------------------------------------------------


def _joined(head: str, items: Sequence[str], tail: str) -> str:
    """Return items in brackets: on one line, or indented, or one a line."""
    flat = f"{head}{', '.join(items)}{tail}"
    if len(flat) <= WIDTH - 4:
        return flat
    inner = ", ".join(items)
    if "import" not in head and len(inner) <= WIDTH - 8:
        return f"{head}\n    {inner}\n{tail}"
    return f"{head}\n" + "".join(f"    {item},\n" for item in items) + tail


def _from(module: str, names: list[str]) -> str:
    """Return one import of some members of a module."""
    ordered = sorted(names, key=_rank)
    flat = f"from {module} import {', '.join(ordered)}"
    return flat if len(flat) <= WIDTH else _joined(f"from {module} import (", ordered, ")")


def _rank(name: str) -> tuple[int, str]:
    """Return the place of a name in an import: constants, classes, the rest."""
    word = name.partition(" ")[0]
    return (0 if word.isupper() and len(word) > 1 else 1 if word[:1].isupper() else 2), name


def _gap(module: Module, last: ast.stmt | None, statement: ast.stmt) -> int:
    """Return how many blank lines stand before a statement."""
    if isinstance(statement, _Function | ast.ClassDef) or isinstance(last, _Function | ast.ClassDef):
        return 2
    adjacent = last is not None and _first(module, statement) == (last.end_lineno or 0) + 1
    return 0 if adjacent else 1


def _first(module: Module, statement: ast.stmt) -> int:
    """Return the line that a statement begins in, with its decorators and the comments right above."""
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    line = min([statement.lineno, *(node.lineno for node in decorators)])
    lines = module.source.split("\n")
    while line > 1 and re.match(r"# ?(?![%-]{2})", lines[line - 2]):
        line -= 1
    return line


def _lines(module: Module, node: ast.stmt) -> Edit:
    """Return the removal of a statement: of its lines, if nothing else stands there."""
    begin, end = module.place(node)
    first, last = module.lines[node.lineno - 1], module.lines[node.end_lineno or node.lineno]
    before, after = module.data[first:begin], module.data[end:last]
    if before.strip() or not re.fullmatch(rb"\s*(#.*\s*)?", after):
        return Edit(begin, end, "pass")
    return Edit(first, min(last, len(module.data)), "")


def _shortened(module: Module, statement: ast.stmt) -> Iterator[Edit]:
    """Yield a statement's docstrings, shortened to their first paragraph and Source: the rest is on the API's pages."""
    for node in ast.walk(statement):
        if isinstance(node, _Function | ast.ClassDef) and ast.get_docstring(node, clean=False) is not None:
            literal = node.body[0].value  # type: ignore[attr-defined]
            begin, end = module.place(literal)
            text = module.data[begin:end].decode()
            opening, inner, closing = re.fullmatch(
                r"(?s)(\w*(?:\"{3}|'{3}|[\"']))(.*?)(\"{3}|'{3}|[\"'])", text
            ).groups()  # type: ignore[union-attr]
            paragraphs = re.split(r"\n[ \t]*\n", inner.rstrip())
            kept = [paragraphs[0], *(part for part in paragraphs[1:] if re.match(r"\s*Source:", part))]
            indent = f"\n{' ' * literal.col_offset}"
            last = indent if len(kept) > 1 or "\n" in kept[0] else ""
            yield Edit(begin, end, opening + "\n\n".join(kept) + last + closing)


def _applied(module: Module, begin: int, end: int, edits: Iterable[Edit]) -> str:
    """Return a stretch of a module's text with its edits made, each once."""
    parts, at = list[bytes](), begin
    for edit in sorted(set(edits)):
        if edit.begin < at:
            raise ValueError(f"{module.file}: two changes in one place: {edit.text!r}")
        parts += [module.data[at : edit.begin], edit.text.encode()]
        at = edit.end
    return b"".join([*parts, module.data[at:end]]).decode()
