"""Checks of how this shell reaches Azure: proxies, certificate authorities, and variables that point elsewhere."""

import ssl
from pathlib import Path
from urllib.parse import urlsplit

from automation.doctor.machine import Machine
from automation.doctor.types import Finding, failure, fine, warning

__all__ = ["check_authorities", "check_cloud_variables", "check_proxies"]

PROXIES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
HERE = ("localhost", "127.0.0.1")
BUNDLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
POINTERS = ("AZURE_AUTHORITY_HOST", "ARM_METADATA_HOSTNAME", "ARM_CLOUD_METADATA_URL", "IDENTITY_ENDPOINT")


def check_proxies(machine: Machine) -> Finding:
    lower = {key.upper(): value for key, value in machine.environment.items() if value}
    proxies = [name for name in PROXIES if name in lower]
    if not proxies:
        return fine("no proxy")
    if bare := [name for name in proxies if "://" not in lower[name]]:
        return failure(f"{' and '.join(bare)} without http:// in front", "write it like http://proxy.example.org:8080")
    spared = {part.strip() for part in lower.get("NO_PROXY", "").split(",")}
    said = f"{' and '.join(proxies)} set"
    if "*" in spared or spared >= set(HERE):
        return fine(f"{said}; this machine is left out")
    return warning(
        f"{said}, and NO_PROXY does not name {' and '.join(sorted(set(HERE) - spared))}",
        "set NO_PROXY=localhost,127.0.0.1: visionlab knows it, other clients of the local Azure do not",
    )


def check_authorities(machine: Machine) -> Finding:
    """Files of certificates that variables name: each tool fails in its own words when one is not there."""
    named = [name for name in BUNDLES if name in machine.environment]
    wrong: list[str] = []
    for name in named:
        value = machine.environment[name]
        if not value:
            wrong.append(f"{name} is set to nothing, which `az` takes for a file")
        elif why := _unreadable(Path(value)):
            wrong.append(f"{name} names {value}, which {why}")
    folder = machine.environment.get("SSL_CERT_DIR")
    if folder and not Path(folder).is_dir():
        wrong.append(f"SSL_CERT_DIR names {folder}, which is no folder")
    if wrong:
        return failure("; ".join(wrong), f"unset {' '.join(named) or 'SSL_CERT_DIR'}, or name a file of certificates")
    return fine(f"{', '.join(named)} name certificates" if named else "the machine's own")


def check_cloud_variables(machine: Machine) -> Finding:
    """Whether this shell was pointed at another Azure than the lab is on."""
    here = [name for name in POINTERS if _is_here(machine.environment.get(name, ""))]
    if not here:
        return fine("none")
    said = f"{', '.join(here)} point this shell at a local Azure"
    if machine.on_azure:
        return failure(
            f"{said}, and the stack {machine.stack} is on Azure",
            "use another shell, or unset what `visionlab local env` has set (ARM_*, AZURE_*, IDENTITY_*, SSL_CERT_FILE,"
            " REQUESTS_CA_BUNDLE)",
        )
    return fine(said)


def _is_here(value: str) -> bool:
    try:
        return (urlsplit(value if "://" in value else f"https://{value}").hostname or "") in HERE
    except ValueError:
        return False


def _unreadable(path: Path) -> str | None:
    """Why a file gives no certificate authority, or None."""
    if not path.is_file():
        return "is not there"
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cafile=path)
    except (OSError, ssl.SSLError):
        return "holds no certificates"
    return None
