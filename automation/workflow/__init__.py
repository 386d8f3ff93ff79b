"""The main job: a lab.yaml, its steps in order, a journal of what is done, and the run that goes through them.

Owns: lab.yaml, the order and idempotence of the steps, the journal, one run at a time.
Leaves: the single services to `provision`, `storage`, `labeling` and `training`, talking to people to `cli`.
"""

from automation.workflow.lab_file import STACKS, parse_lab, read_lab
from automation.workflow.lab_types import (
    Assist,
    DatasetPlan,
    Lab,
    LabelingPlan,
    ModelPlan,
    PictureFolder,
    PredictPlan,
)

__all__ = [
    "STACKS",
    "Assist",
    "DatasetPlan",
    "Lab",
    "LabelingPlan",
    "ModelPlan",
    "PictureFolder",
    "PredictPlan",
    "parse_lab",
    "read_lab",
]
