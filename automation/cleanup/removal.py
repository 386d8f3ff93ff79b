"""One thing that goes, request by request: deleted, followed to its end, purged.

Owns: what is waited out because Azure is eventually consistent, and nothing else is: a lock that was just removed, and
a deletion that was begun before. Leaves: which requests make a thing go to `kinds.py`, sending many to `flight.py`.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import cast

from automation.azure import Arm, Begun
from automation.cleanup.flight import Flow, Request
from automation.cleanup.kinds import LOGS
from automation.cleanup.receipt import Outcome
from automation.cleanup.types import Call, Item
from automation.clock import Clock
from automation.errors import Conflict, OperationFailed, ServiceError, Unauthorized, WaitTimeout

__all__ = ["LOGS_STAY", "PURGE_ROLE", "Removed", "removal"]

LOCK_TRIES, LOCK_PAUSE_S = 12, 5.0
GROUPS_API = "2021-04-01"
FIRST_LOOK_S, LONGEST_LOOK_S = 1.0, 15.0
PURGE_ROLE = (
    "purging needs a role on the subscription, not only on the group: Cognitive Services Contributor for AI accounts,"
    " Key Vault Contributor for vaults"
)
UNSEEN = (
    "it was not there, and Azure has no list of soft-deleted ML workspaces and says that there is nothing to purge; "
    "should its name be taken all the same, bring it back (visionlab cleanup recover --resource ID) and clean up again"
)
LOGS_STAY = "it is soft-deleted and its group is gone: Azure purges it by itself, 14 days after its deletion"
STUCK = (
    "it is there, and its permanent deletion answers ResourceNotFound: Azure holds it half-deleted. Run the clean-up "
    "again in an hour; when it stays so, only Azure's support can remove it"
)
_NOTHING, _ENDED = "nothing", "ended"
_WORKSPACES = "microsoft.machinelearningservices/workspaces"
_GOING = frozenset({"resourcegroupbeingdeleted", "resourcegroupdeleting", "resourcebeingdeleted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """How it ended."""

    outcome: Outcome
    words: str = ""


def removal(
    arm: Arm, item: Item, calls: Sequence[Call], *, patient: bool, clock: Clock, wait: bool = True
) -> Flow[Removed]:
    """The flow that makes an item go.

    Args:
        arm: Where it is.
        item: What goes.
        calls: The requests, one after another.
        patient: Whether a lock of ours was removed above it, which may go on blocking for a minute.
        clock: For deadlines.
        wait: Whether to see the end of it.
    """
    if item.is_deleted and item.type == LOGS and not (yield from _brought_back(arm, item, calls)):
        return Removed(outcome=Outcome.KEPT, words=LOGS_STAY)
    there = False
    for call in calls:
        begun = yield from _begin(arm, call, patient=patient, clock=clock)
        there = there or begun is not _NOTHING
        if isinstance(begun, Begun) and begun.result is None:
            if not wait:
                return Removed(outcome=Outcome.BEGUN, words="its end was not waited for")
            yield from _follow(arm, call, begun, patient=patient, clock=clock)
    if item.type.lower() == _WORKSPACES and not there:
        return (yield from _unseen_workspace(arm, item, calls))
    if not there:
        return Removed(outcome=Outcome.GONE, words="it was gone when its turn came")
    return Removed(outcome=Outcome.PURGED if item.purge or item.is_deleted else Outcome.DELETED)


def _brought_back(arm: Arm, item: Item, calls: Sequence[Call]) -> "Generator[Request, None, bool]":
    """A soft-deleted log workspace is purged by bringing it back and deleting it with force, as Microsoft's page says.

    Without its group it is left to its end: nobody makes a group to delete what goes by itself.
    """
    yield Request(kind="reads")
    if arm.find(item.id.partition("/providers/")[0], api_version=GROUPS_API) is None:
        return False
    yield Request(kind="writes")
    body = {"location": item.location, "tags": dict(item.tags), "properties": {}}
    arm.put(item.id, body, api_version=calls[0].api_version)
    return True


def _begin(arm: Arm, call: Call, *, patient: bool, clock: Clock) -> "Generator[Request, None, Begun | str]":
    """Send a request. Only a lock of ours that still counts, and a deletion that was begun before, are waited out."""
    attempt = 1
    while True:
        kind = "deletes" if call.method == "DELETE" else "writes"
        yield Request(kind=kind, after_s=0.0 if attempt == 1 else LOCK_PAUSE_S)
        try:
            begun = _send(arm, call)
        except Conflict as exc:
            if patient and exc.code.lower() == "scopelocked" and attempt < LOCK_TRIES:
                attempt += 1
                continue
            if exc.code.lower() == "scopelocked" or call.is_purge:
                raise
            yield from _until_gone(arm, call, exc, clock)
            return _ENDED
        nothing = begun is None or (begun.result is not None and begun.result.status == 204)
        return _NOTHING if nothing or begun is None else begun


def _follow(arm: Arm, call: Call, begun: Begun, *, patient: bool, clock: Clock) -> "Generator[Request, None, None]":
    """Look until it has ended; what a lock of ours has stopped half-way is begun again."""
    for attempt in range(1, LOCK_TRIES + 1):
        try:
            while begun.result is None:
                yield Request(kind="reads", after_s=begun.pause_s())
                begun.look()
        except OperationFailed as exc:
            if not (patient and exc.code.lower() == "scopelocked" and attempt < LOCK_TRIES):
                raise
        else:
            return
        yield Request(kind="reads", after_s=LOCK_PAUSE_S)
        again = yield from _begin(arm, call, patient=patient, clock=clock)
        if not isinstance(again, Begun):
            return
        begun = again


def _send(arm: Arm, call: Call) -> Begun | None:
    try:
        return arm.begin(
            "POST" if call.method == "POST" else "DELETE",
            call.path,
            api_version=call.api_version,
            params=call.params,
            deadline_s=call.deadline_s,
        )
    except Unauthorized as exc:
        if call.is_purge:
            exc.hint = PURGE_ROLE
        raise


def _until_gone(arm: Arm, call: Call, refusal: Conflict, clock: Clock) -> "Generator[Request, None, None]":
    """A deletion that was begun before, by a run that was stopped or by the group's: wait for it.

    Raises:
        Conflict: The refusal itself, when nothing says that it is being deleted.
    """
    going = refusal.code.lower() in _GOING
    started, pause_s = clock.monotonic(), 0.0
    while True:
        yield Request(kind="reads", after_s=pause_s)
        found = arm.find(call.path, api_version=call.api_version)
        if found is None:
            return
        properties = cast("dict[str, object]", found.get("properties") or {})
        state = str(properties.get("provisioningState") or "").lower()
        if not going and state != "deleting":
            raise refusal
        waited_s = clock.monotonic() - started
        if waited_s > call.deadline_s:
            raise WaitTimeout(resource=call.path.rpartition("/")[2], waited_s=waited_s, last_status="Deleting")
        pause_s = min(max(FIRST_LOOK_S, pause_s * 1.5), LONGEST_LOOK_S)


def _unseen_workspace(arm: Arm, item: Item, calls: Sequence[Call]) -> "Generator[Request, None, Removed]":
    """A workspace that says it is not there: gone, or stuck between two states."""
    yield Request(kind="reads")
    if arm.find(item.id, api_version=calls[0].api_version) is not None:
        raise ServiceError(STUCK, operation=f"delete {item.name}", status=404, code="ResourceNotFound")
    return Removed(outcome=Outcome.GONE, words=UNSEEN)
