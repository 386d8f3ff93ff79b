"""A lab as lab.yaml says it: plain values, every name checked, every path absolute.

Owns: the types. Leaves: reading and checking to `lab_file.py`, doing it to `steps.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from automation.labeling import Task
from automation.provision import StatePlace
from automation.training import ModelKind

__all__ = [
    "Assist",
    "DatasetPlan",
    "Lab",
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
    """Help for people who label: a model learns from the first labels and proposes the next."""

    enabled: bool = False
    after: int = 12
    prelabel: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingPlan:
    """The labeling project.

    Attributes:
        imported: A COCO file with labels that exist already, or None.
        instructions: A text for the people who label, or None.
    """

    project: str
    task: Task
    container: str
    classes: tuple[str, ...]
    instructions: Path | None = None
    assist: Assist = Assist()
    imported: Path | None = None


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
