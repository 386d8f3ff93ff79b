"""Evaluations of Image Analysis: a model measured on a data set."""

from collections.abc import Iterator

from automation.errors import Conflict, NotFound, Refused
from automation.progress import Progress, silent
from automation.training.calls import VisionCalls, path_of
from automation.training.types import Evaluation, EvaluationSpec, Status
from automation.training.waiting import failed, wait_until_ended
from automation.training.wire import dump_evaluation, parse_evaluation

__all__ = ["Evaluations"]


class Evaluations:
    """The evaluations of one resource's models; each is named below its model."""

    def __init__(self, calls: VisionCalls) -> None:
        self._calls = calls

    def create(self, spec: EvaluationSpec) -> Evaluation:
        """Start it; Conflict when the name is taken."""
        operation = f"create evaluation {spec.name} of model {spec.model_name}"
        path = _path(spec.model_name, spec.name)
        answer = self._calls.send("PUT", path, operation=operation, json=dump_evaluation(spec))
        return parse_evaluation(answer.json_object(operation))

    def get(self, model_name: str, name: str) -> Evaluation:
        return self._get(model_name, name, 60.0)

    def find(self, model_name: str, name: str) -> Evaluation | None:
        try:
            return self.get(model_name, name)
        except NotFound:
            return None

    def list(self, model_name: str) -> Iterator[Evaluation]:
        operation = f"list evaluations of model {model_name}"
        return map(parse_evaluation, self._calls.pages(_path(model_name), operation=operation))

    def delete(self, model_name: str, name: str, *, missing_ok: bool = False) -> None:
        operation = f"delete evaluation {name} of model {model_name}"
        try:
            self._calls.send("DELETE", _path(model_name, name), operation=operation)
        except NotFound:
            if not missing_ok:
                raise

    def wait_for(self, model_name: str, name: str, *, timeout_s: float, progress: Progress = silent) -> Evaluation:
        """Wait until it has succeeded; errors as those of `Models.wait_for`."""
        resource = f"evaluation {name} of model {model_name}"
        evaluation = wait_until_ended(
            lambda deadline_s: self._get(model_name, name, deadline_s),
            resource=resource,
            clock=self._calls.clock,
            timeout_s=timeout_s,
            is_local=self._calls.is_local,
            progress=progress,
        )
        if evaluation.status is not Status.SUCCEEDED:
            raise failed(evaluation, resource=resource)
        return evaluation

    def ensure(self, spec: EvaluationSpec, *, recreate_failed: bool = False) -> Evaluation:
        """Make sure that this evaluation exists, without waiting for its end; Refused when it is on other data."""
        found = self.find(spec.model_name, spec.name)
        if found is None:
            try:
                return self.create(spec)
            except Conflict:
                found = self.get(spec.model_name, spec.name)
        if found.spec.dataset_name != spec.dataset_name:
            raise Refused(
                f"evaluation {spec.name} of model {spec.model_name} is on dataset {found.spec.dataset_name}",
                hint="choose another name, or delete it first",
            )
        if recreate_failed and found.status is Status.FAILED:
            self.delete(spec.model_name, spec.name, missing_ok=True)
            return self.create(spec)
        return found

    def _get(self, model_name: str, name: str, deadline_s: float) -> Evaluation:
        operation = f"get evaluation {name} of model {model_name}"
        return parse_evaluation(self._calls.get(_path(model_name, name), operation=operation, deadline_s=deadline_s))


def _path(model_name: str, *names: str) -> str:
    return path_of("models", model_name, "evaluations", *names)
