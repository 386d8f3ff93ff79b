"""Whatever JSON is sent, the answer is Azure's envelope and never a 500."""

import copy
from collections.abc import AsyncIterator, Iterator
from itertools import cycle
from typing import Any

import pytest
from starlette.requests import ClientDisconnect

ODD: tuple[object, ...] = ("x", 7, [], {}, None)


def places(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for name, inner in value.items():  # pyright: ignore[reportUnknownVariableType] JSON
            yield (*path, str(name))  # pyright: ignore[reportUnknownArgumentType] JSON
            yield from places(inner, (*path, str(name)))  # pyright: ignore[reportUnknownArgumentType] JSON


def with_odd(body: dict[str, Any], path: tuple[str, ...], odd: object) -> dict[str, Any]:
    changed = copy.deepcopy(body)
    holder = changed
    for name in path[:-1]:
        holder = holder[name]
    holder[path[-1]] = odd
    return changed


def bodies(lab: Any, group: str) -> dict[str, dict[str, Any]]:
    storage, vault = lab.storage("stodd1"), lab.vault("kv-odd-1")
    base: dict[str, Any] = {"location": "eastus", "tags": {"a": "b"}, "identity": {"type": "SystemAssigned"}}
    sku = {"family": "A", "name": "standard"}
    role = f"{lab.subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"
    seat = "55555555-5555-4555-8555-555555555555"
    links = {"storageAccount": storage, "keyVault": vault, "systemDatastoresAuthMode": "Identity"}
    budget = {"amount": 1, "category": "Cost", "timeGrain": "Monthly", "timePeriod": {"startDate": "2026-06-01"}}
    cluster = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"minNodeCount": 0, "maxNodeCount": 1}}
    command = {"jobType": "Command", "command": "x", "environmentId": "azureml:x:1", "experimentName": "x",
               "inputs": {"in": {"jobInputType": "uri_file", "uri": "https://x/y"}},
               "properties": {"a": "b"}, "tags": {}}  # fmt: skip
    task = {"taskType": "ImageObjectDetection", "targetColumnName": "label",
            "limitSettings": {"maxTrials": 1, "maxConcurrentTrials": 1},
            "trainingData": {"jobInputType": "mltable", "uri": "azureml://x"}}  # fmt: skip
    store = {"datastoreType": "AzureBlob", "accountName": "a", "containerName": "b",
             "credentials": {"credentialsType": "Sas", "secrets": {"sasToken": "x"}}}  # fmt: skip
    return {
        group: {"location": "eastus", "tags": {"a": "b"}},
        f"{group}/providers/Microsoft.Storage/storageAccounts/stodd2": base
        | {"kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "properties": {"allowSharedKeyAccess": True}},
        f"{storage}/blobServices/default": {"properties": {"cors": {"corsRules": []}}},
        f"{storage}/blobServices/default/containers/odd": {"properties": {"publicAccess": "None", "metadata": {}}},
        f"{group}/providers/Microsoft.CognitiveServices/accounts/cv-odd": base
        | {"kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {"customSubDomainName": "cv-odd"}},
        f"{group}/providers/Microsoft.KeyVault/vaults/kv-odd-2": base
        | {"properties": {"tenantId": seat, "sku": sku, "accessPolicies": [], "softDeleteRetentionInDays": 7}},
        f"{group}/providers/Microsoft.MachineLearningServices/workspaces/mlw-odd": base | {"properties": links},
        f"{group}/providers/Microsoft.OperationalInsights/workspaces/log-odd": base
        | {"properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}},
        f"{group}/providers/Microsoft.Insights/components/appi-odd": base
        | {"kind": "web", "properties": {"Application_Type": "web", "WorkspaceResourceId": "/x"}},
        f"{group}/providers/Microsoft.ContainerRegistry/registries/crodd1": base | {"sku": {"name": "Basic"}},
        f"{group}/providers/Microsoft.Consumption/budgets/odd": {"properties": budget},
        f"{group}/providers/Microsoft.Authorization/locks/odd": {"properties": {"level": "CanNotDelete"}},
        f"{group}/providers/Microsoft.Authorization/roleAssignments/{seat}": {
            "properties": {"principalId": seat, "roleDefinitionId": role, "principalType": "User"}
        },
        f"{group}/providers/Microsoft.Authorization/roleDefinitions/{seat}": {
            "properties": {"roleName": "Odd", "permissions": [{"actions": []}], "assignableScopes": ["/"]}
        },
        f"{group}/providers/Microsoft.Resources/tags/default": {"properties": {"tags": {"a": "b"}}},
        "mlw/datastores/odd": {"properties": store},
        "mlw/data/odd/versions/1": {"properties": {"dataType": "uri_folder", "dataUri": "azureml://x", "tags": {}}},
        "mlw/models/odd/versions/1": {
            "properties": {"modelUri": "azureml://x", "modelType": "custom_model", "flavors": {}}
        },
        "mlw/environments/odd/versions/1": {"properties": {"image": "x", "condaFile": "x", "osType": "Linux"}},
        "mlw/codes/odd/versions/1": {"properties": {"codeUri": "https://x/y", "properties": {"hash_sha256": "x"}}},
        "mlw/components/odd/versions/1": {"properties": {"componentSpec": {"type": "command"}}},
        "mlw/computes/odd": base | {"properties": {"computeType": "AmlCompute", "properties": cluster}},
        "mlw/computes/odd-ci": base
        | {"properties": {"computeType": "ComputeInstance", "properties": {"vmSize": "Standard_DS3_v2"}}},
        "mlw/jobs/odd": {"properties": command},
        "mlw/jobs/odd-2": {"properties": {"jobType": "AutoML", "taskDetails": task}},
    }


@pytest.mark.parametrize("number", range(25))
def test_odd_values_are_refused_or_taken_but_never_a_500(lab: Any, number: int) -> None:
    group = lab.group()
    path, body = list(bodies(lab, group).items())[number]
    if path.startswith("mlw"):
        path = lab.workspace() + path.removeprefix("mlw")
    seen: dict[str, str] = {}
    turn = cycle(ODD)  # three values a place, other ones at the next
    for place in places(body):
        for odd in (next(turn), next(turn), next(turn)):
            sent = with_odd(body, place, odd)
            try:
                answer = lab.put(path, sent)
            except Exception as error:  # noqa: BLE001 the bug that is looked for
                seen[f"{'.'.join(place)} = {odd!r}"] = repr(error)
                continue
            assert answer.status_code < 500, answer.text
            assert answer.status_code < 400 or set(answer.json()) == {"error"}
            lab.pass_s(30)
            shown = lab.get(path)
            assert shown.status_code in {200, 404}, shown.text
            if path != group:
                lab.send("DELETE", path, forceToPurge="true", force="true")
                lab.pass_s(30)
    assert seen == {}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'{"location": "eastus", "tags": {}, "location": "westus"}', "the property 'location' is there twice"),
        (b'{"tags": {"a": 1, "a": 2}}', "the property 'a' is there twice"),
        (b'{"location": NaN}', "JSON is malformed"),
        (b'{"location": "\\ud800"}', "Input data was truncated"),
        (b'["eastus"]', "Expected `object`, got `array`"),
        (b'{"location": "east', "Input data was truncated"),
        (b'{"a":' * 100_000, "maximum recursion depth exceeded"),
        (b"\xff{}", "JSON is malformed"),
    ],
)
def test_what_is_no_json_object_is_400_with_the_reason(lab: Any, body: bytes, reason: str) -> None:
    answer = lab.send_raw("PUT", f"{lab.subscription}/resourceGroups/rg", body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "InvalidRequestContent")
    assert reason in error["message"]


