"""Rows of the type table: locks, role assignments, role definitions.

Owns: what these refuse and compute. Leaves: enforcing locks to `locks.py`, evaluating roles to `authorization.py`.
"""

from collections.abc import Mapping

from localazure.arm.authorization import ASSIGNMENTS, DEFINITIONS
from localazure.arm.checks import bad_request, child, is_guid
from localazure.arm.ids import key
from localazure.arm.locks import LOCKS
from localazure.arm.resources import Resource
from localazure.arm.roles import BUILT_IN
from localazure.arm.types import CreateStyle, Making, ResourceType, World
from localazure.errors import AzureError

__all__ = ["ACCESS_TYPES"]

_PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal", "ForeignGroup", "Device")


def _make_lock(making: Making) -> None:
    level = making.properties["level"]
    if level not in {"CanNotDelete", "ReadOnly"}:
        raise bad_request("InvalidLockLevel", f"The lock level '{level}' is invalid: CanNotDelete or ReadOnly.")


def _make_assignment(making: Making) -> None:
    world, properties = making.world, making.properties
    name = making.resource["name"]
    if not is_guid(name):
        raise bad_request(
            "InvalidRoleAssignmentId",
            f"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.",
        )
    principal = str(properties["principalId"])
    if not is_guid(principal):
        raise bad_request(
            "InvalidPrincipalId", f"The Principal ID '{principal}' is not valid. Principal ID must be a GUID."
        )
    if properties.get("condition"):
        raise AzureError(
            501,
            "NotImplementedByLocalAzure",
            "The local Azure does not evaluate conditions of role assignments, so it takes no assignment with one.",
        )
    scope = making.target.scope or "/"
    _check_definition(making, str(properties["roleDefinitionId"]), scope)
    kind = properties.get("principalType")
    if kind is not None and kind not in _PRINCIPAL_TYPES:
        raise bad_request("BadRequestFormat", f"The principalType '{kind}' is invalid: {', '.join(_PRINCIPAL_TYPES)}.")
    known = _kind_of(making, principal)
    if kind is None and known is None:
        raise bad_request(
            "PrincipalNotFound",
            f"Principal {principal.replace('-', '')} does not exist in the directory {world.tenant_id}. Check that you "
            "have the correct principal ID. If you are creating this principal and then immediately assigning a role, "
            "this error might be related to a replication delay. In this case, set the role assignment principalType "
            "property to a value, such as ServicePrincipal, User, or Group.",
        )
    if kind is not None and known not in {None, kind}:
        raise bad_request(
            "UnmatchedPrincipalType",
            f"The PrincipalId '{principal.replace('-', '')}' has type '{known}', which is different from specified "
            f"PrincipalType '{kind}'.",
        )
    if making.old is None:
        _check_duplicate(making, principal, scope)
    elif any(
        str(making.old_properties[field]).lower() != str(properties[field]).lower()
        for field in ("principalId", "roleDefinitionId")
    ):
        raise bad_request(
            "RoleAssignmentUpdateNotPermitted",
            "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.",
        )
    properties["principalType"] = kind or known
    properties["scope"] = scope
    _sign(making)


def _check_definition(making: Making, definition_id: str, scope: str) -> None:
    name = definition_id.rstrip("/").rsplit("/", 1)[-1].lower()
    if any(role.id == name for role in BUILT_IN):
        return
    custom = making.world.resources.of_type(DEFINITIONS)
    own = next((role for role in custom if role["name"].lower() == name), None)
    if own is None:
        raise AzureError(
            404,
            "RoleDefinitionDoesNotExist",
            f"The specified role definition with ID '{name.replace('-', '')}' does not exist.",
        )
    at = key(scope).rstrip("/") + "/"
    if not any(at.startswith(key(place).rstrip("/") + "/") for place in own["properties"]["assignableScopes"]):
        raise bad_request(
            "RoleAssignmentScopeNotAssignableToRoleDefinition",
            f"The role definition '{own['properties']['roleName']}' is not assignable at the scope '{scope}': "
            f"its assignableScopes are {', '.join(own['properties']['assignableScopes'])}.",
        )


def _check_duplicate(making: Making, principal: str, scope: str) -> None:
    definition = str(making.properties["roleDefinitionId"]).rsplit("/", 1)[-1].lower()
    for other in making.world.resources.of_type(ASSIGNMENTS):
        theirs = other["properties"]
        if (
            theirs["principalId"].lower() == principal.lower()
            and theirs["roleDefinitionId"].rsplit("/", 1)[-1].lower() == definition
            and key(theirs["scope"]) == key(scope)
        ):
            raise AzureError(
                409,
                "RoleAssignmentExists",
                "The role assignment already exists. The ID of the existing role assignment is "
                f"{other['name'].replace('-', '')}.",
            )


