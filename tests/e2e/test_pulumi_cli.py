"""Pulumi's own CLI, driven by `visionlab` and typed by a user. How like our engine it is: test_pulumi_parity.py."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from automation.azure import local_cloud, local_tokens
from automation.clock import SystemClock
from automation.errors import ConfigError, LabBusy
from automation.local import LocalAzure, variables
from automation.provision import ProvisionFailed, ResourceEvent, Stack, open_stack
from automation.provision.pulumi_cli import PulumiCli, PulumiStack, find_cli
from tests.e2e.conftest import VISIONLAB, Shell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

ROOT = Path(__file__).resolve().parents[2]
PASSPHRASE = "open sesame"
CHANGES_WERE_FOUND = 7  # an exit code of the CLI
# What differs from run to run: made by Azure, or by the clock.
GUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
ETAG = re.compile(r'\\?"0x[0-9A-F]+\\?"')
# When, and from which line of the program.
NOT_COMPARED = {"created", "modified", "sourcePosition", "stackTrace"}


@pytest.fixture(scope="module")
def cli() -> Path:
    try:
        return find_cli(os.environ["PATH"])
    except ConfigError as exc:
        pytest.skip(f"{exc.message}; {exc.hint}")


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, object]]:
    local = LocalAzure(tmp_path_factory.mktemp("local-azure"), clock=SystemClock())
    yield local.ensure_started()
    local.stop()


class Labs:
    """Stacks of one lab by name, each with its own state and names, on one local Azure."""

    def __init__(self, folder: Path, cli: Path, connection: Mapping[str, object]) -> None:
        self.folder, self.cli, self.connection = folder, cli, connection

    @property
    def variables(self) -> dict[str, str]:
        return variables(self.connection, config_dir=self.folder / "az")

    def embedded(self, suffix: str, **config: object) -> Stack:
        cloud = local_cloud(self.connection)
        return open_stack(
            stack="local",
            config={"lab": "two-engines", "suffix": suffix, "resourceGroup": f"rg-{suffix}", **config},
            state_dir=self.folder / suffix,
            cloud=cloud,
            tokens=local_tokens(cloud, str(self.connection["client_id"]), str(self.connection["client_secret"])),
            passphrase=PASSPHRASE,
        )

    def pulumi(self, suffix: str, **config: object) -> Stack:
        return PulumiStack(self.embedded(suffix, **config), PulumiCli(path=self.cli, connection=self.variables))


@pytest.fixture
def labs(tmp_path: Path, cli: Path, azure: dict[str, object]) -> Labs:
    return Labs(tmp_path, cli, azure)


def test_the_cli_leads_a_lab_from_preview_to_destroy(labs: Labs) -> None:
    events: list[ResourceEvent] = []
    assert labs.pulumi("life").preview().changes == {"create": 16}
    assert not labs.pulumi("life").exists()
    assert labs.pulumi("life").up(events.append).changes == {"create": 16}
    assert sorted({(event.op, event.state) for event in events}) == [("create", "done"), ("create", "started")]
    assert len({event.urn for event in events}) == 16
    assert labs.pulumi("life").up().changes == {"same": 16}
    assert labs.pulumi("life").refresh().changes == {"same": 16}
    assert labs.embedded("life").outputs().resource_group == "rg-life"
    assert (
        labs.pulumi("life", owner="other@example.org").preview().changes
        == labs.embedded("life", owner="other@example.org").preview().changes
    )
    assert labs.pulumi("life").destroy().changes == {"delete": 16}
    assert not labs.embedded("life").exists()


def test_state_moves_to_the_cli_and_back_without_a_change(labs: Labs) -> None:
    labs.embedded("moves").up()
    before = _comparable(labs.embedded("moves"))
    assert labs.pulumi("moves").up().changes == {"same": 16}
    assert labs.embedded("moves").up().changes == {"same": 16}
    assert labs.embedded("moves").refresh().changes == {"same": 16}
    assert _comparable(labs.embedded("moves")) == before
    labs.embedded("moves").destroy()


def test_a_failed_resource_is_named_what_needs_it_is_left_and_the_next_run_repairs(labs: Labs) -> None:
    """Somebody has a resource group of that name already."""
    labs.embedded("first").up()
    second = labs.pulumi("second", resourceGroup="rg-first")
    with pytest.raises(ProvisionFailed) as caught:
        second.up()
    assert [failure.name for failure in caught.value.failures] == ["group"]
    assert "cannot create already existing resource" in caught.value.failures[0].message
    assert [item.name for item in second.resources() if item.id and not item.type.startswith("pulumi:")] == []
    labs.embedded("first").destroy()
    assert second.up().changes == {"create": 16}
    second.destroy()


def test_what_the_program_refuses_is_told_in_its_own_words(labs: Labs) -> None:
    with pytest.raises(ConfigError) as ours:
        labs.embedded("wrong", visionSku="S9").preview()
    with pytest.raises(ConfigError) as theirs:
        labs.pulumi("wrong", visionSku="S9").preview()
    assert (theirs.value.message, theirs.value.hint) == (ours.value.message, ours.value.hint)


def test_a_lock_of_the_clis_own_stops_us_and_a_dead_ones_does_not(labs: Labs) -> None:
    stack = labs.pulumi("locks")
    stack.preview()
    locks = labs.folder / "locks" / "pulumi" / "backend" / ".pulumi" / "locks" / "organization" / "visionlab" / "local"
    locks.mkdir(parents=True, exist_ok=True)
    lock = {"username": "somebody", "hostname": "here", "timestamp": "2026-11-20T00:00:00Z", "pid": os.getpid()}
    (locks / "another.json").write_text(json.dumps(lock))
    with pytest.raises(LabBusy, match="another update works on the stack local"):
        stack.up()
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    (locks / "another.json").write_text(json.dumps({**lock, "pid": ended.pid}))
    assert stack.refresh().changes == {}
    assert list(locks.glob("*.json")) == []


def test_plain_pulumi_in_a_shell_runs_the_project_and_its_state_is_ours_too(labs: Labs) -> None:
    pulumi = _Pulumi(labs, "shell")
    assert "22 to create" in pulumi("preview", "--expect-no-changes", expect=CHANGES_WERE_FOUND)
    pulumi("up", "--yes", "--skip-preview")
    pulumi("preview", "--expect-no-changes")
    state_file = labs.folder / "shell" / "stacks" / "local.json"
    state_file.parent.mkdir(parents=True)
    state_file.write_text(pulumi("stack", "export"))
    assert labs.embedded("shell").up().changes == {"same": 16}
    pulumi("destroy", "--yes", "--skip-preview")
    assert labs.embedded("shell").refresh().changes == {"delete": 16}


def test_plain_pulumi_imports_our_state_changes_nothing_and_gives_it_back(labs: Labs) -> None:
    labs.embedded("import").up()
    state_file = labs.folder / "import" / "stacks" / "local.json"
    pulumi = _Pulumi(labs, "import")
    pulumi("stack", "import", "--file", str(state_file))
    pulumi("up", "--yes", "--skip-preview", "--expect-no-changes")
    state_file.write_text(pulumi("stack", "export"))
    assert labs.embedded("import").up().changes == {"same": 16}
    labs.embedded("import").destroy()


def test_the_command_line_goes_on_after_a_killed_run_and_changes_engines_as_it_likes(shell: Shell, cli: Path) -> None:
    shell.run("init", "--template", "empty")
    shell.run("local", "start")
    checkpoint = shell.folder / ".visionlab/pulumi/backend/.pulumi/stacks/visionlab/local.json"
    with subprocess.Popen(
        [VISIONLAB, "lab", "up", "--engine", "pulumi"],
        cwd=shell.folder,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as killed:
        while not checkpoint.is_file() or "azure-native:resources:ResourceGroup" not in checkpoint.read_text():
            assert killed.poll() is None
            time.sleep(0.05)
        os.killpg(killed.pid, signal.SIGKILL)
    made = shell.json("lab", "up")["changes"]
    assert set(made) <= {"create", "same"}
    assert shell.json("lab", "up", "--engine", "pulumi")["changes"] == {"same": sum(made.values())}
    assert shell.json("lab", "down", "--yes")["left_behind"] == []


class _Pulumi:
    """`pulumi` as a user types it, in a copy of the project, with the settings that `visionlab local env` prints."""

    def __init__(self, labs: Labs, suffix: str) -> None:
        self.project, self.cli = _project_for_a_shell(labs), labs.cli
        host = ROOT / "tests" / "e2e" / "plain_pulumi"
        here = {key: value for key, value in os.environ.items() if not key.startswith("PULUMI_")}
        self.environment = {
            **here,
            **labs.variables,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), str(host), os.environ["PATH"]]),
            "PULUMI_HOME": str(labs.folder / "pulumi-home"),
            "PULUMI_BACKEND_URL": (labs.folder / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
        (labs.folder / "backend").mkdir()
        self("stack", "init", "local")
        for key, value in {"lab": "two-engines", "suffix": suffix, "resourceGroup": f"rg-{suffix}"}.items():
            self("config", "set", f"visionlab:{key}", value)

    def __call__(self, *arguments: str, expect: int = 0) -> str:
        done = subprocess.run(
            [self.cli, "--non-interactive", *arguments],
            cwd=self.project,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == expect, f"pulumi {' '.join(arguments)}\n{done.stdout}\n{done.stderr}"
        return done.stdout


def _project_for_a_shell(labs: Labs) -> Path:
    """The repository's project, with the one setting that a test needs: where the provider is."""
    project = labs.folder / "project"
    project.mkdir()
    shutil.copytree(ROOT / "stacks", project / "stacks")
    shutil.copytree(ROOT / "infra", project / "infra", ignore=shutil.ignore_patterns("__pycache__"))
    labs.pulumi("plugin").preview()  # makes the provider's starter
    settings = yaml.safe_load((ROOT / "Pulumi.yaml").read_text("utf-8"))
    settings["runtime"] = {"name": "python"}
    settings["plugins"] = {
        "providers": [{"name": "azure-native", "path": str(labs.folder / "plugin" / "pulumi" / "plugins")}]
    }
    (project / "Pulumi.yaml").write_text(yaml.safe_dump(settings))
    return project


def _plain(text: str) -> Any:
    for pattern, word in ((GUID, "<guid>"), (TIME, "<time>"), (ETAG, "<etag>")):
        text = pattern.sub(word, text)
    return json.loads(text)


def _comparable(stack: Stack) -> dict[str, Any]:
    """The exported state by URN, without what must differ; sets of dependencies in one order."""
    found = _plain(json.dumps(stack.export()))["deployment"]["resources"]
    result: dict[str, Any] = {}
    for resource in found:
        kept = {key: value for key, value in resource.items() if key not in NOT_COMPARED}
        kept["dependencies"] = sorted(kept.get("dependencies", []))
        kept["propertyDependencies"] = {
            name: sorted(urns) for name, urns in kept.get("propertyDependencies", {}).items() if urns
        }
        result[resource["urn"]] = kept
    return result
