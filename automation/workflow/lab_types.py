"""A lab as lab.yaml says it: plain values, every name checked, every path absolute.

Owns: the types. Leaves: reading and checking to `lab_file.py`, doing it to `steps.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from automation.labeling import Task
from automation.provision import StatePlace
from automation.training import ModelKind
from automation.workflow.provisioned import Provisioned

__all__ = [
    "Assist",
    "DatasetPlan",
    "Lab",
    "Labeler",
    "LabelingPlan",
    "ModelPlan",
    "PictureFolder",
    "PredictPlan",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFolder:
    """A folder on this machine whose pictures go into one container."""

    container: str
    path: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Assist:
    """Help for people who label: a model learns from the first labels and proposes the next.

    Attributes:
        after: Labels that the first training waits for; `retrain_every` are between the next ones.
        threshold: Proposals below this score are not shown.
        classes: The classes that are proposed; none stands for all.
    """

    enabled: bool = False
    after: int = 12
    retrain_every: int = 50
    threshold: float = 0.3
    classes: tuple[str, ...] = ()
    budget_minutes: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Labeler:
    """A person of a labeling project.

    Attributes:
        email: In lower case.
        role: "labeler", "teamLead" or "administrator".
        share: Of the pictures that are still open, kept for this person; 0 keeps none.
    """

    email: str
    role: str = "labeler"
    name: str | None = None
    team: str | None = None
    share: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingPlan:
    """The labeling project.

    Attributes:
        imported: A COCO file with labels that exist already, or None.
        instructions: A text for the people who label, or None.
        backend: "azure-ml" or "label-studio".
        url: Label Studio's address, without a token.
        connected: Whether Label Studio reads the container by its own Azure storage, and not by signed links.
        people: Who labels; None leaves the project's people as they are.
        overlap: Answers for each picture.
        order: Of the queue: "manual", "clustered", "prelabeled" or "uncertain".
        gold_every: One picture in so many has a known answer; 0 is none.
    """

    project: str
    task: Task
    container: str
    classes: tuple[str, ...]
    instructions: Path | None = None
    assist: Assist = Assist()
    imported: Path | None = None
    backend: str = "azure-ml"
    url: str | None = None
    connected: bool = False
    people: tuple[Labeler, ...] | None = None
    overlap: int = 1
    order: str = "manual"
    gold_every: int = 0

    @property
    def in_label_studio(self) -> bool:
        return self.backend == "label-studio"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetPlan:
    """A dataset: a container and the COCO file that stands in it.

    Attributes:
        coco_name: The COCO file's name in the container.
        labeling: The labeling project whose export it is, or None.
        coco_file: The COCO file on this machine it is made of, or None.
    """

    name: str
    container: str
    coco_name: str
    labeling: str | None = None
    coco_file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelPlan:
    """A model: what it learns from, what it is measured with, what it may cost."""

    name: str
    kind: ModelKind
    train: str
    evaluate: str | None = None
    budget_hours: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictPlan:
    """Pictures that a model is tried on."""

    model: str
    images: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """One lab.yaml.

    Attributes:
        path: The file.
        settings: Settings of the Pulumi program, in its own spelling, besides those that the file's parts imply.
        state: Where the state of a stack on Azure is.
        provisioned: The resources, where somebody else has provisioned them; None: they are this lab's own.
        home: The state folder whose local Azure it is on, where that is not its own.
    """

    path: Path
    name: str
    stack: str
    settings: Mapping[str, object] = field(default_factory=dict[str, object])
    images: tuple[PictureFolder, ...] = ()
    labeling: LabelingPlan | None = None
    datasets: tuple[DatasetPlan, ...] = ()
    models: tuple[ModelPlan, ...] = ()
    predict: tuple[PredictPlan, ...] = ()
    state: StatePlace = field(default_factory=StatePlace)
    provisioned: Provisioned | None = None
    home: Path | None = None

    @property
    def folder(self) -> Path:
        return self.path.parent

    def folder_of(self, container: str) -> Path:
        """The folder whose pictures are in this container."""
        return next(entry.path for entry in self.images if entry.container == container)

    def dataset(self, name: str) -> DatasetPlan:
        """A dataset by its name, which the file's check has seen."""
        return next(entry for entry in self.datasets if entry.name == name)

    def model(self, name: str) -> ModelPlan:
        """A model by its name, which the file's check has seen."""
        return next(entry for entry in self.models if entry.name == name)

    def program_settings(self) -> dict[str, object]:
        """What the Pulumi program is told: the lab's name, its containers, and `settings`."""
        containers = list(dict.fromkeys(entry.container for entry in self.images))
        implied: dict[str, object] = {"lab": self.name}
        if containers:
            implied["containers"] = containers
        return implied | dict(self.settings)
