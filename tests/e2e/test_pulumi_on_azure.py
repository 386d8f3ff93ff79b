"""Stacks on Azure, by the command line: the CLI, its own back end, and a provider that the user has on PATH.

Microsoft's cloud is played by a local Azure and the real azure-native by our provider, which is on PATH as a user's own
plugin would be. Everything else is what a user of Azure has: variables of a service principal, no engine of ours.
"""

import base64
import json
import os
import re
import signal
import subprocess
import time
import uuid
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from automation.azure import Arm, Rest, local_cloud, local_tokens
from automation.clock import SystemClock
from automation.errors import ConfigError, Refused
from automation.local import LocalAzure, variables
from automation.provision import StatePlace
from automation.provision.backend_stacks import BackendStack
from automation.provision.embedded.crypter import Passphrase
from automation.provision.project import StackConfig
from automation.provision.pulumi_cli import find_cli
from automation.provision.pulumi_cli_folder import CliFolder
from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

STATE_ACCOUNT = "providers/Microsoft.Storage/storageAccounts/pulumistate"
LAB = """\
name: {name}
stack: azure
images: {{training-images: {{path: photos}}}}
settings: {{mlWorkspace: false, customVision: false, visionSku: S1, suffix: {name}}}
{more}
"""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """A local Azure in the place of Microsoft's."""

    connection: dict[str, object]
    plugins: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        path = os.pathsep.join([str(self.plugins), os.environ["PATH"]])
        return {**variables(self.connection, config_dir=self.home / "az"), "PATH": path, "HOME": str(self.home)}

    @contextmanager
    def arm(self) -> Generator[tuple[Arm, str]]:
        """The resource manager, and the id of the group for state."""
        cloud = local_cloud(self.connection)
        tokens = local_tokens(cloud, str(self.connection["client_id"]), str(self.connection["client_secret"]))
        with Rest(cloud, tokens) as rest:
            yield Arm(rest, cloud), f"/subscriptions/{cloud.subscription_id}/resourceGroups/rg-state"

    def state_account(self) -> dict[str, str]:
        """An account with a container for state, and the variables by which Go's client of blobs finds it here."""
        with self.arm() as (arm, group):
            account = f"{group}/{STATE_ACCOUNT}"
            arm.put(group, {"location": "eastus"}, api_version="2024-03-01")
            body = {"location": "eastus", "kind": "StorageV2", "sku": {"name": "Standard_LRS"}}
            arm.put(account, body, api_version="2024-01-01")
            container = f"{account}/blobServices/default/containers/pulumi-state"
            arm.put(container, {"properties": {}}, api_version="2024-01-01")
            keys: Any = arm.post(f"{account}/listKeys", api_version="2024-01-01")
        return {
            "AZURE_STORAGE_ACCOUNT": "pulumistate",
            "AZURE_STORAGE_KEY": str(keys["keys"][0]["value"]),
            "AZURE_STORAGE_DOMAIN": str(self.connection["blob_origin"]).removeprefix("https://"),
            "AZURE_STORAGE_PROTOCOL": "https",
            "AZURE_STORAGE_IS_LOCAL_EMULATOR": "true",
        }

    def grant_to_the_machine(self, *, role: str) -> None:
        """Give the machine's identity a role on the account for state."""
        address = f"{self.connection['identity_endpoint']}?api-version=2019-08-01&resource=https://storage.azure.com"
        ask = Request(address, headers={"X-IDENTITY-HEADER": str(self.connection["identity_header"])})  # ours
        with urlopen(ask, timeout=10) as answer:  # as above
            claims = json.load(answer)["access_token"].split(".")[1]
        machine = json.loads(base64.urlsafe_b64decode(claims + "=="))["oid"]
        with self.arm() as (arm, group):
            subscription = group.partition("/resourceGroups")[0]
            definition = f"{subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
            body = {"roleDefinitionId": definition, "principalId": machine, "principalType": "ServicePrincipal"}
            assignment = f"{group}/{STATE_ACCOUNT}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
            arm.put(assignment, {"properties": body}, api_version="2022-04-01")


@pytest.fixture(scope="module", autouse=True)
def _cli() -> None:  # pyright: ignore[reportUnusedFunction] # pytest uses it
    try:
        find_cli(os.environ["PATH"])
    except ConfigError as exc:
        pytest.skip(f"{exc.message}; {exc.hint}")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    folder = tmp_path_factory.mktemp("cloud")
    local = LocalAzure(folder / "local", clock=SystemClock())
    starter = CliFolder(path=folder / "starter", project="visionlab", stack="local")
    starter.write(StackConfig(values={}), Passphrase("any"))
    (folder / "home").mkdir()
    yield Cloud(
        connection=local.ensure_started(options=("--role-delay", "0")),
        plugins=starter.path / "plugins",
        home=folder / "home",
    )
    local.stop()


def a_shell(folder: Path, cloud: Cloud, name: str, more: str = "", **environment: str) -> Shell:
    folder.mkdir(exist_ok=True)
    (folder / "photos").mkdir()
    (folder / "lab.yaml").write_text(LAB.format(name=name, more=more))
    return Shell(folder, environment={**cloud.environment, **environment})


