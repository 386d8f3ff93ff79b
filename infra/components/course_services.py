"""What the seats of a course share beside storage and ML workspace: where logs go, and where images of containers lie.

Owns: the Log Analytics workspace, which a lab that is no seat has too, and the container registry.
Leaves: who uses them to `ml_workspace.py`.
"""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import containerregistry, operationalinsights

from infra.lab import Lab

__all__ = ["CourseServices", "CourseServicesArgs", "declare_log_workspace"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CourseServicesArgs:
    """What to make.

    Attributes:
        lab: The course's shared parts.
        group: Name of their resource group.
        registry: Whether there is to be a container registry.
    """

    lab: Lab
    group: pulumi.Input[str]
    registry: bool


class CourseServices(pulumi.ComponentResource):
    """Logs and, where wanted, a registry without an admin user: identities open it."""

    log_workspace_id: pulumi.Output[str]
    registry_id: pulumi.Output[str] | None
    registry_endpoint: pulumi.Output[str] | None

    def __init__(self, name: str, args: CourseServicesArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:CourseServices", name, None, opts)
        lab = args.lab
        self.log_workspace_id = declare_log_workspace(f"{name}-logs", lab=lab, group=args.group, parent=self)
        self.registry_id = self.registry_endpoint = None
        if args.registry:
            registry = containerregistry.Registry(
                f"{name}-registry",
                registry_name=lab.names.container_registry,
                resource_group_name=args.group,
                location=lab.location,
                tags=lab.tags,
                sku=containerregistry.SkuArgs(name=containerregistry.SkuName.BASIC),
                admin_user_enabled=False,
                opts=pulumi.ResourceOptions(parent=self),
            )
            self.registry_id, self.registry_endpoint = registry.id, registry.login_server
        self.register_outputs({"log_workspace_id": self.log_workspace_id})


def declare_log_workspace(
    name: str, *, lab: Lab, group: pulumi.Input[str], parent: pulumi.Resource
) -> pulumi.Output[str]:
    """A Log Analytics workspace that is paid by what it takes; gives its id."""
    return operationalinsights.Workspace(
        name,
        workspace_name=lab.names.log_workspace,
        resource_group_name=group,
        location=lab.location,
        tags=lab.tags,
        sku=operationalinsights.WorkspaceSkuArgs(name=operationalinsights.WorkspaceSkuNameEnum.PER_GB2018),
        retention_in_days=30,
        opts=pulumi.ResourceOptions(parent=parent),
    ).id
