"""A handout: what a person has to know of the own seat: what there is, where it is, what to do, until when.

Owns: what stands on it. Pure. Leaves: how it looks to `handout_html.py` and `handout_markdown.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from automation.course.seat_links import SeatLink
from automation.course.types import Course, Seat
from automation.provision import LabOutputs

__all__ = ["Handout", "HandoutStep", "make_handout"]

_OWN_CERTIFICATE = (
    "The first time, the browser asks about the certificate: the course's local Azure has one of its own."
)
_STEPS = {
    "provision": ("Look whether your seat answers.", "Nothing is made: your resources are there already."),
    "images": ("Send the pictures to your storage.", "Those that are there already are left alone."),
    "labeling": ("Set the labeling project up.", "Then draw a box, or choose a class, for every picture."),
    "labels": ("Take your labels out of the project.", "They become a COCO file in your storage."),
    "files": ("Send the ready-made label files.", "They are what models are measured with."),
    "datasets": ("Make datasets of pictures and labels.", "The vision service reads them from your storage."),
    "train": ("Train.", "This takes a while; Ctrl-C asks the service to stop."),
    "evaluate": ("Measure the model.", "The figure that counts comes out of this step."),
    "predict": ("Try the model on other pictures.", "Copies with boxes or tags are drawn."),
    "report": ("Write the report.", "One page with figures and pictures, which opens in your browser."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoutStep:
    """One thing to do: in words, and as a command."""

    what: str
    more: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handout:
    """One seat's page.

    Attributes:
        about: Names and values.
        link_note: What to know of the links, or "".
        invitation: A link that lets the person into the labeling page, once; a secret. None without.
        sign_in: Commands that sign the person in; none on the local Azure.
    """

    course: str
    seat: str
    who: str
    last_day: str | None
    about: tuple[tuple[str, str], ...]
    links: tuple[SeatLink, ...]
    link_note: str
    invitation: str | None
    sign_in: tuple[str, ...]
    steps: tuple[HandoutStep, ...]


def make_handout(
    course: Course,
    seat: Seat,
    outputs: LabOutputs,
    *,
    links: Sequence[SeatLink],
    steps: Sequence[str],
    invitation: str | None = None,
) -> Handout:
    """The handout of one seat.

    Args:
        course: The course.
        seat: Its seat.
        outputs: What the seat consists of.
        links: Its addresses.
        steps: Names of the exercise's steps.
        invitation: The person's own link into the labeling page.
    """
    about = [
        ("seat", seat.id),
        ("for", seat.person.email),
        ("team", seat.person.team or ""),
        ("region", outputs.location),
        ("resource group", outputs.resource_group),
        ("storage account", outputs.storage_account),
        ("containers", ", ".join(outputs.containers)),
        ("vision account", outputs.vision_account),
        ("ML workspace", outputs.ml_workspace or ""),
    ]
    local = course.stack == "local"
    if local:
        about.insert(1, ("folder", str(course.seat_folder(seat.id))))
    sign_in = (
        ()
        if local
        else (
            f"az login --tenant {outputs.tenant_id}",
            f"az account set --subscription {outputs.subscription_id}",
        )
    )
    return Handout(
        course=course.name,
        seat=seat.id,
        who=seat.person.name or seat.person.email,
        last_day=seat.expires.isoformat() if seat.expires else None,
        about=tuple((name, value) for name, value in about if value),
        links=tuple(links),
        link_note=_OWN_CERTIFICATE if local else "",
        invitation=invitation,
        sign_in=sign_in,
        steps=tuple(_step(name) for name in steps if name in _STEPS),
    )


def _step(name: str) -> HandoutStep:
    what, more = _STEPS[name]
    return HandoutStep(what=what, more=more, command=f"visionlab run lab.yaml --until {name}")
