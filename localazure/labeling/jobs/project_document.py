"""A project as the pages know it: its task, its classes with their colours, how far it is.

Owns: the names in that document. Pure. Leaves: ARM's names to `wire.py`, instructions behind a link to
`instructions.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from localazure.labeling.data_plane import PROJECT
from localazure.labeling.jobs.class_colours import class_colours
from localazure.labeling.people.roles import Asker, Role, actions_of
from localazure.labeling.project_settings import ProjectSettings, dump_settings
from localazure.labeling.tasks import Counts, dump_progress
from localazure.labeling.types import AnnotationType, LabelClass, Project

__all__ = ["api_of", "dump_summary", "dump_whole", "task_kind"]


def task_kind(project: Project) -> str:
    """What is asked of people, in the words of the data plane."""
    match project.spec.annotation_type:
        case AnnotationType.BOUNDING_BOX:
            return "object-detection"
        case AnnotationType.INSTANCE_SEGMENTATION:
            return "instance-segmentation"
        case AnnotationType.CLASSIFICATION:
            return "image-classification-multilabel" if project.spec.multi_label else "image-classification"


def api_of(project: Project) -> str:
    """The path of its data plane."""
    return PROJECT.replace("{workspace:path}", project.workspace_id).replace("{name}", project.name)


def dump_summary(project: Project, role: Role, counts: Counts) -> dict[str, Any]:
    """For the list of a person's projects."""
    return {
        "name": project.name,
        "title": _title(project),
        "role": role.value,
        "actions": sorted(actions_of(role)),
        "api": api_of(project),
        "task": task_kind(project),
        "status": project.status.value,
        "progress": dump_progress(counts),
    }


def dump_whole(
    project: Project, counts: Counts, settings: ProjectSettings, asker: Asker, instructions: str
) -> dict[str, Any]:
    """`instructions` is the text to show; the settings hold what was typed in."""
    colours = iter(class_colours(sum(1 for _ in project.spec.class_names())))
    return {
        "name": project.name,
        "title": _title(project),
        "projectId": project.project_id,
        "task": task_kind(project),
        "status": project.status.value,
        "messages": [
            {"code": one.code, "level": one.level, "message": one.message, "created": one.created.isoformat()}
            for one in project.messages
        ],
        "refreshed": None if project.refreshed is None else project.refreshed.isoformat(),
        "instructions": {"uri": project.spec.instructions_uri, "text": instructions},
        "categories": [
            {
                "key": key,
                "name": category.display_name,
                "multiSelect": category.multi_select,
                "classes": _dump_classes(category.classes, colours),
            }
            for key, category in project.spec.categories.items()
        ],
        "progress": dump_progress(counts),
        "settings": dump_settings(settings),
        "me": {
            "email": asker.identity,
            "name": asker.name,
            "role": asker.role.value,
            "actions": sorted(asker.actions),
        },
    }


def _dump_classes(classes: Mapping[str, LabelClass], colours: Iterator[str]) -> list[dict[str, Any]]:
    return [
        {
            "key": key,
            "name": one.display_name,
            "color": next(colours),
            "subclasses": _dump_classes(one.subclasses, colours),
        }
        for key, one in classes.items()
    ]


def _title(project: Project) -> str:
    return str(project.spec.other.get("displayName") or project.name)
