"""Worker processes for stacks of the embedded engine, as whoever needs them sees them.

Owns: starting the server that workers are forked from, the pipe to each worker, tokens for it, and what it means when
one ends without a word.
Leaves: how many there are at a time to `many.py`, the other end to `stack_server.py` and `stack_worker.py`.

Threads of one process cannot do this: importing azure-native in two of them at once fails, and they would share one
processor. A worker lives for one stack, so that nothing of one stack can get into another.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any, Self

from automation.azure import TokenSource
from automation.clock import SystemClock
from automation.errors import Cancelled, LabError
from automation.provision.events import Summary
from automation.provision.stack_messages import Asked, Carried, Ended, Task, What
from automation.provision.stacks import StackPlace

__all__ = ["Workers", "can_fork"]

_LOOK_S = 0.2
_END_S = 60.0
_STOP_S = 120.0  # after a stop, for what has begun; the longest request of the local Azure is shorter
_STDERR = 2  # what is for people: the standard output is the result
_HINT = "repeat the command: it looks at what was begun, and continues"


def can_fork() -> bool:
    """Whether this system has what workers need."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


class Workers:
    """Starts workers; a context manager. The first one waits for the server to have imported everything."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._at_work: set[int] = set()
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the server; workers that are at work are asked to end in good order, and waited for."""
        with self._lock:
            self._drop()

    def run(self, place: StackPlace, tokens: TokenSource, what: What, *, stop: threading.Event) -> Summary:
        """Do one run in a worker. Raises what it raises there, and LabError when the worker was killed.

        Args:
            place: The stack.
            tokens: Who we are; the worker asks for tokens and has no credentials.
            what: The run.
            stop: When it is set, the worker finishes what it has begun and ends.
        """
        ours, theirs = socket.socketpair()
        with Connection(ours.detach()) as pipe:
            with theirs:
                pid = int(self._request({"fork": True}, theirs)["pid"])
            self._at_work.add(pid)
            ended: Ended | None = None
            try:
                with suppress(EOFError, OSError):
                    pipe.send(Task(place=place, what=what))
                    ended = _serve(pipe, tokens, stop, pid)
            finally:
                self._at_work.discard(pid)
        code = int(self._request({"wait": pid})["status"])
        if ended is None:
            raise _lost(what, place.stack, code)
        if ended.failure is not None:
            raise ended.failure.unpack()
        if ended.summary is None:
            raise Cancelled(what)
        return ended.summary

    def kill(self) -> None:
        """End all workers at once; their states say what was under way."""
        for pid in list(self._at_work):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _request(self, asked: dict[str, Any], passed: socket.socket | None = None) -> dict[str, Any]:
        """Ask the server; one that was killed is started anew, once."""
        with self._lock:
            for _ in range(2):
                with suppress(OSError, ValueError):
                    return self._ask(asked, passed)
                self._drop()
                if "wait" in asked:
                    return {"status": 0}  # its parent is gone, and nobody else can tell how it ended
        raise LabError("the process that starts workers ended by itself", hint=_HINT)

    def _ask(self, asked: dict[str, Any], passed: socket.socket | None) -> dict[str, Any]:
        control = self._control or self._start()
        line = json.dumps(asked).encode() + b"\n"
        if passed is None:
            control.sendall(line)
        else:
            socket.send_fds(control, [line], [passed.fileno()])
        return json.loads(control.makefile("rb").readline())

    def _start(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            command = [sys.executable, "-P", "-m", "automation.provision.stack_server", str(theirs.fileno())]
            self._server = subprocess.Popen(  # noqa: S603 (our own program, no shell)
                command, stdin=subprocess.DEVNULL, stdout=_STDERR, pass_fds=[theirs.fileno()]
            )
        self._control = ours
        return ours

    def _drop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._server is not None:
            try:
                self._server.wait(_END_S)
            except subprocess.TimeoutExpired:
                self._server.kill()
                self._server.wait()
        self._control = self._server = None


def _serve(pipe: Connection, tokens: TokenSource, stop: threading.Event, pid: int) -> Ended | None:
    """Give the worker tokens until it ends, and tell it when it has to."""
    clock, told_at = SystemClock(), None
    while True:
        message: object = pipe.recv() if pipe.poll(_LOOK_S) else None
        if isinstance(message, Ended):
            return message
        answer = _token(tokens, message.scope) if isinstance(message, Asked) else None
        if stop.is_set() and told_at is None:
            told_at = clock.monotonic()
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        elif told_at is not None and clock.monotonic() - told_at > _STOP_S:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if answer is not None:
            pipe.send(answer)


def _token(tokens: TokenSource, scope: str) -> str | Carried:
    try:
        return tokens.token(scope)
    except Exception as exc:  # noqa: BLE001 (it is raised where the token was needed)
        return Carried.pack(exc)


def _lost(what: str, stack: str, code: int) -> LabError:
    how = f"ended with code {code}"
    if code < 0:
        with suppress(ValueError):
            how = f"was killed by {signal.Signals(-code).name}"
    return LabError(f"{what} of {stack}: the process that worked on it {how}", hint=_HINT)
