"""How well, how fast and how repeatably the local trainer learns, measured on real photographs.

    python benchmarks/training.py [--data DIR] [--only detection classification memory repeat] [--seed 7]

The data: a folder with detection/ (photographs and labels.json) and classification/ (a folder per class). By default
it is $VISIONLAB_FRUIT, or ../shared/data/fruit beside the repository. Everything runs on one thread. Times are by the
clock on the wall, as the goals are; beside them stands the processor time, which other work on the machine moves less.
"""

import argparse
import hashlib
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

for _library in ("OMP", "OPENBLAS", "MKL"):
    os.environ[f"{_library}_NUM_THREADS"] = "1"

import numpy as np  # noqa: E402 - after the threads are chosen
import PIL  # noqa: E402 - as above

from localazure.training.classifier import fit_classifier  # noqa: E402 - as above
from localazure.training.detections import Detection  # noqa: E402 - as above
from localazure.training.detector import TrainedDetector, fit_detector  # noqa: E402 - as above
from localazure.training.metrics import evaluate_detector  # noqa: E402 - as above
from localazure.training.pictures import BoxedPicture, LabelledPicture, boxed_picture  # noqa: E402 - as above
from localazure.training.rungs import choose_rung  # noqa: E402 - as above
from localazure.training.truth import folds_by_image  # noqa: E402 - as above
from localazure.training.watch import Watch  # noqa: E402 - as above

ROOT = Path(__file__).resolve().parent.parent
HOUR_S = 3600.0
FOLDS = 5
MANY = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `reached` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    reached: bool | None = None


