"""The last steps: models tried on pictures, and the report.

Owns: what goes into the report. Leaves: how it looks to `automation.report`.
"""

import json
from collections.abc import Mapping

from automation.workflow.predictions import as_json, draw_prediction, gather, read_picture
from automation.workflow.run import StepContext
from automation.workflow.workbench import Workbench

__all__ = ["predict", "report"]


def predict(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Try each model on its pictures; drawn copies and one JSON file are kept."""
    counts: dict[str, int] = {}
    for plan in context.lab.predict:
        pictures = gather([plan.images])
        out = context.bench.home / "predictions" / plan.model
        found: list[dict[str, object]] = []
        for index, path in enumerate(pictures):
            prediction = context.bench.vision.analyze(plan.model, read_picture(path))
            drawn = draw_prediction(path, prediction, out)
            found.append({**as_json(path, prediction), "drawn": str(drawn)})
            context.progress(index + 1, len(pictures), path.name)
        (out / "predictions.json").write_text(json.dumps(found, indent=1), "utf-8")
        counts[plan.model] = len(found)
    said = ", ".join(f"{count} pictures by {name}" for name, count in counts.items())
    return {"summary": said, "pictures": counts}
