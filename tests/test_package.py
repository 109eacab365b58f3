"""`pip install .` gives a package that imports, with its assets, and a `dlref` command."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_a_wheel_holds_the_whole_package_and_its_entry_points(tmp_path: Path) -> None:
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*pip, "--wheel-dir", str(tmp_path), str(ROOT)], check=True, capture_output=True)
    (wheel,) = tmp_path.glob("dlref-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry_points,) = (archive.read(name).decode() for name in names if name.endswith("entry_points.txt"))
    files = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dlref").rglob("*") if path.is_file()}
    assert {name for name in files if "__pycache__" not in name} == {n for n in names if n.startswith("dlref/")}
    assert "dlref = dlref.site.cli:main" in entry_points
    assert "dlref = dlref.site.plugin:DlrefPlugin" in entry_points


def test_dlref_and_its_command_need_nothing_of_the_site() -> None:
    code = """
import sys
for name in ("mkdocs", "material", "markdown", "tqdm", "pygments", "nbformat", "yaml", "sklearn"):
    sys.modules[name] = None
import dlref.activations
from dlref.site.cli import main
try:
    main(["--version"])
except SystemExit as done:
    sys.exit(done.code)
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.startswith("dlref ")
