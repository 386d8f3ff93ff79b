"""The command line of `visionlab cleanup` on a subscription in a dict."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest

from automation.azure import Arm
from automation.cli.app import main
from automation.cli.given import Given
from automation.workflow.lab_types import Lab
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import FakeClock, a_cloud
from tests.automation.cleanup.small_azure import SmallAzure

__all__ = ["Said", "Say", "sayer"]


@dataclass
class CleanupBench:
    """As much of a Workbench as a clean-up uses."""

    arm: Arm
    clock: FakeClock
    home: Path

    def __post_init__(self) -> None:
        self.cloud = a_cloud()
        self.lab = Lab(path=self.home / "lab.yaml", name="none", stack="local")
        self.local = None

    def watch_start(self, progress: object) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def text(self) -> str:
        return " ".join((self.out + self.err).split())

    @property
    def json(self) -> dict[str, Any]:
        assert self.code == 0, self.text
        return json.loads(self.out)


Say = Callable[..., Said]


def sayer(
    azure: SmallAzure,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    clock: FakeClock | None = None,
) -> Say:
    """`visionlab cleanup ...` in a folder, with a clock that only moves when somebody sleeps."""
    monkeypatch.chdir(folder)
    monkeypatch.delenv("VISIONLAB_BLOCKLIST", raising=False)
    time = clock or FakeClock()
    bench = CleanupBench(arm=azure.arm(time), clock=time, home=folder / ".visionlab")
    given = Given(bench=lambda _lab, _home: cast("Workbench", bench))

    def run(*words: str) -> Said:
        code = main(["cleanup", *words], given=given)
        shown = capsys.readouterr()
        return Said(code=code, out=shown.out, err=shown.err)

    return run
