from typing import Any

VERSION = "2025-06-01"


def openai(lab: Any) -> str:
    path = f"{lab.group()}/providers/Microsoft.CognitiveServices/accounts/oai"
    lab.make(path, {"location": "eastus", "kind": "OpenAI", "sku": {"name": "S0"}})
    return path


def test_a_deployment_is_recorded_with_its_capacity_as_a_number(lab: Any, error: Any) -> None:
    path = f"{openai(lab)}/deployments/d1"
    model = {"name": "m", "format": "OpenAI", "version": "1"}
    body = {"sku": {"name": "Standard", "capacity": "10"}, "properties": {"model": model}}
    answer = lab.put(path, body)
    assert (answer.status_code, "azure-asyncoperation" in answer.headers) == (201, True)
    lab.pass_s(1)
    shown = lab.get(path).json()
    assert (shown["sku"], shown["properties"]["model"]) == ({"name": "Standard", "capacity": 10}, model)
    assert shown["properties"]["provisioningState"] == "Succeeded"
    for capacity in ("ten", 0, True, 1.5):
        wrong = lab.put(path, body | {"sku": {"name": "Standard", "capacity": capacity}})
        assert error(wrong) == (400, "InvalidCapacity"), capacity
    assert lab.send("DELETE", path).status_code == 202
    lab.pass_s(1)
    assert lab.get(path.rsplit("/", 1)[0]).json() == {"value": []}


def test_a_vision_account_has_no_deployments(lab: Any, error: Any) -> None:
    body = {"properties": {"model": {"name": "m", "format": "OpenAI"}}}
    assert error(lab.put(f"{lab.vision()}/deployments/d1", body)) == (400, "InvalidRequest")


def test_an_account_says_what_it_may_become_and_that_nothing_is_metered(lab: Any, error: Any) -> None:
    account = lab.vision()
    assert [row["sku"] for row in lab.get(f"{account}/skus").json()["value"]] == [
        {"name": "F0", "tier": "Free"},
        {"name": "S1", "tier": "Standard"},
    ]
    assert lab.get(f"{account}/usages").json() == {"value": []}
    assert error(lab.get(f"{account}x/usages")) == (404, "ResourceNotFound")
    assert lab.get(f"{lab.subscription}/providers/Microsoft.CognitiveServices/locations/eastus/usages").json() == {
        "value": []
    }


def test_storage_accounts_of_a_region_are_counted(lab: Any, error: Any) -> None:
    lab.storage()
    base = f"{lab.subscription}/providers/Microsoft.Storage/locations"
    count = {
        place: lab.get(f"{base}/{place}/usages").json()["value"][0]["currentValue"] for place in ("eastus", "uksouth")
    }
    assert count == {"eastus": 1, "uksouth": 0}
    assert error(lab.get(f"{base}/nowhere/usages")) == (400, "LocationNotAvailable")
