"""From a data asset to the folder of blobs behind it, and to a workspace's default blob store.

Owns: reading `dataUri` and datastores. Leaves: the resources to Resource Manager, the blobs to the blob store.
"""

import dataclasses
import re
from typing import Any

from localazure.labeling.errors import user_error
from localazure.labeling.seams import Resources, properties_of
from localazure.labeling.types import DataPlace

__all__ = ["Places", "workspace_uri"]

_SHORT = re.compile(r"azureml://datastores/([^/]+)/paths(?:/(.*))?", re.IGNORECASE)
_LONG = re.compile(
    r"azureml:/(/subscriptions/[^/]+/resourcegroups/[^/]+)"
    r"(?:/providers/microsoft\.machinelearningservices)?/workspaces/([^/]+)/datastores/([^/]+)/paths(?:/(.*))?",
    re.IGNORECASE,
)
_ML = "/providers/Microsoft.MachineLearningServices/workspaces/"
_DEFAULT_STORE = "workspaceblobstore"


class Places:
    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def of_data(self, data_id: str, workspace_id: str) -> DataPlace:
        """The folder of a data asset version; AzureError 400 when there is none."""
        asset = self._resources.get(data_id)
        if asset is None:
            raise user_error(f"The data asset '{data_id}' was not found.", target="properties.dataConfiguration.dataId")
        properties = properties_of(asset)
        if str(properties.get("dataType")).lower() == "uri_file":
            raise user_error(f"The data asset '{data_id}' is a file: give a folder.", target="dataId")
        owner = re.split(r"/data/", data_id, maxsplit=1, flags=re.IGNORECASE)[0]
        place = self.of_uri(str(properties.get("dataUri", "")), owner, workspace_id)
        return dataclasses.replace(place, table=str(properties.get("dataType")).lower() == "mltable")

    def of_uri(self, uri: str, owner: str, workspace_id: str) -> DataPlace:
        """The folder behind an azureml address; one that names no workspace is of the `owner`'s."""
        if short := _SHORT.fullmatch(uri):
            return self._place(owner, short[1], short[2] or "", workspace_id)
        if long := _LONG.fullmatch(uri):
            return self._place(f"{long[1]}{_ML}{long[2]}", long[3], long[4] or "", workspace_id)
        raise user_error(f"The data asset's dataUri '{uri}' leads to no datastore.", target="dataUri")

    def of_exports(self, workspace_id: str) -> DataPlace:
        """The workspace's default blob store."""
        return self._place(workspace_id, _DEFAULT_STORE, "", workspace_id)

    def _place(self, owner_id: str, datastore: str, folder: str, workspace_id: str) -> DataPlace:
        resource = self._resources.get(f"{owner_id}/datastores/{datastore}")
        properties = properties_of(resource)
        if resource is None or properties.get("datastoreType") != "AzureBlob":
            raise user_error(f"The workspace has no blob datastore '{datastore}'.")
        account = str(properties["accountName"])
        folder = folder.strip("/")
        return DataPlace(
            datastore=str(resource["name"]),
            account=account,
            container=str(properties["containerName"]),
            folder=f"{folder}/" if folder else "",
            base_url=self._base_url(account, workspace_id),
            workspace=owner_id,
        )

    def _base_url(self, account: str, workspace_id: str) -> str:
        """The account's blob endpoint, which looks like that of the workspace's own storage account."""
        workspace = properties_of(self._resources.get(workspace_id))
        storage = self._resources.get(str(workspace.get("storageAccount")))
        endpoints: dict[str, Any] = properties_of(storage).get("primaryEndpoints") or {}
        endpoint, own = str(endpoints.get("blob", "")), str((storage or {}).get("name", ""))
        if not endpoint or not own:
            return f"https://{account}.blob.core.windows.net/"
        return f"{endpoint.rstrip('/').removesuffix(own)}{account}/"


def workspace_uri(workspace_id: str) -> str:
    """The workspace as data assets name it: its ARM id, without the provider."""
    parts = workspace_id.strip("/").split("/")
    return f"azureml://subscriptions/{parts[1]}/resourcegroups/{parts[3]}/workspaces/{parts[-1]}"
