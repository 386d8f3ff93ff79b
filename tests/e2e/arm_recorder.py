"""A reverse proxy on loopback that writes down what clients ask of Azure Resource Manager, and fails when told to.

It stands before the local Azure with the local Azure's own certificate, so that clients of any kind can be pointed at
it: its address stands wherever the local Azure says its own.
"""

import json
import re
import ssl
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import httpx

__all__ = ["HALF", "Asked", "Recorder", "recording"]

HALF = "HalfDone"
HOP = {"connection", "keep-alive", "transfer-encoding", "content-encoding", "content-length", "date", "server"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request as it was sent; `body` is its JSON with sorted keys."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    body: str


@dataclass(slots=True, kw_only=True)
class Recorder:
    """What was asked, in order of arrival.

    Attributes:
        connection: The local Azure's endpoint.json, with this proxy in its place.
        refusals: Method and end of a path, "PUT /name", to the code of the error that the request gets for an answer.
            With `HALF` it has been done all the same.
    """

    connection: dict[str, object]
    asked: list[Asked] = field(default_factory=list[Asked])
    refusals: dict[str, str] = field(default_factory=dict[str, str])

    def refusal(self, asked: Asked) -> str | None:
        line = f"{asked.method} {asked.path}"
        return next(
            (code for rule, code in self.refusals.items() if re.fullmatch(rule.replace(" ", " .*", 1), line)), None
        )

    def take(self) -> list[Asked]:
        """What was asked since the last call."""
        taken, self.asked = self.asked, []
        return taken


@contextmanager
def recording(connection: Mapping[str, object]) -> Generator[Recorder]:
    """Record what is asked of the local Azure of this connection file by way of the recorder's."""
    origin = str(connection["origin"])
    ca_file = Path(str(connection["ca_file"]))
    trust = ssl.create_default_context(cafile=ca_file)
    identity = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    identity.load_cert_chain(ca_file.with_name("leaf.pem"), ca_file.with_name("leaf.key"))
    with httpx.Client(verify=trust, base_url=origin, timeout=60) as upstream:
        recorder = Recorder(connection={})
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(recorder, upstream, origin))
        server.daemon_threads = True
        server.socket = identity.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        own = f"https://localhost:{server.server_port}"
        recorder.connection = {**connection, "origin": own}
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield recorder
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler(recorder: Recorder, upstream: httpx.Client, origin: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _pass_on(self) -> None:
            own = str(recorder.connection["origin"])
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = _asked(self.command, self.path, body)
            if asked.path.startswith("/subscriptions/"):
                recorder.asked.append(asked)
            code = recorder.refusal(asked)
            if code is not None and code != HALF:
                self._refuse(code)
                return
            for ours, theirs in ((own, origin), (quote(own, safe=""), quote(origin, safe=""))):
                body = body.replace(ours.encode(), theirs.encode())
            headers = {name: value for name, value in self.headers.items() if name.lower() not in (*HOP, "host")}
            headers["accept-encoding"] = "identity"
            answer = upstream.request(self.command, self.path, content=body, headers=headers)
            if code == HALF:
                self._refuse(code)
                return
            found = {name: value.replace(origin, own) for name, value in answer.headers.items() if name not in HOP}
            self._answer(answer.status_code, found, answer.content.replace(origin.encode(), own.encode()))

        do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = do_DELETE = _pass_on  # noqa: N815 (http.server's names)

        def _refuse(self, code: str) -> None:
            said = json.dumps({"error": {"code": code, "message": "the recorder refuses it"}}).encode()
            self._answer(400, {"content-type": "application/json"}, said)

        def _answer(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (http.server's name)
            pass

    return Handler


def _asked(method: str, target: str, body: bytes) -> Asked:
    url = urlsplit(target)
    try:
        text = json.dumps(json.loads(body), sort_keys=True)
    except ValueError:
        text = body.decode(errors="replace")
    return Asked(method=method, path=url.path, query=tuple(sorted(parse_qsl(url.query))), body=text)
