"""Checks that ask Azure, each in its outcomes, on a subscription that only answers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from automation.clock import Clock
from automation.doctor import CHECKS, Finding, LabFacts, Machine, NotAsked, connected
from automation.doctor.connect import connected as connect
from automation.doctor.remedies import REGISTER_S, REMEDIES
from automation.doctor.rights import allows
from automation.doctor.service import Once, Service
from automation.errors import NotFound, Refused, Unauthorized, WaitTimeout
from automation.local import HostName
from automation.progress import silent
from automation.provision.asked import AskedResource, asked_resources

SUBSCRIPTION = "22222222-2222-4222-8222-222222222222"
S = f"/subscriptions/{SUBSCRIPTION}"
G = f"{S}/resourceGroups/rg-fruit-azure"
TAGS = {"visionlab:lab": "fruit", "visionlab:stack": "azure"}
COGNITIVE, VAULTS = "Microsoft.CognitiveServices/accounts", "Microsoft.KeyVault/vaults"
STORAGE, CLUSTERS = "Microsoft.Storage/storageAccounts", "Microsoft.MachineLearningServices/workspaces/computes"
OWNER = {"actions": ["*"], "notActions": []}
CONTRIBUTOR = {"actions": ["*"], "notActions": ["Microsoft.Authorization/*/Write", "Microsoft.Authorization/*/Delete"]}


def asked(type_: str, name: str, **inputs: Any) -> AskedResource:
    return AskedResource(type=type_, name=name, id=f"{G}/providers/{type_}/{name}", location="eastus", inputs=inputs)


GROUP = AskedResource(
    type="Microsoft.Resources/resourceGroups", name="rg-fruit-azure", id=G, location="eastus", inputs={"tags": TAGS}
)
ACCOUNT = asked(
    COGNITIVE, "cv-fruit", kind="ComputerVision", sku={"name": "F0"}, properties={"customSubDomainName": "cv-fruit"}
)
VAULT, BLOBS = asked(VAULTS, "kv-fruit"), asked(STORAGE, "stfruit", sku={"name": "Standard_LRS"})
GRANT = AskedResource(type="Microsoft.Authorization/roleAssignments", name="", id=None)
CLUSTER = asked(
    CLUSTERS,
    "train",
    properties={"properties": {"vmSize": "Standard_NC4as_T4_v3", "scaleSettings": {"maxNodeCount": 2}}},
)
LAB = (GROUP, ACCOUNT, VAULT, BLOBS, GRANT)


@dataclass
class FakeArm:
    """Answers by path, without case; what it was never told is not there."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    lists: dict[str, list[dict[str, Any]]] = field(default_factory=dict[str, list[dict[str, Any]]])
    posts: list[str] = field(default_factory=list[str])

    def get(self, resource_id: str, *, api_version: str) -> dict[str, Any]:
        found = self.find(resource_id, api_version=api_version)
        if found is None:
            raise NotFound("no", operation="get", status=404, code="ResourceNotFound")
        return found

    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None:
        assert api_version
        return self.documents.get(resource_id.lower())

    def list(self, path: str, *, api_version: str, params: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        assert api_version
        yield from self.lists.get(path.lower(), [])

    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, api_version: str, deadline_s: float = 60.0
    ) -> dict[str, Any]:
        self.posts.append(path)
        return self.documents.get(path.lower(), {})

    def told(self, path: str, document: dict[str, Any]) -> None:
        self.documents[path.lower()] = document

    def listed(self, path: str, *items: dict[str, Any]) -> None:
        self.lists[path.lower()] = list(items)


def subscription(arm: FakeArm, *resources: AskedResource, skew: timedelta = timedelta()) -> Service:
    return Service(
        arm=arm,
        subscription_id=SUBSCRIPTION,
        tenant_id="t-1",
        is_local=False,
        skew=lambda: skew,
        now=lambda: datetime(2026, 11, 20, tzinfo=UTC),
        asked=lambda: resources or LAB,
    )


