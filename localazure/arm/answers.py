"""What a service answers, before HTTP: status, JSON body, headers; and what a request is.

Owns: the two values and the headers of long-running operations. Leaves: Starlette to `routes.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.arm.ids import Target
from localazure.identity import Caller

__all__ = ["Answer", "ArmRequest", "polling"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmRequest:
    """One request, parsed. `body` is {} when none was sent; `query` has lower-case names without `$`."""

    method: str
    target: Target
    query: Mapping[str, str]
    body: Mapping[str, Any]
    caller: Caller
    api_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `body` None sends no body."""

    status: int = 200
    body: Mapping[str, Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


def polling(
    origin: str, subscription: str, namespace: str, location: str, operation_id: str, *, status: bool, result: bool
) -> dict[str, str]:
    """Headers that lead to the operation: Azure-AsyncOperation (`status`), Location (`result`), and when to ask."""
    base = f"{origin}/subscriptions/{subscription}/providers/{namespace}/locations/{location or 'global'}"
    # Retry-After 0 would make azure-core wait its default of 30 s; the millisecond header is the precise one.
    headers = {"Retry-After": "1", "x-ms-retry-after-ms": "150"}
    if status:
        headers["Azure-AsyncOperation"] = f"{base}/operationStatuses/{operation_id}?api-version=2024-01-01"
    if result:
        headers["Location"] = f"{base}/operationResults/{operation_id}?api-version=2024-01-01"
    return headers
