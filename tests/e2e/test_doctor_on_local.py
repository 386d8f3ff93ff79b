"""The doctor's questions, asked of a running local Azure on which much is in the lab's way."""

import json
from pathlib import Path

import pytest

from automation.azure import Arm, Rest, local_cloud, local_tokens
from tests.e2e.conftest import Shell

pytestmark = pytest.mark.e2e

LAB = "name: fruit\nsettings: {suffix: abc123, visionSku: F0, mlWorkspace: true}\n"
IN_THE_WAY = ("providers", "group", "taken-names", "soft-deleted", "free-accounts")


def test_the_doctor_sees_what_is_in_the_way_and_mends_what_it_safely_can(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text(LAB)
    started = shell.json("doctor", "--fix", "--yes")
    assert [done["name"] for done in started["fixed"]] == ["start-local"]
    healths = {row["name"]: row["health"] for row in started["checks"]}
    online = list(healths)[20:]
    assert {name: healths[name] for name in online} == dict.fromkeys(online, "ok")

    connection = json.loads((tmp_path / ".visionlab" / "local" / "endpoint.json").read_text())
    cloud = local_cloud(connection)
    tokens = local_tokens(cloud, connection["client_id"], connection["client_secret"])
    with Rest(cloud, tokens) as rest:
        stand_in_the_way(Arm(rest, cloud), f"/subscriptions/{cloud.subscription_id}")

    seen = {row["name"]: row for row in shell.json("doctor", expect=1)["checks"]}
    assert {name for name in online if seen[name]["health"] == "failure"} == set(IN_THE_WAY)
    assert seen["providers"]["said"].endswith("Microsoft.KeyVault (NotRegistered)")
    assert seen["group"]["said"] == "rg-fruit-local is there, and not made by visionlab"
    assert seen["taken-names"]["said"].startswith("taken: storageAccounts stfruitabc123:")
    assert seen["soft-deleted"]["said"] == "deleted, and still keeping their names: accounts cv-fruit-abc123"
    assert "cv-other in rg-other (ComputerVision)" in seen["free-accounts"]["said"]

    mended = shell.json("doctor", "--fix", "--yes", expect=1)
    assert mended["fixed"] == [{"name": "register-providers", "done": True, "said": "registered Microsoft.KeyVault"}]
    left = {row["name"] for row in mended["checks"] if row["health"] == "failure"}
    assert left == set(IN_THE_WAY) - {"providers"}


def stand_in_the_way(arm: Arm, subscription: str) -> None:
    ours, other = f"{subscription}/resourceGroups/rg-fruit-local", f"{subscription}/resourceGroups/rg-other"
    for group in (ours, other):
        arm.put(group, {"location": "eastus"}, api_version="2024-03-01")
    free = {"location": "eastus", "kind": "ComputerVision", "sku": {"name": "F0"}, "properties": {}}
    paid = {**free, "sku": {"name": "S1"}}
    account = "providers/Microsoft.CognitiveServices/accounts"
    arm.put(f"{ours}/{account}/cv-fruit-abc123", paid, api_version="2024-10-01")
    arm.delete(f"{ours}/{account}/cv-fruit-abc123", api_version="2024-10-01")
    arm.put(f"{other}/{account}/cv-other", free, api_version="2024-10-01")
    blobs = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
    storage = f"{other}/providers/Microsoft.Storage/storageAccounts/stfruitabc123"
    arm.put(storage, blobs, api_version="2024-01-01")
    arm.post(f"{subscription}/providers/Microsoft.KeyVault/unregister", api_version="2021-04-01")
