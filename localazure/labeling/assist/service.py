"""The assistance as one object: experiments are asked for, done one at a time, cancelled, and shown.

Owns: the lane, what follows what (a training's end begins an inference), every way in which an experiment ends.
Leaves: the work to the runs, the moment at which one begins by itself to `watcher.py`, ranks to `order.py`.
"""

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.errors import DISK_FULL, BlobError, is_disk_full
from localazure.few_at_once import Interrupted
from localazure.job_folders import Folders
from localazure.labeling.assist.bench import AssistWork, Bench, Board, ExperimentFailed
from localazure.labeling.assist.clusterings import cluster
from localazure.labeling.assist.experiments import Experiment, Experiments, Kind, State
from localazure.labeling.assist.inferences import infer
from localazure.labeling.assist.lessons import next_at
from localazure.labeling.assist.material import Material
from localazure.labeling.assist.order import Order
from localazure.labeling.assist.trainings import train
from localazure.labeling.assist.watcher import Watcher
from localazure.labeling.errors import user_error, wrong_state
from localazure.labeling.history import History
from localazure.labeling.project_settings import ProjectSettings, SettingsTable, read_settings
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import read_counts
from localazure.labeling.types import AnnotationType, Project
from localazure.lane import Lane, Stop, WorkKey

__all__ = ["Assist", "AssistWork", "ProjectsByNumber"]

_CLOSE_S = 15.0
_FAILED = "MLAssistFailed"
_log = logging.getLogger(__name__)


class ProjectsByNumber(Protocol):
    """What the assistance asks of the projects."""

    def by_number(self, number: int) -> Project | None: ...

    def say(self, number: int, code: str, text: str | None) -> None:
        """Put a warning among the project's status messages, in place of one with this code; None takes it away."""
        ...


