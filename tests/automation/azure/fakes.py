"""What tests of the Azure clients put in the place of time, tokens and the wire. No socket is opened here."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx

from automation.azure import Arm, Cloud, Rest

ORIGIN = "https://localhost:8443"
TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2lnbmF0dXJl"  # looks like a token, signs nothing
START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class FakeClock:
    """A clock that only moves when somebody sleeps."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    @property
    def slept_s(self) -> float:
        return sum(self.slept)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.slept_s)

    def monotonic(self) -> float:
        return 1000.0 + self.slept_s

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)


class FakeTokens:
    """Gives one token for every scope, and remembers what was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def token(self, scope: str) -> str:
        self.asked.append(scope)
        return TOKEN


def a_cloud(**changes: Any) -> Cloud:
    fields: dict[str, Any] = {
        "name": "local",
        "arm_endpoint": ORIGIN,
        "authority_host": ORIGIN,
        "storage_scope": "https://storage.azure.com/.default",
        "vision_scope": "https://cognitiveservices.azure.com/.default",
        "ml_scope": "https://ml.azure.com/.default",
        "ca_file": Path("unused.pem"),
        "tenant_id": "11111111-2222-3333-4444-555555555555",
        "subscription_id": "99999999-8888-7777-6666-555555555555",
    }
    return Cloud(**(fields | changes))


Answer = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Script:
    """Answers requests in order, strictly: method and URL (origin left out) must be the ones expected."""

    steps: Sequence[tuple[str, Answer]]
    requests: list[httpx.Request] = field(default_factory=list[httpx.Request])

    def __call__(self, request: httpx.Request) -> httpx.Response:
        assert len(self.requests) < len(self.steps), f"not expected: {request.method} {request.url}"
        expected, answer = self.steps[len(self.requests)]
        self.requests.append(request)
        assert f"{request.method} {str(request.url).removeprefix(ORIGIN)}" == expected
        if isinstance(answer, Exception):
            raise answer
        return answer(request) if callable(answer) else answer

    def done(self) -> bool:
        return len(self.requests) == len(self.steps)

    def query(self, index: int) -> dict[str, str]:
        return dict(parse_qsl(self.requests[index].url.query.decode()))


def a_rest(handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None) -> Rest:
    return Rest(a_cloud(), FakeTokens(), clock or FakeClock(), transport=httpx.MockTransport(handler), dice=lambda: 0.0)


def an_arm(handler: Callable[[httpx.Request], httpx.Response], clock: FakeClock | None = None) -> Arm:
    return Arm(a_rest(handler, clock), a_cloud())
