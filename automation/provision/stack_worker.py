"""A worker: one run of one stack, in a process of its own.

Owns: reading the task, doing it, telling its end; and that SIGTERM is heard as Ctrl-C is.
Leaves: the run to the stack, whose state says what was under way when a worker is killed.
"""

import signal
import sys
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import NoReturn

from automation.clock import Clock, SystemClock
from automation.errors import Cancelled, LabBusy
from automation.provision.events import Summary
from automation.provision.stack_messages import Carried, Ended, PipeTokens, Task
from automation.provision.stacks import open_place

__all__ = ["when_free", "work"]

BUSY_S = 20.0
LOOK_S = 0.25


def work(descriptor: int) -> None:
    """Do the task that comes through the pipe."""
    signal.signal(signal.SIGTERM, _interrupt)
    with Connection(descriptor) as pipe:
        try:
            task: Task = pipe.recv()
            ended = _done(task, pipe)
            pipe.send(ended)
        except (EOFError, OSError):  # nobody is left to tell; the state knows
            return
        finally:
            sys.stdout.flush()
            sys.stderr.flush()


def _done(task: Task, pipe: Connection) -> Ended:
    try:
        stack = open_place(task.place, tokens=PipeTokens(pipe))
        acts = {"up": stack.up, "preview": stack.preview, "destroy": stack.destroy, "refresh": stack.refresh}
        return Ended(summary=when_free(acts[task.what], SystemClock()))
    except KeyboardInterrupt:
        return Ended(failure=Carried.pack(Cancelled(task.what)))
    except Exception as exc:  # noqa: BLE001 (it is raised again where the run was asked for)
        return Ended(failure=Carried.pack(exc))


def when_free(act: Callable[[], Summary], clock: Clock) -> Summary:
    """Run as soon as nobody else works on the stack. Raises LabBusy when somebody does for too long.

    The workers of a starter that was killed finish what they have begun, and are done in a moment.
    """
    end = clock.monotonic() + BUSY_S
    while True:
        try:
            return act()
        except LabBusy:
            if clock.monotonic() >= end:
                raise
        clock.sleep(LOOK_S)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
