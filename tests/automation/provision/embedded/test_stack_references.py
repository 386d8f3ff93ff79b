"""Programs that read the outputs of another stack."""

from dataclasses import replace

import pytest

from automation.errors import ConfigError
from tests.automation.provision.conftest import World

THERE = """
pulumi.export("word", pulumi.Output.secret("hush-hush"))
pulumi.export("number", 7)
"""


def read(name: str, output: str) -> str:
    return f'pulumi.export("found", pulumi.StackReference("{name}").require_output("{output}"))'


def test_outputs_of_another_stack_arrive_and_secrets_stay_secret(world: World) -> None:
    there = replace(world, name="there")
    there.up(THERE)
    assert world.up(read("there", "number")) == {}
    assert world.in_state("lab-dev")["outputs"] == {"found": 7}
    world.up(read("organization/lab/there", "word"))
    assert "hush-hush" not in world.state_file.read_text()
    assert "ciphertext" in str(world.in_state("lab-dev")["outputs"]["found"])
    reference = world.in_state("organization/lab/there")
    assert reference["external"]
    assert reference["outputs"]["secretOutputNames"] == ["word"]
    assert [item["urn"].rpartition("::")[2] for item in world.state()] == [
        "default",
        "lab-dev",
        "organization/lab/there",
    ]
    assert (world.stack.refresh().changes, world.stack.destroy().changes, world.state()) == ({}, {}, [])


def test_a_preview_reads_them_too(world: World) -> None:
    replace(world, name="there").up(THERE)
    assert world.preview(read("there", "number")) == {}
    assert world.state() == []


CALLED = """
from pulumi.runtime import invoke_output
found = invoke_output("pulumi:pulumi:readStackOutputs", {"name": "there"})
pulumi.export("found", found.apply(lambda read: read["outputs"]))
pulumi.export("secret", found.apply(lambda read: read["secretOutputNames"]))
"""


def test_the_function_reads_them_without_a_resource(world: World) -> None:
    replace(world, name="there").up(THERE)
    assert world.up(CALLED) == {}
    outputs = world.in_state("lab-dev")["outputs"]
    assert {key: "ciphertext" in value for key, value in outputs.items()} == {"found": True, "secret": True}
    assert "hush-hush" not in world.state_file.read_text()
    assert [item["urn"].rpartition("::")[2] for item in world.state()] == ["default", "lab-dev"]


@pytest.mark.parametrize("name", ["nobody", "organization/other/there", "../dev", "someone/lab/there"])
def test_a_stack_that_is_not_here_is_named(name: str, world: World) -> None:
    with pytest.raises(ConfigError, match=f"the program refers to the stack {name}, "):
        world.up(f'pulumi.StackReference("{name}")')
