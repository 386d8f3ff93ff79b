"""What templates mean: parameters, loops, conditions, order, nesting; and how mistakes in them are told."""

import json
from typing import Any

import pytest

from tests.localazure.arm.deployments.conftest import SUBSCRIPTION_SCHEMA, Desk, identity, storage, template


def names(desk: Desk, name: str = "d1") -> list[str]:
    shown = desk.lab.get(desk.path(name)).json()
    return [entry["id"].split("/providers/")[-1].split("/", 1)[1] for entry in shown["properties"]["outputResources"]]


def echo(**values: Any) -> dict[str, Any]:
    """Outputs of these types."""
    kinds = {str: "string", bool: "bool", int: "int", list: "array", dict: "object"}
    return {name: {"type": kinds[kind], "value": value} for name, (kind, value) in values.items()}


def test_parameters_have_defaults_types_and_bounds(desk: Desk) -> None:
    document = template(
        parameters={
            "size": {"type": "int", "defaultValue": 3, "minValue": 1, "maxValue": 9},
            "tier": {"type": "string", "allowedValues": ["a", "b"], "defaultValue": "[concat('', 'b')]"},
            "label": {"type": "string", "defaultValue": "[format('{0}{1}', parameters('tier'), parameters('size'))]"},
            "free": {"type": "object", "nullable": True},
        },
        outputs=echo(label=(str, "[parameters('label')]"), none=(bool, "[equals(parameters('free'), null())]")),
    )
    assert desk.outputs(document) == {"label": "b3", "none": True}
    assert desk.outputs(document, size=9, TIER="a") == {"label": "a9", "none": True}
    for given, told in [
        ({"size": 10}, "The value '10' is outside of the bound 'maxValue' of '9'"),
        ({"size": "3"}, "Expected 'Integer'. Actual 'String'"),
        ({"tier": "c"}, "The value 'c' is not part of the allowed value(s): 'a,b'."),
        ({"nosuch": 1}, "The template parameters 'nosuch' in the parameters file are not valid"),
    ]:
        status, code, message = desk.refused(document, **given)
        assert (status, code) == (400, "InvalidTemplate")
        assert told in message


def test_a_missing_parameter_and_one_that_refers_to_itself_are_refused(desk: Desk) -> None:
    document = template(parameters={"a": {"type": "string"}})
    assert "The value for the template parameter 'a' is not provided" in desk.refused(document)[2]
    circle = template(parameters={"a": {"type": "string", "defaultValue": "[parameters('a')]"}})
    assert "The template parameter 'a' refers to itself" in desk.refused(circle)[2]
    variable = template(
        variables={"a": "[variables('b')]", "b": "[variables('a')]"}, outputs=echo(a=(str, "[variables('a')]"))
    )
    assert "refers to itself" in json.dumps(desk.deploy(variable)["properties"]["error"])


def test_parameters_may_be_a_whole_parameter_file(desk: Desk) -> None:
    document = template(parameters={"a": {"type": "string"}}, outputs=echo(a=(str, "[parameters('a')]")))
    body = desk.body(document)
    body["properties"]["parameters"] = {"$schema": "x", "contentVersion": "1", "parameters": {"a": {"value": "file"}}}
    desk.lab.put(desk.path(), body)
    assert desk.settle()["properties"]["outputs"]["a"] == {"type": "String", "value": "file"}


def test_variables_and_outputs_have_loops(desk: Desk) -> None:
    document = template(
        variables={
            "copy": [{"name": "names", "count": 2, "input": "[format('n{0}', copyIndex('names'))]"}],
            "nested": {"copy": [{"name": "sizes", "count": 3, "input": "[copyIndex('sizes', 1)]"}]},
        },
        outputs={
            **echo(names=(list, "[variables('names')]"), sizes=(list, "[variables('nested').sizes]")),
            "squares": {"type": "array", "copy": {"count": 3, "input": "[mul(copyIndex(), copyIndex())]"}},
            "left": {"type": "string", "condition": False, "value": "x"},
        },
    )
    assert desk.outputs(document) == {"names": ["n0", "n1"], "sizes": [1, 2, 3], "squares": [0, 1, 4]}