def _kind_of(making: Making, principal: str) -> str | None:
    """What the directory knows the principal as, or that it is an identity of a resource; None for a stranger."""
    world, wanted = making.world, principal.lower()
    known = world.principal_type(principal)
    if known is not None:
        return known
    subscription = f"/subscriptions/{world.subscription_id}"
    of_resource = any(
        wanted in {str(said.get("principalId", "")).lower() for said in (child(r, "identity"), r["properties"])}
        for r in world.resources.under(subscription)
        if r["type"] != ASSIGNMENTS
    )
    return "ServicePrincipal" if of_resource else None


def _make_definition(making: Making) -> None:
    name, properties = making.resource["name"], making.properties
    _check_permissions(properties["permissions"])
    if not is_guid(name):
        raise bad_request(
            "InvalidRoleDefinitionId", f"The role definition ID '{name}' is not valid. It must be a GUID."
        )
    if any(role.id == name.lower() for role in BUILT_IN):
        raise AzureError(403, "RoleDefinitionUpdateNotPermitted", "Built-in roles cannot be changed.")
    others = [r["properties"]["roleName"] for r in making.world.resources.of_type(DEFINITIONS) if r["name"] != name]
    if properties["roleName"].lower() in {other.lower() for other in [*others, *(role.name for role in BUILT_IN)]}:
        raise AzureError(
            409,
            "RoleDefinitionWithSameNameExists",
            "A custom role with the same name already exists in this directory. Use a different name.",
        )
    properties["type"] = "CustomRole"
    scopes = properties.setdefault("assignableScopes", [making.target.scope or "/"])
    if not _is_texts(scopes) or not scopes or not all(text.startswith("/") for text in scopes):
        raise bad_request("InvalidRequestContent", "'assignableScopes' must be a list of scopes, at least one.")
    _sign(making)


def _check_permissions(permissions: object) -> None:
    """What is kept is evaluated at each request, so it must be readable."""
    if not isinstance(permissions, list) or not all(isinstance(p, dict) for p in permissions):  # pyright: ignore[reportUnknownVariableType] JSON
        raise bad_request("InvalidRequestContent", "'permissions' must be a list of objects.")
    known: list[dict[str, object]] = permissions  # pyright: ignore[reportUnknownVariableType] checked above
    for name in ("actions", "notActions", "dataActions", "notDataActions"):
        if not all(permission.get(name) is None or _is_texts(permission[name]) for permission in known):
            raise bad_request("InvalidRequestContent", f"'{name}' must be a list of texts.")
    if any(permission.get("condition") for permission in known):
        raise AzureError(
            501,
            "NotImplementedByLocalAzure",
            "The local Azure does not evaluate conditions of role definitions, so it takes no permission with one.",
        )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)  # pyright: ignore[reportUnknownVariableType] JSON


def _sign(making: Making) -> None:
    """Who wrote it and when: here these stand among the properties, and there is no systemData."""
    old, system = making.old_properties, making.resource.pop("systemData")
    signed = {
        "createdOn": old.get("createdOn") or making.now,
        "updatedOn": making.now,
        "createdBy": old.get("createdBy") or system["lastModifiedBy"],
        "updatedBy": system["lastModifiedBy"],
    }
    making.properties.update(signed)


def _check_unassigned(world: World, definition: Resource, _query: Mapping[str, str]) -> None:
    name = definition["name"].lower()
    assigned = (a["properties"]["roleDefinitionId"].lower() for a in world.resources.of_type(ASSIGNMENTS))
    if any(role_id.rsplit("/", 1)[-1] == name for role_id in assigned):
        raise bad_request(
            "RoleDefinitionHasAssignments",
            f"There are existing role assignments referencing the role '{definition['id']}'. Delete these first.",
        )


ACCESS_TYPES: tuple[ResourceType, ...] = (
    ResourceType(
        name=LOCKS,
        api_version="2020-05-01",
        create=CreateStyle.CREATED,
        name_rule=r"[^<>%&:\\?/]{1,260}",
        extension=True,
        required=("properties.level",),
        texts=("properties.level",),
        make=_make_lock,
        has_state=False,
    ),
    ResourceType(
        name=ASSIGNMENTS,
        api_version="2022-04-01",
        create=CreateStyle.CREATED,
        extension=True,
        required=("properties.principalId", "properties.roleDefinitionId"),
        texts=("properties.principalId", "properties.roleDefinitionId", "properties.principalType"),
        make=_make_assignment,
        has_state=False,
    ),
    ResourceType(
        name=DEFINITIONS,
        api_version="2022-05-01-preview",
        create=CreateStyle.CREATED,
        extension=True,
        required=("properties.roleName", "properties.permissions"),
        texts=("properties.roleName",),
        make=_make_definition,
        deletable=_check_unassigned,
        updates_created=True,
        has_state=False,
    ),
)
