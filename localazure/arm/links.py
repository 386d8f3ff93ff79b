"""References from one resource to another: none leads into a subscription that is not ours.

Owns: finding ids in a body. Pure. Leaves: whether the resource behind an id exists to the table.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from localazure.errors import AzureError

__all__ = ["check_links"]

_ID = re.compile(r"/+subscriptions/+([^/]+)(?:/.*)?", re.IGNORECASE)


def check_links(body: Mapping[str, Any], subscription_id: str) -> None:
    """AzureError 403 when any value, or the name of a property, is an id in another subscription."""
    for text in _texts({name: value for name, value in body.items() if name != "tags"}):
        found = _ID.fullmatch(text)
        if found is not None and found[1].lower() != subscription_id.lower():
            raise AzureError(
                403,
                "LinkedAuthorizationFailed",
                f"The client has permission on the resource itself; however, the linked subscription '{found[1][:60]}' "
                "was not found.",
            )


def _texts(value: object) -> Iterator[str]:
    waiting = [value]
    while waiting:
        current = waiting.pop()
        if isinstance(current, str):
            yield current
        elif isinstance(current, Mapping):
            waiting += [*current.keys(), *current.values()]  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType] JSON
        elif isinstance(current, list):
            waiting += current
