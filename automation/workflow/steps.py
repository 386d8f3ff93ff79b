"""The job, as a literal list: its steps in order, what each hangs on, and where it is done.

Owns: the order. Leaves: the work to `prepare.py`, `annotations.py`, `learning.py` and `showing.py`.
"""

from automation.workflow import annotations, fingerprints, learning, prepare, showing
from automation.workflow.run import Step
from automation.workflow.workbench import Workbench

__all__ = ["STEPS"]

STEPS: tuple[Step[Workbench], ...] = (
    Step(
        name="provision",
        title="resources by the Pulumi program",
        after=(),
        wanted=lambda lab: True,  # noqa: ARG005 # every lab has resources
        inputs=fingerprints.program,
        act=prepare.provision,
    ),
    Step(
        name="images",
        title="pictures into the containers",
        after=("provision",),
        wanted=lambda lab: bool(lab.images),
        inputs=fingerprints.images,
        act=prepare.upload_images,
    ),
    Step(
        name="labeling",
        title="labeling project",
        after=("images",),
        wanted=lambda lab: lab.labeling is not None,
        inputs=fingerprints.labeling,
        act=annotations.set_up_labeling,
    ),
    Step(
        name="labels",
        title="labels out of the project, as COCO in the container",
        after=("labeling",),
        wanted=lambda lab: any(plan.labeling for plan in lab.datasets),
        inputs=fingerprints.labels,
        act=annotations.export_labels,
        looks=annotations.labels_now,
    ),
    Step(
        name="files",
        title="COCO files into the containers",
        after=("images",),
        wanted=lambda lab: any(plan.coco_file for plan in lab.datasets),
        inputs=fingerprints.files,
        act=annotations.put_coco_files,
    ),
    Step(
        name="datasets",
        title="datasets of the vision service",
        after=("labels", "files"),
        wanted=lambda lab: bool(lab.datasets),
        inputs=fingerprints.datasets,
        act=annotations.make_datasets,
    ),
    Step(
        name="train",
        title="models learn",
        after=("datasets",),
        wanted=lambda lab: bool(lab.models),
        inputs=fingerprints.train,
        act=learning.train,
    ),
    Step(
        name="evaluate",
        title="models are measured",
        after=("train",),
        wanted=lambda lab: any(plan.evaluate for plan in lab.models),
        inputs=fingerprints.evaluate,
        act=learning.evaluate,
    ),
    Step(
        name="predict",
        title="models are tried",
        after=("train",),
        wanted=lambda lab: bool(lab.predict),
        inputs=fingerprints.predict,
        act=showing.predict,
    ),
    Step(
        name="report",
        title="report",
        after=("provision", "images", "labels", "files", "train", "evaluate", "predict"),
        wanted=lambda lab: True,  # noqa: ARG005 # as above
        inputs=fingerprints.report,
        act=showing.report,
    ),
)
