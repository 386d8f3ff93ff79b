"""The pictures behind each cell of the confusion matrix, with truth, hits, misses and false alarms drawn.

Owns: which pictures, bounded in number and size, and drawing them. Pictures are small and in the page once each.
Leaves: reading photographs to `report.pictures`, the matrix to `page.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree.ElementTree import Element

import numpy as np

from automation.coco.columns import Ints
from automation.coco.evaluation import Evaluation
from automation.coco.evaluation.detection import cells, hit_labels
from automation.report.elements import element
from automation.report.pictures import photograph

__all__ = ["Cell", "Gallery", "chosen_cells"]

PER_CELL = 4
MOST_FIGURES = 240
MOST_BOXES = 60
LONGEST_PX = 360
MOST_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of the matrix, and the images (rows of the truth) that are shown for it."""

    row: int
    column: int
    images: tuple[int, ...]


def chosen_cells(evaluation: Evaluation, shown: Sequence[int]) -> list[Cell]:
    """Those with something in them, mistakes first, until there are pictures enough."""
    truth, found, outcomes = evaluation.truth, evaluation.found, evaluation.outcomes
    counted = np.flatnonzero(outcomes.counts)
    background = len(truth.classes)
    rows, columns = cells(truth, found, outcomes)
    images = found.image[counted]
    taken = hit_labels(truth, outcomes)
    taken[outcomes.confused[counted][outcomes.confused[counted] >= 0]] = True
    if not truth.boxed:
        taken = np.isin(truth.image, images)
    missed = np.flatnonzero(~taken & ~truth.crowd)
    rows = np.concatenate((rows, truth.category[missed]))
    columns = np.concatenate((columns, np.full(len(missed), background)))
    images = np.concatenate((images, truth.image[missed]))
    keys = rows * (background + 1) + columns
    numbers, many = np.unique(keys, return_counts=True)
    entries = [
        (int(n) // (background + 1), int(n) % (background + 1), int(m)) for n, m in zip(numbers, many, strict=True)
    ]
    wanted = [(row, column, count) for row, column, count in entries if row in shown and column in shown]
    wanted.sort(key=lambda entry: (entry[0] == entry[1], -entry[2], entry[0], entry[1]))
    chosen: list[Cell] = []
    left = MOST_FIGURES
    for row, column, _ in wanted:
        own = np.unique(images[keys == row * (background + 1) + column])[: min(PER_CELL, left)]
        if len(own):
            chosen.append(Cell(row=row, column=column, images=tuple(own.tolist())))
            left -= len(own)
    return chosen


@dataclass(kw_only=True)
class Gallery:
    """Draws pictures; each photograph is kept once, in `defined`.

    Attributes:
        evaluation: What is drawn.
        folder: Where the pictures are; None draws outlines only.
        defined: Photographs that figures refer to.
        missing: How many could not be shown.
    """

    evaluation: Evaluation
    folder: Path | None
    defined: list[Element] = field(default_factory=list[Element])
    missing: int = 0
    _known: dict[int, bool] = field(default_factory=dict[int, bool])

    def figure(self, image: int) -> Element:
        """A picture with its labels and with the predictions that count."""
        truth = self.evaluation.truth
        width, height = (float(side) for side in truth.sizes[image])
        if not (width > 0 and height > 0):
            width = height = 1000.0
        photo = [element("use", href=f"#photo-{image}")] if self._has(image, width, height) else []
        drawn = element(
            "svg",
            element("title", truth.names[image]),
            *photo,
            *(self._boxes(image, width, height) if truth.boxed else ()),
            view_box=f"0 0 {width:g} {height:g}",
            role="img",
            class_="drawn",
        )
        caption = element("figcaption", element("b", truth.names[image]), " ", self._said(image))
        return element("figure", drawn, caption)

    def _has(self, image: int, width: float, height: float) -> bool:
        if self.folder is None:
            return False
        if image not in self._known:
            path = _inside(self.folder, self.evaluation.truth.names[image])
            shot = photograph(path, longest_px=LONGEST_PX) if path else None
            self._known[image] = shot is not None
            if shot is None:
                self.missing += 1
            else:
                size = {"width": width, "height": height, "preserveAspectRatio": "none"}
                self.defined.append(element("image", id=f"photo-{image}", href=shot.uri, **size))
        return self._known[image]

    def _boxes(self, image: int, width: float, height: float) -> list[Element]:
        truth, found, outcomes = self.evaluation.truth, self.evaluation.found, self.evaluation.outcomes
        scale = np.array([1.0] * 4) if truth.in_pixels else np.array([width, height] * 2)
        line = max(width, height) / 160
        hit = hit_labels(truth, outcomes)
        parts: list[Element] = []
        labels = np.flatnonzero(truth.image == image)[:MOST_BOXES].tolist()
        predictions = np.flatnonzero((found.image == image) & outcomes.counts)[:MOST_BOXES].tolist()
        for label in labels:
            kind = "truth" if hit[label] or truth.crowd[label] else "miss"
            name = truth.classes[int(truth.category[label])] if kind == "miss" else ""
            parts += _rectangle(truth.boxes[label] * scale, kind, name, line)
        for prediction in predictions:
            kind = "hit" if outcomes.partner[prediction] >= 0 else "alarm"
            name = f"{truth.classes[int(found.category[prediction])]} {found.scores[prediction]:.2f}"
            parts += _rectangle(found.boxes[prediction] * scale, kind, name, line)
        return parts

    def _said(self, image: int) -> str:
        truth, found, outcomes = self.evaluation.truth, self.evaluation.found, self.evaluation.outcomes
        predictions = np.flatnonzero((found.image == image) & outcomes.counts)
        if not truth.boxed:
            labels = ", ".join(truth.classes[row] for row in _rows(truth.category[truth.image == image]))
            guessed = [f"{truth.classes[int(found.category[p])]} {found.scores[p]:.2f}" for p in predictions.tolist()]
            return f"is {labels}; taken for {', '.join(guessed) or 'nothing'}"
        hits = int((outcomes.partner[predictions] >= 0).sum())
        labels = int(((truth.image == image) & ~truth.crowd).sum())
        return f"{hits} of {labels} found, false alarms: {len(predictions) - hits}"


def _rectangle(box: "np.ndarray", kind: str, name: str, line: float) -> list[Element]:
    x, y, w, h = (round(float(side), 3) for side in box)
    frame = {"x": x, "y": y, "width": max(w, 0), "height": max(h, 0)}
    parts = [
        element("rect", **frame, class_="under", stroke_width=2 * line),
        element("rect", element("title", f"{kind} {name}".strip()), **frame, class_=kind, stroke_width=line),
    ]
    if name:
        size = 5 * line
        at = y + h + size if kind == "miss" else y - line
        parts.append(
            element("text", name, x=max(x, 0), y=max(at, size), font_size=size, stroke_width=line, class_="said")
        )
    return parts


def _rows(rows: Ints) -> list[int]:
    return [int(row) for row in rows]


def _inside(folder: Path, name: str) -> Path | None:
    """The file of this name in the folder; None when there is none, when it leads out, or is of no bearable size."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        fits = path.is_relative_to(root) and path.is_file() and path.stat().st_size <= MOST_BYTES
    except (OSError, ValueError):
        return None
    return path if fits else None
