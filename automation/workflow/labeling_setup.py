"""How a labeling project of lab.yaml works: settings, people and their shares, brought to what the file says.

Owns: what of it is done again and what is not. Leaves: the project itself to `annotations.py`.
"""

from typing import TYPE_CHECKING

from automation.workflow.lab_types import LabelingPlan
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.labeling import LabelingData, ProjectSettings

__all__ = ["set_up_people", "settings_of"]


def settings_of(plan: LabelingPlan) -> "ProjectSettings":
    """The settings of a plan, as the service is told them."""
    from automation.labeling import AssistSettings, ProjectSettings

    assist = plan.assist
    return ProjectSettings(
        overlap=plan.overlap,
        order=plan.order,
        gold_every=plan.gold_every,
        instructions=plan.instructions.read_text("utf-8") if plan.instructions is not None else None,
        assist=AssistSettings(
            enabled=assist.enabled,
            after=assist.after,
            retrain_every=assist.retrain_every,
            threshold=assist.threshold,
            classes=assist.classes,
            budget_minutes=assist.budget_minutes,
        ),
    )


def set_up_people(bench: Workbench, plan: LabelingPlan) -> int:
    """Settings, people and shares; how many people are in the project. Doing it again changes nothing.

    People who are not in lab.yaml stay: who leaves is said by `visionlab labeling people remove`.
    """
    data = bench.labeling_data
    data.set_up(plan.project, settings_of(plan))
    for person in plan.people or ():
        data.put_person(plan.project, person.email, role=person.role, team=person.team, shown=person.name)
    if any(person.share for person in plan.people or ()):
        _share_out(data, plan)
    return len(data.people(plan.project))


def _share_out(data: "LabelingData", plan: LabelingPlan) -> None:
    """Each person is kept as many pictures as the share says, those that the person has labeled already counted in."""
    total = data.progress(plan.project).total
    there = {person.email: person.assigned + person.labeled for person in data.people(plan.project)}
    for person in plan.people or ():
        lacking = round(person.share * total) - there.get(person.email, 0)
        if person.share and lacking > 0:
            data.assign(plan.project, person.email, count=lacking)
