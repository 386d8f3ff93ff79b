"""The local Azure's process: started detached, found again by its connection file, stopped and proved stopped.

Owns: the process and its log. It is known by process id and instance id together, so a stranger that got the same id
is never stopped, and a stranger on the same port is never spoken to.
Leaves: ports, certificates, state to the process itself.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, LabError, OperationFailed, Refused
from automation.local import alive
from automation.local.health import ask_shutdown, health
from automation.progress import Progress, silent

__all__ = ["LocalAzure", "LocalStatus"]

START_S = 60.0
STOP_S = 15.0
TAIL_LINES = 12
_SYSTEM_CLOCK = SystemClock()
# The local Azure's own: its ports, and the lock it takes before it knows them. A folder with one of them is its folder.
MARKS = ("settings.json", "lock.db")


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalStatus:
    """How the local Azure is."""

    running: bool
    pid: int | None = None
    origin: str | None = None
    blob_origin: str | None = None
    version: str | None = None
    state_dir: Path
    health: dict[str, object] = field(default_factory=dict[str, object])


class LocalAzure:
    """The local Azure whose state is in one folder."""

    def __init__(
        self,
        state_dir: Path,
        *,
        clock: Clock = _SYSTEM_CLOCK,
        command: Sequence[str] = (sys.executable, "-m", "localazure"),
        ask: Callable[[dict[str, object]], dict[str, object] | None] = health,
    ) -> None:
        self.state_dir = state_dir.absolute()
        self._clock, self._command, self._ask = clock, tuple(command), ask

    @property
    def log_file(self) -> Path:
        return self.state_dir / "local.log"

    def connection(self) -> dict[str, object] | None:
        """The connection file of the process that runs now, or None."""
        found = self._endpoint()
        return found if found is not None and self._is_ours(found) else None

    def ensure_started(self, progress: Progress = silent, *, options: Sequence[str] = ()) -> dict[str, object]:
        """Start it unless it runs; its connection. Raises ConfigError or OperationFailed with the log's end."""
        if (running := self.connection()) is not None:
            return running
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self._forget_clouds()
        started = self._clock.monotonic()
        child = self._spawn(options)
        while (waited := self._clock.monotonic() - started) < START_S:
            progress(waited, None, "starting the local Azure")
            if (code := child.poll()) is not None:
                # Another command may have started it at the same moment: then that one is ours to use.
                if (running := self.connection()) is not None:
                    return running
                raise self._failed(code)
            if (running := self.connection()) is not None:
                child.returncode = 0  # it outlives us on purpose, of which Popen would warn
                return running
            self._clock.sleep(0.05)
        child.kill()
        child.wait()
        raise OperationFailed(
            resource="the local Azure",
            status="not ready",
            detail=f"it gave no answer for {START_S:.0f} s\n{self._tail()}",
            hint=f"its log is {self.log_file}",
        )

    def status(self) -> LocalStatus:
        """Whether it runs, and where."""
        found = self._endpoint()
        said = self._ask(found) if found is not None and alive.is_alive(_pid(found)) else None
        if found is None or said is None:
            return LocalStatus(running=False, state_dir=self.state_dir)
        return LocalStatus(
            running=True,
            pid=_pid(found),
            origin=str(found.get("origin")),
            blob_origin=str(found.get("blob_origin")),
            version=str(found.get("version")),
            state_dir=self.state_dir,
            health=said,
        )

    def stop(self, progress: Progress = silent) -> bool:
        """Stop it and wait until it is gone; False when it did not run."""
        found = self.connection()
        if found is None:
            return False
        pid = _pid(found)
        if not ask_shutdown(found):
            alive.end(pid, hard=False)
        started, told, hard = self._clock.monotonic(), False, False
        while alive.is_alive(pid):
            waited = self._clock.monotonic() - started
            progress(waited, None, "stopping the local Azure")
            if waited > STOP_S / 3 and not told:
                alive.end(pid, hard=False)
                told = True
            if waited > STOP_S and not hard:
                alive.end(pid, hard=True)
                hard = True
            if waited > 2 * STOP_S:
                raise OperationFailed(
                    resource="the local Azure", status="still running", detail=f"process {pid} does not end"
                )
            self._clock.sleep(0.05)
        return True

    def reset(self) -> bool:
        """Stop it and remove all it knows; the next start is a new, empty Azure. False when there was nothing."""
        self.stop()
        if not self.state_dir.exists():
            return False
        if not any((self.state_dir / mark).exists() for mark in MARKS) and any(self.state_dir.iterdir()):
            raise Refused(
                f"{self.state_dir} was not made by the local Azure ({MARKS[0]} is not in it)",
                hint="look into it, and remove it yourself if you want",
            )
        shutil.rmtree(self.state_dir)
        return True

    def logs(self, lines: int = 200) -> str:
        """The end of its log."""
        try:
            content = self.log_file.read_text("utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(content.splitlines()[-lines:])

    def install(self) -> None:
        """Install the blob server by npm; needs Node and a package registry. Raises ConfigError when it fails."""
        done = subprocess.run([*self._command, "install"], check=False, capture_output=True, text=True)  # noqa: S603 # our own program
        if done.returncode:
            said = (done.stderr or done.stdout).strip() or f"it ended with code {done.returncode}"
            raise ConfigError(f"the blob server could not be installed: {said}", hint="install Node 18 or newer")

    def _forget_clouds(self) -> None:
        """What `az` remembers of the cloud would lead it to the ports, or past the services, of an earlier start."""
        for name in ("cloudEndpoints.json", "msal_http_cache.bin"):
            (self.state_dir / "az" / name).unlink(missing_ok=True)

    def _spawn(self, options: Sequence[str]) -> "subprocess.Popen[bytes]":
        """A process that outlives us, in a session of its own: Ctrl-C is meant for the command, not for the server."""
        log = os.open(self.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            return subprocess.Popen(  # noqa: S603 # our own program, no shell
                [*self._command, "serve", "--state", str(self.state_dir), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.state_dir,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
        finally:
            os.close(log)

    def _endpoint(self) -> dict[str, object] | None:
        try:
            found: object = json.loads((self.state_dir / "endpoint.json").read_bytes())
        except (OSError, ValueError):
            return None
        return cast("dict[str, object]", found) if isinstance(found, dict) else None

    def _is_ours(self, found: dict[str, object]) -> bool:
        return alive.is_alive(_pid(found)) and self._ask(found) is not None

    def _tail(self) -> str:
        return self.logs(TAIL_LINES)

    def _failed(self, code: int) -> LabError:
        """Its own last words: it explains itself when the machine lacks something (code 2)."""
        said = self._tail() or f"it ended with code {code} and said nothing"
        if code == 2:
            problem = said.splitlines()[-1].removeprefix("error: ")
            return ConfigError(f"the local Azure cannot start: {problem}", hint=f"its log is {self.log_file}")
        return OperationFailed(
            resource="the local Azure", status=f"stopped (code {code})", detail=said, hint=f"its log is {self.log_file}"
        )


def _pid(found: dict[str, object]) -> int:
    value = found.get("pid")
    return value if isinstance(value, int) else 0
