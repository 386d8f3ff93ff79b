"""Long-running operations of Azure: from the first answer to the end of the work.

Owns: the ways Azure says "not yet" (Azure-AsyncOperation, Operation-Location, Location, provisioningState), and how
each of them ends.
Leaves: single requests and their retries to `rest.py`, which resource is meant to `arm.py`.
"""

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from automation.azure.problems import inner_problem
from automation.azure.redaction import redact
from automation.azure.rest import Response
from automation.azure.retry import retry_after_s
from automation.clock import Clock
from automation.errors import (
    Conflict,
    InvalidRequest,
    NotFound,
    OperationFailed,
    QuotaExceeded,
    ServiceError,
    WaitTimeout,
)

__all__ = ["Begun", "LongRunning", "provisioning_state"]

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15.0

_GOOD = frozenset({"succeeded"})
_BAD = frozenset({"failed", "canceled", "cancelled"})
_GONE = Response(status=204, headers={}, body=None)


def provisioning_state(resource: object) -> str:
    """What a resource's body says of its own making; empty when it says nothing."""
    if not isinstance(resource, dict):
        return ""
    properties = cast("dict[str, Any]", resource).get("properties")
    state = cast("dict[str, Any]", properties).get("provisioningState") if isinstance(properties, dict) else None
    return state if isinstance(state, str) else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LongRunning:
    """Follows one accepted request to its end.

    Attributes:
        get: Sends a GET to a URL, with a deadline in seconds; `Rest.send` with everything else filled in.
        clock: For pauses and the deadline.
        resource: What the work is on, for errors.
        deadline_s: Seconds from now; then WaitTimeout, and the work goes on without us.
    """

    get: Callable[[str, float], Response]
    clock: Clock
    resource: str
    deadline_s: float

    def finish(self, first: Response, *, method: str, url: str) -> Response:
        """Wait until the work that `first` accepted has ended, and give its result.

        Args:
            first: The answer to the request that started it.
            method: That request's method; it decides where the result is.
            url: That request's URL.

        Raises:
            OperationFailed: It ended badly; the service's code and message are in it.
            WaitTimeout: It is still running at the deadline.
        """
        begun = self.begin(first, method=method, url=url)
        while begun.result is None:
            self.clock.sleep(begun.pause_s())
            begun.look()
        return begun.result

    def begin(self, first: Response, *, method: str, url: str) -> "Begun":
        """The same without waiting: whoever has much under way looks at each now and then."""
        return Begun(self, self._looks(first, method, url), first)

    def _looks(self, first: Response, method: str, url: str) -> "Looks":
        """Which URL to look at next, as a flow: it is sent what came back, and returns the result."""
        monitor = first.headers.get("azure-asyncoperation") or first.headers.get("operation-location")
        location = first.headers.get("location")
        if monitor and first.status in {200, 201, 202}:
            yield from self._follow_monitor(monitor)
            return (yield from self._result(method, url, location, first))
        if location and first.status == 202:
            return (yield from self._follow_location(location, first, method, url))
        if method in {"PUT", "PATCH"} or first.status == 202:
            return (yield from self._follow_resource(first, method, url))
        return first

    def _follow_monitor(self, monitor: str) -> "Generator[Look, Response]":
        status = ""
        while True:
            answer = yield Look(url=monitor, status=status or "running")
            body = cast("dict[str, Any]", answer.body) if isinstance(answer.body, dict) else {}
            status = str(body.get("status") or provisioning_state(body) or "")
            if status.lower() in _GOOD or (not status and answer.status in {200, 204}):
                return
            if status.lower() in _BAD:
                raise self._failed(status, body.get("error"))

    def _follow_location(self, location: str, answer: Response, method: str, url: str) -> "Looks":
        try:
            while answer.status == 202:
                location = answer.headers.get("location") or location
                answer = yield Look(url=location, status="accepted")
        except NotFound:
            if method != "DELETE":
                raise
            return _GONE
        except (Conflict, InvalidRequest, QuotaExceeded) as exc:
            raise OperationFailed(
                resource=self.resource, status="Failed", detail=exc.detail, code=exc.code, hint=exc.hint
            ) from exc
        return (yield from self._result(method, url, None, answer))

    def _follow_resource(self, answer: Response, method: str, url: str) -> "Looks":
        while True:
            state = provisioning_state(answer.body)
            if state.lower() in _BAD:
                body = cast("Mapping[str, Any]", answer.body)
                raise self._failed(state, body.get("error") or body["properties"].get("error"))
            if state.lower() in _GOOD or (not state and answer.status != 202):
                return answer
            try:
                answer = yield Look(url=url, status=state or "accepted")
            except NotFound:
                if method != "DELETE":
                    raise
                return _GONE

    @staticmethod
    def _result(method: str, url: str, location: str | None, last: Response) -> "Looks":
        if method in {"PUT", "PATCH"}:
            return (yield Look(url=url, at_once=True))
        if method == "POST" and location:
            return (yield Look(url=location, at_once=True))
        return last

    def _failed(self, status: str, error: object) -> OperationFailed:
        problem = inner_problem(error)
        detail = redact(problem.message) or "the service gives no reason"
        return OperationFailed(resource=self.resource, status=status, code=problem.code, detail=detail)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What to ask next; `at_once` is the result, for which there is nothing to wait."""

    url: str
    status: str = ""
    at_once: bool = False


Looks = Generator[Look, Response, Response]


class Begun:
    """Work that Azure has accepted. One thread at a time may look."""

    def __init__(self, work: LongRunning, looks: Looks, first: Response) -> None:
        self._work, self._looks, self._last = work, looks, first
        self._started = work.clock.monotonic()
        self._pause_s = FIRST_PAUSE_S
        self._next: Look | None = None
        self.result: Response | None = None
        """The last answer, when the work has ended."""
        self._go_on(partial(next, looks))

    def pause_s(self) -> float:
        """Seconds until the next look is worth it, as the last answer asks; never beyond the deadline.

        Raises:
            WaitTimeout: The deadline has come, and the work goes on without us.
        """
        if self._next is None:
            return 0.0
        waited_s = self._work.clock.monotonic() - self._started
        if waited_s >= self._work.deadline_s:
            raise WaitTimeout(resource=self._work.resource, waited_s=waited_s, last_status=self._next.status)
        asked_s = retry_after_s(self._last.headers, now=self._work.clock.now())
        pause_s, self._pause_s = asked_s or self._pause_s, min(self._pause_s * 1.5, LONGEST_PAUSE_S)
        return min(pause_s, self._work.deadline_s - waited_s)

    def look(self) -> bool:
        """Look once, and say whether it has ended well. Raises OperationFailed when it ended badly."""
        at = self._next
        while at is not None:
            try:
                self._last = self._ask(at.url)
            except ServiceError as exc:
                at = self._go_on(partial(self._looks.throw, exc))
            else:
                at = self._go_on(partial(self._looks.send, self._last))
            if at is not None and not at.at_once:
                return False
        return True

    def _ask(self, url: str) -> Response:
        left_s = self._work.deadline_s - (self._work.clock.monotonic() - self._started)
        return self._work.get(url, max(1.0, min(60.0, left_s)))

    def _go_on(self, step: Callable[[], Look]) -> Look | None:
        try:
            self._next = step()
        except StopIteration as end:
            self._next, self.result = None, end.value
        return self._next
