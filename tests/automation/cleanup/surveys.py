"""What a clean-up may find: groups and resources with defaults, for the rules."""

from datetime import date
from typing import Any

from automation.cleanup.select import select
from automation.cleanup.targets import Target
from automation.cleanup.types import DeletedResource, GroupSurvey, Lock, Resource, Rules, Selection, Survey

S = "/subscriptions/s1"
TODAY = date(2026, 11, 21)
STORAGE = "Microsoft.Storage/storageAccounts"
ACCOUNT = "Microsoft.CognitiveServices/accounts"
VAULT = "Microsoft.KeyVault/vaults"
LOGS = "Microsoft.OperationalInsights/workspaces"
ML = "Microsoft.MachineLearningServices/workspaces"
FRUIT = {"visionlab:lab": "fruit", "visionlab:stack": "azure"}


def group_id(name: str = "rg-fruit") -> str:
    return f"{S}/resourceGroups/{name}"


def a_resource(kind: str = STORAGE, name: str = "store", *, group: str = "rg-fruit", **changes: Any) -> Resource:
    fields: dict[str, Any] = {
        "id": f"{group_id(group)}/providers/{kind}/{name}",
        "type": kind,
        "name": name,
        "location": "eastus",
        "tags": FRUIT,
    }
    return Resource(**(fields | changes))


def a_group(
    *resources: Resource,
    name: str = "rg-fruit",
    tags: dict[str, str] | None = None,
    managed_by: str = "",
    **changes: Any,
) -> GroupSurvey:
    own = Resource(
        id=group_id(name),
        type="Microsoft.Resources/resourceGroups",
        name=name,
        location="eastus",
        tags=FRUIT if tags is None else tags,
    )
    fields: dict[str, Any] = {"locks": (), "deleted": ()}
    return GroupSurvey(group=own, managed_by=managed_by, resources=resources, **(fields | changes))


def a_lock(scope: str, name: str = "freeze", *, notes: str = "finance") -> Lock:
    return Lock(id=f"{scope}/providers/Microsoft.Authorization/locks/{name}", notes=notes)


def choose(
    *groups: GroupSurvey, target: Target | None = None, rules: Rules | None = None, today: date = TODAY, **found: Any
) -> Selection:
    survey = Survey(subscription="s1", groups=groups, **found)
    return select(survey, target or Target.lab("fruit"), rules or Rules(), today)


def items_of(selection: Selection) -> list[str]:
    return [item.name for item in selection.items]


def kept_of(selection: Selection) -> dict[str, str]:
    return {kept.name: f"{kept.reason.value}: {kept.words}" for kept in selection.kept}


def a_survey(*groups: GroupSurvey) -> Survey:
    return Survey(subscription="s1", groups=groups)


def left_over(tags: dict[str, str]) -> GroupSurvey:
    """A soft-deleted account whose group is gone."""
    old = DeletedResource(
        original_id=f"{group_id()}/providers/{ACCOUNT}/old", type=ACCOUNT, name="old", location="eastus", tags=tags
    )
    return GroupSurvey(group=None, managed_by="", resources=(), locks=(), deleted=(old,))
