"""A trained model judged by what it says of each picture: the figures and the bundle of `visionlab evaluate`.

Owns: asking the model, and what the lab knows for the model's card.
Leaves: figures to `automation.coco.evaluation`, the bundle to `automation.report`, the service's own figures to
`learning.py`.
"""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from automation.coco import Unit, find_unit
from automation.coco.evaluation import Evaluation, Options, evaluate_files
from automation.cost import spelled, training_price
from automation.progress import Progress
from automation.report.evaluation import write_bundle
from automation.training import Model, Prediction
from automation.workflow.detections import COCO_LIMIT_BYTES, labels_of
from automation.workflow.lab_types import Lab
from automation.workflow.predictions import ask
from automation.workflow.workbench import Workbench

__all__ = ["judge_model"]


def judge_model(lab: Lab, bench: Workbench, model: Model, *, dataset: str, out: Path, progress: Progress) -> Evaluation:
    """Ask the model about every picture of a dataset, and write the bundle to `out`.

    Raises:
        ConfigError: `out` cannot be written to, or lab.yaml has no such dataset.
        DatasetError: A picture, or the dataset's labels, cannot be used.
    """
    truth = labels_of(lab, bench, dataset)
    plan = lab.dataset(dataset)
    folder = lab.folder_of(plan.container)
    classes = {category.name for category in truth.categories}
    shares = find_unit(truth) is Unit.NORMALISED
    results: list[dict[str, Any]] = []
    for index, image in enumerate(truth.images):
        path = folder / image.file_name
        said = _results(ask(bench.vision, model.spec.name, path), shares=shares)
        results += [{"image_id": image.id, **entry} for entry in said if entry["category"] in classes]
        progress(index + 1, len(truth.images), f"{model.spec.name} looks at {path.name}")
    with tempfile.TemporaryDirectory(prefix="visionlab-") as scratch:
        labels, predictions = Path(scratch) / plan.coco_name.rpartition("/")[2], Path(scratch) / "predictions"
        labels.write_bytes(bench.blobs.get(plan.container, plan.coco_name, limit_bytes=COCO_LIMIT_BYTES))
        predictions.write_text(json.dumps(results), "utf-8")
        done = evaluate_files(labels, predictions, Options(split=dataset))
    write_bundle(done, out, images=folder if folder.is_dir() else None, about=_about(lab, model))
    return done


def _results(prediction: Prediction, *, shares: bool) -> list[dict[str, Any]]:
    """Predictions in the unit of the labels; tags where there are no boxes."""
    across, down = (prediction.width or 1, prediction.height or 1) if shares else (1, 1)
    boxes = [
        {
            "category": box.label,
            "score": box.score,
            "bbox": [box.x / across, box.y / down, box.w / across, box.h / down],
        }
        for box in prediction.boxes
    ]
    return boxes or [{"category": tag.name, "score": tag.confidence} for tag in prediction.tags]


def _about(lab: Lab, model: Model) -> Mapping[str, str]:
    """What the lab and the service know of a model; what they do not know is left out."""
    facts = {
        "model": model.spec.name,
        "lab": lab.name,
        "trainer": f"{model.spec.kind.value} training of the vision service",
        "trained on": model.spec.dataset_name,
        "created": model.created.date().isoformat() if model.created else "",
        "budget": f"{model.spec.budget_hours} hours",
        "cost": "" if model.cost_minutes is None else _cost(model.cost_minutes),
    }
    return {name: value for name, value in facts.items() if value}


def _cost(minutes: float) -> str:
    """The time that was charged, and what it costs by the price table; on the local Azure nobody pays it."""
    money = training_price("image-analysis", minutes / 60)
    listed = "" if money is None else f", {money.currency} {spelled(money.amount)} by the list price of {money.dated}"
    return f"{minutes:g} minutes of training were charged{listed}"
