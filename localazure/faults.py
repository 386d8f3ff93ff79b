"""Faults by rule: what makes the local Azure answer 429, fail, be slow, or hang up, when a test wants that.

Owns: the rules and whom they hit: a request, an upload to the blob server, a training, a deletion that gets stuck, a
name that a soft-deleted resource keeps, or a resource that was there before (ghost) and cannot be purged (unpurgeable).
Leaves: doing it to those who ask, telling the blob server to `blob`.
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
_OF_BLOBS = "blob-cut"
_KINDS = (*_OF_REQUESTS, _OF_BLOBS, "training", "stuck", "soft-deleted", "ghost", "unpurgeable")


@dataclass(slots=True, kw_only=True)
class Fault:
    """One rule. `path` is a regular expression searched in the path of a request, the id of a resource (stuck,
    soft-deleted, ghost, unpurgeable), or the name of a model (training); `left` None means: every time. `drill` names
    the drill that it belongs to.
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
    drill: str | None = None

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
            **({"drill": self.drill} if self.drill else {}),
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
        self._tell: Callable[[Sequence[Mapping[str, Any]]], None] = lambda _: None
        self._struck: Callable[[], Mapping[str, int]] = dict[str, int]

    def on_blobs(
        self, tell: Callable[[Sequence[Mapping[str, Any]]], None], struck: Callable[[], Mapping[str, int]]
    ) -> None:
        """`tell` gives the blob server its rules, `struck` says how often each of them has hit."""
        self._tell, self._struck = tell, struck

    def rules(self, drill: str | None = None) -> list[dict[str, Any]]:
        """All rules, or those of one drill."""
        with self._lock:
            found = [rule for rule in self._rules if drill is None or rule.drill == drill]
            struck = self._struck() if any(rule.kind == _OF_BLOBS for rule in found) else dict[str, int]()
            return [_with_hits(rule.shown(), struck) for rule in found]

    def replace(self, document: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Put `{"rules": [...]}` into force; AzureError 400 names what is wrong, then nothing changes.

        Rules of drills stay as they are.
        """
        rules = document.get("rules")
        if not isinstance(rules, Sequence) or isinstance(rules, str):
            raise _wrong("'rules' must be a list")
        parsed = [_parse(rule, index) for index, rule in enumerate(rules)]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType] JSON
        self._exchange(lambda rule: rule.drill is None, parsed)
        return self.rules()

    def clear(self) -> None:
        """Take away all rules, except those of drills."""
        self._exchange(lambda rule: rule.drill is None, [])

    def begin(self, drill: str, rules: Sequence[Mapping[str, Any]]) -> None:
        """The rules of a drill, in place of those it had. AzureError 400 when one of them is wrong."""
        parsed = [_parse(rule, index) for index, rule in enumerate(rules)]
        for rule in parsed:
            rule.drill = drill
        self._exchange(lambda rule: rule.drill == drill, parsed)

    def end(self, drill: str) -> None:
        self._exchange(lambda rule: rule.drill == drill, [])

    def _exchange(self, gone: Callable[[Fault], bool], fresh: Sequence[Fault]) -> None:
        with self._lock:
            self._rules = [*(rule for rule in self._rules if not gone(rule)), *fresh]
            of_blobs = [rule.shown() for rule in self._rules if rule.kind == _OF_BLOBS]
        self._tell(of_blobs)

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

    def ghost(self, resource_id: str) -> bool:
        """Whether a new resource is to find that one of its name was there before, and is soft-deleted."""
        return self._first(lambda rule: rule.kind == "ghost", resource_id) is not None

    def unpurgeable(self, resource_id: str) -> bool:
        """Whether the service has lost sight of a soft-deleted resource."""
        return self._first(lambda rule: rule.kind == "unpurgeable", resource_id) is not None

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


def _with_hits(shown: dict[str, Any], struck: Mapping[str, int]) -> dict[str, Any]:
    """A rule of the blob server, which counts for itself."""
    if shown["kind"] != _OF_BLOBS or shown["left"] is None:
        return shown
    return {**shown, "left": max(0, shown["left"] - struck.get(shown["id"], 0))}


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
