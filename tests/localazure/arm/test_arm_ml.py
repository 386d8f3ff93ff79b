from typing import Any


def test_a_workspace_makes_its_default_datastores_and_containers(lab: Any) -> None:
    path = lab.workspace()
    shown = lab.get(path).json()
    workspace_id = shown["properties"]["workspaceId"]
    stores = {row["name"]: row for row in lab.get(f"{path}/datastores").json()["value"]}
    assert sorted(stores) == [
        "workspaceartifactstore",
        "workspaceblobstore",
        "workspacefilestore",
        "workspaceworkingdirectory",
    ]
    blobs = stores["workspaceblobstore"]["properties"]
    assert (blobs["containerName"], blobs["isDefault"]) == (f"azureml-blobstore-{workspace_id}", True)
    assert blobs["credentials"] == {"credentialsType": "None"}
    assert sorted(lab.containers.accounts["stlab1"]) == ["azureml", f"azureml-blobstore-{workspace_id}"]
    default = lab.get(f"{path}/datastores", isDefault="true", count="30").json()["value"]
    assert [row["name"] for row in default] == ["workspaceblobstore"]


def test_a_workspace_is_202_and_needs_what_it_links_to(lab: Any, error: Any) -> None:
    storage, vault = lab.storage(), lab.vault()
    path = f"{lab.group()}/providers/Microsoft.MachineLearningServices/workspaces/mlw-lab"
    bare = lab.put(path, {"location": "eastus"})
    missing = lab.put(path, {"location": "eastus", "properties": {"storageAccount": f"{storage}x", "keyVault": vault}})
    answer = lab.put(path, {"location": "eastus", "properties": {"storageAccount": storage, "keyVault": vault}})
    assert (error(bare), error(missing)) == ((400, "BadRequest"), (400, "ValidationError"))
    assert answer.status_code == 202
    assert {"azure-asyncoperation", "location"} <= set(answer.headers)


def test_a_deleted_workspace_blocks_its_name_for_14_days(lab: Any, error: Any) -> None:
    path = lab.workspace()
    links = {"storageAccount": lab.storage(), "keyVault": lab.vault()}
    body = {"location": "eastus", "properties": links}
    lab.send("DELETE", path)
    lab.pass_s(1)
    refused = lab.put(path, body)
    assert error(refused) == (400, "BadRequest")
    assert refused.json()["error"]["message"] == (
        "Soft-deleted workspace exists. Please purge or recover it. https://aka.ms/wsoftdelete"
    )
    assert lab.send("DELETE", path, forceToPurge="true").status_code == 204
    assert error(lab.put(path, body)) == (400, "BadRequest")
    lab.pass_s(14 * 86400)
    assert lab.put(path, body).status_code == 202


def test_force_to_purge_in_the_first_delete_frees_the_name(lab: Any) -> None:
    path = lab.workspace()
    lab.send("DELETE", path, forceToPurge="true")
    lab.pass_s(1)
    links = {"storageAccount": lab.storage(), "keyVault": lab.vault()}
    assert lab.put(path, {"location": "eastus", "properties": links}).status_code == 202


