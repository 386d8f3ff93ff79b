"""Shared access signatures by user delegation: a link that reads a container's blobs, signed by whoever is signed in.

Owns: the delegation key's XML, the string that is signed, and the query that carries it.
Leaves: the request for the key to `blob_store.py`. No account key is needed, and none exists in a lab's account.

Source: "Create a user delegation SAS" of the storage REST documentation, for versions from 2020-12-06 on.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

from automation.storage.xml_answers import read_xml

__all__ = ["LONGEST_HOURS", "DelegationKey", "dump_key_request", "parse_key", "read_query"]

VERSION = "2021-12-02"
LONGEST_HOURS = 7 * 24


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegationKey:
    """What the service signs with in the name of one identity, for some time."""

    object_id: str
    tenant_id: str
    start: str
    expiry: str
    service: str
    version: str
    value: str = field(repr=False)


def dump_key_request(start: datetime, expires: datetime) -> bytes:
    return f"<KeyInfo><Start>{_moment(start)}</Start><Expiry>{_moment(expires)}</Expiry></KeyInfo>".encode()


def parse_key(content: bytes) -> DelegationKey:
    """Read the service's answer. Raises ValueError."""
    root = read_xml(content)
    said = {node.tag: node.text or "" for node in root}
    names = ("SignedOid", "SignedTid", "SignedStart", "SignedExpiry", "SignedService", "SignedVersion", "Value")
    if missing := [name for name in names if not said.get(name)]:
        raise ValueError(f"it lacks {', '.join(missing)}")
    return DelegationKey(
        object_id=said["SignedOid"],
        tenant_id=said["SignedTid"],
        start=said["SignedStart"],
        expiry=said["SignedExpiry"],
        service=said["SignedService"],
        version=said["SignedVersion"],
        value=said["Value"],
    )


def read_query(key: DelegationKey, *, account: str, container: str, start: datetime, expires: datetime) -> str:
    """The query of URLs that read any blob of the container, over HTTPS, until `expires`."""
    of_key = (key.object_id, key.tenant_id, key.start, key.expiry, key.service, key.version)
    span = (_moment(start), _moment(expires))
    more = ("", "", "")  # authorised and unauthorised object ids, correlation id
    unused = ("", "", "", "", "", "", "")  # snapshot, encryption scope, and the five response headers
    signed = ("r", *span, f"/blob/{account}/{container}", *of_key, *more, "", "https", VERSION, "c", *unused)
    digest = hmac.new(base64.b64decode(key.value), "\n".join(signed).encode(), hashlib.sha256).digest()
    named = dict(zip(("skoid", "sktid", "skt", "ske", "sks", "skv"), of_key, strict=True))
    about = {"sv": VERSION, "spr": "https", "st": span[0], "se": span[1], "sr": "c", "sp": "r"}
    return urlencode({**about, **named, "sig": base64.b64encode(digest).decode()})


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
