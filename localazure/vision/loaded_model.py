"""A model file as a function from a picture to what is seen in it.

Owns: the least score that is answered. Leaves: reading the file and looking at pictures to `localazure.training`,
which is imported late: numpy and OpenCV come with it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from localazure.vision.predictions import Prediction, from_objects, from_probabilities
from localazure.vision.seams import Look

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["load_look"]

_MIN_SCORE = 0.03


def load_look(path: Path) -> Look:
    """Raises localazure.training.errors.ModelFileError when the file is damaged."""
    from localazure.training import load_model
    from localazure.training.detector_model import DetectorModel

    model = load_model(path)
    if isinstance(model, DetectorModel):
        detector = model

        def detect(image: "Image.Image") -> Prediction:
            found = detector.predict(image, min_score=_MIN_SCORE)
            return from_objects(found, detector.classes, width=image.width, height=image.height)

        return detect
    classifier = model

    def classify(image: "Image.Image") -> Prediction:
        probabilities = classifier.classify(image)
        return from_probabilities(probabilities, classifier.classes, width=image.width, height=image.height)

    return classify
