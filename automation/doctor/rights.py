"""Checks of what we may do: write what the lab asks for, assign roles, and purge it all again.

Owns: which actions the lab's resources need, and reading roles as Azure does: wildcards, and what a role takes away.
Leaves: deny assignments and conditions, of which the list of permissions says nothing.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from automation.doctor.service import Service
from automation.doctor.types import Finding, failure, fine, warning

__all__ = ["allows", "check_purge_rights", "check_rights"]

GROUPS = "Microsoft.Resources/resourceGroups"
GROUP_WRITE = "Microsoft.Resources/subscriptions/resourceGroups/write"
ASSIGN = "Microsoft.Authorization/roleAssignments/write"
MOST_SHOWN = 4

# Purging happens at the subscription, whatever one may do in the group: each service's page on recovery says so.
PURGES: Mapping[str, str] = {
    "Microsoft.CognitiveServices/accounts": (
        "Microsoft.CognitiveServices/locations/resourceGroups/deletedAccounts/delete"
    ),
    "Microsoft.KeyVault/vaults": "Microsoft.KeyVault/locations/deletedVaults/purge/action",
}
PURGE_ROLES: Mapping[str, str] = {
    "Microsoft.CognitiveServices/accounts": "Cognitive Services Contributor",
    "Microsoft.KeyVault/vaults": "Key Vault Contributor",
}


def allows(permissions: Iterable[Mapping[str, Any]], action: str) -> bool:
    """Whether one of these roles allows an action; what a role takes away it takes from itself only."""
    return any(
        _matches(role.get("actions"), action) and not _matches(role.get("notActions"), action) for role in permissions
    )


def check_rights(service: Service) -> Finding:
    """That everything the lab asks for may be made here, role assignments too."""
    group = service.group()
    there = group is not None and group[1] is not None
    scope = group[0].id if group is not None and there and group[0].id else service.scope
    needed = sorted({f"{one.type}/write" for one in service.asked() if one.type != GROUPS})
    if not there:
        needed.append(GROUP_WRITE)
    permissions = service.permissions(scope)
    lacking = [action for action in needed if not allows(permissions, action)]
    where = f"the group {scope.rpartition('/')[2]}" if there else "the subscription"
    if not lacking:
        return fine(f"all {len(needed)} kinds of writes are allowed on {where}, role assignments among them")
    if lacking == [ASSIGN]:
        return failure(
            f"roles may not be assigned on {where} ({ASSIGN}), and the lab gives its people and services roles",
            f"ask an owner for User Access Administrator on {where}",
        )
    roles = "Contributor and User Access Administrator" if ASSIGN in lacking else "Contributor"
    return failure(f"not allowed on {where}: {_some(lacking)}", f"ask an owner for {roles} on {where}")


def check_purge_rights(service: Service) -> Finding:
    """That `lab down` will be able to purge: a role on the group is not enough for it."""
    kinds = [kind for kind in PURGES if any(one.type == kind for one in service.asked())]
    if not kinds:
        return fine("the lab has nothing that stays behind when it is deleted")
    permissions = service.permissions(service.scope)
    lacking = [kind for kind in kinds if not allows(permissions, PURGES[kind])]
    if not lacking:
        return fine("what is deleted may be purged too, at the subscription")
    actions, roles = [PURGES[kind] for kind in lacking], [PURGE_ROLES[kind] for kind in lacking]
    return warning(
        f"deleted is not gone: purging is not allowed at the subscription ({_some(actions)})",
        f"ask an owner for {' and '.join(roles)} on the subscription; without it names and free accounts stay taken"
        " for up to 48 hours, vaults for up to 90 days",
    )


def _matches(patterns: object, action: str) -> bool:
    if not isinstance(patterns, Sequence) or isinstance(patterns, str):
        return False
    return any(_fits(str(pattern), action) for pattern in patterns)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] JSON


def _fits(pattern: str, action: str) -> bool:
    # Between two slashes a star may stand for nothing: ".../computes/*/write" is also ".../computes/write".
    expression = re.escape(pattern).replace(r"/\*/", "/(?:.*/)?").replace(r"\*", ".*")
    return re.fullmatch(expression, action, re.IGNORECASE) is not None


def _some(names: Sequence[str]) -> str:
    more = len(names) - MOST_SHOWN
    return ", ".join(names[:MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")
