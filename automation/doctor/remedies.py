"""What `--fix` can do: safe things, one row each, done one after the other and told.

Owns: the acts. Nothing is deleted, no setting of anybody's is changed, and each act may be repeated.
Leaves: asking first to the CLI, and whether it helped to the next pass over the checks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from automation.clock import Clock, SystemClock
from automation.doctor.machine import Machine
from automation.doctor.offers import unregistered
from automation.doctor.service import PROVIDERS
from automation.errors import Refused, WaitTimeout
from automation.local import write_hosts
from automation.progress import Progress

__all__ = ["REMEDIES", "Remedy", "register_providers", "remedy_named"]

REGISTER_S, PAUSE_S = 300.0, 5.0
MARK = "# added by visionlab"
_SYSTEM_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """One row.

    Attributes:
        name: What findings call it by.
        does: What it will do, as a sentence for people.
        act: Does it, and says what it did. Raises LabError when it cannot.
    """

    name: str
    does: Callable[[Machine], str]
    act: Callable[[Machine, Progress], str]


def remedy_named(name: str) -> Remedy:
    return next(remedy for remedy in REMEDIES if remedy.name == name)


def _install_pulumi(_machine: Machine, _progress: Progress) -> str:
    from automation.provision.pulumi_install import install_cli

    return f"installed {install_cli(_pulumi_home())}"


def _install_blob_server(machine: Machine, _progress: Progress) -> str:
    machine.local.install()
    return "installed the blob server"


def _start_local(machine: Machine, progress: Progress) -> str:
    connection = machine.local.ensure_started(progress)
    return f"started the local Azure at {connection.get('origin')}"


def _make_folders(machine: Machine, _progress: Progress) -> str:
    missing = machine.missing_folders()
    for folder in missing:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as exc:
            raise Refused(f"{folder} cannot be made: {exc.strerror}", hint="make it yourself") from exc
    return f"made {', '.join(map(str, missing))}" if missing else "nothing was missing any more"


def _add_hosts(machine: Machine, _progress: Progress) -> str:
    """Adds lines at the end; what stands there is left as it is."""
    lost = [host for host in machine.host_names() if not host.resolves]
    if not lost:
        return "nothing was missing any more"
    lines = "".join(f"{line} {MARK}\n" for line in write_hosts(lost).splitlines())
    path = machine.hosts_file
    try:
        before = path.read_text("utf-8") if path.exists() else ""
        with path.open("a", encoding="utf-8") as file:
            file.write(("" if before.endswith("\n") or not before else "\n") + lines)
    except (OSError, UnicodeDecodeError) as exc:
        hint = "`visionlab local hosts --missing | sudo tee -a /etc/hosts`"
        raise Refused(f"{path} is not ours to write to", hint=hint) from exc
    return f"added {len(lost)} lines to {path}"


def register_providers(machine: Machine, progress: Progress, clock: Clock = _SYSTEM_CLOCK) -> str:
    """Registering costs nothing; Azure takes its time with it."""
    service = machine.service()
    missing = [name for name, state in unregistered(service).items() if state.lower() != "registering"]
    for namespace in missing:
        service.arm.post(f"{service.scope}/providers/{namespace}/register", api_version=PROVIDERS)
    started = clock.monotonic()
    for namespace in missing:
        while True:
            found = service.arm.get(f"{service.scope}/providers/{namespace}", api_version=PROVIDERS)
            state, waited = str(found.get("registrationState")), clock.monotonic() - started
            if state.lower() == "registered":
                break
            if waited > REGISTER_S:
                raise WaitTimeout(resource=f"the registration of {namespace}", waited_s=waited, last_status=state)
            progress(waited, None, f"{namespace} is {state}")
            clock.sleep(PAUSE_S)
    return f"registered {', '.join(missing)}" if missing else "nothing was left to register"


def _pulumi_home() -> Path:
    return Path.home() / ".pulumi"


REMEDIES: tuple[Remedy, ...] = (
    Remedy(
        name="install-pulumi",
        does=lambda _: f"downloads the Pulumi CLI from get.pulumi.com into {_pulumi_home()}",
        act=_install_pulumi,
    ),
    Remedy(
        name="install-blob-server",
        does=lambda _: "installs the blob server (Azurite) by npm, once for all labs",
        act=_install_blob_server,
    ),
    Remedy(
        name="make-folders",
        does=lambda machine: f"makes {', '.join(map(str, machine.missing_folders()))}",
        act=_make_folders,
    ),
    Remedy(name="start-local", does=lambda _: "starts the local Azure, so that it can be asked", act=_start_local),
    Remedy(
        name="register-providers",
        does=lambda machine: f"registers {', '.join(unregistered(machine.service()))} in the subscription",
        act=register_providers,
    ),
    Remedy(
        name="add-hosts",
        does=lambda machine: f"adds names of the local Azure to {machine.hosts_file}",
        act=_add_hosts,
    ),
)
