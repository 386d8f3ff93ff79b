"""Resource options, secrets, functions and providers, as programs use them."""

import threading
from pathlib import Path

import pytest

from automation.errors import ConfigError
from automation.provision.events import ProvisionFailed
from tests.automation.provision.conftest import World
from tests.automation.provision.fake_arm import fails

GROUP = 'group = resources.ResourceGroup("group", resource_group_name="rg", location="eastus"{})\n'
ACCOUNT = """storage.StorageAccount("pics", account_name="pics", resource_group_name=group.name, kind="StorageV2",
    sku=storage.SkuArgs(name="Standard_LRS"), {})
"""


def test_a_renamed_and_moved_resource_keeps_its_identity_by_aliases(world: World) -> None:
    world.up(GROUP.format(""))
    created = world.in_state("group")["created"]
    component = """
class Part(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("lab:index:Part", name, None, opts)
        resources.ResourceGroup(f"{name}-group", resource_group_name="rg", location="eastus",
            opts=Options(parent=self, aliases=[pulumi.Alias(name="group", parent=pulumi.ROOT_STACK_RESOURCE)]))
        self.register_outputs({"done": True})
"""
    assert world.preview(component + 'Part("a")') == {"same": 1}
    assert world.up(component + 'Part("a")') == {"same": 1}
    moved = world.in_state("a-group")
    assert moved["urn"] == "urn:pulumi:dev::lab::lab:index:Part$azure-native:resources:ResourceGroup::a-group"
    assert (moved["created"], world.arm.written()) == (created, [])
    assert "aliases" not in moved
    renamed = component + 'Part("b", Options(aliases=[pulumi.Alias(name="a")]))'
    assert (world.up(renamed), world.arm.written()) == ({"same": 1}, [])
    assert world.in_state("b")["outputs"] == {"done": True}


def test_what_a_failed_run_left_behind_knows_others_by_their_new_names(world: World) -> None:
    more = 'location="LOCATION", opts=Options(depends_on=[group])'
    world.up(GROUP.format("") + ACCOUNT.format(more.replace("LOCATION", "eastus")))
    world.arm.before.append(lambda method, path: fails("/pics")(method, path) if method == "PUT" else None)
    renamed = GROUP.replace('"group"', '"rg"').format(', opts=Options(aliases=[pulumi.Alias(name="group")])')
    with pytest.raises(ProvisionFailed):
        world.up(renamed + ACCOUNT.format(more.replace("LOCATION", "westus")))
    pics = world.in_state("pics")
    now = "urn:pulumi:dev::lab::azure-native:resources:ResourceGroup::rg"
    assert (pics["pendingReplacement"], pics["dependencies"]) == (True, [now])
    assert pics["propertyDependencies"]["resourceGroupName"] == [now]


def test_ignored_changes_are_left_as_they_were(world: World) -> None:
    program = GROUP.format(', tags={"a": TAG, "keep": TAG}, opts=Options(ignore_changes=["tags.keep"])')
    world.up(program.replace("TAG", '"1"'))
    assert world.up(program.replace("TAG", '"2"')) == {"update": 1}
    assert world.arm.last_body("/rg")["tags"] == {"a": "2", "keep": "1"}
    assert world.in_state("group")["ignoreChanges"] == ["tags.keep"]


def test_what_is_retained_or_goes_with_another_is_not_deleted_by_itself(world: World) -> None:
    world.up(GROUP.format("") + ACCOUNT.format("opts=Options(deleted_with=group)"))
    world.stack.destroy()
    assert world.arm.written()[-1:] == ["-rg"]
    assert "-pics" not in world.arm.written()
    world.up(GROUP.format(", opts=Options(retain_on_delete=True)"))
    world.arm.log.clear()
    assert world.stack.destroy().changes == {"delete": 1}
    assert (world.arm.log, world.names()) == ([], ["rg"])


def test_how_long_an_operation_may_take_is_the_programs_to_say(world: World) -> None:
    given = 'pulumi.CustomTimeouts(create="20m", delete="1h30m")'
    world.up(GROUP.format("") + ACCOUNT.format(f"opts=Options(custom_timeouts={given})"))
    assert world.in_state("pics")["customTimeouts"] == {"create": 1200, "delete": 5400}
    world.up(GROUP.format(""))
    assert world.arm.deadlines == [("PUT", "rg", 900), ("PUT", "pics", 1200), ("DELETE", "pics", 5400)]
    with pytest.raises(ConfigError, match="'soon' is no duration"):
        world.up(GROUP.format(', opts=Options(custom_timeouts=pulumi.CustomTimeouts(update="soon"))'))


def test_secrets_reach_azure_and_never_stand_in_the_state(world: World) -> None:
    program = GROUP.format(', tags={"who": pulumi.Output.secret("hush-hush")}') + 'pulumi.export("tags", group.tags)'
    world.up(program)
    assert world.arm.last_body("/rg")["tags"] == {"who": "hush-hush"}
    text = world.state_file.read_text()
    assert "hush-hush" not in text
    assert world.in_state("group")["inputs"]["tags"]["who"].keys() == {
        "4dabf18193072939515e22adb298388d",
        "ciphertext",
    }
    assert (world.up(), world.state_file.read_text()) == ({"same": 1}, text)
    assert "hush-hush" not in repr(world.stack.export())


def test_keys_that_a_function_gives_are_secrets(world: World) -> None:
    keys = 'storage.list_storage_account_keys_output(account_name="pics", resource_group_name="rg")'
    world.up(GROUP.format("") + ACCOUNT.format(""))
    world.up(GROUP.format("") + ACCOUNT.format("") + f'pulumi.export("keys", {keys}.apply(lambda k: k.keys[0].value))')
    assert "c3VwZXJzZWNyZXQ=" not in world.state_file.read_text()
    assert "ciphertext" in world.in_state("lab-dev")["outputs"]["keys"]