def look(service: Service, name: str, tmp_path: Path = Path("unused")) -> Finding:
    machine = Machine(environment={}, home=tmp_path, stack="azure", service=lambda: service)
    return next(check for check in CHECKS if check.name == name).look(machine)


def told(found: Finding) -> tuple[str, str]:
    return found.health.value, found.said


@pytest.fixture
def arm() -> FakeArm:
    fake = FakeArm()
    fake.told(S, {"displayName": "Teaching", "state": "Enabled", "tenantId": "T-1"})
    fake.listed(f"{S}/providers/Microsoft.Authorization/permissions", OWNER)
    for namespace in ("Microsoft.CognitiveServices", "Microsoft.KeyVault", "Microsoft.Storage"):
        types = [
            {"resourceType": kind, "locations": ["East US", "West US"]}
            for kind in ("accounts", "vaults", "storageAccounts")
        ]
        document = {"registrationState": "Registered", "resourceTypes": types}
        fake.told(f"{S}/providers/{namespace}", document)
    return fake


def test_an_empty_subscription_of_an_owner_lacks_nothing(arm: FakeArm) -> None:
    service = subscription(arm)
    names = [check.name for check in CHECKS[20:]]
    assert names[0] == "subscription"
    assert {name: look(service, name).health.value for name in names} == dict.fromkeys(names, "ok")


def test_a_subscription_of_another_tenant_or_a_disabled_one(arm: FakeArm) -> None:
    arm.told(S, {"displayName": "Teaching", "state": "Enabled", "tenantId": "t-2"})
    assert told(look(subscription(arm), "subscription")) == (
        "failure",
        "the subscription Teaching is of tenant t-2, and we are signed in to t-1",
    )
    arm.told(S, {"state": "Disabled", "tenantId": "t-1"})
    assert look(subscription(arm), "subscription").said.endswith("is Disabled: nothing can be made in it")
    arm.told(S, {"state": "Warned", "tenantId": "t-1"})
    assert look(subscription(arm), "subscription").health == "warning"
    arm.documents.clear()
    assert told(look(subscription(arm), "subscription")) == ("failure", "get: no [ResourceNotFound]")


@pytest.mark.parametrize(
    ("seconds", "health", "said"),
    [
        (0, "ok", "our clock is 0 s behind the service's"),
        (75, "warning", "our clock is 75 s ahead of the service's"),
        (-400, "failure", "our clock is 400 s behind the service's: tokens and signed links will be refused"),
    ],
)
def test_the_clock_of_the_service_decides(arm: FakeArm, seconds: int, health: str, said: str) -> None:
    assert told(look(subscription(arm, skew=timedelta(seconds=seconds)), "clock-skew")) == (health, said)


def test_providers_that_are_not_registered_are_named(arm: FakeArm) -> None:
    arm.told(f"{S}/providers/Microsoft.KeyVault", {"registrationState": "NotRegistered"})
    found = look(subscription(arm), "providers")
    assert told(found) == ("failure", "not registered in this subscription: Microsoft.KeyVault (NotRegistered)")
    assert found.remedy == "register-providers"
    arm.told(f"{S}/providers/Microsoft.KeyVault", {"registrationState": "Registering"})
    assert told(look(subscription(arm), "providers")) == (
        "warning",
        "still registering: Microsoft.KeyVault (Registering)",
    )


def test_what_a_contributor_may_not_do(arm: FakeArm) -> None:
    arm.listed(f"{S}/providers/Microsoft.Authorization/permissions", CONTRIBUTOR)
    found = look(subscription(arm), "rights")
    assert found.health == "failure"
    assert found.said.startswith("roles may not be assigned on the subscription (Microsoft.Authorization/roleAss")
    assert found.fix == "ask an owner for User Access Administrator on the subscription"
    assert look(subscription(arm), "purge-rights").health == "ok"


