"""What a clean-up is asked for: what belongs to it, and the name that confirms it."""

import pytest

from automation.cleanup.targets import Target, TargetKind
from automation.cleanup.types import Rules
from automation.errors import ConfigError
from tests.automation.cleanup.surveys import FRUIT, a_group, a_resource, choose, items_of, kept_of

ANA = {"visionlab:lab": "botany-ana", "visionlab:course": "botany", "visionlab:seat": "ana"}
CASES: list[tuple[Target, dict[str, str], bool]] = [
    (Target.lab("fruit"), FRUIT, True),
    (Target.lab("fruit"), {"VISIONLAB:LAB": "fruit"}, True),
    (Target.lab("fruit"), {"visionlab:lab": "Fruit"}, False),
    (Target.lab("fruit", stack="local"), FRUIT, False),
    (Target.lab("fruit", stack="local"), {"visionlab:lab": "fruit"}, True),
    (Target.course("botany"), ANA, True),
    (Target.course("bot"), ANA, False),
    (Target.seats("botany", "ana", "ben"), ANA, True),
    (Target.seats("botany", "ben"), ANA, False),
    (Target.seats("zoology", "ana"), ANA, False),
    (Target.tagged("Env", "test"), {"env": "test"}, True),
    (Target.tagged("env", "test"), {"env": "tests"}, False),
    (Target.expired(), {}, False),
    (Target.expired(), {"visionlab:course": "botany"}, True),
]


@pytest.mark.parametrize(("target", "tags", "owns"), CASES, ids=lambda value: str(value)[:40])
def test_tags_say_whose_something_is(target: Target, tags: dict[str, str], *, owns: bool) -> None:
    assert target.owns(tags) is owns


@pytest.mark.parametrize(
    ("target", "words", "confirm"),
    [
        (Target.lab("fruit", stack="azure"), "lab fruit (stack azure)", "fruit"),
        (Target.course("botany"), "course botany", "botany"),
        (Target.seats("botany", "ben", "ana", "ben"), "seats ana, ben of course botany", "botany"),
        (Target.groups("rg-a"), "resource group rg-a", "rg-a"),
        (Target.groups("rg-b", "rg-a"), "resource groups rg-a, rg-b", "s1"),
        (Target.expired(), "all that has expired", "s1"),
        (Target.tagged("env", "test"), "all with the tag env=test", "s1"),
        (Target.older_than(30), "all older than 30 days", "s1"),
    ],
)
def test_a_target_says_what_it_is_and_what_has_to_be_typed(target: Target, words: str, confirm: str) -> None:
    assert (str(target), target.confirm("s1")) == (words, confirm)


@pytest.mark.parametrize("kind", [kind for kind in TargetKind if kind is not TargetKind.EXPIRED])
def test_an_empty_target_is_none(kind: TargetKind) -> None:
    with pytest.raises(ConfigError):
        Target(kind=kind, name=" ", values=(" ",), days=-1)


def test_a_tag_finds_what_visionlab_made_and_foreign_things_by_the_flag_alone() -> None:
    env = {"env": "test"}
    ours = a_group(a_resource(), name="rg-fruit", tags=FRUIT | env)
    theirs = a_group(a_resource(name="payroll", group="theirs", tags=env), name="theirs", tags=env)
    target, wall = Target.tagged("env", "test"), ("production",)
    chosen = choose(ours, theirs, target=target, rules=Rules(blocklist=wall))
    assert items_of(chosen) == ["store", "rg-fruit"]
    assert kept_of(chosen) == dict.fromkeys(("payroll", "theirs"), "foreign: visionlab did not make it")
    everything = choose(ours, theirs, target=target, rules=Rules(blocklist=wall, include_foreign=True))
    assert items_of(everything) == ["store", "payroll", "rg-fruit", "theirs"]
