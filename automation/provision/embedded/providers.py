"""Providers as resources: the default one that nobody declares, and those that a program declares.

Owns: their records, ids and instances.
Leaves: their work to `azure_native`.
"""

import threading
import uuid
from collections.abc import Callable

from automation.errors import ConfigError
from automation.provision.azure_native.provider import AzureNative
from automation.provision.azure_native.types import PACKAGE, VERSION
from automation.provision.embedded.goals import Goal, Registered
from automation.provision.embedded.records import Records
from automation.provision.embedded.state import Resource
from automation.provision.values import Properties, reveal

__all__ = ["ProviderFactory", "Providers"]

ProviderFactory = Callable[[Properties], AzureNative]
HINT = "run the stack with Pulumi's own CLI"


class Providers:
    """The providers of one run."""

    def __init__(self, make: ProviderFactory, config: Properties, records: Records) -> None:
        self._make, self._config, self._records = make, config, records
        self._lock = threading.RLock()
        self._known: dict[str, tuple[str, AzureNative]] = {}

    def declare(self, goal: Goal) -> Registered:
        """Record a provider resource and make its instance. Raises ConfigError for another package's."""
        if goal.type != f"pulumi:providers:{PACKAGE}":
            raise ConfigError(f"the embedded engine has no {goal.type}, only {PACKAGE}", hint=HINT)
        urn, old = self._records.claim(goal)
        provider_id = old.id if old else str(uuid.uuid5(uuid.NAMESPACE_URL, urn))
        settings = {**({"version": goal.version} if goal.version else {}), **goal.inputs}
        resource = Resource(
            urn=urn,
            type=goal.type,
            custom=True,
            id=provider_id,
            inputs={**settings, "__internal": {}},  # Pulumi's own notes on a provider; it has none of this one
            outputs=settings,
            parent=goal.parent,
            dependencies=goal.dependencies,
            property_dependencies=goal.property_dependencies,
        )
        self._records.keep(resource, old)
        with self._lock:
            self._known[urn] = (f"{urn}::{provider_id}", self._make(reveal(settings)))
        return Registered(urn=urn, id=provider_id, outputs=settings)

    def builtin(self) -> str:
        """The reference of the engine's own provider, which reads other stacks."""
        goal = Goal(type="pulumi:providers:pulumi", name="default", custom=True)
        urn = self._records.urn_of(goal)
        with self._lock:
            if not self._records.knows(urn):
                _, old = self._records.claim(goal)
                resource_id = old.id if old else str(uuid.uuid5(uuid.NAMESPACE_URL, urn))
                self._records.keep(Resource(urn=urn, type=goal.type, custom=True, id=resource_id), old)
        return f"{urn}::{self._records.current(urn).id}"

    def of(self, token: str, *, reference: str, version: str) -> tuple[str, AzureNative]:
        """The provider that a resource or function uses, and its reference for the state.

        Args:
            token: The type or function.
            reference: "urn::id" of a declared provider; empty means the default one.
            version: That the SDK asks for; it is part of the default provider's name.
        """
        package = token.partition(":")[0]
        if package != PACKAGE:
            raise ConfigError(f"the embedded engine has no provider for {token}, only {PACKAGE}", hint=HINT)
        with self._lock:
            if reference:
                return self._known[reference.rpartition("::")[0]]
            version = version or VERSION
            default = Goal(
                type=f"pulumi:providers:{package}",
                name=f"default_{version.replace('.', '_')}",
                custom=True,
                version=version,
                inputs=self._config,
            )
            urn = self._records.urn_of(default)
            if urn not in self._known:
                self.declare(default)
            return self._known[urn]

    def of_resource(self, resource: Resource) -> AzureNative:
        """The provider that a recorded resource was made with."""
        with self._lock:
            known = self._known.get(resource.provider_urn)
        if known is not None:
            return known[1]
        old = self._records.find_old(resource.provider_urn)
        return self._make(reveal(old.inputs) if old else dict(self._config))
