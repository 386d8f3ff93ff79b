"""Waiting until a role assignment works: a new one takes up to ten minutes on Azure.

Owns: which refusals may pass by themselves, the pace, the deadline. Leaves: what to try to the callers.
"""

from collections.abc import Callable

from automation.clock import Clock
from automation.errors import Unauthorized, WaitTimeout
from automation.progress import Progress

__all__ = ["ACCESS_S", "wait_for_access"]

ACCESS_S = 900.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 20.0

# AI services refuse a missing data action with 401 and this code, all others with 403.
_NO_DATA_ACTION = "permissiondenied"
# These 403s are about who asks or from where, not about a role.
_LASTING = frozenset({"authenticationfailed", "authorizationfailure", "invalidauthenticationinfo"})


def wait_for_access(
    attempt: Callable[[], object], *, resource: str, clock: Clock, timeout_s: float, progress: Progress
) -> None:
    """Try until the attempt is no longer refused for want of a role.

    Raises:
        WaitTimeout: It is still refused at the deadline.
        Unauthorized: It is refused for another reason, which waiting does not change.
    """
    started, pause_s = clock.monotonic(), FIRST_PAUSE_S
    while True:
        try:
            attempt()
        except Unauthorized as exc:
            waited_s = clock.monotonic() - started
            if not _may_pass(exc):
                raise
            if waited_s >= timeout_s:
                raise WaitTimeout(
                    resource=f"the role assignment on {resource}", waited_s=waited_s, last_status="without effect"
                ) from exc
            progress(waited_s, None, f"waiting for the role assignment on {resource}")
            clock.sleep(min(pause_s, timeout_s - waited_s))
            pause_s = min(pause_s * 1.5, LONGEST_PAUSE_S)
        else:
            return


def _may_pass(exc: Unauthorized) -> bool:
    code = exc.code.lower()
    return code == _NO_DATA_ACTION or (exc.status == 403 and code not in _LASTING)
