"""Waiting for a training or an evaluation: polls until it has ended, says how far it is, and names what went wrong.

Owns: the pace of the polls, the deadline, and what to do about each of the service's error codes.
Leaves: reading the state to the function it is given.
"""

from collections.abc import Callable
from typing import TypeVar

from automation.clock import Clock
from automation.errors import OperationFailed, WaitTimeout
from automation.progress import Progress
from automation.training.types import Evaluation, Model, Status

__all__ = ["failed", "wait_until_ended"]

_Run = TypeVar("_Run", Model, Evaluation)

FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 30.0
LONGEST_LOCAL_PAUSE_S = 1.0

PERMISSION = (
    "the vision account's identity may not read the blobs yet: it needs Storage Blob Data Reader,"
    " and a new role assignment takes up to 10 minutes to work; then train again"
)
HINTS = {
    "notenoughbudget": "raise budget_hours of the model; the message names the least",
    "datasetcorrupt": "check the COCO file and that every image URL in it can be read, then train again",
    "datasetannotationsinvalid": "check the COCO file, then train again",
    "datasetempty": "the COCO file holds no labeled pictures",
    "datasetnotfound": "create the dataset first: `visionlab dataset list` shows what there is",
    "modelnotfound": "`visionlab model list` shows what there is",
    "incorrectmodelkind": "the labels of the dataset do not fit the kind of the model",
    "diverged": "check the labels, add pictures, or train again",
    "internalservererror": "try again",
    "unknown": "try again; if it fails again, `visionlab local logs` says more on stack local",
}
_PERMISSION_WORDS = ("403", "access", "authoriz", "denied", "forbidden", "permission", " role ")


def wait_until_ended(
    get: Callable[[float], _Run],
    *,
    resource: str,
    clock: Clock,
    timeout_s: float,
    is_local: bool,
    progress: Progress,
) -> _Run:
    """Poll until the run has ended, and give it as it is then, whatever its end.

    Args:
        get: Reads the run; gets the seconds that one request may take, retries included.
        resource: What is waited for, for errors.
        clock: For pauses and the deadline.
        timeout_s: Then WaitTimeout; the run goes on, and waiting again picks it up.
        is_local: The local Azure may be asked more often.
        progress: Gets the fraction done of 1 where the service tells it, else seconds waited of an unknown total.
    """
    started, pause_s = clock.monotonic(), FIRST_PAUSE_S
    longest_s = LONGEST_LOCAL_PAUSE_S if is_local else LONGEST_PAUSE_S
    outage_s = 15.0 if is_local else 300.0  # a long training outlives a network that is away for minutes
    while True:
        run = get(outage_s)
        waited_s = clock.monotonic() - started
        message = f"{run.status_text}, {waited_s:.0f} s"
        if run.fraction is not None and not run.status.is_final:
            progress(run.fraction, 1.0, message)
        else:
            progress(waited_s, None, message)
        if run.status.is_final:
            return run
        if waited_s >= timeout_s:
            raise WaitTimeout(resource=resource, waited_s=waited_s, last_status=run.status_text)
        clock.sleep(min(pause_s, timeout_s - waited_s))
        pause_s = min(pause_s * 1.5, longest_s)


def failed(run: Model | Evaluation, *, resource: str) -> OperationFailed:
    """The error of a run that did not succeed, with what to do about it."""
    code = run.error.code if run.error else ""
    message = run.error.message if run.error else ""
    if run.status is Status.CANCELLED:
        hint = "delete it and train again, or train under another name"
        return OperationFailed(resource=resource, status=run.status_text, detail="it was cancelled", hint=hint)
    about_rights = code.lower().startswith("dataset") and any(word in message.lower() for word in _PERMISSION_WORDS)
    return OperationFailed(
        resource=resource,
        status=run.status_text,
        detail=message.rstrip(". ") or "the service gives no reason",
        code=code,
        hint=PERMISSION if about_rights else HINTS.get(code.lower()),
    )
