"""What each shipped stack sends to Azure Resource Manager: api-version, path and body of every request, pinned.

Both engines ask the same provider for the same, which tests/e2e/test_pulumi_parity.py shows on the local Azure.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, cast

import pytest

from automation.provision.azure_native.types import TYPES
from automation.provision.project import find_project
from automation.provision.stacks import Stack
from tests.automation.provision.conftest import World

STACKS = ("local", "azure", "course")
PARTS = ("course-shared", "course-seat", "course-small-seat")
COURSE = {"course": "botany", "expires": "2027-02-28", "containerRegistry": True}
ANNA = {"objectId": "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10", "email": "anna@example.org"}
SEAT = {**COURSE, "seat": "anna-k3x7qa", "sharedStack": "botany.shared", "person": ANNA}


@pytest.mark.parametrize("name", STACKS)
def test_a_stack_sends_what_its_golden_file_says(
    name: str, world: World, update_golden: bool, pytestconfig: pytest.Config
) -> None:
    _compare(name, _stack(world, name), world, update_golden, pytestconfig)


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_a_course_sends_what_its_golden_file_says(
    name: str, world: World, update_golden: bool, pytestconfig: pytest.Config
) -> None:
    stack = _part(world, "botany.shared", {**COURSE, "sharedWorkspace": True})
    if name != "course-shared":
        stack.up()
        world.arm.bodies.clear()
        stack = _part(world, "botany.anna-k3x7qa", {**SEAT, "sharedWorkspace": name == "course-small-seat"})
    _compare(name, stack, world, update_golden, pytestconfig)


def _compare(name: str, stack: Stack, world: World, update_golden: bool, pytestconfig: pytest.Config) -> None:
    stack.up()
    names = {item.id: item.name for item in stack.resources()}
    sent = sorted(
        (
            {
                "resource": names[path],
                "method": "PUT",
                "path": path,
                "api-version": world.arm.versions[path],
                "body": body,
            }
            for path, body in world.arm.bodies
        ),
        key=lambda request: str(request["path"]),
    )
    golden = pytestconfig.rootpath / "tests" / "infra" / "golden" / f"{name}-requests.json"
    text = json.dumps(sent, indent=1, sort_keys=True, ensure_ascii=False) + "\n"
    if update_golden:
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8"), (
        "review the difference, then pytest tests/automation/provision/test_infra_requests.py --update-golden"
    )


def test_the_golden_files_hold_every_resource_of_the_program_and_the_sdks_api_versions(
    pytestconfig: pytest.Config,
) -> None:
    folder = pytestconfig.rootpath / "tests" / "infra" / "golden"
    for name in (*STACKS, *PARTS):
        sent = json.loads((folder / f"{name}-requests.json").read_text(encoding="utf-8"))
        asked = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))["resources"]
        types = {item["name"]: item["type"] for item in asked if "inputs" in item}
        types.pop("organization/visionlab/botany.shared", None)  # nothing is sent for a reference
        assert {request["resource"] for request in sent} <= set(types)
        assert name in PARTS or len(sent) == len(types)  # parts: their other file is with a budget
        for request in sent:
            kind = TYPES[types[request["resource"]].removeprefix("azure-native:")]
            assert request["api-version"] == kind.api_version, request["resource"]


def test_no_request_holds_a_name_that_azure_does_not_know(pytestconfig: pytest.Config) -> None:
    """Names in camel case; Application Insights has its own."""
    folder = pytestconfig.rootpath / "tests" / "infra" / "golden"
    known = {"Application_Type", "Flow_Type", "Request_Source"}
    for name in (*STACKS, *PARTS):
        for request in json.loads((folder / f"{name}-requests.json").read_text(encoding="utf-8")):
            assert {key for key in _keys(request["body"]) if "_" in key} <= known, request["resource"]


def _keys(value: object) -> list[str]:
    match value:
        case dict():
            found = cast("Mapping[str, Any]", value)
            return [key for name, item in found.items() if name != "tags" for key in (name, *_keys(item))]
        case list():
            return [key for item in cast("list[object]", value) for key in _keys(item)]
        case _:
            return []


def _part(world: World, name: str, config: Mapping[str, object]) -> Stack:
    return _stack(world, name, config, settings="local")


def _stack(
    world: World, name: str, config: Mapping[str, object] = MappingProxyType({}), *, settings: str | None = None
) -> Stack:
    state_file = world.state_file.with_name(f"{name}.json")
    state_file.write_text(world.state_file.read_text())
    return Stack(
        name=name,
        project=find_project(),
        config=config,
        state_file=state_file,
        providers=world.providers,
        passphrase="password",
        clock=world.clock,
        settings=settings,
    )
