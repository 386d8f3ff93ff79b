"""A seat's labels: as files, for its archive; and their end, where their workspace does not end with the seat.

Owns: what counts as having none. Leaves: exporting to `workflow`.
"""

from typing import TYPE_CHECKING

from automation.errors import DatasetError, NotFound

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["delete_shared_project", "export_seat_labels"]


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


def delete_shared_project(lab: "Lab", bench: "Workbench") -> str | None:
    """Delete the labeling project of a seat that shares its course's workspace; its name, None where there is none.

    A workspace of the seat's own takes its projects with it. One that is not there is deleted.
    """
    plan, outputs = lab.labeling, bench.outputs()
    workspace = outputs.ml_workspace_id
    own = workspace is None or workspace.lower().startswith(f"{outputs.resource_group_id}/".lower())
    if plan is None or plan.in_label_studio or own or not bench.cloud.is_local:
        return None
    if bench.labeling.find(plan.project) is None:
        return None
    bench.labeling.delete(plan.project)
    return plan.project