class Assist:
    """Experiments that are asked for are done from `start` on, the oldest first; close it when requests have ended."""

    def __init__(
        self,
        *,
        tables: Tables,
        settings: SettingsTable,
        projects: ProjectsByNumber,
        blobs: Blobs,
        clock: Clock,
        history: History,
        folder: Path | None,
        work: AssistWork,
    ) -> None:
        """`folder` keeps models; None is a folder that goes with this object, for tests."""
        self._tables = tables
        self._settings = settings
        self._projects = projects
        self._own_folder = None if folder is not None else tempfile.mkdtemp(prefix="visionlab-assist-")
        self._changing = threading.Lock()
        self._gave_way: set[WorkKey] = set()
        self._current: WorkKey | None = None
        self.experiments = Experiments(tables, clock)
        self.order = Order(tables)
        self._lane = Lane("assist", self._perform)
        self._bench = Bench(
            tables=tables,
            clock=clock,
            history=history,
            experiments=self.experiments,
            material=Material(tables, blobs),
            folders=Folders(folder or Path(self._own_folder or "")),
            board=Board(self._tell),
            work=work,
        )
        self._watcher = Watcher(
            tables=tables,
            settings=settings,
            experiments=self.experiments,
            material=self._bench.material,
            order=self.order,
            projects=projects.by_number,
            ask=self._add,
            emptied=self._emptied,
        )
        settings.watch(self._settings_changed)
        tables.watch(self._watcher.touched)

    def start(self) -> None:
        """Begin to work; first comes what the process before did not finish, in its order."""
        self._bench.folders.clean(self.experiments.model_files())
        for experiment in self.experiments.unfinished():
            self._lane.add(_key(experiment))
        self._lane.start()
        self._watcher.start()

    def close(self) -> None:
        """Stop the worker. What it did not finish starts again with the next process."""
        self._watcher.close(_CLOSE_S)
        self._lane.close(_CLOSE_S)
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to decide or to do; False at the deadline."""
        deadline = time.monotonic() + timeout_s
        while self._watcher.wait_idle(deadline - time.monotonic()):
            if not self._lane.wait_idle(deadline - time.monotonic()):
                return False
            if self._watcher.wait_idle(0) and self._lane.wait_idle(0):
                return True
        return False

    def ask(self, project: Project, kind: Kind) -> Experiment:
        """A new experiment, or the one of this kind that is not done yet. AzureError 400 or 409."""
        detail: dict[str, Any] = {"automatic": False}
        if kind is Kind.CLUSTERING and project.spec.annotation_type is not AnnotationType.CLASSIFICATION:
            raise user_error("Pictures are grouped for classification only.", target="kind")
        if kind is Kind.INFERENCE:
            training = self._newest_model(project.number)
            if training is None:
                raise wrong_state("There is no model yet that could look at pictures; ask for a training.")
            detail["training"] = training.number
        return self._add(project.number, kind, detail)

    def cancel(self, project: int, number: int) -> bool:
        """False when there is no such experiment. AzureError 409 when it has come to another end."""
        experiment = self.experiments.find(project, number)
        if experiment is None:
            return False
        if experiment.state in (State.COMPLETED, State.FAILED):
            raise wrong_state(f"Experiment {number} is {experiment.state.value} and cannot be cancelled.")
        key = _key(experiment)
        with self._changing:
            will_report = self._lane.cancel(key) and key not in self._gave_way
        if not will_report:
            self.experiments.end(project, number, State.CANCELED)
        return True

    def set_order(self, project: Project, order: str) -> None:
        """The settings name the order, and when this returns the queue has it. AzureError 400."""
        if order == "clustered" and project.spec.annotation_type is not AnnotationType.CLASSIFICATION:
            raise user_error("Pictures are grouped for classification only.", target="order")
        self._settings.write(project.number, replace(self._settings.read(project.number), order=order))
        self.order.apply(project.number)

    def shown(self, project: int) -> list[dict[str, Any]]:
        """The experiments as JSON, the newest first."""
        return [self._shown(experiment) for experiment in self.experiments.newest(project)]

    def latest(self, project: int) -> list[dict[str, Any]]:
        """The newest of each kind, as JSON."""
        found = (self.experiments.last(project, kind) for kind in (Kind.TRAINING, Kind.INFERENCE, Kind.CLUSTERING))
        return [self._shown(experiment) for experiment in found if experiment is not None]

    def outlook(self, project: Project) -> dict[str, Any]:
        """When the next training begins by itself, as JSON: after how many labels, and how many there are."""
        with self._tables.read() as db:
            settings, counts = read_settings(db, project.number).assist, read_counts(db, project.number)
        last = self.experiments.last(project.number, Kind.TRAINING)
        return {
            "enabled": settings.enabled,
            "labeled": counts.labeled,
            "pictures": counts.total,
            "next": next_at(settings, counts.labeled, last) if settings.enabled else None,
            "model": None if (model := self._newest_model(project.number)) is None else model.number,
        }

    def _shown(self, experiment: Experiment) -> dict[str, Any]:
        progress = self._bench.board.of(experiment.project, experiment.number)
        fraction, stage = (0.0, "") if progress is None else (progress.fraction, progress.stage)
        return {
            "number": experiment.number,
            "kind": experiment.kind.value,
            "state": experiment.state.value,
            "created": experiment.created,
            "started": experiment.started,
            "ended": experiment.ended,
            "progress": {"fraction": 1.0 if experiment.state is State.COMPLETED else fraction, "stage": stage},
            "detail": {name: value for name, value in experiment.detail.items() if name != "models"},
        }

    def _add(self, project: int, kind: Kind, detail: Mapping[str, Any]) -> Experiment:
        with self._tables.write():
            for experiment in self.experiments.unfinished(project):
                if experiment.kind is kind:
                    return experiment
            experiment = self.experiments.add(project, kind, detail)
        self._lane.add(_key(experiment))
        return experiment

    def _perform(self, key: WorkKey, stop: Stop) -> None:
        number, experiment_number = int(key[0]), int(key[1])
        with self._changing:
            self._gave_way.discard(key)
            self._current = key
        experiment = self.experiments.begin(number, experiment_number)
        project = None if experiment is None else self._projects.by_number(number)
        if experiment is None:
            return
        if project is None:
            self.experiments.end(number, experiment_number, State.CANCELED)
            return
        finished = True
        try:
            finished = self._run(project, experiment, stop)
        except Interrupted:
            if not stop.closing:
                self.experiments.end(number, experiment_number, State.CANCELED)
        except ExperimentFailed as error:
            self._fail(experiment, error.code, error.message)
        except BlobError as error:
            self._fail(experiment, "PicturesUnreachable", f"The pictures cannot be read: {error}")
        except Exception as error:  # noqa: BLE001 a bug must not leave an experiment running for ever
            _log.exception("experiment %s failed", key)
            message = "It ended in an internal error; the local Azure's log has the details."
            self._fail(experiment, "InternalError", DISK_FULL if is_disk_full(error) else message)
        if finished:
            self._bench.board.drop(number, experiment_number)

    def _run(self, project: Project, experiment: Experiment, stop: Stop) -> bool:
        """False when it gave way to what else is to be done, and waits for its next turn."""
        bench = self._bench
        if experiment.kind is Kind.TRAINING:
            with self._tables.read() as db:
                settings, labeled = read_settings(db, project.number).assist, read_counts(db, project.number).labeled
            self.experiments.note(project.number, experiment.number, labeled=labeled)
            self._trained(project, experiment, train(bench, project, experiment, settings, stop))
            return True
        if experiment.kind is Kind.CLUSTERING:
            detail: Mapping[str, Any] | None = cluster(bench, project, experiment, stop)
            if self._settings.read(project.number).order == "clustered":
                self.order.apply(project.number, anew=True)
        else:
            detail = infer(bench, project, experiment, stop, give_way=lambda: self._lane.waiting > 0)
        if detail is None:
            return self._give_way(experiment, stop)
        self._end(experiment, detail)
        return True

    def _give_way(self, experiment: Experiment, stop: Stop) -> bool:
        with self._changing:
            if stop.asked:
                raise Interrupted
            self._gave_way.add(_key(experiment))
            self._lane.add(_key(experiment))
        return False

    def _trained(self, project: Project, experiment: Experiment, detail: Mapping[str, Any]) -> None:
        """The new model takes over: its inference begins, that of an older model ends, older models go."""
        number = project.number
        older = [
            one for one in self.experiments.newest(number) if one.kind is Kind.TRAINING and one.detail.get("models")
        ]
        with self._tables.write():
            if not self.experiments.end(number, experiment.number, State.COMPLETED, **detail):
                return
            for one in self.experiments.unfinished(number):
                if one.kind is Kind.INFERENCE:
                    text = f"The model of experiment {experiment.number} took over."
                    self.experiments.end(number, one.number, State.CANCELED, message=text)
            for one in older:
                self.experiments.note(number, one.number, models=[])
            inference = self.experiments.add(number, Kind.INFERENCE, {"automatic": True, "training": experiment.number})
        for one in older:
            for name in one.detail["models"]:
                self._bench.folders.drop_model(name)
        self._projects.say(number, _FAILED, None)
        self._lane.add(_key(inference))

    def _end(self, experiment: Experiment, detail: Mapping[str, Any]) -> None:
        """Never inside a transaction of the tables: whoever changes a project takes the locks the other way round."""
        if self.experiments.end(experiment.project, experiment.number, State.COMPLETED, **detail):
            self._projects.say(experiment.project, _FAILED, None)

    def _fail(self, experiment: Experiment, code: str, message: str) -> None:
        if self.experiments.end(experiment.project, experiment.number, State.FAILED, code=code, message=message):
            text = f"The {experiment.kind.value} (experiment {experiment.number}) failed: {message}"
            self._projects.say(experiment.project, _FAILED, text)

    def _newest_model(self, project: int) -> Experiment | None:
        training = self.experiments.last(project, Kind.TRAINING, State.COMPLETED)
        return training if training is not None and training.detail.get("models") else None

    def _settings_changed(self, _db: object, project: int, old: ProjectSettings, new: ProjectSettings) -> None:
        """Inside the transaction. Other proposals than before are asked for: the model looks again."""
        asked = (new.assist.threshold, new.assist.classes) != (old.assist.threshold, old.assist.classes)
        training = self._newest_model(project) if asked and new.assist.enabled else None
        if training is not None:
            self._add(project, Kind.INFERENCE, {"automatic": True, "training": training.number})

    def _emptied(self, project: int) -> None:
        """What runs for a project that is gone has nobody to run for."""
        key = self._current
        if key is not None and key[0] == str(project) and self.experiments.find(project, int(key[1])) is None:
            self._lane.cancel(key)

    def _tell(self, project: int) -> None:
        with self._tables.write():
            self._tables.touch(project)


def _key(experiment: Experiment) -> WorkKey:
    return (str(experiment.project), str(experiment.number))
