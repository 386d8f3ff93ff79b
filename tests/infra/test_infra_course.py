"""The parts of a course: what its seats share, and a seat, which is one person's."""

import re
from collections.abc import Callable
from dataclasses import fields
from typing import Any, Protocol

import pulumi
import pytest

from infra.outputs import Outputs, SharedOutputs
from infra.shared_parts import full_name


class Program(Protocol):
    resources: list[dict[str, Any]]
    outputs: dict[str, Any]

    def named(self, name: str) -> dict[str, Any]: ...
    def of_type(self, token: str) -> list[dict[str, Any]]: ...


Run = Callable[..., Program]
ANNA = {"objectId": "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10", "principalType": "User", "email": "anna@example.org"}
COURSE = {
    "visionlab:lab": "vision-lab",
    "visionlab:course": "botany",
    "visionlab:owner": "teacher@example.org",
    "visionlab:expires": "2027-02-28",
    "visionlab:visionSku": "S1",
    "visionlab:budget": {"amount": 5, "emails": ["teacher@example.org"], "startDate": "2026-12-01"},
}
SHARED = {**COURSE, "visionlab:containerRegistry": True, "visionlab:sharedWorkspace": True}
SEAT = {**COURSE, "visionlab:seat": "anna-k3x7qa", "visionlab:sharedStack": "botany.shared", "visionlab:person": ANNA}
SMALL = {**SEAT, "visionlab:sharedWorkspace": True, "visionlab:protectFromCleanup": "true"}
BARE = {**COURSE, "visionlab:mlWorkspace": False}
ASSIGNMENT = "azure-native:authorization:RoleAssignment"


@pytest.fixture(scope="module")
def parts() -> dict[str, Program]:
    """Each kind of part, run once; seats see the outputs of the shared parts."""
    from tests.infra.conftest import run_infra

    shared = run_infra("botany.shared", config=SHARED)
    found: dict[str, Program] = {"shared": shared, "bare": run_infra("botany.shared", config=BARE)}
    for name, config in (("seat", SEAT), ("small-seat", SMALL)):
        found[name] = run_infra("botany.anna-k3x7qa", config=config, shared=shared.outputs)
    return found


@pytest.mark.parametrize("name", ["shared", "seat", "small-seat"])
def test_a_part_asks_for_what_its_golden_file_says(
    name: str, parts: dict[str, Program], golden: Callable[[str, object], None]
) -> None:
    program = parts[name]
    golden(f"course-{name}.json", {"resources": program.resources, "outputs": program.outputs})
    assert re.findall(r"/work/|/tmp/|/home/", str(program.resources)) == []


def test_outputs_are_those_of_outputs_py(parts: dict[str, Program]) -> None:
    shared = {field.name for field in fields(SharedOutputs)}
    assert set(parts["shared"].outputs) == shared
    without = {name for name in shared if name.startswith(("ml_", "key_", "app_", "container_"))}
    assert set(parts["bare"].outputs) == shared - without
    seat = {field.name for field in fields(Outputs)}
    missing = {name for name in seat if name.startswith("custom_")} | {"log_analytics_workspace_id"}
    assert set(parts["seat"].outputs) == seat - missing
    assert set(parts["small-seat"].outputs) == seat - missing - {"key_vault", "key_vault_id", "app_insights_id"}


def test_a_seat_uses_the_courses_log_workspace_and_registry(parts: dict[str, Program]) -> None:
    shared, seat = parts["shared"].outputs, parts["seat"]
    assert seat.of_type("azure-native:operationalinsights:Workspace") == []
    assert seat.named("ml-insights")["inputs"]["workspaceResourceId"] == shared["log_analytics_workspace_id"]
    assert seat.named("ml-workspace")["inputs"]["containerRegistry"] == shared["container_registry_id"]


def test_a_seat_of_a_course_without_a_registry_has_none(run_program: Run, parts: dict[str, Program]) -> None:
    seat = run_program("botany.anna-k3x7qa", config=SEAT, shared=parts["bare"].outputs)
    assert "containerRegistry" not in seat.named("ml-workspace")["inputs"]


