"""Experiments: what a model was asked to do for a project, how far it came, how it ended.

Owns: the table `experiment` and the states. Leaves: doing the work to `service.py` and its runs.

An experiment is Queued, then Running, then Completed, Failed or Canceled. What was Queued or Running when the local
Azure ended is still so when it starts again, and is done then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import msgspec

from localazure.clock import Clock
from localazure.labeling.tables import Tables
from localazure.labeling.times import stamp

__all__ = ["Experiment", "Experiments", "Kind", "State"]

_COLUMNS = "project, number, kind, state, created, started, ended, detail"
_SHOWN = 100


class Kind(StrEnum):
    CLUSTERING = "clustering"
    TRAINING = "training"
    INFERENCE = "inference"


class State(StrEnum):
    QUEUED = "Queued"
    RUNNING = "Running"
    COMPLETED = "Completed"
    FAILED = "Failed"
    CANCELED = "Canceled"

    @property
    def ended(self) -> bool:
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """Times are ISO text in UTC. `detail` says what was used and what came out of it."""

    project: int
    number: int
    kind: Kind
    state: State
    created: str
    started: str | None
    ended: str | None
    detail: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Experiments:
    """Safe to share between threads. Every change is told to whoever watches the project."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def add(self, project: int, kind: Kind, detail: Mapping[str, Any]) -> Experiment:
        """A new one, Queued."""
        with self._tables.write() as db:
            (number,) = db.execute("SELECT coalesce(max(number), 0) + 1 FROM experiment WHERE project=?", (project,))
            db.execute(
                f"INSERT INTO experiment ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, NULL, NULL, ?)",  # noqa: S608 a literal of this module
                (project, number[0], kind, State.QUEUED, stamp(self._clock.now()), msgspec.json.encode(detail)),
            )
            self._tables.touch(project)
        found = self.find(project, number[0])
        if found is None:  # the project was deleted in the meantime
            raise LookupError(number[0])
        return found

    def find(self, project: int, number: int) -> Experiment | None:
        return next(iter(self._select("project=? AND number=?", (project, number))), None)

    def newest(self, project: int) -> list[Experiment]:
        """The newest first."""
        return self._select("project=? ORDER BY number DESC LIMIT ?", (project, _SHOWN))

    def last(self, project: int, kind: Kind, *states: State) -> Experiment | None:
        """The newest of a kind, in one of these states if any are named."""
        marks = ",".join("?" * len(states))
        condition = f"project=? AND kind=?{f' AND state IN ({marks})' if states else ''} ORDER BY number DESC LIMIT 1"
        return next(iter(self._select(condition, (project, kind, *states))), None)

    def unfinished(self, project: int | None = None) -> Sequence[Experiment]:
        """The oldest first."""
        condition = "state IN ('Queued', 'Running')"
        if project is None:
            return self._select(f"{condition} ORDER BY created, project, number", ())
        return self._select(f"{condition} AND project=? ORDER BY number", (project,))

    def begin(self, project: int, number: int) -> Experiment | None:
        """Running from now on, or still; None when it has ended or is gone."""
        with self._tables.write() as db:
            changed = db.execute(
                "UPDATE experiment SET state='Running', started=coalesce(started, ?)"
                " WHERE project=? AND number=? AND state IN ('Queued', 'Running')",
                (stamp(self._clock.now()), project, number),
            ).rowcount
            self._tables.touch(project)
        return self.find(project, number) if changed else None

    def note(self, project: int, number: int, **more: Any) -> None:
        """Add to what is said about it; a name that is said already is said anew."""
        with self._tables.write() as db:
            row = db.execute("SELECT detail FROM experiment WHERE project=? AND number=?", (project, number)).fetchone()
            if row is not None:
                detail = msgspec.json.decode(row[0], type=dict[str, Any]) | more
                db.execute(
                    "UPDATE experiment SET detail=? WHERE project=? AND number=?",
                    (msgspec.json.encode(detail), project, number),
                )
            self._tables.touch(project)

    def end(self, project: int, number: int, state: State, **more: Any) -> bool:
        """False when it had ended already, or is gone: the first end counts."""
        with self._tables.write() as db:
            changed = db.execute(
                "UPDATE experiment SET state=?, ended=?"
                " WHERE project=? AND number=? AND state IN ('Queued', 'Running')",
                (state, stamp(self._clock.now()), project, number),
            ).rowcount
            if changed and more:
                self.note(project, number, **more)
            self._tables.touch(project)
        return changed > 0

    def model_files(self) -> set[str]:
        """The files of all models that experiments name."""
        return {name for one in self._select("kind='training'", ()) for name in one.detail.get("models", ())}

    def _select(self, condition: str, values: Sequence[object]) -> list[Experiment]:
        with self._tables.read() as db:
            rows = db.execute(f"SELECT {_COLUMNS} FROM experiment WHERE {condition}", values).fetchall()  # noqa: S608 literals of this module
        return [
            Experiment(
                project=project,
                number=number,
                kind=Kind(kind),
                state=State(state),
                created=created,
                started=started,
                ended=ended,
                detail=msgspec.json.decode(detail, type=dict[str, Any]),
            )
            for project, number, kind, state, created, started, ended, detail in rows
        ]
