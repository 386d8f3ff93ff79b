"""Pulumi's own engine and ours ask Azure for the same, say the same and remember the same, whatever happens."""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from automation.clock import SystemClock
from automation.errors import ConfigError
from automation.local import LocalAzure
from automation.provision.project import Project, find_project
from automation.provision.pulumi_cli import find_cli
from infra.naming import unique_suffix
from tests.e2e.arm_recorder import HALF, Recorder, recording
from tests.e2e.parity import ENGINES, Bench, Engine, Seen

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

PROGRAMS = Path(__file__).with_name("parity_programs")
Story = Callable[[Bench], list[Seen]]


@pytest.fixture(scope="module")
def cli() -> Path:
    try:
        return find_cli(os.environ["PATH"])
    except ConfigError as exc:
        pytest.skip(f"{exc.message}; {exc.hint}")


@pytest.fixture(scope="module")
def recorder(tmp_path_factory: pytest.TempPathFactory, cli: Path) -> Iterator[Recorder]:
    local = LocalAzure(tmp_path_factory.mktemp("local-azure"), clock=SystemClock())
    with recording(local.ensure_started()) as recorder:
        yield recorder
    local.stop()


@pytest.fixture
def bench(recorder: Recorder, tmp_path: Path, cli: Path) -> Callable[[str, Engine], Bench]:
    """A bench for a program of the folder, with an engine."""

    def make(program: str, engine: Engine) -> Bench:
        project = Project(name="parity", program=PROGRAMS / f"{program}.py", stacks=tmp_path)
        return Bench(engine=engine, folder=tmp_path, project=project, recorder=recorder, cli=cli)

    return make


