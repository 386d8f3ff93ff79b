"""A deployment JSON from outside becomes the state, or is refused before anything is touched."""

import json
from typing import Any

import pytest

from automation.errors import ConfigError
from automation.provision.embedded.crypter import Passphrase
from tests.automation.provision.conftest import World

GROUP = 'resources.ResourceGroup("g", resource_group_name="rg", location="eastus")'
SIG = "4dabf18193072939515e22adb298388d"
SECRET_SIG = "1b47061264138c4ac30d75fd1eb44270"
OTHER = {"urn": "urn:pulumi:prod::lab::a:b:C::c"}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "no deployment JSON of version 3"),
    ({"version": 2, "deployment": {}}, "no deployment JSON of version 3"),
    ({"version": 3, "deployment": {"resources": {}}}, "the deployment's resources are no list"),
    ({"version": 3, "deployment": {"resources": [{}]}}, "a resource has no URN"),
    ({"version": 3, "deployment": {"resources": [OTHER]}}, "of another stack: urn:pulumi:prod::lab"),
]


def test_what_was_exported_is_imported_and_changes_nothing(world: World) -> None:
    world.up(GROUP)
    document = json.loads(json.dumps(world.stack.export()))
    world.stack.forget()
    assert not world.stack.exists()
    world.stack.import_(document)
    assert world.up() == {"same": 1}


def test_the_state_that_was_there_is_kept_beside_it(world: World) -> None:
    world.up(GROUP)
    before = world.state_file.read_text()
    world.stack.import_({"version": 3, "deployment": {}})
    assert not world.stack.exists()
    assert world.state_file.with_suffix(".before-import").read_text() == before


@pytest.mark.parametrize(("document", "said"), WRONG)
def test_what_is_no_state_of_this_stack_is_refused(world: World, document: dict[str, Any], said: str) -> None:
    world.up(GROUP)
    before = world.state_file.read_text()
    with pytest.raises(ConfigError, match=said):
        world.stack.import_(document)
    assert world.state_file.read_text() == before


def a_document(world: World, secret: dict[str, str], provider: dict[str, Any]) -> dict[str, Any]:
    world.up(GROUP)
    document = json.loads(json.dumps(world.stack.export()))
    group = next(item for item in document["deployment"]["resources"] if item["urn"].endswith("::g"))
    group["outputs"]["key"] = {SIG: SECRET_SIG, **secret}
    document["deployment"]["secrets_providers"] = provider
    return document


def test_secrets_in_plain_text_are_encrypted_here(world: World) -> None:
    vault = {"type": "cloud", "state": {"url": "azurekeyvault://v/keys/k", "encryptedkey": "x"}}
    world.stack.import_(a_document(world, {"plaintext": '"hush"'}, vault))
    assert "hush" not in world.state_file.read_text()
    provider = json.loads(world.state_file.read_text())["deployment"]["secrets_providers"]
    sealed = world.in_state("g")["outputs"]["key"]["ciphertext"]
    assert Passphrase("password", provider["state"]["salt"]).decrypt(sealed) == '"hush"'


def test_secrets_of_a_key_vault_must_be_shown_first(world: World) -> None:
    vault = {"type": "cloud", "state": {"url": "azurekeyvault://v/keys/k", "encryptedkey": "x"}}
    with pytest.raises(ConfigError, match="encrypted by cloud") as caught:
        world.stack.import_(a_document(world, {"ciphertext": "v1:AAAA:BBBB"}, vault))
    assert "--show-secrets" in str(caught.value.hint)
