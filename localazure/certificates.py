"""TLS for loopback: a private CA made once and kept, a leaf, a bundle for clients; each renewed before it ends.

Owns: DIR/tls. The CA's key is readable by its owner alone. Leaves: trusting the CA to whoever sets up a client,
using a renewed leaf in a process that runs to `renewal.py`.
"""

import json
import ssl
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from localazure.clock import Clock
from localazure.settings import write_private

__all__ = ["Certificates", "load_certificates"]

_NAMES = ("localhost", "127.0.0.1", "::1", "*.blob.localhost", "*.cognitiveservices.localhost", "*.vault.localhost")
_LEAF_DAYS = 397
_CA_DAYS = 3650
_RENEW_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """Paths of PEM files. `notices` say what was renewed just now, and who must do what about it."""

    ca_file: Path
    bundle_file: Path
    cert_file: Path
    key_file: Path
    notices: tuple[str, ...] = ()


def load_certificates(folder: Path, clock: Clock) -> Certificates:
    """The kept certificates; missing ones and those that end soon are made anew, at the same places."""
    folder.mkdir(parents=True, exist_ok=True)
    files = Certificates(
        ca_file=folder / "ca.pem",
        bundle_file=folder / "bundle.pem",
        cert_file=folder / "leaf.pem",
        key_file=folder / "leaf.key",
    )
    expiry = folder / "leaf.json"
    if _still_good(files, expiry, clock):
        return files
    ended = _ca_end(files)
    notices: tuple[str, ...] = ()
    if ended is not None and _ends_soon(ended, clock):
        notices = (_ca_notice(files, ended, clock),)
    _issue(folder, files, expiry, clock)
    return replace(files, notices=notices)


def _ends_soon(ends: datetime, clock: Clock) -> bool:
    return ends - clock.now() <= timedelta(days=_RENEW_DAYS)


def _ca_notice(files: Certificates, ended: datetime, clock: Clock) -> str:
    when = "ended" if ended <= clock.now() else "would have ended"
    return (
        f"The certificate authority of this local Azure {when} on {ended:%Y-%m-%d}; a new one was made. Programs that "
        "take it from `visionlab local env` must be started again, and need nothing else: the files are where they "
        f"were ({files.bundle_file}). Whoever trusts it elsewhere, a browser or the system's own store, must take out "
        f"the old one and import {files.ca_file} again."
    )


def _still_good(files: Certificates, expiry: Path, clock: Clock) -> bool:
    if not all(path.exists() for path in (files.ca_file, files.bundle_file, files.cert_file, files.key_file, expiry)):
        return False
    try:
        kept = json.loads(expiry.read_bytes())
        names = tuple(kept["names"])
        # Asked at every start: reading the CA itself would load a slow library each time.
        ends = [datetime.fromisoformat(kept[name]) for name in ("not_after", "ca_not_after")]
    except (ValueError, KeyError, TypeError):
        return False
    return names == _NAMES and not any(_ends_soon(end, clock) for end in ends)


def _ca_end(files: Certificates) -> datetime | None:
    """When the kept CA ends; None when there is none."""
    if not files.ca_file.exists():
        return None
    from cryptography import x509

    return x509.load_pem_x509_certificate(files.ca_file.read_bytes()).not_valid_after_utc


def _issue(folder: Path, files: Certificates, expiry: Path, clock: Clock) -> None:
    """A new leaf, by a new CA if the kept one is missing or ends soon. Stopped half-way, it is done again."""
    import trustme

    expiry.unlink(missing_ok=True)
    ca_key = folder / "ca.key"
    ca_end = _ca_end(files)
    if ca_end is None or _ends_soon(ca_end, clock) or not ca_key.exists():
        cert_pem, key_pem, ca_end = _new_ca(clock)
        write_private(ca_key, key_pem)
        files.ca_file.write_bytes(cert_pem)
    authority = trustme.CA.from_pem(files.ca_file.read_bytes(), ca_key.read_bytes())
    not_after = min(clock.now() + timedelta(days=_LEAF_DAYS), ca_end)
    leaf = authority.issue_cert(*_NAMES, not_before=clock.now() - timedelta(days=1), not_after=not_after)
    write_private(files.key_file, leaf.private_key_pem.bytes())
    files.cert_file.write_bytes(b"".join(part.bytes() for part in leaf.cert_chain_pems))
    files.bundle_file.write_bytes(_system_roots() + b"\n" + authority.cert_pem.bytes())
    said = {"not_after": not_after.isoformat(), "ca_not_after": ca_end.isoformat(), "names": _NAMES}
    expiry.write_text(json.dumps(said))


def _new_ca(clock: Clock) -> tuple[bytes, bytes, datetime]:
    """Certificate, key, end."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "visionlab local Azure"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "on this machine only"),
            # A name of its own: a client that holds two of our CAs must not take one for the other.
            x509.NameAttribute(NameOID.COMMON_NAME, f"visionlab {clock.now():%Y-%m-%d}"),
        ]
    )
    ends = (clock.now() + timedelta(days=_CA_DAYS)).replace(microsecond=0)
    signs = {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only",
              "decipher_only")  # fmt: skip
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(days=1))
        .not_valid_after(ends)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**signs, **dict.fromkeys(others, False)), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return certificate.public_bytes(serialization.Encoding.PEM), pem, ends


def _system_roots() -> bytes:
    paths = ssl.get_default_verify_paths()
    for candidate in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem"):
        if candidate and Path(candidate).is_file():
            return Path(candidate).read_bytes()
    import certifi

    return Path(certifi.where()).read_bytes()
