"""Long-running operations of Azure: from the first answer to the end of the work.

Owns: the ways Azure says "not yet" (Azure-AsyncOperation, Operation-Location, Location, provisioningState), and how
each of them ends.
Leaves: single requests and their retries to `rest.py`, which resource is meant to `arm.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from automation.azure.problems import inner_problem
from automation.azure.redaction import redact
from automation.azure.rest import Response
from automation.azure.retry import retry_after_s
from automation.clock import Clock
from automation.errors import Conflict, InvalidRequest, NotFound, OperationFailed, QuotaExceeded, WaitTimeout

__all__ = ["LongRunning", "provisioning_state"]

FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 15.0

_GOOD = frozenset({"succeeded"})
_BAD = frozenset({"failed", "canceled", "cancelled"})


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
        wait = _Wait(self)
        monitor = first.headers.get("azure-asyncoperation") or first.headers.get("operation-location")
        location = first.headers.get("location")
        if monitor and first.status in {200, 201, 202}:
            self._follow_monitor(monitor, first, wait)
            return self._result(method, url, location, first, wait)
        if location and first.status == 202:
            return self._follow_location(location, first, method, url, wait)
        if method in {"PUT", "PATCH"} or first.status == 202:
            return self._follow_resource(first, method, url, wait)
        return first

    def _follow_monitor(self, monitor: str, answer: Response, wait: "_Wait") -> None:
        while True:
            answer = wait.ask(monitor, answer)
            body = cast("dict[str, Any]", answer.body) if isinstance(answer.body, dict) else {}
            status = str(body.get("status") or provisioning_state(body) or "")
            if status.lower() in _GOOD or (not status and answer.status in {200, 204}):
                return
            if status.lower() in _BAD:
                raise self._failed(status, body.get("error"))
            wait.last_status = status or "running"

    def _follow_location(self, location: str, answer: Response, method: str, url: str, wait: "_Wait") -> Response:
        try:
            while answer.status == 202:
                location = answer.headers.get("location") or location
                answer = wait.ask(location, answer)
        except NotFound:
            if method != "DELETE":
                raise
            return Response(status=204, headers={}, body=None)
        except (Conflict, InvalidRequest, QuotaExceeded) as exc:
            raise OperationFailed(
                resource=self.resource, status="Failed", detail=exc.detail, code=exc.code, hint=exc.hint
            ) from exc
        return self._result(method, url, None, answer, wait)

    def _follow_resource(self, answer: Response, method: str, url: str, wait: "_Wait") -> Response:
        while True:
            state = provisioning_state(answer.body)
            if state.lower() in _BAD:
                body = cast("Mapping[str, Any]", answer.body)
                raise self._failed(state, body.get("error") or body["properties"].get("error"))
            if state.lower() in _GOOD or (not state and answer.status != 202):
                return answer
            wait.last_status = state or "accepted"
            try:
                answer = wait.ask(url, answer)
            except NotFound:
                if method != "DELETE":
                    raise
                return Response(status=204, headers={}, body=None)

    def _result(self, method: str, url: str, location: str | None, last: Response, wait: "_Wait") -> Response:
        if method in {"PUT", "PATCH"}:
            return wait.fetch(url)
        if method == "POST" and location:
            return wait.fetch(location)
        return last

    def _failed(self, status: str, error: object) -> OperationFailed:
        problem = inner_problem(error)
        detail = redact(problem.message) or "the service gives no reason"
        return OperationFailed(resource=self.resource, status=status, code=problem.code, detail=detail)


class _Wait:
    """The pauses of one wait, and its deadline."""

    def __init__(self, work: LongRunning) -> None:
        self._work = work
        self._started = work.clock.monotonic()
        self._pause_s = FIRST_PAUSE_S
        self.last_status = "accepted"

    def ask(self, url: str, previous: Response) -> Response:
        """Pause as the previous answer asks, but not beyond the deadline, then GET; WaitTimeout at the deadline."""
        clock = self._work.clock
        asked_s = retry_after_s(previous.headers, now=clock.now())
        pause_s = asked_s or self._pause_s
        self._pause_s = min(self._pause_s * 1.5, LONGEST_PAUSE_S)
        waited_s = clock.monotonic() - self._started
        if waited_s >= self._work.deadline_s:
            raise WaitTimeout(resource=self._work.resource, waited_s=waited_s, last_status=self.last_status)
        clock.sleep(min(pause_s, self._work.deadline_s - waited_s))
        return self.fetch(url)

    def fetch(self, url: str) -> Response:
        left_s = self._work.deadline_s - (self._work.clock.monotonic() - self._started)
        return self._work.get(url, max(1.0, min(60.0, left_s)))