class Stopwatch:
    """Seconds since it was made, by the wall and by the processor."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def wall_s(self) -> float:
        return time.perf_counter() - self._wall

    def cpu_s(self) -> float:
        return time.process_time() - self._cpu


def main() -> int:
    options = parse()
    print(f"machine   {machine()}")
    print(f"versions  {versions()}")
    print(f"data      {options.data}, seed {options.seed}, budget 1 h, one thread\n")
    figures: list[Figure] = []
    for name in options.only:
        for figure in PARTS[name](options.data, options.seed):
            figures.append(figure)
            mark = {True: "reached", False: "MISSED", None: ""}[figure.reached]
            print(f"{figure.name:<58} {figure.value:<24} {figure.goal:<12} {mark}", flush=True)
    return 1 if any(figure.reached is False for figure in figures) else 0


def parse() -> argparse.Namespace:
    beside = os.environ.get("VISIONLAB_FRUIT") or ROOT.parent / "shared" / "data" / "fruit"
    parser = argparse.ArgumentParser(description="Measure the local trainer on real photographs.")
    parser.add_argument("--data", type=Path, default=Path(beside), help="folder with detection/ and classification/")
    parser.add_argument("--only", nargs="+", choices=list(PARTS), default=list(PARTS), help="which parts to run")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--child", choices=["memory", "repeat"], help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not (options.data / "detection" / "labels.json").is_file():
        parser.error(f"there is no detection/labels.json in {options.data}; give --data or set VISIONLAB_FRUIT")
    if options.child:
        CHILDREN[options.child](options.data, options.seed)
        raise SystemExit(0)
    return options


def detection(data: Path, seed: int) -> Iterator[Figure]:
    """Five folds: train on four parts, look for what is in the fifth."""
    pictures, classes = read_boxes(data / "detection")
    folds = folds_by_image([picture.labels for picture in pictures], FOLDS, seed=seed)
    scores50: list[float] = []
    scores75: list[float] = []
    predict_ms: list[float] = []
    predict_cpu_ms: list[float] = []
    for fold in range(FOLDS):
        model = train([picture for picture, of in zip(pictures, folds, strict=True) if of != fold], classes, seed).model
        held = [picture for picture, of in zip(pictures, folds, strict=True) if of == fold]
        found: list[list[Detection]] = []
        for picture in held:
            image, watch = picture.image(), Stopwatch()
            found.append(model.predict(image, min_score=0))
            predict_ms.append(watch.wall_s() * 1000)
            predict_cpu_ms.append(watch.cpu_s() * 1000)
        metrics = evaluate_detector([picture.truth() for picture in held], found, classes)
        scores50.append(metrics.map50)
        scores75.append(metrics.map75)
    n = f"n={len(pictures)}"
    yield reach(f"detection, 5-fold mean mAP@50 ({n})", statistics.mean(scores50), "{:.3f}", least=0.90)
    yield Figure(name="detection, each fold's mAP@50", value=" ".join(f"{score:.2f}" for score in scores50))
    yield Figure(name="detection, 5-fold mean mAP@75", value=f"{statistics.mean(scores75):.3f}")
    form = f"{{:.0f}} (cpu {statistics.median(predict_cpu_ms):.0f})"
    yield reach(f"detection, prediction, median ms ({n})", statistics.median(predict_ms), form, most=100)
    watch = Stopwatch()
    trained = train(pictures, classes, seed)
    metrics = evaluate_detector([picture.truth() for picture in pictures], trained.out_of_fold, classes)
    form = f"{{:.1f}} (cpu {watch.cpu_s():.1f})"
    yield reach(f"detection, training on {len(pictures)} photos with metrics, s", watch.wall_s(), form, most=30)
    yield Figure(name="detection, mAP@50 that this training reports of itself", value=f"{metrics.map50:.3f}")


def classification(data: Path, seed: int) -> Iterator[Figure]:
    """Five folds over the photographs of single fruits."""
    pictures, classes = read_labels(data / "classification")
    folds = folds_by_image([np.array([picture.label]) for picture in pictures], FOLDS, seed=seed)
    right: list[bool] = []
    train_s: list[float] = []
    train_cpu_s: list[float] = []
    classify_ms: list[float] = []
    for fold in range(FOLDS):
        others = [picture for picture, of in zip(pictures, folds, strict=True) if of != fold]
        watch = Stopwatch()
        model = fit_classifier(others, classes, budget_s=HOUR_S, seed=seed, progress=ignore, cancelled=never)
        train_s.append(watch.wall_s())
        train_cpu_s.append(watch.cpu_s())
        for picture in (picture for picture, of in zip(pictures, folds, strict=True) if of == fold):
            image, watch = picture.image(), Stopwatch()
            chances = model.classify(image)
            classify_ms.append(watch.wall_s() * 1000)
            right.append(max(range(len(classes)), key=chances.__getitem__) == picture.label)
    n = f"n={len(pictures)}"
    yield reach(f"classification, 5-fold accuracy ({n})", statistics.mean(right), "{:.3f}", least=0.93)
    both = f"{statistics.median(train_s):.1f} (cpu {statistics.median(train_cpu_s):.1f})"
    yield Figure(name="classification, training on a fold, median s", value=both)
    yield reach(f"classification, prediction, median ms ({n})", statistics.median(classify_ms), "{:.0f}", most=100)


def memory(data: Path, seed: int) -> Iterator[Figure]:
    """Peak memory of a process that trains on 500 pictures."""
    told = child("memory", data, seed)
    yield reach(f"memory, peak while training on {MANY} pictures, MB", float(told["peak_mb"]), "{:.0f}", most=1000)
    both = f"{float(told['wall_s']):.0f} (cpu {float(told['cpu_s']):.0f})"
    yield Figure(name=f"memory, training on {MANY} pictures, s", value=both)


def repeat(data: Path, seed: int) -> Iterator[Figure]:
    """The same training in two processes."""
    first, second = child("repeat", data, seed), child("repeat", data, seed)
    sums = [str(told["sha256"]) for told in (first, second)]
    value = " ".join(one[:10] for one in sums)
    yield Figure(name="repeat, model files of two processes", value=value, goal="equal", reached=sums[0] == sums[1])


def train_many(data: Path, seed: int) -> None:
    """The photographs again and again, each time brighter or darker, as 500 files."""
    pictures, classes = read_boxes(data / "detection")
    with tempfile.TemporaryDirectory() as folder:
        many: list[BoxedPicture] = []
        for number in range(MANY):
            picture = pictures[number % len(pictures)]
            path = Path(folder) / f"{number:03}.jpg"
            gain = 0.8 + 0.4 * number / MANY
            picture.image().point(lambda value, gain=gain: value * gain).save(path, quality=90)
            many.append(BoxedPicture(path=path, boxes=picture.boxes, labels=picture.labels))
        watch = Stopwatch()
        train(many, classes, seed)
        seconds = {"wall_s": watch.wall_s(), "cpu_s": watch.cpu_s()}
    peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({"peak_mb": peak_kb / (1024 if sys.platform != "darwin" else 1024**2)} | seconds))


def train_once(data: Path, seed: int) -> None:
    pictures, classes = read_boxes(data / "detection")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.vlm"
        train(pictures, classes, seed).model.save(path)
        print(json.dumps({"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}))


PARTS: dict[str, Callable[[Path, int], Iterator[Figure]]] = {
    "detection": detection,
    "classification": classification,
    "memory": memory,
    "repeat": repeat,
}
CHILDREN: dict[str, Callable[[Path, int], None]] = {"memory": train_many, "repeat": train_once}


def train(pictures: Sequence[BoxedPicture], classes: Sequence[str], seed: int) -> TrainedDetector:
    """As the worker does it with a budget of an hour."""
    rung = choose_rung(len(pictures), HOUR_S)
    return fit_detector(pictures, classes, rung=rung, seed=seed, watch=Watch(ignore, never))


def child(name: str, data: Path, seed: int) -> dict[str, float | str]:
    command = [sys.executable, __file__, "--data", str(data), "--seed", str(seed), "--child", name]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def reach(name: str, value: float, form: str, *, least: float | None = None, most: float | None = None) -> Figure:
    goal = f">= {least}" if least is not None else f"<= {most}"
    reached = value >= least if least is not None else most is not None and value <= most
    return Figure(name=name, value=form.format(value), goal=goal, reached=reached)


def read_boxes(folder: Path) -> tuple[list[BoxedPicture], list[str]]:
    """A folder of photographs with COCO labels in pixels."""
    coco = json.loads((folder / "labels.json").read_text())
    place = {category["id"]: number for number, category in enumerate(coco["categories"])}
    rows: dict[int, list[tuple[list[float], int]]] = {image["id"]: [] for image in coco["images"]}
    for annotation in coco["annotations"]:
        rows[annotation["image_id"]].append((annotation["bbox"], place[annotation["category_id"]]))
    pictures = [
        boxed_picture(
            folder / image["file_name"],
            boxes=[box for box, _ in rows[image["id"]]],
            labels=[label for _, label in rows[image["id"]]],
        )
        for image in coco["images"]
    ]
    return pictures, [category["name"] for category in coco["categories"]]


def read_labels(folder: Path) -> tuple[list[LabelledPicture], list[str]]:
    """A folder per class."""
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir())
    pictures = [
        LabelledPicture(path=path, label=label)
        for label, name in enumerate(classes)
        for path in sorted((folder / name).iterdir())
    ]
    return pictures, classes


def machine() -> str:
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if line.startswith("model name")
        ]
        model = names[0] if names else model
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} cores{load}, {platform.system()}"


def versions() -> str:
    import cv2

    libraries = f"numpy {np.__version__}, OpenCV {cv2.__version__}, Pillow {PIL.__version__}"
    return f"Python {platform.python_version()}, {libraries}"


def ignore(_fraction: float, _stage: str, _detail: str) -> None:
    """Progress is of no interest here."""


def never() -> bool:
    """Nobody cancels a benchmark but with Ctrl-C."""
    return False


if __name__ == "__main__":
    raise SystemExit(main())
