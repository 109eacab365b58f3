"""The workflows run strangers' code: what they may never do."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FILES = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))
WRITERS = {"deploy"}  # the jobs that may hold a token that writes


def load(path: Path) -> dict[str, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads the key "on" as a boolean
    return workflow


WORKFLOWS = {path.name: load(path) for path in FILES}
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


def test_no_workflow_has_a_cache_and_what_is_published_is_built_from_the_repository_alone() -> None:
    for workflow in WORKFLOWS.values():
        for job in workflow["jobs"].values():
            for step in job["steps"]:
                assert "cache" not in step.get("uses", "")
                assert not any("cache" in name for name in step.get("with", {}))
    for step in WORKFLOWS["deploy.yml"]["jobs"]["build"]["steps"]:
        assert "download" not in step.get("uses", "")
