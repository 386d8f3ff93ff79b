"""Stacks in processes of their own: what they say arrives, a killed one is told, a stopped one ends in good order."""

import os
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from automation.azure import Cloud, local_cloud
from automation.errors import Cancelled, ConfigError, LabBusy, LabError, NotFound
from automation.provision import ProvisionFailed, ResourceFailure, StackJob, StackOutcome, Summary, open_stack, run_many
from automation.provision.embedded.journal import only_run
from automation.provision.preloading import preload, program_imports
from automation.provision.project import Project, find_project
from automation.provision.stack_messages import Carried
from automation.provision.stack_worker import when_free
from automation.provision.stack_workers import can_fork
from tests.automation.provision.conftest import FakeClock

pytestmark = pytest.mark.skipif(not can_fork(), reason="this system cannot fork")
NOWHERE = {
    "origin": "https://localhost:9",
    "ca_file": "/nowhere",
    "tenant_id": "99999999-8888-7777-6666-555555555555",
    "subscription_id": "11111111-2222-3333-4444-555555555555",
}


class Tokens:
    """A source that does something first."""

    def __init__(self, act: Callable[[], None] = lambda: None) -> None:
        self._act = act
        self.asked: list[str] = []

    def token(self, scope: str) -> str:
        self.asked.append(scope)
        self._act()
        raise ConfigError("nobody is signed in", hint="run `az login`")


def job(folder: Path, name: str, tokens: Tokens, *, what: str = "up", **config: object) -> StackJob:
    cloud: Cloud = local_cloud(NOWHERE)

    def opened() -> object:
        return open_stack(
            stack=name,
            settings="local",
            config=config,
            state_dir=folder,
            cloud=cloud,
            tokens=tokens,
            passphrase="open sesame",
        )

    return StackJob(stack=name, open=opened, what=what)  # pyright: ignore[reportArgumentType] (parametrised by tests)


def test_words_of_errors_and_summaries_come_back_and_tokens_are_asked_for(tmp_path: Path) -> None:
    tokens, here = Tokens(), "infra.settings" in sys.modules
    jobs = [
        job(tmp_path, "empty", tokens, what="refresh"),
        job(tmp_path, "wrong", tokens, visonSku="S1"),
        job(tmp_path, "nobody", tokens),
    ]
    empty, wrong, nobody = run_many(jobs, parallel=2)
    assert (empty.summary and empty.summary.changes, empty.failure) == ({}, None)
    assert isinstance(wrong.failure, ConfigError)
    assert wrong.failure.message.splitlines()[1].strip() == (
        "visionlab:visonSku: there is no such setting; did you mean visionSku?"
    )
    assert wrong.failure.hint == "mend `settings:` in the lab file"
    assert "nobody is signed in" in str(nobody.failure)
    assert tokens.asked == ["https://localhost:9/.default"]
    assert ("infra.settings" in sys.modules) is here  # the program ran elsewhere


def test_a_killed_worker_is_told_and_neither_the_others_nor_the_next_run_mind(tmp_path: Path) -> None:
    def kill() -> None:
        os.kill(int((tmp_path / "stacks" / "victim.lock").read_text()), signal.SIGKILL)

    heard: list[StackOutcome] = []
    jobs = [job(tmp_path, "victim", Tokens(kill)), job(tmp_path, "other", Tokens(), what="refresh")]
    victim, other = run_many(jobs, parallel=1, on_done=heard.append)
    assert str(victim.failure) == "up of victim: the process that worked on it was killed by SIGKILL"
    assert isinstance(victim.failure, LabError)
    assert "continues" in str(victim.failure.hint)
    assert other.failure is None
    assert [one.stack for one in heard] == ["victim", "other"]
    (again,) = run_many([job(tmp_path, "victim", Tokens(), what="refresh")], parallel=1)
    assert again.failure is None


