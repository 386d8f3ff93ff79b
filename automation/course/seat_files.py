"""A seat's own files: lab.yaml, with which its owner works, and outputs.json, which says what there is.

Owns: writing them, and leaving alone what somebody has changed. Leaves: what they say to `exercise.py`.
"""

import json
from dataclasses import asdict
from pathlib import Path

from automation.course.exercise import OUTPUTS_FILE, seat_lab_file
from automation.course.types import Course, Seat
from automation.errors import ConfigError
from automation.provision import LabOutputs
from automation.whole_file import write_whole

__all__ = ["write_lab", "write_outputs"]

LAB_FILE = "lab.yaml"
_MADE = ".lab.yaml.made"


def write_outputs(course: Course, seat: Seat, outputs: LabOutputs) -> None:
    """Write what the seat consists of."""
    facts = asdict(outputs) | {"course": course.name, "seat": seat.id}
    path = course.seat_folder(seat.id) / OUTPUTS_FILE
    write_whole(path, (json.dumps(facts, indent=1, sort_keys=True, default=dict) + "\n").encode(), mode=0o644)


def write_lab(course: Course, seat: Seat) -> bool:
    """Write the seat's lab.yaml; False when somebody has changed it, and it was left as it is."""
    if course.exercise is None:
        return True
    path = course.seat_folder(seat.id) / LAB_FILE
    made = path.with_name(_MADE)
    text, there, ours = seat_lab_file(course.exercise, course, seat), _text(path), _text(made)
    if there is not None and there not in {ours, text}:
        return False
    if there != text:
        write_whole(path, text.encode(), mode=0o644)
    if ours != text:
        write_whole(
            made, text.encode(), mode=0o644
        )  # after the file itself: a kill between the two must not make it look changed
    return True


def _text(path: Path) -> str | None:
    try:
        return path.read_text("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as exc:
        raise ConfigError(f"{path} cannot be read: {exc}", hint="remove it, and repeat the command") from exc
