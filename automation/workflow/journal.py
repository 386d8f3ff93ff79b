"""What a lab's runs have done, one JSON line each: the file that makes a run resumable.

Owns: the file. A line is written and synced before the next act starts; a torn last line, left by a killed process
or a power cut, is sealed and skipped.
Leaves: what a step means to `steps.py`. No secret is ever a step's result.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from automation.clock import Clock

__all__ = ["Journal", "StepRecord"]


@dataclass(slots=True, kw_only=True)
class StepRecord:
    """All that the journal knows of one step.

    Attributes:
        fingerprint: Of the inputs it was started with last.
        done: Whether that start came to its end.
        result: What it gave, when it is done.
        notes: What it noted since that start.
        failure: Why that start came to no end, where it could still say so.
    """

    fingerprint: str
    done: bool = False
    seconds: float = 0.0
    result: dict[str, Any] = field(default_factory=dict[str, Any])
    notes: dict[str, Any] = field(default_factory=dict[str, Any])
    failure: str = ""


class Journal:
    """An append-only file of one lab's runs."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.path = path
        self._clock = clock
        self.steps: dict[str, StepRecord] = {}
        self.runs = 0
        self.last_at: str | None = None
        """When the last line was written, ISO 8601."""
        for entry in self._read():
            self._take(entry)

    def begin_run(self, run_id: str) -> None:
        """Start a run; what earlier ones did stays known."""
        self._write({"event": "run", "run": run_id})

    def start(self, step: str, fingerprint: str) -> None:
        """A step starts; notes of an earlier start with the same fingerprint stay."""
        self._write({"event": "started", "step": step, "fingerprint": fingerprint})

    def note(self, step: str, key: str, value: object) -> None:
        """Something a step has to know when it is started again."""
        self._write({"event": "note", "step": step, "key": key, "value": value})

    def finish(self, step: str, result: Mapping[str, object], seconds: float) -> None:
        """A step is done."""
        self._write({"event": "done", "step": step, "result": dict(result), "seconds": round(seconds, 3)})

    def fail(self, step: str, reason: str) -> None:
        """A step stopped; it is started again by the next run."""
        self._write({"event": "failed", "step": step, "reason": reason})

    def forget(self, *steps: str) -> None:
        """These steps are undone: the next run does them again."""
        self._write({"event": "forgotten", "steps": list(steps)})

    def close(self, reason: str) -> None:
        """The lab is gone: put the file aside, so that the next run starts with nothing known."""
        if not self.path.exists():
            return
        self._write({"event": "closed", "reason": reason})
        aside = self.path.with_name(f"{self.path.stem}.{self._clock.now():%Y%m%dT%H%M%S%f}.closed.jsonl")
        self.path.replace(aside)
        self.steps.clear()
        self.runs = 0

    def _read(self) -> Iterator[dict[str, Any]]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return
        for line in content.split(b"\n"):
            try:
                entry: object = json.loads(line)
            except ValueError:  # empty, or torn when its writer was killed: what it told never became known
                continue
            if isinstance(entry, dict):
                yield cast("dict[str, Any]", entry)

    def _take(self, entry: Mapping[str, Any]) -> None:
        self.last_at = str(entry["at"]) if "at" in entry else self.last_at
        step = str(entry.get("step", ""))
        record = self.steps.get(step)
        match entry.get("event"):
            case "run":
                self.runs += 1
            case "started":
                fingerprint = str(entry["fingerprint"])
                kept = record.notes if record and record.fingerprint == fingerprint and not record.done else {}
                self.steps[step] = StepRecord(fingerprint=fingerprint, notes=dict(kept))
            case "note" if record:
                record.notes[str(entry["key"])] = entry["value"]
            case "done" if record:
                record.done = True
                record.result = dict(entry["result"])
                record.seconds = float(entry["seconds"])
            case "failed" if record:
                record.failure = str(entry.get("reason", ""))
            case "forgotten":
                for name in entry["steps"]:
                    self.steps.pop(str(name), None)
            case _:
                pass

    def _write(self, entry: dict[str, object]) -> None:
        entry = {"at": self._clock.now().isoformat(timespec="milliseconds"), **entry}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(entry, sort_keys=True, ensure_ascii=False).encode() + b"\n"
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            size = os.fstat(handle).st_size
            if size:
                os.lseek(handle, size - 1, os.SEEK_SET)
                line = line if os.read(handle, 1) == b"\n" else b"\n" + line
            while line:
                line = line[os.write(handle, line) :]
            os.fsync(handle)
        finally:
            os.close(handle)
        self._take(entry)
