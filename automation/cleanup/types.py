"""What a teardown finds, what it will do, and what it proves. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

__all__ = ["Call", "DeletedResource", "Lock", "Proof", "Resource", "Stage", "Survey", "TeardownPlan", "TeardownStep"]


class Stage(IntEnum):
    """The order of a teardown; steps of one stage run side by side, a stage begins when the one before has ended."""

    UNLOCK = 0
    ML_WORKSPACES = 1  # first, for it lives on the vault and the storage account
    SOFT_DELETED_KINDS = 2
    GROUP = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource that is there; `type` in the service's own case.

    Attributes:
        linked: Ids of resources that it made for itself.
        purge_protected: Once deleted, it stays for its whole retention time, whoever asks.
    """

    id: str
    type: str
    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    linked: tuple[str, ...] = ()
    purge_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedResource:
    """A resource that was deleted and still blocks its name."""

    original_id: str
    type: str
    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    purge_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    id: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything a teardown looks at before it decides; `group` is None when it is gone."""

    group: Resource | None
    managed_by: str
    resources: tuple[Resource, ...]
    locks: tuple[Lock, ...]
    deleted: tuple[DeletedResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a step."""

    method: str
    path: str
    api_version: str
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    is_purge: bool = False
    deadline_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TeardownStep:
    """One thing that goes, by one or two calls after another."""

    stage: Stage
    title: str
    calls: tuple[Call, ...]

    def __str__(self) -> str:
        return self.title


@dataclass(frozen=True, slots=True, kw_only=True)
class TeardownPlan:
    """What will be done, in order.

    Attributes:
        foreign: What is in the group and not this lab's; it goes too, for the caller said so.
        kept: What cannot be purged, and why.
    """

    resource_group_id: str
    lab: str
    stack: str
    steps: tuple[TeardownStep, ...]
    foreign: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What was looked for after a teardown, and what is still there."""

    checked: tuple[str, ...]
    left_behind: tuple[str, ...]
