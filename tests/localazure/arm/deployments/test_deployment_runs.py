"""Deployments from beginning to end."""

from typing import Any

from tests.localazure.arm.deployments.conftest import SUBSCRIPTION_SCHEMA, identity, storage, template


def test_a_deployment_makes_its_resources_and_tells_its_outputs(desk: Any, lab: Any) -> None:
    document = template(
        identity("id1", dependsOn=["[resourceId('Microsoft.Storage/storageAccounts', parameters('account'))]"]),
        storage("[parameters('account')]"),
        parameters={"account": {"type": "string", "minLength": 3}},
        outputs={
            "blob": {"type": "string", "value": "[reference(parameters('account')).primaryEndpoints.blob]"},
            "key": {"type": "string", "value": "[listKeys(parameters('account'), '2023-01-01').keys[0].keyName]"},
        },
    )
    answer = desk.put(document, account="stlab1")
    assert (answer.status_code, answer.json()["properties"]["provisioningState"]) == (201, "Accepted")
    assert answer.headers["retry-after"] == "1"
    poll = answer.headers["azure-asyncoperation"].removeprefix("https://localhost:8443")
    assert lab.get(poll).json()["status"] == "InProgress"
    ended = desk.settle()["properties"]
    assert ended["provisioningState"] == "Succeeded", ended
    assert ended["outputs"]["blob"] == {"type": "String", "value": "https://127.0.0.1:10000/stlab1/"}
    assert ended["outputs"]["key"] == {"type": "String", "value": "key1"}
    assert [entry["id"].rsplit("/", 1)[1] for entry in ended["outputResources"]] == ["id1", "stlab1"]
    assert lab.get(poll).json()["status"] == "Succeeded"
    rows = [(r["properties"]["provisioningOperation"], r["properties"]["statusCode"]) for r in desk.operations()]
    assert sorted(rows) == [("Create", "Created"), ("Create", "OK"), ("EvaluateDeploymentOutput", "OK")]


def test_a_failed_resource_fails_the_deployment_and_what_waits_for_it_never_begins(desk: Any) -> None:
    vault = {
        "type": "Microsoft.KeyVault/vaults",
        "apiVersion": "2023-07-01",
        "name": "kv-wrong",
        "location": "eastus",
        "properties": {"sku": {"family": "A", "name": "standard"}, "tenantId": "[reference('id1').nothing]"},
    }
    document = template(identity("id1"), vault, identity("after", dependsOn=["kv-wrong"]))
    ended = desk.deploy(document)
    assert ended["properties"]["provisioningState"] == "Failed"
    error = ended["properties"]["error"]
    assert error["code"] == "DeploymentFailed"
    assert [(d["code"], d["target"].rsplit("/", 1)[1]) for d in error["details"]] == [("InvalidTemplate", "kv-wrong")]
    assert "property 'nothing' doesn't exist" in error["details"][0]["message"]
    rows = {row["properties"]["targetResource"]["resourceName"]: row["properties"] for row in desk.operations()}
    assert sorted(rows) == ["id1", "kv-wrong"]
    assert (rows["id1"]["provisioningState"], rows["id1"]["statusCode"]) == ("Succeeded", "Created")
    assert (rows["kv-wrong"]["statusCode"], rows["kv-wrong"]["statusMessage"]["error"]["code"]) == (
        "BadRequest",
        "InvalidTemplate",
    )


def test_preflight_refuses_what_a_put_would_refuse(desk: Any, lab: Any) -> None:
    document = template(
        storage("BAD"),
        storage("stok", location="mars"),
        {"type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-01-01", "name": "v", "location": "eastus"},
        {**storage("stver"), "apiVersion": "yesterday"},
    )
    answer = desk.put(document)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (400, "InvalidTemplateDeployment")
    assert [detail["code"] for detail in error["details"]] == [
        "AccountNameInvalid",
        "LocationNotAvailableForResourceType",
        "InvalidResourceType",
        "InvalidApiVersionParameter",
    ]
    validated = lab.send("POST", f"{desk.path()}/validate", desk.body(document))
    assert (validated.status_code, validated.json()["error"]["code"]) == (400, "InvalidTemplateDeployment")
    assert desk.lab.get(desk.path()).status_code == 404


