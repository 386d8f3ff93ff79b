"""A role assignment is waited for; refusals that time does not heal are not."""

from collections.abc import Callable

import pytest

from automation.azure import wait_for_access
from automation.errors import Unauthorized, WaitTimeout
from automation.progress import silent
from tests.automation.azure.fakes import FakeClock


def refused(times: int, *, status: int = 403, code: str = "AuthorizationPermissionMismatch") -> Callable[[], None]:
    left = [Unauthorized("No", operation="list", status=status, code=code)] * times

    def attempt() -> None:
        if left:
            raise left.pop()

    return attempt


def test_a_role_that_comes_is_waited_for_and_told_about() -> None:
    clock, said = FakeClock(), list[str]()

    def progress(done: float, total: float | None, message: str) -> None:
        said.append(message)

    wait_for_access(refused(3), resource="container pics", clock=clock, timeout_s=60, progress=progress)
    assert clock.slept == [0.5, 0.75, 1.125]
    assert set(said) == {"waiting for the role assignment on container pics"}


def test_ai_services_say_401_when_a_data_role_is_missing() -> None:
    clock, attempt = FakeClock(), refused(1, status=401, code="PermissionDenied")
    wait_for_access(attempt, resource="x", clock=clock, timeout_s=60, progress=silent)
    assert clock.slept == [0.5]


def test_the_wait_has_a_deadline() -> None:
    clock = FakeClock()
    with pytest.raises(WaitTimeout) as caught:
        wait_for_access(refused(10_000), resource="container pics", clock=clock, timeout_s=600, progress=silent)
    assert str(caught.value) == "the role assignment on container pics is still without effect after 600 s"
    assert max(clock.slept) == 20.0


@pytest.mark.parametrize(("status", "code"), [(401, ""), (403, "AuthenticationFailed"), (403, "AuthorizationFailure")])
def test_what_time_does_not_heal_is_raised_at_once(status: int, code: str) -> None:
    clock = FakeClock()
    with pytest.raises(Unauthorized):
        wait_for_access(refused(1, status=status, code=code), resource="x", clock=clock, timeout_s=600, progress=silent)
    assert clock.slept == []
