"""Label Studio joined to a lab: links to its pictures go there, COCO becomes its results, its answers become COCO.

Owns: what a picture's address is there, what each task takes of a COCO file, and what of its answers COCO can hold.
Leaves: results in percent to the format label-studio of `automation.coco`, the server to `automation.labeling`.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

from automation.coco import Annotation, Box, Category, Dataset, Unit, unit_of
from automation.coco.formats.format import Files
from automation.coco.formats.label_studio import LABEL_STUDIO
from automation.coco.formats.measures import around, measured, number, polygons_of
from automation.coco.formats.told import Told
from automation.coco.units import clamped
from automation.errors import DatasetError, Finding, Severity
from automation.labeling import Task
from automation.pictures import SUFFIXES

if TYPE_CHECKING:
    from automation.labeling import Answers
    from automation.storage import BlobStore

__all__ = ["links_of", "results_of", "studio_dataset"]

LINK_HOURS = 7 * 24
_WHOLE = (1.0, 1.0)


def links_of(blobs: "BlobStore", container: str) -> dict[str, str]:
    """Each picture of a container, and a link that reads it for seven days: a secret."""
    names = [blob.name for blob in blobs.list(container) if blob.name.lower().endswith(tuple(SUFFIXES))]
    query = blobs.read_query(container, hours=LINK_HOURS)
    return {name: f"{blobs.url(container, name)}?{query}" for name in names}


def results_of(dataset: Dataset, task: Task) -> dict[str, tuple[dict[str, Any], ...]]:
    """The labels of each picture as Label Studio's results; those that this task has no place for are left out.

    Raises:
        DatasetError: It is not clear in which unit the boxes are.
    """
    unit = unit_of(dataset)
    shaped = _shaped(dataset if unit is Unit.ABSENT else measured(dataset, unit, Unit.NORMALISED), task)
    tasks = json.loads(LABEL_STUDIO.dump(shaped, Told())[""])
    of_image: dict[int, list[Annotation]] = {image.id: [] for image in shaped.images}
    for annotation in shaped.annotations:
        of_image[annotation.image_id].append(annotation)
    found: dict[str, tuple[dict[str, Any], ...]] = {}
    for image, dumped in zip(shaped.images, tasks, strict=True):
        results: list[dict[str, Any]] = dumped["annotations"][0]["result"]
        scores = [score for a in of_image[image.id] for score in [_score(a)] * max(len(polygons_of(a)), 1)]
        if task is Task.IMAGE_CLASSIFICATION_MULTILABEL and results:  # one result with all choices, as its page makes
            names = [name for result in results for name in result["value"]["choices"]]
            results, scores = [{**results[0], "value": {"choices": names}}], [min(scores, key=lambda s: s or 0)]
        found[image.file_name] = tuple(
            result if score is None else {**result, "score": score}
            for result, score in zip(results, scores, strict=True)
        )
    return found


def _score(annotation: Annotation) -> float | None:
    return number(annotation.extra.get("score", annotation.extra.get("confidence")))


def _shaped(dataset: Dataset, task: Task) -> Dataset:
    if task in (Task.IMAGE_CLASSIFICATION, Task.IMAGE_CLASSIFICATION_MULTILABEL):
        first: dict[object, Annotation] = {}
        for annotation in dataset.annotations:
            several = annotation.category_id if task is Task.IMAGE_CLASSIFICATION_MULTILABEL else None
            first.setdefault((annotation.image_id, several), replace(annotation, box=None))
        return replace(dataset, annotations=tuple(first.values()))
    boxed = (annotation for annotation in dataset.annotations if annotation.box is not None)
    if task is Task.OBJECT_DETECTION:
        return replace(dataset, annotations=tuple(_without(annotation, "segmentation") for annotation in boxed))
    return replace(dataset, annotations=tuple(a if polygons_of(a) else _cornered(a) for a in boxed))


def _without(annotation: Annotation, key: str) -> Annotation:
    return replace(annotation, extra={name: value for name, value in annotation.extra.items() if name != key})


def _cornered(annotation: Annotation) -> Annotation:
    box = cast("Box", annotation.box)
    corners = [box.x, box.y, box.right, box.y, box.right, box.bottom, box.x, box.bottom]
    return replace(annotation, extra={**annotation.extra, "segmentation": [corners]})


def studio_dataset(answers: "Answers", classes: Sequence[str]) -> tuple[Dataset, list[Finding]]:
    """What people have labeled, as COCO: pictures by name, classes in the project's order, boxes as shares.

    Rotated boxes become the upright boxes around them; pictures that were skipped are left out, empty ones are not.

    Raises:
        DatasetError: A result is not as Label Studio makes them; the findings name the picture.
    """
    names = list(answers.results)
    tasks = [
        {"data": {"image": "/data/local-files/?d=" + quote(name, safe="/")}, "annotations": [{"result": list(results)}]}
        for name, results in answers.results.items()
    ]
    told = Told()
    read = LABEL_STUDIO.parse(Files(texts={"answers": json.dumps(tasks).encode()}), told).dataset
    try:
        told.refuse("the project's answers")
    except DatasetError as wrong:
        raise DatasetError(
            "some answers of the project cannot be read",
            findings=[_named(finding, names) for finding in wrong.findings],
            hint="mend these pictures in Label Studio",
        ) from wrong
    sizes = {image.id: (image.width, image.height) for image in read.images}
    turned = sum(1 for annotation in read.annotations if _rotation(annotation))
    upright = [_upright(annotation, sizes[annotation.image_id]) for annotation in read.annotations]
    kept = [a for a in upright if a.box is None or (a.box.w > 0 and a.box.h > 0)]
    dataset = _in_order(replace(read, annotations=tuple(kept)), classes)
    counted = [
        ("further-annotations", answers.further, "further annotations of a picture are not read: the newest counts"),
        ("strange-tasks", answers.strange, "tasks are about no picture of the lab"),
        ("rotated-boxes", turned, "rotated boxes became the upright boxes around them"),
        ("no-area", len(upright) - len(kept), "shapes without an area are left out"),
        ("unknown-class", len(dataset.categories) - len(classes), "classes are not the project's, and stand last"),
    ]
    return dataset, [*told.warnings("Label Studio"), *_counted(counted)]


def _counted(counted: Sequence[tuple[str, int, str]]) -> Iterator[Finding]:
    for code, count, said in counted:
        if count:
            message = f"{count:,} {said}"
            yield Finding(code=code, severity=Severity.WARNING, where="Label Studio", message=message)


def _named(finding: Finding, names: Sequence[str]) -> Finding:
    """A finding with the picture's name in the place of the task's number."""
    index, _, rest = finding.where.removeprefix("/").partition("/")
    known = index.isdigit() and int(index) < len(names)
    return replace(finding, where=f"{names[int(index)]}: /{rest}") if known else finding


def _rotation(annotation: Annotation) -> float:
    attributes = annotation.extra.get("attributes")
    said = cast("Mapping[str, object]", attributes).get("rotation") if isinstance(attributes, dict) else None
    return number(said) or 0.0


def _upright(annotation: Annotation, size: tuple[float, float]) -> Annotation:
    """Inside its picture, and without rotation."""
    box, turned = annotation.box, _rotation(annotation)
    plain = _without(annotation, "attributes")
    if box is None:
        return plain
    if turned:  # about its middle, in pixels, for a turn is none in shares of a picture that is not square
        cos, sin = abs(math.cos(math.radians(turned))), abs(math.sin(math.radians(turned)))
        w, h = box.w * size[0], box.h * size[1]
        wide, high = (w * cos + h * sin) / size[0], (w * sin + h * cos) / size[1]
        box = Box(x=box.x + (box.w - wide) / 2, y=box.y + (box.h - high) / 2, w=wide, h=high)
    if polygons := polygons_of(plain):
        inside = [[min(max(part, 0.0), 1.0) for part in polygon] for polygon in polygons]
        return replace(plain, box=around(inside), extra={**plain.extra, "segmentation": inside})
    return replace(plain, box=clamped(box, _WHOLE))


def _in_order(dataset: Dataset, classes: Sequence[str]) -> Dataset:
    """The project's classes first, in its order, whether or not they have labels; ids from 1."""
    there = {category.id: category.name for category in dataset.categories}
    used = {annotation.category_id for annotation in dataset.annotations}
    more = [name for number_, name in there.items() if number_ in used and name not in classes]
    ids = {name: number_ for number_, name in enumerate([*classes, *more], 1)}
    return replace(
        dataset,
        categories=tuple(Category(id=number_, name=name) for name, number_ in ids.items()),
        annotations=tuple(
            replace(annotation, id=number_, category_id=ids[there[annotation.category_id]])
            for number_, annotation in enumerate(dataset.annotations, 1)
        ),
    )
