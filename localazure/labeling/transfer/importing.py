"""Importing existing labels: a file's labels go to the tasks whose pictures it names.

Owns: matching classes, turning boxes into fractions, what is counted and what is reported, writing a stretch at a time.
Leaves: reading the file to `import_request.py`, finding pictures to `import_matching.py`, the rows to `tasks.py`.

Importing the same file again changes nothing: pictures that have these labels already are left as they are.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from localazure.clock import Clock
from localazure.labeling import labels as label_rows
from localazure.labeling.history import History
from localazure.labeling.pictures.sizes import Sizes
from localazure.labeling.queue.shapes import ShapeError, unit_box, unit_polygon
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Label, Task, TaskLabels, Tasks
from localazure.labeling.transfer.coco_import import CocoAnnotation, CocoImage, Finding, Unit
from localazure.labeling.transfer.import_matching import Matching
from localazure.labeling.transfer.import_request import ImportRequest
from localazure.labeling.types import AnnotationType, Project

__all__ = ["ImportReport", "Importer"]

_AT_ONCE = 1_000  # pictures in a transaction: people who label meanwhile wait no longer than for that


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """`labeled`: pictures that got labels, or had them already. `annotations`, `ignored`: labels taken and left.
    `unmatched`: pictures that the project does not have.
    """

    labeled: int = 0
    annotations: int = 0
    ignored: int = 0
    unmatched: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Matched:
    """A picture of the file, its task, and its labels with their places in the file's list."""

    place: int
    image: CocoImage
    task: Task
    rows: Sequence[tuple[int, CocoAnnotation]]


class Importer:
    def __init__(self, *, tables: Tables, tasks: Tasks, sizes: Sizes, history: History, clock: Clock) -> None:
        self._tables = tables
        self._tasks = tasks
        self._sizes = sizes
        self._history = history
        self._clock = clock

    def run(self, project: Project, request: ImportRequest, *, who: str) -> ImportReport:
        """Everything that can be taken is; what cannot is a finding."""
        report = ImportReport()
        rows = _rows_by_image(request, report)
        matched = self._match(project, request, rows, report)
        sizes = self._sizes_for(project, matched, request.unit)
        classes = _classes(project, request, report)
        scored = request.state == "prelabeled"
        for stretch in _stretches(matched):
            changes: list[tuple[_Matched, TaskLabels]] = []
            for each in stretch:
                size = _size(each.image, sizes.get(each.task.number))
                labels = _Labels(project, classes, request.unit, size, report, scored=scored).of(each.rows)
                if labels:
                    changes.append((each, TaskLabels(number=each.task.number, state=request.state, labels=labels)))
            self._write(project, changes, report, who)
        report.ignored = len(request.coco.annotations) - report.annotations
        if request.places is not None:
            places = request.places
            told = [replace(finding, where=places.of(finding.where)) for finding in report.findings]
            report.findings = [*places.findings, *told]
        self._remember(project, request, report, who)
        return report

    def _write(
        self, project: Project, changes: Sequence[tuple[_Matched, TaskLabels]], report: ImportReport, who: str
    ) -> None:
        """What is as it should be already is left alone, with its version and its date."""
        numbers = [change.number for _, change in changes]
        with self._tables.read() as db:
            there = label_rows.of_tasks(db, project.number, numbers)
        fresh = [
            change
            for each, change in changes
            if each.task.state != change.state or there.get(change.number) != change.labels
        ]
        left = set(self._tasks.put_labels(project.number, fresh, now=self._clock.now(), who=who))
        for each, change in changes:
            if change.number not in left:
                report.labeled += 1
                report.annotations += len(change.labels)
                continue
            message = "people labeled this picture, or are at it: proposals come too late"
            report.findings.append(Finding(code="left-alone", where=f"/images/{each.place}", message=message))

    def _remember(self, project: Project, request: ImportRequest, report: ImportReport, who: str) -> None:
        detail = {"state": request.state, "labeled": report.labeled, "labels": report.annotations}
        with self._tables.write() as db:
            self._history.add(db, project.number, who, "imported", detail=detail)

    def _match(
        self,
        project: Project,
        request: ImportRequest,
        rows: Mapping[int, Sequence[tuple[int, CocoAnnotation]]],
        report: ImportReport,
    ) -> list[_Matched]:
        matched: list[_Matched] = []
        taken: dict[int, int] = {}
        with self._tables.read() as db:
            matching = Matching(db, project)
            for place, image in enumerate(request.coco.images):
                task, reason = matching.task_of(image)
                if task is not None and task.number in taken:
                    first = f"/images/{taken[task.number]}"
                    reason = f"{request.places.of(first) if request.places else first} is the same picture"
                if task is None or task.number in taken:
                    report.unmatched += 1
                    code = "picture-not-found" if task is None else "picture-twice"
                    report.findings.append(Finding(code=code, where=f"/images/{place}", message=reason))
                    continue
                taken[task.number] = place
                if image.id in rows:
                    matched.append(_Matched(place=place, image=image, task=task, rows=rows[image.id]))
        return matched

    def _sizes_for(self, project: Project, matched: Sequence[_Matched], unit: Unit) -> dict[int, tuple[int, int]]:
        """Pixels need a size: the file's own, else the picture's."""
        if unit == "fractions":
            return {}
        return self._sizes.of(project, [each.task for each in matched if _size(each.image, None) is None])