def same_in_both(story: Story, benches: list[Bench]) -> list[object]:
    """Run the story with each engine, compare step by step, and give what both said."""
    ours, theirs = (story(bench) for bench in benches)
    for number, (mine, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        assert mine.said == other.said, f"step {number}"
        assert mine.asked == other.asked, f"step {number}"
        assert sorted(mine.state) == sorted(other.state), f"step {number}"
        for urn, resource in mine.state.items():
            assert resource == other.state[urn], f"step {number}, {urn}"
        assert mine.pending == other.pending == [], f"step {number}"
    return [seen.said for seen in ours]


def counts(**changes: int) -> dict[str, dict[str, int]]:
    return {"changes": changes}


def test_create_drift_update_replace_failure_and_destroy(bench: Callable[[str, Engine], Bench]) -> None:
    def story(at: Bench) -> list[Seen]:
        at.config = {"version": 1}
        seen = [at.run("up"), at.run("up")]
        with at.behind_its_back() as arm:
            ids = {item.name: item.id for item in at.open().resources()}
            drifted = {"location": "eastus", "tags": {"a.b": "drifted", "new": "x"}}
            arm.put(ids["group"], drifted, api_version="2024-03-01")
            arm.delete(ids["photos-two"], api_version="2024-01-01")
        seen += [at.run("refresh"), at.run("up")]
        at.config = {"version": 2}
        seen += [at.run("preview"), at.run("up", {"PUT /three": "Boom"}), at.run("up"), at.run("destroy")]
        return seen

    assert same_in_both(story, [bench("life", engine) for engine in ENGINES]) == [
        counts(create=5),
        counts(same=5),
        counts(delete=1, same=3, update=1),
        counts(create=1, same=3, update=1),
        counts(create=1, delete=3, replace=2, same=1, update=1),
        {"failed": ["photos-three"]},
        counts(create=1, delete=2, same=4),
        counts(delete=5),
    ]


def test_resource_options_and_every_kind_of_failure(bench: Callable[[str, Engine], Bench]) -> None:
    def story(at: Bench) -> list[Seen]:
        at.config = {"version": 1}
        seen = [at.run("up", {"PUT /refused": "Boom"}), at.run("up", {"PUT /phalf": HALF}), at.run("up")]
        at.config = {"version": 2}
        seen += [at.run("up", {"PUT /pplace": "Boom"}), at.run("preview"), at.run("up", {"PUT /refused": "Boom"})]
        seen += [at.run("up"), at.run("refresh"), at.run("destroy", {"DELETE /last": "Boom"}), at.run("destroy")]
        return seen

    assert same_in_both(story, [bench("options", engine) for engine in ENGINES]) == [
        {"failed": ["refused"]},
        {"failed": ["half"]},
        counts(create=2, same=12, update=1),
        {"failed": ["place"]},
        counts(delete=3, read=1, replace=2, same=10, update=1),
        {"failed": ["refused"]},
        counts(delete=2, read=1, same=12, update=1),
        counts(same=14),
        {"failed": ["last"]},
        counts(delete=13),
    ]


def test_references_to_another_stack(bench: Callable[[str, Engine], Bench]) -> None:
    def story(at: Bench) -> list[Seen]:
        one = replace(at, stack="one", project=replace(at.project, program=PROGRAMS / "referred.py"))
        return [one.run("up"), at.run("up")]

    benches = [bench("referring", engine) for engine in ENGINES]
    assert same_in_both(story, benches) == [counts(), counts()]
    root = benches[0].open().export()["deployment"]["resources"]
    (outputs,) = [item["outputs"] for item in root if item["type"] == "pulumi:pulumi:Stack"]
    assert (outputs["plain"], "ciphertext" in str(outputs["hidden"]), "none" in outputs) == (
        {"a": [1, "x"]},
        True,
        False,
    )


@pytest.mark.parametrize(("stack", "parts"), [("local", 16), ("azure", 18), ("course", 24)])
def test_the_shipped_stacks(stack: str, parts: int, bench: Callable[[str, Engine], Bench]) -> None:
    """On the local Azure; what a destroyed lab leaves soft-deleted keeps its names, so each engine has its own."""

    def story(at: Bench) -> list[Seen]:
        seen = [at.run("up")]
        at.config = {**at.config, "protect": False}
        return [*seen, at.run("up"), at.run("destroy")]

    benches = [
        replace(
            bench("life", engine),
            project=find_project(),
            stack=stack,
            config={"lab": f"parity-{stack}", "suffix": suffix},
            hide={suffix: "<suffix>"},
        )
        for engine, suffix in zip(ENGINES, ("first1", "second2"), strict=True)
    ]
    assert same_in_both(story, benches) == [counts(create=parts), counts(same=parts), counts(delete=parts)]


def test_a_seat_and_the_shared_parts_of_its_course(bench: Callable[[str, Engine], Bench], recorder: Recorder) -> None:
    """A seat that uses the course's workspace: everything that it takes from the other stack goes by the reference."""
    course: dict[str, object] = {"course": "parity", "sharedWorkspace": True, "visionSku": "S1"}
    person = {"objectId": "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10", "email": "anna@example.org"}
    of_seat: dict[str, object] = {"seat": "anna-k3x7qa", "sharedStack": "parity.shared", "person": person}

    def story(at: Bench) -> list[Seen]:
        seat = replace(at, stack="parity.anna-k3x7qa", config={**at.config, **of_seat})
        return [at.run("up"), seat.run("up"), seat.run("up"), seat.run("destroy"), at.run("destroy")]

    def suffixes(salt: str) -> list[str]:
        parts = {"parity-shared": "parity.shared", "parity-anna-k3x7qa": "parity.anna-k3x7qa"}
        subscription = str(recorder.connection["subscription_id"])
        return [unique_suffix(subscription_id=subscription, lab=lab, stack=name + salt) for lab, name in parts.items()]

    benches = [
        replace(
            bench("life", engine),
            project=find_project(),
            stack="parity.shared",
            config={**course, "suffix": salt},
            hide=dict(zip(suffixes(salt), ("<shared>", "<seat>"), strict=True)),
        )
        for engine, salt in zip(ENGINES, ("fifth5", "sixth6"), strict=True)
    ]
    assert same_in_both(story, benches) == [
        counts(create=11),
        counts(create=16),
        counts(same=16),
        counts(delete=16),
        counts(delete=11),
    ]


def test_labeling_projects(bench: Callable[[str, Engine], Bench]) -> None:
    """Made; paused behind the engine's back, so that a class may be added; gone, and their names are used up."""

    def projects(*classes: str) -> list[dict[str, object]]:
        return [{"name": "fruit", "task": "object-detection", "classes": list(classes)}]

    def story(at: Bench) -> list[Seen]:
        seen = [at.run("up"), at.run("up"), at.run("refresh")]
        with at.behind_its_back() as arm:
            (job,) = (item.id for item in at.open().resources() if item.name == "labeling-fruit")
            arm.post(f"{job}/pause", {}, api_version="2024-01-01-preview")
        at.config = {**at.config, "labelingProjects": projects("apple", "banana", "pear")}
        return [*seen, at.run("up"), at.run("destroy")]

    benches = [
        replace(
            bench("life", engine),
            project=find_project(),
            stack="local",
            config={"lab": "parity-labels", "suffix": suffix, "labelingProjects": projects("apple", "banana")},
            hide={suffix: "<suffix>"},
        )
        for engine, suffix in zip(ENGINES, ("third3", "fourth4"), strict=True)
    ]
    parts = 18
    assert same_in_both(story, benches) == [
        counts(create=parts),
        counts(same=parts),
        counts(same=parts),
        counts(same=parts - 1, update=1),
        counts(delete=parts),
    ]
