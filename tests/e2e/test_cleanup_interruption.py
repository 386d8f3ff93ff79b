"""`visionlab cleanup run`, stopped again and again on a real local Azure: no orphan, nothing foreign is touched."""

import json
import os
import random
import signal
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from automation.azure import Arm, Rest, local_cloud, local_tokens
from automation.clock import SystemClock
from automation.local import LocalAzure
from tests.e2e.conftest import Shell

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]

ACCOUNT, VAULT = "Microsoft.CognitiveServices/accounts", "Microsoft.KeyVault/vaults"
STORAGE, ML = "Microsoft.Storage/storageAccounts", "Microsoft.MachineLearningServices/workspaces"
BLOB_READER, READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "acdd72a7-3385-48ef-bd42-f606fba81ae7"
VERSIONS = {ACCOUNT: "2024-10-01", VAULT: "2023-07-01", STORAGE: "2023-05-01", ML: "2024-04-01"}
SEATS = 3


@dataclass(frozen=True, kw_only=True)
class Course:
    """Seats that are made by ARM calls alone, beside what is not the course's."""

    arm: Arm
    subscription: str
    tenant: str
    caller: str

    def group(self, name: str, tags: dict[str, str]) -> str:
        at = f"{self.subscription}/resourceGroups/{name}"
        self.arm.put(at, {"location": "eastus", "tags": tags}, api_version="2021-04-01")
        return at

    def put(self, group: str, of: str, name: str, tags: dict[str, str], **more: Any) -> str:
        at = f"{group}/providers/{of}/{name}"
        body = {"location": "eastus", "tags": tags, "properties": {}, **more}
        self.arm.put(at, body, api_version=VERSIONS[of])
        return at

    def store(self, group: str, name: str, tags: dict[str, str]) -> str:
        return self.put(group, STORAGE, name, tags, kind="StorageV2", sku={"name": "Standard_LRS"})

    def seat(self, number: int) -> str:
        seat = f"s{number}"
        tags = {"visionlab:course": "botany", "visionlab:seat": seat, "visionlab:lab": f"botany-{seat}",
                "visionlab:stack": f"botany.{seat}"}  # fmt: skip
        group = self.group(f"rg-botany-{seat}", tags)
        store = self.store(group, f"stbotany{seat}", tags)
        sku = {"family": "A", "name": "standard"}
        properties = {"tenantId": self.tenant, "enableRbacAuthorization": True, "sku": sku}
        vault = self.put(group, VAULT, f"kv-botany-{seat}", tags, properties=properties)
        self.put(group, ACCOUNT, f"cv-botany-{seat}", tags, kind="ComputerVision", sku={"name": "S1"})
        links = {"storageAccount": store, "keyVault": vault}
        self.put(group, ML, f"mlw-botany-{seat}", tags, identity={"type": "SystemAssigned"}, properties=links)
        return group

    def role(self, scope: str, role: str, description: str) -> str:
        at = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        properties = {
            "roleDefinitionId": f"{self.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}",
            "principalId": self.caller,
            "principalType": "ServicePrincipal",
            "description": description,
        }
        self.arm.put(at, {"properties": properties}, api_version="2022-04-01")
        return at

    def there(self) -> set[str]:
        """Ids of groups and resources that are live or soft-deleted."""
        live = [
            entry["id"]
            for leaf in ("resources", "resourceGroups")
            for entry in self.arm.list(f"{self.subscription}/{leaf}", api_version="2021-04-01")
        ]
        kept = {"Microsoft.CognitiveServices/deletedAccounts": "2024-10-01",
                "Microsoft.KeyVault/deletedVaults": "2023-07-01"}  # fmt: skip
        deleted = [
            entry["id"]
            for path, version in kept.items()
            for entry in self.arm.list(f"{self.subscription}/providers/{path}", api_version=version)
        ]
        return {*live, *deleted}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Course, Shell]]:
    home = tmp_path_factory.mktemp("home")
    local = LocalAzure(home / "local", clock=SystemClock())
    connection = local.ensure_started()
    cloud = local_cloud(connection)
    tokens = local_tokens(cloud, str(connection["client_id"]), str(connection["client_secret"]))
    with Rest(cloud, tokens) as rest:
        made = Course(
            arm=Arm(rest, cloud),
            subscription=f"/subscriptions/{cloud.subscription_id}",
            tenant=cloud.tenant_id or "",
            caller=str(connection["object_id"]),
        )
        yield made, Shell(home, environment={"VISIONLAB_HOME": str(home)})
    local.stop()


