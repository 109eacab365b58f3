"""Executed notebooks, kept with a manifest of everything that they depend on.

Layout: `results/<snippet path>/<n>.json` are a snippet's manifests, in plain text; `notebooks/<sha256>.ipynb`
are the notebooks, named by their content. A result is valid while each input that its manifest names is
what it was. Nothing is ever trusted because it is there: a manifest that cannot be read or a notebook
whose content does not match its name counts as missing.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

FORMAT = 1
KEPT = 5  # results a snippet keeps, so that switching branches costs nothing


class Store:
    """The results below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifests(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the manifests of a snippet that can be read, newest first."""
        for file in self._files(path):
            try:
                manifest = json.loads(file.read_bytes())
                ours = (manifest["format"], manifest["snippet"]) == (FORMAT, path)
                if ours and isinstance(manifest["inputs"], dict) and isinstance(manifest["notebook"], str):
                    yield manifest
            except (OSError, ValueError, KeyError, TypeError):
                continue

    def find(self, path: str, same: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        """Return the newest manifest whose inputs are the `same` now and whose notebook is whole."""
        for manifest in self.manifests(path):
            if same(manifest["inputs"]) and self._bytes(manifest["notebook"]) is not None:
                return manifest
        return None

    def notebook(self, manifest: dict[str, Any]) -> dict[str, Any] | None:
        """Return the notebook of a manifest; None if it is not there whole."""
        content = self._bytes(manifest["notebook"])
        return None if content is None else json.loads(content)

    def put(self, path: str, inputs: dict[str, Any], notebook: dict[str, Any], **facts: Any) -> dict[str, Any]:
        """Keep a notebook under the inputs that it came from; return its manifest."""
        content = json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"
        name = hashlib.sha256(content).hexdigest()
        _write(self.folder / "notebooks" / f"{name}.ipynb", content)
        manifest = {"format": FORMAT, "snippet": path, "inputs": inputs, "notebook": name, **facts}
        files = list(self._files(path))
        number = int(files[0].stem) + 1 if files else 1
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        _write(self.folder / "results" / path / f"{number:06}.json", text.encode() + b"\n")
        for old in files[KEPT - 1 :]:
            old.unlink(missing_ok=True)
        return manifest

    def _files(self, path: str) -> list[Path]:
        """Return the manifest files of a snippet, newest first."""
        folder = self.folder / "results" / path
        try:
            names = [name for name in os.listdir(folder) if name.removesuffix(".json").isdigit()]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [folder / name for name in sorted(names, reverse=True)]

    def _bytes(self, name: str) -> bytes | None:
        try:
            content = (self.folder / "notebooks" / f"{name}.ipynb").read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == name else None


def _write(file: Path, content: bytes) -> None:
    """Write a file as a whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent, prefix=".")
    try:
        with os.fdopen(descriptor, "wb") as temporary:
            temporary.write(content)
        os.replace(name, file)
    except BaseException:
        os.unlink(name)
        raise
