"""Courses: a roster's people, each with a seat of their own, and what they share.

Owns: the roster, seats and their ids, what changes with a roster, setting up and ending.
Leaves: resources to `infra` and `provision`, deletion to `cleanup`, what a seat's owner does to `workflow`.
"""

from automation.course.course_file import course_folder, list_courses, read_course, write_course
from automation.course.types import (
    SHARED,
    SIZES,
    Course,
    Exercise,
    Person,
    Seat,
    SeatState,
    Shared,
    shared_stack,
    stack_of,
)

__all__ = [
    "SHARED",
    "SIZES",
    "Course",
    "Exercise",
    "Person",
    "Seat",
    "SeatState",
    "Shared",
    "course_folder",
    "list_courses",
    "read_course",
    "shared_stack",
    "stack_of",
    "write_course",
]
