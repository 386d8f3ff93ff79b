"""Models: training runs as clients see them, and the states that they go through.

Owns: creating, cancelling and deleting, and each change of state, one transaction each.
Leaves: the training itself to `trainings.py`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from localazure.clock import Clock
from localazure.lane import WorkKey
from localazure.vision.errors import already_exists, bad_request, not_found, not_implemented
from localazure.vision.records import Records
from localazure.vision.types import AnnotationKind, Failure, Model, ModelKind, ModelSpec, ModelStatus

__all__ = ["Models", "TrainingQueue"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TrainingQueue:
    """What models ask of the queue of trainings. `cancel` says whether the work is running."""

    add: Callable[[WorkKey], None]
    cancel: Callable[[WorkKey], bool]


class Models:
    def __init__(self, records: Records, clock: Clock, queue: TrainingQueue, drop_file: Callable[[str], None]) -> None:
        self._records = records
        self._clock = clock
        self._queue = queue
        self._drop_file = drop_file

    def create(self, account_id: str, name: str, spec: ModelSpec) -> Model:
        """Register the run and queue it. Whether its dataset exists is found out later, as in Azure."""
        now = self._clock.now()
        with self._records.transaction():
            kind = spec.kind or self._kind_of_dataset(account_id, spec.dataset_name)
            if kind is ModelKind.PRODUCT_RECOGNIZER:
                raise not_implemented("The model kind Product-Recognizer")
            if self._records.models.get(account_id, name) is not None:
                raise already_exists("Model", name)
            model = Model(name=name, spec=spec, kind=kind, status=ModelStatus.NOT_STARTED, created=now, updated=now)
            self._records.models.put(model, account_id, name)
        self._queue.add((account_id.lower(), name))
        return model

    def get(self, account_id: str, name: str) -> Model:
        model = self.find(account_id, name)
        if model is None:
            raise not_found("model", name)
        return model

    def find(self, account_id: str, name: str) -> Model | None:
        return self._records.models.get(account_id, name)

    def list(self, account_id: str) -> list[Model]:
        return self._records.models.below(account_id)

    def cancel(self, account_id: str, name: str) -> None:
        """A waiting run is cancelled at once, a running one within seconds. Twice is fine, after the end is not."""
        with self._records.transaction():
            model = self.get(account_id, name)
            if model.status in (ModelStatus.CANCELLING, ModelStatus.CANCELLED):
                return
            if model.status.ended:
                raise bad_request(f"The training of '{name}' cannot be cancelled: it has {model.status.value}.")
            self._put(account_id, model, status=ModelStatus.CANCELLING)
        if not self._queue.cancel((account_id.lower(), name)):
            self.end(account_id, name, status=ModelStatus.CANCELLED)

    def delete(self, account_id: str, name: str) -> None:
        """Deletes its evaluations and its file too."""
        with self._records.transaction():
            model = self.get(account_id, name)
            if not model.status.ended:
                raise bad_request(
                    f"The model '{name}' is {model.status.value}. Cancel its training and wait before you delete it."
                )
            self._records.models.delete(account_id, name)
            for evaluation in self._records.evaluations.below(account_id, name):
                self._records.evaluations.delete(account_id, name, evaluation.name)
        if model.file is not None:
            self._drop_file(model.file)

    def begin(self, account_id: str, name: str) -> Model | None:
        """The training starts now; None when it has been cancelled or deleted meanwhile."""
        with self._records.transaction():
            model = self.find(account_id, name)
            if model is not None and model.status is ModelStatus.CANCELLING:
                self._put(account_id, model, status=ModelStatus.CANCELLED)
            if model is None or model.status is not ModelStatus.NOT_STARTED:
                return None
            return self._put(account_id, model, status=ModelStatus.TRAINING)

    def end(
        self,
        account_id: str,
        name: str,
        *,
        status: ModelStatus,
        failure: Failure | None = None,
        performance: Mapping[str, Any] | None = None,
        cost_minutes: int | None = None,
        metrics_from: str | None = None,
        file: str | None = None,
        classes: tuple[str, ...] = (),
    ) -> None:
        """The last change. A run that is being cancelled ends as cancelled, however far it came."""
        with self._records.transaction():
            model = self.find(account_id, name)
            wanted = model is not None and not model.status.ended
            if model is not None and wanted:
                if model.status is ModelStatus.CANCELLING:
                    status = ModelStatus.CANCELLED
                kept = status is ModelStatus.SUCCEEDED
                self._put(
                    account_id,
                    model,
                    status=status,
                    failure=failure if status is ModelStatus.FAILED else None,
                    performance=performance if kept else None,
                    cost_minutes=cost_minutes,
                    metrics_from=metrics_from if kept else None,
                    file=file if kept else None,
                    classes=classes if kept else (),
                )
                wanted = kept
        if file is not None and not wanted:
            self._drop_file(file)

    def unfinished(self) -> "list[WorkKey]":
        """After a start: what was cut off goes back to notStarted, what was being cancelled is cancelled."""
        again: list[tuple[Any, WorkKey]] = []
        with self._records.transaction():
            for account_id, model in self._records.models.everything():
                if model.status is ModelStatus.CANCELLING:
                    self._put(account_id, model, status=ModelStatus.CANCELLED)
                elif not model.status.ended:
                    self._put(account_id, model, status=ModelStatus.NOT_STARTED)
                    again.append((model.created, (account_id, model.name)))
        return [key for _, key in sorted(again)]

    def files(self) -> set[str]:
        """The model files that are known."""
        return {model.file for _, model in self._records.models.everything() if model.file is not None}

    def _put(self, account_id: str, model: Model, **changes: Any) -> Model:
        new = dataclasses.replace(model, updated=self._clock.now(), **changes)
        self._records.models.put(new, account_id, model.name)
        return new

    def _kind_of_dataset(self, account_id: str, dataset_name: str) -> ModelKind:
        """The default of a missing modelKind is not published; the dataset decides, else a classifier."""
        dataset = self._records.datasets.get(account_id, dataset_name)
        if dataset is not None and dataset.spec.annotation_kind is AnnotationKind.DETECTION:
            return ModelKind.DETECTOR
        return ModelKind.CLASSIFIER