def test_a_body_that_is_too_large_is_413_whether_it_says_so_or_not(lab: Any) -> None:
    path = f"{lab.subscription}/resourceGroups/rg"
    large = b" " * (4 * 1024 * 1024 + 1)
    told, untold = lab.send_raw("PUT", path, large), lab.send_raw("PUT", path, iter_of(large))
    assert [(a.status_code, a.json()["error"]["code"]) for a in (told, untold)] == [(413, "RequestContentTooLarge")] * 2


def test_a_client_that_hangs_up_in_the_middle_is_no_bug(lab: Any, caplog: pytest.LogCaptureFixture) -> None:
    async def halves() -> AsyncIterator[bytes]:
        yield b'{"loc'
        raise ClientDisconnect

    answer = lab.send_raw("PUT", f"{lab.subscription}/resourceGroups/rg", halves())
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
    assert caplog.text == ""


async def iter_of(body: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(body), 65_536):
        yield body[start : start + 65_536]


def test_an_encoded_slash_never_makes_another_path(lab: Any, error: Any) -> None:
    lab.group("a")
    answer = lab.send_raw("GET", f"{lab.subscription}/resourceGroups%2Fa", b"")
    assert error(answer) == (400, "InvalidRequestUri")
    assert lab.get(f"{lab.subscription}/resourceGroups/a").status_code == 200


@pytest.mark.parametrize(
    ("tail", "expected"),
    [
        ("/resourceGroups/a/%2e%2e/b", (404, "InvalidResourceNamespace")),
        ("/resourceGroups/a/providers/%2e%2e/%2e%2e/b", (404, "InvalidResourceType")),
        ("/resourceGroups/%2e%2e", (404, "ResourceGroupNotFound")),
        ("/resourceGroups/a%00", (404, "ResourceGroupNotFound")),
        ("/resourceGroups/a%5Cb", (404, "ResourceGroupNotFound")),
        ("/resourceGroups/a%2f%2e%2e%2fb", (400, "InvalidRequestUri")),
        ("/resourceGroups/" + "a" * 20_000, (404, "ResourceGroupNotFound")),
        ("/RESOURCEgroups/A", (200, "")),
    ],
)
def test_path_tricks_lead_nowhere_else(lab: Any, tail: str, expected: tuple[int, str]) -> None:
    lab.group("a")
    lab.group("b")
    answer = lab.send_raw("GET", f"{lab.subscription}{tail}", b"")
    assert (answer.status_code, answer.json().get("error", {}).get("code", "")) == expected


@pytest.mark.parametrize("name", ["a%00", "%2e%2e", "a%5Cb", "a%E2%80%AE", "a" * 91, "a.", "%20"])
def test_names_with_odd_characters_are_refused(lab: Any, error: Any, name: str) -> None:
    answer = lab.send_raw("PUT", f"{lab.subscription}/resourceGroups/{name}", b'{"location": "eastus"}')
    assert error(answer) == (400, "InvalidResourceGroupName")
