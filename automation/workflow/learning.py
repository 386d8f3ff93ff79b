"""The steps about models: training, and measuring what came out of it.

Owns: what may be kept of a training that an earlier run started, and Ctrl-C while the service trains.
Leaves: the service to `automation.training`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from automation.errors import Cancelled, ConfigError, LabError, Severity
from automation.progress import Progress
from automation.training import EvaluationSpec, Model, ModelKind, ModelSpec, check_budget
from automation.workflow.detections import keep_detections
from automation.workflow.lab_types import ModelPlan
from automation.workflow.run import StepContext
from automation.workflow.workbench import Workbench

__all__ = ["evaluate", "evaluate_model", "headline", "model_spec", "train", "wait_for_model"]

CANCEL_S = 30.0
SPARE_S = 600.0
EVALUATION_S = 3600.0


def model_spec(plan: ModelPlan) -> ModelSpec:
    """A training as we ask the service for it."""
    return ModelSpec(
        name=plan.name,
        kind=plan.kind,
        dataset_name=plan.train,
        budget_hours=plan.budget_hours,
        evaluation_dataset=plan.evaluate,
    )


def train(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Train every model. What the service already does for the same inputs is picked up, not started again."""
    performance: dict[str, object] = {}
    for plan in context.lab.models:
        _look_at_budget(context, plan)
    for plan in context.lab.models:
        _begin(context, plan)
        model = wait_for_model(context.bench, plan, context.progress, context.say)
        performance[plan.name] = dict(model.performance or {})
    figures = [f"{name}: {headline(figures)}" for name, figures in performance.items()]
    return {"summary": ", ".join(figures), "models": performance}


def _look_at_budget(context: StepContext[Workbench], plan: ModelPlan) -> None:
    """Say when a budget is small for its pictures. Raises ConfigError when the service is going to refuse it."""
    files: dict[str, Any] = {
        **context.results.get("labels", {}).get("files", {}),
        **context.results.get("files", {}).get("files", {}),
    }
    images = files.get(plan.train, {}).get("images")
    if images is None:
        return
    where = f"models.{plan.name}.budget_hours"
    for finding in check_budget(plan.kind, images, plan.budget_hours, where=where):
        if finding.severity is Severity.ERROR:
            raise ConfigError(f"{where}: {finding.message}", hint=finding.hint)
        context.say(f"{where}: {finding.message}; {finding.hint}")


def _begin(context: StepContext[Workbench], plan: ModelPlan) -> None:
    """Start the training, unless it was started for these inputs already.

    A model of the same name may be there from other inputs: it is deleted first, and noted as deleted before the new
    one is asked for. So whatever has the name after that note is ours, wherever we were stopped.
    """
    models = context.bench.vision.models
    cleared = f"cleared {plan.name}"
    if not context.notes.get(cleared):
        other_inputs = context.before is not None or context.fresh
        if other_inputs and (found := models.find(plan.name)) is not None:
            context.say(f"there is a {plan.name} from before; it is deleted and trained anew")
            if not found.status.is_final:
                models.cancel(plan.name)
                _wait_quietly(context.bench, plan.name)
            models.delete(plan.name, missing_ok=True)
        context.note(cleared, True)
    models.ensure(model_spec(plan), recreate_failed=True, replace=True)


def wait_for_model(
    bench: Workbench, plan: ModelPlan, progress: Progress, say: Callable[[str], None], *, timeout_s: float | None = None
) -> Model:
    """Wait for a training. Ctrl-C asks the service to stop it; a second one leaves at once."""
    limit = timeout_s if timeout_s is not None else plan.budget_hours * 3600 + SPARE_S
    try:
        return bench.vision.models.wait_for(plan.name, timeout_s=limit, progress=progress)
    except KeyboardInterrupt:
        say(f"asking the service to stop training {plan.name}; Ctrl-C again leaves at once")
        bench.vision.models.cancel(plan.name)
        _wait_quietly(bench, plan.name)
        raise Cancelled(f"training of {plan.name}") from None


def _wait_quietly(bench: Workbench, name: str) -> None:
    """Until a cancelled training has ended; how it ended does not matter."""
    try:
        bench.vision.models.wait_for(name, timeout_s=CANCEL_S)
    except LabError:
        return


def evaluate(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Measure each model on its evaluation dataset."""
    performance: dict[str, object] = {}
    for plan in context.lab.models:
        if plan.evaluate:
            performance[plan.name] = evaluate_model(
                context.bench, plan.name, plan.evaluate, context.fingerprint, context.progress
            )
            if plan.kind is ModelKind.OBJECT_DETECTION:
                keep_detections(context.lab, context.bench, plan, context.progress)
    return {
        "summary": ", ".join(f"{name}: {headline(figures)}" for name, figures in performance.items()),
        "models": performance,
    }


def evaluate_model(bench: Workbench, model: str, dataset: str, fingerprint: str, progress: Progress) -> dict[str, Any]:
    """Measure a model; the same fingerprint picks up the measurement that was started under it."""
    name = f"{dataset[:200]}-{fingerprint[:8]}"
    spec = EvaluationSpec(name=name, model_name=model, dataset_name=dataset)
    bench.vision.evaluations.ensure(spec, recreate_failed=True)
    done = bench.vision.evaluations.wait_for(model, name, timeout_s=EVALUATION_S, progress=progress)
    return dict(done.performance or {})


def headline(figures: object) -> str:
    """The one figure people ask for first."""
    if isinstance(figures, dict):
        for key, words in (("meanAveragePrecision50", "mAP@50"), ("accuracyTop1", "accuracy")):
            value: object = figures.get(key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] # JSON of the service
            if isinstance(value, int | float):
                return f"{words} {value:.3f}"
    return "trained"
