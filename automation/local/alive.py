"""Whether a process lives, and how to end one, on the systems we run on."""

import os
import signal
import subprocess
import sys

__all__ = ["end", "is_alive"]


def is_alive(pid: int) -> bool:
    """Whether a process with this id runs. A finished child that nobody asked for counts as gone."""
    if pid <= 0:
        return False
    if sys.platform == "win32":
        asked = subprocess.run(  # noqa: S603 # a number of ours, no shell
            ["tasklist", "/FI", f"PID eq {pid}", "/NH", "/FO", "CSV"],  # noqa: S607 # part of Windows, found by its path
            capture_output=True,
            text=True,
            check=False,
        )
        return f'"{pid}"' in asked.stdout
    try:
        done, _ = os.waitpid(pid, os.WNOHANG)  # our own child: take its end, or it would look alive for ever
    except OSError:
        done = 0
    if done == pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(pid: int, *, hard: bool) -> None:
    """Tell a process to stop, or stop it at once."""
    if sys.platform == "win32":
        force = ["/F"] if hard else []
        subprocess.run(["taskkill", "/PID", str(pid), "/T", *force], capture_output=True, check=False)  # noqa: S603, S607 # our own process id; part of Windows
        return
    try:
        os.kill(pid, signal.SIGKILL if hard else signal.SIGTERM)
    except ProcessLookupError:
        return
