"""What an inference experiment does: look at the remaining pictures with the newest model, batch by batch, in the order
of the queue, so that whoever labels next has proposals first.

Owns: which tasks are looked at, the table `inspected`, what is written of each, going on after a restart where it
stopped. Leaves: what proposals say to `reading.py`, whether a task may get them to `answers.propose`.

A task is left alone while somebody has it, and comes up again in the next run. Pre-labels
that no model made (imported ones, defaults of an earlier round) stay.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from localazure.labeling.assist.bench import Bench, ExperimentFailed
from localazure.labeling.assist.experiments import Experiment
from localazure.labeling.assist.lessons import Lesson, lesson_of
from localazure.labeling.assist.material import Sample
from localazure.labeling.assist.order import rank_of
from localazure.labeling.assist.reading import Seen, prelabels, uncertainty
from localazure.labeling.project_settings import ProjectSettings, read_settings
from localazure.labeling.queue import answers
from localazure.labeling.types import AnnotationType, Project
from localazure.lane import Stop

__all__ = ["infer"]

_GONE = Seen(error="the picture cannot be read")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Model:
    lesson: Lesson
    classes: tuple[str, ...]
    files: tuple[str, ...]
    outlines: bool


def infer(
    bench: Bench, project: Project, experiment: Experiment, stop: Stop, *, give_way: Callable[[], bool]
) -> Mapping[str, Any] | None:
    """What is to be remembered; None when it gave way to other work and is to be called again.

    Raises ExperimentFailed, Interrupted, BlobError, OSError.
    """
    run = _Run(bench, project, experiment, stop)
    while waiting := run.waiting():
        run.total = run.looked + len(waiting)
        size = bench.work.batch if run.looked else bench.work.first_batch
        while waiting:
            part, waiting, size = waiting[:size], waiting[size:], bench.work.batch
            run.batch(part)
            if waiting and give_way():
                return None
    if run.looked:
        detail = {"experiment": experiment.number, "looked": run.looked, "prelabeled": run.prelabeled}
        with bench.tables.write() as db:
            bench.history.add(db, project.number, "assist", "prelabeled", detail=detail)
    return {"total": run.looked + len(run.refused), "leftAlone": len(run.refused)}


class _Run:
    """One turn of an experiment. What it has done so far stands in the experiment's detail after each batch."""

    def __init__(self, bench: Bench, project: Project, experiment: Experiment, stop: Stop) -> None:
        self._bench, self._experiment, self._stop = bench, experiment, stop
        self._project = project
        self._model = _model(bench, project, experiment)
        done = experiment.detail
        self._since = 0 if done.get("onlyNew") else experiment.number
        self.looked: int = done.get("looked", 0)
        self.prelabeled: int = done.get("prelabeled", 0)
        self.unreadable: int = done.get("unreadable", 0)
        self.total = 0
        self.refused: set[int] = set()

    def waiting(self) -> list[int]:
        """The tasks that this run has not looked at, in the order of the queue; one that came back counts as new."""
        with self._bench.tables.read() as db:
            rows = db.execute(
                "SELECT number FROM task WHERE project=?1 AND state IN ('open', 'prelabeled') AND fault<>'missing'"
                " AND NOT EXISTS (SELECT 1 FROM inspected AS i WHERE i.project=?1 AND i.task=task.number"
                " AND i.round=task.round AND i.experiment>=?2)"
                " ORDER BY rank, number",
                (self._project.number, self._since),
            ).fetchall()
        return [number for (number,) in rows if number not in self.refused]

    def batch(self, numbers: Sequence[int]) -> None:
        """Look at these tasks, and write what was seen in one short transaction."""
        bench = self._bench
        samples = self._samples(numbers)
        with bench.folders.job() as folder:
            staged = bench.material.stage(self._project, samples, folder, stop=self._stop)
            seen = self._see(staged, folder) if staged else []
        found = {sample.task: what for sample, what in zip(staged, seen, strict=True)}
        with bench.tables.write() as db:
            settings = read_settings(db, self._project.number)
            for sample in samples:
                self._note(db, settings, sample.task, found.get(sample.task, _GONE))
            bench.experiments.note(
                self._project.number,
                self._experiment.number,
                total=max(self.total, self.looked),
                looked=self.looked,
                prelabeled=self.prelabeled,
                unreadable=self.unreadable,
            )
        self._report(0)

    def _samples(self, numbers: Sequence[int]) -> list[Sample]:
        """Those that are still to be labeled."""
        with self._bench.tables.read() as db:
            marks = ",".join("?" * len(numbers))
            rows = db.execute(
                f"SELECT number, path FROM task WHERE project=? AND number IN ({marks})"  # noqa: S608 marks only
                " AND state IN ('open', 'prelabeled')",
                (self._project.number, *numbers),
            ).fetchall()
        paths = dict(rows)
        return [Sample(task=number, path=paths[number]) for number in numbers if number in paths]

    def _see(self, staged: Sequence[Sample], folder: Path) -> list[Seen]:
        bench, model = self._bench, self._model
        job = {
            "work": "look",
            "kind": model.lesson.value,
            "classes": list(model.classes),
            "images": [{"path": sample.file} for sample in staged],
            "models": [str(bench.folders.model(name)) for name in model.files],
            "outlines": model.outlines,
        }
        result = bench.run_job(
            self._experiment,
            folder,
            job,
            staged,
            stop=self._stop,
            limit_s=bench.work.grace_s + len(staged) * bench.work.picture_s,
            progress=lambda fraction, _stage: self._report(fraction * len(staged)),
        )
        return msgspec.convert(result["pictures"], list[Seen])

    def _note(self, db: sqlite3.Connection, settings: ProjectSettings, task: int, what: Seen) -> None:
        """What was seen of one task. A task that somebody has is refused, until the next run."""
        project, lesson = self._project.number, self._model.lesson
        proposed = _by_model(db, project, task)
        if what.error is None:
            labels = prelabels(
                lesson,
                what,
                self._model.classes,
                threshold=settings.assist.threshold,
                wanted=settings.assist.classes,
            )
            if proposed and not answers.propose(db, project, task, labels, at=self._bench.clock.now()):
                self.refused.add(task)
                return
            self.prelabeled += bool(labels) and proposed
            doubt = (uncertainty(lesson, what), project, task)
            db.execute("UPDATE task SET uncertainty=? WHERE project=? AND number=?", doubt)
            rank = f"UPDATE task SET rank={rank_of(settings)} WHERE project=? AND number=?"  # noqa: S608 a literal
            db.execute(rank, (project, task))
        else:
            self.unreadable += 1
        db.execute(
            "INSERT OR REPLACE INTO inspected SELECT project, number, round, ?, ? FROM task"
            " WHERE project=? AND number=?",
            (self._experiment.number, proposed, project, task),
        )
        self.looked += 1

    def _report(self, more: float) -> None:
        done = self.looked + more
        self._bench.board.put(self._experiment, done / max(1, self.total), f"{round(done)} of {self.total} pictures")


def _model(bench: Bench, project: Project, experiment: Experiment) -> _Model:
    training = bench.experiments.find(project.number, int(experiment.detail["training"]))
    files = () if training is None else tuple(training.detail.get("models", ()))
    if training is None or not files:
        raise ExperimentFailed("NoModel", "The model is not there any more; a new training makes one.")
    return _Model(
        lesson=lesson_of(project.spec),
        classes=tuple(training.detail["classes"]),
        files=files,
        outlines=project.spec.annotation_type is AnnotationType.INSTANCE_SEGMENTATION,
    )


def _by_model(db: sqlite3.Connection, project: int, task: int) -> bool:
    """Whether the task's pre-labels are a model's, or there are none: only such may be replaced."""
    row = db.execute(
        "SELECT EXISTS (SELECT 1 FROM label WHERE project=?1 AND task=?2),"
        " EXISTS (SELECT 1 FROM label WHERE project=?1 AND task=?2 AND source<>'prelabel'),"
        " EXISTS (SELECT 1 FROM inspected WHERE project=?1 AND task=?2 AND proposed=1)",
        (project, task),
    ).fetchone()
    some, other, proposed = row
    return not some or (bool(proposed) and not other)
