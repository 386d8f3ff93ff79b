"""Which client drove which operation: recorded while clients run, kept in driven.json, shown on the coverage page.

Owns: names of clients, the record of a run (`serve --record FILE`: one JSON line per operation and user agent that was
answered without an error, ours and the blob server's), and driven.json. Leaves: which row a request belongs to to
`served.py`, running clients to tests/clients.
"""

import json
import re
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["DRIVEN_FILE", "Recording", "client_of", "read_driven", "read_record", "write_driven"]

DRIVEN_FILE = Path(__file__).with_name("driven.json")
# The first that is found in the user agent: az builds on azure-mgmt-*, so it comes before them.
_CLIENTS = (
    (re.compile(r"AZURECLI/|azure-cli", re.IGNORECASE), "az"),
    (re.compile(r"pulumi-azure-native|pulumi/", re.IGNORECASE), "pulumi"),
    (re.compile(r"azsdk-python-ai-ml|azure-ai-ml", re.IGNORECASE), "azure-ai-ml"),
    (re.compile(r"azsdk-python-(?:azure-)?(?P<name>mgmt-[a-z]+(?:-[a-z]+)*)", re.IGNORECASE), "azure-{name}"),
    (
        re.compile(r"azsdk-python-(?:azure-)?(?P<name>identity|storage-blob|keyvault-secrets)", re.IGNORECASE),
        "azure-{name}",
    ),
    (re.compile(r"azsdk-python-(?:azure-)?(?P<name>[a-z]+(?:-[a-z]+)*)/", re.IGNORECASE), "azure-{name}"),
    (re.compile(r"object_store/", re.IGNORECASE), "obstore"),
    (re.compile(r"MSAL\.Python"), "msal"),
)


def client_of(agent: str) -> str | None:
    """The client behind a user agent; None for what is no client of Azure's, our own among them."""
    for pattern, name in _CLIENTS:
        found = pattern.search(agent)
        if found is not None:
            return name.format(**{key: value.lower() for key, value in found.groupdict().items()})
    return None


class Recording:
    """ASGI around everything that is served: appends to the record what was answered without an error."""

    def __init__(self, app: ASGIApp, file: Path) -> None:
        self._app = app
        self._file = file
        self._lock = threading.Lock()
        self._known: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] < 400:
                self._note(scope)
            await send(message)

        await self._app(scope, receive, noting if scope["type"] == "http" else send)

    def _note(self, scope: Scope) -> None:
        from localazure.served import Request, operation_of

        headers = {name.lower(): value.decode("latin-1") for name, value in scope["headers"]}
        # MSAL, which signs az in, names itself in a header of its own.
        agent = f"{headers.get(b'user-agent', '')} {headers.get(b'x-client-sku', '')}".strip()
        if client_of(agent) is None:
            return
        request = Request(
            method=scope["method"],
            host=headers.get(b"host", "").rsplit(":", 1)[0],
            path=scope["path"],
            parameters=frozenset(name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), True)),
        )
        operation = operation_of(request) or f"unknown: {scope['method']} {scope['path']}"
        with self._lock:
            if (operation, agent) in self._known:
                return
            self._known.add((operation, agent))
            line = json.dumps({"operation": operation, "agent": agent})
            with self._file.open("a", encoding="utf-8") as file:
                file.write(f"{line}\n")


def read_record(file: Path) -> dict[str, list[str]]:
    """Clients by operation, of one run. Lines that do not name a client count for none."""
    found: dict[str, set[str]] = {}
    for line in file.read_text("utf-8").splitlines() if file.exists() else ():
        try:
            noted: dict[str, Any] = json.loads(line)
        except ValueError:
            continue  # a process that was killed while it wrote
        client = client_of(noted["agent"])
        if client is not None:
            found.setdefault(noted["operation"], set()).add(client)
    return {operation: sorted(clients) for operation, clients in sorted(found.items())}


def read_driven(file: Path = DRIVEN_FILE) -> dict[str, list[str]]:
    """What the last full run of the clients' tests recorded."""
    return json.loads(file.read_text("utf-8"))


def write_driven(driven: Mapping[str, Iterable[str]], file: Path = DRIVEN_FILE) -> None:
    kept = {operation: sorted(clients) for operation, clients in sorted(driven.items())}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", "utf-8")