def test_a_stack_on_azure_lives_with_its_state_in_a_folder(cloud: Cloud, tmp_path: Path) -> None:
    shell = a_shell(tmp_path / "lab", cloud, "folder")
    assert shell.json("lab", "preview")["changes"] == {"create": 8}
    assert shell.json("lab", "status")["provisioned"] is False
    made = shell.json("lab", "up")
    assert made["changes"] == {"create": 8}
    assert {row["state"] for row in made["resources"]} == {"done"}
    assert made["outputs"]["resource_group"] == "rg-folder-azure"
    assert shell.json("lab", "up")["changes"] == {"same": 8}
    assert shell.json("lab", "refresh")["changes"] == {"same": 8}
    assert shell.json("lab", "outputs") == made["outputs"]
    assert len(shell.json("lab", "status")["resources"]) == 8
    state = tmp_path / "lab" / ".visionlab"
    assert (state / "pulumi-state" / ".pulumi" / "stacks" / "visionlab" / "azure.json").is_file()
    assert (state / "pulumi-azure" / "Pulumi.azure.yaml").stat().st_mode & 0o777 == 0o600
    refused = shell.json("lab", "up", "--engine", "embedded", expect=2)["error"]
    assert "the embedded engine provisions the local Azure only" in refused["message"]

    shell.json("lab", "export", "--out", "state.json")
    assert (
        json.loads(shell.run("lab", "export"))["deployment"]
        == json.loads((shell.folder / "state.json").read_text())["deployment"]
    )
    assert shell.json("lab", "import", "state.json", "--yes")["resources"] == 8
    assert shell.json("lab", "up")["changes"] == {"same": 8}


def test_a_passphrase_of_the_users_own_opens_the_state_and_another_does_not(cloud: Cloud, tmp_path: Path) -> None:
    shell = a_shell(tmp_path / "lab", cloud, "secret", PULUMI_CONFIG_PASSPHRASE="mine")
    shell.json("lab", "preview")
    shell.environment["PULUMI_CONFIG_PASSPHRASE"] = "another's"
    refused = shell.json("lab", "preview", expect=2)["error"]
    assert refused["message"] == "the passphrase does not open this stack's secrets"


def test_a_stack_is_destroyed_by_the_cli_or_forgotten_after_others_deleted_it(cloud: Cloud, tmp_path: Path) -> None:
    def stack(**more: object) -> BackendStack:
        settings = {"lab": "ends", "suffix": "ends", "mlWorkspace": False, "customVision": False, "visionSku": "S1"}
        return BackendStack(
            name="azure",
            config={**settings, **more},
            home=tmp_path,
            lab_folder=tmp_path,
            place=StatePlace(backend="file://state"),
            passphrase="secret",
            environment={**os.environ, **cloud.environment},
            sign_in=lambda: {**cloud.environment},
        )

    assert stack(protect=True).up().changes == {"create": 9}
    with pytest.raises(Refused, match=r"protected resources are not deleted: .*::storage-account"):
        stack().destroy()
    assert stack(protect=False).up().changes["same"] >= 8
    assert stack().destroy().changes == {"delete": 9}
    assert stack().resources() == ()
    assert stack(suffix="again").up().changes == {"create": 9}  # under new names: Azure keeps those of deleted accounts
    ended = stack()
    ended.forget()
    assert (ended.exists(), stack().exists()) == (False, False)
    with pytest.raises(ConfigError, match="the stack azure is not provisioned"):
        stack().outputs()
    with cloud.arm() as (arm, group):
        arm.delete(group.replace("rg-state", "rg-ends-azure"), api_version="2024-03-01")


def test_somebody_elses_lock_is_told_with_the_way_to_remove_it(cloud: Cloud, tmp_path: Path) -> None:
    shell = a_shell(tmp_path / "lab", cloud, "lock")
    shell.json("lab", "preview")
    backend = shell.folder / ".visionlab" / "pulumi-state" / ".pulumi"
    lock = backend / "locks" / "organization" / "visionlab" / "azure" / "another.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = {"username": "ann", "hostname": "desk", "timestamp": "2026-11-20T10:00:00Z", "pid": 4242}
    lock.write_text(json.dumps(held))
    refused = shell.json("lab", "up", expect=1)["error"]
    assert refused["type"] == "LabBusy"
    assert "(ann@desk (pid 4242) at 2026-11-20T10:00:00Z)" in refused["message"]
    cancel = re.search("`(.*)`", refused["hint"])
    assert cancel is not None
    words = cancel[1].replace(" pulumi ", f" {find_cli(os.environ['PATH'])} --non-interactive ", 1) + " --yes"
    environment = {**shell.environment, "PULUMI_CONFIG_PASSPHRASE": "any"}
    subprocess.run(words, shell=True, check=True, env=environment, capture_output=True, timeout=60)
    assert not lock.exists()
    assert shell.json("lab", "preview")["changes"] == {"create": 8}


