"""What a program asks for, as plain values: the requests of Pulumi's resource monitor, parsed once.

Owns: reading RegisterResource requests and refusing what this engine does not do.
Leaves: serving them to `monitor.py`, fulfilling them to `engine.py`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from pulumi.runtime.proto import alias_pb2, resource_pb2

from automation.errors import ConfigError
from automation.provision.embedded.urns import Alias
from automation.provision.values import Properties, from_struct

__all__ = ["Goal", "Outcome", "Registered", "parse_goal", "seconds"]


class Outcome(Enum):
    DONE = auto()
    FAILED = auto()
    SKIPPED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A resource as the program wants it."""

    type: str
    name: str
    custom: bool
    parent: str = ""
    inputs: Properties = field(default_factory=dict[str, Any], repr=False)
    provider: str = ""
    version: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    delete_before_replace: bool | None = None
    additional_secret_outputs: tuple[str, ...] = ()
    timeouts: Mapping[str, float] = field(default_factory=dict[str, float])
    aliases: tuple[Alias, ...] = ()

    @property
    def needs(self) -> set[str]:
        urns = {*self.dependencies, self.parent, self.deleted_with, self.provider.rpartition("::")[0]}
        urns.update(urn for listed in self.property_dependencies.values() for urn in listed)
        return urns - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """The answer to a program: what it gets for its goal."""

    urn: str
    id: str = ""
    outputs: Properties = field(default_factory=dict[str, Any], repr=False)
    outcome: Outcome = Outcome.DONE


_UNITS_S = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)(h|ms|m|s)")
_REFUSED = {
    "transforms": "transforms",
    "state_migrations": "state migrations",
    "importId": "import_",
    "replace_with": "replace_with",
    "remote": "components of other languages",
    "packageRef": "parameterized packages",
}


def parse_goal(request: resource_pb2.RegisterResourceRequest) -> Goal:
    """The goal of a request. Raises ConfigError for options that this engine does not have."""
    unsupported = [text for name, text in _REFUSED.items() if getattr(request, name)]
    if request.HasField("replacement_trigger"):
        unsupported.append("replacement_trigger")
    if request.HasField("hooks") and request.hooks.ListFields():
        unsupported.append("resource hooks")
    if unsupported:
        raise ConfigError(
            f"resource {request.name} uses {', '.join(unsupported)}, which the embedded engine does not have",
            hint="do without, or run the stack with Pulumi's own CLI",
        )
    return Goal(
        type=request.type,
        name=request.name,
        custom=request.custom,
        parent=request.parent,
        inputs=from_struct(request.object),
        provider=request.provider,
        version=request.version,
        dependencies=tuple(sorted(set(request.dependencies))),
        property_dependencies={
            name: tuple(sorted(set(listed.urns))) for name, listed in sorted(request.propertyDependencies.items())
        },
        protect=request.protect,
        retain_on_delete=request.retainOnDelete,
        deleted_with=request.deletedWith,
        ignore_changes=tuple(request.ignoreChanges),
        replace_on_changes=tuple(request.replaceOnChanges),
        delete_before_replace=request.deleteBeforeReplace if request.deleteBeforeReplaceDefined else None,
        additional_secret_outputs=tuple(sorted(request.additionalSecretOutputs)),
        timeouts=_timeouts(request),
        aliases=tuple(_alias(alias) for alias in _aliases(request)),
    )


def _timeouts(request: resource_pb2.RegisterResourceRequest) -> dict[str, float]:
    """Seconds by operation, where the program says how long one may take."""
    said = {name: getattr(request.customTimeouts, name) for name in ("create", "update", "delete")}
    return {name: seconds(text) for name, text in said.items() if text}


def seconds(duration: str) -> float:
    """Seconds of a duration as Go writes it, "1h30m". Raises ConfigError."""
    parts = _DURATION_PART.findall(duration)
    if not parts or "".join(number + unit for number, unit in parts) != duration:
        raise ConfigError(f"{duration!r} is no duration", hint='write it like "90s", "20m" or "1h30m"')
    return sum(float(number) * _UNITS_S[unit] for number, unit in parts)


def _aliases(request: Any) -> Iterable[alias_pb2.Alias]:
    return request.aliases  # the stubs do not know the type of this field


def _alias(found: alias_pb2.Alias) -> Alias:
    if found.urn:
        return Alias(urn=found.urn)
    spec = found.spec
    parent = "" if spec.noParent else spec.parentUrn or None
    return Alias(name=spec.name, type=spec.type, stack=spec.stack, project=spec.project, parent=parent)
