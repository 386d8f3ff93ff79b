"""Models of Image Analysis: a PUT starts a training, and the model is what comes out of it."""

from collections.abc import Iterator

from automation.errors import Conflict, NotFound, Refused
from automation.progress import Progress, silent
from automation.training.calls import VisionCalls, path_of
from automation.training.types import Model, ModelSpec, Status
from automation.training.waiting import failed, wait_until_ended
from automation.training.wire import dump_model, parse_model

__all__ = ["Models"]

CANCEL_S = 300.0


class Models:
    """The models of one resource."""

    def __init__(self, calls: VisionCalls) -> None:
        self._calls = calls

    def create(self, spec: ModelSpec) -> Model:
        """Start the training; Conflict when the name is taken."""
        operation = f"create model {spec.name}"
        answer = self._calls.send("PUT", path_of("models", spec.name), operation=operation, json=dump_model(spec))
        return parse_model(answer.json_object(operation))

    def get(self, name: str) -> Model:
        return self._get(name, 60.0)

    def find(self, name: str) -> Model | None:
        try:
            return self.get(name)
        except NotFound:
            return None

    def list(self) -> Iterator[Model]:
        return map(parse_model, self._calls.pages(path_of("models"), operation="list models"))

    def cancel(self, name: str) -> None:
        """Ask the service to stop the training; it takes a moment, `wait_for` sees the end."""
        self._calls.send("POST", path_of("models", name) + ":cancel", operation=f"cancel model {name}")

    def delete(self, name: str, *, missing_ok: bool = False) -> None:
        """Delete it; the service refuses while it trains."""
        try:
            self._calls.send("DELETE", path_of("models", name), operation=f"delete model {name}")
        except NotFound:
            if not missing_ok:
                raise

    def wait_for(self, name: str, *, timeout_s: float, progress: Progress = silent) -> Model:
        """Wait until the training has succeeded, and give the model.

        Raises:
            OperationFailed: It failed or was cancelled; code and hint say why and what to do.
            WaitTimeout: It still trains at the deadline; waiting again picks it up.
        """
        model = self._wait(name, timeout_s=timeout_s, progress=progress)
        if model.status is not Status.SUCCEEDED:
            raise failed(model, resource=f"model {name}")
        return model

    def ensure(self, spec: ModelSpec, *, recreate_failed: bool = False, replace: bool = False) -> Model:
        """Make sure that this training exists, without waiting for its end.

        Args:
            spec: What it shall be.
            recreate_failed: A training that failed or was cancelled is deleted and started anew.
            replace: A model with another spec is deleted (its training cancelled) and started anew.

        Raises:
            Refused: A model of this name has another spec, and `replace` is not given.
        """
        found = self.find(spec.name)
        if found is None:
            try:
                return self.create(spec)
            except Conflict:  # started since we looked, maybe by our own request whose answer was lost
                found = self.get(spec.name)
        if found.spec != spec:
            if not replace:
                raise Refused(
                    f"model {spec.name} exists already, and differs: {_differences(found.spec, spec)}",
                    hint=f"choose another name, or delete it first: visionlab model delete {spec.name}",
                )
        elif not recreate_failed or found.status not in {Status.FAILED, Status.CANCELLED, Status.CANCELLING}:
            return found
        self._remove(found)
        return self.create(spec)

    def _remove(self, model: Model) -> None:
        if not model.status.is_final:
            if model.status is not Status.CANCELLING:
                self.cancel(model.name)
            self._wait(model.name, timeout_s=CANCEL_S, progress=silent)
        self.delete(model.name, missing_ok=True)

    def _wait(self, name: str, *, timeout_s: float, progress: Progress) -> Model:
        return wait_until_ended(
            lambda deadline_s: self._get(name, deadline_s),
            resource=f"model {name}",
            clock=self._calls.clock,
            timeout_s=timeout_s,
            is_local=self._calls.is_local,
            progress=progress,
        )

    def _get(self, name: str, deadline_s: float) -> Model:
        path, operation = path_of("models", name), f"get model {name}"
        return parse_model(self._calls.get(path, operation=operation, deadline_s=deadline_s))


def _differences(there: ModelSpec, asked: ModelSpec) -> str:
    fields = ("kind", "dataset_name", "budget_hours", "evaluation_dataset")
    return ", ".join(
        f"{name} is {getattr(there, name)}, not {getattr(asked, name)}"
        for name in fields
        if getattr(there, name) != getattr(asked, name)
    )
