"""Small pictures to train on: coloured shapes on noise, drawn when a test asks for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from localazure.training.detector import TrainedDetector, fit_detector
from localazure.training.pictures import BoxedPicture, boxed_picture
from localazure.training.rungs import Rung
from localazure.training.watch import Watch

CLASSES = ("disc", "square")
TINY = Rung(copies=2, heads=1, epochs=8, folds=2, fold_epochs=6, least_steps=150)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """A file, and what is in it: left, top, width, height, and a class index each."""

    path: Path
    boxes: list[tuple[float, float, float, float]]
    labels: list[int]

    def picture(self) -> BoxedPicture:
        return boxed_picture(self.path, boxes=self.boxes, labels=self.labels)


Draw = Callable[[Path, int, int], list[Drawn]]


def draw_shapes(folder: Path, count: int, seed: int) -> list[Drawn]:
    """Pictures of 160 x 120 with one red disc and one blue square each, apart from each other."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _draw_one(folder / f"{seed}-{number}.png", np.random.default_rng([seed, number])) for number in range(count)
    ]


def _draw_one(path: Path, rng: np.random.Generator) -> Drawn:
    noise = rng.integers(90, 150, (120, 160, 3)).astype(np.uint8)
    image = Image.fromarray(noise)
    pen = ImageDraw.Draw(image)
    boxes: list[tuple[float, float, float, float]] = []
    for label in range(2):
        side = int(rng.integers(24, 44))
        left, top = int(rng.integers(2, 74 - side)) + 80 * label, int(rng.integers(2, 118 - side))
        colour = ((220, 40, 40), (40, 60, 220))[label]
        (pen.ellipse if label == 0 else pen.rectangle)((left, top, left + side - 1, top + side - 1), fill=colour)
        boxes.append((left, top, side, side))
    image.save(path)
    return Drawn(path=path, boxes=boxes, labels=[0, 1])


def quiet_watch() -> Watch:
    return Watch(lambda _fraction, _stage, _detail: None, lambda: False)


def train(drawn: Sequence[Drawn], seed: int) -> TrainedDetector:
    pictures = [one.picture() for one in drawn]
    return fit_detector(pictures, CLASSES, rung=TINY, seed=seed, watch=quiet_watch())


@pytest.fixture(scope="session")
def draw() -> Draw:
    return draw_shapes


@pytest.fixture(scope="session")
def fit_tiny() -> Callable[[Sequence[Drawn], int], TrainedDetector]:
    """The smallest training: two views of each picture, one short head."""
    return train


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedDetector:
    """One training on eight pictures, for all tests that only look at its outcome."""
    return train(draw_shapes(tmp_path_factory.mktemp("shapes"), 8, 1), 1)
