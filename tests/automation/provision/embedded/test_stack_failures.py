"""What fails, what goes on all the same, and what the next run makes of it."""

import pytest

from automation.errors import Cancelled, ConfigError, InvalidRequest, TransportError
from automation.provision.events import ProvisionFailed, ResourceEvent
from tests.automation.provision.conftest import World
from tests.automation.provision.fake_arm import Killed, fails

LAB = """
group = resources.ResourceGroup("group", resource_group_name="rg", location="eastus")
def account(name):
    made = storage.StorageAccount(name, account_name=name, resource_group_name=group.name, kind="StorageV2",
        sku=storage.SkuArgs(name="Standard_LRS"))
    storage.BlobContainer(f"{name}-box", container_name=f"{name}-box", account_name=made.name,
        resource_group_name=group.name)
    pulumi.export(name, made.id)
account("good")
account("bad")
"""
ONE = LAB.replace('account("good")', "")


def test_a_failure_stops_what_needs_it_and_nothing_else(world: World) -> None:
    world.arm.before.append(fails("/bad", message="quota exceeded"))
    with pytest.raises(ProvisionFailed) as caught:
        world.up(LAB)
    assert world.names() == ["good", "good-box", "rg"]
    (failure,) = caught.value.failures
    assert failure.urn == "urn:pulumi:dev::lab::azure-native:storage:StorageAccount::bad"
    assert "quota exceeded" in failure.message
    assert f"{failure.urn}: " in caught.value.message
    assert [urn.rpartition("::")[2] for urn in caught.value.skipped] == ["bad-box"]
    assert caught.value.summary.changes == {"create": 3}
    assert ("create", "bad", "failed") in world.told("failed")


def test_the_next_up_does_what_was_left(world: World) -> None:
    world.arm.before.append(fails("/bad"))
    with pytest.raises(ProvisionFailed):
        world.up(LAB)
    world.arm.before.clear()
    assert world.up() == {"create": 2, "same": 3}
    assert world.in_state("lab-dev")["outputs"].keys() == {"good", "bad"}


def test_nothing_is_deleted_after_a_failure(world: World) -> None:
    world.up(LAB)
    world.arm.before.append(fails("/new"))
    with pytest.raises(ProvisionFailed):
        world.up(LAB.replace('account("good")', 'account("new")'))
    assert (world.arm.written(), "good" in world.names()) == ([], True)


def test_a_creation_that_azure_took_and_then_failed_is_recorded_and_completed(world: World) -> None:
    world.arm.after.append(fails("/bad", code="ProvisioningFailed", message="the disk broke"))
    with pytest.raises(ProvisionFailed, match="the disk broke"):
        world.up(LAB)
    half = world.in_state("bad")
    assert half["id"].endswith("/storageAccounts/bad")
    assert half["initErrors"] == ["PUT /bad: the disk broke [ProvisioningFailed]"]
    world.arm.after.clear()
    assert world.up() == {"create": 1, "same": 3, "update": 1}
    assert "initErrors" not in world.in_state("bad")
    assert world.up() == {"same": 5}


def test_a_process_that_dies_after_the_request_leaves_enough_to_adopt_what_it_made(world: World) -> None:
    def die(method: str, resource_id: str) -> None:
        if resource_id.endswith("/bad"):
            raise Killed

    world.arm.after.append(die)
    with pytest.raises(Killed):
        world.up(ONE)
    assert "bad" in world.names()
    assert [item["resource"]["urn"].rpartition("::")[2] for item in _pending(world)] == ["bad"]
    world.arm.after.clear()
    assert world.up() == {"create": 2, "same": 1}
    assert (_pending(world), world.up()) == ([], {"same": 3})


def test_what_a_dead_process_made_is_deleted_when_nobody_wants_it_any_more(world: World) -> None:
    _die_while_making_bad(world)
    world.up(ONE.replace('account("bad")', ""))
    assert (world.names(), _pending(world)) == (["rg"], [])


def test_what_a_dead_process_made_is_deleted_by_destroy(world: World) -> None:
    _die_while_making_bad(world)
    world.stack.destroy()
    assert (world.names(), world.state(), _pending(world)) == ([], [], [])


def test_what_a_dead_process_made_is_found_by_refresh(world: World) -> None:
    _die_while_making_bad(world)
    world.stack.refresh()
    assert (_pending(world), world.in_state("bad")["outputs"]["name"]) == ([], "bad")
    assert world.up() == {"create": 1, "same": 2}


def test_when_nobody_can_tell_whether_it_was_made_the_next_run_looks(world: World) -> None:
    def cut(method: str, resource_id: str) -> None:
        if resource_id.endswith("/bad"):
            world.arm.resources.setdefault("unreachable", {})
            raise TransportError("put bad", "the connection broke")

    world.arm.after.append(cut)
    find = world.arm.find

    def unreachable(resource_id: str, *, api_version: str) -> dict[str, object] | None:
        if resource_id.endswith("/bad") and "unreachable" in world.arm.resources:
            raise TransportError("get bad", "still broken")
        return find(resource_id, api_version=api_version)

    world.arm.find = unreachable
    with pytest.raises(ProvisionFailed, match="the connection broke"):
        world.up(LAB)
    assert len(_pending(world)) == 1
    world.arm.after.clear()
    del world.arm.resources["unreachable"]
    assert world.up() == {"create": 2, "same": 3}