class _Labels:
    """Labels of one picture."""

    def __init__(
        self,
        project: Project,
        classes: Mapping[int, str],
        unit: Unit,
        size: tuple[float, float] | None,
        report: ImportReport,
        *,
        scored: bool,
    ) -> None:
        """`scored` keeps scores: those of proposals count, finished labels are certain."""
        self._project = project
        self._classes = classes
        self._scale = (1.0, 1.0) if unit == "fractions" else size
        self._report = report
        self._scored = scored

    def of(self, rows: Sequence[tuple[int, CocoAnnotation]]) -> tuple[Label, ...]:
        if self._project.spec.annotation_type is AnnotationType.CLASSIFICATION:
            return self._tags(rows)
        labels: list[Label] = []
        for place, row in rows:
            if row.category_id not in self._classes:
                continue
            try:
                labels.append(self._shape(row, self._classes[row.category_id]))
            except ShapeError as error:
                finding = Finding(code=error.code, where=f"/annotations/{place}", message=str(error))
                self._report.findings.append(finding)
        return tuple(labels)

    def _tags(self, rows: Sequence[tuple[int, CocoAnnotation]]) -> tuple[Label, ...]:
        found: dict[str, CocoAnnotation] = {}
        for _, row in rows:
            if row.category_id in self._classes:
                found.setdefault(self._classes[row.category_id], row)
        if len(found) > 1 and not self._project.spec.multi_label:
            message = f"the picture has {len(found)} classes, the project takes one"
            where = f"/annotations/{rows[0][0]}"
            self._report.findings.append(Finding(code="several-classes", where=where, message=message))
            return ()
        return tuple(Label(class_key=key, confidence=self._confidence(row)) for key, row in found.items())

    def _shape(self, row: CocoAnnotation, class_key: str) -> Label:
        if self._scale is None:
            raise ShapeError("no-size", "the picture's size is unknown, and its boxes are in pixels")
        confidence = self._confidence(row)
        if self._project.spec.annotation_type is AnnotationType.INSTANCE_SEGMENTATION:
            polygon, box = unit_polygon(_rings(row, "no-polygon", "it has no polygon"), self._scale)
            return Label(class_key=class_key, box=box, polygon=polygon, confidence=confidence)
        if row.bbox is not None:
            box = unit_box(row.bbox, self._scale)
        else:
            _, box = unit_polygon(_rings(row, "no-box", "it has no box"), self._scale)
        return Label(class_key=class_key, box=box, confidence=confidence)

    def _confidence(self, row: CocoAnnotation) -> float:
        known = self._scored and row.score is not None and 0 <= row.score <= 1
        return row.score if known and row.score is not None else 1.0


def _rings(row: CocoAnnotation, code: str, message: str) -> list[list[float]]:
    if isinstance(row.segmentation, list) and row.segmentation:
        return row.segmentation
    if isinstance(row.segmentation, dict):
        raise ShapeError(code, f"{message}, but a mask in run lengths: turn it into polygons")
    raise ShapeError(code, message)


def _stretches(matched: Sequence[_Matched]) -> Iterator[list[_Matched]]:
    rest = iter(matched)
    while stretch := list(islice(rest, _AT_ONCE)):
        yield stretch


def _rows_by_image(request: ImportRequest, report: ImportReport) -> dict[int, list[tuple[int, CocoAnnotation]]]:
    known = {image.id for image in request.coco.images}
    rows: dict[int, list[tuple[int, CocoAnnotation]]] = {}
    for place, row in enumerate(request.coco.annotations):
        if row.image_id in known:
            rows.setdefault(row.image_id, []).append((place, row))
        else:
            message = f"there is no image {row.image_id}"
            report.findings.append(Finding(code="no-image", where=f"/annotations/{place}/image_id", message=message))
    return rows


def _classes(project: Project, request: ImportRequest, report: ImportReport) -> dict[int, str]:
    """The project's class for each category id, by shown name or key, case aside."""
    names: dict[str, str] = {}
    for key, shown in project.spec.class_names():
        names.setdefault(shown.casefold(), key)
        names.setdefault(key.casefold(), key)
    classes: dict[int, str] = {}
    for place, category in enumerate(request.coco.categories):
        key = names.get(category.name.casefold())
        if key is not None:
            classes[category.id] = key
            continue
        message = f"the project has no class '{category.name}'"
        report.findings.append(Finding(code="unknown-class", where=f"/categories/{place}", message=message))
    return classes


def _size(image: CocoImage, true: tuple[int, int] | None) -> tuple[float, float] | None:
    if image.width and image.height and image.width > 0 and image.height > 0:
        return image.width, image.height
    return true
