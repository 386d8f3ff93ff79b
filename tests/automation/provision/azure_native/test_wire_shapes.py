"""Requests, outputs, comparison and drift: pure, exact."""

from typing import Any

import pytest

from automation.provision.azure_native import wire
from automation.provision.azure_native.diff import Change, ChangeKind, compare
from automation.provision.azure_native.types import kind_of
from automation.provision.values import UNKNOWN, Secret, from_struct, mark_secrets, reveal, to_struct
from tests.automation.provision.fake_arm import SUBSCRIPTION

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg"


def request(token: str, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    made = wire.request_for(kind_of(token), {"azureApiVersion": "x", **inputs}, SUBSCRIPTION)
    return made.resource_id, made.body


def test_application_insights_speaks_pascal_case() -> None:
    inputs = {"resourceGroupName": "rg", "resourceName": "ai", "kind": "web", "applicationType": "web"}
    more = {"workspaceResourceId": "/w", "retentionInDays": 30, "publicNetworkAccessForQuery": "Enabled"}
    assert request("applicationinsights:Component", inputs | more) == (
        f"{GROUP}/providers/Microsoft.Insights/components/ai",
        {
            "kind": "web",
            "properties": {
                "Application_Type": "web",
                "WorkspaceResourceId": "/w",
                "RetentionInDays": 30,
                "publicNetworkAccessForQuery": "Enabled",
            },
        },
    )


def test_the_log_workspace_keeps_its_sku_under_properties() -> None:
    _, body = request(
        "operationalinsights:Workspace",
        {"resourceGroupName": "rg", "workspaceName": "w", "location": "l", "sku": {"name": "PerGB2018"}},
    )
    assert body == {"location": "l", "properties": {"sku": {"name": "PerGB2018"}}}


def test_a_labeling_jobs_properties_are_the_body() -> None:
    inputs = {"resourceGroupName": "rg", "workspaceName": "w", "id": "j", "labelingJobProperties": {"jobType": "x"}}
    path, body = request("machinelearningservices:LabelingJob", inputs)
    assert (path.rpartition("/")[2], body) == ("j", {"properties": {"jobType": "x"}})
    kind = kind_of("machinelearningservices:LabelingJob")
    assert wire.outputs_of(kind, {"id": "i", "name": "j", "properties": {"jobType": "x"}}) == {
        "azureApiVersion": "2024-01-01-preview",
        "labelingJobProperties": {"jobType": "x"},
        "name": "j",
    }


def test_extension_resources_stand_under_their_scope() -> None:
    inputs = {"scope": f"{GROUP}/", "roleAssignmentName": "g", "principalId": "p", "roleDefinitionId": "r"}
    assert request("authorization:RoleAssignment", inputs) == (
        f"{GROUP}/providers/Microsoft.Authorization/roleAssignments/g",
        {"properties": {"principalId": "p", "roleDefinitionId": "r"}},
    )


def test_what_says_how_to_ask_is_not_part_of_the_body() -> None:
    named = {"resourceGroupName": "rg", "workspaceName": "w", "name": "d"}
    _, body = request("machinelearningservices:Datastore", {**named, "properties": {"a": 1}, "skipValidation": True})
    assert body == {"properties": {"a": 1}}


def test_outputs_are_flat_or_nested_as_the_sdk_has_them() -> None:
    storage = wire.outputs_of(
        kind_of("storage:StorageAccount"),
        {"id": "i", "name": "n", "properties": {"supportsHttpsTrafficOnly": True, "networkAcls": {"a": 1}}},
    )
    assert storage == {
        "azureApiVersion": "2024-01-01",
        "name": "n",
        "enableHttpsTrafficOnly": True,
        "networkRuleSet": {"a": 1},
    }
    vault = wire.outputs_of(kind_of("keyvault:Vault"), {"id": "i", "name": "n", "properties": {"vaultUri": "u"}})
    assert vault == {"azureApiVersion": "2024-11-01", "name": "n", "properties": {"vaultUri": "u"}}


@pytest.mark.parametrize(
    ("old", "new", "changes"),
    [
        ({"tags": {"a": "1"}}, {"tags": {"a": "1"}}, {}),
        ({"tags": {"a.b": "1"}}, {"tags": {}}, {'tags["a.b"]': Change(kind=ChangeKind.DELETE, replaces=False)}),
        ({}, {"sku": {"name": "x"}}, {"sku": Change(kind=ChangeKind.ADD, replaces=False)}),
        ({"location": "East US"}, {"location": "eastus"}, {}),
        ({"location": "eastus"}, {"location": "westus"}, {"location": Change(kind=ChangeKind.UPDATE, replaces=True)}),
        (
            {"accountName": "a"},
            {"accountName": UNKNOWN},
            {"accountName": Change(kind=ChangeKind.UPDATE, replaces=True)},
        ),
        ({"isHnsEnabled": True}, {}, {"isHnsEnabled": Change(kind=ChangeKind.DELETE, replaces=True)}),
        ({"sku": None}, {}, {}),
        ({"azureApiVersion": "1"}, {"azureApiVersion": "2"}, {}),
        ({"x": ["a", "b"]}, {"x": ["a"]}, {"x[1]": Change(kind=ChangeKind.DELETE, replaces=False)}),
        ({"x": "/subscriptions/A/rg"}, {"x": "/Subscriptions/a/RG"}, {}),
        ({"x": 1}, {"x": True}, {"x": Change(kind=ChangeKind.UPDATE, replaces=False)}),
    ],
)
def test_changes_are_named_by_path(old: dict[str, Any], new: dict[str, Any], changes: dict[str, Change]) -> None:
    assert compare(kind_of("storage:StorageAccount"), "pics", old, new).changes == changes


@pytest.mark.parametrize(
    ("token", "old", "new", "first"),
    [
        ("storage:StorageAccount", {"accountName": "a"}, {"accountName": "b"}, False),
        ("storage:StorageAccount", {"accountName": "a", "location": "x"}, {"accountName": "a", "location": "y"}, True),
        (
            "storage:StorageAccount",
            {"accountName": "pics0123abcd", "location": "x"},
            {"accountName": "pics0123abcd", "location": "y"},
            False,
        ),
        ("storage:BlobContainer", {"containerName": "a"}, {"containerName": "b"}, True),
    ],
)
def test_only_what_gets_another_name_is_created_before_the_old_is_deleted(
    token: str, old: dict[str, Any], new: dict[str, Any], first: bool
) -> None:
    assert compare(kind_of(token), "pics", old, new).delete_before_replace is first


def test_nested_properties_can_force_a_new_resource() -> None:
    kind = kind_of("cognitiveservices:Account")
    found = compare(
        kind, "v", {"properties": {"customSubDomainName": "a"}}, {"properties": {"customSubDomainName": "b"}}
    )
    assert found.replaces == ("properties.customSubDomainName",)


def test_drift_is_what_the_service_says_differently_now() -> None:
    inputs = {"sku": {"name": "S"}, "tags": {"a": "1"}, "hidden": "x", "kind": "K", "gone": 1}
    before = {"sku": {"name": "S", "tier": "T"}, "tags": {"a": "1"}, "kind": "k", "gone": 1}
    now = {"sku": {"name": "P", "tier": "Q"}, "tags": {"a": "1", "b": "2"}, "kind": "k"}
    assert wire.drifted(inputs, before, now) == {
        "sku": {"name": "P"},
        "tags": {"a": "1", "b": "2"},
        "hidden": "x",
        "kind": "K",
    }


def test_values_go_to_the_wire_and_come_back() -> None:
    values = {"n": 30, "f": 1.5, "b": True, "none": None, "list": [1, {"a": "x"}], "s": Secret({"k": 2}), "u": UNKNOWN}
    assert from_struct(to_struct(values)) == values
    assert repr(from_struct(to_struct(values))["n"]) == "30"  # the wire has floats only, Azure wants whole numbers
    assert from_struct(to_struct(values, secrets=False))["s"] == {"k": 2}
    assert "k" not in repr(Secret({"k": 2}))


def test_secret_marks_are_put_where_they_were() -> None:
    like = {"a": Secret(1), "b": {"c": Secret(2)}, "l": [1, Secret(2)]}
    assert mark_secrets({"a": 5, "b": {"c": 6, "d": 7}, "l": [8, 9]}, like) == {
        "a": Secret(5),
        "b": {"c": Secret(6), "d": 7},
        "l": [8, Secret(9)],
    }
    assert reveal(like) == {"a": 1, "b": {"c": 2}, "l": [1, 2]}
