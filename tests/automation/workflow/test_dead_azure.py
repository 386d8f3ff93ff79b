"""A local Azure that died is noticed at once, so that the run can start it again; Azure itself is given its time."""

import httpx
import pytest

from automation.azure import Rest
from automation.errors import TransportError
from tests.automation.azure.fakes import ORIGIN, FakeClock, FakeTokens, a_cloud


@pytest.mark.parametrize(("cloud", "least_s", "most_s"), [("local", 1, 5), ("azure", 30, 60)])
def test_how_long_a_refused_connection_is_tried(cloud: str, least_s: float, most_s: float) -> None:
    def refuse(_: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("[Errno 111] Connection refused")

    clock = FakeClock()
    rest = Rest(a_cloud(name=cloud), FakeTokens(), clock, transport=httpx.MockTransport(refuse), dice=lambda: 0.5)
    with rest, pytest.raises(TransportError):
        rest.send("GET", f"{ORIGIN}/things", scope=None, operation="get thing")
    assert least_s <= clock.slept_s <= most_s