def test_a_resource_of_somebody_else_is_not_taken_over(world: World) -> None:
    world.up(LAB.replace('account("bad")', ""))
    world.stack.forget()
    with pytest.raises(ProvisionFailed, match="already existing resource"):
        world.up()
    assert world.arm.written() == []


def test_a_failed_delete_keeps_what_it_needs_and_is_tried_again(world: World) -> None:
    world.up(LAB)
    world.arm.before.append(fails("/bad-box"))
    with pytest.raises(ProvisionFailed) as caught:
        world.stack.destroy()
    assert [failure.name for failure in caught.value.failures] == ["bad-box"]
    assert world.names() == ["bad", "bad-box", "rg"]
    world.arm.before.clear()
    assert world.stack.destroy().changes == {"delete": 3}


def test_ctrl_c_finishes_what_has_begun_and_says_that_it_can_be_resumed(world: World) -> None:
    def press(event: ResourceEvent) -> None:
        if event.name == "group" and event.state == "done":
            raise KeyboardInterrupt

    world.program(LAB)
    with pytest.raises(Cancelled, match="up was stopped"):
        world.stack.up(press)
    assert (_pending(world), "rg" in world.names()) == ([], True)
    assert sum(world.up().values()) == 5


def test_a_listener_that_fails_stops_the_run_in_good_order(world: World) -> None:
    def broken(event: ResourceEvent) -> None:
        raise ValueError("cannot draw")

    world.program(LAB)
    with pytest.raises(ValueError, match="cannot draw"):
        world.stack.up(broken)
    assert _pending(world) == []


@pytest.mark.parametrize(
    ("program", "message"),
    [
        (
            'raise ValueError("two mistakes:\\n- lab: missing\\n- sku: F9")',
            "^two mistakes:\n- lab: missing\n- sku: F9$",
        ),
        ("nothing.at_all", r"program\.py is broken: NameError: name 'nothing' is not defined at .*program\.py:6"),
        ("raise SystemExit(3)", "ended by itself, with 3"),
        ("pulumi.Output.from_input(1).apply(lambda n: 1 / 0)", "division by zero"),
        ('pulumi.CustomResource("random:index:Pet", "p", {})', "no provider for random:index:Pet, only azure-native"),
        ('pulumi.CustomResource("azure-native:web:App", "p", {})', "no resource type azure-native:web:App"),
    ],
)
def test_what_is_wrong_with_the_program_is_said_in_its_own_words(world: World, program: str, message: str) -> None:
    with pytest.raises((ConfigError, ProvisionFailed), match=message):
        world.up(program)
    assert world.arm.written() == []


def test_two_resources_of_one_name_are_refused(world: World) -> None:
    with pytest.raises(ConfigError, match="registers two resources as urn:pulumi:dev::lab"):
        world.up('resources.ResourceGroup("a"); resources.ResourceGroup("a")')


def test_a_missing_input_is_named(world: World) -> None:
    with pytest.raises(ProvisionFailed, match="accountName: missing required property"):
        world.up('pulumi.CustomResource("azure-native:storage:BlobContainer", "c", {"resourceGroupName": "rg"})')


def test_transforms_are_refused_in_words_that_fit(world: World) -> None:
    with pytest.raises(ConfigError, match="the embedded engine has no transforms"):
        world.up("pulumi.runtime.register_resource_transform(lambda args: None)")
    with pytest.raises(ConfigError, match="uses transforms, which the embedded engine does not have"):
        world.up('resources.ResourceGroup("a", opts=Options(transforms=[lambda args: None]))')


def test_a_busy_service_is_asked_again(world: World) -> None:
    tries: list[str] = []

    def busy(method: str, resource_id: str) -> None:
        tries.append(resource_id)
        if len(tries) < 3:
            raise InvalidRequest("not there yet", operation="put", status=400, code="PrincipalNotFound")

    world.arm.before.append(busy)
    assert world.up('resources.ResourceGroup("a", location="eastus")') == {"create": 1}
    assert (len(tries), world.clock.slept_s) == (3, 10.0)


def _pending(world: World) -> list[dict[str, dict[str, str]]]:
    import json

    return json.loads(world.state_file.read_text())["deployment"].get("pending_operations", [])


def _die_while_making_bad(world: World) -> None:
    def die(method: str, resource_id: str) -> None:
        if resource_id.endswith("/bad"):
            raise Killed

    world.arm.after.append(die)
    with pytest.raises(Killed):
        world.up(ONE)
    world.arm.after.clear()
    assert "bad" in world.names()
