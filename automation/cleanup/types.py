"""What a clean-up finds, what it plans, what it will do, and what it proves. Values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import IntEnum, StrEnum

from automation.cleanup.targets import Target
from automation.cost import Money

__all__ = [
    "Call",
    "CleanupPlan",
    "DeletedResource",
    "Fate",
    "GroupSurvey",
    "Item",
    "Kept",
    "Lock",
    "Proof",
    "Reason",
    "Resource",
    "RoleAssignment",
    "Rules",
    "Selection",
    "Stage",
    "Survey",
]


class Stage(IntEnum):
    """The order of a clean-up; steps of one stage run side by side, a stage begins when the one before has ended."""

    UNLOCK = 0
    ML_WORKSPACES = 1  # first, for it lives on the vault and the storage account
    SOFT_DELETED_KINDS = 2
    RESOURCES = 3  # one by one, where their group stays
    GROUP = 4
    EXTRAS = 5  # role assignments and deployments outside of the groups


class Reason(StrEnum):
    """Why something stays, in the order of the rules: the first that holds is told."""

    BLOCKLISTED = "blocklisted"
    LOCKED = "locked"
    MANAGED = "managed"
    PROTECTED = "protected"
    FOREIGN = "foreign"
    NOT_TARGETED = "not-targeted"
    BAD_DATE = "bad-date"
    NOT_EXPIRED = "not-expired"
    TOO_YOUNG = "too-young"
    GRACE = "grace"
    HOLDS_KEPT = "holds-kept"  # a group or a parent of something that stays
    UNREADABLE = "unreadable"
    CHANGED = "changed"  # it is not in the plan, or no longer as the plan has it
    PURGE_PROTECTED = "purge-protected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """A resource that is there; `type` in the service's own case.

    Attributes:
        api_version: With which it is deleted by itself.
        sku: The name of its size, for its price.
        managed_by: Id of the resource that manages it.
        principals: Object ids of identities that go with it.
        created: The day it was made; None where Azure does not say.
        needs: Ids of resources that it cannot live without.
        linked: Those of them that it may have made for itself.
        purge_protected: Once deleted, it stays for its whole retention time, whoever asks.
    """

    id: str
    type: str
    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    api_version: str = ""
    sku: str = ""
    managed_by: str = ""
    principals: tuple[str, ...] = ()
    created: date | None = None
    needs: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()
    purge_protected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletedResource:
    """A resource that was deleted and still blocks its name.

    Attributes:
        is_listed: False for what a list cannot show and may be there: an ML workspace that a lab had.
    """

    original_id: str
    type: str
    name: str
    location: str
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    purge_protected: bool = False
    is_listed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    id: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleAssignment:
    """Who has which role where."""

    id: str
    name: str
    scope: str
    principal: str
    principal_type: str
    role: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupSurvey:
    """Everything of one group; `group` is None when it is gone, and `deleted` what it left behind."""

    group: Resource | None
    managed_by: str
    resources: tuple[Resource, ...]
    locks: tuple[Lock, ...]
    deleted: tuple[DeletedResource, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Everything that a clean-up looks at before it decides: the whole subscription.

    Attributes:
        groups: Those that the target concerns.
        locks: Those outside of these groups: on the subscription, and in other groups.
        elsewhere: Deployments at subscription scope, and what seats have in their course's shared workspace.
        known: What a plan that is run has, by id in lower case, with the tags that it had then.
    """

    subscription: str
    groups: tuple[GroupSurvey, ...]
    locks: tuple[Lock, ...] = ()
    roles: tuple[RoleAssignment, ...] = ()
    elsewhere: tuple[Resource, ...] = ()
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """How a target is read; they are part of the plan, and hold when it is run too.

    Attributes:
        include_foreign: Take what visionlab did not make, in groups that the target owns.
        blocklist: Names or ids of groups, ids of resources, with * and ? as wildcards: all of it stays.
        grace_days: For expired: days after the expiry.
        marked: For expired: only what an earlier sweep has marked, and whose mark has come due.
    """

    include_foreign: bool = False
    blocklist: tuple[str, ...] = ()
    grace_days: int = 0
    marked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing that goes.

    Attributes:
        group: Name of its resource group; empty for what is in none.
        why: Why it is in.
        with_group: It goes when its group goes, without a request of its own.
        is_deleted: It is soft-deleted already; only its purge is left to do.
        soft_deletable: Deleting it leaves something that blocks the name.
        purge: It is purged too.
        monthly: What it costs a month; None when nobody knows.
    """

    id: str
    type: str
    name: str
    location: str
    group: str
    stage: Stage
    why: str
    with_group: bool = False
    is_deleted: bool = False
    soft_deletable: bool = False
    purge: bool = False
    api_version: str = ""
    sku: str = ""
    monthly: Money | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def has_price(self) -> bool:
        """Groups, locks and roles cost nothing of their own, and what was deleted before costs nothing now."""
        return not self.is_deleted and self.stage not in (Stage.UNLOCK, Stage.GROUP, Stage.EXTRAS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One thing that stays, and why."""

    id: str
    type: str
    name: str
    group: str
    reason: Reason
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a group that the target touches.

    Attributes:
        whole: It is deleted itself, with everything in it.
        words: Why it is not.
    """

    id: str
    name: str
    whole: bool
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What goes, in order, and what stays; items and kept have no id in common."""

    items: tuple[Item, ...]
    kept: tuple[Kept, ...]
    groups: tuple[Fate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanupPlan:
    """A selection on paper: where, when, by which rules, and what has to be typed to run it.

    Attributes:
        id: Names the plan in journals and receipts.
        made: In UTC.
        valid_until: In UTC; later it is refused.
        cloud: "azure" or "local".
        confirm: The name to type.
        hash: Over everything else, by `plan_file.sealed`.
    """

    id: str
    made: datetime
    valid_until: datetime
    cloud: str
    tenant: str
    subscription: str
    target: Target
    rules: Rules
    groups: tuple[Fate, ...]
    items: tuple[Item, ...]
    kept: tuple[Kept, ...]
    confirm: str
    hash: str = ""

    @property
    def include_foreign(self) -> bool:
        return self.rules.include_foreign

    @property
    def extras(self) -> tuple[Item, ...]:
        """What goes outside of the groups: role assignments and deployments."""
        return tuple(item for item in self.items if item.stage is Stage.EXTRAS)


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
class Proof:
    """What was looked for after a clean-up, and what is still there."""

    checked: tuple[str, ...]
    left_behind: tuple[str, ...]
