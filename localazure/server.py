"""Running the local Azure as a process: one per state folder, its ports, TLS, Azurite beside it, a clean end.

Owns: start and stop. Leaves: answering requests to `front.py`, command lines to `__main__.py`.
"""

import contextlib
import logging
import os
import socket
import sqlite3
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path

from localazure.blob.azurite import Azurite, find_toolchain, package_folders
from localazure.certificates import load_certificates
from localazure.clock import SystemClock
from localazure.settings import Settings, SettingsError, keep_settings

__all__ = ["serve"]

_log = logging.getLogger(__name__)
_FILES = 8_192
_WAITING = 1_024


def serve(settings: Settings, environment: Mapping[str, str]) -> None:
    """Serve until SIGTERM or SIGINT. SettingsError or AzuriteError when it cannot start."""
    with _only_one(settings.state_dir):
        settings.endpoint_file.unlink(missing_ok=True)
        toolchain = find_toolchain(environment)
        settings = replace(settings, web=package_folders(environment))
        _allow_many_files()
        sockets = _listen(settings)
        identity = _bind(socket.AF_INET, "127.0.0.1", settings.identity_port, option="--identity-port")
        _check_free(settings.blob_port, "--blob-port")
        keep_settings(settings)
        certificates = load_certificates(settings.state_dir / "tls", SystemClock())
        for notice in certificates.notices:
            _log.warning(notice)
        azurite = Azurite(
            toolchain=toolchain,
            port=settings.blob_port,
            folder=settings.accounts_file.parent,
            accounts_file=settings.accounts_file,
            access_file=settings.access_file,
            faults_file=settings.faults_file,
            certificates=certificates,
            record=settings.record,
        )
        azurite.start()
        try:
            # Azurite takes the longest to start: the rest is imported meanwhile.
            from localazure.front import run

            run(settings, certificates=certificates, azurite=azurite, sockets=sockets, identity=identity)
        finally:
            settings.endpoint_file.unlink(missing_ok=True)
            azurite.stop()


def _allow_many_files() -> None:
    """Room for connections that are only held open, which would else keep new ones out."""
    if os.name == "posix":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = _FILES if hard == resource.RLIM_INFINITY else min(_FILES, hard)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@contextlib.contextmanager
def _only_one(state_dir: Path) -> Generator[None]:
    """A lock that ends with the process, however that ends: an open exclusive transaction of SQLite."""
    lock: sqlite3.Connection | None = None
    try:
        lock = sqlite3.connect(state_dir / "lock.db", timeout=0, isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        if lock is not None:
            lock.close()
        message = f"a local Azure is already running on {state_dir}: stop it with `visionlab local stop`"
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            message = f"{state_dir} cannot be written ({error}): free some space, or mend it"
        raise SettingsError(message) from error
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


def _bind(family: socket.AddressFamily, host: str, port: int, *, option: str = "--port") -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    if os.name == "posix":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        if family == socket.AF_INET:
            raise _taken(port, option) from error
        raise
    listener.listen(_WAITING)  # who connects before the rest is imported waits for it, and is not refused
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
        f"port {port} is in use by another program: end that program, or choose another port once "
        f"by `visionlab local start {option} N` "
        "(labs that exist keep the old address in their state)"
    )
