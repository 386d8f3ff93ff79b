"""A seat's lab files: its own, and others that the teacher wants to be run on its resources.

Owns: their names. Leaves: what the exercise's file says to `exercise.py`.
"""

import re
from pathlib import Path

from automation.course.exercise import seat_lab_file
from automation.course.stack_settings import lab_name
from automation.course.types import Course, Exercise, Seat
from automation.errors import ConfigError
from automation.whole_file import write_whole

__all__ = ["seat_lab_path", "write_other_lab"]

LAB_FILE = "lab.yaml"
LONGEST_NAME = 64


def seat_lab_path(course: Course, seat: Seat) -> Path:
    """The seat's own lab.yaml."""
    return course.seat_folder(seat.id) / LAB_FILE


def write_other_lab(course: Course, seat: Seat, lab_file: Path) -> Path:
    """Another lab file of the teacher's, written for the seat: on its resources, with a name and a journal of its own.

    Raises:
        ConfigError: The file has mistakes.
    """
    from automation.workflow.lab_file import read_lab

    lab = read_lab(lab_file)  # all mistakes at once, with the teacher's lines
    own = lab_name(course.name, seat.id)
    word = re.sub(r"[^a-z0-9]+", "-", lab.name.lower()).strip("-")
    name = f"{own}-{word}"[:LONGEST_NAME].rstrip("-")
    if name == own:
        raise ConfigError(
            f"the name {lab.name!r} of {lab_file} cannot be told from the exercise's", hint="choose another"
        )
    text = seat_lab_file(Exercise(lab_file=lab.path), course, seat)
    renamed = text.replace(f"name: {own}\n", f"name: {name}\n", 1)
    path = course.seat_folder(seat.id) / f"{word}.yaml"
    write_whole(path, renamed.encode(), mode=0o644)
    return path
