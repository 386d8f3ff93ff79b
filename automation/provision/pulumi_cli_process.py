"""Pulumi's CLI as a process: started apart from the terminal, stopped once and politely, killed when it must be.

Owns: the process, its version, and what Ctrl-C does to it.
Leaves: which commands to run to `pulumi_cli_driver.py`.

The CLI runs in a session of its own. In the terminal's, Ctrl-C would reach it beside us, and a second signal makes it
drop the requests that are under way; and it would reach the providers, which the CLI wants to end itself.
"""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

from pulumi.automation import CommandResult, PulumiCommand, errors
from semver import VersionInfo

from automation.errors import ConfigError

__all__ = ["OLDEST", "CliProcess", "read_version"]

OLDEST = VersionInfo(3, 206, 0)  # from here on the CLI tells its events over gRPC
PATIENCE_S = 60.0  # for requests under way, after Ctrl-C


def read_version(cli: Path) -> VersionInfo:
    """What the CLI says it is. Raises ConfigError when it cannot be used."""
    try:
        done = subprocess.run(  # noqa: S603 # the user's own CLI, no shell
            [cli, "version"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
            env={**os.environ, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
        version = VersionInfo.parse(done.stdout.strip().removeprefix("v"))
    except (OSError, subprocess.SubprocessError, ValueError) as exc:
        raise ConfigError(f"{cli} does not say its version: {exc}", hint="install the Pulumi CLI again") from exc
    if not OLDEST <= version < VersionInfo(OLDEST.major + 1):
        raise ConfigError(
            f"the Pulumi CLI {cli} is version {version}",
            hint=f"install version {OLDEST} or a newer one of the same major version",
        )
    return version


class CliProcess(PulumiCommand):
    """The CLI, one command at a time.

    Args:
        cli: Where it is.
        patience_s: How long it may take to end after `interrupt`.
    """

    def __init__(self, cli: Path, *, patience_s: float = PATIENCE_S) -> None:
        self.command = str(cli)
        self.version = read_version(cli)
        self._patience_s = patience_s
        self._lock = threading.Lock()
        self._running: subprocess.Popen[str] | None = None
        self._killer: threading.Timer | None = None
        self.stopped = False

    def run(
        self,
        args: list[str],
        cwd: str,
        additional_env: Mapping[str, str],
        on_output: Callable[[str], object] | None = None,
        on_error: Callable[[str], object] | None = None,
    ) -> CommandResult:
        """Run one command to its end. Raises CommandError, with all that it printed, when it fails."""
        command = [self.command, *([] if "--non-interactive" in args else ["--non-interactive"]), *args]
        environment = {**os.environ, **additional_env, "PULUMI_AUTOMATION_API": "true"}
        environment["PATH"] = os.pathsep.join([str(Path(self.command).parent), environment.get("PATH", "")])
        said: dict[str, list[str]] = {"stdout": [], "stderr": []}
        with self._start(command, cwd, environment) as process:
            readers = [
                threading.Thread(target=_read, args=(process.stdout, said["stdout"], on_output), daemon=True),
                threading.Thread(target=_read, args=(process.stderr, said["stderr"], on_error), daemon=True),
            ]
            for reader in readers:
                reader.start()
            code = process.wait()
            self._ended()
            for reader in readers:
                reader.join()
        result = CommandResult(stdout="\n".join(said["stdout"]), stderr="\n".join(said["stderr"]), code=code)
        if code != 0:
            raise errors.create_command_error(result)
        return result

    def interrupt(self) -> None:
        """Ask the CLI to finish what is under way and end; kill it when it has not by the deadline."""
        with self._lock:
            self.stopped = True
            process = self._running
            if process is None or process.poll() is not None or self._killer is not None:
                return
            if os.name == "nt":
                process.send_signal(signal.CTRL_BREAK_EVENT)  # pyright: ignore[reportAttributeAccessIssue] # Windows only
            else:
                process.send_signal(signal.SIGINT)
            self._killer = threading.Timer(self._patience_s, self.kill)
            self._killer.daemon = True
            self._killer.start()

    def kill(self) -> None:
        """End the CLI and what it started, at once."""
        self.stopped = True
        process = self._running
        if process is None or process.poll() is not None:
            return
        if os.name == "nt":
            process.kill()
            return
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def _start(self, command: list[str], cwd: str, environment: Mapping[str, str]) -> "subprocess.Popen[str]":
        with self._lock:
            if self.stopped:
                raise errors.create_command_error(CommandResult(stdout="", stderr="stopped before it began", code=255))
            self._running = subprocess.Popen(  # noqa: S603 # the user's own CLI, no shell
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=cwd,
                env=environment,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            )
            return self._running

    def _ended(self) -> None:
        with self._lock:
            if self._killer is not None:
                self._killer.cancel()
            self._running = self._killer = None


def _read(stream: IO[str] | None, lines: list[str], tell: Callable[[str], object] | None) -> None:
    """Keep every line, and pass it on."""
    for line in stream or ():
        text = line.rstrip()
        lines.append(text)
        if tell is not None:
            tell(text)
