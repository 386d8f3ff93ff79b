"""Labels that exist already, brought into a labeling project: whatever format they are in, and wherever the project is.

Owns: which classes they may have, and that what people have done is not gone over by itself.
Leaves: reading COCO to `coco_sources.py`, Label Studio's results to `studio.py`.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TYPE_CHECKING

from automation.coco import Dataset, dump
from automation.errors import DatasetError, Finding, Severity
from automation.nearest import hint_for
from automation.workflow.coco_sources import as_coco, is_service_csv, read_labels
from automation.workflow.lab_types import Lab, LabelingPlan
from automation.workflow.prepare import summarise
from automation.workflow.studio import results_of
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.labeling import ImportReport

__all__ = ["done_by_people", "import_labels"]


def import_labels(
    lab: Lab,
    bench: Workbench,
    plan: LabelingPlan,
    say: Callable[[str], None],
    *,
    state: str = "labeled",
    keep: Collection[str] = (),
) -> "ImportReport":
    """Labels that exist already, checked and put into the project. Raises DatasetError with every finding.

    Args:
        lab: Has the folder of the pictures.
        bench: Has the clients.
        plan: Names the file and the project.
        say: Hears of warnings.
        state: "labeled" for finished labels, "prelabeled" for proposals.
        keep: Pictures whose labels are left alone.
    """
    if plan.imported is None:
        raise DatasetError("lab.yaml names no labels to import", findings=(), hint="add `import:` to `labeling:`")
    if not plan.in_label_studio and is_service_csv(plan.imported):
        report = bench.labeling.import_csv(plan.project, plan.imported.read_text("utf-8-sig"), state=state)
        return _said_report(report, say)
    folder = lab.folder_of(plan.container)
    with as_coco(plan.imported, folder) as coco_file:
        dataset, warnings = read_labels(coco_file, folder, quota=None)
    _demand_known_classes(dataset, plan)
    dataset = _without(dataset, keep)
    for line in summarise(warnings):
        say(line)
    if plan.in_label_studio:
        studio, results = bench.label_studio(plan.url), results_of(dataset, plan.task)
        send = studio.annotate if state == "labeled" else studio.propose
        report = send(plan.project, results)
    else:
        report = bench.labeling.import_coco(plan.project, dump(dataset), state=state)
    return _said_report(report, say)


def done_by_people(bench: Workbench, plan: LabelingPlan) -> set[str]:
    """Pictures that people have labeled, corrected, skipped or approved, so that an import by itself goes not over it.

    Label Studio's annotations are never gone over.
    """
    if plan.in_label_studio:
        return set()
    found = set[str]()
    for state in ("labeled", "review", "skipped"):
        for task in bench.labeling_data.tasks(plan.project, {"state": state}):
            imported = task["labels"] and all(label["source"] == "import" for label in task["labels"])
            if not imported or task["review"]:
                found.add(str(task["path"]))
    return found


def _without(dataset: Dataset, names: Collection[str]) -> Dataset:
    """The dataset without some pictures."""
    gone = {image.id for image in dataset.images if image.file_name in names}
    return replace(
        dataset,
        images=tuple(image for image in dataset.images if image.id not in gone),
        annotations=tuple(annotation for annotation in dataset.annotations if annotation.image_id not in gone),
    )


def _said_report(report: "ImportReport", say: Callable[[str], None]) -> "ImportReport":
    for line in summarise(report.findings):
        say(line)
    return report


def _demand_known_classes(dataset: Dataset, plan: LabelingPlan) -> None:
    unknown = [
        Finding(
            code="unknown-class",
            severity=Severity.ERROR,
            where=f"/categories/{index}/name",
            message=f"the class {category.name!r} is not one of the project's",
            hint=hint_for(category.name, plan.classes, otherwise="add it to `classes:`"),
        )
        for index, category in enumerate(dataset.categories)
        if category.name not in plan.classes
    ]
    if unknown:
        raise DatasetError(f"{len(unknown)} classes of the labels are not in lab.yaml", findings=unknown)
