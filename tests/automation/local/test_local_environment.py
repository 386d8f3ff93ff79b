"""`local env`: the variables, and quoting that survives every shell."""

import json
import subprocess
from pathlib import Path

import pytest

from automation.errors import ConfigError
from automation.local import variables, write_shell

CONNECTION = {
    "origin": "https://localhost:8443/",
    "bundle_file": "/home/o'neil/a b/$HOME/bundle.pem",
    "client_id": "c",
    "client_secret": 's"e`c\\r!et',
    "tenant_id": "t",
    "subscription_id": "s",
    "identity_endpoint": "http://127.0.0.1:9000/msi/token",
    "identity_header": "h",
}


def test_the_variables_point_every_client_here() -> None:
    values = variables(CONNECTION, config_dir=Path("/az"))
    assert values["AZURE_AUTHORITY_HOST"] == "https://localhost:8443"
    assert values["ARM_METADATA_HOSTNAME"] == "localhost:8443"
    assert values["ARM_CLOUD_METADATA_URL"] == "https://localhost:8443/metadata/endpoints?api-version=2019-05-01"
    assert values["REQUESTS_CA_BUNDLE"] == values["SSL_CERT_FILE"] == CONNECTION["bundle_file"]
    assert values["AZURE_CONFIG_DIR"] == "/az"
    assert (values["IDENTITY_ENDPOINT"], values["IDENTITY_HEADER"]) == ("http://127.0.0.1:9000/msi/token", "h")
    assert {name[4:] for name in values if name.startswith("ARM_")} >= {
        "CLIENT_ID",
        "CLIENT_SECRET",
        "TENANT_ID",
        "SUBSCRIPTION_ID",
    }


def test_the_endpoint_of_virtual_machines_is_told_only_when_it_was_asked_for() -> None:
    name = "AZURE_POD_IDENTITY_AUTHORITY_HOST"
    asked = CONNECTION | {"imds_endpoint": "http://127.0.0.1:9000"}
    assert name not in variables(CONNECTION, config_dir=Path("/az"))
    assert variables(asked, config_dir=Path("/az"))[name] == "http://127.0.0.1:9000"


def test_a_real_shell_reads_every_value_back() -> None:
    values = variables(CONNECTION, config_dir=Path("/az"))
    script = write_shell(values, "sh") + "\nenv -0"
    told = subprocess.run(["sh", "-c", script], capture_output=True, check=True, env={"PATH": "/usr/bin:/bin"})
    heard = dict(line.split("=", 1) for line in told.stdout.decode().split("\0") if "=" in line)
    assert {name: heard.get(name) for name in values} == values


@pytest.mark.parametrize(
    ("shell", "line"),
    [
        ("sh", "export X='o'\\''neil $HOME \\'"),
        ("fish", "set -gx X 'o\\'neil $HOME \\\\';"),
        ("powershell", "$Env:X = 'o''neil $HOME \\'"),
    ],
)
def test_each_shell_quotes_its_own_way(shell: str, line: str) -> None:
    assert write_shell({"X": "o'neil $HOME \\"}, shell) == line


def test_json_is_json() -> None:
    assert json.loads(write_shell({"X": "o'neil"}, "json")) == {"X": "o'neil"}


def test_a_connection_that_lacks_something_is_refused() -> None:
    with pytest.raises(ConfigError, match="lacks bundle_file"):
        variables({**CONNECTION, "bundle_file": None}, config_dir=Path("/az"))
