"""Requests to the local Azure's own endpoints, `/_local/*`, over TLS and without an HTTP library.

Owns: the connection and the admin token. They must not wait for the HTTP client of `automation.azure` to load, and
need none of its retries. Leaves: what is asked to `health.py` and `drills.py`.
"""

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Mapping

__all__ = ["ask_admin"]

TIMEOUT_S = 5.0
MOST_BYTES = 1_000_000


def ask_admin(
    connection: Mapping[str, object], method: str, path: str, body: Mapping[str, object] | None = None
) -> tuple[int, object] | None:
    """The status and the decoded JSON of an answer; None when nobody answers, or no JSON."""
    target = urllib.parse.urlsplit(str(connection.get("origin", "")))
    headers = {"Authorization": f"Bearer {connection.get('admin_token', '')}"}
    content = None if body is None else json.dumps(body).encode()
    try:
        trust = ssl.create_default_context(cafile=str(connection.get("ca_file", "")))
        link = http.client.HTTPSConnection(target.hostname or "", target.port, timeout=TIMEOUT_S, context=trust)
        try:
            link.request(method, path, body=content, headers=headers)
            answer = link.getresponse()
            found: object = json.loads(answer.read(MOST_BYTES) or b"{}")
        finally:
            link.close()
    except (OSError, ValueError, http.client.HTTPException):
        return None
    return answer.status, found
