"""The trained detector: a picture goes in, boxes come out.

Owns: prediction, in pixels of the picture that was given.
Leaves: training to `detector.py`, the file to `model_file.py`.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from localazure.training.arrays import F32
from localazure.training.calibration import Calibration
from localazure.training.cascade import Cascade, Found
from localazure.training.channels import work_size
from localazure.training.detections import Detection
from localazure.training.errors import ModelFileError
from localazure.training.model_file import Meta, Schema, Shapes, read_model, write_model
from localazure.training.model_parts import (
    class_names,
    mlp_arrays,
    mlp_from,
    mlp_shapes,
    projection_arrays,
    projection_from,
    projection_shapes,
    whole_number,
)
from localazure.training.pictures import pixels_of
from localazure.training.proposals import Proposer
from localazure.training.shelf import picture_factors
from localazure.training.windows import ASPECTS, FEATURES, QUICK_FEATURES, look

__all__ = ["DETECTOR", "LONG_SIDE", "DetectorModel", "as_detections"]

LONG_SIDE = 256
"""The working size: the longer side of every picture, in training and in prediction."""
_SLIMMEST = 0.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DetectorModel:
    """Everything prediction needs."""

    classes: tuple[str, ...]
    proposer: Proposer
    cascade: Cascade
    calibration: Calibration

    def predict(self, image: Image.Image, min_score: float = 0.03) -> list[Detection]:
        """What is in the picture, best first, from `min_score` on."""
        pixels = pixels_of(image)
        working = work_size(pixels, LONG_SIDE)
        view = look(working)
        found = self.cascade.find(view, self.proposer.propose(view))
        answers = as_detections(found, self.calibration, picture_factors(pixels, working))
        return [answer for answer in answers if answer.score >= min_score]

    def save(self, path: Path) -> None:
        """Write the model file."""
        meta = {
            "classes": list(self.classes),
            "heads": len(self.cascade.heads),
            "projected": self.cascade.projection.axes.shape[1],
            "head_width": len(self.cascade.heads[0].b1),
            "proposer_width": len(self.proposer.network.b1),
        }
        arrays = {
            "aspects": np.array(self.proposer.aspects, np.float32),
            "calibration": np.array([self.calibration.slope, self.calibration.shift], np.float32),
            **mlp_arrays("proposer", self.proposer.network),
            **projection_arrays("projection", self.cascade.projection),
        }
        for number, head in enumerate(self.cascade.heads):
            arrays |= mlp_arrays(f"head{number}", head)
        write_model(path, DETECTOR, meta, arrays)

    @classmethod
    def load(cls, path: Path) -> "DetectorModel":
        """Read a model file; raises ModelFileError."""
        meta, arrays = read_model(path, DETECTOR)
        classes = class_names(meta)
        aspects = tuple(float(aspect) for aspect in arrays["aspects"])
        if not all(_SLIMMEST <= aspect <= 1 / _SLIMMEST for aspect in aspects):
            raise ModelFileError("the window shapes in the model file are out of bounds")
        heads = tuple(mlp_from(f"head{number}", arrays, classes=len(classes) + 1) for number in range(meta["heads"]))
        slope, shift = arrays["calibration"].tolist()
        if slope <= 0:
            raise ModelFileError("the calibration in the model file does not rise")
        return cls(
            classes=classes,
            proposer=Proposer(aspects=aspects, network=mlp_from("proposer", arrays, classes=2)),
            cascade=Cascade(projection=projection_from("projection", arrays), heads=heads),
            calibration=Calibration(slope=slope, shift=shift),
        )


def as_detections(found: Found, calibration: Calibration, to_picture: F32) -> list[Detection]:
    """Answers in channel pixels as plain detections in the picture's own, with calibrated scores."""
    boxes = (found.boxes * to_picture).tolist()
    scores = calibration(found.scores).tolist()
    return [
        Detection(class_index=label, score=score, x=left, y=top, w=right - left, h=bottom - top)
        for (left, top, right, bottom), score, label in zip(boxes, scores, found.labels.tolist(), strict=True)
    ]


def _shapes(meta: Meta) -> Shapes:
    classes = len(class_names(meta)) + 1
    projected = whole_number(meta, "projected", least=1, most=FEATURES)
    width = whole_number(meta, "head_width", least=1, most=1024)
    proposer_width = whole_number(meta, "proposer_width", least=1, most=1024)
    shapes: dict[str, tuple[int, ...]] = {
        "aspects": (ASPECTS,),
        "calibration": (2,),
        **mlp_shapes("proposer", inputs=QUICK_FEATURES, hidden=proposer_width, classes=2),
        **projection_shapes("projection", inputs=FEATURES, outputs=projected),
    }
    for number in range(whole_number(meta, "heads", least=1, most=16)):
        shapes |= mlp_shapes(f"head{number}", inputs=projected, hidden=width, classes=classes, extras=True)
    return shapes


DETECTOR = Schema(kind="detector", version=1, shapes=_shapes)
