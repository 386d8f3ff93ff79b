"""The provider as Pulumi's engine meets it: over gRPC, in process and as a process of its own."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc, status_pb2

from automation.provision.azure_native.servicer import ProviderServicer
from automation.provision.rpc import serving
from automation.provision.values import Properties, from_struct, to_struct
from tests.automation.provision.conftest import World
from tests.automation.provision.fake_arm import fails

TYPE = "azure-native:storage:StorageAccount"
URN = f"urn:pulumi:dev::lab::lab:index:Part${TYPE}::pics"


@pytest.fixture
def plugin(world: World) -> Iterator[Any]:
    servicer = ProviderServicer(lambda settings: world.provider(settings.get("location")))

    def register(server: Any) -> None:
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)

    with serving(register, threads=2) as (address, _), grpc.insecure_channel(address) as channel:
        stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
        configured = stub.Configure(provider_pb2.ConfigureRequest(args=to_struct({"location": "eastus"})))
        assert (configured.supportsPreview, configured.acceptSecrets) == (True, False)
        yield stub


def checked(plugin: Any, **inputs: object) -> Properties:
    news = to_struct({"resourceGroupName": "rg", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, **inputs})
    answer = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=news, randomSeed=b"1"))
    assert list(answer.failures) == []
    return from_struct(answer.inputs)


def test_a_resource_lives_from_check_to_delete(world: World, plugin: Any) -> None:
    world.up('resources.ResourceGroup("g", resource_group_name="rg", location="eastus")')
    inputs = checked(plugin, retentionInDays=30)
    assert (inputs["location"], inputs["accountName"][:4], len(inputs["accountName"])) == ("eastus", "pics", 12)
    created = plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(inputs)))
    assert world.arm.last_body(inputs["accountName"])["properties"] == {"retentionInDays": 30}
    assert from_struct(created.properties)["primaryEndpoints"]["blob"].endswith(f"/{inputs['accountName']}/")
    read = plugin.Read(
        provider_pb2.ReadRequest(id=created.id, urn=URN, properties=created.properties, inputs=to_struct(inputs))
    )
    assert (read.id, from_struct(read.inputs)) == (created.id, inputs)
    news = {**inputs, "tags": {"a": "b"}}
    diff = plugin.Diff(
        provider_pb2.DiffRequest(id=created.id, urn=URN, old_inputs=to_struct(inputs), news=to_struct(news))
    )
    assert (diff.changes, list(diff.diffs), list(diff.replaces)) == (provider_pb2.DiffResponse.DIFF_SOME, ["tags"], [])
    assert diff.detailedDiff["tags"].kind == provider_pb2.PropertyDiff.ADD
    updated = plugin.Update(provider_pb2.UpdateRequest(id=created.id, urn=URN, news=to_struct(news)))
    assert from_struct(updated.properties)["tags"] == {"a": "b"}
    plugin.Delete(provider_pb2.DeleteRequest(id=created.id, urn=URN))
    assert plugin.Read(provider_pb2.ReadRequest(id=created.id, urn=URN)).id == ""


def test_equal_inputs_are_no_difference_and_a_new_place_is_a_replacement(plugin: Any) -> None:
    inputs = to_struct({"accountName": "a", "location": "eastus"})
    same = plugin.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=inputs, news=inputs))
    assert same.changes == provider_pb2.DiffResponse.DIFF_NONE
    news = to_struct({"accountName": "a", "location": "westus"})
    moved = plugin.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=inputs, news=news))
    assert (list(moved.replaces), moved.deleteBeforeReplace) == (["location"], True)
    tagged = plugin.Diff(provider_pb2.DiffRequest(urn=URN, old_inputs=inputs, news=to_struct({"accountName": "a"})))
    assert tagged.deleteBeforeReplace  # where the program asks for a replacement, both cannot have one name either


def test_what_is_missing_is_a_check_failure(plugin: Any) -> None:
    answer = plugin.Check(provider_pb2.CheckRequest(urn=URN, news=to_struct({"kind": "x"}), randomSeed=b"1"))
    assert [(item.property, item.reason) for item in answer.failures] == [
        ("resourceGroupName", "missing required property"),
        ("sku", "missing required property"),
    ]


def test_a_half_made_resource_is_told_with_its_id(world: World, plugin: Any) -> None:
    world.up('resources.ResourceGroup("g", resource_group_name="rg", location="eastus")')
    world.arm.after.append(fails("/half", message="the disk broke"))
    inputs = checked(plugin, accountName="half")
    with pytest.raises(grpc.RpcError) as caught:
        plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=to_struct(inputs)))
    call: Any = caught.value
    assert "the disk broke" in call.details()
    status = status_pb2.Status.FromString(dict(call.trailing_metadata())["grpc-status-details-bin"])
    detail = provider_pb2.ErrorResourceInitFailed()
    assert status.details[0].Unpack(detail)
    assert (detail.id.rpartition("/")[2], list(detail.reasons)) == ("half", ["PUT /half: the disk broke [Boom]"])
    assert from_struct(detail.inputs) == inputs


def test_previews_know_the_inputs_and_not_what_azure_will_say(world: World, plugin: Any) -> None:
    inputs = to_struct({"accountName": "a", "kind": "k", "identity": {"type": "SystemAssigned"}})
    made = plugin.Create(provider_pb2.CreateRequest(urn=URN, properties=inputs, preview=True))
    found = from_struct(made.properties)
    assert (made.id, found["kind"], found["name"], str(found["identity"])) == ("", "k", "a", "<unknown>")
    assert world.arm.log == []


def test_the_plugin_process_prints_its_port_and_explains_what_it_lacks() -> None:
    command = [sys.executable, "-m", "automation.provision.azure_native", "127.0.0.1:1"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, env={"PATH": "/usr/bin"}, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
            from google.protobuf import empty_pb2

            assert stub.GetPluginInfo(empty_pb2.Empty()).version == "3.29.0"
            with pytest.raises(grpc.RpcError) as caught:
                stub.Check(provider_pb2.CheckRequest(urn=URN))
            call: Any = caught.value
            assert "azure-native:clientSecret (ARM_CLIENT_SECRET)" in call.details()
    finally:
        process.kill()
        process.communicate()
