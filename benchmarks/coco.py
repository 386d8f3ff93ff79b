"""How fast `visionlab dataset` and `visionlab evaluate` are beside what people use for the same work.

    python benchmarks/coco.py [--times 5] [--only convert outlines large map transforms small duplicates]

Both sides are whole processes on files that are made anew, run by turns, so that other work on the machine meets
both. Figures are medians. Conversion is compared by the time that passes, for it uses two processors, and in brackets
by that of processors, which other work on the machine changes less; the rest by processor time alone. Peers need
.tools/bench (`make bench` makes it).
Memory is the highest RssAnon that a look every ten milliseconds saw, of a process and its children: pages of files do
not count.
"""

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # beside us, and no package
from coco_files import write_detections, write_labels, write_pictures

ROOT = Path(__file__).resolve().parent.parent
VISIONLAB = str(Path(sys.executable).with_name("visionlab"))
PEER = (str(ROOT / ".tools" / "bench" / "bin" / "python"), str(ROOT / "benchmarks" / "coco_peers.py"))
IMAGES, BOXES = 118_000, 860_000
MB = 1024.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One whole process: seconds by the wall and by the processor, the highest anonymous memory in MB."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def run(command: Sequence[str], *, fine: tuple[int, ...] = (0,)) -> Run:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    started, peak = time.perf_counter(), 0.0
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=output, stderr=said, env=environment)
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            peak = max(peak, _anonymous_mb(process.pid))
            time.sleep(0.01)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said.seek(0)
        text, talk = output.read().decode(errors="replace"), said.read().decode(errors="replace")
    if process.returncode not in fine:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{talk[-2000:]}")
    return Run(wall_s=time.perf_counter() - started, cpu_s=usage.ru_utime + usage.ru_stime, peak_mb=peak, output=text)