def test_a_deployment_may_do_what_its_caller_may(desk: Any, lab: Any) -> None:
    reader = "55555555-5555-4555-8555-555555555555"
    desk_role = f"{desk.scope}/providers/Microsoft.Authorization/roleDefinitions/66666666-6666-4666-8666-666666666666"
    actions = ["Microsoft.Resources/deployments/*", "*/read"]
    scopes = [desk.scope]
    role = {"roleName": "Deployer", "assignableScopes": scopes, "permissions": [{"actions": actions}]}
    made = lab.put(desk_role, {"properties": role})
    assert made.status_code in {200, 201}, made.text
    assignment = f"{desk.scope}/providers/Microsoft.Authorization/roleAssignments/77777777-7777-4777-8777-777777777777"
    lab.put(assignment, {"properties": {
        "roleDefinitionId": made.json()["id"], "principalId": reader, "principalType": "ServicePrincipal",
    }})  # fmt: skip
    lab.pass_s(60)
    document = template(identity("id1"))
    answer = lab.send("PUT", desk.path(), desk.body(document), who=reader)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (403, "InvalidTemplateDeployment")
    assert [detail["code"] for detail in error["details"]] == ["AuthorizationFailed"]
    assert lab.send("PUT", desk.path(), desk.body(template()), who=reader).status_code == 201
    nobody = "88888888-8888-4888-8888-888888888888"
    assert lab.send("PUT", desk.path("x"), desk.body(template()), who=nobody).status_code == 403
    bare = desk.path().replace("/providers/Microsoft.Resources", "") + "/operations"
    assert lab.send("GET", bare, who=reader).status_code == 200
    assert lab.send("GET", bare, who=nobody).status_code == 403


def test_locks_hold_for_deployments(desk: Any, lab: Any) -> None:
    lock = f"{desk.scope}/providers/Microsoft.Authorization/locks/frozen"
    lab.put(lock, {"properties": {"level": "ReadOnly"}})
    error = desk.put(template(identity("id1"))).json()["error"]
    assert [detail["code"] for detail in error["details"]] == ["ScopeLocked"]


def test_secrets_are_never_stored_nor_shown(desk: Any, lab: Any) -> None:
    secret = "the-secret-of-the-lab"
    inner = template(
        parameters={"given": {"type": "string"}}, outputs={"n": {"type": "string", "value": "[parameters('given')]"}}
    )
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "below",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": {"scope": "inner"},
            "template": inner,
            "parameters": {"given": {"value": "[variables('hidden').key]"}},
        },
    }
    document = template(
        storage("stquiet", tags={"length": "[string(length(parameters('key')))]"}),
        nested,
        parameters={
            "key": {"type": "secureString"},
            "box": {"type": "secureObject", "defaultValue": {"a": 1}},
            "made": {"type": "string", "defaultValue": "[concat('x', parameters('key'))]"},
        },
        variables={"hidden": {"key": "[parameters('key')]"}},
        outputs={
            "safe": {"type": "secureString", "value": "[parameters('key')]"},
            "leak": {"type": "string", "value": "[variables('hidden').key]"},
            "fine": {"type": "int", "value": 3},
        },
    )
    looked = lab.send("POST", f"{desk.path()}/whatIf", desk.body(document, key=secret))
    lab.pass_s(1)
    told = lab.get(looked.headers["location"].removeprefix("https://localhost:8443"))
    assert told.json()["properties"]["changes"][0]["after"]["tags"] == {"length": "*******"}
    answer = desk.put(document, key=secret)
    ended = desk.settle()["properties"]
    assert ended["provisioningState"] == "Succeeded", ended
    assert ended["parameters"] == {
        "key": {"type": "SecureString"},
        "box": {"type": "SecureObject"},
        "made": {"type": "String"},
    }
    assert ended["outputs"] == {
        "safe": {"type": "SecureString"},
        "leak": {"type": "SecureString"},
        "fine": {"type": "Int", "value": 3},
    }
    below = lab.get(desk.path("below")).json()["properties"]["parameters"]
    assert below == {"given": {"type": "String"}}
    kinds = ("deployment", "deployment/run", "deployment/step", "operation")
    stored = str([lab.store.list(kind) for kind in kinds])
    assert secret not in stored + answer.text + told.text


def test_a_deployment_that_was_cut_off_goes_on_after_a_restart(desk: Any, lab: Any, restarted: Any) -> None:
    document = template(storage("stlong"), identity("id1", dependsOn=["stlong"]))
    desk.put(document)
    lab.pass_s(0.1)
    rows = desk.operations()
    assert [row["properties"]["provisioningState"] for row in rows] == ["Running"]
    lab.azure = restarted()
    ended = desk.settle()["properties"]
    assert ended["provisioningState"] == "Succeeded", ended
    again = desk.operations()
    assert sorted(row["properties"]["targetResource"]["resourceName"] for row in again) == ["id1", "stlong"]
    tracks = {row["operationId"]: row["properties"]["trackingId"] for row in again}
    assert tracks[rows[0]["operationId"]] == rows[0]["properties"]["trackingId"]


