"""Azure, the real one or the local one, as the checks see it: a handful of questions, each asked once.

Owns: the questions, their api-versions, and keeping the answers, for several checks look at the same ones.
Leaves: what the answers mean to the checks. It reads only; what changes something is in `remedies.py`.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar, cast

from automation.provision.asked import AskedResource

__all__ = ["Once", "Reads", "Service"]

T = TypeVar("T")

SUBSCRIPTIONS, PROVIDERS, PERMISSIONS, ACCOUNTS = "2022-12-01", "2021-04-01", "2022-04-01", "2024-10-01"
VAULTS, LOGS, STORAGE, ML, GROUPS = "2023-07-01", "2023-09-01", "2024-01-01", "2025-12-01", "2024-03-01"


class Reads(Protocol):
    """What the checks need of `automation.azure.Arm`."""

    def get(self, resource_id: str, *, api_version: str) -> dict[str, Any]: ...
    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None: ...
    def list(
        self, path: str, *, api_version: str, params: Mapping[str, str] | None = None
    ) -> Iterator[dict[str, Any]]: ...
    def post(
        self, path: str, body: Mapping[str, Any] | None = None, *, api_version: str, deadline_s: float = 60.0
    ) -> dict[str, Any]: ...


class Once(Generic[T]):
    """A question that is asked once, whoever asks first; the others get the same answer, or the same error."""

    def __init__(self, ask: Callable[[], T]) -> None:
        self._ask, self._lock = ask, threading.Lock()
        self._answer: list[T] = []
        self._error: Exception | None = None

    def __call__(self) -> T:
        with self._lock:
            if self._error is not None:
                raise self._error
            if not self._answer:
                try:
                    self._answer.append(self._ask())
                except Exception as exc:
                    self._error = exc
                    raise
            return self._answer[0]


@dataclass(kw_only=True)
class Service:
    """One subscription.

    Attributes:
        arm: Asks.
        skew: How far our clock is ahead of the service's.
        asked: What the lab would make here. Raises what is wrong with its settings.
    """

    arm: Reads
    subscription_id: str
    tenant_id: str | None
    is_local: bool
    skew: Callable[[], timedelta]
    now: Callable[[], datetime]
    asked: Callable[[], tuple[AskedResource, ...]]
    _known: dict[str, Once[Any]] = field(default_factory=dict[str, Once[Any]], repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def scope(self) -> str:
        return f"/subscriptions/{self.subscription_id}"

    def subscription(self) -> dict[str, Any]:
        return self._once("subscription", lambda: self.arm.get(self.scope, api_version=SUBSCRIPTIONS))

    def provider(self, namespace: str) -> dict[str, Any] | None:
        """What Azure says of a resource provider; None when it knows none of this name."""
        path = f"{self.scope}/providers/{namespace}"
        return self._once(path, lambda: self.arm.find(path, api_version=PROVIDERS))

    def resource(self, resource_id: str, api_version: str) -> dict[str, Any] | None:
        return self._once(resource_id.lower(), lambda: self.arm.find(resource_id, api_version=api_version))

    def group(self) -> tuple[AskedResource, dict[str, Any] | None] | None:
        """The lab's group as it is asked for and as it is; None when the lab asks for none."""
        wanted = next((one for one in self.asked() if one.type == "Microsoft.Resources/resourceGroups"), None)
        if wanted is None or wanted.id is None:
            return None
        return wanted, self.resource(wanted.id, GROUPS)

    def permissions(self, scope: str) -> list[dict[str, Any]]:
        """What we may do at a scope, role by role."""
        return self._list(f"{scope}/providers/Microsoft.Authorization/permissions", PERMISSIONS)

    def accounts(self) -> list[dict[str, Any]]:
        """All AI accounts of the subscription."""
        return self._list(f"{self.scope}/providers/Microsoft.CognitiveServices/accounts", ACCOUNTS)

    def deleted_accounts(self) -> list[dict[str, Any]]:
        return self._list(f"{self.scope}/providers/Microsoft.CognitiveServices/deletedAccounts", ACCOUNTS)

    def deleted_vaults(self) -> list[dict[str, Any]]:
        return self._list(f"{self.scope}/providers/Microsoft.KeyVault/deletedVaults", VAULTS)

    def deleted_log_workspaces(self) -> list[dict[str, Any]]:
        return self._list(f"{self.scope}/providers/Microsoft.OperationalInsights/deletedWorkspaces", LOGS)

    def storage_usages(self, location: str) -> list[dict[str, Any]]:
        return self._list(f"{self.scope}/providers/Microsoft.Storage/locations/{location}/usages", STORAGE)

    def ml_usages(self, location: str) -> list[dict[str, Any]]:
        place = f"providers/Microsoft.MachineLearningServices/locations/{location}/usages"
        return self._list(f"{self.scope}/{place}", ML)

    def vm_sizes(self, location: str) -> list[dict[str, Any]]:
        place = f"providers/Microsoft.MachineLearningServices/locations/{location}/vmSizes"
        path = f"{self.scope}/{place}"
        found = self._once(path, lambda: self.arm.get(path, api_version=ML))
        rows = cast("object", found.get("value") or found.get("amlCompute"))
        return cast("list[dict[str, Any]]", rows) if isinstance(rows, list) else []

    def check_name(self, action: str, body: Mapping[str, Any], api_version: str) -> dict[str, Any]:
        """A checkNameAvailability call; it changes nothing."""
        return self.arm.post(f"{self.scope}/providers/{action}", body, api_version=api_version)

    def _list(self, path: str, api_version: str) -> list[dict[str, Any]]:
        return self._once(path, lambda: list(self.arm.list(path, api_version=api_version)))

    def _once(self, key: str, ask: Callable[[], T]) -> T:
        with self._lock:
            once = self._known.setdefault(key, Once(ask))
        return cast("T", once())
