"""A program's life on one stack: preview, up, up again, update, refresh, destroy."""

import json
import stat
from pathlib import Path

import pytest

from automation.errors import ConfigError, LabBusy
from automation.provision.embedded.journal import only_run
from tests.automation.provision.conftest import World

LAB = """
tags = config.get_object("tags")
group = resources.ResourceGroup("group", resource_group_name="rg", location="East US", tags=tags)
account = storage.StorageAccount("pics", account_name="pics", resource_group_name=group.name, kind="StorageV2",
    sku=storage.SkuArgs(name="Standard_LRS"), enable_https_traffic_only=True, tags=tags)
for name in ("one", "two"):
    storage.BlobContainer(name, account_name=account.name, resource_group_name=group.name, metadata={"a_b": "kept"})
pulumi.export("account", account.name)
pulumi.export("blob", account.primary_endpoints.apply(lambda ends: ends.blob))
"""


def test_up_makes_everything_in_the_order_of_its_dependencies(world: World) -> None:
    assert world.up(LAB) == {"create": 4}
    assert world.names() == ["one", "pics", "rg", "two"]
    assert world.arm.written()[:2] == ["+rg", "+pics"]
    assert sorted(world.told("done")) == sorted(("create", name, "done") for name in ("group", "pics", "one", "two"))


def test_bodies_have_azures_names_in_azures_places(world: World) -> None:
    world.up(LAB)
    assert world.arm.last_body("/pics") == {
        "kind": "StorageV2",
        "location": "East US",
        "sku": {"name": "Standard_LRS"},
        "properties": {"supportsHttpsTrafficOnly": True},
    }
    assert world.arm.last_body("/one") == {"properties": {"metadata": {"a_b": "kept"}}}


def test_a_second_up_changes_nothing_not_even_the_state_file(world: World) -> None:
    world.up(LAB)
    before = world.state_file.read_bytes()
    assert (world.up(), world.arm.written()) == ({"same": 4}, [])
    assert world.state_file.read_bytes() == before


def test_the_same_program_gives_the_same_state_but_for_its_times(world: World) -> None:
    world.up(LAB)
    first = _timeless(world.state_file)
    world.stack.destroy()
    world.arm.resources.clear()
    world.up()
    assert _timeless(world.state_file) == first


def test_a_changed_input_is_updated_in_place(world: World) -> None:
    world.up(LAB)
    world.config["tags"] = {"visionlab:lab": "fruit"}
    assert world.up() == {"same": 2, "update": 2}
    assert sorted(world.arm.written()) == ["+pics", "+rg"]
    assert world.arm.last_body("/rg")["tags"] == {"visionlab:lab": "fruit"}
    assert {event.changes for event in world.events if event.op == "update"} == {("tags",)}
    world.config["tags"] = {}
    assert world.up() == {"same": 2, "update": 2}


def test_what_is_no_longer_declared_is_deleted(world: World) -> None:
    world.up(LAB)
    assert world.up(LAB.replace('("one", "two")', '("one",)')) == {"delete": 1, "same": 3}
    assert world.arm.written() == ["-two"]


def test_preview_tells_and_touches_nothing(world: World) -> None:
    empty = world.state_file.read_bytes()
    assert world.preview(LAB) == {"create": 4}
    assert (world.arm.log, world.state_file.read_bytes()) == ([], empty)
    world.up()
    before = world.state_file.read_bytes()
    world.config["tags"] = {"a": "b"}
    assert world.preview(LAB.replace('("one", "two")', '("one",)')) == {"delete": 1, "same": 1, "update": 2}
    assert (world.arm.log, world.state_file.read_bytes()) == ([], before)


def test_destroy_deletes_all_in_reverse_order_and_empties_the_state(world: World) -> None:
    world.up(LAB)
    world.arm.log.clear()
    assert world.stack.destroy().changes == {"delete": 4}
    assert world.arm.written()[2:] == ["-pics", "-rg"]
    assert (world.names(), world.state(), world.stack.exists()) == ([], [], False)
    assert world.stack.destroy().changes == {}


