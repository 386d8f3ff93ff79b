"""Finding the program and its settings, and the door of the package."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from automation.azure import azure_cloud
from automation.errors import ConfigError
from automation.provision import open_stack
from automation.provision.outputs import LabOutputs
from automation.provision.project import Project, find_project, read_config


class NoTokens:
    def token(self, scope: str) -> str:
        raise AssertionError(scope)


def test_the_program_of_this_checkout_is_found_without_importing_it() -> None:
    project = find_project()
    root = Path(__file__).resolve().parents[3]
    assert (project.name, project.program, project.stacks) == ("visionlab", root / "infra/__main__.py", root / "stacks")


def test_settings_come_from_the_project_then_the_stack_then_the_caller(tmp_path: Path) -> None:
    project = Project(
        name="lab",
        program=tmp_path / "p.py",
        stacks=tmp_path,
        settings={"a": {"default": 1}, "b": {"default": 1}, "c": {"type": "string"}, "d": {"default": [1]}},
    )
    (tmp_path / "Pulumi.dev.yaml").write_text(
        "config:\n  lab:b: 2\n  azure-native:location: x\n  lab:day: 2027-02-28\n"
    )
    found = read_config(project, "dev", {"c": {"k": True}, "d": None, "e": False}, passphrase="p")
    assert found.values == {
        "azure-native:location": "x",
        "lab:a": "1",
        "lab:b": "2",
        "lab:c": '{"k": true}',
        "lab:d": "[1]",
        "lab:day": "2027-02-28",
        "lab:e": "false",
    }
    assert found.provider_settings("azure-native") == {"location": "x"}


def test_a_stack_file_that_is_no_mapping_is_refused(tmp_path: Path) -> None:
    project = Project(name="lab", program=tmp_path / "p.py", stacks=tmp_path)
    (tmp_path / "Pulumi.dev.yaml").write_text("- a\n")
    with pytest.raises(ConfigError, match=r"Pulumi\.dev\.yaml is not a mapping"):
        read_config(project, "dev", {}, passphrase="p")


def test_missing_outputs_are_named_with_the_way_to_get_them() -> None:
    with pytest.raises(ConfigError, match=r"the stack has no output resource_group, .*datastores") as caught:
        LabOutputs.parse({"lab": "a", "stack": "b", "location": "c", "subscription_id": "d", "tenant_id": "e"})
    assert caught.value.hint == "run visionlab lab up"


@pytest.mark.parametrize(
    ("stack", "message"),
    [
        ("../local", "'../local' is no name of a stack"),
        ("azure", "the embedded engine provisions the local Azure only"),
    ],
)
def test_a_stack_that_cannot_be_opened_is_refused(tmp_path: Path, stack: str, message: str) -> None:
    cloud = azure_cloud(tenant_id="t", subscription_id="s")
    with pytest.raises(ConfigError, match=re.escape(message)):
        open_stack(stack=stack, config={}, state_dir=tmp_path, cloud=cloud, tokens=NoTokens(), passphrase="p")


def test_the_door_opens_without_pulumi_and_grpc() -> None:
    late = ("pulumi", "grpc", "google.protobuf", "httpx", "yaml")
    script = f"import sys, automation.provision; print([m for m in {late} if m in sys.modules])"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"
