"""Looks at many pictures, on two threads, for Pillow decodes without holding the others up.

Owns: the order (that of the asking), progress, stopping at once on Ctrl-C. Leaves: one picture to `looking`.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from automation.pictures.limits import PictureLimits
from automation.pictures.looking import Look, look, quietly
from automation.progress import Progress, silent

__all__ = ["look_at", "on_threads"]

THREADS = 2
_AHEAD = 64

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def look_at(
    paths: Sequence[Path],
    limits: PictureLimits,
    *,
    where: Sequence[str] | None = None,
    fingerprint: bool = False,
    progress: Progress = silent,
) -> list[Look]:
    """A look at each file, in their order; `where` is what the findings of each point at."""

    def one(row: int) -> Look:
        at = None if where is None else where[row]
        return look(paths[row], limits, where=at, fingerprint=fingerprint)

    looks: list[Look] = []
    with quietly():
        for found in on_threads(one, range(len(paths))):
            looks.append(found)
            progress(len(looks), len(paths), paths[len(looks) - 1].name)
    return looks


def on_threads(act: Callable[[Asked], Answer], asked: Sequence[Asked]) -> Iterator[Answer]:
    """The answer to each, in order; few are under way at once."""
    pool = ThreadPoolExecutor(THREADS)
    waiting: deque[Future[Answer]] = deque()
    try:
        for one in asked:
            waiting.append(pool.submit(act, one))
            if len(waiting) > _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)
