"""The card of a model: what it was measured on, how good it is, what it cost, and where its limits are.

Owns: the sentences about limits, which follow from the figures. Leaves: figures to `automation.coco.evaluation`.
"""

import re
from collections.abc import Mapping
from typing import Any

from automation.coco.evaluation import Evaluation

__all__ = ["card", "card_text"]

FEW_LABELS = 30
WEAK_RECALL = 0.5
_HEADLINE = ("mAP50", "mAP", "accuracy", "accuracy-top5", "precision", "recall", "F1", "ECE")


def card(evaluation: Evaluation, about: Mapping[str, str]) -> dict[str, Any]:
    """The card as plain values; `about` is what else is known: trainer, training data, budget, cost."""
    figures = [figure for name in _HEADLINE if (figure := evaluation.figure(name)) is not None]
    return {
        "model": dict(about),
        "data": {
            "split": evaluation.split,
            "pictures": evaluation.images,
            "labels": {entry.name: entry.truths for entry in evaluation.classes},
        },
        "use": {"threshold": evaluation.threshold, "chosen": evaluation.chosen, "iou": evaluation.iou},
        "figures": {
            f.name: {"value": f.value, "iou": f.iou, "threshold": f.threshold, "split": f.split} for f in figures
        },
        "limits": _limits(evaluation),
    }


def card_text(values: Mapping[str, Any]) -> str:
    """The card as Markdown."""
    lines = ["# Model card", ""]
    lines += [f"- {_plain(key)}: {_plain(value)}" for key, value in values["model"].items()]
    use, data = values["use"], values["data"]
    lines += ["", "## Data", "", f"Measured on {_plain(data['split'])}: {data['pictures']:,} pictures.", ""]
    lines += ["| class | labels |", "|---|---:|"]
    lines += [f"| {_plain(name)} | {count:,} |" for name, count in data["labels"].items()]
    lines += ["", "## Figures", "", "| figure | value | IoU | threshold | split |", "|---|---:|---|---|---|"]
    for name, figure in values["figures"].items():
        shown = ("n/a" if figure["value"] is None else f"{figure['value']:.3f}", figure["iou"] or "")
        at = "" if figure["threshold"] is None else f"{figure['threshold']:.4g}"
        lines.append(f"| {name} | {shown[0]} | {shown[1]} | {at} | {_plain(figure['split'])} |")
    lines += ["", "## Use", "", f"Count predictions from score {use['threshold']:.4g} on ({use['chosen']})."]
    lines += ["", "## Limits", "", *(f"- {_plain(limit)}" for limit in values["limits"]), ""]
    return "\n".join(lines)


def _limits(evaluation: Evaluation) -> list[str]:
    few = [entry.name for entry in evaluation.classes if entry.truths < FEW_LABELS]
    weak = [c.name for c in evaluation.classes if c.recall is not None and c.recall < WEAK_RECALL]
    limits = [f"The figures hold for pictures like those of {evaluation.split}, and for no others."]
    if few:
        limits.append(f"Fewer than {FEW_LABELS} labels to measure by, so that figures are rough: {_listed(few)}.")
    if weak:
        limits.append(f"Less than half is found at this threshold: {_listed(weak)}.")
    error = evaluation.figure("ECE")
    if error is not None and error.value is not None and error.value > 0.1:
        limits.append(f"Scores are no probabilities: they are off by {error.value:.2f} on average.")
    return [*limits, *(f"{note[:1].upper()}{note[1:]}." for note in evaluation.notes)]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _plain(text: object) -> str:
    """Text that neither Markdown nor a terminal takes for more."""
    line = "".join(c if c.isprintable() else " " for c in str(text))
    return re.sub(r"([\\`*_\[\]<>|#])", r"\\\1", line)
