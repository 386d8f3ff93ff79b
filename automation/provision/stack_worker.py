"""A worker: one run of one stack, in a process of its own.

Owns: reading the task, doing it, telling its end; and that SIGTERM is heard as Ctrl-C is.
Leaves: the run to the stack, whose state says what was under way when a worker is killed.
"""

import signal
import sys
from multiprocessing.connection import Connection
from typing import NoReturn

from automation.errors import Cancelled
from automation.provision.stack_messages import Carried, Ended, PipeTokens, Task
from automation.provision.stacks import open_place

__all__ = ["work"]


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
        return Ended(summary=acts[task.what]())
    except KeyboardInterrupt:
        return Ended(failure=Carried.pack(Cancelled(task.what)))
    except Exception as exc:  # noqa: BLE001 (it is raised again where the run was asked for)
        return Ended(failure=Carried.pack(exc))


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt
