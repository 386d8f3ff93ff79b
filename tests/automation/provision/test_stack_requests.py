"""How many requests a stack costs: Azure limits reads and writes, and a course has many stacks."""

import pytest

from automation.provision import ProvisionFailed
from tests.automation.provision.conftest import World

LAB = """
group = resources.ResourceGroup("group", resource_group_name="rg")
account = storage.StorageAccount(
    "account", account_name="stone", resource_group_name=group.name, location="eastus",
    kind="StorageV2", sku=storage.SkuArgs(name="Standard_LRS"),
)
"""
TWICE = (
    LAB
    + """
storage.StorageAccount(
    "again", account_name="stone", resource_group_name=group.name, location="eastus",
    kind="StorageV2", sku=storage.SkuArgs(name="Standard_LRS"), opts=pulumi.ResourceOptions(depends_on=[account]),
)
"""
)


def test_in_a_group_that_is_new_nobody_looks_for_what_others_made(world: World) -> None:
    world.up(LAB)
    assert (world.arm.reads, world.arm.written()) == (["rg"], ["+rg", "+stone"])


def test_in_a_group_that_was_there_each_resource_is_looked_for_once(world: World) -> None:
    world.up(LAB.partition("account =")[0])
    world.arm.reads.clear()
    world.up(LAB)
    assert (world.arm.reads, world.arm.written()) == (["stone"], ["+stone"])


def test_a_second_resource_with_the_id_of_the_first_is_refused_in_a_new_group_too(world: World) -> None:
    with pytest.raises(ProvisionFailed, match="cannot create already existing resource"):
        world.up(TWICE)
    assert world.arm.written() == ["+rg", "+stone"]
