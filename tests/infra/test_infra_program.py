"""The whole program: what each stack asks Azure for."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any, Protocol, cast

import pulumi
import pytest
import yaml

from infra.outputs import Outputs
from infra.settings import KEYS, SettingsError


class Program(Protocol):
    resources: list[dict[str, Any]]
    outputs: dict[str, Any]

    def named(self, name: str) -> dict[str, Any]: ...
    def of_type(self, token: str) -> list[dict[str, Any]]: ...


Run = Callable[..., Program]
STACKS = ("local", "azure", "course")
SMALL = {"visionlab:lab": "fruit", "visionlab:mlWorkspace": False, "visionlab:containers": ["images"]}
TAGGED = {
    "azure-native:resources:ResourceGroup",
    "azure-native:storage:StorageAccount",
    "azure-native:cognitiveservices:Account",
    "azure-native:keyvault:Vault",
    "azure-native:operationalinsights:Workspace",
    "azure-native:applicationinsights:Component",
    "azure-native:machinelearningservices:Workspace",
    "azure-native:machinelearningservices:Compute",
}


def parts_of(value: Any) -> Iterator[Any]:
    """Every key and every value, however deep."""
    yield value
    inside: list[Any] = []
    if isinstance(value, dict):
        inside = [*cast("dict[str, Any]", value), *cast("dict[str, Any]", value).values()]
    elif isinstance(value, list):
        inside = cast("list[Any]", value)
    for inner in inside:
        yield from parts_of(inner)


def keys_in(value: Any) -> Iterator[str]:
    for part in parts_of(value):
        if isinstance(part, dict):
            yield from part


def unknown_in(value: Any) -> bool:
    return any(isinstance(part, pulumi.output.Unknown) for part in parts_of(value))


@pytest.mark.parametrize("stack", STACKS)
def test_a_stack_asks_for_what_its_golden_file_says(
    stack: str, program_of: Run, golden: Callable[[str, object], None]
) -> None:
    program = program_of(stack)
    golden(f"{stack}.json", {"resources": program.resources, "outputs": program.outputs})


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_registers_the_same_resources_under_the_same_names(
    stack: str, program_of: Run, run_program: Run
) -> None:
    real, preview = program_of(stack), run_program(stack, preview=True)
    assert [(r["type"], r["name"]) for r in preview.resources] == [(r["type"], r["name"]) for r in real.resources]
    differing = {
        key
        for ours, theirs in zip(preview.resources, real.resources, strict=True)
        for key, value in ours.get("inputs", {}).items()
        if not unknown_in(value) and value != theirs["inputs"][key]
    }
    assert differing == set()
    assert unknown_in(preview.named("access-vision-blobs")["inputs"]["roleAssignmentName"])


def test_a_second_run_in_the_same_process_asks_for_the_same(run_program: Run) -> None:
    first, second = run_program("course"), run_program("course")
    assert first.resources == second.resources
    assert first.outputs == second.outputs


def test_no_snake_case_key_goes_over_the_wire(program_of: Run) -> None:
    program = program_of("course")
    snake = [key for resource in program.resources for key in keys_in(resource.get("inputs", {})) if "_" in key]
    assert snake == []


def test_everything_that_takes_tags_has_them_and_only_those_that_are_set(program_of: Run) -> None:
    course = program_of("course")
    tags = {
        "visionlab:lab": "vision-course",
        "visionlab:stack": "course",
        "visionlab:owner": "teacher@example.org",
        "visionlab:expires": "2027-02-28",
    }
    found = {r["type"]: r["inputs"]["tags"] for r in course.resources if "tags" in r.get("inputs", {})}
    assert found == dict.fromkeys(TAGGED, tags)
    assert {r["inputs"]["properties"]["tags"] == tags for r in course.of_type(DATASTORE)} == {True}
    local = program_of("local").named("group")["inputs"]["tags"]
    assert local == {"visionlab:lab": "vision-lab", "visionlab:stack": "local"}


DATASTORE = "azure-native:machinelearningservices:Datastore"


def test_the_outputs_are_those_of_outputs_py_and_what_is_missing_is_left_out(program_of: Run) -> None:
    names = {field.name for field in fields(Outputs)}
    assert set(program_of("course").outputs) == names
    missing = {"custom_vision_training_id", "custom_vision_prediction_id", "custom_vision_endpoint", "expires"}
    assert set(program_of("local").outputs) == names - missing


def test_the_smallest_lab_is_storage_vision_and_their_roles(run_program: Run) -> None:
    program = run_program("mine", config=SMALL)
    made = sorted(r["name"] for r in program.resources if "inputs" in r)
    assert made == [
        "access-deployer-blobs",
        "access-deployer-vision",
        "access-vision-blobs",
        "group",
        "storage-account",
        "storage-blobs",
        "storage-images",
        "vision-account",
    ]
    assert program.outputs["datastores"] == {}
    assert "ml_workspace" not in program.outputs


def test_labeling_projects_are_jobs_on_data_assets_of_their_folders(run_program: Run) -> None:
    projects = [
        {"name": "fruit", "task": "object-detection", "classes": ["apple", "banana"]},
        {"name": "kinds", "task": "image-classification-multilabel", "classes": ["ripe"], "folder": "photos/may 1"},
        {"name": "again", "task": "instance-segmentation", "classes": ["apple"], "instructions": "https://x.org/how"},
    ]
    program = run_program("mine", config={"visionlab:lab": "fruit", "visionlab:labelingProjects": projects})
    assets = program.of_type("azure-native:machinelearningservices:DataVersion")
    assert [(asset["inputs"]["name"], asset["inputs"]["version"]) for asset in assets] == [
        ("training-images", "1"),
        ("training-images-photos-may-1", "1"),
    ]
    assert [asset["inputs"]["properties"]["dataUri"].partition("/datastores/")[2] for asset in assets] == [
        "training_images/paths/",
        "training_images/paths/photos/may 1/",
    ]
    jobs = {job["inputs"]["id"]: job for job in program.of_type("azure-native:machinelearningservices:LabelingJob")}
    assert set(jobs) == {"fruit", "kinds", "again"}
    properties = jobs["fruit"]["inputs"]["labelingJobProperties"]
    assert properties["labelCategories"] == {
        "classes": {
            "displayName": "classes",
            "multiSelect": "Disabled",
            "classes": {name: {"displayName": name, "subclasses": {}} for name in ("apple", "banana")},
        }
    }
    assert properties["labelingJobMediaProperties"] == {"mediaType": "Image", "annotationType": "BoundingBox"}
    assert properties["dataConfiguration"]["incrementalDataRefresh"] == "Enabled"
    assert jobs["kinds"]["inputs"]["labelingJobProperties"]["labelCategories"]["classes"]["multiSelect"] == "Enabled"
    assert jobs["again"]["inputs"]["labelingJobProperties"]["jobInstructions"] == {"uri": "https://x.org/how"}
    assert set(jobs["fruit"]["after"]) >= {"access-deployer-blobs", "access-ml-blobs"}


def test_every_role_assignment_says_what_kind_of_principal_it_is_for(program_of: Run) -> None:
    grants = program_of("course").of_type("azure-native:authorization:RoleAssignment")
    assert {grant["inputs"]["principalType"] for grant in grants} == {"ServicePrincipal", "Group"}
    names = [grant["inputs"]["roleAssignmentName"] for grant in grants]
    assert len(set(names)) == len(names) == 7


def test_grants_to_who_deploys_can_be_switched_off_and_told_their_type(run_program: Run) -> None:
    silent = run_program("mine", config={**SMALL, "visionlab:grantDeployer": False})
    assert [r["name"] for r in silent.of_type("azure-native:authorization:RoleAssignment")] == ["access-vision-blobs"]
    told = run_program("mine", config={**SMALL, "visionlab:deployerType": "User"})
    assert told.named("access-deployer-blobs")["inputs"]["principalType"] == "User"


def test_the_lock_comes_after_everything_else_so_that_it_goes_first(program_of: Run) -> None:
    program = program_of("course")
    others = {r["name"] for r in program.resources if "inputs" in r} - {"guardrails-lock"}
    assert set(program.named("guardrails-lock")["after"]) == others


def test_protect_guards_what_holds_data(program_of: Run) -> None:
    protected = [r["name"] for r in program_of("course").resources if r["protect"]]
    assert protected == ["ml-vault", "storage-account"]


def test_children_belong_to_their_component(program_of: Run) -> None:
    program = program_of("course")
    components = {r["name"] for r in program.resources if "inputs" not in r}
    parents = {r["name"]: r["parent"] for r in program.resources if "inputs" in r and r["name"] != "group"}
    assert set(parents.values()) == components
    assert {name.startswith(parent + "-") for name, parent in parents.items()} == {True}


def test_wrong_settings_stop_the_program_before_it_asks_for_anything(run_program: Run) -> None:
    with pytest.raises(SettingsError) as caught:
        run_program("mine", config={"visionlab:lab": "fruit", "visionlab:visonSku": "S1"})
    assert [str(m) for m in caught.value.mistakes] == [
        "visionlab:visonSku: there is no such setting; did you mean visionSku?"
    ]


def test_the_schema_of_the_project_names_settings_that_exist_and_their_defaults(pytestconfig: pytest.Config) -> None:
    project = yaml.safe_load((pytestconfig.rootpath / "Pulumi.yaml").read_text(encoding="utf-8"))
    objects = {"person", "labelers", "dataScientists", "budget", "computeCluster", "labelingProjects"}
    assert set(project["config"]) == set(KEYS) - objects
    # A key of the schema without a default has to be set in every stack.
    assert [key for key, declared in project["config"].items() if "default" not in declared] == ["lab"]


@pytest.mark.parametrize("stack", STACKS)
def test_golden_files_hold_no_name_that_only_chance_could_repeat(stack: str, pytestconfig: pytest.Config) -> None:
    text = (pytestconfig.rootpath / "tests/infra/golden" / f"{stack}.json").read_text(encoding="utf-8")
    assert re.findall(r"/work/|/tmp/|/home/", text) == []
    assert json.loads(text)["outputs"]["stack"] == stack
