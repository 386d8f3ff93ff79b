"""What an expression may look at: the deployment's place, its parameters and variables, the loops around it.

Owns: the values, no computing. Leaves: computing to `evaluate.py`, asking for resources to whoever is the Runtime.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from localazure.arm.deployments.fuel import Fuel

__all__ = ["Place", "Runtime", "Scope", "Setting"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the resources of a template go: a resource group, or the subscription when `group` is None."""

    subscription: str
    group: str | None

    @property
    def id(self) -> str:
        return f"/subscriptions/{self.subscription}" + (f"/resourceGroups/{self.group}" if self.group else "")


class Runtime(Protocol):
    """A deployment under way, which can ask for resources."""

    def reference(self, resource: str, *, full: bool) -> Any:
        """What a resource, by id or by its name in the template, is now."""
        ...

    def references(self, symbol: str, *, full: bool) -> list[Any]:
        """All resources of a loop, by its symbolic name."""
        ...

    def act(self, action: str, resource: str, body: Mapping[str, Any]) -> Any:
        """What a `list*` action of a resource answers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """What the functions about the place answer."""

    place: Place
    tenant: Mapping[str, Any]
    subscription: Mapping[str, Any]
    group: Mapping[str, Any] | None
    deployment: Mapping[str, Any]
    environment: Mapping[str, Any]
    now: datetime
    fuel: Fuel = field(default_factory=Fuel)


def _none(_name: str) -> Any:
    raise KeyError(_name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Handed to every computation. `loops` maps a loop's name to its index; `loop` is the resource's own.

    `parameter` and `variable` raise KeyError for a name that does not exist. `in_defaults` is true for the default
    values of parameters, the only place where newGuid and utcNow mean something. `secret` tells the names of secure
    parameters and of the variables that hold one.
    """

    setting: Setting
    parameter: Callable[[str], Any] = _none
    variable: Callable[[str], Any] = _none
    functions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict[str, Mapping[str, Any]])
    loops: Mapping[str, int] = field(default_factory=dict[str, int])
    loop: str | None = None
    locals: Mapping[str, Any] = field(default_factory=dict[str, Any])
    runtime: Runtime | None = None
    in_defaults: bool = False
    secret: frozenset[str] = frozenset()

    def within(self, loop: str, index: int, *, own: bool = False) -> "Scope":
        """The scope inside one turn of a loop."""
        return replace(self, loops={**self.loops, loop.lower(): index}, loop=loop.lower() if own else self.loop)

    def knowing(self, name: str, value: Any) -> "Scope":
        """The scope inside a lambda."""
        return replace(self, locals={**self.locals, name.lower(): value})
