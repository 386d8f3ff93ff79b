"""Importing existing labels: a COCO file's labels go to the tasks whose pictures it names.

Owns: matching pictures and classes, turning boxes into fractions, what is counted and what is reported.
Leaves: reading the file to `coco_import.py`, the rows to `tasks.py`.

Importing the same file again gives the same labels: each picture's labels are replaced.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from localazure.clock import Clock
from localazure.labeling.coco_import import CocoAnnotation, CocoImage, Finding, ImportRequest, Unit, decide_unit
from localazure.labeling.filling import IMAGE_SUFFIXES
from localazure.labeling.shapes import ShapeError, unit_box, unit_polygon
from localazure.labeling.sizes import Sizes
from localazure.labeling.tasks import Label, Task, TaskLabels, Tasks
from localazure.labeling.types import AnnotationType, Project

__all__ = ["ImportReport", "Importer"]

_PREFIX = "AmlDatastore://"


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """`labeled`: pictures that got labels. `annotations`, `ignored`: labels taken and left. `unmatched`: pictures."""

    labeled: int = 0
    annotations: int = 0
    ignored: int = 0
    unmatched: int = 0
    findings: list[Finding] = field(default_factory=list[Finding])


class Importer:
    def __init__(self, tasks: Tasks, sizes: Sizes, clock: Clock) -> None:
        self._tasks = tasks
        self._sizes = sizes
        self._clock = clock

    def run(self, project: Project, request: ImportRequest) -> ImportReport:
        """All or nothing; AzureError 400 when the file's unit cannot be told."""
        unit = decide_unit(request.coco)
        report = ImportReport()
        rows = _rows_by_image(request, report)
        matched = self._match(project, request.coco.images, rows, report)
        sizes = self._sizes_for(project, matched, unit)
        classes = _classes(project, request, report)
        changes: list[TaskLabels] = []
        for image, task, annotations in matched:
            labels = _Labels(project, classes, unit, _size(image, sizes.get(task.number)), report).of(annotations)
            if labels:
                changes.append(TaskLabels(number=task.number, state=request.state, labels=labels))
        self._tasks.put_labels(project.number, changes, now=self._clock.now())
        report.labeled = len(changes)
        report.annotations = sum(len(change.labels) for change in changes)
        report.ignored = len(request.coco.annotations) - report.annotations
        return report

    def _match(
        self,
        project: Project,
        images: list[CocoImage],
        rows: Mapping[int, list[tuple[int, CocoAnnotation]]],
        report: ImportReport,
    ) -> list[tuple[CocoImage, Task, list[tuple[int, CocoAnnotation]]]]:
        matched: list[tuple[CocoImage, Task, list[tuple[int, CocoAnnotation]]]] = []
        taken: dict[int, int] = {}
        for place, image in enumerate(images):
            task, reason = self._task_of(project, image)
            if task is not None and task.number in taken:
                reason = f"images[{taken[task.number]}] is the same picture"
            if task is None or task.number in taken:
                report.unmatched += 1
                code = "picture-not-found" if task is None else "picture-twice"
                report.findings.append(Finding(code=code, where=f"/images/{place}", message=reason))
                continue
            taken[task.number] = place
            if image.id in rows:
                matched.append((image, task, rows[image.id]))
        return matched

    def _task_of(self, project: Project, image: CocoImage) -> tuple[Task | None, str]:
        """By address, then by path, then by a file name that only one picture has."""
        for path in _paths(project, image):
            task = self._tasks.by_path(project.number, path)
            if task is not None:
                return task, ""
        name = (image.file_name or image.absolute_url or image.coco_url or "").split("?", 1)[0].rsplit("/", 1)[-1]
        found = self._tasks.by_name(project.number, name) or self._tasks.by_name(project.number, unquote(name))
        if len(found) == 1:
            return found[0], ""
        if not name.lower().endswith(IMAGE_SUFFIXES):
            return None, f"a labeling project takes no picture like '{name}', only {', '.join(IMAGE_SUFFIXES)}"
        several = f"several pictures are called '{name}'"
        return None, several if found else f"the project has no picture '{image.file_name or name}'"

    def _sizes_for(
        self, project: Project, matched: list[tuple[CocoImage, Task, list[tuple[int, CocoAnnotation]]]], unit: Unit
    ) -> dict[int, tuple[int, int]]:
        """Pixels need a size: the file's own, else the picture's."""
        if unit == "fractions":
            return {}
        return self._sizes.of(project, [task for image, task, _ in matched if _size(image, None) is None])


class _Labels:
    """Labels of one picture."""

    def __init__(
        self,
        project: Project,
        classes: Mapping[int, str],
        unit: Unit,
        size: tuple[float, float] | None,
        report: ImportReport,
    ) -> None:
        self._project = project
        self._classes = classes
        self._scale = (1.0, 1.0) if unit == "fractions" else size
        self._report = report

    def of(self, rows: list[tuple[int, CocoAnnotation]]) -> tuple[Label, ...]:
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

    def _tags(self, rows: list[tuple[int, CocoAnnotation]]) -> tuple[Label, ...]:
        keys = list(
            dict.fromkeys(self._classes[row.category_id] for _, row in rows if row.category_id in self._classes)
        )
        if len(keys) > 1 and not self._project.spec.multi_label:
            message = f"the picture has {len(keys)} classes, the project takes one"
            where = f"/annotations/{rows[0][0]}"
            self._report.findings.append(Finding(code="several-classes", where=where, message=message))
            return ()
        return tuple(Label(class_key=key) for key in keys)

    def _shape(self, row: CocoAnnotation, class_key: str) -> Label:
        if self._scale is None:
            raise ShapeError("no-size", "the picture's size is unknown, and its boxes are in pixels")
        if self._project.spec.annotation_type is AnnotationType.INSTANCE_SEGMENTATION:
            if not isinstance(row.segmentation, list) or not row.segmentation:
                raise ShapeError("no-polygon", "it has no polygon")
            polygon, box = unit_polygon(row.segmentation, self._scale)
            return Label(class_key=class_key, box=box, polygon=polygon)
        if row.bbox is None:
            raise ShapeError("no-box", "it has no box")
        return Label(class_key=class_key, box=unit_box(row.bbox, self._scale))


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


def _paths(project: Project, image: CocoImage) -> list[str]:
    """Blob paths that the image may mean, the surest first."""
    paths: list[str] = []
    place = project.place
    for url in (image.absolute_url, image.coco_url):
        if url is None:
            continue
        if url.startswith(_PREFIX):
            paths.append(unquote(url[len(_PREFIX) :].partition("/")[2]))
        elif url.lower().startswith("http"):
            paths.extend(_after_container(unquote(urlsplit(url).path), place.account, place.container))
    if image.file_name:
        name = image.file_name.replace("\\", "/").removeprefix("./")
        paths += [name, place.folder + name]
    return paths


def _after_container(path: str, account: str, container: str) -> list[str]:
    """The blob's name in a path of either style: /container/blob or /account/container/blob."""
    prefixes = (f"/{account}/{container}/", f"/{container}/")
    return [path.removeprefix(prefix) for prefix in prefixes if path.startswith(prefix)]
