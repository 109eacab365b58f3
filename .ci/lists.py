"""Write each list of pinned releases into a folder, as a file that pip reads: `python .ci/lists.py FOLDER`.

They are constraints.txt, and those by which snippets ask for an environment of their own.
"""

import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dlref.site import snippets  # noqa: E402 — it needs no package, so that the audit need not install torch


def main(folder: Path) -> None:
    """Write the lists, each once; the first line says what it is."""
    shared: dict[tuple[str, ...], list[str]] = {}
    for path in snippets.find(ROOT / "snippets"):
        dependencies = snippets.read(ROOT / "snippets", path).options.dependencies
        if dependencies:
            shared.setdefault(tuple(sorted(dependencies)), []).append(path)
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "constraints.txt", folder)
    for number, (dependencies, paths) in enumerate(sorted(shared.items()), 1):
        lines = [
            f"# The environment of {len(paths)} snippets, of which the first is snippets/{paths[0]}",
            *dependencies,
        ]
        (folder / f"environment-{number}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
