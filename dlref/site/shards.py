"""More than one machine without a cluster: each runs its part of the snippets, and one joins what came of it.

Every machine must cut the same parts, and none has the results of the others. So the durations that a cut
goes by are part of the tree: `snippets/durations.json`, written by `dlref run --record-durations` and
committed. It may be old or missing; then the parts are less even, and no less complete.
"""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dlref.site.engine import Engine
from dlref.site.snippets import Problem, Snippet, is_lab
from dlref.site.store import Store
from dlref.site.trust import FACTS, amount, texts

LAB = ENVIRONMENT = 60.0  # seconds: a lab without a record; making an environment
NAME = "durations.json"


# --- cutting -----------------------------------------------------------------------------------------


def durations(folder: Path) -> dict[str, float]:
    """Return the recorded seconds of each snippet below `folder`; Problem if the record cannot be read."""
    file = folder / NAME
    try:
        said = json.loads(file.read_bytes()) if file.exists() else {}
        if isinstance(said, dict) and all(amount(value) for value in said.values()):
            return said
        wrong = "expected an object of seconds by snippet"
    except ValueError as error:
        wrong = str(error)
    raise Problem(f"{wrong}; `dlref run --record-durations` writes it anew once it is removed", f"{folder.name}/{NAME}")


def record(engine: Engine) -> Path:
    """Write how long each snippet computed, where it has a result; what has hardly changed stays as it was."""
    known = durations(engine.folder)
    took = {path: round(seconds, 1) for seconds, path in engine.computed(engine.snippets)}
    for path, seconds in took.items():
        if path not in known or abs(seconds - known[path]) > max(0.2, known[path] / 4):
            known[path] = seconds
    file = engine.folder / NAME
    kept = {path: known[path] for path in sorted(known.keys() & engine.snippets.keys())}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return file


def part(engine: Engine, paths: Iterable[str], index: int, count: int) -> list[str]:
    """Return the snippets of part `index`, from 1, of `count`: the same on every machine with this tree.

    Snippets that share an environment stay together, so that it is made once.
    """
    known = durations(engine.folder)
    usual = statistics.median([known[path] for path in known if not is_lab(path)] or [1.0])
    pieces, seconds = dict[str, list[str]](), dict[str, float]()
    for path in sorted(set(paths)):
        piece = _together(engine.snippets.get(path)) or path
        seconds.setdefault(piece, 0.0 if piece == path else ENVIRONMENT)
        seconds[piece] += known.get(path, LAB if is_lab(path) else usual)
        pieces.setdefault(piece, []).append(path)
    return sorted(path for piece in deal(seconds, count)[index - 1] for path in pieces[piece])


def _together(snippet: Snippet | None) -> str:
    """Return what the snippets of one environment have in common; empty for one that needs none."""
    listed = None if snippet is None else snippet.options.dependencies
    return "" if listed is None else "\n".join(["environment:", *sorted(set(listed))])


def deal(seconds: dict[str, float], count: int) -> list[list[str]]:
    """Deal pieces into `count` hands: the longest first, each to the hand that has least."""
    hands, loads = [list[str]() for _ in range(count)], [0.0] * count
    for piece in sorted(seconds, key=lambda piece: (-seconds[piece], piece)):
        least = loads.index(min(loads))
        hands[least].append(piece)
        loads[least] += seconds[piece]
    return hands


# --- joining -----------------------------------------------------------------------------------------


@dataclass
class Merged:
    """What came of a merge: the snippets whose result was taken, those that had one, what is missing and why."""

    taken: list[str] = field(default_factory=list)
    had: list[str] = field(default_factory=list)
    missing: list[Problem] = field(default_factory=list)


def merge(engine: Engine, folders: Sequence[Path]) -> Merged:
    """Take into the engine's store what other stores have that is valid for this tree; see what is missing.

    A result is taken if its inputs are exactly those that it would have here, and its notebook is whole,
    in the form that the engine gives it, and of this very snippet. That finds what is damaged, mixed up or
    out of date; it cannot find a lie told by who also computes the digests anew, so the stores must come
    from machines that are trusted as much as this one.

    Args:
        engine: Of the project.
        folders: Stores: `.dlref` folders, or copies of their `results` and `notebooks`.
    """
    stores = [_opened(folder) for folder in folders]
    _note_environments(engine, [engine.store, *stores])
    merged, refused = Merged(), dict[str, list[str]]()
    for path, snippet in engine.snippets.items():
        if engine.current(path):
            merged.had.append(path)
        elif _taken(engine, snippet, stores, refused.setdefault(path, [])):
            merged.taken.append(path)
    engine.refresh()  # so that the proof looks at what lies on the disk
    for path in sorted({*engine.snippets, *engine.problems}):
        if path in engine.problems:
            merged.missing.append(engine.problems[path])
        elif engine.why(path):
            reasons = "; ".join(dict.fromkeys(refused.get(path, []))) or "no store has one"
            merged.missing.append(Problem(f"has no valid result: {reasons}", f"{engine.folder.name}/{path}"))
    return merged


def _opened(folder: Path) -> Store:
    if not (folder / "results").is_dir() or not (folder / "notebooks").is_dir():
        raise Problem("no store there: expected a .dlref folder, with results/ and notebooks/", str(folder))
    return Store(folder)


def _taken(engine: Engine, snippet: Snippet, stores: Iterable[Store], refused: list[str]) -> bool:
    """Take a snippet's result from the first store that has a valid one; else say why each was refused."""
    for store in stores:
        for manifest in store.manifests(snippet.path):
            try:
                executed = engine.verified(snippet, store, manifest)
            except ValueError as error:
                refused.append(f"in {store.folder}, {error}")
                continue
            facts = {name: manifest[name] for name in (*FACTS, "processor")}
            engine.store.put(snippet.path, manifest["inputs"], executed, **facts)
            return True
    return False


def _note_environments(engine: Engine, stores: Sequence[Store]) -> None:
    """Note what was in the environments that are not made here, by what most of their newest results say."""
    found: dict[Path, Counter[tuple[tuple[str, str], ...]]] = {}
    for path, environment in engine.environments.items():
        if engine.installed(environment) is None:
            votes = found.setdefault(environment.folder, Counter())
            votes.update(tuple(sorted(installed.items())) for installed in _said(path, stores))
    for environment in {one.folder: one for one in engine.environments.values()}.values():
        for versions, _ in found.get(environment.folder, Counter()).most_common():
            if environment.meets(dict(versions)):
                environment.record(dict(versions))
                break


def _said(path: str, stores: Iterable[Store]) -> Iterator[dict[str, str]]:
    """Yield the versions that the newest result of a snippet ran with, in each store."""
    for store in stores:
        newest = next(store.manifests(path), None)
        if newest and texts(versions := newest["inputs"].get("distributions")):
            yield versions
