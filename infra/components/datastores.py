"""Datastores: how an ML workspace reaches containers, by its own identity and without keys.

Owns: a datastore for each container, in the lab's own workspace or in the course's.
Leaves: the workspace to `ml_workspace.py`, its role on the storage account to `access.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.lab import Lab

__all__ = ["DatastoreArgs", "SharedDatastores", "declare_datastores"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatastoreArgs:
    """Datastores to make.

    Attributes:
        lab: The lab whose containers they reach.
        group: Name of the workspace's resource group.
        workspace: Name of the workspace.
        storage_account: Name of the lab's storage account.
        containers: Container name as set, to container name as made.
        names: Container name as set, to the datastore's name.
    """

    lab: Lab
    group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    storage_account: pulumi.Input[str]
    containers: Mapping[str, pulumi.Input[str]]
    names: Mapping[str, str]


class SharedDatastores(pulumi.ComponentResource):
    """A seat's datastores in the workspace that the course's seats share."""

    datastores: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: DatastoreArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:SharedDatastores", name, None, opts)
        self.datastores = declare_datastores(name, args, parent=self)
        self.register_outputs({"datastores": self.datastores})


def declare_datastores(name: str, args: DatastoreArgs, *, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
    """Container name as set, to the datastore that leads there."""
    return {
        container: ml.Datastore(
            f"{name}-{container}",
            name=args.names[container],
            resource_group_name=args.group,
            workspace_name=args.workspace,
            properties=ml.AzureBlobDatastoreArgs(
                datastore_type="AzureBlob",
                account_name=args.storage_account,
                container_name=made,
                protocol="https",
                credentials=ml.NoneDatastoreCredentialsArgs(credentials_type="None"),
                service_data_access_auth_identity=(ml.ServiceDataAccessAuthIdentity.WORKSPACE_SYSTEM_ASSIGNED_IDENTITY),
                tags=args.lab.tags,
            ),
            opts=pulumi.ResourceOptions(parent=parent),
        ).name
        for container, made in args.containers.items()
    }