def test_after_a_restart_secure_parameters_are_gone_and_the_deployment_says_so(
    desk: Any, lab: Any, restarted: Any
) -> None:
    document = template(storage("stlong"), parameters={"key": {"type": "secureString"}})
    answer = desk.put(document, key="x")
    lab.pass_s(0.1)
    lab.azure = restarted()
    ended = desk.settle()["properties"]
    assert (ended["provisioningState"], ended["error"]["code"]) == ("Failed", "DeploymentFailed")
    assert "secure parameters (key) are kept in memory only" in ended["error"]["message"]
    poll = answer.headers["azure-asyncoperation"].removeprefix("https://localhost:8443")
    assert lab.get(poll).json()["status"] == "Failed"
    assert desk.deploy(document, key="x")["properties"]["provisioningState"] == "Succeeded"


def test_a_deployment_under_way_is_cancelled_and_is_not_replaced(desk: Any, lab: Any, error: Any) -> None:
    document = template(storage("stlong"), identity("never", dependsOn=["stlong"]))
    poll = desk.put(document).headers["azure-asyncoperation"].removeprefix("https://localhost:8443")
    lab.pass_s(0.1)
    assert error(desk.put(document)) == (409, "DeploymentActive")
    assert error(lab.send("DELETE", desk.path())) == (409, "DeploymentActive")
    assert lab.send("POST", f"{desk.path()}/cancel").status_code == 204
    lab.pass_s(5)
    shown = lab.get(desk.path()).json()["properties"]
    assert (shown["provisioningState"], shown["error"]["code"]) == ("Canceled", "DeploymentCanceled")
    assert lab.get(poll).json()["status"] == "Canceled"
    assert error(lab.send("POST", f"{desk.path()}/cancel")) == (409, "DeploymentCannotBeCancelled")
    never = f"{desk.scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/never"
    assert lab.get(never).status_code == 404


def test_complete_mode_deletes_what_the_template_does_not_have(desk: Any, lab: Any) -> None:
    desk.deploy(template(identity("keep"), identity("drop"), storage("stdrop")))
    document = template(identity("keep"))
    looked = lab.send("POST", f"{desk.path('second')}/whatIf", desk.body(document, "Complete"))
    lab.pass_s(1)
    changes = lab.get(looked.headers["location"].removeprefix("https://localhost:8443")).json()["properties"]["changes"]
    told = {change["resourceId"].rsplit("/", 1)[1]: change["changeType"] for change in changes}
    assert told == {"keep": "NoChange", "drop": "Delete", "stdrop": "Delete"}
    ended = desk.deploy(document, name="second", mode="Complete")
    assert ended["properties"]["provisioningState"] == "Succeeded", ended
    left = lab.get(f"{desk.scope}/resources").json()["value"]
    assert [resource["name"] for resource in left] == ["keep"]
    kinds = sorted(row["properties"]["provisioningOperation"] for row in desk.operations("second"))
    assert kinds == ["Create", "Delete", "Delete"]


def test_nested_templates_compute_in_the_scope_they_ask_for(desk: Any, lab: Any) -> None:
    def nested(name: str, inner: bool, **properties: Any) -> dict[str, Any]:
        told = {"type": "string", "value": "[variables('who')]"}
        document = template(
            identity("[concat(variables('who'), '-id')]"), variables={"who": "inner"}, outputs={"who": told}
        )
        options = {"scope": "inner" if inner else "outer"}
        body = {"mode": "Incremental", "expressionEvaluationOptions": options, "template": document, **properties}
        return {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2021-04-01",
            "name": name,
            "properties": body,
        }

    document = template(
        nested("one", inner=True),
        nested("two", inner=False),
        variables={"who": "outer"},
        outputs={
            "one": {"type": "string", "value": "[reference('one').outputs.who.value]"},
            "two": {"type": "string", "value": "[reference('two').outputs.who.value]"},
        },
    )
    assert desk.outputs(document) == {"one": "inner", "two": "outer"}
    names = sorted(resource["name"] for resource in lab.get(f"{desk.scope}/resources").json()["value"])
    assert names == ["inner-id", "outer-id"]
    listed = lab.get(f"{desk.scope}/providers/Microsoft.Resources/deployments").json()["value"]
    assert sorted(row["name"] for row in listed) == ["d1", "one", "two"]


