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
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = 1
LARGEST = 64 << 20  # bytes of a manifest or a notebook
_NUMBERED = re.compile(r"[0-9]{1,18}\.json")
KEPT = 5  # results a snippet keeps, so that switching branches costs nothing


class Store:
    """The results below a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def manifests(self, path: str) -> Iterator[dict[str, Any]]:
        """Yield the manifests of a snippet that can be read, newest first."""
        for file in self._files(path):
            try:
                manifest = json.loads(_read(file))
                ours = (manifest["format"], manifest["snippet"]) == (FORMAT, path)
                if ours and isinstance(manifest["inputs"], dict) and isinstance(manifest["notebook"], str):
                    yield manifest
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue

    def notebook(self, manifest: dict[str, Any]) -> dict[str, Any] | None:
        """Return the notebook of a manifest; None if it is not there whole."""
        name = manifest["notebook"]
        try:
            content = _read(self.folder / "notebooks" / f"{name}.ipynb")
            found = json.loads(content) if hashlib.sha256(content).hexdigest() == name else None
        except (OSError, ValueError, RecursionError):
            return None
        return found if isinstance(found, dict) else None

    def put(self, path: str, inputs: dict[str, Any], notebook: dict[str, Any], **facts: Any) -> dict[str, Any]:
        """Keep a notebook under the inputs that it came from; return its manifest."""
        content = json.dumps(notebook, indent=1, ensure_ascii=False).encode() + b"\n"
        name = hashlib.sha256(content).hexdigest()
        self.write(self.folder / "notebooks" / f"{name}.ipynb", content)
        manifest = {"format": FORMAT, "snippet": path, "inputs": inputs, "notebook": name, **facts}
        files = self._files(path)
        number = int(files[0].stem) + 1 if files else 1
        text = json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False)
        self.write(self.folder / "results" / path / f"{number:06}.json", text.encode() + b"\n")
        for old in files[KEPT - 1 :]:
            if not old.is_dir():
                old.unlink(missing_ok=True)
        return manifest

    def _files(self, path: str) -> list[Path]:
        """Return the manifest files of a snippet, newest first."""
        folder = self.folder / "results" / path
        try:
            names = [name for name in os.listdir(folder) if _NUMBERED.fullmatch(name)]
        except (FileNotFoundError, NotADirectoryError):
            return []
        return [folder / name for name in sorted(names, key=lambda name: int(name[:-5]), reverse=True)]

    def workshop(self) -> Path:
        """Return the folder for what this process has in work, without those of processes that are gone."""
        folder = self.folder / "building" / str(os.getpid())
        folder.mkdir(parents=True, exist_ok=True)
        for other in folder.parent.iterdir():
            if other != folder and not (other.name.isdigit() and Path("/proc", other.name).exists()):
                shutil.rmtree(other, ignore_errors=True)
        return folder

    def write(self, file: Path, content: bytes) -> None:
        """Write a file below the folder as a whole or not at all, whoever else writes it."""
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self.workshop())  # which a later build clears, should we be killed
        try:
            with os.fdopen(descriptor, "wb") as temporary:
                temporary.write(content)
            if file.is_dir():
                shutil.rmtree(file)  # nothing of ours
            os.replace(name, file)
        except BaseException:
            os.unlink(name)
            raise


def _read(file: Path) -> bytes:
    """Return the content of a file of ours; OSError for a link, a pipe, a folder, or far more than we write."""
    seen = file.lstat()
    if not stat.S_ISREG(seen.st_mode) or seen.st_size > LARGEST:
        raise OSError(f"{file} is none of ours")
    return file.read_bytes()
