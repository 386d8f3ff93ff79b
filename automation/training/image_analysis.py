"""The back end image-analysis: custom models of Image Analysis 4.0 (2023-04-01-preview).

Azure switched it off on 31 March 2025; the local Azure serves it. Its parts are `datasets`, `models`, `evaluations`.
"""

from automation.azure import ACCESS_S, Cloud, Rest, wait_for_access
from automation.clock import Clock
from automation.progress import Progress, silent
from automation.training.calls import VisionCalls
from automation.training.datasets import Datasets
from automation.training.evaluations import Evaluations
from automation.training.models import Models
from automation.training.types import Prediction
from automation.training.wire import parse_prediction

__all__ = ["ImageAnalysis"]

FIRST_CALL_S = 120.0  # the service loads a model when it is first asked


class ImageAnalysis:
    """One Computer Vision resource; `endpoint` is its properties.endpoint."""

    def __init__(self, endpoint: str, rest: Rest, cloud: Cloud, clock: Clock | None = None) -> None:
        self._calls = VisionCalls(endpoint, rest, cloud, clock or rest.clock)
        self.datasets = Datasets(self._calls)
        self.models = Models(self._calls)
        self.evaluations = Evaluations(self._calls)

    def wait_for_access(self, *, timeout_s: float = ACCESS_S, progress: Progress = silent) -> None:
        """Wait until our role assignment on the resource works; a new one takes minutes on Azure."""
        wait_for_access(
            lambda: self.datasets.find("visionlab-access-check"),
            resource="the vision account",
            clock=self._calls.clock,
            timeout_s=timeout_s,
            progress=progress,
        )

    def analyze(self, model_name: str, data: bytes) -> Prediction:
        """What the model sees in a picture, given as the bytes of its file; boxes are in pixels."""
        operation = f"analyze a picture with model {model_name}"
        answer = self._calls.send(
            "POST",
            "/imageanalysis:analyze",
            operation=operation,
            params={"model-name": model_name},
            content=data,
            headers={"Content-Type": "application/octet-stream"},
            deadline_s=FIRST_CALL_S,
        )
        return parse_prediction(answer.json_object(operation))
