"""Who is signed in, as variables and the files of `az` tell."""

import json
from pathlib import Path

import pytest

from automation.azure import find_sign_in, provider_variables, require_sign_in
from automation.errors import ConfigError

PRINCIPAL = {"AZURE_TENANT_ID": "t", "AZURE_CLIENT_ID": "c", "AZURE_CLIENT_SECRET": "s"}


@pytest.mark.parametrize(
    ("environment", "way"),
    [
        (PRINCIPAL, "service principal with a secret"),
        ({"ARM_TENANT_ID": "t", "ARM_CLIENT_ID": "c", "ARM_CLIENT_SECRET": "s"}, "service principal with a secret"),
        ({**PRINCIPAL, "AZURE_CLIENT_CERTIFICATE_PATH": "x.pem"}, "service principal with a certificate"),
        ({"AZURE_FEDERATED_TOKEN_FILE": "token", **PRINCIPAL, "AZURE_CLIENT_SECRET": ""}, "federated token (OIDC)"),
        ({"ARM_USE_MSI": "true"}, "managed identity"),
        ({"IDENTITY_ENDPOINT": "http://127.0.0.1/token"}, "managed identity"),
    ],
)
def test_variables_name_a_way(environment: dict[str, str], way: str) -> None:
    found = require_sign_in({**environment, "AZURE_SUBSCRIPTION_ID": "sub"}, stack="azure")
    assert (found.way, found.subscription_id) == (way, "sub")


def test_what_a_way_lacks_is_named() -> None:
    with pytest.raises(ConfigError, match="with a secret lacks AZURE_CLIENT_ID, AZURE_TENANT_ID"):
        require_sign_in({"AZURE_CLIENT_SECRET": "s"}, stack="azure")


def test_somebody_without_a_subscription_is_told_to_name_one() -> None:
    with pytest.raises(ConfigError, match="no subscription is named"):
        require_sign_in(PRINCIPAL, stack="azure")


def test_nobody_is_nobody() -> None:
    assert find_sign_in({}) is None


def test_az_names_its_subscription(tmp_path: Path) -> None:
    (tmp_path / "az").touch(mode=0o755)
    accounts = [{"id": "first"}, {"id": "second", "tenantId": "t", "isDefault": True}]
    (tmp_path / "azureProfile.json").write_text("\ufeff" + json.dumps({"subscriptions": accounts}))
    environment = {"PATH": str(tmp_path), "AZURE_CONFIG_DIR": str(tmp_path)}
    found = require_sign_in(environment, stack="azure")
    assert (found.way, found.subscription_id, found.tenant_id) == ("Azure's command line (az login)", "second", "t")
    (tmp_path / "azureProfile.json").write_text('{"subscriptions": []}')
    assert find_sign_in(environment) is None


def test_the_provider_is_told_what_azure_identity_reads_and_nothing_is_overwritten() -> None:
    environment = {**PRINCIPAL, "AZURE_SUBSCRIPTION_ID": "sub", "ARM_CLIENT_ID": "own"}
    found = require_sign_in(environment, stack="azure")
    assert provider_variables(environment, found) == {
        "ARM_SUBSCRIPTION_ID": "sub",
        "ARM_TENANT_ID": "t",
        "ARM_CLIENT_SECRET": "s",
    }
    assert "'s'" not in repr(found)
