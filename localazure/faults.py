"""Faults by rule: what makes the local Azure answer 429, fail, be slow, or hang up, when a test wants that.

Owns: the rules and whom they hit: a request, a training, a deletion that gets stuck, a name that a soft-deleted
resource keeps. Leaves: doing it to those who ask.
"""

import re
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.errors import AzureError

__all__ = ["Fault", "Faults"]

_OF_REQUESTS = ("throttle", "error", "slow", "cut")
_KINDS = (*_OF_REQUESTS, "training", "stuck", "soft-deleted")


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. `path` is a regular expression searched in the path of a request, the id of a resource (stuck,
    soft-deleted), or the name of a model (training); `left` None means: every time.
    """

    id: str
    kind: str
    method: str | None
    path: re.Pattern[str]
    status: int
    code: str
    retry_after_s: int
    seconds: float
    left: int | None

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "kind": self.kind,
            "method": self.method,
            "path": self.path.pattern,
            "status": self.status,
            "code": self.code,
            "retryAfter": self.retry_after_s,
            "seconds": self.seconds,
            "left": self.left,
        }

    def error(self) -> AzureError:
        """What a throttle or an error fault answers."""
        if self.kind == "throttle":
            return AzureError(
                429,
                "TooManyRequests",
                "The request was throttled by a fault rule of the local Azure.",
                headers={"Retry-After": str(self.retry_after_s)},
            )
        headers = {"Retry-After": str(self.retry_after_s)} if self.status == 503 else {}
        return AzureError(self.status, self.code, "A fault rule of the local Azure made this error.", headers=headers)


class Faults:
    """The rules in force, in memory: a restart takes them away."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rules: list[Fault] = []

    def rules(self) -> list[dict[str, Any]]:
        with self._lock:
            return [rule.shown() for rule in self._rules]

    def replace(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Put `{"rules": [...]}` into force; AzureError 400 names what is wrong, then nothing changes."""
        rules = document.get("rules")
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            raise _wrong("'rules' must be a list")
        parsed = [_parse(rule, index) for index, rule in enumerate(rules)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] JSON
        with self._lock:
            self._rules = parsed
        return self.rules()

    def clear(self) -> None:
        with self._lock:
            self._rules = []

    def strike(self, method: str, path: str) -> Fault | None:
        """The first rule that hits this request; its count goes down."""
        return self._first(lambda rule: rule.kind in _OF_REQUESTS and rule.method in {None, method}, path)

    def training(self, model_name: str) -> str | None:
        """The service's error code with which the training of a model is to fail."""
        rule = self._first(lambda rule: rule.kind == "training", model_name)
        return None if rule is None else rule.code

    def stuck_s(self, resource_id: str) -> float:
        """How much longer the deletion of a resource or a group takes."""
        rule = self._first(lambda rule: rule.kind == "stuck", resource_id)
        return 0.0 if rule is None else rule.seconds

    def soft_deleted(self, resource_id: str) -> bool:
        """Whether the name of a new resource is as if kept by a soft-deleted one."""
        return self._first(lambda rule: rule.kind == "soft-deleted", resource_id) is not None

    def _first(self, meant: Callable[[Fault], bool], subject: str) -> Fault | None:
        if not self._rules:
            return None
        with self._lock:
            for rule in self._rules:
                if rule.left != 0 and meant(rule) and rule.path.search(subject):
                    if rule.left is not None:
                        rule.left -= 1
                    return rule
        return None


def _parse(rule: Any, index: int) -> Fault:
    where = f"rules[{index}]"
    if not isinstance(rule, Mapping):
        raise _wrong(f"{where} must be an object")
    unknown = set(rule) - {"kind", "method", "path", "status", "code", "retryAfter", "seconds", "count"}  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] JSON
    if unknown:
        raise _wrong(f"{where} has unknown keys: {', '.join(sorted(map(str, unknown)))}")  # pyright: ignore[reportUnknownArgumentType] JSON
    given: Mapping[str, Any] = rule  # pyright: ignore[reportUnknownVariableType] JSON
    if given.get("kind") not in _KINDS:
        raise _wrong(f"{where}.kind must be one of {', '.join(_KINDS)}")
    try:
        return Fault(
            id=str(uuid.uuid4()),
            kind=given["kind"],
            method=str(given["method"]).upper() if given.get("method") else None,
            path=re.compile(str(given.get("path", "")), re.IGNORECASE),
            status=int(given.get("status", 500)),
            code=str(given.get("code", "InternalServerError")),
            retry_after_s=max(1, int(given.get("retryAfter", 1))),
            seconds=float(given.get("seconds", 1.0)),
            left=None if given.get("count") is None else int(given["count"]),
        )
    except (ValueError, TypeError, re.error) as error:
        raise _wrong(f"{where}: {error}") from error


def _wrong(what: str) -> AzureError:
    return AzureError(400, "InvalidFaultRule", f"{what}.")
