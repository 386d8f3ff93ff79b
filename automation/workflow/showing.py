"""The last steps: models tried on pictures, and the report.

Owns: what goes into the report. Leaves: how it looks to `automation.report`.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automation.errors import ConfigError
from automation.workflow.detections import curves_of, labels_of
from automation.workflow.events import StepTime
from automation.workflow.lab_types import Lab, ModelPlan
from automation.workflow.predictions import as_json, ask, draw_prediction, gather
from automation.workflow.run import StepContext
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.report import ModelResult, Report, TriedPicture

__all__ = ["build_report", "predict", "report", "report_file"]

MOST_PICTURES = 24

_Results = Mapping[str, Mapping[str, Any]]


def predict(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Try each model on its pictures; drawn copies and one JSON file are kept."""
    counts: dict[str, int] = {}
    for plan in context.lab.predict:
        pictures = gather([plan.images])
        out = context.bench.home / "predictions" / plan.model
        found: list[dict[str, object]] = []
        for index, path in enumerate(pictures):
            prediction = ask(context.bench.vision, plan.model, path)
            drawn = draw_prediction(path, prediction, out)
            found.append({**as_json(path, prediction), "drawn": str(drawn)})
            context.progress(index + 1, len(pictures), path.name)
        _kept(context.bench, plan.model).write_text(json.dumps(found, indent=1), "utf-8")
        counts[plan.model] = len(found)
    said = ", ".join(f"{count} pictures by {name}" for name, count in counts.items())
    return {"summary": said, "pictures": counts}


def report(context: StepContext[Workbench]) -> Mapping[str, object]:
    """One page about the lab and its run."""
    from automation.report import write_report

    context.bench.report = build_report(context.lab, context.bench, context.results, context.times)
    path = write_report(context.bench.report, report_file(context.lab, context.bench))
    return {"summary": str(path), "path": str(path)}


def report_file(lab: Lab, bench: Workbench) -> Path:
    """Where the report is written."""
    return bench.home / "reports" / f"{lab.name}-{lab.stack}.html"


def build_report(lab: Lab, bench: Workbench, results: _Results, times: Sequence[StepTime]) -> "Report":
    """Everything that the report shows."""
    from automation.coco import statistics
    from automation.report import DatasetSummary, MadeResource, Report
    from automation.report import StepTime as Shown

    return Report(
        lab=lab.name,
        stack=lab.stack,
        target="the local Azure on this machine" if bench.local else "Azure",
        created=bench.clock.now(),
        resources=tuple(
            MadeResource(type=kind, name=name, id=resource_id) for kind, name, resource_id in _resources(lab, bench)
        ),
        datasets=tuple(
            DatasetSummary(
                name=plan.name, container=plan.container, statistics=statistics(labels_of(lab, bench, plan.name))
            )
            for plan in lab.datasets
            if "datasets" in results
        ),
        models=tuple(_model(lab, bench, results, plan) for plan in lab.models if "train" in results),
        pictures=tuple(_tried(lab, bench)) if "predict" in results else (),
        steps=tuple(
            Shown(
                name=step.name,
                seconds=None if step.skipped else step.seconds,
                summary=str(results.get(step.name, {}).get("summary", "")),
            )
            for step in times
        ),
    )


def _resources(lab: Lab, bench: Workbench) -> list[tuple[str, str, str]]:
    """Type, name and id of what the lab consists of."""
    if lab.provisioned is not None:
        return lab.provisioned.resources
    return [(found.type, found.name, found.id) for found in bench.resources()]


def _model(lab: Lab, bench: Workbench, results: _Results, plan: ModelPlan) -> "ModelResult":
    from automation.report import ModelResult

    trained: dict[str, object] = results["train"]["models"].get(plan.name, {})
    measured: dict[str, object] | None = results.get("evaluate", {}).get("models", {}).get(plan.name)
    return ModelResult(
        name=plan.name,
        kind=plan.kind.value,
        trained_on=plan.train,
        measured_on=plan.evaluate if measured and plan.evaluate else "part of the training pictures, held back",
        performance=measured or trained,
        curves=curves_of(lab, bench, plan) if measured else None,
        facts={"budget": f"{plan.budget_hours} h"},
    )


def _tried(lab: Lab, bench: Workbench) -> "list[TriedPicture]":
    from automation.report import PictureBox, PictureTag, TriedPicture

    tried: list[TriedPicture] = []
    for plan in lab.predict:
        kept: list[dict[str, Any]] = json.loads(_kept(bench, plan.model).read_text("utf-8"))
        tried += [
            TriedPicture(
                name=Path(found["image"]).name,
                model=plan.model,
                source=Path(found["image"]),
                boxes=tuple(PictureBox(**box) for box in found["boxes"]),
                tags=tuple(PictureTag(**tag) for tag in found["tags"]),
            )
            for found in kept
            if Path(found["image"]).is_file()
        ]
    return tried[:MOST_PICTURES]


def _kept(bench: Workbench, model: str) -> Path:
    """Where a model's predictions are kept."""
    folder = bench.home / "predictions" / model
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"{folder} cannot be made: {exc.strerror}", hint="make room, or check permissions") from exc
    return folder / "predictions.json"
