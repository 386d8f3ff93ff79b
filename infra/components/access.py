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
from infra.people import Principal
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
    """What the grants are about; parts that there are not are None.

    Attributes:
        lab: The lab.
        storage_account_id: Where its data lies.
        vision_account_id: The vision account; the shared parts of a course have none.
        vision_principal_id: Its identity.
        ml_workspace_id: The ML workspace, of the lab's own or of its course.
        ml_principal_id: Its identity.
        cluster_principal_id: The compute cluster's identity.
        person: Whose seat it is.
        group_id: The seat's resource group.
        pictures_id: The container of the course's teaching pictures.
    """

    lab: Lab
    storage_account_id: pulumi.Input[str]
    vision_account_id: pulumi.Input[str] | None = None
    vision_principal_id: pulumi.Input[str] | None = None
    ml_workspace_id: pulumi.Input[str] | None = None
    ml_principal_id: pulumi.Input[str] | None = None
    cluster_principal_id: pulumi.Input[str] | None = None
    person: Principal | None = None
    group_id: pulumi.Input[str] | None = None
    pictures_id: pulumi.Input[str] | None = None


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
                description=_description(args.lab),
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})


def lab_grants(args: AccessArgs) -> Sequence[Grant]:
    """Decide who gets which role."""
    storage, settings = args.storage_account_id, args.lab.settings
    grants: list[Grant] = []
    if args.vision_principal_id is not None:
        grants.append(
            Grant(key="vision-blobs", role=Role.BLOB_READER, scope=storage, principal_id=args.vision_principal_id)
        )
    if settings.grant_deployer:
        grants += _to_deployer(args)
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
            grants.append(_to(person, f"labeler-{person.object_id}", Role.LABELER, args.ml_workspace_id))
        for person in settings.data_scientists:
            key = f"scientist-{person.object_id}"
            grants += [
                _to(person, key, Role.DATA_SCIENTIST, args.ml_workspace_id),
                # Without keys, the data of a workspace opens by the person's own role on the storage.
                _to(person, f"{key}-blobs", Role.BLOB_CONTRIBUTOR, storage),
            ]
    if args.person is not None:
        grants += _to_person(args, args.person)
    return grants


def _to_deployer(args: AccessArgs) -> list[Grant]:
    who = Principal(object_id=args.lab.deployer.object_id, principal_type=args.lab.deployer_type)
    grants = [_to(who, "deployer-blobs", Role.BLOB_CONTRIBUTOR, args.storage_account_id)]
    if args.vision_account_id is not None:
        grants.append(_to(who, "deployer-vision", Role.COGNITIVE_SERVICES_USER, args.vision_account_id))
    return grants


def _to_person(args: AccessArgs, person: Principal) -> list[Grant]:
    """All that a seat's person may do: in the seat everything with data, in the course only look at the pictures."""
    grants = [_to(person, "person-blobs", Role.BLOB_CONTRIBUTOR, args.storage_account_id)]
    if args.group_id is not None:  # all accounts of the seat, and the group shows in the portal
        grants.append(_to(person, "person-services", Role.COGNITIVE_SERVICES_USER, args.group_id))
    if args.ml_workspace_id is not None:
        grants.append(_to(person, "person-ml", Role.DATA_SCIENTIST, args.ml_workspace_id))
    if args.pictures_id is not None:
        grants.append(_to(person, "person-pictures", Role.BLOB_READER, args.pictures_id))
    return grants


def _to(who: Principal, key: str, role: Role, scope: pulumi.Input[str]) -> Grant:
    return Grant(key=key, role=role, scope=scope, principal_id=who.object_id, principal_type=who.principal_type)


def _description(lab: Lab) -> str | None:
    """Whose the grant is: role assignments have no tags, and a seat's outlive its group where they are the course's."""
    return f"Made by visionlab for lab {lab.settings.lab}, stack {lab.stack}" if lab.settings.course else None


def _name_of(grant: Grant) -> pulumi.Output[str]:
    return pulumi.Output.all(grant.scope, grant.principal_id).apply(
        lambda found: assignment_name(scope=found[0], principal_id=found[1], role_id=grant.role.value)
    )