def test_secrets_of_a_datastore_are_given_out_by_list_secrets_only(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/datastores/pictures"
    secrets = {"secretsType": "Sas", "sasToken": "sv=1&sig=hidden"}
    properties = {
        "datastoreType": "AzureBlob",
        "accountName": "stlab1",
        "containerName": "pictures",
        "credentials": {"credentialsType": "Sas", "secrets": secrets},
    }
    created = lab.put(path, {"properties": properties})
    assert (created.status_code, "hidden" in created.text, "hidden" in lab.get(path).text) == (201, False, False)
    assert lab.send("POST", f"{path}/listSecrets", {}).json() == secrets
    bad = {**properties, "containerName": ""}
    assert error(lab.put(f"{path}2", {"properties": bad})) == (400, "UserError")
    assert error(lab.put(f"{path}-x", {"properties": properties})) == (400, "UserError")


def test_data_versions_make_their_container_and_move_its_latest(lab: Any, error: Any) -> None:
    path = f"{lab.workspace()}/data/pictures"
    uri = "azureml://datastores/training_images/paths/"
    body = {"properties": {"dataType": "uri_folder", "dataUri": uri}}
    assert lab.put(f"{path}/versions/1", body).status_code == 201
    lab.put(f"{path}/versions/2", body)
    shown = lab.get(path).json()["properties"]
    assert (shown["latestVersion"], shown["nextVersion"], shown["dataType"]) == ("2", "3", "uri_folder")
    listed = lab.get(f"{path}/versions", listViewType="ActiveOnly").json()["value"]
    assert [row["name"] for row in listed] == ["1", "2"]
    other = {"properties": {"dataType": "mltable", "dataUri": uri}}
    assert error(lab.put(f"{path}/versions/3", other)) == (400, "UserError")
    changed = {"properties": {"dataType": "uri_folder", "dataUri": uri + "x"}}
    assert error(lab.put(f"{path}/versions/1", changed)) == (400, "UserError")


def test_children_need_their_workspace_and_go_with_it(lab: Any, error: Any) -> None:
    path = lab.workspace()
    compute = {
        "location": "eastus",
        "properties": {
            "computeType": "AmlCompute",
            "properties": {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 1}},
        },
    }
    assert lab.make(f"{path}/computes/cpu-cluster", compute)["properties"]["computeLocation"] == "eastus"
    lab.send("DELETE", path, forceToPurge="true")
    lab.pass_s(1)
    assert error(lab.get(f"{path}/datastores")) == (404, "ParentResourceNotFound")
    assert error(lab.put(f"{path}/computes/cpu-cluster", compute)) == (404, "ParentResourceNotFound")
    data = {"properties": {"dataType": "uri_folder", "dataUri": "azureml://x"}}
    assert error(lab.put(f"{path}/data/d/versions/1", data)) == (404, "ParentResourceNotFound")


def test_a_recovered_workspace_has_its_assets_again_but_no_computes(lab: Any, error: Any) -> None:
    path = lab.workspace()
    secrets = {"secretsType": "Sas", "sasToken": "sv=1&sig=hidden"}
    store = {"datastoreType": "AzureBlob", "accountName": "stlab1", "containerName": "pictures",
             "credentials": {"credentialsType": "Sas", "secrets": secrets}}  # fmt: skip
    lab.put(f"{path}/datastores/pictures", {"properties": store})
    data = {"dataType": "uri_folder", "dataUri": "azureml://datastores/pictures/paths/"}
    lab.put(f"{path}/data/pictures/versions/1", {"properties": data})
    cluster = {"vmSize": "Standard_DS3_v2", "scaleSettings": {"maxNodeCount": 1}}
    compute = {"location": "eastus", "properties": {"computeType": "AmlCompute", "properties": cluster}}
    lab.make(f"{path}/computes/cpu", compute)
    lab.send("DELETE", path)
    lab.pass_s(1)
    assert error(lab.get(f"{path}/data/pictures/versions/1"))[0] == 404
    lab.make(path, {"location": "eastus", "properties": {"allowRecoverSoftDeletedWorkspace": True}})
    assert lab.get(f"{path}/data/pictures").json()["properties"]["latestVersion"] == "1"
    assert lab.send("POST", f"{path}/datastores/pictures/listSecrets", {}).json() == secrets
    assert error(lab.get(f"{path}/computes/cpu")) == (404, "ResourceNotFound")


def test_secrets_below_a_purged_workspace_are_gone(lab: Any, error: Any) -> None:
    path = lab.workspace()
    credentials = {"credentialsType": "Sas", "secrets": {"secretsType": "Sas", "sasToken": "hidden"}}
    store = {"datastoreType": "AzureBlob", "accountName": "a", "containerName": "b", "credentials": credentials}
    lab.put(f"{path}/datastores/pictures", {"properties": store})
    lab.send("DELETE", path, forceToPurge="true")
    lab.pass_s(1)
    lab.workspace()
    bare = store | {"credentials": {"credentialsType": "Sas"}}
    assert error(lab.put(f"{path}/datastores/pictures", {"properties": bare})) == (400, "UserError")
