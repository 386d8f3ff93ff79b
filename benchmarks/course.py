"""How long a course of N seats takes on the local Azure: up, status, a second up, down and verified; and its memory.

    python benchmarks/course.py [--seats 30 200] [--parallel 4] [--small]

Each number of seats has an empty folder and a local Azure of its own. Every command is a process, as a teacher has it;
times are by the clock on the wall, beside them the processor time of the command with its workers and that of the local
Azure with its blob server, which other work on the machine moves less. Memory is the
proportional share (PSS) of all processes together, the command's, its workers', the local Azure's and the blob
server's, looked at twice a second. At the end no resource group and no seat may be left.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

VISIONLAB = Path(sys.executable).with_name("visionlab")
GOALS_30 = {"up": 60.0, "status": 1.0, "down": 60.0}
GOAL_MB = 1536
THREADS = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """One command: seconds, processor seconds of it with its workers, and of the local Azure with its blob server,
    most memory of all processes in MB.
    """

    wall_s: float
    cpu_s: float
    azure_cpu_s: float
    most_mb: float
    answer: dict[str, Any] = field(repr=False)


def course(folder: Path, *words: str) -> Took:
    """Run one command of the course to its end, and look at memory meanwhile."""
    environment = {**os.environ, **THREADS}
    environment.pop("VISIONLAB_HOME", None)
    began = time.perf_counter()
    process = psutil.Popen(
        [VISIONLAB, "-q", "course", *words, "--json"],
        cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    watch = Watch(process.pid, folder / ".visionlab" / "local" / "endpoint.json")
    out, err = process.communicate()
    wall = time.perf_counter() - began
    watch.stop()
    if process.returncode:
        raise SystemExit(f"visionlab course {' '.join(words)} ended with {process.returncode}\n{err}\n{out}")
    azure = watch.azure_cpu_s
    return Took(wall_s=wall, cpu_s=watch.cpu_s, azure_cpu_s=azure, most_mb=watch.most_mb, answer=json.loads(out))


class Watch:
    """Looks at the memory of a command, its workers and the local Azure, until it is told to stop."""

    def __init__(self, pid: int, endpoint: Path) -> None:
        self._pid, self._endpoint = pid, endpoint
        self.most_mb = 0.0
        self._cpu: dict[int, float] = {}
        self._azure: dict[int, float] = {}
        self._before = {process.pid: used_s(process) for process in family(local_pid(endpoint))}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    @property
    def cpu_s(self) -> float:
        return sum(self._cpu.values())

    @property
    def azure_cpu_s(self) -> float:
        return sum(used - self._before.get(pid, 0.0) for pid, used in self._azure.items())

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(0.5):
            command, azure = family(self._pid), family(local_pid(self._endpoint))
            self._cpu |= {process.pid: used for process in command if (used := used_s(process))}
            self._azure |= {process.pid: used for process in azure if (used := used_s(process))}
            self.most_mb = max(self.most_mb, sum(map(share_mb, [*command, *azure])))


def local_pid(endpoint: Path) -> int:
    try:
        return int(json.loads(endpoint.read_text())["pid"])
    except (OSError, ValueError, KeyError):
        return 0


def family(pid: int) -> list[psutil.Process]:
    try:
        return [(first := psutil.Process(pid)), *first.children(recursive=True)] if pid else []
    except psutil.Error:
        return []


def used_s(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
        return times.user + times.system
    except psutil.Error:
        return 0.0


def share_mb(process: psutil.Process) -> float:
    try:
        return process.memory_full_info().pss / 1e6
    except (psutil.Error, AttributeError):
        return 0.0


def measure(seats: int, *, parallel: int, small: bool) -> dict[str, Took]:
    with tempfile.TemporaryDirectory(prefix="visionlab-bench-course-") as text:
        folder = Path(text)
        names = [f"student{number:04}@example.org" for number in range(seats)]
        (folder / "botany.csv").write_text("email\n" + "\n".join(names) + "\n")
        up = ("up", "botany.csv", "--create-people", "--parallel", str(parallel), *(["--small"] if small else []))
        try:
            found = {
                "up": course(folder, *up),
                "status": course(folder, "status"),
                "up again": course(folder, "up", "botany.csv"),
                "down": course(folder, "down", "botany.csv", "--confirm", "botany"),
            }
        finally:
            stop(folder)
        return found


def check(found: dict[str, Took], seats: int) -> None:
    """No seat was lost, and none was left."""
    ran, again, down = (found[name].answer for name in ("up", "up again", "down"))
    states = [seat["state"] for seat in found["status"].answer["seats"]]
    if len(ran["ran"]) != seats or ran["failed"] or states != ["up"] * seats or again["ran"]:
        raise SystemExit(f"{seats} seats: not all of them are up")
    if len(down["gone"]) != seats + 1 or down["left_behind"] or down["stayed"]:
        raise SystemExit(f"{seats} seats: not all of them are gone")


def stop(folder: Path) -> None:
    subprocess.run([VISIONLAB, "local", "stop"], cwd=folder, capture_output=True, check=False)


def say(seats: int, found: dict[str, Took]) -> None:
    for name, took in found.items():
        goal = GOALS_30.get(name) if seats == 30 else None
        mark = "" if goal is None else f"goal {goal:g} s {'reached' if took.wall_s <= goal else 'MISSED'}"
        print(f"{seats:>4} seats  {name:<9} {took.wall_s:7.2f} s  {processor(took)}  {mark}")
    most = max(took.most_mb for took in found.values())
    mark = f"goal {GOAL_MB} MB {'reached' if most <= GOAL_MB else 'MISSED'}"
    print(f"{seats:>4} seats  memory    {most:7.0f} MB of all processes together  {mark}")


def processor(took: Took) -> str:
    return f"(processor {took.cpu_s:6.1f} s, local Azure {took.azure_cpu_s:6.1f} s)"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="A course on the local Azure.")
    parser.add_argument("--seats", type=int, nargs="+", default=[30, 200], help="How many, one course for each number.")
    parser.add_argument("--parallel", type=int, default=4, help="Seats at once.")
    parser.add_argument("--small", action="store_true", help="Fewer pictures a seat.")
    given = parser.parse_args(arguments)
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} processors")
    each: list[tuple[int, float]] = []
    for seats in given.seats:
        found = measure(seats, parallel=given.parallel, small=given.small)
        say(seats, found)
        check(found, seats)
        up = found["up"]
        each.append((seats, (up.cpu_s + up.azure_cpu_s) / seats))
    if len(each) > 1:
        (few, first), (many, last) = each[0], each[-1]
        print(f"up, processor time of a seat: {first:.2f} s of {few}, {last:.2f} s of {many}: {last / first:.2f} times")
    return 0


if __name__ == "__main__":
    sys.exit(main())
