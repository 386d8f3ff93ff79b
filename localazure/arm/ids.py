"""Resource ids: parsed once, compared without case, shown with the casing that was given.

Owns: the grammar of ARM paths. Pure.
"""

import re
from dataclasses import dataclass

__all__ = ["Target", "canonical", "key", "parse"]

_WORDS = {
    word.lower(): word
    for word in ("subscriptions", "resourceGroups", "providers", "blobServices", "storageAccounts", "labelingJobs")
}
_NAMESPACE = re.compile(r"/providers/microsoft\.(\w+)(?=/|$)", re.IGNORECASE)
_NAMESPACES = {
    name.lower(): name
    for name in (
        "Authorization", "CognitiveServices", "Consumption", "ContainerRegistry", "CostManagement", "Insights",
        "KeyVault", "MachineLearningServices", "ManagedIdentity", "OperationalInsights", "Resources", "Storage",
    )
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a path names. `name` is None for a collection, `type` is None outside of providers."""

    id: str
    subscription: str | None
    group: str | None
    scope: str
    namespace: str | None
    type: str | None
    name: str | None

    @property
    def key(self) -> str:
        return self.id.lower()

    @property
    def parent(self) -> str:
        """The id one level up: the parent resource of a child type, the scope of a top-level one."""
        if self.type is not None and self.type.count("/") > 1:
            return self.id.rsplit("/", 1 if self.name is None else 2)[0]
        return self.scope

    @property
    def group_id(self) -> str | None:
        return f"/subscriptions/{self.subscription}/resourceGroups/{self.group}" if self.group else None


def key(resource_id: str) -> str:
    """What ids are compared by."""
    return "/" + resource_id.strip("/").lower()


def canonical(path: str) -> str:
    """The path with Azure's casing of its fixed words; names keep theirs."""
    path = "/" + "/".join(part for part in path.split("/") if part)
    parts = path.split("/")
    if len(parts) > 1 and parts[1].lower() == "subscriptions":
        parts[1] = "subscriptions"
        if len(parts) > 3 and parts[3].lower() == "resourcegroups":
            parts[3] = "resourceGroups"
    path = "/".join("providers" if part.lower() == "providers" else part for part in parts)
    return _NAMESPACE.sub(lambda m: f"/providers/Microsoft.{_NAMESPACES.get(m[1].lower(), m[1])}", path)


def parse(path: str) -> Target:
    """Read a path. The last `/providers/` decides the type, so extension resources work at any scope."""
    path = canonical(path)
    parts = path.strip("/").split("/")
    subscription = parts[1] if parts[0] == "subscriptions" and len(parts) > 1 else None
    group = parts[3] if subscription and len(parts) > 3 and parts[2] == "resourceGroups" else None
    namespace = type_name = name = None
    scope = path
    if "providers" in parts:
        at = len(parts) - 1 - parts[::-1].index("providers")
        rest = parts[at + 1 :]
        scope = "/" + "/".join(parts[:at]) if at else ""
        if rest:
            namespace = rest[0]
            type_name = "/".join([namespace, *rest[1::2]]) if len(rest) > 1 else None
            name = rest[-1] if len(rest) % 2 == 1 and len(rest) > 1 else None
    return Target(
        id=path, subscription=subscription, group=group, scope=scope, namespace=namespace, type=type_name, name=name
    )
