"""TLS for loopback: a private CA made once and kept, a leaf renewed in time, a bundle for clients.

Owns: DIR/tls. The CA's key is readable by its owner alone. Leaves: trusting the CA to whoever sets up a client.
"""

import json
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from localazure.clock import Clock
from localazure.settings import write_private

__all__ = ["Certificates", "load_certificates"]

_NAMES = ("localhost", "127.0.0.1", "::1", "*.blob.localhost", "*.cognitiveservices.localhost", "*.vault.localhost")
_LEAF_DAYS = 397
_RENEW_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Paths of PEM files."""

    ca_file: Path
    bundle_file: Path
    cert_file: Path
    key_file: Path


def load_certificates(folder: Path, clock: Clock) -> Certificates:
    """The kept certificates; missing or soon expiring ones are made anew."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Certificates(
        ca_file=folder / "ca.pem",
        bundle_file=folder / "bundle.pem",
        cert_file=folder / "leaf.pem",
        key_file=folder / "leaf.key",
    )
    expiry = folder / "leaf.json"
    if not _still_good(files, expiry, clock):
        _issue(folder, files, expiry, clock)
    return files


def _still_good(files: Certificates, expiry: Path, clock: Clock) -> bool:
    if not all(path.exists() for path in (files.ca_file, files.bundle_file, files.cert_file, files.key_file, expiry)):
        return False
    kept = json.loads(expiry.read_bytes())
    ends = datetime.fromisoformat(kept["not_after"])
    return tuple(kept["names"]) == _NAMES and ends - clock.now() > timedelta(days=_RENEW_DAYS)


def _issue(folder: Path, files: Certificates, expiry: Path, clock: Clock) -> None:
    import trustme

    ca_key = folder / "ca.key"
    if files.ca_file.exists() and ca_key.exists():
        authority = trustme.CA.from_pem(files.ca_file.read_bytes(), ca_key.read_bytes())
    else:
        authority = trustme.CA(organization_name="visionlab local Azure", organization_unit_name="on this machine only")
        write_private(ca_key, authority.private_key_pem.bytes())
        files.ca_file.write_bytes(authority.cert_pem.bytes())
    not_after = clock.now() + timedelta(days=_LEAF_DAYS)
    leaf = authority.issue_cert(*_NAMES, not_after=not_after)
    write_private(files.key_file, leaf.private_key_pem.bytes())
    files.cert_file.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    files.bundle_file.write_bytes(_system_roots() + b"\n" + authority.cert_pem.bytes())
    expiry.write_text(json.dumps({"not_after": not_after.isoformat(), "names": _NAMES}))


def _system_roots() -> bytes:
    paths = ssl.get_default_verify_paths()
    for candidate in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"):
        if candidate and Path(candidate).is_file():
            return Path(candidate).read_bytes()
    import certifi

    return Path(certifi.where()).read_bytes()
