"""Evaluations: a model tried on a labelled dataset, as clients see it, and its states.

Owns: creating, deleting, and each change of state. Leaves: the run itself to `evaluation_runs.py`.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from localazure.clock import Clock
from localazure.lane import WorkKey
from localazure.vision.errors import already_exists, bad_request, not_found
from localazure.vision.records import Records
from localazure.vision.types import Evaluation, EvaluationStatus, Failure

__all__ = ["Evaluations"]


class Evaluations:
    def __init__(self, records: Records, clock: Clock, add: Callable[[WorkKey], None]) -> None:
        """`add` queues the run."""
        self._records = records
        self._clock = clock
        self._add = add

    def create(self, account_id: str, model_name: str, name: str, test_dataset_name: str | None) -> Evaluation:
        """Register and queue it. Whether model and dataset exist is found out by the run, as in Azure."""
        now = self._clock.now()
        evaluation = Evaluation(
            name=name,
            model_name=model_name,
            test_dataset_name=test_dataset_name,
            status=EvaluationStatus.NOT_STARTED,
            created=now,
            updated=now,
        )
        with self._records.transaction():
            if self.find(account_id, model_name, name) is not None:
                raise already_exists("Evaluation", name)
            self._records.evaluations.put(evaluation, account_id, model_name, name)
        self._add((account_id.lower(), model_name, name))
        return evaluation

    def get(self, account_id: str, model_name: str, name: str) -> Evaluation:
        evaluation = self.find(account_id, model_name, name)
        if evaluation is None:
            raise not_found("evaluation", name)
        return evaluation

    def find(self, account_id: str, model_name: str, name: str) -> Evaluation | None:
        return self._records.evaluations.get(account_id, model_name, name)

    def list(self, account_id: str, model_name: str) -> list[Evaluation]:
        return self._records.evaluations.below(account_id, model_name)

    def delete(self, account_id: str, model_name: str, name: str) -> None:
        with self._records.transaction():
            evaluation = self.get(account_id, model_name, name)
            if not evaluation.status.ended:
                raise bad_request(f"The evaluation '{name}' is {evaluation.status.value}. Wait for its end.")
            self._records.evaluations.delete(account_id, model_name, name)

    def begin(self, account_id: str, model_name: str, name: str) -> Evaluation | None:
        """It starts now; None when it has been deleted meanwhile."""
        with self._records.transaction():
            evaluation = self.find(account_id, model_name, name)
            if evaluation is None or evaluation.status is not EvaluationStatus.NOT_STARTED:
                return None
            return self._put(account_id, evaluation, status=EvaluationStatus.RUNNING)

    def end(
        self,
        account_id: str,
        model_name: str,
        name: str,
        *,
        failure: Failure | None = None,
        performance: Mapping[str, Any] | None = None,
    ) -> None:
        """The last change: failed when there is a `failure`. Nothing when it was deleted with its model."""
        status = EvaluationStatus.SUCCEEDED if failure is None else EvaluationStatus.FAILED
        with self._records.transaction():
            evaluation = self.find(account_id, model_name, name)
            if evaluation is not None and not evaluation.status.ended:
                self._put(account_id, evaluation, status=status, failure=failure, performance=performance)

    def unfinished(self) -> "list[WorkKey]":
        """After a start: what was cut off goes back to notStarted."""
        again: list[tuple[Any, WorkKey]] = []
        with self._records.transaction():
            for account_id, evaluation in self._records.evaluations.everything():
                if not evaluation.status.ended:
                    self._put(account_id, evaluation, status=EvaluationStatus.NOT_STARTED)
                    again.append((evaluation.created, (account_id, evaluation.model_name, evaluation.name)))
        return [key for _, key in sorted(again)]

    def _put(self, account_id: str, evaluation: Evaluation, **changes: Any) -> Evaluation:
        new = dataclasses.replace(evaluation, updated=self._clock.now(), **changes)
        self._records.evaluations.put(new, account_id, evaluation.model_name, evaluation.name)
        return new
