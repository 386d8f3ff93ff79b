"""The job, as a literal list: its steps in order, what each hangs on, and where it is done.

Owns: the order. Leaves: the work to `prepare.py`, `annotations.py`, `learning.py` and `showing.py`, and whether a lab
has a step to `wanted.py`.
"""

from automation.workflow import annotations, fingerprints, learning, prepare, showing
from automation.workflow.run import Step
from automation.workflow.wanted import WANTED
from automation.workflow.workbench import Workbench

__all__ = ["STEPS"]

STEPS: tuple[Step[Workbench], ...] = (
    Step(
        name="provision",
        title="resources by the Pulumi program",
        after=(),
        wanted=WANTED["provision"],
        inputs=fingerprints.program,
        act=prepare.provision,
    ),
    Step(
        name="images",
        title="pictures into the containers",
        after=("provision",),
        wanted=WANTED["images"],
        inputs=fingerprints.images,
        act=prepare.upload_images,
    ),
    Step(
        name="labeling",
        title="labeling project",
        after=("images",),
        wanted=WANTED["labeling"],
        inputs=fingerprints.labeling,
        act=annotations.set_up_labeling,
    ),
    Step(
        name="labels",
        title="labels out of the project, as COCO in the container",
        after=("labeling",),
        wanted=WANTED["labels"],
        inputs=fingerprints.labels,
        act=annotations.export_labels,
        looks=annotations.labels_now,
    ),
    Step(
        name="files",
        title="COCO files into the containers",
        after=("images",),
        wanted=WANTED["files"],
        inputs=fingerprints.files,
        act=annotations.put_coco_files,
    ),
    Step(
        name="datasets",
        title="datasets of the vision service",
        after=("labels", "files"),
        wanted=WANTED["datasets"],
        inputs=fingerprints.datasets,
        act=annotations.make_datasets,
    ),
    Step(
        name="train",
        title="models learn",
        after=("datasets",),
        wanted=WANTED["train"],
        inputs=fingerprints.train,
        act=learning.train,
    ),
    Step(
        name="evaluate",
        title="models are measured",
        after=("train",),
        wanted=WANTED["evaluate"],
        inputs=fingerprints.evaluate,
        act=learning.evaluate,
    ),
    Step(
        name="predict",
        title="models are tried",
        after=("train",),
        wanted=WANTED["predict"],
        inputs=fingerprints.predict,
        act=showing.predict,
    ),
    Step(
        name="report",
        title="report",
        after=("provision", "images", "labels", "files", "train", "evaluate", "predict"),
        wanted=WANTED["report"],
        inputs=fingerprints.report,
        act=showing.report,
    ),
)
