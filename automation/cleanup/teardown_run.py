"""Does what a plan says: stage after stage, the steps of a stage side by side.

Owns: the threads, the short patience with locks that were just removed, and a last look for what was soft-deleted.
Leaves: following one deletion to its end to `automation.azure`.
"""

import threading
from collections.abc import Sequence
from queue import SimpleQueue

from automation.azure import Arm
from automation.cleanup.survey import deleted_of
from automation.cleanup.teardown import make_plan
from automation.cleanup.types import Call, GroupSurvey, Stage, TeardownPlan, TeardownStep
from automation.clock import Clock, SystemClock
from automation.errors import Conflict, LabError, NotFound, OperationFailed, Unauthorized
from automation.progress import Progress, silent

__all__ = ["run_teardown"]

LOCK_TRIES, LOCK_PAUSE_S = 12, 5.0
PURGE_ROLE = (
    "purging needs a role on the subscription, not only on the group: Cognitive Services Contributor for AI accounts,"
    " Key Vault Contributor for vaults"
)
_SYSTEM_CLOCK = SystemClock()


def run_teardown(plan: TeardownPlan, arm: Arm, *, progress: Progress = silent, clock: Clock = _SYSTEM_CLOCK) -> None:
    """Do all steps of the plan. Run it again after an error or an interruption: what is gone stays gone.

    Raises:
        LabError: A step failed. The others of its stage are finished first, later stages are not begun.
    """
    unlocked = any(step.stage is Stage.UNLOCK for step in plan.steps)
    runner = _Runner(arm, clock, progress, total=len(plan.steps), patient=unlocked)
    for stage in Stage:
        runner.run([step for step in plan.steps if step.stage is stage])
    # Deleting the group soft-deletes what was made since we looked.
    late = GroupSurvey(
        group=None, managed_by="", resources=(), locks=(), deleted=deleted_of(arm, plan.resource_group_id)
    )
    rest = make_plan(late, resource_group_id=plan.resource_group_id, lab=plan.lab, stack=plan.stack)
    runner.run(rest.steps)
    runner.say_done()


class _Runner:
    def __init__(self, arm: Arm, clock: Clock, progress: Progress, *, total: int, patient: bool) -> None:
        self._arm, self._clock, self._progress, self._patient = arm, clock, progress, patient
        self._done, self._total = 0, total

    def run(self, steps: Sequence[TeardownStep]) -> None:
        """Do these steps side by side; the first failure is raised when all have ended.

        The threads are daemons: Ctrl-C leaves at once, and what Azure has begun goes on without us.
        """
        ended: SimpleQueue[tuple[TeardownStep, BaseException | None]] = SimpleQueue()
        running = [step.title for step in steps]
        for step in steps:
            threading.Thread(target=self._step, args=(step, ended), name="teardown", daemon=True).start()
        failures: list[BaseException] = []
        while running:
            self._progress(self._done, max(self._total, self._done + len(running)), _few(running))
            step, failure = ended.get()
            running.remove(step.title)
            self._done += 1
            if failure is not None:
                failures.append(failure)
        if failures:
            raise _first_of(failures)

    def say_done(self) -> None:
        self._progress(self._done, self._done, "done")

    def _step(self, step: TeardownStep, ended: "SimpleQueue[tuple[TeardownStep, BaseException | None]]") -> None:
        failure: BaseException | None = None
        try:
            for call in step.calls:
                self._call(call)
        except BaseException as exc:  # noqa: BLE001 - carried to the thread that waits, and raised there
            failure = exc
        ended.put((step, failure))

    def _call(self, call: Call) -> None:
        """One request to its end. A lock that was just removed still blocks for a while; only that is waited out."""
        tries = LOCK_TRIES if self._patient else 1
        for attempt in range(1, tries + 1):
            try:
                return self._send(call)
            except (Conflict, OperationFailed) as exc:
                if exc.code.lower() != "scopelocked" or attempt == tries:
                    raise
            self._clock.sleep(LOCK_PAUSE_S)
        return None

    def _send(self, call: Call) -> None:
        try:
            if call.method == "DELETE":
                self._arm.delete(
                    call.path, api_version=call.api_version, params=call.params, deadline_s=call.deadline_s
                )
            else:
                self._arm.post(call.path, api_version=call.api_version, deadline_s=call.deadline_s)
        except NotFound:
            if not call.is_purge:
                raise
        except Unauthorized as exc:
            if call.is_purge:
                exc.hint = PURGE_ROLE
            raise


def _few(titles: Sequence[str]) -> str:
    return ", ".join(titles[:3]) + (", ..." if len(titles) > 3 else "")


def _first_of(failures: Sequence[BaseException]) -> BaseException:
    """The failure to raise: a bug before a refusal; its hint names the other failures."""
    first = next((failure for failure in failures if not isinstance(failure, LabError)), failures[0])
    if isinstance(first, LabError) and len(failures) > 1:
        others = "; ".join(str(failure) for failure in failures if failure is not first)
        first.hint = f"{first.hint or 'run the command again'} (also failed: {others})"
    return first