def test_an_owner_of_the_group_alone_makes_everything_and_purges_nothing(arm: FakeArm) -> None:
    arm.listed(f"{S}/providers/Microsoft.Authorization/permissions")
    arm.listed(f"{G}/providers/Microsoft.Authorization/permissions", OWNER)
    arm.told(G, {"location": "eastus", "tags": TAGS, "properties": {"provisioningState": "Succeeded"}})
    service = subscription(arm)
    assert look(service, "rights").health == "ok"
    found = look(service, "purge-rights")
    assert found.health == "warning"
    assert "deletedAccounts/delete, Microsoft.KeyVault/locations/deletedVaults/purge/action" in found.said
    assert "Cognitive Services Contributor and Key Vault Contributor on the subscription" in str(found.fix)


def test_a_reader_is_told_all_that_is_missing(arm: FakeArm) -> None:
    arm.listed(f"{S}/providers/Microsoft.Authorization/permissions", {"actions": ["*/read"]})
    found = look(subscription(arm), "rights")
    assert found.said.endswith("Microsoft.Storage/storageAccounts/write and 1 more")
    assert found.fix == "ask an owner for Contributor and User Access Administrator on the subscription"


@pytest.mark.parametrize(
    ("role", "action", "allowed"),
    [
        ({"actions": ["Microsoft.Storage/*"]}, "microsoft.storage/storageaccounts/write", True),
        ({"actions": ["*/write"]}, "Microsoft.KeyVault/vaults/write", True),
        ({"actions": ["*/write"]}, "Microsoft.KeyVault/vaults/write/more", False),
        ({"actions": ["Microsoft.Storage.*"]}, "MicrosoftXStorage/x", False),
        ({"actions": ["*"], "notActions": ["*/write"]}, "Microsoft.KeyVault/vaults/write", False),
        ({"actions": None}, "x", False),
        ({"actions": ["Microsoft.ML/ws/*/write"]}, "Microsoft.ML/ws/write", True),
        (
            {"actions": ["*"], "notActions": ["Microsoft.ML/ws/computes/*/write"]},
            "Microsoft.ML/ws/computes/write",
            False,
        ),
    ],
)
def test_actions_are_matched_as_azure_does(role: dict[str, Any], action: str, allowed: bool) -> None:
    assert allows([role], action) is allowed
    assert allows([role, OWNER], action) is True


@pytest.mark.parametrize(
    ("group", "health", "said"),
    [
        ({"location": "eastus", "tags": TAGS}, "ok", "rg-fruit-azure is this lab's already"),
        ({"properties": {"provisioningState": "Deleting"}}, "failure", "rg-fruit-azure is being deleted"),
        ({"managedBy": "/x/aks"}, "failure", "rg-fruit-azure is managed by /x/aks"),
        ({"location": "eastus"}, "failure", "rg-fruit-azure is there, and not made by visionlab"),
        (
            {"tags": {"VisionLab:Lab": "pets", "visionlab:stack": "local"}},
            "failure",
            "rg-fruit-azure is another lab's (pets on local)",
        ),
        (
            {"location": "West US", "tags": TAGS},
            "failure",
            "rg-fruit-azure is in West US, and the lab asks for eastus",
        ),
    ],
)
def test_the_group_as_it_is(arm: FakeArm, group: dict[str, Any], health: str, said: str) -> None:
    arm.told(G, group)
    assert told(look(subscription(arm), "group")) == (health, said)


