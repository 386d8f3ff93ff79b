"""What a clean-up's things and acts are called where people read of them."""

from automation.cleanup.kinds import GROUP, row_of
from automation.cleanup.types import Item, Stage

__all__ = ["item_words", "label_of", "step_words"]

# Kinds that have no row of their own, by the last part of their type.
_NAMES = {
    "storageaccounts": "storage account",
    "components": "Application Insights",
    "registries": "container registry",
    "userassignedidentities": "managed identity",
    "roleassignments": "role assignment",
    "locks": "lock",
    "deployments": "deployment",
}


def label_of(resource_type: str) -> str:
    """The kind, as people say it; the type itself where nobody has a word for it."""
    if resource_type.lower() == GROUP.lower():
        return "resource group"
    row = row_of(resource_type)
    return row.label if row else _NAMES.get(resource_type.rpartition("/")[2].lower(), resource_type)


def item_words(item: Item) -> str:
    """A planned thing: "AI account cv-fruit"."""
    return f"{label_of(item.type)} {item.name}"


def step_words(item: Item) -> str:
    """What is done to a planned thing that does not go with its group."""
    if item.stage is Stage.GROUP:
        return f"delete {item_words(item)} with everything in it"
    if item.stage is Stage.UNLOCK:
        return f"remove lock {item.name}"
    if item.is_deleted:
        return f"purge deleted {item_words(item)}"
    return f"delete {'and purge ' if item.purge else ''}{item_words(item)}"
