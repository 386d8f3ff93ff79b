"""The real program, with all that it can be asked for, on the real local Azure; and the plugin process beside it."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import grpc
import pytest
from pulumi.runtime.proto import provider_pb2, provider_pb2_grpc

from automation.azure import local_cloud, local_tokens
from automation.provision import Stack, open_stack
from automation.provision.values import from_struct, to_struct

pytestmark = pytest.mark.server

EVERYTHING = {
    "lab": "all-parts",
    "customVision": True,
    "owner": "teacher@example.org",
    "expires": "2027-02-28",
    "lock": True,
    "budget": {"amount": 50, "emails": ["teacher@example.org"], "startDate": "2026-12-01"},
    "computeCluster": {"name": "training", "vmSize": "Standard_DS3_v2", "maxNodes": 1},
    "dataScientists": [{"objectId": "c2f1d8a4-7e35-4a5f-8f0c-1b7d90e4a6b3", "principalType": "Group"}],
    "labelingProjects": [
        {"name": "fruit", "task": "object-detection", "classes": ["apple", "banana"]},
        {"name": "kinds", "task": "image-classification-multilabel", "classes": ["ripe", "green"], "folder": "kinds"},
    ],
    "labelers": [{"objectId": "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10", "principalType": "Group"}],
}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    state = tmp_path_factory.mktemp("local-azure")
    endpoint = state / "endpoint.json"
    command = [sys.executable, "-m", "localazure", "serve", "--state", str(state)]
    with (state / "log").open("wb") as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            for _ in range(500):
                assert process.poll() is None, (state / "log").read_text()
                if endpoint.is_file():
                    break
                time.sleep(0.1)
            yield json.loads(endpoint.read_text())
        finally:
            process.terminate()
            process.wait(timeout=20)


def test_a_lab_with_every_part_lives_its_whole_life(connection: dict[str, Any], tmp_path: Path) -> None:
    stack = _stack(connection, tmp_path, EVERYTHING)
    assert set(stack.preview().changes) == {"create"}
    made = stack.up().changes["create"]
    assert stack.up().changes == {"same": made}
    assert stack.refresh().changes == {"same": made}
    assert stack.preview().changes == {"same": made}
    outputs = stack.outputs()
    assert outputs.custom_vision_endpoint is not None
    assert outputs.vision_endpoint.startswith(connection["origin"])
    _look_through_the_plugin(connection, outputs.resource_group)
    unlocked = _stack(connection, tmp_path, {**EVERYTHING, "lock": False, "owner": "other@example.org"})
    changes = unlocked.up().changes
    assert (changes["delete"], set(changes)) == (1, {"delete", "same", "update"})
    assert set(unlocked.up().changes) == {"same"}
    assert unlocked.destroy().changes == {"delete": made - 1}
    assert not stack.exists()


def _stack(connection: dict[str, Any], folder: Path, config: Mapping[str, object]) -> Stack:
    cloud = local_cloud(connection)
    tokens = local_tokens(cloud, connection["client_id"], connection["client_secret"])
    return open_stack(
        stack="local", config=config, state_dir=folder, cloud=cloud, tokens=tokens, passphrase="open sesame"
    )


def _look_through_the_plugin(connection: dict[str, Any], group: str) -> None:
    """The plugin is configured by the environment alone, and sees what the engine made."""
    environment = {
        "PATH": os.environ["PATH"],
        "ARM_METADATA_HOSTNAME": connection["origin"].removeprefix("https://"),
        "ARM_CLIENT_ID": connection["client_id"],
        "ARM_CLIENT_SECRET": connection["client_secret"],
        "ARM_TENANT_ID": connection["tenant_id"],
        "ARM_SUBSCRIPTION_ID": connection["subscription_id"],
        "SSL_CERT_FILE": connection["ca_file"],
    }
    command = [sys.executable, "-m", "automation.provision.azure_native"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
                who = stub.Invoke(provider_pb2.InvokeRequest(tok="azure-native:authorization:getClientConfig"))
                assert from_struct(getattr(who, "return")) == {
                    "clientId": connection["client_id"],
                    "objectId": connection["object_id"],
                    "subscriptionId": connection["subscription_id"],
                    "tenantId": connection["tenant_id"],
                }
                asked = provider_pb2.InvokeRequest(
                    tok="azure-native:resources:getResourceGroup", args=to_struct({"resourceGroupName": group})
                )
                found = from_struct(getattr(stub.Invoke(asked), "return"))
                assert (found["name"], found["tags"]["visionlab:lab"]) == (group, "all-parts")
        finally:
            process.kill()
