"""The door to key vaults for the vault service: by name, with who may do what by access policies.

Owns: what that service may know of a vault. Leaves: the vaults themselves to the type table.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address, ip_network
from typing import Any

from localazure.arm.checks import at_path
from localazure.arm.ids import key
from localazure.arm.resources import Resource, Resources
from localazure.arm.table_vaults import VAULT

__all__ = ["KeyVault", "KeyVaults"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyVault:
    """A live vault. `policies` are the permissions on secrets by object id, in lower case."""

    id: str
    name: str
    uri: str
    location: str
    retention_days: int
    purge_protected: bool
    rbac: bool
    public: bool
    networks: tuple[str, ...] | None
    policies: Mapping[str, frozenset[str]] = field(repr=False)

    def reachable_from(self, address: str) -> bool:
        """Whether the vault's firewall lets an address in; `networks` None is no firewall."""
        if self.networks is None:
            return True
        try:
            return any(ip_address(address) in ip_network(network, strict=False) for network in self.networks)
        except ValueError:
            return False

    def permits(self, object_ids: Iterable[str], permission: str) -> bool:
        """Whether an access policy gives the permission to one of these: a principal and its groups."""
        granted = [self.policies.get(object_id.lower(), frozenset[str]()) for object_id in object_ids]
        return any(permission in names or "all" in names for names in granted)


class KeyVaults:
    """Live vaults; a deleted one cannot be reached."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    def by_id(self, vault_id: str) -> KeyVault | None:
        vault = self.by_name(vault_id.rstrip("/").rsplit("/", 1)[-1])
        return vault if vault is not None and key(vault.id) == key(vault_id) else None

    def by_name(self, name: str) -> KeyVault | None:
        for resource in self._resources.of_type(VAULT):
            ready = resource["properties"].get("provisioningState") == "Succeeded"
            if ready and resource["name"].lower() == name.lower():
                return _vault(resource)
        return None


def _vault(resource: Resource) -> KeyVault:
    properties: Mapping[str, Any] = resource["properties"]
    rules: list[Mapping[str, Any]] = at_path(properties, "networkAcls.ipRules") or []
    closed = at_path(properties, "networkAcls.defaultAction") == "Deny"
    policies: dict[str, frozenset[str]] = {}
    for policy in properties["accessPolicies"]:
        names: list[str] = at_path(policy, "permissions.secrets") or []
        granted = frozenset(name.lower() for name in names)
        policies[policy["objectId"].lower()] = policies.get(policy["objectId"].lower(), frozenset()) | granted
    return KeyVault(
        id=resource["id"],
        name=resource["name"],
        uri=properties["vaultUri"],
        location=resource["location"],
        retention_days=properties["softDeleteRetentionInDays"],
        purge_protected=bool(properties.get("enablePurgeProtection")),
        rbac=bool(properties.get("enableRbacAuthorization")),
        public=properties.get("publicNetworkAccess") != "Disabled",
        networks=tuple(str(rule.get("value")) for rule in rules) if closed else None,
        policies=policies,
    )
