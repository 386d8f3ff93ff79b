"""Access policies of a vault, changed one principal at a time: vaults/{name}/accessPolicies/{add|replace|remove}.

Owns: these three operations. Leaves: what a policy may hold to `table_vaults.py`, its effect to `vaults.py`.
"""

from typing import Any

from localazure.arm import locks
from localazure.arm.admission import not_found
from localazure.arm.answers import Answer, ArmRequest
from localazure.arm.checks import bad_request, child
from localazure.arm.ids import parse
from localazure.arm.table_vaults import check_policies
from localazure.arm.types import World

__all__ = ["change_policies"]


def change_policies(world: World, request: ArmRequest, how: str) -> Answer:
    """`add` merges permissions, `replace` sets those of the named principals, `remove` takes permissions away."""
    how = how.lower()
    if how not in {"add", "replace", "remove"}:
        raise bad_request("BadRequest", f"The operation kind '{how}' is invalid: add, replace or remove.")
    vault_id = request.target.id.rsplit("/", 2)[0]
    given = check_policies(child(request.body, "properties").get("accessPolicies"))
    with world.store.transaction():
        vault = world.resources.get(vault_id)
        if vault is None:
            raise not_found(parse(vault_id))
        locks.check_write(world.resources, vault_id)
        vault["properties"]["accessPolicies"] = _changed(vault["properties"]["accessPolicies"], given, how)
        world.resources.put(vault)
    return Answer(
        body={
            "id": f"{vault['id']}/accessPolicies/",
            "type": "Microsoft.KeyVault/vaults/accessPolicies",
            "location": vault["location"],
            "properties": {"accessPolicies": vault["properties"]["accessPolicies"]},
        }
    )


def _changed(kept: list[dict[str, Any]], given: list[dict[str, Any]], how: str) -> list[dict[str, Any]]:
    policies = {_who(policy): policy for policy in kept}
    for policy in given:
        who = _who(policy)
        if how == "replace" or (how == "add" and who not in policies):
            policies[who] = policy
        elif who in policies:
            old = policies[who]
            policies[who] = {**old, "permissions": _permissions(old, policy, add=how == "add")}
    return [policy for policy in policies.values() if how != "remove" or any(child(policy, "permissions").values())]


def _permissions(old: dict[str, Any], given: dict[str, Any], *, add: bool) -> dict[str, list[str]]:
    """The permissions of one policy with those of another added, or taken away."""
    have, change = _named(old), _named(given)
    result: dict[str, list[str]] = {}
    for kind in [*have, *(kind for kind in change if kind not in have)]:
        kept, named = have.get(kind, []), change.get(kind, [])
        if add:
            known = {name.lower() for name in kept}
            result[kind] = [*kept, *(name for name in named if name.lower() not in known)]
        else:
            away = {name.lower() for name in named}
            result[kind] = [name for name in kept if name.lower() not in away]
    return {kind: names for kind, names in result.items() if names}


def _named(policy: dict[str, Any]) -> dict[str, list[str]]:
    """The permissions of a policy that `check_policies` let pass."""
    permissions: dict[str, list[str] | None] = child(policy, "permissions")
    return {kind: list(names or []) for kind, names in permissions.items()}


def _who(policy: dict[str, Any]) -> tuple[str, str]:
    return str(policy["objectId"]).lower(), str(policy.get("applicationId") or "").lower()