def test_refresh_records_drift_and_up_repairs_it(world: World) -> None:
    world.up(LAB)
    path = next(path for path in world.arm.resources if path.endswith("/pics"))
    world.arm.resources[path]["sku"]["name"] = "Standard_GRS"
    world.arm.resources[path]["properties"]["statusOfPrimary"] = "available"
    del world.arm.resources[next(path for path in world.arm.resources if path.endswith("/two"))]
    seen: list[tuple[str, str, tuple[str, ...]]] = []
    world.stack.refresh(lambda event: seen.append((event.op, event.name, event.changes)))
    assert sorted(item for item in seen if item[0] != "refresh") == [
        ("delete", "two", ()),
        ("same", "group", ()),
        ("same", "one", ()),
        ("update", "pics", ("sku.name",)),
    ]
    assert world.in_state("pics")["outputs"]["statusOfPrimary"] == "available"
    assert world.up() == {"create": 1, "same": 2, "update": 1}
    assert world.arm.resources[path]["sku"]["name"] == "Standard_LRS"


def test_state_is_pulumis_deployment_with_dependencies_first(world: World) -> None:
    world.up(LAB)
    document = world.stack.export()
    deployment = document["deployment"]
    assert (document["version"], deployment["secrets_providers"]["type"]) == (3, "passphrase")
    import hashlib

    manifest = deployment["manifest"]
    assert manifest["magic"] == hashlib.sha256(manifest["version"].encode()).hexdigest()
    provider = "urn:pulumi:dev::lab::pulumi:providers:azure-native::default_3_29_0"
    order = [item["urn"] for item in deployment["resources"]]
    for item in deployment["resources"]:
        needs = [item.get("parent"), *item.get("dependencies", []), item.get("provider", "").rpartition("::")[0]]
        assert all(order.index(urn) < order.index(item["urn"]) for urn in needs if urn)
    account = world.in_state("pics")
    assert account["provider"].startswith(f"{provider}::")
    assert account["parent"] == "urn:pulumi:dev::lab::pulumi:pulumi:Stack::lab-dev"
    assert account["propertyDependencies"]["resourceGroupName"] == [
        "urn:pulumi:dev::lab::azure-native:resources:ResourceGroup::group"
    ]
    assert account["id"].endswith("/Microsoft.Storage/storageAccounts/pics")
    assert world.in_state("lab-dev")["outputs"] == {"account": "pics", "blob": "https://127.0.0.1:10000/pics/"}


def test_the_state_file_is_for_its_owner_only(world: World) -> None:
    world.state_file.unlink()
    world.up('pulumi.export("a", 1)')
    assert stat.S_IMODE(world.state_file.stat().st_mode) == 0o600
    assert [path.name for path in world.state_file.parent.iterdir() if path.name.startswith(".")] == []


def test_a_second_run_on_the_stack_is_refused_by_name_of_its_process(world: World) -> None:
    import os

    world.program(LAB)
    with only_run(world.state_file.with_suffix(".lock")), pytest.raises(LabBusy, match=f"process {os.getpid()}"):
        world.stack.up()


def test_forget_empties_the_state_and_calls_nobody(world: World) -> None:
    world.up(LAB)
    world.arm.log.clear()
    world.stack.forget()
    assert (world.stack.exists(), world.stack.resources(), world.arm.log) == (False, (), [])


def test_resources_are_listed_with_what_people_ask_for(world: World) -> None:
    world.up(LAB)
    found = {item.name: item for item in world.stack.resources()}
    assert sorted(found) == ["default_3_29_0", "group", "lab-dev", "one", "pics", "two"]
    assert (found["one"].type, found["one"].protect) == ("azure-native:storage:BlobContainer", False)


def test_a_broken_state_file_is_one_clear_error(world: World) -> None:
    world.state_file.write_text("{")
    with pytest.raises(ConfigError, match=r"dev\.json cannot be read"):
        world.stack.resources()


def _timeless(path: Path) -> str:
    document = json.loads(path.read_text())
    document["deployment"]["manifest"].pop("time")
    for item in document["deployment"]["resources"]:
        item.pop("created", None)
        item.pop("modified", None)
    return json.dumps(document, sort_keys=True)
