"""The Azure ML workspace for labeling and training, with what it cannot be without.

Owns: key vault, Application Insights, workspace, the compute cluster.
Leaves: the storage account to `dataset_storage.py`, logs to `course_services.py`, datastores to `datastores.py`, all
roles to `access.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import applicationinsights, keyvault
from pulumi_azure_native import machinelearningservices as ml

from infra.components.course_services import declare_log_workspace
from infra.components.datastores import DatastoreArgs, declare_datastores
from infra.lab import Lab
from infra.naming import datastore_name
from infra.settings import Cluster

__all__ = ["MlWorkspace", "MlWorkspaceArgs"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MlWorkspaceArgs:
    """A workspace to make.

    Attributes:
        lab: The lab it belongs to.
        group: Name of its resource group.
        storage_account_id: The account that holds the lab's data, and the workspace's own.
        storage_account_name: Its name.
        containers: Container name as set, to container name as made; each becomes a datastore.
        log_workspace_id: The course's Log Analytics workspace, which takes its logs; None makes one of its own.
        container_registry_id: The course's container registry, if it has one.
    """

    lab: Lab
    group: pulumi.Input[str]
    storage_account_id: pulumi.Input[str]
    storage_account_name: pulumi.Input[str]
    containers: Mapping[str, pulumi.Input[str]]
    log_workspace_id: pulumi.Input[str] | None = None
    container_registry_id: pulumi.Input[str | None] | None = None


class MlWorkspace(pulumi.ComponentResource):
    """A workspace that reaches its data by identity alone."""

    workspace_id: pulumi.Output[str]
    workspace_name: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    key_vault_id: pulumi.Output[str]
    key_vault_name: pulumi.Output[str]
    log_workspace_id: pulumi.Output[str] | None
    app_insights_id: pulumi.Output[str]
    datastores: dict[str, pulumi.Output[str]]
    cluster_principal_id: pulumi.Output[str] | None

    def __init__(self, name: str, args: MlWorkspaceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:MlWorkspace", name, None, opts)
        lab = args.lab
        child = pulumi.ResourceOptions(parent=self)
        vault = keyvault.Vault(
            f"{name}-vault",
            vault_name=lab.names.key_vault,
            resource_group_name=args.group,
            location=lab.location,
            tags=lab.tags,
            properties=keyvault.VaultPropertiesArgs(
                tenant_id=lab.deployer.tenant_id,
                sku=keyvault.SkuArgs(family=keyvault.SkuFamily.A, name=keyvault.SkuName.STANDARD),
                enable_rbac_authorization=True,
                enable_soft_delete=True,  # Azure insists; purge protection stays unset, it could never be undone
                soft_delete_retention_in_days=7,
            ),
            opts=pulumi.ResourceOptions(parent=self, protect=lab.settings.protect),
        )
        self.log_workspace_id = None
        if args.log_workspace_id is None:
            self.log_workspace_id = declare_log_workspace(f"{name}-logs", lab=lab, group=args.group, parent=self)
        insights = applicationinsights.Component(
            f"{name}-insights",
            resource_name_=lab.names.app_insights,
            resource_group_name=args.group,
            location=lab.location,
            tags=lab.tags,
            kind="web",
            application_type=applicationinsights.ApplicationType.WEB,
            workspace_resource_id=args.log_workspace_id or self.log_workspace_id,
            opts=child,
        )
        workspace = ml.Workspace(
            f"{name}-workspace",
            workspace_name=lab.names.ml_workspace,
            resource_group_name=args.group,
            location=lab.location,
            tags=lab.tags,
            friendly_name=lab.settings.lab,
            kind="Default",
            sku=ml.SkuArgs(name="Basic"),
            identity=ml.ManagedServiceIdentityArgs(type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED),
            storage_account=args.storage_account_id,
            key_vault=vault.id,
            application_insights=insights.id,
            container_registry=args.container_registry_id,
            system_datastores_auth_mode=ml.SystemDatastoresAuthMode.IDENTITY,
            public_network_access=ml.PublicNetworkAccessType.ENABLED,
            opts=child,
        )
        stores = DatastoreArgs(
            lab=lab,
            group=args.group,
            workspace=workspace.name,
            storage_account=args.storage_account_name,
            containers=args.containers,
            names={container: datastore_name(container) for container in args.containers},
        )
        self.datastores = declare_datastores(name, stores, parent=self)
        self.cluster_principal_id = None
        if cluster := lab.settings.compute_cluster:
            compute = ml.Compute(
                f"{name}-cluster",
                compute_name=cluster.name,
                workspace_name=workspace.name,
                resource_group_name=args.group,
                location=lab.location,
                tags=lab.tags,
                identity=ml.ManagedServiceIdentityArgs(type=ml.ManagedServiceIdentityType.SYSTEM_ASSIGNED),
                properties=_cluster_properties(cluster),
                opts=child,
            )
            self.cluster_principal_id = compute.identity.apply(_principal_id)
        self.workspace_id = workspace.id
        self.workspace_name = workspace.name
        self.principal_id = workspace.identity.apply(_principal_id)
        self.key_vault_id, self.key_vault_name = vault.id, vault.name
        self.app_insights_id = insights.id
        self.register_outputs({"workspace_name": self.workspace_name, "workspace_id": self.workspace_id})


def _cluster_properties(cluster: Cluster) -> ml.AmlComputeArgs:
    return ml.AmlComputeArgs(
        compute_type="AmlCompute",
        disable_local_auth=True,
        properties=ml.AmlComputePropertiesArgs(
            os_type=ml.OsType.LINUX,
            vm_size=cluster.vm_size,
            vm_priority=ml.VmPriority.DEDICATED,  # low-priority nodes for clusters went on 2026-03-31
            remote_login_port_public_access=ml.RemoteLoginPortPublicAccess.DISABLED,
            scale_settings=ml.ScaleSettingsArgs(
                min_node_count=0, max_node_count=cluster.max_nodes, node_idle_time_before_scale_down="PT2M"
            ),
        ),
    )


def _principal_id(identity: ml.outputs.ManagedServiceIdentityResponse | None) -> str:
    if identity is None:
        raise pulumi.RunError("the ML workspace came back without the identity that it was asked to have")
    return identity.principal_id
