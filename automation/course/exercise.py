"""The exercise: one lab file of the teacher's, out of which every seat gets its own.

Owns: which pictures are the teaching pictures, and what a seat's lab.yaml says.
Leaves: what a lab file may say to `workflow`, drawing an example's pictures to the caller.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from automation.course.stack_settings import lab_name
from automation.course.types import Course, Exercise, Seat
from automation.errors import ConfigError

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab

__all__ = ["OUTPUTS_FILE", "containers_of", "read_exercise", "seat_lab_file"]

OUTPUTS_FILE = "outputs.json"
_OWN = ("name", "stack", "settings", "state", "provisioned", "home")
_HEAD = """\
# The lab of one seat of a course, made by `visionlab course up`, which writes it anew when the exercise changes.
# Run it with: visionlab run lab.yaml
"""


def read_exercise(exercise: Exercise) -> "Lab":
    """The teacher's lab file.

    Raises:
        ConfigError: It has mistakes, or no pictures.
    """
    from automation.workflow.lab_file import read_lab

    lab = read_lab(exercise.lab_file)
    if not lab.images:
        raise ConfigError(
            f"{exercise.lab_file} names no pictures", hint="an exercise has `images:`, which every seat gets"
        )
    return lab


def containers_of(lab: "Lab") -> tuple[str, ...]:
    """The containers of a lab's pictures, in the order of the file."""
    return tuple(dict.fromkeys(entry.container for entry in lab.images))


def seat_lab_file(exercise: Exercise, course: Course, seat: Seat) -> str:
    """The text of a seat's lab.yaml: the exercise on resources that are there already.

    Paths in it start at the seat's folder where the exercise is below the state folder, and are whole elsewhere.
    """
    import yaml

    found: object = yaml.safe_load(exercise.lab_file.read_text("utf-8"))
    wanted = cast("dict[str, Any]", found) if isinstance(found, dict) else {}
    said = {name: value for name, value in wanted.items() if name not in _OWN}
    for holder, key in _paths(said):
        holder[key] = _path(exercise, course, seat, Path(str(holder[key])))
    labeling = said.get("labeling")
    if seat.size == "small" and isinstance(labeling, dict) and isinstance(labeling.get("project"), str):  # pyright: ignore[reportUnknownMemberType] (YAML)
        _rename_project(said, cast("dict[str, Any]", labeling), seat)
    own: dict[str, Any] = {
        "name": lab_name(course.name, seat.id),
        "stack": course.stack,
        "provisioned": OUTPUTS_FILE,
    }
    if course.stack == "local":
        own["home"] = _relative(course.home, course.seat_folder(seat.id))
    return _HEAD + yaml.safe_dump(own | said, sort_keys=False, allow_unicode=True)


def _rename_project(said: dict[str, Any], labeling: dict[str, Any], seat: Seat) -> None:
    """Small seats share a workspace, in which each needs a project of its own."""
    old, new = labeling["project"], f"{labeling['project']}-{seat.id}"
    labeling["project"] = new
    for dataset in _mappings(said.get("datasets")):
        for coco in _mappings({"coco": dataset.get("coco")}):
            if coco.get("labeling") == old:
                coco["labeling"] = new


def _paths(said: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where a lab file holds paths."""
    holders = [(entry, ("path",)) for entry in _mappings(said.get("images"))]
    holders += [(entry, ("images",)) for entry in _mappings(said.get("predict"))]
    holders += [(entry, ("instructions", "import")) for entry in _mappings({"labeling": said.get("labeling")})]
    for dataset in _mappings(said.get("datasets")):
        holders += [(entry, ("file",)) for entry in _mappings({"coco": dataset.get("coco")})]
    return ((entry, key) for entry, keys in holders for key in keys if isinstance(entry.get(key), str))


def _mappings(value: object) -> list[dict[str, Any]]:
    """The mappings among the values of a mapping."""
    if not isinstance(value, dict):
        return []
    return [cast("dict[str, Any]", item) for item in cast("dict[Any, Any]", value).values() if isinstance(item, dict)]


def _path(exercise: Exercise, course: Course, seat: Seat, said: Path) -> str:
    whole = (exercise.lab_file.parent / said.expanduser()).absolute()
    if whole.is_relative_to(course.home):
        return _relative(whole, course.seat_folder(seat.id))
    return str(whole)


def _relative(path: Path, folder: Path) -> str:
    return Path(os.path.relpath(path.absolute(), folder.absolute())).as_posix()
