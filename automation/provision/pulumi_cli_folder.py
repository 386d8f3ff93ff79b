"""The folder in which Pulumi's CLI works: generated settings, its back end, and the provider that it starts.

Owns: everything in `pulumi/` of the lab's state folder, and what a killed run left there.
Leaves: running the CLI to `pulumi_cli.py`, the state that outlives a run to `embedded/journal.py`.

The shipped Pulumi.yaml names no provider folder: with it, nobody could provision Azure with the real azure-native.
"""

import json
import os
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from automation.clock import Clock
from automation.errors import LabBusy

if TYPE_CHECKING:
    from automation.provision.embedded.crypter import Passphrase
    from automation.provision.project import StackConfig

__all__ = ["CliFolder", "write_private"]

PROVIDER = "azure-native"
ORPHAN_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CliFolder:
    """Where the CLI works on one stack.

    Attributes:
        path: The folder; it may not exist yet.
        project: The project's name, which stands in every URN.
        stack: The stack's name.
    """

    path: Path
    project: str
    stack: str

    @property
    def backend(self) -> str:
        return (self.path / "backend").as_uri()

    @property
    def checkpoint(self) -> Path:
        """Where the CLI keeps the stack's state while it works."""
        return self.path / "backend" / ".pulumi" / "stacks" / self.project / f"{self.stack}.json"

    @property
    def _running(self) -> Path:
        return self.path / f"{self.stack}.running"

    def write(self, settings: "StackConfig", crypter: "Passphrase") -> None:
        """Write the project, the stack's settings, and the provider's starter."""
        import yaml

        plugins, backend = self.path / "plugins", self.path / "backend"
        for folder in (self.path, plugins, backend):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        project = {
            "name": self.project,
            "runtime": "python",
            "backend": {"url": self.backend},
            "plugins": {"providers": [{"name": PROVIDER, "path": str(plugins)}]},
        }
        config = {
            key: {"secure": crypter.encrypt(text)} if key in settings.secret_keys else text
            for key, text in settings.values.items()
        }
        write_private(self.path / "Pulumi.yaml", yaml.safe_dump(project))
        of_stack = {"encryptionsalt": crypter.state, "config": config}
        write_private(self.path / f"Pulumi.{self.stack}.yaml", yaml.safe_dump(of_stack))
        write_private(plugins / f"pulumi-resource-{PROVIDER}", _starter(), mode=0o700)

    def environment(self, passphrase: str, connection: Mapping[str, str]) -> dict[str, str]:
        """What the CLI and the provider need to know, and nothing by which they would look elsewhere."""
        return {
            **connection,
            "PULUMI_HOME": str(self.path / "home"),
            "PULUMI_BACKEND_URL": self.backend,
            "PULUMI_CONFIG_PASSPHRASE": passphrase,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "PULUMI_IGNORE_AMBIENT_PLUGINS": "true",
        }

    def begin(self) -> None:
        """From now on the back end knows more than the state file."""
        write_private(self._running, f"{os.getpid()}\n")

    def end(self) -> None:
        """The state file knows everything again."""
        self._running.unlink(missing_ok=True)

    def left_behind(self) -> dict[str, Any] | None:
        """The deployment of a run that was killed before its state was taken over; None when there is none."""
        if not self._running.exists():
            return None
        try:
            found = json.loads(self.checkpoint.read_bytes())
        except FileNotFoundError:
            return None
        return {"version": found["version"], "deployment": found["checkpoint"]["latest"] or {}}

    def put(self, document: Mapping[str, Any]) -> bool:
        """Make a deployment the CLI's state, as `pulumi stack import` would; False where it knows no such stack yet."""
        try:
            found = json.loads(self.checkpoint.read_bytes())
        except (FileNotFoundError, ValueError):
            return False
        found["version"] = document["version"]
        found["checkpoint"]["latest"] = document["deployment"]
        write_private(self.checkpoint, json.dumps(found))
        return True

    def drop_dead_locks(self) -> None:
        """Remove the CLI's locks of processes that do not run any more; only one run at a time comes this far."""
        for lock, pid in self._locks():
            if not _alive(pid):
                lock.unlink(missing_ok=True)

    def drop_torn_attributes(self) -> None:
        """Remove what a kill left empty between making and writing it, of what the CLI keeps beside each file.

        It does without them, but not with an empty one: "failed to load checkpoint: EOF".
        """
        for attributes in (self.path / "backend" / ".pulumi").rglob("*.attrs"):
            try:
                json.loads(attributes.read_bytes())
            except ValueError:
                attributes.unlink(missing_ok=True)

    def wait_until_at_rest(self, clock: Clock) -> None:
        """Wait for a CLI whose starter was killed; without its program it ends soon. Raises LabBusy if not."""
        end = clock.monotonic() + ORPHAN_S
        while held := [(lock, pid) for lock, pid in self._locks() if _alive(pid)]:
            if clock.monotonic() >= end:
                lock, pid = held[0]
                raise LabBusy(
                    f"Pulumi's CLI (process {pid}) still works on the stack {self.stack}",
                    hint=f"wait until it ends; when there is no such process, remove {lock}",
                )
            clock.sleep(0.1)

    def _locks(self) -> list[tuple[Path, object]]:
        locks = self.path / "backend" / ".pulumi" / "locks" / "organization" / self.project / self.stack
        return [(lock, json.loads(lock.read_bytes()).get("pid")) for lock in sorted(locks.glob("*.json"))]


def _alive(pid: object) -> bool:
    if not isinstance(pid, int) or os.name == "nt":  # on Windows signal 0 would end the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _starter() -> str:
    """A program that becomes the provider. It starts in the program's folder, so the import path is said."""
    paths = os.pathsep.join(path for path in sys.path if path and Path(path).is_dir())
    command = shlex.join([sys.executable, "-m", "automation.provision.azure_native"])
    return f'#!/bin/sh\nexport PYTHONPATH={shlex.quote(paths)}\nexec {command} "$@"\n'


def write_private(path: Path, text: str, *, mode: int = 0o600) -> None:
    """Replace the file in one step; only its owner reads it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    temporary.replace(path)
