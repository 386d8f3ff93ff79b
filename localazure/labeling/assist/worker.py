"""The assistance's process: `python -m localazure.labeling.assist.worker JOB_DIR`.

Owns: the three jobs (train, look, measure) over a folder of pictures, at low priority, so that people who label never
wait for it. It ends with `result.json`, or with an exit code that is not 0; it stops when a file `cancel` appears and
when its standard input ends, so it never outlives its server.
Leaves: training, looking and measuring to `localazure.training`; what comes of it to the runs.

Labels come in and go out as fractions of the upright picture, as people draw them.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

# Before numpy is loaded: one thread is fastest beside other work, and makes the same seed give the same weights.
for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import msgspec  # noqa: E402 - after the threads are chosen

from localazure.labeling.assist.reading import FAINTEST, Found, Seen  # noqa: E402 - as above
from localazure.worker_side import STOPPED, end_with_starter, put  # noqa: E402 - as above

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["main"]

_NICE = 10


class _Picture(msgspec.Struct, frozen=True):
    """A file of the folder, what it shows, and where."""

    path: str
    labels: list[int] = []
    boxes: list[tuple[float, float, float, float]] = []


class _Job(msgspec.Struct, frozen=True):
    """`models` are files, one for each class where classes are told apart one by one."""

    work: Literal["train", "look", "measure"]
    kind: Literal["detector", "classifier", "classifiers"] = "detector"
    classes: list[str] = []
    images: list[_Picture] = []
    models: list[str] = []
    outlines: bool = False
    budget_s: float = 60.0
    seed: int = 0


def main(arguments: Sequence[str]) -> int:
    """Do the job in this folder."""
    folder = Path(arguments[0])
    os.nice(_NICE)
    job = msgspec.json.decode((folder / "job.json").read_bytes(), type=_Job)
    if job.work == "train" and job.kind != "classifiers":
        return _train_one(job, folder)
    end_with_starter()
    work = {"train": _train_several, "look": _look, "measure": _measure}[job.work]
    put(folder, "result.json", work(job, folder))
    return 0


def _train_one(job: _Job, folder: Path) -> int:
    """By the trainer's own process, once boxes are in pixels and pictures that are none are out of the way."""
    from localazure.training.worker import main as train

    images: list[dict[str, Any]] = []
    unusable: list[str] = []
    for picture in job.images:
        image = _opened(folder, picture.path)
        if image is None:
            unusable.append(picture.path)
            continue
        boxes = [_pixels(box, image) for box in picture.boxes] if job.kind == "detector" else []
        images.append({"path": picture.path, "labels": picture.labels, "boxes": boxes})
    told = {"kind": job.kind, "classes": job.classes, "images": images, "budget_s": job.budget_s, "seed": job.seed}
    put(folder, "unusable.json", unusable)
    put(folder, "job.json", told)
    return train([str(folder)])


def _train_several(job: _Job, folder: Path) -> dict[str, Any]:
    from localazure.training.classifier_several import TaggedPicture, fit_several
    from localazure.training.errors import TrainingFailed

    usable = [picture for picture in job.images if _opened(folder, picture.path) is not None]
    kept = {picture.path for picture in usable}
    put(folder, "unusable.json", [picture.path for picture in job.images if picture.path not in kept])
    started = time.monotonic()
    pictures = [TaggedPicture(path=folder / one.path, labels=frozenset(one.labels)) for one in usable]
    try:
        models, metrics = fit_several(
            pictures,
            job.classes,
            budget_s=job.budget_s,
            seed=job.seed,
            progress=_Progress(folder),
            cancelled=lambda: _check_cancel(folder),
        )
    except TrainingFailed as error:
        return {"status": "failed", "code": error.code, "message": str(error)}
    for number, model in enumerate(models):
        model.save(folder / f"model-{number}.vlm")
    seconds = round(time.monotonic() - started, 3)
    return {"status": "succeeded", "metrics": metrics, "metrics_from": "cross-validation", "seconds": seconds}


