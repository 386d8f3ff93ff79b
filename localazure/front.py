"""The front of the local Azure: the app over real sockets, from the first request to the last.

Owns: the web server and its signals, endpoint.json, the order in which parts start and end.
Leaves: what is served to `app.py`; the sockets, TLS files and Azurite themselves to `server.py`.
"""

import asyncio
import contextlib
import gc
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Generator
from pathlib import Path
from types import FrameType

import uvicorn
from starlette.types import ASGIApp

from localazure import __version__
from localazure.app import BlobSide, build
from localazure.blob.access_file import AccessFile
from localazure.blob.accounts_file import AccountsFile
from localazure.blob.azurite import Azurite, AzuriteError
from localazure.blob.client import BlobClient
from localazure.blob.containers import Containers
from localazure.blob.faults_file import FaultsFile
from localazure.blob.reader import BlobReader
from localazure.certificates import Certificates
from localazure.clock import SystemClock
from localazure.connections import Limits, guard, keep_sweeping
from localazure.entra.keys import SigningKey
from localazure.identity_listener import IdentityListener
from localazure.renewal import Renewal
from localazure.settings import Settings, write_private
from localazure.store import Store

__all__ = ["run"]

_LIMITS = Limits()
_LAST_WORDS_S = 0.05  # in which streams of events end, so that their connections are idle


def run(
    settings: Settings,
    *,
    certificates: Certificates,
    azurite: Azurite,
    sockets: list[socket.socket],
    identity: socket.socket,
) -> None:
    """Answer requests until SIGTERM or SIGINT. `azurite` may still be starting; AzuriteError when it never listens.

    `sockets` are for TLS, `identity` is for the plain http of managed identities.
    """
    instance = str(uuid.uuid4())
    key = SigningKey(settings.state_dir / "signing.key")
    if settings.rotate_key:
        key.rotate(SystemClock().now())
    accounts = AccountsFile(settings.accounts_file, signing_keys=key.published())
    access, broken = AccessFile(settings.access_file), FaultsFile(settings.faults_file)
    client = BlobClient(origin=settings.blob_origin, ca_file=certificates.ca_file, key_of=accounts.own_key)
    store = Store(settings.database)
    started = time.monotonic()

    def health() -> dict[str, object]:
        return {
            "status": "ok" if azurite.listening() else "blob server is not listening",
            "instance": instance,
            "version": __version__,
            "pid": os.getpid(),
            "uptime_s": round(time.monotonic() - started, 1),
            "notices": renewal.notices,
        }

    def stop() -> None:
        server.should_exit = True

    local = build(
        settings,
        store=store,
        clock=SystemClock(),
        key=key,
        blob=BlobSide(
            containers=Containers(client),
            publish=accounts.publish,
            grant=access.publish,
            disturb=broken.publish,
            struck=broken.struck,
            reader=lambda storage, roles: BlobReader(client=client, accounts=storage, authorizer=roles),
        ),
        health=health,
        shutdown=stop,
    )
    app, identity_side = _recorded(settings.record, local.app), _recorded(settings.record, local.identity)
    gc.freeze()  # what is there by now stays: no collection need look at it again
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        lifespan="off",
        server_header=False,
        ssl_certfile=str(certificates.cert_file),
        ssl_keyfile=str(certificates.key_file),
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )

    def use(renewed: Certificates) -> None:
        """New connections get the new certificate; those that stand are left alone."""
        if config.ssl is not None:
            config.ssl.load_cert_chain(renewed.cert_file, renewed.key_file)

    renewal = Renewal(certificates, SystemClock(), use)

    def begin() -> None:
        """Both servers listen: go on with what was under way, then tell where we are."""
        local.start()
        renewal.start()
        _announce(settings, certificates, instance)

    server = _Server(config, azurite, begin, IdentityListener(identity_side, identity), local.hang_up)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, server.handle_exit)
    try:
        server.run(sockets=sockets)
    finally:
        renewal.stop()
        local.close()
        client.close()
        store.close()
    if server.failure is not None:
        raise server.failure


def _recorded(record: Path | None, app: ASGIApp) -> ASGIApp:
    if record is None:
        return app
    from localazure.driven import Recording

    return Recording(app, record)


class _Server(uvicorn.Server):
    """uvicorn whose signals are ours, so that it does not end the process before we have cleaned up."""

    def __init__(
        self,
        config: uvicorn.Config,
        azurite: Azurite,
        begin: Callable[[], None],
        identity: IdentityListener,
        hang_up: Callable[[], None],
    ) -> None:
        super().__init__(config)
        self._hang_up = hang_up
        self._identity = identity
        self._sweep: asyncio.Task[None] | None = None
        self.failure: AzuriteError | None = None
        self._azurite = azurite
        self._begin = begin

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        del frame
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        guard(self.config, _LIMITS)
        await super().startup(sockets=sockets)
        self._sweep = asyncio.create_task(keep_sweeping(self.server_state.connections, _LIMITS))
        await self._identity.start()
        threading.Thread(target=self._begin_with_azurite, name="begin", daemon=True).start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Hang up on whoever is only keeping a connection: over TLS, a polite end would wait for the other side."""
        self._hang_up()
        await asyncio.sleep(_LAST_WORDS_S)
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)  # the request being answered, or the last one
            answered = cycle is None or cycle.response_complete
            if answered and connection.transport.get_write_buffer_size() == 0:
                connection.transport.abort()
        if self._sweep is not None:
            self._sweep.cancel()
        await self._identity.stop()
        await super().shutdown(sockets=sockets)

    def _begin_with_azurite(self) -> None:
        try:
            self._azurite.wait_ready()
        except AzuriteError as error:
            self.failure = error
            self.should_exit = True
        if not self.should_exit:
            self._begin()


def _announce(settings: Settings, certificates: Certificates, instance: str) -> None:
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
        "identity_endpoint": f"{settings.identity_origin}/msi/token",
        "identity_header": settings.identity_header,
        "version": __version__,
    }
    if settings.imds:
        document["imds_endpoint"] = settings.identity_origin
    write_private(settings.endpoint_file, json.dumps(document, indent=2).encode())