def test_names_that_others_have(arm: FakeArm) -> None:
    arm.told(
        f"{S}/providers/Microsoft.Storage/checkNameAvailability", {"nameAvailable": False, "message": "It is taken."}
    )
    arm.told(
        f"{S}/providers/Microsoft.CognitiveServices/checkDomainAvailability",
        {"isSubdomainAvailable": False, "reason": "In use"},
    )
    found = look(subscription(arm), "taken-names")
    assert told(found) == ("failure", "taken: accounts cv-fruit: In use; storageAccounts stfruit: It is taken")
    arm.told(str(ACCOUNT.id), {"id": ACCOUNT.id})
    arm.told(str(BLOBS.id), {"id": BLOBS.id})
    assert told(look(subscription(arm), "taken-names")) == (
        "ok",
        "3 names that must be unique in the world were asked for, 2 of them there already and in this lab's group",
    )


def test_names_that_deleted_resources_keep(arm: FakeArm) -> None:
    place = "locations/eastus/resourceGroups/RG-fruit-azure/deletedAccounts/cv-fruit"
    gone = f"{S}/providers/Microsoft.CognitiveServices/{place}"
    arm.listed(f"{S}/providers/Microsoft.CognitiveServices/deletedAccounts", {"id": gone, "location": "eastus"})
    arm.listed(f"{S}/providers/Microsoft.KeyVault/deletedVaults", {"name": "KV-fruit"})
    arm.told(f"{S}/providers/Microsoft.KeyVault/checkNameAvailability", {"nameAvailable": False})
    service = subscription(arm)
    found = look(service, "soft-deleted")
    assert told(found) == ("failure", "deleted, and still keeping their names: accounts cv-fruit, vaults kv-fruit")
    assert found.fix == "purge: `az cognitiveservices account purge -l eastus -g rg-fruit-azure -n cv-fruit`"
    assert look(service, "taken-names").health == "ok"  # each is told once


def test_services_that_the_region_lacks(arm: FakeArm) -> None:
    types = [{"resourceType": "vaults", "locations": ["West US", "global"]}]
    arm.told(f"{S}/providers/Microsoft.KeyVault", {"registrationState": "Registered", "resourceTypes": types})
    assert told(look(subscription(arm), "regions")) == (
        "failure",
        "not offered: Microsoft.KeyVault/vaults in eastus (it is offered in westus)",
    )


def test_room_for_accounts_and_cores(arm: FakeArm) -> None:
    ml = f"{S}/providers/Microsoft.MachineLearningServices/locations/eastus"
    arm.listed(f"{S}/providers/Microsoft.Storage/locations/eastus/usages", {"currentValue": 250, "limit": 250})
    arm.told(f"{ml}/vmSizes", {"value": [{"name": "standard_nc4as_t4_v3", "family": "NCas", "vCPUs": 4}]})
    arm.listed(f"{ml}/usages", {"name": {"value": "ncas"}, "currentValue": 2, "limit": 8})
    found = look(subscription(arm, *LAB, CLUSTER), "quotas")
    assert told(found) == (
        "failure",
        "no room: storage accounts in eastus: 250 of 250; Standard_NC4as_T4_v3 x 2: 8 cores, 6 of 8 free (NCas)",
    )
    arm.told(f"{ml}/vmSizes", {"value": []})
    assert "Standard_NC4as_T4_v3 is not offered in eastus" in look(subscription(arm, *LAB, CLUSTER), "quotas").said


def test_the_one_free_account_of_a_kind(arm: FakeArm) -> None:
    accounts = f"{S}/providers/Microsoft.CognitiveServices/accounts"
    other = f"{S}/resourceGroups/rg-b/providers/{COGNITIVE}/cv-b"
    free = {"kind": "ComputerVision", "sku": {"name": "F0"}}
    arm.listed(
        accounts,
        {"id": ACCOUNT.id, "name": "cv-fruit", **free},
        {"id": other, "name": "cv-b", "kind": "Face", "sku": {"name": "F0"}},
    )
    assert told(look(subscription(arm), "free-accounts")) == ("ok", "the free account is not taken (ComputerVision)")
    arm.listed(accounts, {"id": other, "name": "cv-b", **free})
    gone = f"{S}/providers/Microsoft.CognitiveServices/locations/eastus/resourceGroups/rg-c/deletedAccounts/cv-c"
    arm.listed(f"{S}/providers/Microsoft.CognitiveServices/deletedAccounts", {"id": gone, "name": "cv-c", **free})
    found = look(subscription(arm), "free-accounts")
    assert found.health == "failure"
    assert found.said.endswith(
        "it is taken: cv-b in rg-b (ComputerVision), cv-c of rg-c (ComputerVision), deleted and not purged"
    )


