"""The evaluation process: `python -m localazure.vision.evaluation_worker JOB_DIR`.

Owns: running a model over the test pictures and telling the metrics. It ends with `result.json`, or with an exit code
that is not 0; it stops when a file `cancel` appears and when its standard input ends, so it never outlives its server.
Leaves: staging to `evaluation_runs.py`, the model and the metrics to `localazure.training`.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

from localazure.worker_side import STOPPED, end_with_starter, put

__all__ = ["main"]


class _Image(msgspec.Struct, frozen=True):
    path: str
    labels: list[int]
    boxes: list[tuple[float, float, float, float]] = []


class _Job(msgspec.Struct, frozen=True):
    kind: Literal["detector", "classifier"]
    model: str
    images: list[_Image]


def main(arguments: Sequence[str]) -> int:
    """Do the job in this folder."""
    folder = Path(arguments[0])
    end_with_starter()
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=_Job)
    put(folder, "result.json", _outcome(job, folder))
    return 0


def _outcome(job: _Job, folder: Path) -> dict[str, Any]:
    from localazure.training.errors import ModelFileError, PictureError

    evaluate = _evaluate_detector if job.kind == "detector" else _evaluate_classifier
    try:
        return {"status": "succeeded", "metrics": evaluate(job, folder)}
    except PictureError as error:
        return {"status": "failed", "code": "datasetCorrupt", "message": str(error)}
    except ModelFileError as error:
        return {"status": "failed", "code": "internalServerError", "message": f"The model cannot be used: {error}"}


def _evaluate_detector(job: _Job, folder: Path) -> dict[str, Any]:
    from localazure.training.detections import Detection
    from localazure.training.detector_model import DetectorModel
    from localazure.training.metrics import evaluate_detector

    model = DetectorModel.load(Path(job.model))
    found = [model.predict(_open(folder, job, number), min_score=0.0) for number in range(len(job.images))]
    truth = [
        [
            Detection(class_index=label, x=x, y=y, w=w, h=h)
            for label, (x, y, w, h) in zip(image.labels, image.boxes, strict=True)
        ]
        for image in job.images
    ]
    return evaluate_detector(truth, found, model.classes).performance()


def _evaluate_classifier(job: _Job, folder: Path) -> dict[str, Any]:
    from localazure.training.classifier import ClassifierModel
    from localazure.training.metrics import evaluate_classifier

    model = ClassifierModel.load(Path(job.model))
    probabilities = [model.classify(_open(folder, job, number)) for number in range(len(job.images))]
    return evaluate_classifier([image.labels[0] for image in job.images], probabilities, model.classes).performance()


def _open(folder: Path, job: _Job, number: int) -> Any:
    """The next picture; the place to stop and to tell how far we are."""
    from localazure.training import open_image
    from localazure.training.errors import PictureError

    if (folder / "cancel").exists():
        sys.exit(STOPPED)
    fraction = number / len(job.images)
    put(folder, "progress.json", {"fraction": fraction, "stage": "evaluating", "detail": f"{number} pictures"})
    name = job.images[number].path
    try:
        return open_image(folder / name)
    except PictureError as error:
        raise PictureError(f"{name}: {error}") from error


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
