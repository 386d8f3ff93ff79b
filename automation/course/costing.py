"""What a course will cost: its shared parts once, and each size of seat as often as there are such seats.

Owns: which settings and what work a part of a course has. Leaves: prices and sums to `automation.cost`.
"""

from collections.abc import Sequence

from automation.cost import Estimate, Part, Work, estimate, location_of, parts_of, sentence
from automation.course.exercise import containers_of, read_exercise
from automation.course.stack_settings import seat_settings, shared_settings
from automation.course.types import SIZES, Course
from automation.workflow.costing import lab_settings, work_of

__all__ = ["course_estimate", "course_sentence"]


def course_estimate(course: Course) -> Estimate:
    """What the course costs on Azure, wherever its own stacks are: with every seat that is there or will be.

    Without an exercise nothing is known of pictures and models, and a run costs nothing that could be said.

    Raises:
        ConfigError: The exercise or the settings cannot be read.
    """
    work, containers = Work(), ()
    if course.exercise is not None:
        lab = read_exercise(course.exercise)
        work, containers = work_of(lab), containers_of(lab)
    shared = lab_settings(course.stack, shared_settings(course))
    kept = Work(pictures=work.pictures, picture_bytes=work.picture_bytes)
    groups: list[tuple[str, int, Sequence[Part], Work]] = [("shared", 1, parts_of(shared), kept)]
    for size in SIZES:
        seats = [seat for seat in course.seats if seat.is_there and seat.size == size]
        if seats:
            settings = lab_settings(course.stack, seat_settings(course, seats[0], containers=containers))
            groups.append((f"{size} seat", len(seats), parts_of(settings), work))
    return estimate(groups, region=location_of(shared))


def course_sentence(course: Course) -> str | None:
    """One line to show before seats are made on Azure; None on the local Azure, which costs nothing."""
    return None if course.stack == "local" else sentence(course_estimate(course))
