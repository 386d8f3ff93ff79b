"""What a lab will cost, from its file: its settings, its pictures, its models.

Owns: counting what lab.yaml asks for. Leaves: prices and sums to `automation.cost`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from automation.cost import Estimate, Training, Work, estimate, location_of, parts_of, sentence
from automation.pictures import find_pictures
from automation.workflow.lab_types import Lab

__all__ = ["cost_sentence", "lab_estimate", "lab_settings", "work_of"]


def lab_estimate(lab: Lab) -> Estimate:
    """What the lab costs on Azure, wherever its own stack is. Raises ConfigError when its settings cannot be read."""
    settings = lab_settings(lab.stack, lab.program_settings())
    parts = () if lab.provisioned is not None else parts_of(settings)
    return estimate([("", 1, parts, work_of(lab))], region=location_of(settings))


def cost_sentence(lab: Lab) -> str | None:
    """One line to show before a lab is made or run on Azure; None on the local Azure, which costs nothing.

    A lab whose pictures are not there yet has a sentence all the same.
    """
    if lab.stack == "local" or lab.provisioned is not None:
        return None
    return sentence(lab_estimate(lab))


def lab_settings(settings: str, given: Mapping[str, object]) -> dict[str, Any]:
    """Settings by their own names: of stacks/Pulumi.<settings>.yaml, and those given, which win."""
    from automation.provision.project import find_project, read_settings

    project = find_project()
    found = read_settings(project, settings, given, kept=Path("nothing is kept for this"))
    values = cast("dict[str, Any]", found["config"])
    prefix = f"{project.name}:"
    return {key.removeprefix(prefix): value for key, value in values.items() if key.startswith(prefix)}


def work_of(lab: Lab) -> Work:
    """What a run works on."""
    pictures = [path for folder in {entry.path for entry in lab.images} for path in _pictures(folder)]
    return Work(
        pictures=len(pictures),
        picture_bytes=sum(path.stat().st_size for path in pictures),
        trainings=tuple(Training(name=plan.name, budget_hours=plan.budget_hours) for plan in lab.models),
        predictions=sum(len(_pictures(plan.images)) for plan in lab.predict),
    )


def _pictures(folder: Path) -> list[Path]:
    """None where the folder is not there yet: the run says so, not the estimate."""
    return find_pictures(folder) if folder.is_dir() else []