def test_functions_of_the_templates_own(desk: Desk) -> None:
    member = {
        "parameters": [{"name": "prefix", "type": "string"}],
        "output": {"type": "string", "value": "[concat(toLower(parameters('prefix')), '-x')]"},
    }
    document = template(
        functions=[{"namespace": "lab", "members": {"name": member}}], outputs=echo(a=(str, "[lab.name('AB')]"))
    )
    assert desk.outputs(document) == {"a": "ab-x"}


def test_loops_conditions_and_children_make_resources(desk: Desk) -> None:
    document = template(
        identity("[format('id{0}', copyIndex(1))]", copy={"name": "ids", "count": 2, "mode": "serial"}),
        identity("left-out", condition="[equals(1, 2)]"),
        identity("last", dependsOn=["ids", "left-out"]),
        storage(
            "stchild",
            resources=[
                {
                    "type": "blobServices/containers",
                    "apiVersion": "2023-01-01",
                    "name": "default/pictures",
                    "dependsOn": ["stchild"],
                }
            ],
        ),
    )
    desk.deploy(document)
    assert names(desk) == [
        "userAssignedIdentities/id1",
        "userAssignedIdentities/id2",
        "userAssignedIdentities/last",
        "storageAccounts/stchild",
        "storageAccounts/stchild/blobServices/default/containers/pictures",
    ]
    shown = desk.lab.get(desk.path()).json()["properties"]["dependencies"]
    waits = {row["resourceName"]: [before["resourceName"] for before in row["dependsOn"]] for row in shown}
    assert waits == {"id2": ["id1"], "last": ["id1", "id2"], "stchild/default/pictures": ["stchild"]}


def test_what_a_loop_or_a_condition_leaves_out_may_still_be_waited_for(desk: Desk) -> None:
    document = template(
        identity("[variables('none')[copyIndex()]]", copy={"name": "nobody", "count": "[length(variables('none'))]"}),
        identity("maybe", condition=False),
        identity("last", dependsOn=["nobody", "maybe"]),
        variables={"none": []},
    )
    desk.deploy(document)
    assert names(desk) == ["userAssignedIdentities/last"]


def test_a_reference_by_name_waits_and_if_looks_at_what_is_chosen_only(desk: Desk) -> None:
    document = template(
        storage(
            "stuser", tags={"who": "[reference('idlate').clientId]", "no": "[if(true(), '', reference('none').x)]"}
        ),
        identity("idlate"),
    )
    ended = desk.deploy(document)
    assert ended["properties"]["provisioningState"] == "Succeeded", ended
    account = f"{desk.scope}/providers/Microsoft.Storage/storageAccounts/stuser"
    user = f"{desk.scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/idlate"
    tags = desk.lab.get(account).json()["tags"]
    assert tags == {"who": desk.lab.get(user).json()["properties"]["clientId"], "no": ""}


def test_full_references_and_symbolic_names(desk: Desk) -> None:
    desk.deploy(template(identity("before")), name="earlier")
    document = template(
        languageVersion="2.0",
        outputs=echo(
            place=(str, "[reference('mine', '2023-01-31', 'full').location]"),
            found=(str, "[reference('old', '2023-01-31', 'full').resourceGroupName]"),
            both=(int, "[length(references('loop'))]"),
        ),
    )
    document["resources"] = {
        "mine": identity("mine", dependsOn=["old"]),
        "old": {**identity("before"), "existing": True},
        "loop": identity("[format('many{0}', copyIndex())]", copy={"name": "x", "count": 2}),
    }
    assert desk.outputs(document) == {"place": "eastus", "found": "rg", "both": 2}


def test_an_extension_resource_goes_where_its_scope_says(desk: Desk) -> None:
    lock = {
        "type": "Microsoft.Authorization/locks",
        "apiVersion": "2020-05-01",
        "name": "keep",
        "scope": "Microsoft.ManagedIdentity/userAssignedIdentities/id1",
        "dependsOn": ["id1"],
        "properties": {"level": "CanNotDelete"},
    }
    desk.deploy(template(identity("id1"), lock))
    owner = f"{desk.scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id1"
    assert desk.lab.get(f"{owner}/providers/Microsoft.Authorization/locks/keep").status_code == 200
    assert desk.lab.send("DELETE", owner).status_code == 409


