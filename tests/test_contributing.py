"""What CONTRIBUTING shows of a terminal comes out of one; what a contributor's tools read is sound."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MASKS = [  # what is otherwise on another machine, or with another page
    (r"\(\d+\.\d\d s\)", "(… s)"),
    (r"came \d\.\d{4,}", "came …"),
    (r"\d+ snippets in \d+ fences", "… snippets in … fences"),
    (r"(?m):\d+: edited$", ":…: edited"),
]


def transcript() -> str:
    """Return what stands between the marks, without its fence."""
    found = re.search(r"<!-- transcript -->\n```console\n(.*?)```\n<!-- /transcript -->", CONTRIBUTING, re.DOTALL)
    assert found is not None
    return found[1]


def commands() -> list[str]:
    return re.findall(r"(?m)^\$ (.+)$", transcript())


def masked(text: str) -> str:
    for pattern, instead in MASKS:
        text = re.sub(pattern, instead, text)
    return text


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as a commit of this tree would hold it, and a `dlref` of its own on the path."""
    root = tmp_path_factory.mktemp("contributor") / "notes"
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file() and not name.startswith(("tests/", "benchmarks/")):
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    command = root.parent / "bin" / "dlref"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dlref.site.cli "$@"\n')
    command.chmod(0o755)
    return root


def said(command: str, root: Path) -> str:
    """Return what a command of the transcript writes."""
    environment = {"PATH": f"{root.parent / 'bin'}:/usr/bin:/bin", "HOME": str(root.parent), "LC_ALL": "C.UTF-8"}
    environment["PYTHONUNBUFFERED"] = "1"  # as in a terminal, where what is written first is read first
    done = subprocess.run(["bash", "-c", command], cwd=root, env=environment, check=False, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8")  # fmt: skip
    return done.stdout


@pytest.mark.slow
def test_the_transcript_is_what_a_terminal_shows(clone: Path) -> None:
    shown = "".join(f"$ {command}\n{said(command, clone)}" for command in commands())
    assert masked(shown) == masked(transcript())


def test_the_hooks_are_of_this_repository_and_run_commands_that_exist() -> None:
    repos = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in repos] == ["local"]
    (hook,) = repos[0]["hooks"]
    assert hook["entry"] == ".venv/bin/dlref check"
    assert hook["language"] == "system"
    assert hook["pass_filenames"] is False
    changed = "docs/index.md", "snippets/a/b.py", "dlref/losses.py", "mkdocs.yml", "README.md"
    assert all(re.search(hook["files"], name) for name in changed)


@pytest.mark.parametrize("path", sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*-*.yml")), ids=lambda path: path.stem)
def test_a_form_has_what_github_asks_for(path: Path) -> None:
    form = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert form.keys() == {"name", "description", "labels", "body"}
    kinds = [item["type"] for item in form["body"]]
    assert set(kinds) <= {"input", "textarea", "dropdown", "checkboxes", "markdown"}
    names = [item["id"] for item in form["body"]]
    assert len(set(names)) == len(names)
    assert all(item["attributes"]["label"] for item in form["body"])
    assert any(item.get("validations", {}).get("required") for item in form["body"])
