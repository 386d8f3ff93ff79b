"""Stacks on Azure before the CLI starts: what is missing is said, in the order in which it is needed."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from automation.errors import ConfigError
from automation.provision import PASSPHRASE, StatePlace, backend_problem, secrets_problem
from automation.provision.backend_stacks import BackendStack
from automation.provision.project import Project, read_settings
from automation.provision.pulumi_plugin import find_plugin, plugin_version
from automation.provision.state_place import make_folder

# As much of the CLI as is asked for before a run: it has no network.
NO_NETWORK = """#!/bin/sh
echo 'warning: Error downloading plugin: Get "https://get.pulumi.com/x": dial tcp: no such host' >&2
echo 'error: failed to download plugin: failed all 5 attempts' >&2
exit 255
"""


class Lab:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {"PATH": str(folder / "bin"), "HOME": str(folder / "home")}
        self.program = Project(name="lab", program=folder / "program.py", stacks=folder / "stacks")
        (folder / "bin").mkdir()

    def stack(self, *, signed_in: bool = True) -> BackendStack:
        def sign_in() -> Mapping[str, str]:
            if not signed_in:
                raise ConfigError("nobody is signed in")
            return {}

        return BackendStack(
            name="azure",
            config={},
            home=self.folder / ".visionlab",
            lab_folder=self.folder,
            place=StatePlace(),
            passphrase="secret",
            environment=self.environment,
            sign_in=sign_in,
            project=self.program,
            tools=self.folder / "nothing",
        )

    def install(self, name: str, text: str = "") -> None:
        (self.folder / "bin" / name).write_text(text)
        (self.folder / "bin" / name).chmod(0o755)


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def test_nobody_signed_in_comes_first(lab: Lab) -> None:
    with pytest.raises(ConfigError, match="nobody is signed in"):
        lab.stack(signed_in=False).preview()
    assert not (lab.folder / ".visionlab").exists()


def test_then_the_cli(lab: Lab) -> None:
    with pytest.raises(ConfigError, match="no Pulumi CLI") as caught:
        lab.stack().preview()
    assert "visionlab doctor --install-pulumi" in str(caught.value.hint)


def test_then_the_plugin_whose_download_fails_with_the_networks_words(lab: Lab) -> None:
    lab.install("pulumi", NO_NETWORK)
    with pytest.raises(ConfigError, match=r"cannot be downloaded: Get .*no such host") as caught:
        lab.stack().up()
    assert f"pulumi plugin install resource azure-native {plugin_version()}" in str(caught.value.hint)


def test_a_plugin_is_found_where_the_cli_finds_it(lab: Lab) -> None:
    assert find_plugin(lab.environment) is None
    installed = lab.folder / "home" / ".pulumi" / "plugins" / f"resource-azure-native-v{plugin_version()}"
    installed.mkdir(parents=True)
    (installed / "pulumi-resource-azure-native").touch(mode=0o755)
    found = find_plugin(lab.environment)
    assert found is not None
    assert (found.path.parent, found.version) == (installed, plugin_version())
    lab.install("pulumi-resource-azure-native")
    ambient = find_plugin(lab.environment)
    assert ambient is not None
    assert (ambient.path.parent.name, ambient.version) == ("bin", None)
    ignoring = find_plugin({**lab.environment, "PULUMI_IGNORE_AMBIENT_PLUGINS": "true"})
    assert ignoring is not None
    assert ignoring.path.parent == installed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("file:///var/state", None),
        ("file://state", None),
        ("azblob://state?storage_account=mystate", None),
        ("azblob://state", "the storage account is missing"),
        ("azblob://S?storage_account=mystate", "'S' is no name"),
        ("s3://bucket", "a back end is file://FOLDER or azblob://"),
        ("file://", "a path is missing"),
    ],
)
def test_back_ends_are_two_kinds(text: str, why: str | None) -> None:
    said = backend_problem(text)
    assert said == why if why is None else why in str(said)


def test_secrets_providers_are_two_kinds() -> None:
    assert secrets_problem(PASSPHRASE) is None
    assert secrets_problem("azurekeyvault://lab.vault.azure.net/keys/state") is None
    assert secrets_problem("azurekeyvault://lab.vault.azure.net") is not None
    assert secrets_problem("awskms://x") is not None


def test_a_relative_back_end_starts_at_the_lab(tmp_path: Path) -> None:
    default = tmp_path / "own"
    urls = [
        StatePlace(backend=text).url(folder=tmp_path, default=default)
        for text in (None, "file://state", "file:///var/state", "azblob://a?storage_account=b")
    ]
    assert urls == [
        default.as_uri(),
        (tmp_path / "state").as_uri(),
        "file:///var/state",
        "azblob://a?storage_account=b",
    ]


def test_a_folder_for_state_is_made_unless_more_than_it_is_missing(tmp_path: Path) -> None:
    make_folder((tmp_path / "state").as_uri())
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700
    make_folder("azblob://state?storage_account=mystate")
    with pytest.raises(ConfigError, match="for the state cannot be made: No such file or directory"):
        make_folder((tmp_path / "unmounted" / "state").as_uri())


def test_settings_for_the_cli_keep_secrets_encrypted_and_how(lab: Lab) -> None:
    stacks = lab.folder / "stacks"
    stacks.mkdir()
    kept = lab.folder / "Pulumi.azure.yaml"
    kept.write_text(
        yaml.safe_dump({"secretsprovider": "azurekeyvault://v/keys/k", "encryptedkey": "old", "config": {}})
    )
    (stacks / "Pulumi.azure.yaml").write_text(yaml.safe_dump({"config": {"lab:size": 3}}))
    found = read_settings(lab.program, "azure", {"owner": "me"}, kept=kept)
    assert found == {
        "secretsprovider": "azurekeyvault://v/keys/k",
        "encryptedkey": "old",
        "config": {"lab:owner": "me", "lab:size": "3"},
    }
    secret = {"encryptionsalt": "v1:salt", "config": {"lab:key": {"secure": "v1:sealed"}}}
    (stacks / "Pulumi.azure.yaml").write_text(yaml.safe_dump(secret))
    assert read_settings(lab.program, "azure", {}, kept=kept) == secret
