"""Checks of the local Azure on this machine: its blob server, ports, certificate and names."""

import json
from datetime import timedelta
from pathlib import Path
from typing import cast

from automation.doctor.machine import Machine
from automation.doctor.types import Finding, failure, fine, warning
from automation.errors import LabError

__all__ = ["check_blob_server", "check_certificate", "check_local", "check_names", "check_ports"]

SOON = timedelta(days=14)


def check_blob_server(machine: Machine) -> Finding:
    if machine.has_blob_server():
        return fine("Azurite is installed")
    fix = "run `visionlab local install` (in a checkout: `make setup`)"
    if machine.on_azure:
        return warning("no Azurite, which the local Azure needs", fix)
    return failure("no Azurite: the local Azure has no blobs without it", fix, remedy="install-blob-server")


def check_local(machine: Machine) -> Finding:
    found = machine.local.status()
    if found.running:
        return fine(f"runs at {found.origin} (process {found.pid}), blobs at {found.blob_origin}")
    if (machine.local.state_dir / "endpoint.json").exists():
        return warning("does not answer, though it was started", "the next command starts it; `visionlab local logs`")
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
        return failure(f"another program listens on {' and '.join(taken)}", fix)
    if running and len(taken) < len(ports):
        return failure(f"the local Azure does not listen on {shown}", "`visionlab local stop`, and start it again")
    return fine(shown)


def check_certificate(machine: Machine) -> Finding:
    path = machine.local.state_dir / "tls" / "leaf.pem"
    if not path.is_file():
        return fine("none yet; the first start makes it")
    from cryptography import x509

    try:
        expires = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    except (OSError, ValueError) as exc:
        return failure(f"{path} cannot be read: {exc}", "`visionlab local stop` and `visionlab local start`")
    left = expires - machine.now()
    said = f"good until {expires:%Y-%m-%d}"
    if left < timedelta():
        return failure(f"expired on {expires:%Y-%m-%d}", "`visionlab local stop` and `visionlab local start` renew it")
    if left < SOON:
        return warning(said, "`visionlab local stop` and `visionlab local start` renew it")
    return fine(said)


def check_names(machine: Machine) -> Finding:
    """Some clients insist on host names of accounts and vaults."""
    fix = "put the lines of `visionlab local hosts` into the hosts file, or install libnss-myhostname"
    try:
        hosts = machine.host_names()
    except LabError:
        hosts = []  # it ended just now; the check of the local Azure says so
    lost = [host.name for host in hosts if not host.resolves]
    if lost:
        said = f"{', '.join(lost)} do not resolve here, and some of Azure's own tools need them"
        return warning(said, f"`visionlab doctor --fix`, or {fix}", remedy="add-hosts")
    if hosts or machine.resolves("account.blob.localhost"):
        return fine("names below localhost lead to this machine")
    return warning(
        "names below localhost do not resolve; some of Azure's own tools need those of accounts and vaults", fix
    )


def _settings(path: Path) -> dict[str, object]:
    try:
        found: object = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}