@pytest.mark.parametrize(
    ("document", "told"),
    [
        ({}, "Required property '$schema' not found in JSON"),
        ({**template(), "surprise": 1}, "Could not find member 'surprise' on object of type 'Template'"),
        (template(schema=SUBSCRIPTION_SCHEMA), "is not valid for a deployment at resource group scope"),
        (template(identity("a", dependsOn=["b"])), "The resource 'b' is not defined in the template"),
        (template(identity("a"), identity("A")), "is defined multiple times in a template"),
        (template(identity("a/b")), "has incorrect segment lengths"),
        (template(identity("[reference('x').y]")), "The template function 'reference' is not expected at this"),
        (template(identity("[concat(]")), "expected token 'Identifier' and actual 'EndOfData' at position '8'"),
        (template(identity("[nope()]")), "The template function 'nope' is not valid"),
        (template(identity("a", tags="[parameters('p')]")), "The template parameter 'p' is not found"),
        (template(identity("a", copy={"name": "c", "count": 801})), "The template copy count '801' is outside"),
        (template({"type": "A.B/c", "name": "x"}), "lacks 'apiVersion'"),
        (template(outputs={"a": {"type": "text", "value": 1}}), "has an invalid type 'text'"),
        (template(*[identity(f"i{n}") for n in range(801)]), "resources limit exceeded. Limit: 800 and actual: 801"),
        (template(parameters={f"p{n}": {"type": "int"} for n in range(257)}), "Limit: 256 and actual: 257"),
    ],
)  # fmt: skip
def test_wrong_templates_are_refused(desk: Desk, document: Any, told: str) -> None:
    status, code, message = desk.refused(document)
    assert (status, code) == (400, "InvalidTemplate")
    assert told in message
    assert desk.lab.get(desk.path("refused")).status_code == 404


def test_circles_are_refused(desk: Desk) -> None:
    document = template(identity("a", dependsOn=["b"]), identity("b", dependsOn=["c"]), identity("c", dependsOn=["a"]))
    status, code, message = desk.refused(document)
    assert (status, code) == (400, "InvalidTemplate")
    assert f"Circular dependency detected on resource: '{desk.scope}/providers/Microsoft.ManagedIdentity" in message


@pytest.mark.parametrize(
    "properties",
    [
        {"templateLink": {"uri": "https://x/y.json"}},
        {"template": template(), "parametersLink": {"uri": "https://x/y.json"}},
        {"template": template(), "onErrorDeployment": {"type": "LastSuccessful"}},
        {"template": template(definitions={"a": {"type": "string"}})},
        {
            "template": template(parameters={"a": {"type": "string"}}),
            "parameters": {"a": {"reference": {"keyVault": {"id": "x"}, "secretName": "s"}}},
        },
    ],
)
def test_what_is_not_here_answers_501(desk: Desk, properties: Any) -> None:
    answer = desk.lab.put(desk.path(), {"properties": {"mode": "Incremental", **properties}})
    assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotImplementedByLocalAzure")


def test_bodies_with_comments_and_bare_names_are_read(desk: Desk, error: Any) -> None:
    text = json.dumps(template(outputs=echo(a=(str, "x")))).replace('"resources"', "// the list\n 'resources'")
    raw = f'{{"properties": {{"mode": "Incremental", /* raw */ template: {text},}},}}'
    assert desk.lab.send_raw("PUT", desk.path(), raw.encode()).status_code == 201
    bad = desk.lab.send_raw("PUT", desk.path("bad"), b'{\n  "properties": nothing }')
    assert error(bad) == (400, "InvalidRequestContent")
    assert "unexpected 'n' at line 2, column 17" in bad.json()["error"]["message"]
    twice = desk.lab.send_raw("PUT", desk.path("bad"), b"{a: 1, 'a': 2}")
    assert "the property 'a' is there twice" in twice.json()["error"]["message"]
    deep = desk.lab.send_raw("PUT", desk.path("bad"), b"{a: " + b"[" * 100_000)
    assert error(deep) == (400, "InvalidRequestContent")
    strict = desk.lab.send_raw("PUT", desk.path("bad"), b'{"a": ' + b"[" * 500 + b"]" * 500 + b"}")
    assert error(strict) == (400, "InvalidRequestContent")
