"""What a detector finds in its evaluation pictures, kept beside the lab: the report's curves are made of it.

Owns: the file `evaluations/<model>.json` of the state folder. The service's own figures have no curves.
"""

import json
from pathlib import Path
from typing import Any

from automation.coco import Box, Curves, Dataset, Detection, curves, read_coco, to_pixels
from automation.errors import DatasetError
from automation.progress import Progress
from automation.workflow.lab_types import Lab, ModelPlan
from automation.workflow.predictions import as_json, ask
from automation.workflow.workbench import Workbench

__all__ = ["curves_of", "keep_detections", "labels_of"]

COCO_LIMIT_BYTES = 256 * 1024 * 1024


def labels_of(lab: Lab, bench: Workbench, dataset: str) -> Dataset:
    """A dataset's labels as the service reads them."""
    plan = lab.dataset(dataset)
    return read_coco(bench.blobs.get(plan.container, plan.coco_name, limit_bytes=COCO_LIMIT_BYTES))


def keep_detections(lab: Lab, bench: Workbench, plan: ModelPlan, progress: Progress) -> None:
    """Ask the model about every evaluation picture, and keep what it says."""
    truth = labels_of(lab, bench, plan.evaluate or "")
    folder = lab.folder_of(lab.dataset(plan.evaluate or "").container)
    found: list[dict[str, Any]] = []
    for index, image in enumerate(truth.images):
        path = folder / image.file_name
        found.append({**as_json(path, ask(bench.vision, plan.name, path)), "id": image.id})
        progress(index + 1, len(truth.images), f"{plan.name} looks at {path.name}")
    target = _file(bench, plan)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(found), "utf-8")


def curves_of(lab: Lab, bench: Workbench, plan: ModelPlan) -> Curves | None:
    """Precision over recall on the evaluation pictures; None where there is nothing to make it of."""
    try:
        kept: list[dict[str, Any]] = json.loads(_file(bench, plan).read_text("utf-8"))
        truth = to_pixels(labels_of(lab, bench, plan.evaluate or ""))
    except (OSError, ValueError, DatasetError):
        return None
    ids = {category.name: category.id for category in truth.categories}
    detections = [
        Detection(
            image_id=picture["id"],
            category_id=ids[box["label"]],
            box=Box(x=box["x"], y=box["y"], w=box["w"], h=box["h"]),
            score=box["score"],
        )
        for picture in kept
        for box in picture["boxes"]
        if box["label"] in ids
    ]
    return curves(truth, detections)


def _file(bench: Workbench, plan: ModelPlan) -> Path:
    return bench.home / "evaluations" / f"{plan.name}.json"
