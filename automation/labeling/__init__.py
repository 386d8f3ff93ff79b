"""Labeling projects: pictures, classes, and the people's labels that come out as COCO.

Owns: the neutral project model, and the back end azure-ml.
Leaves: COCO's own rules to `automation.coco`, reading the exported file to `automation.storage`.
"""

from automation.labeling.labeling_jobs import LabelingJobs
from automation.labeling.types import Export, ImportReport, Project, ProjectSpec, Task

__all__ = ["Export", "ImportReport", "LabelingJobs", "Project", "ProjectSpec", "Task"]
