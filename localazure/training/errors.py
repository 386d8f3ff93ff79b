"""What can end a training or refuse a file.

TrainingError(message)
    TrainingFailed           `code` is the service's word for it
        NotEnoughBudget      the data set needs more time than it was given
        Diverged             the numbers ran away
        DatasetCorrupt       a picture cannot be read; the message names it
    TrainingCancelled        somebody asked to stop
    PictureError             bytes that are no picture we can use
    ModelFileError           a model file that is not what it says
"""

from typing import Literal

__all__ = [
    "DatasetCorrupt",
    "Diverged",
    "FailureCode",
    "ModelFileError",
    "NotEnoughBudget",
    "PictureError",
    "TrainingCancelled",
    "TrainingError",
    "TrainingFailed",
]


FailureCode = Literal["notEnoughBudget", "diverged", "datasetCorrupt", "unknown"]


class TrainingError(Exception):
    """Everything this package raises on purpose."""


class TrainingFailed(TrainingError):
    """The training ended badly, in a way the service has a code for."""

    code: FailureCode = "unknown"


class NotEnoughBudget(TrainingFailed):
    """The smallest training of this data set takes longer than the budget."""

    code = "notEnoughBudget"


class Diverged(TrainingFailed):
    """A loss or a weight stopped being a number."""

    code = "diverged"


class DatasetCorrupt(TrainingFailed):
    """A picture or a label of the data set cannot be used."""

    code = "datasetCorrupt"


class TrainingCancelled(TrainingError):
    """Somebody asked to stop."""


class PictureError(TrainingError):
    """These bytes are no picture we can use; the message says why."""


class ModelFileError(TrainingError):
    """This file is no model file of ours, or a damaged one; the message says why."""
