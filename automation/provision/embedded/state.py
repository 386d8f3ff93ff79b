"""A stack's state: Pulumi's deployment JSON, version 3, in one file.

Owns: the form of resources in state, secrets in it, and writing it so that nothing acknowledged is ever lost.
Leaves: what becomes of resources to the engine.

`pulumi stack import` takes the file as it is, and what `pulumi stack export` writes can be put in its place.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from automation.errors import ConfigError, LabError
from automation.provision.embedded.crypter import Passphrase
from automation.provision.values import RESOURCE_SIG, SECRET_SIG, SIG_KEY, Properties, Secret, Unknown
from automation.whole_file import write_whole

__all__ = ["Resource", "Snapshot", "dump", "parse", "timestamp", "write_file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource in state. `delete` marks what was replaced and still waits for its delete."""

    urn: str
    type: str
    custom: bool
    id: str = ""
    inputs: Properties = field(default_factory=dict[str, Any], repr=False)
    outputs: Properties = field(default_factory=dict[str, Any], repr=False)
    parent: str = ""
    dependencies: tuple[str, ...] = ()
    property_dependencies: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    provider: str = ""
    protect: bool = False
    retain_on_delete: bool = False
    deleted_with: str = ""
    delete: bool = False
    pending_replacement: bool = False
    external: bool = False
    timeouts: Mapping[str, float] = field(default_factory=dict[str, float])
    init_errors: tuple[str, ...] = ()
    ignore_changes: tuple[str, ...] = ()
    replace_on_changes: tuple[str, ...] = ()
    additional_secret_outputs: tuple[str, ...] = ()
    created: str = ""
    modified: str = ""
    other: Mapping[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """Fields of Pulumi's that we carry and do not read."""

    @property
    def needs(self) -> set[str]:
        """URNs that must exist as long as this resource does."""
        urns = {*self.dependencies, self.parent, self.deleted_with, self.provider_urn}
        urns.update(urn for listed in self.property_dependencies.values() for urn in listed)
        return urns - {""}

    def renamed(self, names: Mapping[str, str]) -> "Resource":
        """The same, with new names for the resources that it needs."""

        def now(urns: Iterable[str]) -> tuple[str, ...]:
            return tuple(names.get(urn, urn) for urn in urns)

        return replace(
            self,
            parent=names.get(self.parent, self.parent),
            deleted_with=names.get(self.deleted_with, self.deleted_with),
            dependencies=now(self.dependencies),
            property_dependencies={name: now(urns) for name, urns in self.property_dependencies.items()},
        )

    @property
    def provider_urn(self) -> str:
        return self.provider.rpartition("::")[0]

    @property
    def is_provider(self) -> bool:
        return self.type.startswith("pulumi:providers:")

    @property
    def is_real(self) -> bool:
        """Whether a service holds it and we made it: no component, no provider, not merely read."""
        return self.custom and not self.is_provider and not self.external


@dataclass(slots=True, kw_only=True)
class Snapshot:
    """All of a stack's resources, and creations that were begun and whose end is not known."""

    resources: list[Resource] = field(default_factory=list[Resource])
    pending: list[Resource] = field(default_factory=list[Resource])


_PLAIN = {  # field: JSON name, for fields that stand in the JSON as they are, when they are not empty
    "id": "id",
    "parent": "parent",
    "provider": "provider",
    "protect": "protect",
    "retain_on_delete": "retainOnDelete",
    "deleted_with": "deletedWith",
    "delete": "delete",
    "pending_replacement": "pendingReplacement",
    "external": "external",
    "timeouts": "customTimeouts",
    "created": "created",
    "modified": "modified",
}
_LISTS = {
    "dependencies": "dependencies",
    "init_errors": "initErrors",
    "ignore_changes": "ignoreChanges",
    "replace_on_changes": "replaceOnChanges",
    "additional_secret_outputs": "additionalSecretOutputs",
}
_READ = {*_PLAIN.values(), *_LISTS.values(), "urn", "type", "custom", "inputs", "outputs", "propertyDependencies"}
_OUTDATED = {"aliases"}  # earlier versions wrote what a program calls former names; Pulumi does not


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def dump(snapshot: Snapshot, crypter: Passphrase, *, now: datetime, version: str) -> dict[str, Any]:
    """The deployment JSON. References to what is not there any more are left out, as Pulumi checks them."""
    known = {item.urn for item in snapshot.resources}
    deployment: dict[str, Any] = {
        "manifest": {
            "time": timestamp(now),
            "magic": hashlib.sha256(version.encode()).hexdigest(),
            "version": version,
        },
        "secrets_providers": {"type": "passphrase", "state": {"salt": crypter.stored_state or crypter.state}},
        "metadata": {},
    }
    if snapshot.resources:
        deployment["resources"] = [_dump_resource(item, crypter, known) for item in snapshot.resources]
    if snapshot.pending:
        deployment["pending_operations"] = [
            {"resource": _dump_resource(item, crypter, known), "type": "creating"} for item in snapshot.pending
        ]
    return {"version": 3, "deployment": deployment}


def _dump_resource(item: Resource, crypter: Passphrase, known: set[str]) -> dict[str, Any]:
    result: dict[str, Any] = {**item.other, "urn": item.urn, "custom": item.custom, "type": item.type}
    result.update({key: value for name, key in _PLAIN.items() if (value := getattr(item, name))})
    result.update({key: list(value) for name, key in _LISTS.items() if (value := getattr(item, name))})
    for key in ("inputs", "outputs"):
        properties: Properties = getattr(item, key)
        if properties:
            result[key] = _seal(properties, crypter, item.urn)
    if item.dependencies:
        result["dependencies"] = [urn for urn in item.dependencies if urn in known]
    if item.property_dependencies:
        result["propertyDependencies"] = {
            name: [urn for urn in urns if urn in known] for name, urns in item.property_dependencies.items()
        }
    if item.deleted_with and item.deleted_with not in known:
        del result["deletedWith"]
    return result


def _seal(value: Any, crypter: Passphrase, place: str) -> Any:
    """JSON of a value: secrets encrypted, unknown parts left out."""
    match value:
        case Secret():
            text = json.dumps(_seal(value.value, crypter, place), sort_keys=True, separators=(",", ":"))
            return {SIG_KEY: SECRET_SIG, "ciphertext": crypter.encrypt(text, place=place)}
        case dict():
            items = cast("Properties", value).items()
            return {key: _seal(item, crypter, place) for key, item in items if not isinstance(item, Unknown)}
        case list():
            items = cast("list[Any]", value)
            return [_seal(item, crypter, place) for item in items if not isinstance(item, Unknown)]
        case Unknown():
            return None
        case _:
            return value


def parse(document: object, crypter: Passphrase, *, source: str) -> Snapshot:
    """The snapshot of a deployment JSON. Raises ConfigError when it is none."""
    try:
        whole = cast("dict[str, Any]", document)
        if whole["version"] != 3:
            raise ConfigError(f"{source} has version {whole['version']} of Pulumi's state, this program reads 3")
        deployment = cast("dict[str, Any]", whole["deployment"])
        found = [_parse_resource(item, crypter) for item in deployment.get("resources") or ()]
        begun = [
            _parse_resource(item["resource"], crypter)
            for item in deployment.get("pending_operations") or ()
            if item.get("type") == "creating"
        ]
    except (KeyError, TypeError, AttributeError) as exc:
        raise ConfigError(f"{source} is no state of Pulumi ({exc})", hint="restore it from a copy") from exc
    return Snapshot(resources=found, pending=begun)


def _parse_resource(found: Mapping[str, Any], crypter: Passphrase) -> Resource:
    urn = str(found["urn"])
    values: dict[str, Any] = {name: found[key] for name, key in _PLAIN.items() if found.get(key)}
    values.update({name: tuple(found[key]) for name, key in _LISTS.items() if found.get(key)})
    for key in ("inputs", "outputs"):
        values[key] = _open(found.get(key) or {}, crypter, urn)
    dependencies = cast("Mapping[str, Iterable[str] | None]", found.get("propertyDependencies") or {})
    values["property_dependencies"] = {name: tuple(urns or ()) for name, urns in dependencies.items()}
    values["other"] = {key: value for key, value in found.items() if key not in _READ | _OUTDATED}
    return Resource(urn=urn, type=str(found["type"]), custom=bool(found["custom"]), **values)


def _open(value: Any, crypter: Passphrase, place: str) -> Any:
    if isinstance(value, list):
        return [_open(item, crypter, place) for item in cast("list[Any]", value)]
    if not isinstance(value, dict):
        return value
    found = cast("dict[str, Any]", value)
    if found.get(SIG_KEY) == SECRET_SIG:
        text = found.get("plaintext") or crypter.decrypt(str(found.get("ciphertext")), place=place)
        return Secret(_open(json.loads(text), crypter, place))
    if found.get(SIG_KEY) == RESOURCE_SIG:
        return found
    return {key: _open(item, crypter, place) for key, item in found.items()}


def write_file(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file in one step: after a crash it is the old one or the new one, on disk."""
    import msgspec

    data = msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=4)  # a run writes it often
    try:
        write_whole(path, data)
    except OSError as exc:
        raise LabError(
            f"the state {path} cannot be written: {exc.strerror or exc}",
            hint="make room or fix the permissions, then repeat the command; it continues where this one stopped",
        ) from exc