def test_functions_answer_who_we_are_and_what_is_there(world: World) -> None:
    world.up(
        GROUP.format("")
        + """
from pulumi_azure_native import authorization
me = authorization.get_client_config()
pulumi.export("me", [me.client_id, me.object_id, me.tenant_id, me.subscription_id])
pulumi.export("place", resources.get_resource_group_output(resource_group_name=group.name).location)
"""
    )
    assert world.in_state("lab-dev")["outputs"] == {
        "me": ["client-1", "object-1", "tenant-1", "11111111-2222-3333-4444-555555555555"],
        "place": "eastus",
    }


def test_a_function_that_we_have_not_is_refused_by_name(world: World) -> None:
    with pytest.raises(ConfigError, match="no function azure-native:web:listNothing"):
        world.up('pulumi.runtime.invoke("azure-native:web:listNothing", {})')


def test_a_declared_provider_has_its_own_settings(world: World) -> None:
    world.up(
        """
from pulumi_azure_native import Provider
there = Provider("there", location="westus")
group = resources.ResourceGroup("group", resource_group_name="rg", opts=Options(provider=there))
"""
    )
    assert world.arm.last_body("/rg") == {"location": "westus"}
    settings = {"environment": "public", "location": "westus", "version": "3.29.0"}
    assert world.in_state("there")["inputs"] == {**settings, "__internal": {}}
    assert world.in_state("there")["outputs"] == settings
    assert world.in_state("group")["provider"].startswith("urn:pulumi:dev::lab::pulumi:providers:azure-native::there::")
    assert world.stack.destroy().changes == {"delete": 1}


def test_the_default_location_comes_from_the_stacks_settings_then_from_the_group(world: World) -> None:
    (world.folder / "Pulumi.dev.yaml").write_text("config: {'azure-native:location': northeurope}")
    world.up('resources.ResourceGroup("group", resource_group_name="rg")')
    assert world.arm.last_body("/rg") == {"location": "northeurope"}
    (world.folder / "Pulumi.dev.yaml").unlink()
    world.up(GROUP.format("").replace("eastus", "northeurope") + ACCOUNT.format(""))
    assert world.arm.last_body("/pics")["location"] == "northeurope"


def test_a_resource_that_is_only_looked_at_is_never_deleted(world: World) -> None:
    world.up(GROUP.format("", ""))
    world.stack.forget()
    world.up(f'resources.ResourceGroup.get("theirs", "{next(iter(world.arm.resources))}")')
    path = next(iter(world.arm.resources))
    world.arm.resources[path]["tags"] = {"new": "tag"}
    assert world.stack.refresh().changes == {"same": 1}
    assert world.in_state("theirs")["outputs"]["tags"] == {"new": "tag"}
    assert (world.in_state("theirs")["external"], world.stack.destroy().changes) == (True, {})
    assert world.names() == ["rg"]


def test_an_import_is_refused_in_clear_words(world: World) -> None:
    with pytest.raises(ConfigError, match="resource a uses import_, which the embedded engine does not have"):
        world.up('resources.ResourceGroup("a", opts=Options(import_="/x"))')


def test_unknown_values_of_a_preview_do_not_fail_it(world: World) -> None:
    program = GROUP.format("") + ACCOUNT.replace('account_name="pics"', "account_name=group.id").format("")
    assert world.preview(program + 'pulumi.export("x", group.location.apply(str.upper))') == {"create": 2}


def test_two_stacks_run_at_the_same_time(tmp_path: Path, world: World) -> None:
    errors: list[BaseException] = []

    def up(name: str) -> None:
        other = World(tmp_path / name)
        other.folder.mkdir()
        other.arm = world.arm
        try:
            other.up(f'import time\nresources.ResourceGroup("g", resource_group_name="{name}", location="eastus")')
        except BaseException as exc:  # noqa: BLE001 (shown by the assertion)
            errors.append(exc)

    threads = [threading.Thread(target=up, args=(f"seat{number}",)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (errors, world.names()) == ([], ["seat0", "seat1", "seat2"])


def test_settings_reach_the_program_and_their_secrets_are_opened(world: World) -> None:
    from automation.provision.embedded.crypter import Passphrase
    from tests.automation.provision.conftest import SALT

    sealed = Passphrase("password", SALT).encrypt("opened")
    (world.folder / "Pulumi.dev.yaml").write_text(
        f"encryptionsalt: {SALT}\nconfig:\n  lab:word: {{secure: '{sealed}'}}\n  lab:tags: {{a: 1}}\n  lab:flag: no\n"
    )
    world.config["flag"] = True
    world.up(
        """
pulumi.export("found", [config.require_bool("flag"), config.require_object("tags")])
pulumi.export("word", config.require_secret("word"))
"""
    )
    outputs = world.in_state("lab-dev")["outputs"]
    assert outputs["found"] == [True, {"a": 1}]
    assert "opened" not in world.state_file.read_text()


def test_a_failed_run_keeps_outputs_that_it_could_not_find_out(world: World) -> None:
    program = GROUP.format("") + 'pulumi.export("id", group.id)'
    world.up(program)
    outputs = world.in_state("lab-dev")["outputs"]
    world.arm.before.append(fails("/rg"))
    with pytest.raises(ProvisionFailed):
        world.up(program.replace('"eastus"', '"eastus", tags={"a": "b"}'))
    assert world.in_state("lab-dev")["outputs"] == outputs
