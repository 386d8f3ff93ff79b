"""A real Azurite over https with bearer tokens, started once for the tests that ask for it."""

import os
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jwt
import pytest
import trustme

from localazure.blob.azurite import AzuriteError, find_toolchain

ACCOUNT, OTHER_ACCOUNT = "labpics", "seatpics"


@dataclass(frozen=True, kw_only=True)
class Azurite:
    endpoint: str
    ca_file: Path
    token: str

    @property
    def other_endpoint(self) -> str:
        """Of a second account."""
        return f"{self.endpoint.rpartition('/')[0]}/{OTHER_ACCOUNT}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def a_token() -> str:
    now = int(time.time())
    claims = {
        "iss": "https://sts.windows.net/11111111-2222-3333-4444-555555555555/",
        "aud": "https://storage.azure.com",
        "oid": "22222222-3333-4444-5555-666666666666",
        "tid": "11111111-2222-3333-4444-555555555555",
        "iat": now - 60,
        "nbf": now - 60,
        "exp": now + 3600,
    }
    return jwt.encode(claims, "k" * 32, algorithm="HS256")  # Azurite reads the claims and checks no signature


def wait_until_it_answers(port: int, ca_file: Path, process: "subprocess.Popen[bytes]") -> None:
    context = ssl.create_default_context(cafile=str(ca_file))
    for _ in range(300):
        assert process.poll() is None, "Azurite ended"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as raw:
                context.wrap_socket(raw, server_hostname="127.0.0.1").close()
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("Azurite did not answer in 30 s")


@pytest.fixture(scope="session")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Azurite]:
    try:
        found = find_toolchain(os.environ)
    except AzuriteError as missing:
        pytest.skip(str(missing))
    main = found.azurite / "dist" / "src" / "blob" / "main.js"
    folder = tmp_path_factory.mktemp("azurite")
    authority = trustme.CA()
    server = authority.issue_cert("127.0.0.1")
    ca_file, cert, key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    cert.write_bytes(b"".join(part.bytes() for part in server.cert_chain_pems))
    server.private_key_pem.write_to_path(str(key))
    port = free_port()
    command = [
        str(found.node),
        str(main),
        "--blobHost",
        "127.0.0.1",
        "--blobPort",
        str(port),
        "-l",
        str(folder / "data"),
    ]
    command += ["--silent", "--disableTelemetry", "--skipApiVersionCheck"]
    command += ["--oauth", "basic", "--cert", str(cert), "--key", str(key)]
    key_text = "a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"
    environment = os.environ | {
        "AZURITE_ACCOUNTS": f"{ACCOUNT}:{key_text};{OTHER_ACCOUNT}:{key_text}",
        "NODE_EXTRA_CA_CERTS": str(ca_file),  # it asks itself about the source of a copy
    }
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_until_it_answers(port, ca_file, process)
            yield Azurite(endpoint=f"https://127.0.0.1:{port}/{ACCOUNT}", ca_file=ca_file, token=a_token())
        finally:
            process.terminate()
            process.wait(timeout=10)
