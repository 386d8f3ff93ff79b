"""What goes through the pipe between a run of many stacks and the process that works on one of them.

Owns: the messages, tokens asked for through the pipe, and errors that arrive as what they were.
Leaves: processes to `stack_server.py` and `stack_workers.py`.

Both ends are this program: the messages are pickles, over a pair of sockets that nobody else has.
"""

import threading
import time
import traceback
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Literal

from automation.errors import LabError
from automation.provision.events import Summary
from automation.provision.stacks import StackPlace

__all__ = ["Asked", "Carried", "Ended", "PipeTokens", "Task", "What"]

What = Literal["up", "preview", "destroy", "refresh"]
KEPT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is to do."""

    place: StackPlace
    what: What


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A worker needs a token."""

    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The worker's last word: the summary, or what was raised."""

    summary: Summary | None = None
    failure: "Carried | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """An exception on its way to another process, as what it is made of: not all can be made from their arguments."""

    kind: type[Exception]
    arguments: tuple[Any, ...] = field(repr=False)
    attributes: dict[str, Any] = field(repr=False)

    @classmethod
    def pack(cls, raised: Exception) -> "Carried":
        """A bug takes along where it was raised."""
        if not isinstance(raised, LabError):
            raised.add_note("".join(traceback.format_tb(raised.__traceback__)))
        return cls(kind=type(raised), arguments=raised.args, attributes=dict(vars(raised)))

    def unpack(self) -> Exception:
        raised = self.kind.__new__(self.kind)
        raised.args = self.arguments
        vars(raised).update(self.attributes)
        return raised


class PipeTokens:
    """Tokens of whoever started the worker, who has the credentials; threads may share it."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def token(self, scope: str) -> str:
        """A token for the scope. Raises what the starter's source raises."""
        with self._lock:
            known = self._known.get(scope)
            if known is None or time.monotonic() >= known[1]:
                known = self._known[scope] = self._ask(scope), time.monotonic() + KEPT_S
            return known[0]

    def _ask(self, scope: str) -> str:
        try:
            self._pipe.send(Asked(scope=scope))
            answer: object = self._pipe.recv()
        except (EOFError, OSError) as exc:
            raise LabError("whoever started this run is gone", hint="repeat the command to continue") from exc
        if isinstance(answer, Carried):
            raise answer.unpack()
        return str(answer)
