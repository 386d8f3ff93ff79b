"""Plans and their parts, with defaults."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from automation.cleanup.plan_file import sealed
from automation.cleanup.targets import Target
from automation.cleanup.types import CleanupPlan, Fate, Item, Kept, Reason, Rules, Stage
from automation.cost import Money
from tests.automation.azure.fakes import START, a_cloud

SUBSCRIPTION = a_cloud().subscription_id
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-fruit"


def an_item(**changes: Any) -> Item:
    fields: dict[str, Any] = {
        "id": f"{GROUP}/providers/Microsoft.CognitiveServices/accounts/cv-fruit",
        "type": "Microsoft.CognitiveServices/accounts",
        "name": "cv-fruit",
        "location": "eastus",
        "group": "rg-fruit",
        "stage": Stage.SOFT_DELETED_KINDS,
        "why": "belongs to lab fruit",
        "soft_deletable": True,
        "purge": True,
        "api_version": "2024-10-01",
        "sku": "S1",
        "monthly": Money(amount=Decimal("1.50"), currency="USD", per="month", dated=date(2026, 11, 1)),
        "tags": {"visionlab:lab": "fruit"},
    }
    return Item(**(fields | changes))


def a_cleanup_plan(**changes: Any) -> CleanupPlan:
    fields: dict[str, Any] = {
        "id": "",
        "made": START,
        "valid_until": START + timedelta(days=7),
        "cloud": "local",
        "tenant": a_cloud().tenant_id,
        "subscription": SUBSCRIPTION,
        "target": Target.lab("fruit", stack="local"),
        "rules": Rules(blocklist=("prod-*",)),
        "groups": (Fate(id=GROUP, name="rg-fruit", whole=False, words="holds what is not lab fruit's"),),
        "items": (an_item(), an_item(id=f"{GROUP}/providers/X.Y/z/ö", name="ö", monthly=None, stage=Stage.RESOURCES)),
        "kept": (
            Kept(
                id=f"{GROUP}/providers/Microsoft.Storage/storageAccounts/payroll",
                type="Microsoft.Storage/storageAccounts",
                name="payroll",
                group="rg-fruit",
                reason=Reason.FOREIGN,
                words="not made by visionlab",
            ),
        ),
        "confirm": "fruit",
    }
    return sealed(CleanupPlan(**(fields | changes)))
