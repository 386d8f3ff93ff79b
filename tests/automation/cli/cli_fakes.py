"""A lab without an Azure: clients that remember what they were asked, for tests of the commands."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from PIL import Image

from automation.cli.app import main
from automation.cli.given import Given
from automation.clock import SystemClock
from automation.errors import NotFound
from automation.storage import UploadReport
from automation.training import (
    Model,
    ModelKind,
    ModelSpec,
    PredictedBox,
    Prediction,
    Status,
)
from automation.workflow.journal import Journal
from automation.workflow.lab_types import Lab
from automation.workflow.workbench import Workbench

LAB = """\
name: fruit
images: {training-images: {path: photos}}
datasets: {things: {container: training-images, coco: {file: labels.json}}}
models: {finder: {kind: object-detection, train: things}}
"""
COCO = """{"images": [{"id": 1, "file_name": "photos/a.jpg", "width": 40, "height": 30}],
"categories": [{"id": 1, "name": "apple"}], "annotations": [{"id": 1, "image_id": 1, "category_id": 1, "bbox": %s}]}"""
PERFORMANCE = {"meanAveragePrecision50": 0.875, "tagPerformance": {"apple": {"averagePrecision50": 0.875}}}


def a_model(name: str, status: Status = Status.SUCCEEDED) -> Model:
    return Model(
        spec=ModelSpec(name=name, kind=ModelKind.OBJECT_DETECTION, dataset_name="things"),
        status=status,
        status_text=status.value,
        created=None,
        updated=None,
        cost_minutes=1,
        error=None,
        performance=PERFORMANCE,
        raw={},
    )


@dataclass
class FakeModels:
    there: dict[str, Model] = field(default_factory=dict[str, Model])

    def get(self, name: str) -> Model:
        if name not in self.there:
            raise NotFound(
                "Resource not found", operation=f"get model {name}", status=404, code="404", request_id="r-1"
            )
        return self.there[name]

    def list(self) -> Iterator[Model]:
        yield from self.there.values()


@dataclass
class FakeVision:
    models: FakeModels = field(default_factory=FakeModels)

    def analyze(self, model_name: str, data: bytes) -> Prediction:
        self.models.get(model_name)
        boxes = (
            PredictedBox(label="apple", score=0.9, x=2, y=3, w=20, h=10),
            PredictedBox(label="apple", score=0.1, x=0, y=0, w=5, h=5),
        )
        return Prediction(boxes=boxes, tags=(), width=40, height=30)


@dataclass
class FakeBlobs:
    """Blobs may be sent once somebody has waited for the role."""

    uploads: list[str] = field(default_factory=list[str])
    waited_for: list[str] = field(default_factory=list[str])

    def wait_for_access(self, container: str, *, progress: Callable[..., None]) -> None:
        self.waited_for.append(container)

    def upload(self, container: str, uploads: Any, *, progress: Callable[..., None]) -> UploadReport:
        assert container in self.waited_for
        names = tuple(upload.name for upload in uploads)
        self.uploads += names
        return UploadReport(uploaded=names, skipped=(), bytes_sent=10)


@dataclass
class FakeStack:
    provisioned: bool = False

    def exists(self) -> bool:
        return self.provisioned


@dataclass
class FakeBench:
    """As much of a Workbench as the commands under test use."""

    lab: Lab
    home: Path
    vision: FakeVision = field(default_factory=FakeVision)
    blobs: FakeBlobs = field(default_factory=FakeBlobs)
    stack: FakeStack = field(default_factory=FakeStack)

    def __post_init__(self) -> None:
        self.clock = SystemClock()
        self.journal = Journal(self.home / "journal.jsonl", clock=self.clock)

    def identity(self) -> Mapping[str, str]:
        return {}

    def resources(self) -> list[object]:
        return []

    def watch_start(self, progress: object) -> None: ...

    def close(self) -> None: ...


class FakeLab:
    """A folder with a lab, and the command line on it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.vision, self.blobs, self.stack = FakeVision(), FakeBlobs(), FakeStack()
        (folder / "photos").mkdir()
        Image.effect_noise((40, 30), 60).convert("RGB").save(folder / "photos" / "a.jpg")
        (folder / "labels.json").write_text(COCO % "[2, 3, 20, 10]")
        (folder / "lab.yaml").write_text(LAB)

    def run(self, *arguments: str) -> int:
        """Run one command line on this lab; its exit code."""
        words = list(arguments)
        if "-f" not in words and words[0] not in ("run", "init", "completion"):
            words += ["-f", str(self.folder / "lab.yaml")]
        return main(words, given=Given(bench=self._bench))

    def _bench(self, lab: Lab, home: Path) -> Workbench:
        fake = FakeBench(lab, home, vision=self.vision, blobs=self.blobs, stack=self.stack)
        return cast("Workbench", fake)
