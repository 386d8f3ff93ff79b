"""Runs a plan: looks anew, and deletes what was planned and is still there and still may go. Nothing else.

Owns: the order of the stages, what one thing's failure means for its group, and what is written down before and after.
Leaves: what may go to `select.py`, the requests to `removal.py`, and looking whether it worked to `verify.py`.

A run that was stopped anywhere, by kill -9 too, is finished by the next: it looks again, and the journal tells what
was begun before.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from automation.azure import Arm
from automation.cleanup.flight import WORKERS, Ended, Flight, Flow
from automation.cleanup.journal import CleanupJournal
from automation.cleanup.kinds import ML, calls_of
from automation.cleanup.receipt import DONE, Outcome, Receipt
from automation.cleanup.removal import Removed, removal
from automation.cleanup.select import intersect, select
from automation.cleanup.survey import survey
from automation.cleanup.types import CleanupPlan, Item, Selection, Stage
from automation.clock import Clock, SystemClock
from automation.errors import LabError, WaitTimeout
from automation.progress import Progress, silent

__all__ = ["run_cleanup"]

_SYSTEM_CLOCK = SystemClock()
WITH_GROUP = "with its group"
_BEFORE_GROUPS = (Stage.UNLOCK, Stage.ML_WORKSPACES, Stage.SOFT_DELETED_KINDS, Stage.RESOURCES)


def run_cleanup(
    plan: CleanupPlan,
    arm: Arm,
    *,
    journal: Path,
    progress: Progress = silent,
    clock: Clock = _SYSTEM_CLOCK,
    wait: bool = True,
    workers: int = WORKERS,
) -> Receipt:
    """Delete what the plan says, as far as it is still there and still may go.

    Args:
        plan: Shown and confirmed; it decides what may be touched.
        arm: Of the plan's subscription.
        journal: File of this plan's runs; a run that was stopped goes on from it.
        progress: Counts the things that have ended.
        clock: For pauses, deadlines, and the day by which dates are read.
        wait: Whether to wait for the groups' ends, which take longest; `verify_cleanup` looks later.
        workers: Requests at once.

    Returns:
        The receipt, not verified yet. What failed is in it, and the rest was done all the same.

    Raises:
        LabError: Something could not be looked at; then nothing more was deleted.
    """
    log = CleanupJournal(journal, first=plan.hash, clock=clock)
    run = _Run(plan, arm, log, progress=progress, clock=clock, workers=workers)
    run.log.write("run", [{"confirm": plan.confirm, "wait": wait}])
    chosen = run.choose()
    run.note_what_stays(chosen)
    for stage in _BEFORE_GROUPS:
        run.do([item for item in chosen.items if item.stage is stage])
    # Whatever was made, locked or protected meanwhile is seen before a group goes with all that is in it.
    chosen = run.choose()
    run.note_what_stays(chosen)
    late = [item for item in chosen.items if item.stage in _BEFORE_GROUPS and item.id.lower() not in run.touched]
    run.do([item for item in late if not item.with_group])
    run.do_groups(chosen, wait=wait)
    run.do([item for item in chosen.items if item.stage is Stage.EXTRAS])
    run.say_done()
    return Receipt(plan=plan, records=run.log.records)


class _Run:
    def __init__(
        self, plan: CleanupPlan, arm: Arm, log: CleanupJournal, *, progress: Progress, clock: Clock, workers: int
    ) -> None:
        self.log = log
        self.touched = set[str]()
        self._plan, self._arm, self._progress, self._clock = plan, arm, progress, clock
        self._flight: Flight[Removed] = Flight(clock, workers=workers)
        self._before = {entry.item.id.lower(): entry for entry in Receipt(plan=plan, records=log.records).entries}
        self._noted = {(at, entry.words) for at, entry in self._before.items() if entry.outcome is Outcome.KEPT}
        self._patient = any(e.item.stage is Stage.UNLOCK and e.outcome in DONE for e in self._before.values())
        self._failed: dict[str, str] = {}
        self._done, self._total = 0, sum(not item.with_group for item in plan.items)

    def choose(self) -> Selection:
        """What of the plan is still there and may go, by a look at everything."""
        plan = self._plan
        found = survey(self._arm, plan.target, subscription=plan.subscription, known=plan.items, rules=plan.rules)
        chosen = intersect(plan.items, select(found, plan.target, plan.rules, self._clock.now().astimezone(UTC).date()))
        return replace(chosen, items=tuple(item for item in chosen.items if not self._was_purged(item)))

    def note_what_stays(self, chosen: Selection) -> None:
        """Write down why something planned is not done: it stays, or it is not there any more."""
        going = {item.id.lower() for item in chosen.items}
        kept = {one.id.lower(): one for one in chosen.kept}
        for item in self._plan.items:
            at, before = item.id.lower(), self._before[item.id.lower()]
            if at in going or at in self.touched:
                continue
            if at in kept and (at, kept[at].words) not in self._noted:
                self._noted.add((at, kept[at].words))
                facts = {"id": item.id, "reason": kept[at].reason.value, "words": kept[at].words}
                self.log.write(Outcome.KEPT.value, [facts])
            elif at not in kept and before.outcome not in DONE:
                self.touched.add(at)
                removed = Removed(outcome=Outcome.GONE, words="it was not there any more")
                self._write(item, self._resumed(item, removed))

    def do(self, items: Sequence[Item]) -> None:
        """Begin these, all of a stage at once, and see each to its end."""
        for stage in Stage:
            self._fly([item for item in items if item.stage is stage and not item.with_group], wait=True)

    def do_groups(self, chosen: Selection, *, wait: bool) -> None:
        """Delete the groups that go whole; what goes with them is begun and ends as they do."""
        riders: defaultdict[str, list[Item]] = defaultdict(list)
        for item in chosen.items:
            if item.with_group and item.id.lower() not in self.touched:
                riders[item.group.lower()].append(item)
        groups = [item for item in chosen.items if item.stage is Stage.GROUP]
        names = [item.group.lower() for item in groups if item.group.lower() not in self._failed]
        begun = [rider for name in names for rider in riders[name]]
        self.log.write(Outcome.BEGUN.value, [{"id": rider.id, "words": WITH_GROUP} for rider in begun])
        self._fly(groups, wait=wait)
        last = {entry.item.id.lower(): entry for entry in Receipt(plan=self._plan, records=self.log.records).entries}
        for item in groups:
            outcome = last[item.id.lower()].outcome
            said = (outcome, WITH_GROUP) if outcome in DONE else (Outcome.WAITING, "its group was not deleted")
            if outcome is not Outcome.BEGUN:
                facts = [{"id": rider.id, "words": said[1]} for rider in riders[item.group.lower()]]
                self.log.write(said[0].value, facts)

    def say_done(self) -> None:
        self._progress(self._total, self._total, "done")

    def _fly(self, items: Sequence[Item], *, wait: bool) -> None:
        held = [item for item in items if item.group and item.group.lower() in self._failed]
        self.log.write(
            Outcome.WAITING.value,
            [{"id": item.id, "words": f"{self._failed[item.group.lower()]} failed first"} for item in held],
        )
        going = {item.id: item for item in items if item not in held}
        self.touched |= {at.lower() for at in going}
        self.log.write(Outcome.BEGUN.value, [{"id": at} for at in going])
        running = [item.name for item in going.values()]
        flows = [(item.id, self._removal(item, wait=wait)) for item in going.values()]

        def ended(some: Sequence[Ended[Removed]]) -> None:
            for one in some:
                item = going[one.name]
                running.remove(item.name)
                self._done += 1
                self._note(item, one)
            self._progress(min(self._done, self._total), self._total, _few(running))

        self._progress(min(self._done, self._total), self._total, _few(running))
        self._flight.run(flows, ended)
        if any(item.stage is Stage.UNLOCK for item in going.values()):
            self._patient = True

    def _removal(self, item: Item, *, wait: bool) -> Flow[Removed]:
        calls = calls_of(item, subscription=self._plan.subscription)
        flow = removal(self._arm, item, calls, patient=self._patient, clock=self._clock, wait=wait)
        return (yield from flow)

    def _note(self, item: Item, one: Ended[Removed]) -> None:
        failure, result = one.failure, one.result
        if failure is not None:
            if item.group:
                self._failed.setdefault(item.group.lower(), item.name)
            outcome = Outcome.BEGUN if isinstance(failure, WaitTimeout) else Outcome.FAILED
            self.log.write(outcome.value, [{"id": item.id, **_why(failure)}])
        elif result is not None:
            self._write(item, self._resumed(item, result))

    def _write(self, item: Item, removed: Removed) -> None:
        words = {"words": removed.words} if removed.words else {}
        self.log.write(removed.outcome.value, [{"id": item.id, **words}])

    def _resumed(self, item: Item, removed: Removed) -> Removed:
        """What a run that was stopped had begun, and is not there now, is not somebody else's doing."""
        if removed.outcome is not Outcome.GONE or self._before[item.id.lower()].outcome is not Outcome.BEGUN:
            return removed
        outcome = Outcome.PURGED if item.purge or item.is_deleted else Outcome.DELETED
        return Removed(outcome=outcome, words="begun by a run that was stopped; it is gone")

    def _was_purged(self, item: Item) -> bool:
        """An ML workspace that we have purged: no list shows that, and asking again would tell us nothing."""
        before = self._before[item.id.lower()]
        done = before.outcome is Outcome.PURGED or item.id.lower() in self.touched
        return item.is_deleted and item.type == ML and done


def _why(failure: LabError) -> dict[str, str]:
    code = str(getattr(failure, "code", "") or "")
    hint = f"; {failure.hint}" if failure.hint else ""
    return {"words": f"{failure.message}{hint}", **({"code": code} if code else {})}


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
