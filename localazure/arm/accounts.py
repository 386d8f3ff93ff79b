"""The door to vision accounts for the vision service: by key, by subdomain.

Owns: finding an account and comparing keys in constant time. Leaves: the accounts themselves to the type table.
"""

import hmac
from dataclasses import dataclass

from localazure.arm.checks import child
from localazure.arm.keys import Keys
from localazure.arm.resources import Resource, Resources
from localazure.arm.table_cognitive import ACCOUNT

__all__ = ["VisionAccount", "VisionAccounts"]

_KINDS = ("ComputerVision", "CognitiveServices")


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionAccount:
    """What the vision service knows of an account."""

    id: str
    name: str
    subdomain: str
    principal_id: str | None
    location: str
    sku: str


class VisionAccounts:
    """Live accounts whose kind has the vision API."""

    def __init__(self, resources: Resources, keys: Keys) -> None:
        self._resources = resources
        self._keys = keys

    def by_key(self, key: str) -> VisionAccount | None:
        """The account of a key, unless the account has switched keys off."""
        given = key.encode()
        found: Resource | None = None
        for resource in self._live():
            for own in self._keys.get(resource["id"]):
                if own and hmac.compare_digest(own.encode(), given):
                    found = resource
        if found is None or found["properties"].get("disableLocalAuth"):
            return None
        return _account(found)

    def by_subdomain(self, subdomain: str) -> VisionAccount | None:
        for resource in self._live():
            if str(resource["properties"].get("customSubDomainName", "")).lower() == subdomain.lower():
                return _account(resource)
        return None

    def _live(self) -> list[Resource]:
        ready = ("Succeeded",)
        return [
            r for r in self._resources.of_type(ACCOUNT)
            if r["kind"] in _KINDS and r["properties"].get("provisioningState") in ready
        ]  # fmt: skip


def _account(resource: Resource) -> VisionAccount:
    return VisionAccount(
        id=resource["id"],
        name=resource["name"],
        subdomain=str(resource["properties"].get("customSubDomainName") or ""),
        principal_id=child(resource, "identity").get("principalId"),
        location=resource["location"],
        sku=resource["sku"]["name"],
    )
