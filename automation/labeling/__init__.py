"""Labeling projects: pictures, classes, and the people's labels that come out as COCO.

Owns: the neutral project model, and the back ends azure-ml and label-studio.
Leaves: COCO's own rules to `automation.coco`, reading the exported file to `automation.storage`.
"""

from automation.labeling.data_plane import LabelingData
from automation.labeling.data_wire import (
    AssistSettings,
    Invitation,
    Outcome,
    Person,
    Progress,
    ProjectSettings,
    Refreshed,
)
from automation.labeling.label_studio import LabelStudio, SyncReport
from automation.labeling.label_studio_api import TOKEN_VARIABLE, open_studio, url_problem
from automation.labeling.label_studio_tasks import Answers
from automation.labeling.labeling_jobs import LabelingJobs
from automation.labeling.types import Export, ImportReport, Project, ProjectSpec, Task

__all__ = [
    "TOKEN_VARIABLE",
    "Answers",
    "AssistSettings",
    "Export",
    "ImportReport",
    "Invitation",
    "LabelStudio",
    "LabelingData",
    "LabelingJobs",
    "Outcome",
    "Person",
    "Progress",
    "Project",
    "ProjectSettings",
    "ProjectSpec",
    "Refreshed",
    "SyncReport",
    "Task",
    "open_studio",
    "url_problem",
]