def test_state_in_a_blob_container_is_shared_by_two_machines(cloud: Cloud, tmp_path: Path) -> None:
    place = "azblob://pulumi-state?storage_account=pulumistate"
    more = {**cloud.state_account(), "PULUMI_CONFIG_PASSPHRASE": "shared"}
    first = a_shell(tmp_path / "first", cloud, "blob", f"state: {{backend: '{place}'}}", **more)
    assert first.json("lab", "up")["changes"] == {"create": 8}
    assert not (tmp_path / "first" / ".visionlab" / "pulumi-state").exists()
    second = a_shell(tmp_path / "second", cloud, "blob", VISIONLAB_PULUMI_BACKEND=place, **more)
    assert second.json("lab", "up")["changes"] == {"same": 8}
    assert second.json("lab", "outputs") == first.json("lab", "outputs")
    wrong = second.environment["VISIONLAB_PULUMI_BACKEND"] = "azblob://nothing-here?storage_account=pulumistate"
    refused = second.json("lab", "up", expect=2)["error"]
    assert refused["message"].startswith("the back end of the state cannot be used"), wrong


def test_state_in_a_blob_container_by_a_managed_identity_needs_a_role(cloud: Cloud, tmp_path: Path) -> None:
    """The CLI alone: no key, no secret, a token of the machine's identity."""
    place = "azblob://pulumi-state?storage_account=pulumistate"
    environment = {**os.environ, **cloud.environment, **cloud.state_account(), "PULUMI_BACKEND_URL": place}
    for name in ("AZURE_STORAGE_KEY", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_TENANT_ID"):
        del environment[name]
    (tmp_path / "Pulumi.yaml").write_text("name: visionlab\nruntime: python\n")
    environment |= {"PULUMI_CONFIG_PASSPHRASE": "any", "PULUMI_SKIP_UPDATE_CHECK": "true"}

    def pulumi(*words: str) -> subprocess.CompletedProcess[str]:
        command = [find_cli(os.environ["PATH"]), "--non-interactive", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False, timeout=60
        )

    refused = pulumi("stack", "init", "mine")
    assert (refused.returncode, "AuthorizationPermissionMismatch" in refused.stderr) == (1, True), refused.stderr
    cloud.grant_to_the_machine(role="ba92f5b4-2d11-453d-a403-e96b0029c9fe")  # Storage Blob Data Contributor
    made = pulumi("stack", "init", "mine")
    assert made.returncode == 0, made.stderr
    assert "mine" in pulumi("stack", "ls").stdout


def test_ctrl_c_ends_the_cli_in_good_order_and_the_next_run_repairs(shell: Shell) -> None:
    shell.run("init", "--template", "empty")
    shell.run("local", "start")
    folder = shell.folder / ".visionlab" / "pulumi"
    checkpoint = folder / "backend" / ".pulumi" / "stacks" / "visionlab" / "local.json"
    stopped = shell.start("lab", "up", "--engine", "pulumi", "--json")
    while not checkpoint.is_file() or "azure-native:storage:StorageAccount" not in checkpoint.read_text():
        assert stopped.poll() is None
        time.sleep(0.02)
    os.kill(stopped.pid, signal.SIGINT)
    out, err = stopped.communicate(timeout=60)
    assert stopped.returncode == 3, err
    assert json.loads(out)["error"]["message"] == "up was stopped"
    assert _processes_of(folder) == []
    assert list(folder.rglob("locks/**/*.json")) == []
    there = len(shell.json("lab", "status")["resources"])
    made = shell.json("lab", "up")["changes"]
    assert made.get("same", 0) >= 1
    assert made.get("create", 0) >= 1, f"{there} were there"
    assert set(made) <= {"same", "create"}
    assert shell.json("lab", "up", "--engine", "pulumi")["changes"] == {"same": sum(made.values())}
    assert shell.json("lab", "down", "--yes")["left_behind"] == []


def test_ctrl_c_on_azure_leaves_the_state_in_the_back_end_and_no_lock(cloud: Cloud, tmp_path: Path) -> None:
    shell = a_shell(tmp_path / "lab", cloud, "ctrlc")
    backend = shell.folder / ".visionlab" / "pulumi-state" / ".pulumi"
    checkpoint = backend / "stacks" / "visionlab" / "azure.json"
    stopped = shell.start("lab", "up", "--json")
    while not checkpoint.is_file() or "azure-native:resources:ResourceGroup" not in checkpoint.read_text():
        assert stopped.poll() is None
        time.sleep(0.02)
    os.kill(stopped.pid, signal.SIGINT)
    _, err = stopped.communicate(timeout=60)
    assert stopped.returncode == 3, err
    assert list(backend.rglob("locks/**/*.json")) == []
    made = shell.json("lab", "up")["changes"]
    assert set(made) == {"same", "create"}
    assert shell.json("lab", "up")["changes"] == {"same": 8}


def _processes_of(folder: Path) -> list[str]:
    """Command lines that name the folder: what the CLI started would be among them."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if str(folder) in line]
