"""What a step is made of, as plain values: when they are the same again, the step need not be done again.

Owns: how files count (name, size, time of change) and which parts of a lab each step looks at.
"""

from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from automation.workflow.lab_types import Lab
from automation.workflow.pictures import find_pictures

__all__ = ["datasets", "evaluate", "files", "images", "labeling", "labels", "predict", "program", "report", "train"]


def program(lab: Lab) -> object:
    """The Pulumi program's settings, and the program itself by our version; or what somebody else provisioned."""
    if lab.provisioned is not None:
        return asdict(lab.provisioned.outputs)
    return {"settings": lab.program_settings(), "visionlab": version("visionlab")}


def images(lab: Lab) -> object:
    """Every picture of every folder."""
    return {entry.container: _pictures(entry.path) for entry in lab.images}


def labeling(lab: Lab) -> object:
    """The project, its instructions and the labels to import."""
    if (plan := lab.labeling) is None:
        return None
    return {"plan": asdict(plan), "files": [_stamp(path) for path in (plan.instructions, plan.imported) if path]}


def labels(lab: Lab) -> object:
    """The datasets made of a labeling project."""
    return [asdict(plan) for plan in lab.datasets if plan.labeling]


def files(lab: Lab) -> object:
    """The datasets made of COCO files, and those files."""
    return [[asdict(plan), _stamp(plan.coco_file)] for plan in lab.datasets if plan.coco_file]


def datasets(lab: Lab) -> object:
    """All datasets."""
    return [asdict(plan) for plan in lab.datasets]


def train(lab: Lab) -> object:
    """What the models learn from and may cost."""
    return [asdict(plan) for plan in lab.models]


def evaluate(lab: Lab) -> object:
    """What the models are measured with."""
    return [[plan.name, plan.evaluate] for plan in lab.models if plan.evaluate]


def predict(lab: Lab) -> object:
    """The pictures to try models on."""
    return [[plan.model, _pictures(plan.images)] for plan in lab.predict]


def report(lab: Lab) -> object:
    """The lab's name is all that is new in the report."""
    return lab.name


def _pictures(folder: Path) -> list[object]:
    return [[path.relative_to(folder).as_posix(), *_stamp(path)] for path in find_pictures(folder)]


def _stamp(path: Path) -> list[int]:
    found = path.stat()
    return [found.st_size, found.st_mtime_ns]
