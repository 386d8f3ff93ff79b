"""What commands about single seats share: a seat's outputs, its lab, and its addresses.

Owns: reading them, and the person's own link into the labeling page. Leaves: showing them to the commands.
"""

from typing import TYPE_CHECKING

from automation.errors import ConfigError, NotFound, Refused

if TYPE_CHECKING:
    from automation.course import Course, Seat
    from automation.course.seat_links import SeatLink
    from automation.provision import LabOutputs
    from automation.workflow.lab_types import LabelingPlan
    from automation.workflow.workbench import Workbench

__all__ = ["invite", "labeling_of", "links_of_seat", "outputs_of"]


def outputs_of(course: "Course", seat: "Seat") -> "LabOutputs":
    """What a seat consists of. Raises ConfigError when it is not up."""
    from automation.course.exercise import OUTPUTS_FILE
    from automation.workflow.provisioned import read_provisioned

    path = course.seat_folder(seat.id) / OUTPUTS_FILE
    if not path.is_file():
        raise ConfigError(
            f"the seat {seat.id} is {seat.state}: nothing is known of its resources",
            hint="run `visionlab course up` first",
        )
    return read_provisioned(path).outputs


def labeling_of(course: "Course", seat: "Seat") -> "LabelingPlan | None":
    """The labeling project of a seat's lab; None where it has none. Raises ConfigError when its lab.yaml is wrong."""
    from automation.course.seat_labs import seat_lab_path
    from automation.workflow.lab_file import read_lab

    path = seat_lab_path(course, seat)
    return read_lab(path).labeling if path.is_file() else None


def links_of_seat(outputs: "LabOutputs", plan: "LabelingPlan | None", bench: "Workbench") -> "tuple[SeatLink, ...]":
    """A seat's addresses."""
    from automation.course.seat_links import seat_links

    return seat_links(
        outputs,
        local_origin=bench.cloud.arm_endpoint if bench.cloud.is_local else None,
        project=plan.project if plan else None,
        studio_url=plan.url if plan and plan.in_label_studio else None,
    )


def invite(seat: "Seat", outputs: "LabOutputs", plan: "LabelingPlan | None", bench: "Workbench", *, hours: int) -> str:
    """A link that lets the seat's person into the labeling page, once, as the administrator of the own project.

    Raises:
        Refused: The labeling page is not the local Azure's.
        ConfigError: There is no project yet.
    """
    from automation.labeling import LabelingData

    if plan is None or plan.in_label_studio or not bench.cloud.is_local or outputs.ml_workspace_id is None:
        raise Refused(
            f"the seat {seat.id} has no labeling page of the local Azure", hint="leave the personal links out"
        )
    data = LabelingData(bench.rest, bench.cloud, outputs.ml_workspace_id)
    try:
        data.put_person(plan.project, seat.person.email, role="administrator", shown=seat.person.name)
        return data.invite(plan.project, seat.person.email, hours=hours).link
    except NotFound as exc:
        raise ConfigError(
            f"the seat {seat.id} has no labeling project {plan.project} yet",
            hint=f"`visionlab course run {seat.id} --until labeling` makes it",
        ) from exc
