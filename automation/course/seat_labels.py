"""A seat's labels as files, for its archive.

Owns: what counts as having none. Leaves: exporting to `workflow`.
"""

from typing import TYPE_CHECKING

from automation.errors import DatasetError, NotFound

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["export_seat_labels"]


def export_seat_labels(lab: "Lab", bench: "Workbench") -> dict[str, bytes]:
    """The labeling project's labels as COCO, by file name; nothing where there is no project, or nothing labeled.

    Raises:
        LabError: There may be labels, and they could not be had: then they are not to be deleted either.
    """
    from automation.coco import dump
    from automation.workflow.annotations import export_project

    plan = lab.labeling
    if plan is None or not (plan.in_label_studio or bench.cloud.is_local):  # Azure's own projects are retired
        return {}
    try:
        if not plan.in_label_studio and bench.labeling.find(plan.project) is None:
            return {}
        dataset = export_project(bench, plan.project, plan, lambda _: None)
    except NotFound:
        return {}
    except DatasetError as exc:
        if exc.findings:
            raise
        return {}
    return {f"{plan.project}.json": dump(dataset)}
