"""Looks at a project whenever something changed in it, and asks for what is due: a training, an inference, ranks.

Owns: one thread, and the moments at which experiments begin by themselves. Whoever changes something only says so, and
never waits. Leaves: what is due to `lessons.py`, doing it to `service.py`.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

from localazure.labeling.assist.experiments import Experiment, Experiments, Kind, State
from localazure.labeling.assist.lessons import NOT_ENOUGH, is_time, lesson_of, plan
from localazure.labeling.assist.material import Material
from localazure.labeling.assist.order import Order
from localazure.labeling.project_settings import ProjectSettings, SettingsTable
from localazure.labeling.tables import Tables
from localazure.labeling.tasks import Counts, read_counts
from localazure.labeling.types import AnnotationType, JobStatus, Project

__all__ = ["Watcher"]

_log = logging.getLogger(__name__)


class Watcher:
    """`ask` adds an experiment of a kind, unless there is one that is not done. `emptied` hears of projects without a
    picture: they may have been deleted.
    """

    def __init__(
        self,
        *,
        tables: Tables,
        settings: SettingsTable,
        experiments: Experiments,
        material: Material,
        order: Order,
        projects: Callable[[int], Project | None],
        ask: Callable[[int, Kind, Mapping[str, Any]], Experiment],
        emptied: Callable[[int], None],
    ) -> None:
        self._tables = tables
        self._settings = settings
        self._experiments = experiments
        self._material = material
        self._order = order
        self._projects = projects
        self._ask = ask
        self._emptied = emptied
        self._seen: dict[int, tuple[int, int]] = {}
        self._ungrouped: set[int] = set()
        """Projects of whose pictures nobody wants groups: what they label are boxes."""
        self._change = threading.Condition()
        self._waiting: dict[int, None] = {}
        self._looking = False
        self._closing = False
        self._thread = threading.Thread(target=self._work, name="assist-watcher", daemon=True)

    def start(self) -> None:
        """Every project is looked at once: something may have changed unseen."""
        with self._tables.read() as db:
            known = [number for (number,) in db.execute("SELECT project FROM settings")]
        for number in known:
            self.touched(number)
        self._thread.start()

    def touched(self, project: int) -> None:
        """Something changed in it."""
        with self._change:
            self._waiting[project] = None
            self._change.notify_all()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until every change was looked at; False at the deadline."""
        with self._change:
            return self._change.wait_for(lambda: not self._waiting and not self._looking, timeout_s)

    def close(self, timeout_s: float) -> None:
        with self._change:
            self._closing = True
            self._change.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _work(self) -> None:
        while True:
            with self._change:
                self._change.wait_for(lambda: self._closing or self._waiting)
                if self._closing:
                    return
                project = next(iter(self._waiting))
                del self._waiting[project]
                self._looking = True
            try:
                self._look(project)
            except Exception:  # noqa: BLE001 a bug with one project must not end the watch over the others
                _log.exception("project %s could not be looked at", project)
            finally:
                with self._change:
                    self._looking = False
                    self._change.notify_all()

    def _look(self, number: int) -> None:
        settings = self._settings.read(number)
        with self._tables.read() as db:
            counts = read_counts(db, number)
        left = counts.open + counts.prelabeled
        total_before, left_before = self._seen.get(number, (-1, -1))
        self._seen[number] = (counts.total, left)
        if not counts.total:
            self._emptied(number)
            return
        grew = counts.total > total_before
        ranked = settings.order != "manual" or settings.assist.enabled
        if (grew and ranked) or not self._order.is_current(number):
            self._order.apply(number, anew=grew, asked_to_stop=lambda: self._closing)
        if settings.assist.enabled or settings.order == "clustered":
            self._assist(number, settings, counts, more=left > left_before)

    def _assist(self, number: int, settings: ProjectSettings, counts: Counts, *, more: bool) -> None:
        """Groups are also made where only the order asks for them."""
        last = self._experiments.last(number, Kind.TRAINING)
        due = is_time(settings.assist, counts.labeled, last)
        group = number not in self._ungrouped and self._experiments.last(number, Kind.CLUSTERING) is None
        new = (
            settings.assist.enabled
            and more
            and self._experiments.last(number, Kind.TRAINING, State.COMPLETED) is not None
        )
        project = self._projects(number) if due or group or new else None
        if project is None or project.status is not JobStatus.RUNNING:
            return
        if project.spec.annotation_type is not AnnotationType.CLASSIFICATION:
            self._ungrouped.add(number)
        elif group:
            self._ask(number, Kind.CLUSTERING, {"automatic": True})
        if due:
            self._train(project, counts, last)
        elif new:
            self._look_at_new_ones(number)

    def _train(self, project: Project, counts: Counts, last: Experiment | None) -> None:
        """What is missing is said once, and then kept up to date."""
        pictures, shown = self._material.shown(project.number)
        what = plan(lesson_of(project.spec), dict(project.spec.class_names()), shown, pictures)
        if what.missing is not None and last is not None and last.detail.get("code") == NOT_ENOUGH:
            self._experiments.note(project.number, last.number, labeled=counts.labeled, message=what.missing)
        else:
            self._ask(project.number, Kind.TRAINING, {"automatic": True, "labeled": counts.labeled})

    def _look_at_new_ones(self, number: int) -> None:
        """Pictures that came, or came back, after the last inference, which looks at nothing twice."""
        last = self._experiments.last(number, Kind.INFERENCE)
        if last is None or last.state is not State.COMPLETED:
            return
        with self._tables.read() as db:
            (some,) = db.execute(
                "SELECT EXISTS (SELECT 1 FROM task WHERE project=?1 AND state='open' AND fault='' AND"
                " NOT EXISTS (SELECT 1 FROM inspected AS i"
                " WHERE i.project=?1 AND i.task=task.number AND i.round=task.round))",
                (number,),
            ).fetchone()
        if some:
            detail = {"automatic": True, "training": last.detail.get("training"), "onlyNew": True}
            self._ask(number, Kind.INFERENCE, detail)