def test_a_small_seat_has_a_place_in_the_courses_workspace(parts: dict[str, Program]) -> None:
    shared, seat = parts["shared"].outputs, parts["small-seat"]
    assert seat.of_type("azure-native:machinelearningservices:Workspace") == []
    stores = [item["inputs"] for item in seat.of_type("azure-native:machinelearningservices:Datastore")]
    assert {(store["workspaceName"], store["resourceGroupName"]) for store in stores} == {
        (shared["ml_workspace"], "rg-botany-shared")
    }
    assert sorted(store["name"] for store in stores) == [
        "anna_k3x7qa_evaluation_images",
        "anna_k3x7qa_training_images",
    ]
    assert seat.outputs["ml_workspace_id"] == shared["ml_workspace_id"]
    assert seat.named("access-ml-blobs")["inputs"]["principalId"] == shared["ml_workspace_principal_id"]


def test_what_a_person_may_do_is_in_the_seat_and_looking_at_the_pictures(parts: dict[str, Program]) -> None:
    seat, shared = parts["seat"], parts["shared"].outputs
    grants = {item["name"]: item["inputs"] for item in seat.of_type(ASSIGNMENT)}
    hers = {name: grant["scope"] for name, grant in grants.items() if grant["principalId"] == ANNA["objectId"]}
    assert hers == {
        "access-person-blobs": seat.outputs["storage_account_id"],
        "access-person-services": seat.outputs["resource_group_id"],
        "access-person-ml": seat.outputs["ml_workspace_id"],
        "access-person-pictures": f"{shared['storage_account_id']}/blobServices/default/containers/pictures",
    }
    others = {grant["principalType"] for name, grant in grants.items() if name not in hers}
    assert others == {"ServicePrincipal"}


def test_parts_are_tagged_as_the_clean_up_looks_for_them(parts: dict[str, Program]) -> None:
    common = {
        "visionlab:course": "botany",
        "visionlab:owner": "teacher@example.org",
        "visionlab:expires": "2027-02-28",
    }
    found = {name: program.named("group")["inputs"] for name, program in parts.items()}
    assert found["shared"]["tags"] == {
        **common,
        "visionlab:lab": "botany-shared",
        "visionlab:seat": "shared",
        "visionlab:stack": "botany.shared",
    }
    of_seat = {"visionlab:lab": "botany-anna-k3x7qa", "visionlab:seat": "anna-k3x7qa"}
    seat = {**common, **of_seat, "visionlab:stack": "botany.anna-k3x7qa"}
    assert found["seat"]["tags"] == seat
    assert found["small-seat"]["tags"] == {**seat, "visionlab:protect": "true"}
    assert (found["seat"]["resourceGroupName"], found["shared"]["resourceGroupName"]) == (
        "rg-botany-anna-k3x7qa",
        "rg-botany-shared",
    )


def test_the_budget_tells_the_person_too_and_nobody_twice(run_program: Run, parts: dict[str, Program]) -> None:
    def readers(program: Program) -> list[str]:
        return program.named("guardrails-budget")["inputs"]["notifications"]["actual80"]["contactEmails"]

    assert readers(parts["seat"]) == ["teacher@example.org", "anna@example.org"]
    assert readers(parts["shared"]) == ["teacher@example.org"]
    teacher = {**SEAT, "visionlab:person": {**ANNA, "email": "Teacher@example.org"}}
    own = run_program("botany.anna-k3x7qa", config=teacher, shared=parts["shared"].outputs)
    assert readers(own) == ["teacher@example.org"]


def test_two_seats_have_no_name_in_common(run_program: Run, parts: dict[str, Program]) -> None:
    """The names are cut, so it is the suffix that tells them apart, also when one is set for the whole course."""
    shared = parts["shared"].outputs

    def names(seat: str) -> set[str]:
        config = {**SEAT, "visionlab:seat": seat, "visionlab:suffix": "abc123"}
        outputs = run_program(f"botany.{seat}", config=config, shared=shared).outputs
        return {outputs[key] for key in ("storage_account", "vision_account", "ml_workspace", "key_vault")}

    assert names("student-of-botany-k3x7qa") & names("student-of-botany-zzzzzz") == set()


def test_a_seat_before_its_shared_parts_says_which_output_is_missing(run_program: Run) -> None:
    with pytest.raises(pulumi.RunError, match=r"botany\.shared, of the course's shared parts, has no output"):
        run_program("botany.anna-k3x7qa", config=SEAT, shared={})


def test_a_stack_of_another_project_is_taken_by_its_full_name() -> None:
    assert full_name("a.shared", organization="org", project="visionlab") == "org/visionlab/a.shared"
    assert full_name("org/other/a.shared", organization="x", project="y") == "org/other/a.shared"