def lines_in(journal: Path) -> int:
    return journal.read_bytes().count(b"\n") if journal.exists() else 0


def stopped_at(shell: Shell, journal: Path, records: int, by: signal.Signals) -> bool:
    """Run the plan and stop it when its journal has so many records more; False when it ended before."""
    wanted = lines_in(journal) + records
    process = shell.start("cleanup", "run", "plan.json", "--confirm", "botany", "--json")
    end = time.monotonic() + 60
    while lines_in(journal) < wanted and process.poll() is None:
        assert time.monotonic() < end, "the run neither wrote nor ended"
        time.sleep(0.002)
    over = process.poll() is not None
    if not over:
        os.kill(process.pid, by)
    out, err = process.communicate(timeout=30)
    if not over and by is signal.SIGINT:
        assert process.returncode == 3, err
        assert json.loads(out)["error"]["hint"] == "repeat the command to go on"
    return not over


def test_a_run_that_is_killed_again_and_again_ends_with_nothing_left_and_nothing_foreign_touched(
    course: tuple[Course, Shell],
) -> None:
    made, shell = course
    groups = [made.seat(number) for number in range(SEATS)]
    shared = made.store(made.group("rg-shared", {}), "stshared", {})
    neighbour = made.store(groups[-1], "stneighbour", {"team": "payroll"})
    theirs = made.role(shared, READER, "of another team")
    ours = made.role(shared, BLOB_READER, "Made by visionlab for lab botany-s1, stack botany.s1")
    shell.json("cleanup", "plan", "--course", "botany")
    plan = json.loads((shell.folder / "plan.json").read_text("utf-8"))
    journal = shell.folder / "cleanup" / f"{plan['id']}.jsonl"

    dice = random.Random(20261121)
    ways = [signal.SIGKILL, signal.SIGINT] * 4
    stops = [stopped_at(shell, journal, dice.randint(1, 9), by) for by in ways]
    result = shell.json("cleanup", "run", "plan.json", "--confirm", "botany")

    assert sum(stops) >= 4
    assert (result["proved"], result["failed"], result["open"], result["left_behind"]) == (True, [], [], [])
    kept = {neighbour, groups[-1], shared, shared.partition("/providers/")[0]}
    assert made.there() == kept
    assert made.arm.find(theirs, api_version="2022-04-01") is not None
    assert made.arm.find(ours, api_version="2022-04-01") is None
    again = made.seat(0)  # no name is kept back by what was deleted
    assert again in made.there()
    shell.json("cleanup", "verify", result["receipt"], "--chain", "--seal", result["seal"])


def test_what_somebody_deleted_by_hand_is_brought_back_and_then_cleaned_up(course: tuple[Course, Shell]) -> None:
    made, shell = course
    group = made.seat(7)
    made.arm.delete(group, api_version="2021-04-01")
    listed = shell.json("cleanup", "recover")["soft_deleted"]
    assert {one["id"].rpartition("/")[2] for one in listed} >= {"cv-botany-s7", "kv-botany-s7"}
    back = shell.json("cleanup", "recover", "--group", "rg-botany-s7", "--yes")["recovered"]
    assert [one["back"] for one in back] == [True, True]
    assert {at.rpartition("/")[2] for at in made.there() if at.startswith(group)} == {
        "rg-botany-s7", "cv-botany-s7", "kv-botany-s7",
    }  # fmt: skip
    shell.json("cleanup", "plan", "--course", "botany", "--seat", "s7")
    result = shell.json("cleanup", "run", "plan.json", "--confirm", "botany")
    assert result["proved"] is True
    assert not any("s7" in at for at in made.there())


def test_a_workspace_comes_back_while_its_storage_is_there(course: tuple[Course, Shell]) -> None:
    made, shell = course
    at = f"{made.seat(8)}/providers/{ML}/mlw-botany-s8"
    before = made.arm.get(at, api_version=VERSIONS[ML])["properties"]["workspaceId"]
    made.arm.delete(at, api_version=VERSIONS[ML])
    said = shell.json("cleanup", "recover", "--resource", at, "--location", "eastus", "--yes")
    assert said["recovered"][0]["back"] is True
    assert made.arm.get(at, api_version=VERSIONS[ML])["properties"]["workspaceId"] == before
