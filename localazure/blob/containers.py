"""Containers as ARM shows them; Azurite is the truth, so the data plane sees the same ones.

Owns: creating, reading, listing, changing and deleting containers and the service's CORS rules.
Leaves: ARM's envelopes to `arm`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from xml.etree import ElementTree as ET

from localazure.blob.client import BlobClient, parse_xml
from localazure.errors import AzureError, BlobDenied, BlobError, BlobMissing

__all__ = ["Container", "Containers"]

_ACCESS = {"None": None, "Blob": "blob", "Container": "container"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container as it stands in the blob server."""

    name: str
    etag: str
    last_modified: str
    public_access: str
    metadata: Mapping[str, str]


class Containers:
    """Containers by account and name. AzureError 503 when the blob server does not answer."""

    def __init__(self, client: BlobClient) -> None:
        self._client = client

    def put(self, account: str, name: str, *, public_access: str, metadata: Mapping[str, str]) -> bool:
        """Create it, or bring an existing one to what is asked; True when it is new."""
        access = _ACCESS.get(public_access)
        headers = {f"x-ms-meta-{key}": value for key, value in metadata.items()}
        level = {} if access is None else {"x-ms-blob-public-access": access}
        created = self.find(account, name) is None
        try:
            if created:
                self._client.signed("PUT", account, name, {"restype": "container"}, headers | level)
            else:
                body = b'<?xml version="1.0" encoding="utf-8"?><SignedIdentifiers></SignedIdentifiers>'
                typed = level | {"content-type": "application/xml"}
                self._client.signed("PUT", account, name, {"restype": "container", "comp": "acl"}, typed, body)
                self._client.signed("PUT", account, name, {"restype": "container", "comp": "metadata"}, headers)
        except BlobError as error:
            raise _unavailable(error) from error
        return created

    def find(self, account: str, name: str) -> Container | None:
        try:
            answer = self._client.signed("GET", account, name, {"restype": "container"})
        except (BlobMissing, BlobDenied):
            return None
        except BlobError as error:
            raise _unavailable(error) from error
        meta = {key.removeprefix("x-ms-meta-"): v for key, v in answer.headers.items() if key.startswith("x-ms-meta-")}
        return Container(
            name=name,
            etag=answer.headers.get("etag", ""),
            last_modified=_iso(answer.headers.get("last-modified", "")),
            public_access=answer.headers.get("x-ms-blob-public-access", "none").capitalize(),
            metadata=meta,
        )

    def list(self, account: str) -> list[Container]:
        found: list[Container] = []
        marker = ""
        while True:
            params = {"comp": "list", "include": "metadata"} | ({"marker": marker} if marker else {})
            try:
                root = parse_xml(self._client.signed("GET", account, "", params).body)
            except BlobError as error:
                raise _unavailable(error) from error
            found += [_from_xml(node) for node in root.iterfind("Containers/Container")]
            marker = root.findtext("NextMarker", "")
            if not marker:
                return found

    def delete(self, account: str, name: str) -> bool:
        try:
            self._client.signed("DELETE", account, name, {"restype": "container"})
        except (BlobMissing, BlobDenied):
            return False
        except BlobError as error:
            raise _unavailable(error) from error
        return True

    def delete_all(self, account: str) -> None:
        """Everything of an account, for the account's own deletion."""
        for container in self.list(account):
            self.delete(account, container.name)

    def sas(self, account: str, name: str, *, permissions: str, expires: datetime) -> str:
        """A signature that works whether or not the account's own keys do, as Azure's user delegation does."""
        return self._client.sas(account, name, permissions=permissions, expires=expires)

    def set_cors(self, account: str, rules: Sequence[Mapping[str, object]]) -> None:
        """Give the account's blob service these CORS rules (ARM's shape)."""
        root = ET.Element("StorageServiceProperties")
        cors = ET.SubElement(root, "Cors")
        for rule in rules:
            node = ET.SubElement(cors, "CorsRule")
            for ours, theirs in (
                ("AllowedOrigins", "allowedOrigins"),
                ("AllowedMethods", "allowedMethods"),
                ("AllowedHeaders", "allowedHeaders"),
                ("ExposedHeaders", "exposedHeaders"),
            ):
                value: Any = rule.get(theirs) or []
                ET.SubElement(node, ours).text = ",".join(value) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType] JSON
            ET.SubElement(node, "MaxAgeInSeconds").text = str(rule.get("maxAgeInSeconds", 0))
        params = {"restype": "service", "comp": "properties"}
        body = ET.tostring(root, encoding="utf-8", xml_declaration=True)
        try:
            self._client.signed("PUT", account, "", params, {"content-type": "application/xml"}, body)
        except BlobError as error:
            raise _unavailable(error) from error


def _from_xml(node: ET.Element) -> Container:
    metadata = node.find("Metadata")
    return Container(
        name=node.findtext("Name", ""),
        etag=node.findtext("Properties/Etag", ""),
        last_modified=_iso(node.findtext("Properties/Last-Modified", "")),
        public_access=node.findtext("Properties/PublicAccess", "none").capitalize(),
        metadata={child.tag: child.text or "" for child in (metadata if metadata is not None else ())},
    )


def _iso(http_date: str) -> str:
    return parsedate_to_datetime(http_date).strftime("%Y-%m-%dT%H:%M:%S.0000000Z") if http_date else ""


def _unavailable(error: BlobError) -> AzureError:
    return AzureError(503, "ServiceUnavailable", f"The blob server of the local Azure: {error.reason}.")
