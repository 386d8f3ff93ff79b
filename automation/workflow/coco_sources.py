"""COCO files of a lab, brought together with its pictures.

Owns: which blob a file name of a COCO file means, the pictures' sizes, and findings where the two do not fit.
Leaves: COCO itself to `automation.coco`.
"""

import tempfile
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePosixPath

from automation.coco import (
    CLASSIFIER_EVALUATION,
    CLASSIFIER_TRAINING,
    DETECTOR_EVALUATION,
    DETECTOR_TRAINING,
    Dataset,
    Image,
    Quota,
    Unit,
    check_decoded,
    decode_file,
    find_unit,
    with_sizes,
)
from automation.coco.formats.conversion import convert_dataset, find_format
from automation.errors import DatasetError, Finding, Severity
from automation.labeling import Task
from automation.pictures import picture_size
from automation.training import ModelKind
from automation.workflow.lab_types import DatasetPlan, Lab

__all__ = [
    "as_coco",
    "check_labels",
    "counts",
    "is_service_csv",
    "kind_of",
    "kind_of_task",
    "picture_size",
    "quota_of",
    "read_labels",
    "with_true_sizes",
]

_QUOTAS = {
    (ModelKind.OBJECT_DETECTION, True): DETECTOR_TRAINING,
    (ModelKind.OBJECT_DETECTION, False): DETECTOR_EVALUATION,
    (ModelKind.IMAGE_CLASSIFICATION, True): CLASSIFIER_TRAINING,
    (ModelKind.IMAGE_CLASSIFICATION, False): CLASSIFIER_EVALUATION,
}


def kind_of(lab: Lab, plan: DatasetPlan, dataset: Dataset | None = None) -> ModelKind:
    """What a dataset is for: its model says it, else its labeling project, else its labels."""
    for model in lab.models:
        if plan.name in (model.train, model.evaluate):
            return model.kind
    if plan.labeling and lab.labeling is not None:
        return kind_of_task(lab.labeling.task)
    if dataset is not None and find_unit(dataset) is Unit.ABSENT:
        return ModelKind.IMAGE_CLASSIFICATION
    return ModelKind.OBJECT_DETECTION


def kind_of_task(task: Task) -> ModelKind:
    """What labels of this task teach."""
    boxes = (Task.OBJECT_DETECTION, Task.INSTANCE_SEGMENTATION)  # a polygon has a box around it
    return ModelKind.OBJECT_DETECTION if task in boxes else ModelKind.IMAGE_CLASSIFICATION


def quota_of(lab: Lab, plan: DatasetPlan, kind: ModelKind) -> Quota:
    """What the service takes for this dataset's purpose."""
    return _QUOTAS[kind, any(model.train == plan.name for model in lab.models)]


def is_service_csv(labels: Path) -> bool:
    """Whether it is a CSV with the columns of a labeling project's export, which our own converter does not know."""
    if labels.suffix.lower() != ".csv":
        return False
    with labels.open("rb") as content:
        return b"image_url" in content.readline(10_000)


@contextmanager
def as_coco(labels: Path, folder: Path) -> Generator[Path]:
    """A file of labels as a COCO file: itself, or a copy that is gone afterwards, whatever format it is in.

    Raises:
        ConfigError: Its format is not clear.
        DatasetError: Something is wrong with it.
    """
    if labels.suffix.lower() == ".json" and find_format(labels) == "coco":
        yield labels
        return
    with tempfile.TemporaryDirectory(prefix="visionlab-labels-") as temporary:
        copy = Path(temporary) / f"{labels.stem}.json"
        convert_dataset(labels, copy, to="pixels", images=folder)
        yield copy


def read_labels(coco_file: Path, folder: Path, *, quota: Quota | None) -> tuple[Dataset, list[Finding]]:
    """A COCO file about the pictures of `folder`, its file names those of the blobs, and warnings.

    Raises:
        DatasetError: Something is wrong with it; the findings are all that is.
    """
    dataset, findings = check_labels(coco_file, folder, quota=quota)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        raise DatasetError(
            f"{coco_file.name} has {errors} error{'s' * (errors != 1)}",
            findings=findings,
            hint=f"mend {coco_file}; `visionlab dataset check` looks at it again",
        )
    return dataset, findings


def check_labels(coco_file: Path, folder: Path, *, quota: Quota | None) -> tuple[Dataset, list[Finding]]:
    """As `read_labels`, with errors among the findings."""
    decoded = decode_file(coco_file)
    names = {image.file_name: _blob_name(image.file_name, coco_file, folder) for image in decoded.dataset.images}
    images = tuple(replace(image, file_name=names[image.file_name]) for image in decoded.dataset.images)
    dataset = replace(decoded.dataset, images=images)
    pictures = list(_against_pictures(dataset, folder))
    dataset = with_true_sizes(dataset, folder)
    # A picture without a size is a gap that its file has just filled: the rules look at what will be sent.
    findings = check_decoded(replace(decoded, dataset=dataset), quota=quota)
    shown = [replace(finding, where=f"{coco_file.name}{finding.where}") for finding in [*findings, *pictures]]
    return dataset, shown


def with_true_sizes(dataset: Dataset, folder: Path) -> Dataset:
    """Sizes that the file does not say, from the pictures themselves."""
    sizes: dict[str, tuple[int, int]] = {}
    for image in dataset.images:
        if not image.sized and (size := picture_size(folder / image.file_name)) is not None:
            sizes[image.file_name] = size
    return with_sizes(dataset, sizes)


def _blob_name(file_name: str, coco_file: Path, folder: Path) -> str:
    """File names start at the COCO file's folder; blobs are named from the pictures' folder."""
    path = (coco_file.parent / file_name).absolute()
    if path.is_relative_to(folder.absolute()) and path.is_file():
        return path.relative_to(folder.absolute()).as_posix()
    return PurePosixPath(file_name).as_posix()


def _against_pictures(dataset: Dataset, folder: Path) -> Iterator[Finding]:
    for index, image in enumerate(dataset.images):
        where = f"/images/{index}"
        if not (folder / image.file_name).is_file():
            yield Finding(
                code="missing-picture",
                severity=Severity.ERROR,
                where=f"{where}/file_name",
                message=f"the picture {image.file_name!r} is not in {folder}",
                hint="put it there, or take it out of the COCO file",
            )
        elif image.sized and not _fits(image, size := picture_size(folder / image.file_name)):
            yield Finding(
                code="wrong-size",
                severity=Severity.ERROR,
                where=where,
                message=f"{image.file_name!r} is {image.width:g} x {image.height:g} here, and shown as {_said(size)}",
                hint="label the picture as it is shown; a camera's EXIF tag may have turned it",
            )


def _said(size: tuple[int, int] | None) -> str:
    return f"{size[0]} x {size[1]}" if size else "nothing that can be read"


def _fits(image: Image, size: tuple[int, int] | None) -> bool:
    """Whether boxes mean the same in both: resized pictures are fine, turned ones are not."""
    if size is None:
        return False
    width, height = size
    return abs(image.width * height - image.height * width) <= 0.01 * image.width * height


def counts(dataset: Dataset) -> Mapping[str, int]:
    """How many pictures and labels a dataset has."""
    return {"images": len(dataset.images), "annotations": len(dataset.annotations)}
