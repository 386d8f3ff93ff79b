"""The stacks of a course on the local Azure: made at once, run again, killed and repaired."""

import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from automation.azure import Arm, Cloud, Rest, TokenSource, local_cloud, local_tokens
from automation.clock import SystemClock
from automation.errors import ConfigError
from automation.local import LocalAzure, variables
from automation.provision import LabStack, StackJob, StackOutcome, StatePlace, open_stack, run_many
from automation.provision.backend_stacks import BackendStack
from automation.provision.embedded.crypter import Passphrase
from automation.provision.project import StackConfig
from automation.provision.pulumi_cli import find_cli
from automation.provision.pulumi_cli_folder import CliFolder
from automation.provision.stack_messages import What

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

WHO = "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a1{}"
BASE: dict[str, object] = {"course": "botany", "expires": "2027-02-28", "owner": "teacher@example.org"}


@dataclass(kw_only=True)
class Course:
    """A course in a folder, and where it is provisioned."""

    home: Path
    connection: dict[str, Any]

    @property
    def cloud(self) -> Cloud:
        return local_cloud(self.connection)

    @property
    def tokens(self) -> TokenSource:
        return local_tokens(self.cloud, str(self.connection["client_id"]), str(self.connection["client_secret"]))

    def seat(self, number: int, *, what: What = "up", **more: object) -> StackJob:
        seat = f"student{number}-k3x7qa"
        person = {"objectId": WHO.format(number), "email": f"student{number}@example.org"}
        config = {**BASE, "seat": seat, "sharedStack": "botany.shared", "person": person, **more}
        return self.job(f"botany.{seat}", config, what)

    def shared(self, *, what: What = "up", **more: object) -> StackJob:
        return self.job("botany.shared", {**BASE, **more}, what)

    def job(self, name: str, config: dict[str, object], what: What) -> StackJob:
        def opened() -> LabStack:
            return open_stack(
                stack=name,
                settings="local",
                config=config,
                state_dir=self.home,
                cloud=self.cloud,
                tokens=self.tokens,
                passphrase="open sesame",
            )

        return StackJob(stack=name, open=opened, what=what)

    def state(self, job: StackJob) -> dict[str, Any]:
        """What is known of a stack while it is worked on."""
        try:
            return json.loads((self.home / "stacks" / f"{job.stack}.json").read_text())["deployment"]
        except FileNotFoundError:
            return {}


@pytest.fixture(scope="module")
def connection(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    local = LocalAzure(tmp_path_factory.mktemp("course-azure"), clock=SystemClock())
    yield local.ensure_started(options=("--role-delay", "0"))
    local.stop()


def done(outcomes: Sequence[StackOutcome]) -> list[dict[str, int]]:
    assert [str(one.failure) for one in outcomes if one.failure] == []
    return [{str(op): count for op, count in one.summary.changes.items()} for one in outcomes if one.summary]


def test_a_course_is_made_run_again_and_repaired_after_a_kill(connection: dict[str, Any], tmp_path: Path) -> None:
    course = Course(home=tmp_path, connection=connection)
    assert done(run_many([course.shared(sharedWorkspace=True)], parallel=2)) == [{"create": 11}]
    seats = [course.seat(1), course.seat(2, sharedWorkspace=True)]
    assert done(run_many(seats, parallel=2)) == [{"create": 19}, {"create": 16}]
    assert done(run_many(seats, parallel=2)) == [{"same": 19}, {"same": 16}]
    own, small = (job.open().outputs() for job in seats)
    shared = course.shared().open().shared_outputs()
    assert own.ml_workspace_id != small.ml_workspace_id == shared.ml_workspace_id
    with Rest(course.cloud, course.tokens) as rest:
        pictures = f"{shared.storage_account_id}/blobServices/default/containers/{shared.pictures}"
        found = Arm(rest, course.cloud).list(
            f"{pictures}/providers/Microsoft.Authorization/roleAssignments", api_version="2022-04-01"
        )
        readers = {item["properties"]["principalId"] for item in found if item["properties"]["scope"] == pictures}
    assert readers == {WHO.format(1), WHO.format(2)}

    victim = course.seat(3)
    over = threading.Event()
    killer = threading.Thread(target=_kill_in_the_middle, args=(course, victim, over))
    killer.start()
    (killed,) = run_many([victim], parallel=1)
    over.set()
    killer.join()
    assert "was killed by SIGKILL" in str(killed.failure)
    assert course.state(victim).get("pending_operations")
    (repaired,) = done(run_many([victim], parallel=1))
    assert set(repaired) <= {"create", "same", "read"}
    assert sum(repaired.values()) == 19
    assert done(run_many([victim], parallel=1)) == [{"same": 19}]

    assert done(run_many([course.seat(2, what="destroy", sharedWorkspace=True)], parallel=2)) == [{"delete": 16}]


def _kill_in_the_middle(course: Course, job: StackJob, over: threading.Event) -> None:
    """Kill the worker as soon as the state says that something is there, and something else under way."""
    while not over.wait(0.002):
        state = course.state(job)
        if len(state.get("resources", ())) > 8 and state.get("pending_operations"):
            os.kill(int((course.home / "stacks" / f"{job.stack}.lock").read_text()), signal.SIGKILL)
            return


def test_stacks_of_pulumis_cli_run_at_once_in_folders_of_their_own(connection: dict[str, Any], tmp_path: Path) -> None:
    """The cloud is a local one, and our provider is on PATH as a user's own plugin."""
    try:
        find_cli(os.environ["PATH"])
    except ConfigError as exc:
        pytest.skip(f"{exc.message}; {exc.hint}")
    starter = CliFolder(path=tmp_path / "starter", project="visionlab", stack="local")
    starter.write(StackConfig(values={}), Passphrase("any"))
    path = os.pathsep.join([str(starter.path / "plugins"), os.environ["PATH"]])
    known = {**os.environ, **variables(connection, config_dir=tmp_path / "az"), "PATH": path, "HOME": str(tmp_path)}

    def job(name: str, what: What = "up", **more: object) -> StackJob:
        config = {**BASE, "course": "chemistry", "mlWorkspace": False, **more}

        def opened() -> LabStack:
            return BackendStack(
                name=name,
                settings="local",
                config=config,
                home=tmp_path / "home",
                lab_folder=tmp_path,
                place=StatePlace(),
                passphrase="secret",
                environment=known,
                sign_in=lambda: known,
            )

        return StackJob(stack=name, open=opened, what=what)

    def seats(what: What = "up") -> list[StackJob]:
        names = ("anna-k3x7qa", "ben-aaaaaa", "cleo-bbbbbb")
        return [job(f"chemistry.{name}", what, seat=name, sharedStack="chemistry.shared") for name in names]

    assert done(run_many([job("chemistry.shared")], parallel=1)) == [{"create": 7}]
    assert done(run_many(seats(), parallel=3)) == [{"create": 9}] * 3
    assert {one.open().outputs().lab for one in seats()} == {
        "chemistry-anna-k3x7qa",
        "chemistry-ben-aaaaaa",
        "chemistry-cleo-bbbbbb",
    }
    assert done(run_many(seats("destroy"), parallel=3)) == [{"delete": 9}] * 3
    assert done(run_many([job("chemistry.shared", "destroy")], parallel=1)) == [{"delete": 7}]
