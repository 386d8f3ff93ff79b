"""Which steps a lab has: by its file alone, without loading what the steps work with.

Owns: the names in their order, and when a lab has each. Leaves: what they do to `steps.py`, which a test compares.
"""

from collections.abc import Callable, Mapping

from automation.workflow.lab_types import Lab

__all__ = ["WANTED", "wanted_steps"]


def _always(lab: Lab) -> bool:  # noqa: ARG001 # the same signature as the others
    return True


WANTED: Mapping[str, Callable[[Lab], bool]] = {
    "provision": _always,
    "images": lambda lab: bool(lab.images),
    "labeling": lambda lab: lab.labeling is not None,
    "labels": lambda lab: any(plan.labeling for plan in lab.datasets),
    "files": lambda lab: any(plan.coco_file for plan in lab.datasets),
    "datasets": lambda lab: bool(lab.datasets),
    "train": lambda lab: bool(lab.models),
    "evaluate": lambda lab: any(plan.evaluate for plan in lab.models),
    "predict": lambda lab: bool(lab.predict),
    "report": _always,
}


def wanted_steps(lab: Lab) -> tuple[str, ...]:
    """The names of the steps that this lab has, in their order."""
    return tuple(name for name, wanted in WANTED.items() if wanted(lab))