def _anonymous_mb(pid: int) -> float:
    """Of the process and its children."""
    try:
        found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    own = int(found.group(1)) / MB if found else 0.0
    return own + sum(_anonymous_mb(int(child)) for child in children)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One line of the table. `reached` is None where there is no goal."""

    name: str
    value: str
    goal: str = ""
    reached: bool | None = None


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="how often each side runs")
    parser.add_argument("--only", nargs="+", choices=tuple(PARTS), default=list(PARTS))
    options = parser.parse_args()
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    print(f"{machine}, medians of {options.times}\n")
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        for part in options.only:
            for figure in PARTS[part](Path(folder), options.times):
                mark = {True: "reached", False: "MISSED", None: ""}[figure.reached]
                print(f"{figure.name:<58} {figure.value:<30} {figure.goal:<16} {mark}", flush=True)
                missed |= figure.reached is False
    return 1 if missed else 0


def by_turns(times: int, **commands: Sequence[str]) -> dict[str, list[Run]]:
    """Each command once, then each a second time and so on."""
    runs: dict[str, list[Run]] = {name: [] for name in commands}
    for _ in range(times):
        for name, command in commands.items():
            runs[name].append(run(command))
    return runs


def cpu(runs: Sequence[Run]) -> float:
    return statistics.median(one.cpu_s for one in runs)


def wall(runs: Sequence[Run]) -> float:
    return statistics.median(one.wall_s for one in runs)


def beside_peers(folder: Path, times: int, labels: Path, title: str) -> Iterator[Figure]:
    out = folder / "out"
    out.mkdir(exist_ok=True)
    convert = (VISIONLAB, "dataset", "convert", str(labels), "--to", "normalised", "--out", str(out / "ours.json"))
    peers = {name: (*PEER, name, str(labels), str(out)) for name in ("orjson", "pycocotools", "datumaro")}
    runs = by_turns(times, ours=convert, **peers)
    ours = wall(runs["ours"])
    size = labels.stat().st_size / 1e6
    took = f"{ours:.2f} s ({cpu(runs['ours']):.2f} s of processors)"
    yield Figure(name=f"{title}, {size:.0f} MB: check + convert + write", value=took)
    for name, goal, most in (("datumaro", 25.0, False), ("pycocotools", 6.0, False), ("orjson", 2.5, True)):
        ratio = ours / wall(runs[name]) if most else wall(runs[name]) / ours
        of_cpu = cpu(runs["ours"]) / cpu(runs[name]) if most else cpu(runs[name]) / cpu(runs["ours"])
        words = "of orjson.loads" if most else f"faster than {name}"
        yield Figure(
            name=f"  times {words} ({wall(runs[name]):.2f} s)",
            value=f"{ratio:.1f} ({of_cpu:.1f} of processors)",
            goal=f"{'at most' if most else 'at least'} {goal:g}",
            reached=ratio <= goal if most else ratio >= goal,
        )
    peak = max(one.peak_mb for one in runs["ours"])
    yield Figure(name="  peak anonymous memory", value=f"{peak:.0f} MB", goal="at most 150 MB", reached=peak <= 150)


def convert(folder: Path, times: int) -> Iterator[Figure]:
    labels = write_labels(folder / "labels.json", images=IMAGES, boxes=BOXES)
    yield from beside_peers(folder, times, labels, "118,000 images, 860,000 boxes")


def outlines(folder: Path, times: int) -> Iterator[Figure]:
    labels = write_labels(folder / "outlines.json", images=IMAGES, boxes=BOXES + 690_000, outlines=True)
    yield from beside_peers(folder, times, labels, "with segmentation")
    labels.unlink()


def large(folder: Path, times: int) -> Iterator[Figure]:
    del times  # one run tells the memory
    labels = write_labels(folder / "large.json", images=IMAGES * 10, boxes=BOXES * 10)
    out = folder / "large-out.json"
    one = run((VISIONLAB, "dataset", "convert", str(labels), "--to", "normalised", "--out", str(out)))
    value = f"{one.peak_mb:.0f} MB ({one.cpu_s:.1f} s)"
    yield Figure(name="peak memory for 1.4 GB", value=value, goal="at most 250 MB", reached=one.peak_mb <= 250)
    labels.unlink()
    out.unlink()


def mean_average_precision(folder: Path, times: int) -> Iterator[Figure]:
    truth = write_labels(folder / "truth.json", images=5_000, boxes=36_000)
    found = write_detections(truth, folder / "found.json", detections=200_000)
    runs = by_turns(
        times,
        ours=(VISIONLAB, "evaluate", str(truth), str(found), "--json"),
        peer=(*PEER, "evaluation", str(truth), str(found)),
    )
    ratio = cpu(runs["peer"]) / cpu(runs["ours"])
    name = f"mAP, 200,000 detections ({cpu(runs['ours']):.2f} s): times faster than pycocotools"
    yield Figure(name=name, value=f"{ratio:.1f}", goal="at least 30", reached=ratio >= 30)


def transforms(folder: Path, times: int) -> Iterator[Figure]:
    labels = folder / "labels.json"
    if not labels.exists():
        write_labels(labels, images=IMAGES, boxes=BOXES)
    other = write_labels(folder / "other.json", images=1_000, boxes=5_000)
    merged, parts = folder / "merged.json", folder / "parts"
    file = str(labels)
    commands: dict[str, Sequence[str]] = {
        "check": (VISIONLAB, "dataset", "check", file),
        "stats": (VISIONLAB, "dataset", "stats", file),
        "merge": (VISIONLAB, "dataset", "merge", file, str(other), "--prefix", "--out", str(merged)),
        "split": (VISIONLAB, "dataset", "split", file, "--ratios", "train=0.8,val=0.2", "--out", str(parts)),
    }
    runs = by_turns(times, **commands)
    validate = cpu(runs["check"])
    yield Figure(name="check of the 143 MB file", value=f"{validate:.2f} s")
    for name in ("stats", "merge", "split"):
        ratio = cpu(runs[name]) / validate
        yield Figure(name=f"  {name}, times the check", value=f"{ratio:.2f}", goal="at most 2", reached=ratio <= 2)


def small(folder: Path, times: int) -> Iterator[Figure]:
    labels = write_labels(folder / "small.json", images=100, boxes=550)
    runs = [run((VISIONLAB, "dataset", "check", str(labels))) for _ in range(times)]
    wall = statistics.median(one.wall_s for one in runs)
    yield Figure(
        name=f"check of a file of {labels.stat().st_size / 1e3:.0f} kB, whole process",
        value=f"{wall:.3f} s ({cpu(runs):.3f} s of the processor)",
        goal="at most 0.25 s",
        reached=wall <= 0.25,
    )


def duplicates(folder: Path, times: int) -> Iterator[Figure]:
    del times  # one run tells enough
    pictures = write_pictures(folder / "pictures", pictures=10_000, alike=200)
    one = run((VISIONLAB, "dataset", "duplicates", str(pictures), "--near", "--json"))
    value = f"{one.wall_s:.1f} s ({len(json.loads(one.output)['drop'])} to be dropped)"
    yield Figure(name="near duplicates among 10,000", value=value, goal="at most 60 s", reached=one.wall_s <= 60)


PARTS: dict[str, Callable[[Path, int], Iterator[Figure]]] = {
    "convert": convert,
    "outlines": outlines,
    "large": large,
    "map": mean_average_precision,
    "transforms": transforms,
    "small": small,
    "duplicates": duplicates,
}

if __name__ == "__main__":
    sys.exit(main())
