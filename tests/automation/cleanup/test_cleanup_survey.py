"""Looking at a subscription: everything or an error."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from automation.cleanup.survey import survey
from automation.cleanup.targets import Target
from automation.cleanup.types import Rules, Survey
from automation.errors import ServiceError
from tests.automation.cleanup.plans import an_item
from tests.automation.cleanup.small_azure import ACCOUNT, ML, STORAGE, SUBSCRIPTION, S, SmallAzure

FRUIT = {"visionlab:lab": "fruit", "visionlab:stack": "local"}


class Listing(SmallAzure):
    """The small Azure with other answers for some GETs, and a count of them."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, Any] = {}
        self.asked: list[str] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix(S)
        self.asked.append(path)
        if path in self.said:
            return httpx.Response(200, json=self.said[path])
        return super().__call__(request)


def look(azure: SmallAzure, target: Target | None = None, **more: Any) -> Survey:
    return survey(azure.arm(), target or Target.lab("fruit"), subscription=SUBSCRIPTION, **more)


def test_only_groups_that_are_concerned_are_asked_for_details() -> None:
    azure = Listing()
    azure.a_lab("fruit")
    azure.a_lab("pets")
    found = look(azure)
    assert [entry.group.name for entry in found.groups if entry.group] == ["rg-fruit"]
    assert sorted(path.rpartition("/")[2] for path in azure.asked if "/providers/" in path and "rg-" in path) == [
        "kv-fruit",
        "mlw-fruit",
    ]


def test_a_subscription_is_seen_by_as_many_requests_however_many_groups_it_has() -> None:
    few, many = Listing(), Listing()
    few.a_lab("fruit")
    for number in range(20):
        many.a_lab(f"lab-{number}")
    many.a_lab("fruit")
    look(few)
    look(many)
    assert len(few.asked) == len(many.asked)


def test_foreign_groups_are_seen_when_they_may_be_selected() -> None:
    azure = Listing()
    azure.group("theirs")
    assert look(azure, Target.older_than(30)).groups == ()
    rules = Rules(include_foreign=True, blocklist=("x",))
    assert len(look(azure, Target.older_than(30), rules=rules).groups) == 1


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/resources", {"type": STORAGE, "name": "x"}),
        ("/resources", {"id": "no-path", "type": STORAGE}),
        ("/resources", {"id": "/x", "tags": ["a"]}),
        ("/resources", {"id": "/x", "createdTime": "yesterday"}),
        ("/resourceGroups", {"name": "rg"}),
        ("/providers/Microsoft.Authorization/locks", {"id": "/subscriptions/s/somewhere"}),
        ("/providers/Microsoft.Authorization/roleAssignments", {"name": "r"}),
        ("/providers/Microsoft.Resources/deployments", {"name": "d"}),
        ("/providers/Microsoft.KeyVault/deletedVaults", {"name": "v", "properties": {}}),
    ],
)
def test_an_entry_that_cannot_be_read_is_an_error(path: str, entry: dict[str, Any]) -> None:
    azure = Listing()
    azure.said[path] = {"value": [entry]}
    with pytest.raises(ServiceError, match="an entry cannot be read"):
        look(azure)


def test_a_list_that_is_no_list_is_an_error() -> None:
    azure = Listing()
    azure.said["/resources"] = {"items": []}
    with pytest.raises(ServiceError, match='no "value" list'):
        look(azure)


def test_a_group_that_came_while_we_looked_is_asked_for() -> None:
    azure = Listing()
    group = azure.a_lab("fruit")
    azure.said["/resourceGroups"] = {"value": []}
    (entry,) = look(azure).groups
    assert (entry.group is not None and entry.group.id, len(entry.resources)) == (group, 5)


def test_a_group_that_went_while_we_looked_has_nothing_any_more() -> None:
    azure = Listing()
    azure.said["/resources"] = {
        "value": [{"id": f"{S}/resourceGroups/rg-fruit/providers/{STORAGE}/s", "type": STORAGE, "tags": FRUIT}]
    }
    (entry,) = look(azure).groups
    assert (entry.group, entry.resources) == (None, ())


def test_stores_are_looked_for_where_their_provider_is_registered() -> None:
    azure = Listing()
    azure.said["/providers/Microsoft.AppConfiguration"] = {"registrationState": "Registered"}
    at = f"{S}/resourceGroups/gone/providers/Microsoft.AppConfiguration/configurationStores/s"
    kept = {"configurationStoreId": at, "location": "eastus", "tags": FRUIT}
    azure.said["/providers/Microsoft.AppConfiguration/deletedConfigurationStores"] = {
        "value": [{"name": "s", "properties": kept}]
    }
    (entry,) = look(azure).groups
    assert [one.original_id for one in entry.deleted] == [at]
    assert not any("deletedservices" in path for path in azure.asked)


def test_kinds_without_a_row_get_their_providers_newest_version() -> None:
    azure = Listing()
    azure.add(azure.group("rg-fruit", lab="fruit"), "Contoso.Widgets/widgets", "w", lab="fruit")
    versions = ["2024-01-01", "2025-06-01", "2026-01-01-preview"]
    azure.said["/providers/contoso.widgets"] = {"resourceTypes": [{"resourceType": "widgets", "apiVersions": versions}]}
    (entry,) = look(azure).groups
    assert [resource.api_version for resource in entry.resources] == ["2025-06-01"]


def test_what_a_plan_knows_fills_in_what_lists_do_not_say() -> None:
    azure = Listing()
    group = azure.group("rg-fruit", lab="fruit", stack="local")
    account = azure.add(group, ACCOUNT, "cv")
    azure.deleted[account] = azure.live.pop(account)
    workspace = f"{group}/providers/{ML}/mlw"
    known = [
        replace(an_item(), id=account.upper(), tags=FRUIT),
        replace(an_item(), id=workspace, type=ML, name="mlw", tags=FRUIT),
    ]
    (entry,) = look(azure, known=known).groups
    assert [(one.name, dict(one.tags), one.is_listed) for one in entry.deleted] == [
        ("cv", FRUIT, True),
        ("mlw", FRUIT, False),
    ]


def test_what_is_created_is_a_day_in_utc() -> None:
    azure = Listing()
    group = azure.group("rg-fruit", lab="fruit")
    at = azure.add(group, STORAGE, "s", lab="fruit")
    azure.live[at]["createdTime"] = "2026-11-20T23:30:00-02:00"
    (entry,) = look(azure).groups
    assert str(entry.resources[0].created) == "2026-11-21"
