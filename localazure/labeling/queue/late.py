"""A number that takes long to work out: in a thread of its own, and the last one meanwhile.

Owns: the threads, and telling when a number came late. Leaves: the working out to whoever is asked.
"""

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

from localazure.labeling.types import Project

__all__ = ["Late"]

T = TypeVar("T")


class Late(Generic[T]):
    """Safe to share between threads; for each project one thread at most."""

    def __init__(self, work: Callable[[Project], T], *, nothing: T, patience_s: float = 0.1) -> None:
        """`nothing` stands until the first result is there. `work` runs at every `of`: it should keep what it has."""
        self._work = work
        self._nothing = nothing
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._running: dict[int, Future[T]] = {}
        self._last: dict[int, T] = {}
        self._listeners: list[Callable[[int], None]] = []

    def watch(self, listener: Callable[[int], None]) -> None:
        """Called with the project's number when a result came after those who asked had left with an older one."""
        self._listeners.append(listener)

    def of(self, project: Project) -> T:
        """The result when it is there within the patience, else the last one. What `work` raises is raised here."""
        with self._lock:
            if project.number in self._running:
                return self._last.get(project.number, self._nothing)
            future = self._running[project.number] = Future[T]()
        threading.Thread(target=self._run, args=(project, future), name="late", daemon=True).start()
        try:
            return future.result(timeout=self._patience_s)
        except TimeoutError:
            future.add_done_callback(lambda done: self._came_late(project.number, done))
            with self._lock:
                return self._last.get(project.number, self._nothing)

    def _run(self, project: Project, future: Future[T]) -> None:
        try:
            result = self._work(project)
        except BaseException as error:  # noqa: BLE001 it is raised to whoever waits for the future
            with self._lock:
                del self._running[project.number]
            future.set_exception(error)
            return
        with self._lock:
            self._last[project.number] = result
            del self._running[project.number]
        future.set_result(result)

    def _came_late(self, project: int, done: Future[T]) -> None:
        if done.exception() is None:
            for listener in self._listeners:
                listener(project)
