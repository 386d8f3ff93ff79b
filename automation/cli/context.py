"""What a command works with: the lab, where its state is, and the clients, put together.

Owns: reading the environment (VISIONLAB_HOME, credentials' variables) and one run at a time on a lab.
Leaves: making the clients to `automation.workflow.Workbench`, which is imported when a command runs: help and
completion come without it.
"""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from automation.cli.console import Console
from automation.cli.given import given
from automation.clock import SystemClock

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab
    from automation.workflow.workbench import Workbench

__all__ = ["has_blob_server_here", "home_of", "local_home_of", "open_bench", "open_lab", "state_of"]


def home_of(lab_file: Path) -> Path:
    """The state folder: `.visionlab` beside the lab file, or VISIONLAB_HOME."""
    if named := os.environ.get("VISIONLAB_HOME"):
        return Path(named).expanduser().absolute()
    path = lab_file.absolute()
    return (path if path.is_dir() else path.parent) / ".visionlab"


def state_of(lab: "Lab") -> Path:
    """A lab's state folder. A course's seat, and what is on the local Azure of another home, have their own."""
    is_seat = lab.provisioned is not None and lab.provisioned.course is not None
    return lab.folder / ".visionlab" if is_seat or lab.home is not None else home_of(lab.path)


def local_home_of(lab_file: Path) -> Path:
    """The state folder with the local Azure: what the lab file says as `home:`, else the lab's own."""
    from automation.workflow.lab_file import read_home

    return read_home(lab_file) or home_of(lab_file)


def has_blob_server_here() -> bool:
    """Whether this machine has the local Azure's blob server."""
    from automation.local import has_blob_server

    return has_blob_server(os.environ)


@contextmanager
def open_bench(lab: "Lab", console: Console) -> "Generator[Workbench]":
    """The clients of a lab; they are closed at the end."""
    from automation.workflow.workbench import Workbench

    home = state_of(lab)
    make = given().bench
    bench = make(lab, home) if make else Workbench(lab, home=home, environment=os.environ, clock=SystemClock())
    bench.watch_start(console.slow_line("local Azure"))
    try:
        yield bench
    finally:
        bench.close()


@contextmanager
def open_lab(
    file: Path, console: Console, *, lock: bool = False, stack: str | None = None
) -> "Generator[tuple[Lab, Workbench]]":
    """Read a lab file and open its clients; with `lock`, hold the lab, for what changes it.

    Args:
        file: The lab file.
        console: Hears of a local Azure that has to be started.
        lock: Whether to hold the lab.
        stack: Another stack than the file's own.
    """
    from automation.workflow.lab_file import read_lab
    from automation.workflow.lock import lab_lock

    lab = read_lab(file)
    if stack is not None and stack != lab.stack and lab.provisioned is not None:
        raise lab.provisioned.refuse(f"--stack {stack}")
    lab = replace(lab, stack=stack or lab.stack)
    with open_bench(lab, console) as bench:
        if not lock:
            yield lab, bench
            return
        command = " ".join(["visionlab", *sys.argv[1:]])
        with lab_lock(state_of(lab) / "lock", command=command, clock=SystemClock()):
            yield lab, bench
