"""The settings of a course: which part of it a stack is, its shared parts or a seat, and how the two hang together.

Owns: the keys `course`, `seat`, `sharedStack`, `person`, `containerRegistry` and `sharedWorkspace`.
Leaves: all other settings to `settings.py`, which are the same for labs, shared parts and seats.
"""

from dataclasses import dataclass

from infra.naming import why_not
from infra.people import Person, read_person
from infra.settings_reader import Section

__all__ = ["COURSE_KEYS", "SHARED", "CoursePart", "read_course_part"]

COURSE_KEYS = ("course", "seat", "sharedStack", "person", "containerRegistry", "sharedWorkspace")
SHARED = "shared"
_OF_SEATS = ("seat", "sharedStack", "person")
# What a seat cannot have, because it is one person's, and because every seat has a group of its own.
_NOT_IN_A_COURSE = {
    "resourceGroup": "every part of a course has a resource group of its own",
    "labelers": "a seat is for one person; set person",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoursePart:
    """A part of a course.

    Attributes:
        course: The course's name.
        seat: The seat's id; None for the parts that the seats share.
        shared_stack: Of a seat, the stack of the shared parts.
        person: Whose seat it is; None leaves out all that is for a person.
        container_registry: Whether the shared parts have a container registry, for the seats' ML workspaces.
        shared_workspace: Whether the ML workspace is one of the shared parts: they have it, or the seat uses it.
    """

    course: str
    seat: str | None = None
    shared_stack: str | None = None
    person: Person | None = None
    container_registry: bool = False
    shared_workspace: bool = False

    @property
    def lab(self) -> str:
        """What its resources are named after."""
        return f"{self.course}-{self.seat or SHARED}"


def read_course_part(section: Section) -> CoursePart | None:
    """Of the whole settings; None for a lab, which is of no course. Mistakes are noted there."""
    if not section.given("course"):
        for key in COURSE_KEYS[1:]:
            if section.given(key) and section.values[key] not in (False, "false"):
                section.wrong(key, "only a part of a course has it", nearest="course: my-course")
        return None
    part = CoursePart(
        course=_named(section, "course") or "course",
        seat=_named(section, "seat"),
        shared_stack=section.text("sharedStack"),
        person=read_person(section, "person"),
        container_registry=section.flag("containerRegistry", default=False),
        shared_workspace=section.flag("sharedWorkspace", default=False),
    )
    _check(section, part)
    return part


def _check(section: Section, part: CoursePart) -> None:
    """Note what does not go together."""
    if section.given("seat") and part.shared_stack is None:
        section.wrong("sharedStack", "a seat needs its course's shared parts", nearest=f"{part.course}.{SHARED}")
    for key in _OF_SEATS[1:]:
        if section.given(key) and not section.given("seat"):
            section.wrong(key, "only a seat has it", nearest="seat: anna-k3x7qa")
    for key, reason in _NOT_IN_A_COURSE.items():
        if section.given(key) and section.values[key] not in ([], "[]"):
            section.wrong(key, reason)
    if part.shared_workspace and part.seat and section.given("labelingProjects"):
        section.wrong("labelingProjects", "labeling projects need an ML workspace of the seat's own")


def _named(section: Section, key: str) -> str | None:
    name = section.text(key)
    if name is not None and (reason := why_not(key, name)):
        section.wrong(key, f"{name!r} will not do: {reason}")
    return name
