"""What has expired is marked and swept on a real local Azure; what is protected or of others stays."""

import json
from collections.abc import Generator
from contextlib import contextmanager

import pytest

from automation.azure import Arm, Rest, local_cloud, local_tokens
from automation.clock import SystemClock
from automation.errors import NotFound
from tests.e2e.conftest import Shell

pytestmark = pytest.mark.e2e

LAB = """\
name: fruit
stack: local
settings: {lock: true, expires: "2026-01-31", owner: teacher@example.org}
"""
TAGS = "providers/Microsoft.Resources/tags/default"
RESOURCES_API, STORAGE_API = "2021-04-01", "2024-01-01"


@contextmanager
def open_arm(shell: Shell) -> Generator[Arm]:
    connection = json.loads((shell.folder / ".visionlab" / "local" / "endpoint.json").read_bytes())
    cloud = local_cloud(connection)
    tokens = local_tokens(cloud, str(connection["client_id"]), str(connection["client_secret"]))
    rest = Rest(cloud, tokens, SystemClock())
    yield Arm(rest, cloud)
    rest.close()


@pytest.mark.timeout(240)
def test_a_sweep_takes_a_lab_that_expired_and_nothing_of_anybody_else(shell: Shell) -> None:
    (shell.folder / "lab.yaml").write_text(LAB)
    outputs = shell.json("lab", "up")["outputs"]
    group, subscription = outputs["resource_group_id"], outputs["subscription_id"]
    with open_arm(shell) as arm:
        go_through(shell, arm, group=group, subscription=subscription, names=outputs)


def go_through(shell: Shell, arm: Arm, *, group: str, subscription: str, names: dict[str, str]) -> None:
    payroll = f"{group}/providers/Microsoft.Storage/storageAccounts/payroll2026"
    body = {"location": "eastus", "sku": {"name": "Standard_LRS"}, "kind": "StorageV2", "properties": {}}
    arm.put(payroll, body, api_version=STORAGE_API)
    place = ("--subscription", subscription, "--blocklist", "rg-production*", "--grace", "0d")

    plan = shell.json("cleanup", "plan")
    assert [item["type"].rpartition("/")[2] for item in plan["items"]][:4] == [
        "locks",
        "workspaces",
        "accounts",
        "vaults",
    ]
    assert {kept["name"]: kept["reason"] for kept in plan["kept"]} == {
        "payroll2026": "foreign",
        names["resource_group"]: "holds-kept",
    }

    def protect(value: str) -> None:
        tags = {"visionlab:protect": value}
        arm.patch(f"{group}/{TAGS}", {"operation": "Merge", "properties": {"tags": tags}}, api_version=RESOURCES_API)

    protect("2099-12-31")
    kept = shell.json("cleanup", "sweep", *place, "--confirm", subscription)
    assert (kept["marked"], kept["due"]) == ([], [])
    assert kept["kept"][0]["words"] == "protected until 2099-12-31, though it expired on 2026-01-31"

    protect("false")
    assert "nobody is here to type" in shell.run("cleanup", "sweep", *place, "--json", expect=1)
    marked = shell.json("cleanup", "sweep", *place, "--confirm", subscription)
    assert (marked["owners"], marked["due"]) == (["teacher@example.org"], [])
    swept = shell.json("cleanup", "sweep", *place, "--confirm", subscription, expect=1)["receipt"]
    assert (swept["failed"], swept["open"], len(swept["gone"])) == ([], [], 7)
    assert [left.partition(" still lists")[0] for left in swept["left_behind"]] == ["the state of stack local"]

    left = [entry["name"] for entry in arm.list(f"{group}/resources", api_version=RESOURCES_API)]
    assert left == ["payroll2026"]
    with pytest.raises(NotFound):
        arm.get(names["vision_account_id"], api_version="2024-10-01")
    gone = f"/subscriptions/{subscription}/providers/Microsoft.CognitiveServices/deletedAccounts"
    assert list(arm.list(gone, api_version="2024-10-01")) == []
