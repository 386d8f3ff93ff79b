"""Keeping what people have made, before their seats end; and what ends of it that no resource of theirs takes along.

Owns: which seats have something to keep, and marking those whose work is kept.
Leaves: the archive itself to `automation.course.archive`.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from automation.cli.console import Console
from automation.cli.context import open_bench
from automation.errors import LabError

if TYPE_CHECKING:
    from automation.course import Course, Seat
    from automation.storage import BlobPlace
    from automation.workflow.workbench import Workbench

__all__ = ["archive_seats", "end_shared_labeling"]


def archive_seats(
    course: "Course", seats: Sequence[str], bench: "Workbench", console: Console
) -> "tuple[Course, dict[str, str]]":
    """Put blobs and labels of seats into the course storage, each verified.

    Returns:
        The course, with the seats marked whose work is kept; and why the others are not, by their ids. Those must
        not end: their work would be lost.
    """
    from automation.course import SeatState, shared_stack, write_course
    from automation.course.up import words_of
    from automation.storage import BlobPlace

    wanted = [seat for seat in course.seats if seat.id in seats and seat.state is not SeatState.ARCHIVED]
    if not any(_has_outputs(course, seat) for seat in wanted):
        return course, {}
    shared = bench.open_stack(shared_stack(course.name), {}, settings=course.stack).shared_outputs()
    into = BlobPlace(store=bench.blobs_at(shared.blob_endpoint), container=shared.archive)
    failed: dict[str, str] = {}
    with console.progress("archive") as progress:
        for done, seat in enumerate(wanted):
            progress(done, len(wanted), seat.id)
            if not _has_outputs(course, seat):  # it was never up: nobody has made anything there
                continue
            try:
                folder = _archive(course, seat, into, bench, console)
            except LabError as exc:
                failed[seat.id] = f"not archived: {words_of(exc)}"
                continue
            console.say(f"{seat.id}: archived in {shared.storage_account}/{shared.archive}/{folder}")
            kept = replace(seat, state=SeatState.ARCHIVED, failure=None)
            course = replace(course, seats=tuple(kept if other.id == seat.id else other for other in course.seats))
            write_course(course)
    return course, failed


def end_shared_labeling(course: "Course", seats: Sequence[str], console: Console) -> dict[str, str]:
    """Delete the labeling projects that small seats have in the course's workspace, which stays when they end.

    Returns:
        Why a seat's project may still be there, by the seat's id; such a seat must not end, or nobody finds it again.
    """
    from automation.course.seat_labels import delete_shared_project
    from automation.course.seat_labs import seat_lab_path
    from automation.course.up import words_of
    from automation.workflow.lab_file import read_lab

    failed: dict[str, str] = {}
    for seat in course.seats:
        if seat.id not in seats or seat.size != "small" or not _has_outputs(course, seat):
            continue
        try:
            lab = read_lab(seat_lab_path(course, seat))
            with open_bench(lab, console) as of_seat:
                deleted = delete_shared_project(lab, of_seat)
        except LabError as exc:
            failed[seat.id] = f"its labeling project may be left: {words_of(exc)}"
        else:
            if deleted:
                console.say(f"{seat.id}: its labeling project {deleted} is deleted")
    return failed


def _archive(course: "Course", seat: "Seat", into: "BlobPlace", bench: "Workbench", console: Console) -> str:
    from automation.course.archive import archive_seat
    from automation.course.seat_labels import export_seat_labels
    from automation.course.seat_labs import seat_lab_path
    from automation.storage import BlobPlace
    from automation.workflow.lab_file import read_lab

    lab = read_lab(seat_lab_path(course, seat))
    with open_bench(lab, console) as of_seat:
        outputs = of_seat.outputs()
        store = bench.blobs_at(outputs.blob_endpoint)
        report = archive_seat(
            course,
            seat,
            source=[BlobPlace(store=store, container=container) for container in outputs.containers],
            into=into,
            exports=lambda: export_seat_labels(lab, of_seat),
            clock=bench.clock,
        )
    return report.folder


def _has_outputs(course: "Course", seat: "Seat") -> bool:
    return (course.seat_folder(seat.id) / "outputs.json").is_file()
