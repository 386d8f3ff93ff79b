"""The pictures of a training at working size, and their variations as views.

Owns: reading each picture once, and keeping it small: at most so many bytes.
What does not fit is read again when needed.
Leaves: what varies to `augment.py`, what a view is to `windows.py`.
"""

from collections.abc import Sequence

import numpy as np

from localazure.training.arrays import F32, U8
from localazure.training.augment import augmented
from localazure.training.channels import STRIDE, work_size
from localazure.training.errors import DatasetCorrupt
from localazure.training.pictures import BoxedPicture
from localazure.training.truth import Scene, Truth
from localazure.training.watch import Step
from localazure.training.windows import look

__all__ = ["Shelf", "picture_factors"]

_MOST_BYTES = 200 * 2**20


class Shelf:
    """Pictures by number. Boxes are in channel pixels here."""

    def __init__(self, pictures: Sequence[BoxedPicture], *, long_side: int, seed: int, step: Step) -> None:
        self._pictures = pictures
        self._long_side = long_side
        self._seed = seed
        self._kept: dict[int, U8] = {}
        self._room = _MOST_BYTES
        self.truths: list[Truth] = []
        self.to_picture: list[F32] = []
        """What a box in channel pixels is multiplied by to get the picture's own pixels."""
        for number, picture in enumerate(pictures):
            pixels = picture.pixels()
            working = work_size(pixels, long_side)
            if working.nbytes <= self._room:
                self._kept[number] = working
                self._room -= working.nbytes
            factor = picture_factors(pixels, working)
            self.to_picture.append(factor)
            self.truths.append(Truth(boxes=_usable(picture, pixels) / factor, labels=picture.labels))
            step()

    def __len__(self) -> int:
        return len(self._pictures)

    def scene(self, number: int, copy: int) -> Scene:
        """Copy 0 is the picture itself. The dice are the same for the same seed, picture and copy, in any order."""
        rng = np.random.default_rng([self._seed, copy, number])
        pixels, truth = self._working(number), self.truths[number]
        if copy:
            pixels, boxes = augmented(pixels, truth.boxes * np.float32(STRIDE), rng)
            truth = Truth(boxes=boxes / np.float32(STRIDE), labels=truth.labels)
        return Scene(picture=number, view=look(pixels), truth=truth, rng=rng)

    def _working(self, number: int) -> U8:
        kept = self._kept.get(number)
        return work_size(self._pictures[number].pixels(), self._long_side) if kept is None else kept


def picture_factors(pixels: U8, working: U8) -> F32:
    """From channel pixels to the pixels of the picture, for the four numbers of a box."""
    across, down = pixels.shape[1] / working.shape[1], pixels.shape[0] / working.shape[0]
    return np.array([across, down, across, down], np.float32) * np.float32(STRIDE)


def _usable(picture: BoxedPicture, pixels: U8) -> F32:
    """The boxes cut at the edges; one that has no area there cannot be learned."""
    height, width = pixels.shape[:2]
    boxes = np.clip(picture.boxes, np.float32(0), np.array([width, height, width, height], np.float32))
    empty = np.flatnonzero(~(boxes[:, 2:] - boxes[:, :2] > 0).all(1))
    if len(empty):
        raise DatasetCorrupt(
            f"{picture.path.name}: box {int(empty[0]) + 1} has no area inside the picture ({width} x {height})"
        )
    return boxes
