"""The setting `labelingProjects`: which labeling projects a lab has from the start.

Owns: its fields and what they have to keep. Leaves: all other settings to `settings.py`.
"""

import re
from dataclasses import dataclass

from infra.naming import why_not
from infra.settings_reader import Section

__all__ = ["LABELING_TASKS", "LabelingProject", "read_labeling_projects"]

LABELING_TASKS = (
    "object-detection",
    "image-classification",
    "image-classification-multilabel",
    "instance-segmentation",
)
_FIELDS = ("name", "task", "classes", "container", "folder", "instructions")
_LONGEST_CLASS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingProject:
    """A project to make.

    Attributes:
        name: Never free again once it was used, even when the project is deleted.
        task: One of `LABELING_TASKS`.
        classes: What there is to find, in the order in which labelers see them.
        container: Where the pictures lie, one of the lab's containers.
        folder: A folder in it, without slashes at its ends; empty for all of it.
        instructions: Address of a page that labelers read first.
    """

    name: str
    task: str
    classes: tuple[str, ...]
    container: str
    folder: str = ""
    instructions: str | None = None


def read_labeling_projects(settings: Section, containers: tuple[str, ...]) -> tuple[LabelingProject, ...]:
    """Of the whole settings; mistakes are noted there."""
    projects: list[LabelingProject] = []
    for section in settings.sections("labelingProjects"):
        section.refuse_others(_FIELDS)
        name = section.text("name") or ""
        if reason := why_not("labeling_project", name):
            section.wrong("name", f"{name!r} will not do: {reason}")
        elif any(name.lower() == other.name.lower() for other in projects):
            section.wrong("name", f"{name!r} is listed twice")
        projects.append(
            LabelingProject(
                name=name,
                task=section.choice("task", LABELING_TASKS, LABELING_TASKS[0]),
                classes=_classes(section),
                container=section.choice("container", containers, containers[0] if containers else ""),
                folder=_folder(section),
                instructions=_instructions(section),
            )
        )
    return tuple(projects)


def _classes(section: Section) -> tuple[str, ...]:
    classes = section.texts("classes")
    if not classes:
        section.wrong("classes", "a project needs at least one class", nearest="[apple, banana]")
    for index, name in enumerate(classes):
        if not name.strip() or len(name) > _LONGEST_CLASS:
            section.wrong(f"classes[{index}]", f"a class has a name of 1 to {_LONGEST_CLASS} characters")
        if name.casefold() in {other.casefold() for other in classes[:index]}:
            section.wrong(f"classes[{index}]", f"{name!r} is listed twice")
    return classes


def _folder(section: Section) -> str:
    folder = section.text("folder") or ""
    if folder != folder.strip("/") or ".." in folder.split("/"):
        section.wrong("folder", f"{folder!r} is no folder in a container", nearest=folder.strip("/").replace("../", ""))
    return folder


def _instructions(section: Section) -> str | None:
    address = section.text("instructions")
    if address and not re.match(r"https?://[^\s/]", address, re.IGNORECASE):
        section.wrong("instructions", f"{address!r} is no address", nearest="https://example.org/how-to-label")
    return address
