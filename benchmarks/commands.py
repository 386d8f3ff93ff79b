"""How soon the command line answers, and what the two engines cost on the same stack.

    python benchmarks/commands.py [--times 9]

Help, version and completion: medians of whole processes, by the clock on the wall and in processor time. The engines:
one lab without the ML workspace on one local Azure; each `up` in a process of its own, the two engines by turns, so
that other work on the machine meets both. The real CLI is left out where there is none.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

VISIONLAB = Path(sys.executable).with_name("visionlab")
GOAL_HELP_S = 0.10
LAB = "name: bench\nimages: {training-images: {path: photos}}\nsettings: {mlWorkspace: false, visionSku: S1}\n"
COMPLETE = {"_VISIONLAB_COMPLETE": "bash_complete", "COMP_WORDS": "visionlab la", "COMP_CWORD": "1"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What processes took, medians. Processor time counts what they started, too."""

    wall_s: float
    cpu_s: float

    def __str__(self) -> str:
        return f"{self.wall_s:.3f} s ({self.cpu_s:.3f} s of the processor)"


def once(words: Sequence[str], *, cwd: Path, more: Mapping[str, str] | None = None) -> Cost:
    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    cpu, wall = used(), time.perf_counter()
    subprocess.run([VISIONLAB, *words], cwd=cwd, env={**os.environ, **(more or {})}, capture_output=True, check=True)
    return Cost(wall_s=time.perf_counter() - wall, cpu_s=used() - cpu)


def median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        wall_s=statistics.median(cost.wall_s for cost in costs), cpu_s=statistics.median(cost.cpu_s for cost in costs)
    )


def main() -> int:
    arguments = argparse.ArgumentParser(description="The command line's own speed.")
    arguments.add_argument("--times", type=int, default=9, help="How often each is run.")
    times: int = arguments.parse_args().times
    print(f"{platform.platform()}, Python {platform.python_version()}, pulumi {version('pulumi')}, n = {times}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        slow = answers(folder, times)
        (folder / "photos").mkdir()
        (folder / "lab.yaml").write_text(LAB, "utf-8")
        once(["local", "start"], cwd=folder)
        try:
            engines(folder, times)
        finally:
            once(["lab", "down", "--yes"], cwd=folder)
            once(["local", "stop"], cwd=folder)
    return 1 if slow else 0


def answers(folder: Path, times: int) -> bool:
    """Help and its like; whether one is slower than its goal in processor time."""
    asked: tuple[tuple[str, list[str], Mapping[str, str]], ...] = (
        ("--help", ["--help"], {}),
        ("--version", ["--version"], {}),
        ("lab --help", ["lab", "--help"], {}),
        ("completion", [], COMPLETE),
    )
    slow = False
    for name, words, more in asked:
        once(words, cwd=folder, more=more)
        cost = median([once(words, cwd=folder, more=more) for _ in range(times)])
        slow = slow or cost.cpu_s > GOAL_HELP_S
        print(f"{name:<28} {cost}, goal {GOAL_HELP_S} s")
    return slow


def engines(folder: Path, times: int) -> None:
    """`up` that changes nothing, by both engines in turns."""
    once(["lab", "up"], cwd=folder)
    try:
        once(["lab", "up", "--engine", "pulumi"], cwd=folder)
    except subprocess.CalledProcessError:
        print("up, nothing to do             no Pulumi CLI: not compared")
        return
    pairs = [
        (once(["lab", "up"], cwd=folder), once(["lab", "up", "--engine", "pulumi"], cwd=folder)) for _ in range(times)
    ]
    ours, theirs = median([pair[0] for pair in pairs]), median([pair[1] for pair in pairs])
    print(f"{'up, nothing to do, embedded':<28} {ours}")
    print(f"{'up, nothing to do, real CLI':<28} {theirs}")
    ratio = statistics.median(mine.wall_s / other.wall_s for mine, other in pairs)
    print(f"{'embedded / real CLI':<28} {ratio:.2f}, goal at most 1")


if __name__ == "__main__":
    sys.exit(main())