def test_a_nested_failure_is_told_from_above(desk: Any) -> None:
    inner = template(identity("below", tags={"a": "[reference(resourceId('A.B/c', 'd'), '2020-01-01').e]"}))
    nested = {
        "type": "Microsoft.Resources/deployments",
        "apiVersion": "2021-04-01",
        "name": "below",
        "properties": {"mode": "Incremental", "template": inner},
    }
    error = desk.deploy(template(nested))["properties"]["error"]
    assert error["details"][0]["code"] == "DeploymentFailed"
    assert error["details"][0]["details"][0]["code"] == "InvalidResourceType"


def test_a_subscription_deployment_makes_a_group_and_deploys_into_it(
    subscription_desk: Any, lab: Any, error: Any
) -> None:
    document = template(
        {
            "type": "Microsoft.Resources/resourceGroups",
            "apiVersion": "2021-04-01",
            "name": "rg-new",
            "location": "[deployment().location]",
        },
        {
            "type": "Microsoft.Resources/deployments",
            "apiVersion": "2021-04-01",
            "name": "below",
            "resourceGroup": "rg-new",
            "dependsOn": ["[subscriptionResourceId('Microsoft.Resources/resourceGroups', 'rg-new')]"],
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": {"scope": "inner"},
                "template": template(identity("id1", location="[resourceGroup().location]")),
            },
        },
        schema=SUBSCRIPTION_SCHEMA,
    )
    ended = subscription_desk.deploy(document)
    assert (ended["properties"]["provisioningState"], ended["location"]) == ("Succeeded", "eastus"), ended
    made = f"{lab.subscription}/resourceGroups/rg-new/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"
    assert lab.get(made).json()["location"] == "eastus"
    no_place = lab.put(subscription_desk.path("x"), {"properties": {"mode": "Incremental", "template": document}})
    assert error(no_place) == (400, "LocationRequired")


def test_what_if_tells_what_would_change(desk: Any, lab: Any) -> None:
    desk.deploy(template(identity("id1", tags={"a": "1", "b": "2"}), identity("other")))
    unknown = "[reference('id1').clientId]"
    document = template(identity("id1", tags={"a": "3"}), identity("new", tags={"who": unknown}))
    looked = lab.send("POST", f"{desk.path()}/whatIf", desk.body(document))
    assert looked.status_code == 202
    lab.pass_s(1)
    told = lab.get(looked.headers["location"].removeprefix("https://localhost:8443")).json()
    assert told["status"] == "Succeeded"
    changes = {change["resourceId"].rsplit("/", 1)[1]: change for change in told["properties"]["changes"]}
    assert {name: change["changeType"] for name, change in changes.items()} == {
        "id1": "Modify",
        "new": "Create",
        "other": "Ignore",
    }
    assert changes["new"]["after"]["tags"] == {"who": unknown}
    assert [(d["path"], d["propertyChangeType"], d["before"], d["after"]) for d in changes["id1"]["delta"]] == [
        ("tags.a", "Modify", "1", "3"),
        ("tags.b", "Delete", "2", None),
    ]


def test_deployments_are_listed_exported_and_deleted_and_go_with_their_group(desk: Any, lab: Any) -> None:
    document = template(identity("id1"))
    desk.deploy(document)
    collection = f"{desk.scope}/providers/Microsoft.Resources/deployments"
    assert [
        row["name"] for row in lab.get(collection, **{"$filter": "provisioningState eq 'Succeeded'"}).json()["value"]
    ] == ["d1"]
    assert lab.get(collection, **{"$filter": "provisioningState eq 'Failed'"}).json()["value"] == []
    assert lab.send("POST", f"{desk.path()}/exportTemplate").json() == {"template": document}
    row = desk.operations()[0]
    bare = f"{desk.scope}/deployments/d1/operations"
    assert lab.get(bare).json()["value"] == [row]
    assert lab.get(f"{bare}/{row['operationId']}").json() == row
    assert lab.send("HEAD", desk.path()).status_code == 204
    assert lab.send("DELETE", desk.path()).status_code == 202
    lab.pass_s(1)
    assert lab.send("HEAD", desk.path()).status_code == 404
    desk.deploy(document)
    lab.send("DELETE", desk.scope)
    lab.pass_s(1)
    lab.group()
    assert lab.get(collection).json()["value"] == []


def test_many_resources_are_begun_in_turns(desk: Any, lab: Any) -> None:
    document = template(identity("[format('id{0}', copyIndex())]", copy={"name": "all", "count": 45}))
    ended = desk.deploy(document)["properties"]
    assert (ended["provisioningState"], len(ended["outputResources"])) == ("Succeeded", 45)
