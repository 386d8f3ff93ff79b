"""Many small pieces of work, few under way at a time, until all are done or somebody asks to stop.

Owns: the bound, the order, and giving up. Leaves: what the work is to the services.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from localazure.lane import Stop

__all__ = ["Interrupted", "few_at_once"]


class Interrupted(Exception):
    """The work was to stop before it was done."""


def few_at_once(work: Callable[[int], None], count: int, stop: Stop, *, at_once: int) -> Iterator[int]:
    """Run `work` for 0..count-1; yields how many are done. Raises Interrupted, and what `work` raises."""
    waiting: deque[Future[None]] = deque()
    with ThreadPoolExecutor(at_once, thread_name_prefix="few-at-once") as pool:
        try:
            for number in range(count):
                if stop.asked:
                    raise Interrupted
                waiting.append(pool.submit(work, number))
                if len(waiting) >= at_once:
                    waiting.popleft().result()
                    yield number + 1 - len(waiting)
            while waiting:
                waiting.popleft().result()
                yield count - len(waiting)
        finally:
            for future in waiting:
                future.cancel()
