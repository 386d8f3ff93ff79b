"""Custom vision models: data sets, training, evaluation, prediction, and what a training costs.

Owns: the neutral types, the estimate, and the back end image-analysis.
Leaves: pictures and COCO files to `storage` and `coco`, deciding which steps to run to `workflow`.
"""

from automation.training.estimate import Estimate, check_budget, estimate
from automation.training.image_analysis import ImageAnalysis
from automation.training.types import (
    Authentication,
    AuthenticationKind,
    Dataset,
    DatasetSpec,
    Evaluation,
    EvaluationSpec,
    Failure,
    Model,
    ModelKind,
    ModelSpec,
    PredictedBox,
    PredictedTag,
    Prediction,
    Status,
)

__all__ = [
    "Authentication",
    "AuthenticationKind",
    "Dataset",
    "DatasetSpec",
    "Estimate",
    "Evaluation",
    "EvaluationSpec",
    "Failure",
    "ImageAnalysis",
    "Model",
    "ModelKind",
    "ModelSpec",
    "PredictedBox",
    "PredictedTag",
    "Prediction",
    "Status",
    "check_budget",
    "estimate",
]
