"""A deployment that `kill -9` interrupts, in the process that users start."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.server

_SCHEMA = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#"
_ACCOUNTS = {
    "type": "Microsoft.Storage/storageAccounts",
    "apiVersion": "2023-01-01",
    "name": "[format('stkill{0}', copyIndex())]",
    "location": "eastus",
    "kind": "StorageV2",
    "sku": {"name": "Standard_LRS"},
    "copy": {"name": "accounts", "count": 4, "mode": "serial"},
}


def test_a_deployment_that_was_killed_ends_and_is_not_done_twice(launch: Callable[..., Any]) -> None:
    first = launch()
    first.send("PUT", "resourceGroups/rg", {"location": "eastus"})
    path = "resourceGroups/rg/providers/Microsoft.Resources/deployments/d1"
    template = {"$schema": _SCHEMA, "contentVersion": "1.0.0.0", "resources": [_ACCOUNTS]}
    answer = first.send("PUT", path, {"properties": {"mode": "Incremental", "template": template}})
    first.wait_for("resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stkill0")
    keys = first.send("POST", "resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stkill0/listKeys").json()
    assert first.send("GET", path).json()["properties"]["provisioningState"] == "Running"
    first.end(signal.SIGKILL)

    second = launch()
    ended = second.wait_for(path)
    assert len(ended["properties"]["outputResources"]) == 4
    rows = second.send("GET", f"{path}/operations").json()["value"]
    names = sorted(row["properties"]["targetResource"]["resourceName"] for row in rows)
    assert names == ["stkill0", "stkill1", "stkill2", "stkill3"]
    again = second.send("POST", "resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stkill0/listKeys").json()
    assert again == keys
    operation = answer.headers["azure-asyncoperation"].split("?")[0].removeprefix(first.connection["origin"])
    assert second.send("GET", operation).json()["status"] == "Succeeded"
