"""Training: what an earlier run started is picked up, what is of other inputs is trained anew, Ctrl-C cancels."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from automation.errors import Cancelled, ConfigError, OperationFailed
from automation.progress import silent
from automation.training import Model, ModelKind, ModelSpec, Status
from automation.workflow import Lab, ModelPlan
from automation.workflow.journal import Journal, StepRecord
from automation.workflow.learning import headline, train, wait_for_model
from automation.workflow.run import StepContext
from automation.workflow.workbench import Workbench


class StillClock:
    def now(self) -> datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)

    def monotonic(self) -> float:
        return 0.0

    def sleep(self, seconds: float) -> None: ...


@dataclass
class FakeModels:
    """A service that trains in no time and remembers what it was asked."""

    there: dict[str, Model] = field(default_factory=dict[str, Model])
    asked: list[str] = field(default_factory=list[str])
    on_wait: list[Callable[[], None]] = field(default_factory=list[Callable[[], None]])

    def find(self, name: str) -> Model | None:
        return self.there.get(name)

    def ensure(self, spec: ModelSpec, *, recreate_failed: bool, replace: bool) -> Model:
        assert recreate_failed
        assert replace
        if spec.name not in self.there:
            self.asked.append(f"create {spec.name}")
            self.there[spec.name] = a_model(spec)
        return self.there[spec.name]

    def cancel(self, name: str) -> None:
        self.asked.append(f"cancel {name}")
        self.there[name] = replace(self.there[name], status=Status.CANCELLED)

    def delete(self, name: str, *, missing_ok: bool = False) -> None:
        self.asked.append(f"delete {name}")
        del self.there[name]

    def wait_for(self, name: str, *, timeout_s: float, progress: object = None) -> Model:
        if self.on_wait:
            self.on_wait.pop(0)()
        if self.there[name].status is Status.CANCELLED:
            raise OperationFailed(resource=f"model {name}", status="cancelled", detail="asked")
        return self.there[name]


def a_model(spec: ModelSpec, status: Status = Status.SUCCEEDED) -> Model:
    return Model(
        spec=spec,
        status=status,
        status_text=status.value,
        created=None,
        updated=None,
        cost_minutes=1,
        error=None,
        performance={"meanAveragePrecision50": 0.9},
        raw={},
    )


PLAN = ModelPlan(name="finder", kind=ModelKind.OBJECT_DETECTION, train="things")
SPEC = ModelSpec(name="finder", kind=ModelKind.OBJECT_DETECTION, dataset_name="things")


@dataclass
class Bench:
    models: FakeModels

    def as_workbench(self) -> Workbench:
        return cast("Workbench", SimpleNamespace(vision=SimpleNamespace(models=self.models)))


def a_context(
    tmp_path: Path,
    models: FakeModels,
    *,
    notes: Mapping[str, Any] | None = None,
    before: StepRecord | None = None,
    fresh: bool = False,
    pictures: int = 53,
    said: list[str] | None = None,
) -> StepContext[Workbench]:
    heard = said if said is not None else []
    journal = Journal(tmp_path / "j.jsonl", clock=StillClock())
    journal.start("train", "f1")
    return StepContext(
        lab=Lab(path=tmp_path / "lab.yaml", name="fruit", stack="local", models=(PLAN,)),
        bench=Bench(models).as_workbench(),
        step="train",
        fingerprint="f1",
        results={"labels": {"files": {PLAN.train: {"images": pictures}}}},
        journal=journal,
        tell=lambda event: heard.append(event.message),
        notes=notes or {},
        before=before,
        fresh=fresh,
    )


def test_a_model_is_trained_and_its_figures_are_the_result(tmp_path: Path) -> None:
    models = FakeModels()
    result = train(a_context(tmp_path, models))
    assert models.asked == ["create finder"]
    assert result == {"summary": "finder: mAP@50 0.900", "models": {"finder": {"meanAveragePrecision50": 0.9}}}


def test_a_budget_that_the_service_would_refuse_is_refused_before_anything_starts(tmp_path: Path) -> None:
    models = FakeModels()
    with pytest.raises(ConfigError) as caught:
        train(a_context(tmp_path, models, pictures=1_000))
    assert caught.value.message == (
        "models.finder.budget_hours: 1 h are too few for 1000 pictures: 6.67 h is the minimum"
    )
    assert caught.value.hint == "set budget_hours to 20"
    assert models.asked == []


def test_a_small_budget_is_said_and_trained_with(tmp_path: Path) -> None:
    said: list[str] = []
    train(a_context(tmp_path, FakeModels(), pictures=100, said=said))
    assert said[0] == (
        "models.finder.budget_hours: 1 h are few for 100 pictures: 2.00 h are advised; set budget_hours to 2"
    )


def test_a_training_that_a_killed_run_started_is_picked_up(tmp_path: Path) -> None:
    models = FakeModels({"finder": a_model(SPEC)})
    train(a_context(tmp_path, models, notes={"cleared finder": True}, before=StepRecord(fingerprint="f0")))
    assert models.asked == []


def test_a_model_of_other_inputs_goes_first_and_that_is_noted(tmp_path: Path) -> None:
    models = FakeModels({"finder": a_model(SPEC)})
    context = a_context(tmp_path, models, before=StepRecord(fingerprint="f0", done=True))
    train(context)
    assert models.asked == ["delete finder", "create finder"]
    assert context.journal.steps["train"].notes == {"cleared finder": True}


def test_a_training_of_other_inputs_is_cancelled_before_it_is_deleted(tmp_path: Path) -> None:
    models = FakeModels({"finder": a_model(SPEC, Status.RUNNING)})
    train(a_context(tmp_path, models, fresh=True))
    assert models.asked == ["cancel finder", "delete finder", "create finder"]


def interrupt() -> None:
    raise KeyboardInterrupt


def test_ctrl_c_asks_the_service_to_stop(tmp_path: Path) -> None:
    models = FakeModels({"finder": a_model(SPEC, Status.RUNNING)}, on_wait=[interrupt])
    said: list[str] = []
    with pytest.raises(Cancelled, match="training of finder was stopped"):
        wait_for_model(Bench(models).as_workbench(), PLAN, silent, said.append)
    assert models.asked == ["cancel finder"]
    assert said == ["asking the service to stop training finder; Ctrl-C again leaves at once"]


def test_a_second_ctrl_c_leaves_at_once(tmp_path: Path) -> None:
    models = FakeModels({"finder": a_model(SPEC, Status.RUNNING)}, on_wait=[interrupt, interrupt])
    with pytest.raises(KeyboardInterrupt):
        wait_for_model(Bench(models).as_workbench(), PLAN, silent, lambda line: None)


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"meanAveragePrecision50": 0.5, "averagePrecision": 0.1}, "mAP@50 0.500"),
        ({"accuracyTop1": 1}, "accuracy 1.000"),
        ({}, "trained"),
        (None, "trained"),
    ],
)
def test_the_headline_is_the_figure_people_ask_for(figures: object, words: str) -> None:
    assert headline(figures) == words
