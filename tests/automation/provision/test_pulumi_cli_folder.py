"""The folder of Pulumi's CLI: what is generated there, and what a killed run left."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import yaml

from automation.errors import ConfigError, LabBusy
from automation.provision.embedded.crypter import Passphrase
from automation.provision.embedded.journal import only_run
from automation.provision.project import StackConfig
from automation.provision.pulumi_cli import find_cli
from automation.provision.pulumi_cli_folder import CliFolder
from tests.automation.provision.conftest import SALT, World


@pytest.fixture
def folder(tmp_path: Path) -> CliFolder:
    return CliFolder(path=tmp_path / "state" / "pulumi", project="lab", stack="dev")


def test_only_the_generated_project_names_the_providers_folder(folder: CliFolder) -> None:
    folder.write(StackConfig(values={"lab:owner": "me"}), Passphrase("password", SALT))
    project = yaml.safe_load((folder.path / "Pulumi.yaml").read_text())
    assert project["plugins"] == {"providers": [{"name": "azure-native", "path": str(folder.path / "plugins")}]}
    assert project["backend"] == {"url": (folder.path / "backend").as_uri()}
    shipped = Path(__file__).parents[3] / "Pulumi.yaml"
    assert "plugins" not in yaml.safe_load(shipped.read_text())


def test_secret_settings_are_written_encrypted(folder: CliFolder) -> None:
    crypter = Passphrase("password", SALT)
    folder.write(StackConfig(values={"lab:a": "open", "lab:b": "hidden"}, secret_keys=("lab:b",)), crypter)
    path = folder.path / "Pulumi.dev.yaml"
    assert "hidden" not in path.read_text()
    found = yaml.safe_load(path.read_text())
    assert (found["encryptionsalt"], found["config"]["lab:a"]) == (SALT, "open")
    assert Passphrase("password", SALT).decrypt(found["config"]["lab:b"]["secure"]) == "hidden"
    assert [oct(item.stat().st_mode & 0o777) for item in (folder.path, path)] == ["0o700", "0o600"]


def test_the_starter_becomes_the_provider_from_any_folder(folder: CliFolder, tmp_path: Path) -> None:
    folder.write(StackConfig(values={}), Passphrase("password", SALT))
    starter = folder.path / "plugins" / "pulumi-resource-azure-native"
    with subprocess.Popen([starter, "127.0.0.1:1"], stdout=subprocess.PIPE, cwd=tmp_path, env={}, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.terminate()


def test_the_provider_ends_with_the_cli_even_when_that_is_killed(folder: CliFolder) -> None:
    folder.write(StackConfig(values={}), Passphrase("password", SALT))
    starter = folder.path / "plugins" / "pulumi-resource-azure-native"
    command = ["sh", "-c", '"$0" 127.0.0.1:1 & wait', starter]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        process.kill()
        assert process.stdout.read() == ""  # the end of the pipe comes when nobody holds it any more


def test_what_a_killed_run_made_is_taken_over_and_once_only(world: World) -> None:
    world.up('resources.ResourceGroup("g", resource_group_name="rg", location="eastus")')
    made = world.stack.export()["deployment"]
    world.stack.forget()
    folder = _killed_run(world, made)
    world.stack.take_over_unfinished()
    assert [item.name for item in world.stack.resources() if item.id][-1:] == ["g"]
    assert folder.left_behind() is None
    assert world.up() == {"same": 1}


def test_a_run_that_still_works_is_left_alone(world: World) -> None:
    folder = _killed_run(world, {})
    with only_run(world.state_file.with_suffix(".lock")):
        world.stack.take_over_unfinished()
        assert folder.left_behind() is not None
        with pytest.raises(LabBusy):
            world.stack.preview()


def test_a_cli_whose_starter_was_killed_is_waited_for_and_then_refused(world: World) -> None:
    world.up('resources.ResourceGroup("g", resource_group_name="rg", location="eastus")')
    folder = _killed_run(world, world.stack.export()["deployment"])
    lock = folder.path / "backend/.pulumi/locks/organization/lab/dev/another.json"
    lock.parent.mkdir(parents=True)
    lock.write_text(json.dumps({"pid": os.getpid()}))
    before = world.clock.monotonic()
    with pytest.raises(LabBusy, match=f"process {os.getpid()}. still works on the stack dev") as caught:
        world.up()
    assert world.clock.monotonic() - before >= 30
    assert str(lock) in str(caught.value.hint)
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    lock.write_text(json.dumps({"pid": ended.pid}))
    assert world.up() == {"same": 1}
    assert folder.left_behind() is None


def test_a_deployment_is_put_where_the_cli_has_its_own(folder: CliFolder) -> None:
    document = {"version": 3, "deployment": {"resources": [{"urn": "u"}]}}
    assert folder.put(document) is False
    folder.checkpoint.parent.mkdir(parents=True)
    folder.checkpoint.write_text('{"version": 3, "checkpoint": {"stack": "organization/lab/dev", "latest": null}}')
    assert folder.put(document) is True
    assert json.loads(folder.checkpoint.read_text()) == {
        "version": 3,
        "checkpoint": {"stack": "organization/lab/dev", "latest": {"resources": [{"urn": "u"}]}},
    }


def test_attributes_that_a_kill_left_empty_are_dropped_and_others_stay(folder: CliFolder) -> None:
    folder.checkpoint.parent.mkdir(parents=True)
    contents = {"local.json.attrs": "", "other.json.attrs": '{"user.content_ty', "whole.json.attrs": "{}", "x.json": ""}
    for name, text in contents.items():
        (folder.checkpoint.parent / name).write_text(text)
    folder.drop_torn_attributes()
    assert sorted(path.name for path in folder.checkpoint.parent.iterdir()) == ["whole.json.attrs", "x.json"]


def test_without_a_cli_the_ways_to_get_one_are_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no Pulumi CLI") as caught:
        find_cli(str(tmp_path), tools=tmp_path, home=tmp_path)
    assert "make pulumi" in str(caught.value.hint)


def test_a_cli_on_the_path_goes_before_the_built_one(tmp_path: Path) -> None:
    for name in ("bin", "installed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "pulumi").touch(mode=0o755)
    assert find_cli(str(tmp_path / "installed"), tools=tmp_path) == tmp_path / "installed" / "pulumi"
    nowhere = tmp_path / "nowhere"
    assert find_cli(str(nowhere), tools=tmp_path, home=nowhere) == tmp_path / "bin" / "pulumi"
    assert find_cli(str(nowhere), tools=nowhere, home=tmp_path) == tmp_path / "bin" / "pulumi"


def _killed_run(world: World, deployment: object) -> CliFolder:
    folder = CliFolder(path=world.folder / "state" / "pulumi", project="lab", stack="dev")
    folder.checkpoint.parent.mkdir(parents=True)
    folder.checkpoint.write_text(json.dumps({"version": 3, "checkpoint": {"latest": deployment}}))
    folder.begin()
    return folder
