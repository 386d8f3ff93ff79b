"""The process that workers are forked from: it has imported what a stack needs, and has one thread and no gRPC yet.

Owns: forking a worker for each request, waiting for its end, and ending the workers in good order when the starter is
gone. `python -m automation.provision.stack_server DESCRIPTOR`, a socket of the starter's.
Leaves: what is done to a stack to `stack_worker.py`, the starter's side to `stack_workers.py`.

A request is one line of JSON, and so is its answer. {"fork": true} comes with the worker's end of a pipe and gives
{"pid": number}; {"wait": pid} gives {"status": code} when it has ended, as `Popen.returncode` counts.
"""

import gc
import json
import os
import signal
import socket
import sys
import time
from contextlib import suppress
from typing import Any

from automation.provision.preloading import preload
from automation.provision.stack_worker import work

__all__ = ["main"]

LONGEST = 4096
GRACE_S = 30
LOOK_S = 0.005


def main(control: socket.socket) -> int:
    """Serve until the starter closes its end."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole terminal; the starter decides
    preload()
    gc.collect()
    gc.freeze()  # what is there now is shared with all workers, as long as nobody writes to it
    workers: set[int] = set()
    while True:
        with suppress(ConnectionError):
            line, descriptors, _, _ = socket.recv_fds(control, LONGEST, 1)
            if line:
                control.sendall(json.dumps(_answer(json.loads(line), descriptors, workers, control)).encode() + b"\n")
                continue
        break
    _end(workers)
    return 0


def _answer(request: dict[str, Any], descriptors: list[int], workers: set[int], control: socket.socket) -> object:
    if "fork" in request:
        pid = _fork(descriptors[0], control)
        workers.add(pid)
        return {"pid": pid}
    pid = int(request["wait"])
    workers.discard(pid)
    return {"status": _status_of(pid)}


def _status_of(pid: int) -> int:
    """How a worker ended that has told its end; one that does not end is killed, for others wait for their turn."""
    end = time.monotonic() + GRACE_S
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
        time.sleep(LOOK_S)


def _fork(descriptor: int, control: socket.socket) -> int:
    pid = os.fork()
    if pid:
        os.close(descriptor)
        return pid
    try:
        control.close()
        work(descriptor)
    finally:
        os._exit(0)


def _end(workers: set[int]) -> None:
    """Let them finish what they have begun; they record it, and the next run continues."""
    for pid in workers:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(GRACE_S)
    for pid in workers:
        with suppress(ChildProcessError):
            os.waitpid(pid, 0)


if __name__ == "__main__":
    sys.exit(main(socket.socket(fileno=int(sys.argv[1]))))
