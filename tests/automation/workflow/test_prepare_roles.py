"""A lab that was just provisioned is used only when what was granted to us works."""

from types import SimpleNamespace
from typing import cast

from automation.progress import Progress
from automation.workflow.prepare import wait_for_roles
from automation.workflow.workbench import Workbench


def test_blobs_and_vision_are_waited_for_before_anything_uses_them() -> None:
    waited: list[str] = []

    def blobs(container: str, *, progress: Progress) -> None:
        waited.append(container)

    def vision(*, progress: Progress) -> None:
        waited.append("vision")

    bench = SimpleNamespace(
        outputs=lambda: SimpleNamespace(containers=("training-images", "evaluation-images")),
        blobs=SimpleNamespace(wait_for_access=blobs),
        vision=SimpleNamespace(wait_for_access=vision),
    )
    wait_for_roles(cast("Workbench", bench))
    assert waited == ["training-images", "vision"]
