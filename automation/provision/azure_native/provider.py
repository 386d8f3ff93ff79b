"""The azure-native provider in Python: what checking, creating, reading, updating and deleting a resource mean.

Owns: the order of calls for each operation, names and defaults, and saying what a failed create left behind.
Leaves: names and paths to `types.py`, shapes to `wire.py`, gRPC to `servicer.py`, what to do next to the engine.

Values are plain Python: no secrets, and `UNKNOWN` only where a preview passes it.
"""

import hashlib
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar, cast

from automation.clock import Clock, SystemClock
from automation.errors import Conflict, InvalidRequest, LabError
from automation.provision.azure_native import wire
from automation.provision.azure_native.diff import Difference, compare
from automation.provision.azure_native.invokes import run_invoke
from automation.provision.azure_native.types import TYPES, Kind, kind_of
from automation.provision.values import UNKNOWN, Properties, contains_unknown, reveal

__all__ = [
    "WORK_S",
    "ArmCalls",
    "AzureNative",
    "Checked",
    "Created",
    "HalfCreatedError",
    "Problem",
    "UnclearCreationError",
]

Answer = TypeVar("Answer")

PATIENCE_S: Final = 300.0
PAUSE_S: Final = 5.0
WORK_S: Final = 900.0
# The service will do it in a moment: a new principal is not yet everywhere, a parent is still busy.
LATER: Final = frozenset(
    {
        "PrincipalNotFound",
        "RequestConflict",
        "AnotherOperationInProgress",
        "AccountProvisioningStateInvalid",
        "OperationNotAllowedOnResourceInProvisioning",
    }
)


class ArmCalls(Protocol):
    """What the provider needs of `automation.azure.Arm`."""

    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None: ...

    def put(
        self, resource_id: str, body: Mapping[str, Any], *, api_version: str, deadline_s: float = WORK_S
    ) -> dict[str, Any]: ...

    def delete(
        self,
        resource_id: str,
        *,
        api_version: str,
        params: Mapping[str, str] | None = None,
        deadline_s: float = WORK_S,
    ) -> None: ...

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        api_version: str,
        deadline_s: float = WORK_S,
    ) -> dict[str, Any]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """An input that cannot be right."""

    property: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    inputs: Properties
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    id: str
    outputs: Properties = field(repr=False)


class HalfCreatedError(LabError):
    """The resource is there, but not as it should be: Azure took the request and then failed it."""

    def __init__(self, *, created: Created, cause: LabError) -> None:
        super().__init__(cause.message, hint=cause.hint)
        self.created = created


class UnclearCreationError(LabError):
    """Azure may or may not have made it: the request failed, and so did looking."""


