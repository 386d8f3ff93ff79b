"""Training: a detector and a classifier that really train, on the CPU, from a few dozen pictures.

Owns: the door. `load_model` reads what a worker wrote; `open_image` makes a picture of untrusted bytes.
A training itself runs as a process: `python -m localazure.training.worker JOB_DIR`.
Leaves: everything else to the modules of this package. They know pictures, labels and a seed, and nothing of HTTP.

numpy and OpenCV are loaded when they are first needed, so that importing this package costs nothing, and so
that the worker can still choose how many threads they use.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from localazure.training.errors import ModelFileError, PictureError

if TYPE_CHECKING:
    from PIL import Image

    from localazure.training.classifier import ClassifierModel
    from localazure.training.detector_model import DetectorModel

__all__ = ["ModelFileError", "PictureError", "load_model", "open_image"]


def load_model(path: Path) -> "DetectorModel | ClassifierModel":
    """The model in this file, to `.predict(image)` or to `.classify(image)` with. Raises ModelFileError."""
    from localazure.training.model_file import read_kind

    kind = read_kind(path)
    if kind == "detector":
        from localazure.training.detector_model import DetectorModel

        return DetectorModel.load(path)
    if kind == "classifier":
        from localazure.training.classifier import ClassifierModel

        return ClassifierModel.load(path)
    raise ModelFileError(f"the model file holds a {kind[:40]!r}, which this program does not know")


def open_image(data: bytes | Path) -> "Image.Image":
    """The picture, decoded, upright and RGB. Raises PictureError."""
    from localazure.training import pictures

    return pictures.open_image(data)
