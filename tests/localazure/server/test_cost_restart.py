"""The meter over the end of the process that users start: what an orderly end has written is there again."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

pytestmark = pytest.mark.server

_QUERY = "providers/Microsoft.CostManagement/query"
_BODY = {
    "type": "Usage",
    "timeframe": "MonthToDate",
    "dataset": {
        "aggregation": {"used": {"name": "UsageQuantity", "function": "Sum"}},
        "grouping": [{"type": "Dimension", "name": "Meter"}],
    },
}


def used(process: Any) -> dict[str, float]:
    answer = process.send("POST", _QUERY, _BODY)
    assert answer.status_code == 200, answer.text
    return {row[1]: row[0] for row in answer.json()["properties"]["rows"]}


def test_what_was_counted_survives_the_end_and_a_registry_goes_on(launch: Callable[..., Any]) -> None:
    first = launch()
    first.send("PUT", "resourceGroups/rg", {"location": "eastus"})
    vault = "resourceGroups/rg/providers/Microsoft.KeyVault/vaults/kv-cost-1"
    sku = {"family": "A", "name": "standard"}
    tenant = first.connection["tenant_id"]
    policy = {"tenantId": tenant, "objectId": first.connection["object_id"], "permissions": {"secrets": ["list"]}}
    properties = {"tenantId": tenant, "sku": sku, "accessPolicies": [policy]}
    first.send("PUT", vault, {"location": "eastus", "properties": properties})
    registry = "resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/crcost1"
    made = first.send("PUT", registry, {"location": "eastus", "sku": {"name": "Basic"}})
    assert made.status_code < 300, made.text
    first.wait_for(vault)
    first.wait_for(registry)
    audience = first.connection["origin"].replace("localhost", "vault.localhost")
    host = audience.replace("vault.", "kv-cost-1.vault.")
    headers = {"Authorization": f"Bearer {first.token(f'{audience}/.default')}", "Host": host.partition("//")[2]}
    with first.client() as client:
        asked = client.get("/secrets?api-version=7.6", headers=headers)
    assert asked.status_code == 200, asked.text
    assert first.end() == 0, "nobody has asked before: the end writes what is in memory"

    second = launch()
    after = used(second)
    assert after["Operations"] == 0.0001
    assert after["Basic Registry Unit"] > 0
    second.end(signal.SIGKILL)
    third = launch()
    last = used(third)
    assert last["Operations"] == 0.0001, "what was written outlives a kill, and is not counted twice"
    assert last["Basic Registry Unit"] > after["Basic Registry Unit"]
