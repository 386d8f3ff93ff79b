"""Pulumi's passphrase scheme, against a value that Pulumi's own tests use."""

import pytest

from automation.errors import ConfigError
from automation.provision.embedded.crypter import Passphrase
from tests.automation.provision.conftest import SALT


def test_a_state_of_pulumis_own_is_opened_and_the_same_text_keeps_its_ciphertext() -> None:
    crypter = Passphrase("password", SALT)
    sealed = crypter.encrypt('"secret"', place="a")
    assert crypter.encrypt('"secret"', place="a") == sealed
    assert crypter.encrypt('"secret"', place="b") != sealed
    assert sealed.split(":")[0] == "v1"
    assert crypter.decrypt(sealed) == '"secret"'
    assert (crypter.state, "password" in repr(crypter)) == (SALT, False)
    with pytest.raises(ConfigError, match="cannot be decrypted"):
        crypter.decrypt(sealed[:-8] + "AAAAAA==")


def test_a_wrong_passphrase_is_noticed() -> None:
    with pytest.raises(ConfigError, match="the passphrase does not open this stack's secrets"):
        Passphrase("wrong", SALT).encrypt("x")


def test_a_new_stack_gets_a_salt_that_opens_again() -> None:
    state = Passphrase("mine").state
    assert [len(part) for part in state.split(":")] == [2, 12, 2, 16, 32]
    assert Passphrase("mine", state).state == state
    assert Passphrase("mine", state).encrypt("x").startswith("v1:")
