"""What one local Azure is and keeps: ports, tenant, subscription, its service principal, the admin token.

Owns: DIR/settings.json (mode 0600) and the paths below DIR.
Leaves: certificates to `certificates.py`, keys of accounts to the store.
"""

import json
import os
import secrets
import socket
import string
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path

__all__ = ["Settings", "SettingsError", "free_port", "keep_settings", "load_settings", "secret_text", "write_private"]

_VERSION = 1


class SettingsError(Exception):
    """The local Azure cannot start as asked; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that stays the same from start to start, and the options of this start."""

    state_dir: Path
    port: int
    blob_port: int
    tenant_id: str
    subscription_id: str
    client_id: str
    client_secret: str = field(repr=False)
    object_id: str
    admin_token: str = field(repr=False)
    identity_port: int = 0
    identity_header: str = field(default="", repr=False)
    imds: bool = False
    rotate_key: bool = False
    host: str = "127.0.0.1"
    role_delay_s: float = 2.0
    throttle: float = 1.0
    record: Path | None = None
    page_size: int = 1_000
    web: tuple[Path, ...] = (Path(__file__).parent / "web",)
    """Where node_modules may lie, for the pages."""

    @property
    def origin(self) -> str:
        """Where Entra, ARM and the services answer."""
        return f"https://localhost:{self.port}"

    @property
    def blob_origin(self) -> str:
        """Where Azurite answers; accounts are the first path segment."""
        return f"https://127.0.0.1:{self.blob_port}"

    @property
    def identity_origin(self) -> str:
        """Where managed identities get tokens: plain http, which their clients insist on."""
        return f"http://127.0.0.1:{self.identity_port}"

    @property
    def vault_key(self) -> Path:
        """What values of secrets are encrypted with."""
        return self.state_dir / "vault.key"

    @property
    def vault_suffix(self) -> str:
        """What the host names of vaults end in, port included."""
        return f"vault.localhost:{self.port}"

    @property
    def database(self) -> Path:
        return self.state_dir / "state.db"

    @property
    def accounts_file(self) -> Path:
        """What the blob server knows of accounts."""
        return self.state_dir / "blob" / "accounts.json"

    @property
    def access_file(self) -> Path:
        """What the blob server knows of roles."""
        return self.state_dir / "blob" / "access.json"

    @property
    def faults_file(self) -> Path:
        """What the blob server knows of fault rules."""
        return self.state_dir / "blob" / "faults.json"

    @property
    def endpoint_file(self) -> Path:
        return self.state_dir / "endpoint.json"


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, in one step."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def secret_text() -> str:
    """A new secret. None begins with a dash: `az login -p SECRET` would take it for an option."""
    return secrets.choice(string.ascii_letters + string.digits) + secrets.token_urlsafe(30)


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def load_settings(
    state_dir: Path,
    *,
    port: int | None = None,
    blob_port: int | None = None,
    identity_port: int | None = None,
    imds: bool = False,
    rotate_key: bool = False,
    host: str = "127.0.0.1",
    role_delay_s: float = 2.0,
    throttle: float = 1.0,
    page_size: int = 1_000,
    record: Path | None = None,
) -> Settings:
    """Read the kept settings, or invent them at the first start. Ports that are given win.

    Nothing is kept yet: a start that fails, for its port is taken, must not bind the next one.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    state_dir.chmod(0o700)
    path = state_dir / "settings.json"
    kept = _read(path) if path.exists() else {}
    document: dict[str, object] = {
        "port": port or kept.get("port") or free_port(),
        "blob_port": blob_port or kept.get("blob_port") or free_port(),
        "identity_port": identity_port or kept.get("identity_port") or free_port(),
        "identity_header": kept.get("identity_header") or secrets.token_urlsafe(30),
        "client_secret": kept.get("client_secret") or secret_text(),
        "admin_token": kept.get("admin_token") or secrets.token_urlsafe(30),
    } | {
        name: kept.get(name) or str(uuid.uuid4()) for name in ("tenant_id", "subscription_id", "client_id", "object_id")
    }
    known = Settings(state_dir=state_dir, **document)  # pyright: ignore[reportArgumentType] checked by _read
    return replace(
        known,
        imds=imds,
        rotate_key=rotate_key,
        host=host,
        role_delay_s=role_delay_s,
        throttle=throttle,
        page_size=page_size,
        record=record,
    )


def keep_settings(settings: Settings) -> None:
    """Keep what stays the same from start to start."""
    kept = (
        "port",
        "blob_port",
        "identity_port",
        "identity_header",
        "client_secret",
        "admin_token",
        "tenant_id",
        "subscription_id",
        "client_id",
        "object_id",
    )
    document = {"version": _VERSION} | {name: getattr(settings, name) for name in kept}
    path = settings.state_dir / "settings.json"
    if not path.exists() or _read(path) != document:
        write_private(path, json.dumps(document, indent=2).encode())


def _read(path: Path) -> dict[str, object]:
    try:
        document = json.loads(path.read_bytes())
    except ValueError as error:
        raise SettingsError(f"{path} is not JSON ({error}); run `visionlab local reset` to start afresh") from error
    if not isinstance(document, dict) or document.get("version") != _VERSION:  # pyright: ignore[reportUnknownMemberType] JSON
        raise SettingsError(f"{path} is of another version; run `visionlab local reset` to start afresh")
    return document  # pyright: ignore[reportUnknownVariableType] JSON
