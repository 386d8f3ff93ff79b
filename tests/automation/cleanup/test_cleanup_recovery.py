"""What was deleted comes back by the request that its service documents, into a group that is made again."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from automation.azure import Arm
from automation.cleanup.kinds import ACCOUNTS, LOGS, ML, SOFT_KINDS, VAULTS
from automation.cleanup.recovery import SoftDeleted, list_recoverable, recover, unlisted_workspace
from automation.errors import ServiceError, Unauthorized
from tests.automation.azure.fakes import START, FakeClock, an_arm
from tests.automation.cleanup.small_azure import S, SmallAzure, error

G = f"{S}/resourceGroups/rg-fruit"
TAGS = {"visionlab:lab": "fruit", "owner": "x"}


class Kept:
    """Answers the three lists of what is soft-deleted, and PUTs."""

    def __init__(self, *, live: tuple[str, ...] = (), refuse: str = "") -> None:
        self.live, self.refuse = live, refuse
        self.puts: list[tuple[str, Any]] = []

    def arm(self) -> Arm:
        return an_arm(self, FakeClock())

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path
        if request.method == "PUT":
            if self.refuse and self.refuse in path:
                return error(400, "BadRequest")
            self.puts.append((path.removeprefix(S), json.loads(request.content)))
            return httpx.Response(200, json={"id": path, "properties": {"provisioningState": "Succeeded"}})
        dates = {"deletionDate": "2026-11-20T11:00:00Z", "scheduledPurgeDate": "2026-11-22T11:00:00Z"}
        place = f"{S}/providers/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg-fruit"
        account = {"id": f"{place}/deletedAccounts/cv", "location": "eastus", "kind": "ComputerVision", "tags": TAGS,
                   "sku": {"name": "S1"}, "properties": dates}  # fmt: skip
        vault = {"id": "/v", "name": "kv", "properties": {
            "vaultId": f"{G}/providers/{VAULTS}/kv", "location": "eastus", "tags": TAGS, **dates}}  # fmt: skip
        logs = {"id": f"{G}/providers/{LOGS}/log", "name": "log", "location": "eastus", "tags": TAGS}
        lists = {"deletedAccounts": account, "deletedVaults": vault, "deletedWorkspaces": logs}
        if (leaf := path.rpartition("/")[2]) in lists:
            return httpx.Response(200, json={"value": [lists[leaf]]})
        return httpx.Response(200, json={"id": path}) if path in self.live else error(404, "ResourceNotFound")


def listed(azure: Kept) -> dict[str, SoftDeleted]:
    return {one.type: one for one in list_recoverable(azure.arm(), S.rpartition("/")[2], tenant="t")}


def test_everything_that_is_kept_is_listed_with_its_last_moment() -> None:
    found = listed(Kept())
    until = datetime(2026, 11, 22, 11, tzinfo=UTC)
    assert {kind: (one.name, one.group, one.until) for kind, one in found.items()} == {
        ACCOUNTS: ("cv", "rg-fruit", until),
        VAULTS: ("kv", "rg-fruit", until),
        LOGS: ("log", "rg-fruit", None),
    }


BODIES: dict[str, dict[str, Any]] = {
    ACCOUNTS: {"kind": "ComputerVision", "sku": {"name": "S1"}, "properties": {"restore": True}},
    VAULTS: {"properties": {"tenantId": "t", "sku": {"family": "A", "name": "standard"}, "createMode": "recover"}},
    LOGS: {"properties": {}},
    ML: {"identity": {"type": "SystemAssigned"}, "properties": {"allowRecoverSoftDeletedWorkspace": True}},
}


@pytest.mark.parametrize("kind", BODIES)
def test_each_kind_comes_back_by_its_own_request_into_a_group_made_again(kind: str) -> None:
    azure = Kept()
    workspace = unlisted_workspace(f"{G}/providers/{ML}/mlw", location="eastus", tags=TAGS)
    one = {**listed(azure), ML: workspace}[kind]
    done = recover(azure.arm(), [one], clock=FakeClock())
    assert [recovered.failure for recovered in done] == [None]
    assert azure.puts == [
        ("/resourceGroups/rg-fruit", {"location": "eastus", "tags": {"visionlab:lab": "fruit"}}),
        (one.id.removeprefix(S), {"location": "eastus", **BODIES[kind]}),
    ]


def test_every_kind_that_is_kept_and_listed_is_brought_back_or_said_not_to_be() -> None:
    assert {kind.type for kind in SOFT_KINDS if kind.type in BODIES} == {*BODIES}


def test_workspaces_come_last_and_one_failure_keeps_no_other() -> None:
    azure = Kept(live=(G,), refuse="/accounts/")
    found = listed(azure)
    workspace = unlisted_workspace(f"{G}/providers/{ML}/mlw", location="eastus")
    done = recover(azure.arm(), [workspace, *found.values()], clock=FakeClock())
    assert {one.what.name for one in done if one.failure is None} == {"kv", "log", "mlw"}
    assert azure.puts[-1][0].endswith("/mlw")
    assert not any(path == "/resourceGroups/rg-fruit" for path, _ in azure.puts)


def test_what_is_there_is_left_alone() -> None:
    at = f"{G}/providers/{ML}/mlw"
    azure = Kept(live=(G, at))
    (done,) = recover(azure.arm(), [unlisted_workspace(at, location="eastus")], clock=FakeClock())
    assert str(done.failure) == "mlw is there: nothing to bring back"
    assert azure.puts == []


def test_after_its_time_nothing_is_asked_for() -> None:
    azure, clock = Kept(live=(G,)), FakeClock()
    clock.sleep((datetime(2026, 11, 22, 11, tzinfo=UTC) - START) / timedelta(seconds=1))
    (done,) = recover(azure.arm(), [listed(azure)[ACCOUNTS]], clock=clock)
    assert str(done.failure) == "cv could be brought back until 2026-11-22 11:00 UTC"
    assert azure.puts == []


def test_a_group_that_cannot_be_made_is_the_failure_of_all_in_it() -> None:
    azure = Kept(refuse="/resourceGroups/rg-fruit")
    done = recover(azure.arm(), list(listed(azure).values()), clock=FakeClock())
    assert [isinstance(one.failure, ServiceError) for one in done] == [True, True, True]


def test_a_list_that_cannot_be_read_is_an_error() -> None:
    azure = SmallAzure()
    azure.unreadable.add("deletedVaults")
    with pytest.raises(Unauthorized):
        list_recoverable(azure.arm(), S.rpartition("/")[2], tenant="t")