def test_a_service_that_does_not_answer_is_a_warning_and_the_others_go_on(arm: FakeArm) -> None:
    class Closed(FakeArm):
        def list(
            self, path: str, *, api_version: str, params: Mapping[str, str] | None = None
        ) -> Iterator[dict[str, Any]]:
            raise Unauthorized("no", operation="list", status=403, code="AuthorizationFailed", hint="ask somebody")

    service = subscription(Closed(documents=arm.documents))
    found = look(service, "rights")
    assert (told(found), found.fix) == (
        ("warning", "no answer to go by: list: no [AuthorizationFailed]"),
        "ask somebody",
    )
    assert look(service, "providers").health == "ok"


def test_a_question_is_asked_once_and_an_error_is_kept() -> None:
    asked_times: list[int] = []

    def ask() -> int:
        asked_times.append(1)
        raise NotAsked("nobody")

    once = Once(ask)
    for _ in range(2):
        with pytest.raises(NotAsked, match="nobody"):
            once()
    assert asked_times == [1]


@dataclass
class Steps(Clock):
    """Time passes by sleeping only."""

    at: float = 0.0

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.at)

    def monotonic(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at += seconds


def test_registering_providers_waits_and_has_an_end(arm: FakeArm, tmp_path: Path) -> None:
    from automation.doctor.remedies import register_providers

    arm.told(f"{S}/providers/Microsoft.KeyVault", {"registrationState": "NotRegistered"})

    class Willing(FakeArm):
        def post(
            self, path: str, body: Mapping[str, Any] | None = None, *, api_version: str, deadline_s: float = 60.0
        ) -> dict[str, Any]:
            self.told(path.removesuffix("/register"), {"registrationState": "Registered"})
            return {}

    willing = subscription(Willing(documents=dict(arm.documents)))
    machine = Machine(environment={}, home=tmp_path, service=lambda: willing)
    assert register_providers(machine, silent, Steps()) == "registered Microsoft.KeyVault"
    slow, clock = subscription(arm), Steps()
    with pytest.raises(WaitTimeout, match="KeyVault is still NotRegistered"):
        register_providers(replace(machine, service=lambda: slow), silent, clock)
    assert REGISTER_S < clock.at < REGISTER_S + 10
    assert arm.posts == [f"{S}/providers/Microsoft.KeyVault/register"]


def test_host_names_are_added_at_the_end_and_only_once(tmp_path: Path) -> None:
    class Named(Machine):
        def host_names(self) -> list[HostName]:
            there = self.hosts_file.read_text()
            return [HostName(name=name, resolves=name in there) for name in ("a.blob.localhost", "b.vault.localhost")]

    hosts = tmp_path / "hosts"
    hosts.write_text("127.0.0.1 localhost")
    act = next(remedy for remedy in REMEDIES if remedy.name == "add-hosts").act
    machine = Named(environment={}, home=tmp_path, hosts_file=hosts)
    assert act(machine, silent) == f"added 2 lines to {hosts}"
    assert act(machine, silent) == "nothing was missing any more"
    assert hosts.read_text() == (
        "127.0.0.1 localhost\n127.0.0.1 a.blob.localhost # added by visionlab\n"
        "127.0.0.1 b.vault.localhost # added by visionlab\n"
    )
    with pytest.raises(Refused, match="is not ours to write to"):
        act(Named(environment={}, home=tmp_path, hosts_file=_folder(tmp_path / "is-a-folder")), silent)


def _folder(path: Path) -> Path:
    """Something that nobody can append to, and whose text is empty."""

    class Unwritable(type(path)):
        def read_text(self, *_: Any, **__: Any) -> str:
            return ""

    path.mkdir()
    return Unwritable(path)


def test_missing_folders_are_made(tmp_path: Path) -> None:
    act = next(remedy for remedy in REMEDIES if remedy.name == "make-folders").act
    wanted = (tmp_path / "a" / "b", tmp_path / "c")
    machine = Machine(environment={}, home=tmp_path, missing_folders=lambda: wanted)
    assert act(machine, silent) == f"made {wanted[0]}, {wanted[1]}"
    assert all(folder.is_dir() for folder in wanted)
    (tmp_path / "file").touch()
    with pytest.raises(Refused, match="cannot be made"):
        act(replace(machine, missing_folders=lambda: (tmp_path / "file" / "d",)), silent)


def test_without_anybody_signed_in_the_kinds_of_resources_are_known_still(tmp_path: Path) -> None:
    lab = LabFacts(said="x", settings={"lab": "fruit", "mlWorkspace": False})
    machine = connect(Machine(environment={"PATH": ""}, home=tmp_path, stack="azure", read_lab=lambda: lab))
    with pytest.raises(NotAsked, match="nobody is signed in"):
        machine.service()
    kinds = {one.type for one in machine.asked()}
    assert kinds >= {
        COGNITIVE,
        STORAGE,
        "Microsoft.Resources/resourceGroups",
        "Microsoft.Authorization/roleAssignments",
    }
    assert machine.uses() == {"custom-vision"}


def test_of_resources_that_are_provisioned_elsewhere_nothing_is_asked(arm: FakeArm, tmp_path: Path) -> None:
    lab = LabFacts(said="x", elsewhere=True)
    machine = connect(Machine(environment={"PATH": ""}, home=tmp_path, stack="azure", read_lab=lambda: lab))
    with pytest.raises(NotAsked, match="provisioned elsewhere"):
        machine.asked()
    service = replace(subscription(arm), asked=machine.asked)
    assert told(look(service, "rights")) == ("skipped", "not asked: the lab's resources are provisioned elsewhere")
    assert look(service, "subscription").health == "ok"


def test_the_local_azure_of_a_lab_may_be_in_another_folder(tmp_path: Path) -> None:
    assert Machine(environment={}, home=tmp_path / "a").local.state_dir == tmp_path / "a" / "local"
    machine = Machine(environment={}, home=tmp_path / "a", local_home=tmp_path / "b")
    assert machine.local.state_dir == tmp_path / "b" / "local"


def test_the_local_azure_is_not_started_to_be_asked(tmp_path: Path) -> None:
    machine = connected(Machine(environment={}, home=tmp_path))
    with pytest.raises(NotAsked, match="does not run") as caught:
        machine.service()
    assert caught.value.remedy == "start-local"
    assert list(tmp_path.iterdir()) == []


def test_what_a_program_asks_for_has_the_names_it_will_have() -> None:
    settings: dict[str, object] = {"lab": "fruit", "lock": True, "suffix": "abc123"}
    found = {one.name: one for one in asked_resources(stack="azure", config=settings, subscription_id=SUBSCRIPTION)}
    account = found["cv-fruit-abc123"]
    assert (account.type, account.kind, account.sku, account.location) == (
        COGNITIVE,
        "ComputerVision",
        "F0",
        "westeurope",
    )
    assert account.id == f"{G}/providers/{COGNITIVE}/cv-fruit-abc123"
    assert found["rg-fruit-azure"].id == G
    assert found["stfruitabc123"].type == STORAGE
    assert found["training-images"].type == f"{STORAGE}/blobServices/containers"
    assert found["lock-fruit-abc123"].type == "Microsoft.Authorization/locks"
