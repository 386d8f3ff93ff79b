"""What a clean-up is asked for: a lab, a course, seats, groups, what has expired, a tag, or an age.

Owns: the seven kinds, what each has to be given, the name that is typed to confirm, and which tags belong to it.
Leaves: expiry and age, which need the day, to `select.py`; protection to `protection.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from automation.errors import ConfigError
from automation.lab_tags import COURSE_TAG, LAB_TAG, SEAT_TAG, STACK_TAG, is_made_by_visionlab, tag_of

__all__ = ["Target", "TargetKind"]


class TargetKind(StrEnum):
    LAB = "lab"
    COURSE = "course"
    SEATS = "seats"
    GROUP = "group"
    EXPIRED = "expired"
    TAG = "tag"
    OLDER_THAN = "older-than"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What is to go.

    Attributes:
        kind: What the values name.
        name: The lab, the course, or the tag's name; empty for groups, expired and older-than.
        values: The seats, the groups' names, the tag's value; for a lab its stack, or nothing for all its stacks.
        days: For older-than: how many days old something is at least.
    """

    kind: TargetKind
    name: str = ""
    values: tuple[str, ...] = ()
    days: int = 0

    def __post_init__(self) -> None:
        needs_name = self.kind in {TargetKind.LAB, TargetKind.COURSE, TargetKind.SEATS, TargetKind.TAG}
        needs_values = self.kind in {TargetKind.SEATS, TargetKind.GROUP, TargetKind.TAG}
        if (
            needs_name != bool(self.name.strip())
            or (needs_values and not (self.values and all(value.strip() for value in self.values)))
            or (self.kind is TargetKind.OLDER_THAN) != (self.days > 0)
        ):
            raise ConfigError(
                f"a clean-up of {self.kind.value} has to be told which",
                hint="give a name to --lab, --course, --seat or --group, k=v to --tag, days to --older-than",
            )

    @classmethod
    def lab(cls, name: str, *, stack: str = "") -> "Target":
        """A lab, in one of its stacks or in all."""
        return cls(kind=TargetKind.LAB, name=name, values=(stack,) if stack else ())

    @classmethod
    def course(cls, name: str) -> "Target":
        """A whole course: the seats and the shared parts."""
        return cls(kind=TargetKind.COURSE, name=name)

    @classmethod
    def seats(cls, course: str, *seats: str) -> "Target":
        """Some seats of a course, by id; "shared" means the shared parts."""
        return cls(kind=TargetKind.SEATS, name=course, values=tuple(sorted(set(seats))))

    @classmethod
    def groups(cls, *names: str) -> "Target":
        """Resource groups by name."""
        return cls(kind=TargetKind.GROUP, values=tuple(sorted(set(names))))

    @classmethod
    def expired(cls) -> "Target":
        """Whatever of the subscription has expired."""
        return cls(kind=TargetKind.EXPIRED)

    @classmethod
    def tagged(cls, name: str, value: str) -> "Target":
        """Whatever has a tag of this value."""
        return cls(kind=TargetKind.TAG, name=name, values=(value,))

    @classmethod
    def older_than(cls, days: int) -> "Target":
        """Groups of labs and courses in which nothing is younger."""
        return cls(kind=TargetKind.OLDER_THAN, days=days)

    @property
    def is_wide(self) -> bool:
        """Whether it looks for its victims in the whole subscription; then the blocklist must not be empty."""
        return self.kind in {TargetKind.EXPIRED, TargetKind.TAG, TargetKind.OLDER_THAN}

    def confirm(self, subscription: str) -> str:
        """The name that somebody has to type."""
        match self.kind:
            case TargetKind.LAB | TargetKind.COURSE | TargetKind.SEATS:
                return self.name
            case TargetKind.GROUP if len(self.values) == 1:
                return self.values[0]
            case _:
                return subscription

    def names_group(self, group: str) -> bool:
        """Whether it names this resource group; such names compare without case."""
        return self.kind is TargetKind.GROUP and group.lower() in {value.lower() for value in self.values}

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether something with these tags belongs to it; for expired and older-than: whether visionlab made it."""
        match self.kind:
            case TargetKind.LAB:
                stack = tag_of(tags, STACK_TAG)
                return tag_of(tags, LAB_TAG) == self.name and (not self.values or stack in {None, *self.values})
            case TargetKind.COURSE:
                return tag_of(tags, COURSE_TAG) == self.name
            case TargetKind.SEATS:
                return tag_of(tags, COURSE_TAG) == self.name and tag_of(tags, SEAT_TAG) in self.values
            case TargetKind.TAG:
                return tag_of(tags, self.name) in self.values
            case TargetKind.GROUP | TargetKind.EXPIRED | TargetKind.OLDER_THAN:
                return is_made_by_visionlab(tags)

    def __str__(self) -> str:
        several = ", ".join(self.values)
        words = {
            TargetKind.LAB: f"lab {self.name}" + (f" (stack {several})" if several else ""),
            TargetKind.COURSE: f"course {self.name}",
            TargetKind.SEATS: f"seats {several} of course {self.name}",
            TargetKind.GROUP: f"resource group{'s' * (len(self.values) > 1)} {several}",
            TargetKind.EXPIRED: "all that has expired",
            TargetKind.TAG: f"all with the tag {self.name}={several}",
            TargetKind.OLDER_THAN: f"all older than {self.days} days",
        }
        return words[self.kind]
