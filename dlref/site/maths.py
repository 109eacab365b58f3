"""TeX to HTML and MathML when the site is built, by KaTeX in one Node process."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import sys
from pathlib import Path

from dlref.site.store import Store

_SCRIPT = """
const katex = require(process.argv[1]);
const trust = ({ command }) => { throw new Error(command + " is not allowed"); };
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const [tex, displayMode] = JSON.parse(line);
  let answer;
  try {
    answer = [katex.renderToString(tex, { displayMode, strict: "error", trust, output: "htmlAndMathml" }), null];
  } catch (error) {
    answer = [null, error.message];
  }
  console.log(JSON.stringify(answer));
});
"""


class Maths:
    """Formulas as HTML, remembered between builds.

    Args:
        root: The project; KaTeX comes from its `node_modules`, or from those beside dlref's source.
    """

    def __init__(self, root: Path) -> None:
        folders = [root, Path(__file__).parents[2]]
        self.katex = next((f for folder in folders if (f := folder / "node_modules" / "katex").is_dir()), None)
        self._node: subprocess.Popen[str] | None = None
        self._file = root / ".dlref" / "maths.json"
        self._known: dict[str, str] = {}
        self._version = ""
        if self.katex:
            self._version = json.loads((self.katex / "package.json").read_bytes())["version"]
            try:
                stored = json.loads(self._file.read_bytes())
                self._known = stored["formulas"] if stored["katex"] == self._version else {}
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                self._known = {}
        self._fresh: dict[str, str] = {}

    def render(self, tex: str, display: bool) -> str:
        """Return a formula as HTML with MathML in it.

        Raises:
            ValueError: KaTeX cannot parse it, or there is no KaTeX or Node to ask.
        """
        key = f"{'display' if display else 'inline'}:{tex}"
        if key not in self._known:
            html, error = self._ask(tex, display)
            if error:
                raise ValueError(f"the formula {tex!r} does not parse: {error.removeprefix('KaTeX parse error: ')}")
            self._known[key] = html
        self._fresh[key] = self._known[key]
        return self._known[key]

    def save(self) -> None:
        """Keep the formulas that were asked for since the last time."""
        text = json.dumps({"katex": self._version, "formulas": self._fresh}, ensure_ascii=False)
        if self._fresh and (not self._file.is_file() or self._file.read_bytes() != text.encode()):
            Store(self._file.parent).write(self._file, text.encode())
        self._fresh = {}

    def _ask(self, tex: str, display: bool) -> tuple[str, str]:
        if self._node is None or self._node.poll() is not None:
            node = shutil.which("node") or shutil.which("node", path=str(Path(sys.executable).parent))
            if not node or not self.katex:
                raise ValueError("formulas need Node and KaTeX: `make site` installs them, or `npm ci`")
            self._node = subprocess.Popen([node, "-e", _SCRIPT, str(self.katex)], text=True, encoding="utf-8",
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # fmt: skip
            atexit.register(self._node.communicate)  # it ends with its input
        assert self._node.stdin is not None and self._node.stdout is not None
        self._node.stdin.write(json.dumps([tex, display]) + "\n")
        self._node.stdin.flush()
        html, error = json.loads(self._node.stdout.readline())
        return html, error
