"""Running the local Azure as a process: sockets, TLS, Azurite beside it, endpoint.json, a clean end.

Owns: start and stop. Leaves: what is served to `app.py`, command lines to `__main__.py`.
"""

import contextlib
import json
import os
import signal
import socket
import sqlite3
import threading
import time
import uuid
from collections.abc import Generator, Mapping
from pathlib import Path
from types import FrameType

import uvicorn

from localazure import __version__
from localazure.app import BlobSide, LocalAzure, build
from localazure.blob.accounts_file import AccountsFile
from localazure.blob.azurite import Azurite, AzuriteError, find_toolchain
from localazure.blob.client import BlobClient
from localazure.blob.containers import Containers
from localazure.blob.reader import BlobReader
from localazure.certificates import Certificates, load_certificates
from localazure.clock import SystemClock
from localazure.entra.keys import SigningKey
from localazure.settings import Settings, SettingsError, write_private
from localazure.store import Store

__all__ = ["serve"]


def serve(settings: Settings, environment: Mapping[str, str]) -> int:
    """Serve until SIGTERM or SIGINT; the exit code. SettingsError or AzuriteError when it cannot start."""
    with _only_one(settings.state_dir):
        settings.endpoint_file.unlink(missing_ok=True)
        toolchain = find_toolchain(environment)
        sockets = _listen(settings)
        _check_free(settings.blob_port, "--blob-port")
        clock = SystemClock()
        certificates = load_certificates(settings.state_dir / "tls", clock)
        key = SigningKey(settings.state_dir / "signing.key")
        blob_folder = settings.state_dir / "blob"
        azurite = Azurite(
            toolchain=toolchain,
            port=settings.blob_port,
            folder=blob_folder,
            accounts_file=blob_folder / "accounts.json",
            certificates=certificates,
        )
        azurite.start()
        try:
            return _run(settings, certificates, key, azurite, sockets, clock)
        finally:
            settings.endpoint_file.unlink(missing_ok=True)
            azurite.stop()


def _run(  # noqa: PLR0917 what the process consists of
    settings: Settings,
    certificates: Certificates,
    key: SigningKey,
    azurite: Azurite,
    sockets: list[socket.socket],
    clock: SystemClock,
) -> int:
    instance = str(uuid.uuid4())
    accounts = AccountsFile(settings.state_dir / "blob" / "accounts.json", public_key=key.public_pem())
    client = BlobClient(origin=settings.blob_origin, ca_file=certificates.ca_file, key_of=accounts.own_key)
    store = Store(settings.database)
    started = time.time()

    def health() -> dict[str, object]:
        return {
            "status": "ok" if azurite.listening() else "blob server is not listening",
            "instance": instance,
            "version": __version__,
            "pid": os.getpid(),
            "uptime_s": round(time.time() - started, 1),
        }

    def stop() -> None:
        server.should_exit = True

    local = build(
        settings,
        store=store,
        clock=clock,
        key=key,
        blob=BlobSide(
            containers=Containers(client),
            publish=accounts.publish,
            reader=lambda storage, roles: BlobReader(client=client, accounts=storage, authorizer=roles),
        ),
        health=health,
        shutdown=stop,
    )
    config = uvicorn.Config(
        local.app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        ssl_certfile=str(certificates.cert_file),
        ssl_keyfile=str(certificates.key_file),
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = _Server(config)
    ready = threading.Thread(
        target=_announce, args=(server, settings, certificates, azurite, instance, local), daemon=True
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    ready.start()
    try:
        server.run(sockets=sockets)
    finally:
        local.close()
        client.close()
        store.close()
    return 2 if server.failed else 0


class _Server(uvicorn.Server):
    """uvicorn whose signals are ours: it must not end the process before we have cleaned up."""

    failed = False

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def _announce(  # noqa: PLR0917 runs in a thread of its own
    server: _Server,
    settings: Settings,
    certificates: Certificates,
    azurite: Azurite,
    instance: str,
    local: LocalAzure,
) -> None:
    """When both servers listen: continue what was under way, then write endpoint.json."""
    try:
        azurite.wait_ready()
    except AzuriteError as error:
        print(f"error: {error}", file=__import__("sys").stderr)
        server.failed = server.should_exit = True
        return
    while not server.started and not server.should_exit:
        time.sleep(0.005)
    local.operations.run_timer()
    document = {
        "pid": os.getpid(),
        "instance": instance,
        "origin": settings.origin,
        "blob_origin": settings.blob_origin,
        "ca_file": str(certificates.ca_file.resolve()),
        "bundle_file": str(certificates.bundle_file.resolve()),
        "tenant_id": settings.tenant_id,
        "subscription_id": settings.subscription_id,
        "client_id": settings.client_id,
        "client_secret": settings.client_secret,
        "object_id": settings.object_id,
        "admin_token": settings.admin_token,
        "version": __version__,
    }
    write_private(settings.endpoint_file, json.dumps(document, indent=2).encode())


@contextlib.contextmanager
def _only_one(state_dir: Path) -> Generator[None]:
    """A lock that ends with the process, however that ends: an open exclusive transaction of SQLite."""
    lock = sqlite3.connect(state_dir / "lock.db", timeout=0, isolation_level=None)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        raise SettingsError(
            f"a local Azure is already running on {state_dir}: stop it with `visionlab local stop`"
        ) from error
    try:
        yield
    finally:
        lock.close()


def _listen(settings: Settings) -> list[socket.socket]:
    """The port on 127.0.0.1, and on ::1 where there is IPv6, since `localhost` may mean either."""
    sockets = [_bind(socket.AF_INET, settings.host, settings.port)]
    if settings.host == "127.0.0.1" and socket.has_ipv6:
        with contextlib.suppress(OSError):
            socket.getaddrinfo("::1", settings.port, socket.AF_INET6)
            sockets.append(_bind(socket.AF_INET6, "::1", settings.port))
    return sockets


def _bind(family: socket.AddressFamily, host: str, port: int) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if family == socket.AF_INET:
            raise _taken(port, "--port") from error
        raise
    return listener


def _check_free(port: int, option: str) -> None:
    with socket.socket() as probe:
        if os.name == "posix":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise _taken(port, option) from error


def _taken(port: int, option: str) -> SettingsError:
    return SettingsError(
        f"port {port} is in use by another program: end that program, or choose another port once with {option} N "
        "(labs that exist keep the old address in their state)"
    )