class AzureNative:
    """Resources of one subscription, by azure-native's tokens."""

    def __init__(
        self,
        *,
        arm: ArmCalls,
        subscription_id: str,
        claims: Callable[[], Mapping[str, Any]],
        location: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._arm, self._subscription, self._claims = arm, subscription_id, claims
        self._location, self._clock = location, clock or SystemClock()
        self._lock = threading.Lock()
        self._new_groups: set[str] = set()
        self._asked: set[str] = set()

    def check(self, token: str, name: str, news: Properties, olds: Properties, *, seed: bytes) -> Checked:
        """Fill in what the program left out, and name what is missing.

        Args:
            token: The type, "azure-native:storage:StorageAccount".
            name: The logical name, from which a missing name is made.
            news: The program's inputs.
            olds: The checked inputs of last time; empty for a new resource.
            seed: Makes random names repeatable.
        """
        kind = kind_of(token)
        inputs = dict(news)
        own = kind.name_parameter
        if inputs.get(own) is None:
            inputs[own] = olds.get(own) or _made_name(kind, name, seed)
        if kind.located and inputs.get("location") is None:
            location = olds.get("location") or self._location or self._location_of_group(kind, inputs)
            if location is not None:
                inputs["location"] = location
        inputs["azureApiVersion"] = kind.api_version
        missing = [item for item in (*kind.parameters, *kind.required) if inputs.get(item) in (None, "")]
        problems = [Problem(property=item, reason="missing required property") for item in missing]
        return Checked(inputs=inputs, problems=tuple(problems))

    def diff(self, token: str, name: str, old_inputs: Properties, news: Properties) -> Difference:
        return compare(kind_of(token), name, old_inputs, news)

    def id_of(self, token: str, inputs: Properties) -> str:
        """The id that a resource with these inputs will have."""
        return wire.resource_id(kind_of(token), inputs, self._subscription)

    def require_absent(self, token: str, inputs: Properties) -> None:
        """Refuse to take over a resource that somebody else made. In a group that was not there nobody has any."""
        kind = kind_of(token)
        resource_id = wire.resource_id(kind, inputs, self._subscription)
        group, own = _group_of(resource_id), resource_id.lower()
        if kind.singleton:
            return
        with self._lock:
            unseen, known = group in self._new_groups, own in self._asked
            self._asked.add(own)
        if unseen and not known:
            return
        if self._arm.find(resource_id, api_version=kind.api_version) is not None:
            raise Conflict(
                f"cannot create already existing resource '{resource_id}'",
                operation="create",
                status=409,
                code="ResourceExists",
                hint="delete it, choose another name, or take it into the state with `pulumi import`",
            )
        if group == own:
            with self._lock:
                self._new_groups.add(group)

    def create(self, token: str, inputs: Properties, *, timeout_s: float = WORK_S) -> Created:
        """PUT the resource, which gives it as it is then; the service's own work may take `timeout_s`.

        azure-native reads it once more. The local Azure answers what it would read, and limits reads as Azure does.

        Raises:
            HalfCreatedError: It exists now, but its creation failed.
            UnclearCreationError: Nobody can tell.
            LabError: It does not exist.
        """
        kind = kind_of(token)
        request = wire.request_for(kind, inputs, self._subscription)
        try:
            answer = self._patiently(lambda: self._put(kind, request, timeout_s))
        except LabError as exc:
            left = self._left_by(exc, kind, request)
            if left is None:
                raise
            raise HalfCreatedError(created=self._created(kind, request.resource_id, left), cause=exc) from exc
        return self._created(kind, request.resource_id, answer)

    def find(self, token: str, resource_id: str) -> Created | None:
        """The resource as it is now, or None when it is gone."""
        kind = kind_of(token)
        answer = self._arm.find(resource_id, api_version=kind.api_version)
        return None if answer is None else self._created(kind, resource_id, answer)

    def find_begun(self, token: str, inputs: Properties) -> Created | None:
        """What an interrupted creation with these inputs left behind."""
        return self.find(token, self.id_of(token, reveal(inputs)))

    def drifted(self, token: str, inputs: Properties, before: Properties, now: Properties) -> Properties:
        """The inputs as they would read for what is there now; the path stays, for it is the identity."""
        kept = {name: inputs[name] for name in (*kind_of(token).parameters, "azureApiVersion") if name in inputs}
        return wire.drifted(inputs, before, now) | kept

    def update(self, token: str, inputs: Properties, *, timeout_s: float = WORK_S) -> Properties:
        """PUT the resource as the inputs say, as `create` does."""
        kind = kind_of(token)
        request = wire.request_for(kind, inputs, self._subscription)
        return wire.outputs_of(kind, self._patiently(lambda: self._put(kind, request, timeout_s)))

    def delete(self, token: str, resource_id: str, *, timeout_s: float = WORK_S) -> None:
        """Delete the resource and wait until it is gone; singletons go with their parents."""
        kind = kind_of(token)
        if not kind.singleton:
            self._patiently(lambda: self._arm.delete(resource_id, api_version=kind.api_version, deadline_s=timeout_s))

    def preview(self, token: str, inputs: Properties, outputs: Properties) -> Properties:
        """Outputs as far as they are known beforehand: the inputs, and what an update leaves as it is.

        Objects are unknown before they exist: the service adds to them, as a principal to an identity.
        """
        kind = kind_of(token)
        shown = {
            name: _foreseen(value, outputs.get(name)) if name != "tags" else value
            for name, value in inputs.items()
            if name not in kind.parameters
        }
        return {**outputs, **shown, "name": inputs.get(kind.name_parameter)}

    def invoke(self, token: str, arguments: Properties) -> Properties:
        return run_invoke(token, arguments, arm=self._arm, subscription_id=self._subscription, claims=self._claims)

    def _put(self, kind: Kind, request: wire.Request, timeout_s: float) -> dict[str, Any]:
        return self._arm.put(request.resource_id, request.body, api_version=kind.api_version, deadline_s=timeout_s)

    def _left_by(self, failure: LabError, kind: Kind, request: wire.Request) -> dict[str, Any] | None:
        """What a failed PUT left behind."""
        try:
            return self._arm.find(request.resource_id, api_version=kind.api_version)
        except LabError as exc:
            raise UnclearCreationError(failure.message, hint=failure.hint) from exc

    def _created(self, kind: Kind, resource_id: str, answer: Mapping[str, Any]) -> Created:
        return Created(id=str(answer.get("id") or resource_id), outputs=wire.outputs_of(kind, answer))

    def _location_of_group(self, kind: Kind, inputs: Properties) -> Any:
        group = inputs.get("resourceGroupName")
        if group is None or kind.name_parameter == "resourceGroupName":
            return None
        if contains_unknown(group):
            return UNKNOWN
        of_group = TYPES["resources:ResourceGroup"]
        group_id = wire.resource_id(of_group, {"resourceGroupName": group}, self._subscription)
        found = self._arm.find(group_id, api_version=of_group.api_version)
        return None if found is None else found.get("location")

    def _patiently(self, act: Callable[[], Answer]) -> Answer:
        """Do it, and do it again while the service says that it will be able to in a moment."""
        end = self._clock.monotonic() + PATIENCE_S
        while True:
            try:
                return act()
            except (Conflict, InvalidRequest) as exc:
                if exc.code not in LATER or self._clock.monotonic() + PAUSE_S > end:
                    raise
            self._clock.sleep(PAUSE_S)


def _group_of(resource_id: str) -> str:
    """The id of its resource group, or of the group itself, in lower case; "" for what is in none."""
    steps = resource_id.lower().split("/", 5)
    return "/".join(steps[:5]) if steps[3:4] == ["resourcegroups"] else ""


def _foreseen(value: Any, before: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if not isinstance(before, dict):
        return UNKNOWN
    was = cast("Properties", before)
    return {**was, **{name: _foreseen(item, was.get(name)) for name, item in cast("Properties", value).items()}}


def _made_name(kind: Kind, name: str, seed: bytes) -> str:
    digest = hashlib.sha256(seed + kind.path.encode()).digest()
    match kind.naming:
        case "random":
            return name + digest.hex()[:8]
        case "uuid":
            return str(uuid.UUID(bytes=digest[:16], version=4))
        case "copy":
            return name
        case "default":
            return "default"
