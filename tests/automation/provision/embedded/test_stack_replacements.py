"""Resources that cannot be changed in place."""

import pytest

from automation.errors import Refused
from automation.provision.events import ProvisionFailed
from tests.automation.provision.conftest import World
from tests.automation.provision.fake_arm import fails

LAB = """
group = resources.ResourceGroup("group", resource_group_name="rg", location="eastus")
account = storage.StorageAccount("pics", account_name=NAME, resource_group_name=group.name, kind="StorageV2",
    sku=storage.SkuArgs(name="Standard_LRS"), location="LOCATION", opts=Options(OPTIONS))
storage.BlobContainer("one", account_name=account.name, resource_group_name=group.name)
"""


def lab(*, name: str = '"pics"', location: str = "eastus", options: str = "") -> str:
    return LAB.replace("NAME", name).replace("LOCATION", location).replace("OPTIONS", options)


def test_a_new_place_under_the_same_name_deletes_first_and_takes_the_children_along(world: World) -> None:
    world.up(lab())
    assert world.preview(lab(location="westus")) == {"delete": 2, "replace": 2, "same": 1}
    assert world.up(lab(location="westus")) == {"delete": 2, "replace": 2, "same": 1}
    assert world.arm.written() == ["-one", "-pics", "+pics", "+one"]
    assert world.up() == {"same": 3}


def test_a_new_name_is_created_first_and_the_old_one_deleted_last(world: World) -> None:
    world.up(lab())
    assert world.preview(lab(name='"photos"')) == {"delete": 2, "replace": 2, "same": 1}
    assert world.up(lab(name='"photos"')) == {"delete": 2, "replace": 2, "same": 1}
    assert world.arm.written() == ["+photos", "-one", "+one", "-pics"]
    assert (world.names(), len(world.state())) == (["one", "photos", "rg"], 5)


def test_a_made_up_name_is_made_anew_so_that_both_can_exist(world: World) -> None:
    world.up(lab(name="None"))
    (first,) = [name for name in world.names() if name.startswith("pics")]
    world.up(lab(name="None", location="westus"))
    (second,) = [name for name in world.names() if name.startswith("pics")]
    assert (len(first), len(second), first != second) == (12, 12, True)
    assert world.arm.written()[0] == f"+{second}"
    assert world.up() == {"same": 3}


def test_delete_before_replace_is_the_programs_to_choose(world: World) -> None:
    world.up(lab())
    world.up(lab(name='"photos"', options="delete_before_replace=True"))
    assert world.arm.written() == ["-one", "-pics", "+photos", "+one"]


def test_replace_on_changes_makes_an_update_a_replacement(world: World) -> None:
    world.up(lab())
    changed = lab(options='replace_on_changes=["sku.name"]').replace("Standard_LRS", "Standard_GRS")
    assert world.up(changed) == {"delete": 2, "replace": 2, "same": 1}
    assert world.up(changed.replace("Standard_GRS", "Standard_ZRS").replace("replace_on_changes", "aliases")) == {
        "same": 2,
        "update": 1,
    }


def test_protected_resources_are_neither_replaced_nor_deleted(world: World) -> None:
    world.up(lab(options="protect=True"))
    with pytest.raises(ProvisionFailed, match="protected resources are not deleted") as replaced:
        world.up(lab(location="westus", options="protect=True"))
    assert [failure.name for failure in replaced.value.failures] == ["pics"]
    assert world.arm.written() == []
    with pytest.raises(ProvisionFailed, match="it is protected and is not deleted"):
        world.up('resources.ResourceGroup("group", resource_group_name="rg", location="eastus")')
    assert world.arm.written() == ["-one"]
    with pytest.raises(Refused, match="protected resources are not deleted: urn:pulumi:dev::lab::"):
        world.stack.destroy()
    assert world.names() == ["pics", "rg"]
    world.up(lab())
    assert world.stack.destroy().changes == {"delete": 3}


def test_a_protected_child_keeps_its_parent_from_being_replaced(world: World) -> None:
    child = "resource_group_name=group.name)\n"
    program = lab().replace(
        f"account_name=account.name, {child}", f"account_name=account.name, {child[:-2]}, opts=Options(protect=True))\n"
    )
    world.up(program)
    with pytest.raises(ProvisionFailed, match="::one"):
        world.up(program.replace('location="eastus", opts', 'location="westus", opts'))
    assert world.arm.written() == []


def test_what_stands_in_the_way_and_stays_is_named_and_the_next_run_repairs(world: World) -> None:
    world.up(lab())
    refusal = fails("/one")
    world.arm.before.append(refusal)
    with pytest.raises(ProvisionFailed, match="the service says no") as caught:
        world.up(lab(location="westus"))
    assert [failure.name for failure in caught.value.failures] == ["one"]
    world.arm.before.remove(refusal)
    assert world.up() == {"delete": 2, "replace": 2, "same": 1}
