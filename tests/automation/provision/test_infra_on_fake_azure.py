"""The real program of this repository, on a fake Azure."""

import json
from pathlib import Path

from automation.provision.project import find_project
from automation.provision.stacks import Stack
from tests.automation.provision.conftest import World


def test_the_local_lab_goes_up_stays_the_same_and_goes_down(world: World) -> None:
    stack = _stack(world, "local")
    assert set(stack.preview().changes) == {"create"}
    first = stack.up()
    assert set(first.changes) == {"create"}
    assert stack.up().changes == {"same": first.changes["create"]}
    assert stack.refresh().changes == {"same": first.changes["create"]}
    assert set(stack.preview().changes) == {"same"}
    outputs = stack.outputs()
    assert (outputs.lab, outputs.stack, outputs.containers) == (
        "vision-lab",
        "local",
        ("training-images", "evaluation-images"),
    )
    assert outputs.datastores == {"training-images": "training_images", "evaluation-images": "evaluation_images"}
    assert outputs.storage_account_id.lower() in world.arm.resources
    assert stack.destroy().changes == {"delete": first.changes["create"]}
    assert world.names() == []


def test_wrong_settings_are_told_all_at_once_in_the_programs_words(world: World) -> None:
    import pytest

    from automation.errors import ConfigError

    stack = _stack(world, "local", visionSku="F9", location="nowhere")
    with pytest.raises(ConfigError) as caught:
        stack.up()
    assert "visionSku" in caught.value.message
    assert "location" in caught.value.message
    assert "Traceback" not in caught.value.message
    assert caught.value.hint == "mend `settings:` in the lab file"


def _stack(world: World, name: str, **config: object) -> Stack:
    state_file: Path = world.state_file.with_name(f"{name}.json")
    state_file.write_text(json.dumps(json.loads(world.state_file.read_text())))
    return Stack(
        name=name,
        project=find_project(),
        config=config,
        state_file=state_file,
        providers=world.providers,
        passphrase="password",
        clock=world.clock,
    )
