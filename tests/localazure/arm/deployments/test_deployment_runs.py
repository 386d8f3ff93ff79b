"""Deployments from beginning to end."""

from typing import Any


def test_a_deployment_makes_its_resources_and_tells_its_outputs(
    desk: Any, lab: Any, a_template: Any, a_storage: Any, an_identity: Any
) -> None:
    document = a_template(
        an_identity("id1", dependsOn=["[resourceId('Microsoft.Storage/storageAccounts', parameters('account'))]"]),
        a_storage("[parameters('account')]"),
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
