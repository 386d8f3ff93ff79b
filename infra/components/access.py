"""Who may do what: every role assignment of the lab, in one place.

Owns: the list of grants, and their names.
Leaves: the roles' ids to `roles.py`, the identities to the components that have them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import authorization

from infra.lab import Lab
from infra.naming import assignment_name
from infra.roles import Role, role_definition_id

__all__ = ["Access", "AccessArgs", "Grant", "lab_grants"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A role for somebody, somewhere.

    Attributes:
        key: Names the grant among the lab's grants; it stays when ids change.
        role: What may be done.
        scope: ARM id of where.
        principal_id: Object id of who.
        principal_type: What the principal is; with it Azure does not look up identities that are seconds old.
    """

    key: str
    role: Role
    scope: pulumi.Input[str]
    principal_id: pulumi.Input[str]
    principal_type: str = "ServicePrincipal"


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessArgs:
    """What the grants are about; the parts of an ML workspace are None when there is none."""

    lab: Lab
    storage_account_id: pulumi.Input[str]
    vision_account_id: pulumi.Input[str]
    vision_principal_id: pulumi.Input[str]
    ml_workspace_id: pulumi.Input[str] | None = None
    ml_principal_id: pulumi.Input[str] | None = None
    cluster_principal_id: pulumi.Input[str] | None = None


class Access(pulumi.ComponentResource):
    """The role assignments of a lab."""

    def __init__(self, name: str, args: AccessArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:Access", name, None, opts)
        subscription_id = args.lab.deployer.subscription_id
        for grant in lab_grants(args):
            authorization.RoleAssignment(
                f"{name}-{grant.key}",
                role_assignment_name=_name_of(grant),
                scope=grant.scope,
                principal_id=grant.principal_id,
                principal_type=grant.principal_type,
                role_definition_id=role_definition_id(grant.role, subscription_id=subscription_id),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def lab_grants(args: AccessArgs) -> Sequence[Grant]:
    """Decide who gets which role."""
    storage, settings = args.storage_account_id, args.lab.settings
    grants = [
        Grant(key="vision-blobs", role=Role.BLOB_READER, scope=storage, principal_id=args.vision_principal_id),
    ]
    if settings.grant_deployer:
        who = args.lab.deployer.object_id
        kind = args.lab.deployer_type
        grants += [
            Grant(
                key="deployer-blobs", role=Role.BLOB_CONTRIBUTOR, scope=storage, principal_id=who, principal_type=kind
            ),
            Grant(
                key="deployer-vision",
                role=Role.COGNITIVE_SERVICES_USER,
                scope=args.vision_account_id,
                principal_id=who,
                principal_type=kind,
            ),
        ]
    if args.ml_principal_id is not None:
        # Azure itself gives the workspace identity what it needs on the group; data roles are ours to give.
        grants.append(
            Grant(key="ml-blobs", role=Role.BLOB_CONTRIBUTOR, scope=storage, principal_id=args.ml_principal_id)
        )
    if args.cluster_principal_id is not None:
        grants.append(
            Grant(
                key="cluster-blobs", role=Role.BLOB_CONTRIBUTOR, scope=storage, principal_id=args.cluster_principal_id
            )
        )
    if args.ml_workspace_id is not None:
        for person in settings.labelers:
            grants.append(
                Grant(
                    key=f"labeler-{person.object_id}",
                    role=Role.LABELER,
                    scope=args.ml_workspace_id,
                    principal_id=person.object_id,
                    principal_type=person.principal_type,
                )
            )
        for person in settings.data_scientists:
            who, kind = person.object_id, person.principal_type
            grants += [
                Grant(
                    key=f"scientist-{who}",
                    role=Role.DATA_SCIENTIST,
                    scope=args.ml_workspace_id,
                    principal_id=who,
                    principal_type=kind,
                ),
                # Without keys, the data of a workspace opens by the person's own role on the storage.
                Grant(
                    key=f"scientist-{who}-blobs",
                    role=Role.BLOB_CONTRIBUTOR,
                    scope=storage,
                    principal_id=who,
                    principal_type=kind,
                ),
            ]
    return grants


def _name_of(grant: Grant) -> pulumi.Output[str]:
    return pulumi.Output.all(grant.scope, grant.principal_id).apply(
        lambda found: assignment_name(scope=found[0], principal_id=found[1], role_id=grant.role.value)
    )
