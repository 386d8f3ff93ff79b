"""`az deployment`: templates in files, as people write them, with comments and parameter files."""

import json
from pathlib import Path
from typing import Any

import pytest

_TEMPLATE = """{
  // az sends this file as it is written
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "prefix": { "type": "string", "maxLength": 11 },
    "names": { "type": "array", "defaultValue": ["one", "two"] },
    "password": { "type": "secureString", "defaultValue": "" }
  },
  "variables": { "account": "[concat(parameters('prefix'), uniqueString(resourceGroup().id))]" },
  "resources": [
    {
      "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-01-01", "kind": "StorageV2",
      "name": "[variables('account')]", "location": "[resourceGroup().location]", "sku": { "name": "Standard_LRS" },
      "tags": { "course": "fruit" }
    },
    { /* a loop */
      "type": "Microsoft.Storage/storageAccounts/blobServices/containers", "apiVersion": "2023-01-01",
      "name": "[format('{0}/default/{1}', variables('account'), parameters('names')[copyIndex()])]",
      "dependsOn": ["[variables('account')]"],
      "copy": { "name": "containers", "count": "[length(parameters('names'))]" }
    }
  ],
  "outputs": {
    "blob": { "type": "string", "value": "[reference(variables('account')).primaryEndpoints.blob]" },
    "account": { "type": "string", "value": "[variables('account')]" }
  }
}
"""
_IN_SUBSCRIPTION = {
    "$schema": "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#",
    "contentVersion": "1.0.0.0",
    "resources": [
        {
            "type": "Microsoft.Resources/resourceGroups",
            "apiVersion": "2021-04-01",
            "name": "rg-below",
            "location": "[deployment().location]",
        },
        {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2021-04-01",
            "name": "below",
            "resourceGroup": "rg-below",
            "dependsOn": ["rg-below"],
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": {
                    "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
                    "contentVersion": "1.0.0.0",
                    "resources": [
                        {
                            "type": "Microsoft.ManagedIdentity/userAssignedIdentities",
                            "apiVersion": "2023-01-31",
                            "name": "id-below",
                            "location": "[resourceGroup().location]",
                        }
                    ],
                },
            },
        },
    ],
}


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "main.json").write_text(_TEMPLATE)
    values = {"prefix": {"value": "st"}, "password": {"value": "hush-hush"}}
    schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#"
    file = {"$schema": schema, "contentVersion": "1.0.0.0", "parameters": values}
    (tmp_path / "values.json").write_text(json.dumps(file))
    (tmp_path / "subscription.json").write_text(json.dumps(_IN_SUBSCRIPTION))
    return tmp_path


def test_a_template_is_validated_looked_at_deployed_and_forgotten(signed_in: Any, files: Path) -> None:
    az = signed_in
    az("group", "create", "-n", "rg-t", "-l", "westeurope")
    at = ("-g", "rg-t", "-n", "first")
    using = (*at, "-f", str(files / "main.json"), "-p", f"@{files / 'values.json'}")
    assert az("deployment", "group", "validate", *using)["properties"]["provisioningState"] == "Succeeded"
    ahead = az("deployment", "group", "what-if", *using, "--no-pretty-print")
    assert [change["changeType"] for change in ahead["changes"]] == ["Create"] * 3
    assert "+ Create" in az.run("deployment", "group", "what-if", *using).stdout
    made = az("deployment", "group", "create", *using)["properties"]
    account = made["outputs"]["account"]["value"]
    assert (made["provisioningState"], len(account), len(made["outputResources"])) == ("Succeeded", 15, 3)
    assert (made["parameters"]["password"], "hush" in json.dumps(made)) == ({"type": "SecureString"}, False)
    containers = az("storage", "container-rm", "list", "-g", "rg-t", "--storage-account", account)
    assert [container["name"] for container in containers] == ["one", "two"]
    again = az("deployment", "group", "what-if", *using, "--no-pretty-print")["changes"]
    assert {change["changeType"] for change in again} == {"NoChange"}
    more = az(
        "deployment", "group", "what-if", *using, "-p", 'names=["one"]', "--mode", "Complete", "--no-pretty-print"
    )
    assert [change["changeType"] for change in more["changes"]] == ["NoChange", "NoChange"]
    rows = az("deployment", "operation", "group", "list", *at)
    kinds = sorted(row["properties"]["provisioningOperation"] for row in rows)
    assert kinds == ["Create", "Create", "Create", "EvaluateDeploymentOutput"]
    assert az("deployment", "group", "show", *at)["properties"]["mode"] == "Incremental"
    assert az("deployment", "group", "export", *at)["variables"] == {
        "account": "[concat(parameters('prefix'), uniqueString(resourceGroup().id))]"
    }
    assert [row["name"] for row in az("deployment", "group", "list", "-g", "rg-t")] == ["first"]
    az("deployment", "group", "delete", *at)
    assert az("deployment", "group", "list", "-g", "rg-t") == []


def test_mistakes_are_told_as_az_tells_those_of_azure(signed_in: Any, files: Path) -> None:
    az = signed_in
    az("group", "create", "-n", "rg-m", "-l", "westeurope")
    using = ("-g", "rg-m", "-f", str(files / "main.json"))
    long = az.refused("deployment", "group", "create", *using, "-n", "m1", "-p", "prefix=much-too-long-for-that")
    assert "InvalidTemplate" in long
    assert "outside of the bound 'maxLength' of '11'" in long
    wrong = az.refused("deployment", "group", "create", *using, "-n", "m2", "-p", "prefix=BAD-")
    assert "InvalidTemplateDeployment" in wrong
    assert "AccountNameInvalid" in wrong
    assert az.run("deployment", "group", "show", "-g", "rg-m", "-n", "m2").returncode == 3


def test_the_subscription_makes_a_group_and_what_is_in_it(signed_in: Any, files: Path) -> None:
    az = signed_in
    using = ("-n", "all", "-l", "westeurope", "-f", str(files / "subscription.json"))
    made = az("deployment", "sub", "create", *using)["properties"]
    assert [entry["id"].rsplit("/", 1)[1] for entry in made["outputResources"]] == ["rg-below", "below"]
    assert az("identity", "show", "-g", "rg-below", "-n", "id-below")["location"] == "westeurope"
    assert [row["name"] for row in az("deployment", "group", "list", "-g", "rg-below")] == ["below"]
    assert len(az("deployment", "operation", "sub", "list", "-n", "all")) == 2
