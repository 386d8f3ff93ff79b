"""A stack of a small program on a fake Azure."""

import json
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from automation.provision.azure_native.provider import AzureNative
from automation.provision.embedded.providers import ProviderFactory
from automation.provision.events import ResourceEvent, Summary
from automation.provision.project import Project
from automation.provision.stacks import Stack
from tests.automation.provision.fake_arm import CLAIMS, SUBSCRIPTION, FakeArm

# A salt of Pulumi's own tests, for the passphrase "password"; with it no key is derived unless there are secrets.
SALT = "v1:fozI5u6B030=:v1:F+6ZduKKd8G0/V7L:PGMFeIzwobWRKmEAzUdaQHqC5mMRIQ=="
PREAMBLE = """
import pulumi
from pulumi import ResourceOptions as Options
from pulumi_azure_native import resources, storage
config = pulumi.Config()
"""


class FakeClock:
    """Time passes only by sleeping, and a microsecond with every look at the time of day."""

    def __init__(self) -> None:
        self.slept_s = 0.0
        self._day = datetime(2026, 11, 20, tzinfo=UTC)

    def now(self) -> datetime:
        self._day += timedelta(microseconds=1)
        return self._day

    def monotonic(self) -> float:
        return self.slept_s

    def sleep(self, seconds: float) -> None:
        self.slept_s += seconds


@dataclass
class World:
    """A folder, a fake Azure, and the stack between them."""

    folder: Path
    name: str = "dev"
    arm: FakeArm = field(default_factory=FakeArm)
    clock: FakeClock = field(default_factory=FakeClock)
    events: list[ResourceEvent] = field(default_factory=list[ResourceEvent])
    config: dict[str, object] = field(default_factory=dict[str, object])

    @property
    def state_file(self) -> Path:
        return self.folder / "state" / "stacks" / f"{self.name}.json"

    def program(self, text: str) -> None:
        (self.folder / "program.py").write_text(PREAMBLE + text)

    @property
    def stack(self) -> Stack:
        project = Project(name="lab", program=self.folder / "program.py", stacks=self.folder)
        return Stack(
            name=self.name,
            project=project,
            config=self.config,
            state_file=self.state_file,
            providers=self.providers,
            passphrase="password",
            clock=self.clock,
            parallel=4,
        )

    @contextmanager
    def providers(self) -> Generator[ProviderFactory]:
        yield lambda settings: self.provider(settings.get("location"))

    def provider(self, location: str | None = None) -> AzureNative:
        return AzureNative(
            arm=self.arm, subscription_id=SUBSCRIPTION, claims=lambda: CLAIMS, location=location, clock=self.clock
        )

    def up(self, program: str | None = None) -> dict[str, int]:
        return self._run(self.stack.up, program)

    def preview(self, program: str | None = None) -> dict[str, int]:
        return self._run(self.stack.preview, program)

    def _run(self, run: Callable[[Callable[[ResourceEvent], None]], Summary], program: str | None) -> dict[str, int]:
        if program is not None:
            self.program(program)
        self.events.clear()
        self.arm.log.clear()
        return {str(op): count for op, count in run(self.events.append).changes.items()}

    def state(self) -> list[dict[str, Any]]:
        return json.loads(self.state_file.read_text())["deployment"].get("resources", [])

    def in_state(self, name: str) -> dict[str, Any]:
        return next(item for item in self.state() if item["urn"].endswith(f"::{name}") and not item.get("delete"))

    def names(self) -> list[str]:
        """The last names of what Azure has, sorted."""
        return sorted(path.rpartition("/")[2] for path in self.arm.resources)

    def told(self, *states: str) -> Sequence[tuple[str, str, str]]:
        return [(event.op, event.name, event.state) for event in self.events if event.state in states]


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.state_file.parent.mkdir(parents=True)
    empty = {
        "version": 3,
        "deployment": {
            "manifest": {},
            "metadata": {},
            "secrets_providers": {"type": "passphrase", "state": {"salt": SALT}},
        },
    }
    world.state_file.write_text(json.dumps(empty))
    return world