def _look(job: _Job, folder: Path) -> dict[str, Any]:
    """Whatever is wrong with one picture is said of that picture; the others are looked at."""
    from localazure.training.errors import ModelFileError

    try:
        look = _looker(job)
    except ModelFileError as error:
        return {"status": "failed", "code": "modelUnusable", "message": f"The model cannot be used: {error}"}
    return {"status": "succeeded", "pictures": [look(image) for image in _images(job, folder)]}


def _looker(job: _Job) -> "Callable[[Image.Image | None], Seen]":
    from localazure.training.classifier_model import ClassifierModel
    from localazure.training.classifier_several import chances_of
    from localazure.training.detector_model import DetectorModel

    if job.kind == "detector":
        detector = DetectorModel.load(Path(job.models[0]))
        return lambda image: _unreadable() if image is None else _found(detector, image, outlines=job.outlines)
    classifiers = [ClassifierModel.load(Path(name)) for name in job.models]

    def classify(image: "Image.Image | None") -> Seen:
        if image is None:
            return _unreadable()
        one = classifiers[0].classify(image) if job.kind == "classifier" else chances_of(classifiers, image)
        return Seen(width=image.width, height=image.height, chances=one)

    return classify


def _found(detector: Any, image: "Image.Image", *, outlines: bool) -> Seen:
    from localazure.training.outline import outline
    from localazure.training.pictures import pixels_of

    pixels = pixels_of(image) if outlines else None
    found: list[Found] = []
    for thing in detector.predict(image, min_score=FAINTEST):
        left, top = max(0.0, thing.x), max(0.0, thing.y)
        width, height = min(thing.x + thing.w, image.width) - left, min(thing.y + thing.h, image.height) - top
        if width <= 0 or height <= 0:
            continue
        ring = None if pixels is None else _fractions(outline(pixels, (left, top, width, height)), image)
        box = (left / image.width, top / image.height, width / image.width, height / image.height)
        found.append(Found(label=thing.class_index, score=thing.score, box=box, outline=ring))
    return Seen(width=image.width, height=image.height, found=found)


def _measure(job: _Job, folder: Path) -> dict[str, Any]:
    """Groups of pictures that look alike: a number for each picture, None for one that cannot be read."""
    import numpy as np

    from localazure.training.grouping import ROW_VALUES, appearance, group

    rows = [None if image is None else appearance(image) for image in _images(job, folder)]
    measured = [row for row in rows if row is not None]
    groups = group(np.array(measured, np.float32).reshape(-1, ROW_VALUES), seed=job.seed)
    numbers = iter(groups.numbers.tolist())
    return {"status": "succeeded", "groups": [None if row is None else next(numbers) for row in rows]}


def _images(job: _Job, folder: Path) -> Iterator["Image.Image | None"]:
    """One after the other; the place to stop and to tell how far we are."""
    progress = _Progress(folder)
    for number, picture in enumerate(job.images):
        _check_cancel(folder)
        progress(number / len(job.images), "looking", f"{number} of {len(job.images)}")
        yield _opened(folder, picture.path)


def _opened(folder: Path, name: str) -> "Image.Image | None":
    from localazure.training import open_image
    from localazure.training.errors import PictureError

    try:
        return open_image(folder / name)
    except PictureError:
        return None


def _unreadable() -> Seen:
    return Seen(error="the picture cannot be decoded")


def _pixels(box: tuple[float, float, float, float], image: "Image.Image") -> list[float]:
    left, top, width, height = box
    return [left * image.width, top * image.height, width * image.width, height * image.height]


def _fractions(points: Sequence[float], image: "Image.Image") -> list[float]:
    return [value / (image.height if place % 2 else image.width) for place, value in enumerate(points)]


class _Progress:
    """Told often, written when a hundredth more is done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written = -1.0

    def __call__(self, fraction: float, stage: str, detail: str) -> None:
        if fraction - self._written >= 0.01:
            self._written = fraction
            put(self._folder, "progress.json", {"fraction": round(fraction, 4), "stage": stage, "detail": detail})


def _check_cancel(folder: Path) -> bool:
    """Leaves when it is asked to; else False."""
    if (folder / "cancel").exists():
        os._exit(STOPPED)
    return False


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