def test_a_stop_ends_a_worker_as_ctrl_c_ends_a_run(tmp_path: Path) -> None:
    stop = threading.Event()
    jobs = [job(tmp_path, "begun", Tokens(stop.set)), job(tmp_path, "later", Tokens())]
    begun, later = run_many(jobs, parallel=1, stop=stop)
    assert isinstance(begun.failure, Cancelled)
    assert begun.seconds > 0
    assert isinstance(later.failure, Cancelled)
    assert later.seconds == 0


def test_ctrl_c_in_the_terminal_is_for_the_starter_who_lets_workers_end_in_good_order(tmp_path: Path) -> None:
    def everybody() -> None:
        """A terminal sends it to all; here the worker gets it first."""
        os.kill(int((tmp_path / "stacks" / "begun.lock").read_text()), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        stop.wait(30)

    stop = threading.Event()
    jobs = [job(tmp_path, "begun", Tokens(everybody)), job(tmp_path, "later", Tokens())]
    outcomes = run_many(jobs, parallel=1, stop=stop)
    assert [type(one.failure) for one in outcomes] == [Cancelled, Cancelled]
    assert (outcomes[0].seconds > 0, outcomes[1].seconds) == (True, 0)


def test_a_second_ctrl_c_kills_workers_and_leaves(tmp_path: Path) -> None:
    stop, dead = threading.Event(), threading.Event()
    lock = tmp_path / "stacks" / "begun.lock"

    def twice() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        stop.wait(30)
        os.kill(os.getpid(), signal.SIGINT)
        while not dead.wait(0.01):  # it waits for its token until it is killed, and then its lock is free
            with suppress(LabBusy), only_run(lock):
                dead.set()

    with pytest.raises(KeyboardInterrupt):
        run_many([job(tmp_path, "begun", Tokens(twice)), job(tmp_path, "later", Tokens())], parallel=1, stop=stop)
    assert dead.is_set()
    assert not (tmp_path / "stacks" / "later.lock").exists()


def test_a_stack_that_the_worker_of_a_killed_run_still_holds_is_waited_for() -> None:
    clock, ran = FakeClock(), [0]

    def act() -> Summary:
        ran[0] += 1
        if clock.slept_s < free_at_s:
            raise LabBusy("another run works on this stack")
        return Summary(changes={}, seconds=0.0)

    free_at_s = 3.0
    when_free(act, clock)
    assert (clock.slept_s, ran) == (3.0, [13])
    free_at_s = 1000.0
    with pytest.raises(LabBusy):
        when_free(act, clock)
    assert clock.slept_s == 23.0


@pytest.mark.parametrize(
    "raised",
    [
        ConfigError("wrong", hint="mend it"),
        NotFound("gone", operation="get x", status=404, code="ResourceNotFound"),
        Cancelled("up"),
        ProvisionFailed(
            "up",
            failures=[ResourceFailure(urn="urn:x::y", message="no")],
            summary=Summary(changes={"create": 1}, seconds=2.0),
        ),
        ZeroDivisionError("a bug"),
    ],
)
def test_errors_are_the_same_on_the_other_side(raised: Exception) -> None:
    import pickle

    arrived = pickle.loads(pickle.dumps(Carried.pack(raised))).unpack()
    assert (type(arrived), str(arrived), vars(arrived)) == (type(raised), str(raised), vars(raised))


def test_what_a_program_imports_is_found_without_running_it(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text("import os.path\nfrom json import decoder as d\nfrom . import x\nraise SystemExit\n")
    assert program_imports(Project(name="p", program=tmp_path / "p.py", stacks=tmp_path)) == [
        "os.path",
        "json",
        "json.decoder",
    ]
    assert program_imports(Project(name="p", program=tmp_path / "none.py", stacks=tmp_path)) == []
    assert "infra.lab_parts" in program_imports(find_project())


def test_preloading_leaves_nothing_lazy_in_the_program_and_begins_no_thread() -> None:
    preload()
    keyvault = sys.modules["pulumi_azure_native.keyvault"]
    assert "Vault" in vars(keyvault)
    assert threading.enumerate() == [threading.main_thread()]
