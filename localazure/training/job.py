"""A training job on disk: what is asked (`job.json`), how far it is (`progress.json`), how it ended (`result.json`).

Owns: the three files and the names beside them. Everything is written whole or not at all.
Leaves: doing the job to `worker.py`.
"""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from localazure.training.errors import FailureCode, TrainingError

__all__ = [
    "Job",
    "JobError",
    "JobImage",
    "Result",
    "cancel_file",
    "model_file",
    "read_job",
    "write_progress",
    "write_result",
]


class JobError(TrainingError):
    """The folder holds no job that can be done."""


class JobImage(msgspec.Struct, frozen=True, kw_only=True):
    """One picture. Paths are relative to the job's folder; boxes are left, top, width, height in pixels."""

    path: str
    labels: list[int]
    boxes: list[tuple[float, float, float, float]] = msgspec.field(
        default_factory=list[tuple[float, float, float, float]]
    )


class Job(msgspec.Struct, frozen=True, kw_only=True):
    kind: Literal["detector", "classifier"]
    classes: list[str]
    images: list[JobImage]
    budget_s: Annotated[float, msgspec.Meta(gt=0)]
    seed: Annotated[int, msgspec.Meta(ge=0)]
    evaluation_images: list[JobImage] | None = None


class Result(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How it ended: with metrics, with a failure's code and message, or cancelled."""

    status: Literal["succeeded", "failed", "cancelled"]
    metrics: dict[str, Any] | None = None
    metrics_from: Literal["evaluation", "cross-validation"] | None = None
    seconds: float | None = None
    code: FailureCode | None = None
    message: str | None = None


def cancel_file(folder: Path) -> Path:
    """When this file appears, the worker stops."""
    return folder / "cancel"


def model_file(folder: Path) -> Path:
    return folder / "model.vlm"


def read_job(folder: Path) -> Job:
    """Read and check the job; raises JobError."""
    try:
        job = msgspec.json.decode((folder / "job.json").read_bytes(), type=Job)
    except OSError as exc:
        raise JobError(f"job.json cannot be read: {exc.strerror}") from exc
    except msgspec.DecodeError as exc:
        raise JobError(f"job.json: {exc}") from exc
    if not job.classes or not job.images:
        raise JobError("job.json names no classes or no images")
    for name, images in (("images", job.images), ("evaluation_images", job.evaluation_images or [])):
        for place, image in enumerate(images):
            _check_image(job, image, f"{name}[{place}]")
    return job


def write_progress(folder: Path, *, fraction: float, stage: str, detail: str) -> None:
    _write(folder / "progress.json", {"fraction": round(fraction, 4), "stage": stage, "detail": detail}, lasting=False)


def write_result(folder: Path, result: Result) -> None:
    _write(folder / "result.json", result, lasting=True)


def _check_image(job: Job, image: JobImage, where: str) -> None:
    if any(not 0 <= label < len(job.classes) for label in image.labels):
        raise JobError(f"{where} ({image.path}) has a label that is no class index")
    if job.kind == "detector" and len(image.boxes) != len(image.labels):
        raise JobError(f"{where} ({image.path}) has {len(image.boxes)} boxes and {len(image.labels)} labels")
    if job.kind == "classifier" and len(image.labels) != 1:
        raise JobError(f"{where} ({image.path}) needs exactly one label")


def _write(path: Path, value: object, *, lasting: bool) -> None:
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(value))
        if lasting:
            file.flush()
            os.fsync(file.fileno())
    draft.replace(path)
