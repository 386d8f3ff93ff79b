"""The trained classifier: a picture goes in, a probability per class comes out.

Owns: prediction, and what a model file holds.
Leaves: training to `classifier.py`, the file to `model_file.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from localazure.training.arrays import F32
from localazure.training.channels import work_size
from localazure.training.classifier_features import LONG_SIDE, PLACE_VALUES, WHOLE_VALUES, Sight, see
from localazure.training.classifier_heads import CANDIDATES, blended
from localazure.training.classifier_logistic import Logistic
from localazure.training.classifier_words import COUNTS_A_WORD, Vocabulary
from localazure.training.errors import ModelFileError
from localazure.training.mlp import softmax
from localazure.training.model_file import Meta, Schema, Shapes, read_model, write_model
from localazure.training.model_parts import (
    class_names,
    projection_arrays,
    projection_from,
    projection_shapes,
    whole_number,
)
from localazure.training.pictures import pixels_of

__all__ = ["CLASSIFIER", "ClassifierModel", "rows_of"]

_MOST_WORDS = 4096
_HEAD_FIELDS = ("mean", "spread", "weights", "bias")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClassifierModel:
    """Everything prediction needs. `heads` are those in use; `temperature` divides their joint logits."""

    classes: tuple[str, ...]
    vocabulary: Vocabulary
    heads: Mapping[str, Logistic]
    temperature: float

    def classify(self, image: Image.Image) -> list[float]:
        """The probability of each class; together 1."""
        rows = rows_of(see(work_size(pixels_of(image), LONG_SIDE)), self.vocabulary)
        logits = blended([head.logits(rows[name][None]) for name, head in self.heads.items()])
        return [float(chance) for chance in softmax(logits.astype(np.float64) / self.temperature)[0]]

    def save(self, path: Path) -> None:
        """Write the model file."""
        to_words = self.vocabulary.to_words
        meta = {
            "classes": list(self.classes),
            "uses": list(self.heads),
            "axes": to_words.axes.shape[1],
            "words": len(self.vocabulary.words),
        }
        arrays = {
            "temperature": np.array([self.temperature], np.float32),
            "words": self.vocabulary.words,
            **projection_arrays("places", to_words),
        }
        for name, head in self.heads.items():
            arrays |= {f"{name}.{field}": getattr(head, field) for field in _HEAD_FIELDS}
        write_model(path, CLASSIFIER, meta, arrays)

    @classmethod
    def load(cls, path: Path) -> "ClassifierModel":
        """Read a model file; raises ModelFileError."""
        meta, arrays = read_model(path, CLASSIFIER)
        temperature = float(arrays["temperature"][0])
        if not 0.01 <= temperature <= 100:
            raise ModelFileError("the temperature in the model file is out of bounds")
        return cls(
            classes=class_names(meta),
            vocabulary=Vocabulary(to_words=projection_from("places", arrays), words=arrays["words"]),
            heads={name: _head(name, arrays) for name in _uses(meta)},
            temperature=temperature,
        )


def rows_of(sight: Sight, vocabulary: Vocabulary) -> dict[str, F32]:
    """What each head looks at."""
    return {"whole": sight.whole, "words": vocabulary.counts(sight)}


def _head(name: str, arrays: Mapping[str, F32]) -> Logistic:
    mean, spread, weights, bias = (arrays[f"{name}.{field}"] for field in _HEAD_FIELDS)
    if not (spread > 0).all():
        raise ModelFileError(f"{name}.spread holds values that are not above zero")
    return Logistic(mean=mean, spread=spread, weights=weights, bias=bias)


def _uses(meta: Meta) -> tuple[str, ...]:
    asked: object = meta["uses"]
    for uses in CANDIDATES:
        if asked == list(uses):
            return uses
    raise ModelFileError("the model file names heads that this program does not know")


def _shapes(meta: Meta) -> Shapes:
    classes = len(class_names(meta))
    axes = whole_number(meta, "axes", least=1, most=PLACE_VALUES)
    words = whole_number(meta, "words", least=1, most=_MOST_WORDS)
    shapes: dict[str, tuple[int, ...]] = {
        "temperature": (1,),
        "words": (words, axes),
        **projection_shapes("places", inputs=PLACE_VALUES, outputs=axes),
    }
    values = {"whole": WHOLE_VALUES, "words": COUNTS_A_WORD * words}
    for name in _uses(meta):
        shapes |= {
            f"{name}.mean": (values[name],),
            f"{name}.spread": (values[name],),
            f"{name}.weights": (values[name], classes),
            f"{name}.bias": (classes,),
        }
    return shapes


CLASSIFIER = Schema(kind="classifier", version=1, shapes=_shapes)
