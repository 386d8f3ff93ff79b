"""What proves an application: secrets, certificates, federated identity credentials.

Owns: making, checking and removing them. A secret is shown once, and only its digest is kept.
Leaves: proving somebody to `entra`, which reads what is kept here.
"""

import base64
import binascii
import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from urllib.parse import urlsplit

from localazure.errors import AzureError
from localazure.graph.directory import Directory, Entry, graph_time
from localazure.graph.errors import bad_request, not_found
from localazure.settings import secret_text

__all__ = ["Credentials", "checked_certificates"]

_FEDERATION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}")
_FEDERATION_FIELDS = {"name", "issuer", "subject", "audiences", "description"}
_MOST_FEDERATIONS = 20
_YEARS = timedelta(days=730)


class Credentials:
    """Secrets and federated identity credentials of applications and service principals."""

    def __init__(self, directory: Directory, digest_of: Callable[[str], str]) -> None:
        """`digest_of` makes what is kept of a secret."""
        self._directory = directory
        self._digest_of = digest_of

    def add_password(self, kind: str, owner: Entry, body: Mapping[str, Any]) -> Entry:
        """A new secret beside the others; the answer is the only place where it stands."""
        said: object = body.get("passwordCredential") or {}
        if not isinstance(said, dict):
            raise bad_request("'passwordCredential' must be an object.")
        wanted = cast("dict[str, Any]", said)
        now = datetime.fromisoformat(self._directory.now())
        starts = _moment(wanted.get("startDateTime"), now)
        ends = _moment(wanted.get("endDateTime"), starts + _YEARS)
        if ends <= starts or ends <= now:
            raise bad_request("Invalid value specified for property 'endDateTime' of resource 'PasswordCredential'.")
        text, key_id = secret_text(), str(uuid.uuid4())
        shown: Entry = {
            "customKeyIdentifier": None,
            "displayName": wanted.get("displayName"),
            "endDateTime": graph_time(ends),
            "hint": text[:3],
            "keyId": key_id,
            "startDateTime": graph_time(starts),
        }
        with self._directory.transaction():
            self._directory.attach("secret", owner["id"], key_id, {"keyId": key_id, "digest": self._digest_of(text)})
            self._directory.put(kind, owner | {"passwordCredentials": [*owner["passwordCredentials"], shown]})
        return shown | {"secretText": text}

    def remove_password(self, kind: str, owner: Entry, body: Mapping[str, Any]) -> None:
        key_id = str(body.get("keyId", "")).lower()
        kept = [shown for shown in owner["passwordCredentials"] if shown["keyId"].lower() != key_id]
        if len(kept) == len(owner["passwordCredentials"]):
            raise bad_request(f"No password credential found with keyId '{key_id}'.")
        with self._directory.transaction():
            self._directory.detach("secret", owner["id"], key_id)
            self._directory.put(kind, owner | {"passwordCredentials": kept})

    def federations(self, owner: Entry) -> list[Entry]:
        return self._directory.attached("federation", owner["id"])

    def federation(self, owner: Entry, name: str) -> Entry:
        """By id or by name."""
        for known in self.federations(owner):
            if name.lower() in {known["id"], known["name"].lower()}:
                return known
        raise not_found(name)

    def add_federation(self, owner: Entry, body: Mapping[str, Any]) -> Entry:
        entry: Entry = {"id": str(uuid.uuid4()), "description": None, **_checked_federation(body)}
        known = self.federations(owner)
        if len(known) >= _MOST_FEDERATIONS:
            raise bad_request(f"An application may have at most {_MOST_FEDERATIONS} federated identity credentials.")
        self._check_single(entry, known)
        self._directory.attach("federation", owner["id"], entry["id"], entry)
        return entry

    def change_federation(self, owner: Entry, name: str, body: Mapping[str, Any]) -> None:
        old = self.federation(owner, name)
        if body.get("name", old["name"]) != old["name"]:
            raise bad_request("The name of a federated identity credential cannot be changed.")
        whole = {field: old[field] for field in _FEDERATION_FIELDS}
        entry = {"id": old["id"]} | _checked_federation(whole | dict(body))
        self._check_single(entry, [known for known in self.federations(owner) if known["id"] != old["id"]])
        self._directory.attach("federation", owner["id"], old["id"], entry)

    def remove_federation(self, owner: Entry, name: str) -> None:
        self._directory.detach("federation", owner["id"], self.federation(owner, name)["id"])

    @staticmethod
    def _check_single(entry: Entry, others: list[Entry]) -> None:
        for other in others:
            if other["name"].lower() == entry["name"].lower():
                message = f"FederatedIdentityCredential with name {entry['name']} already exists."
                raise AzureError(409, "Request_MultipleObjectsWithSameKeyValue", message)
            if (other["issuer"], other["subject"]) == (entry["issuer"], entry["subject"]):
                message = "The combination of issuer and subject must be unique within the application."
                raise AzureError(409, "Request_MultipleObjectsWithSameKeyValue", message)


def checked_certificates(listed: list[Any], old: list[Entry]) -> list[Entry]:
    """`keyCredentials` as they are kept. One sent without its key is one that is there already, known by its keyId."""
    known = {credential["keyId"]: credential for credential in old}
    found: list[Entry] = []
    for item in listed:
        if not isinstance(item, dict):
            raise bad_request("Key credentials must be objects.")
        said: dict[str, Any] = {**item}  # pyright: ignore[reportUnknownVariableType] JSON
        key_id = str(said.get("keyId") or uuid.uuid4())
        if said.get("key") is None:
            if key_id not in known:
                raise bad_request("Key credential is invalid: its key is missing.")
            found.append(known[key_id])
            continue
        if said.get("type") != "AsymmetricX509Cert" or said.get("usage") != "Verify":
            raise bad_request("Key credentials must be of type AsymmetricX509Cert with usage Verify.")
        found.append(_certificate(key_id, said))
    return found


def _certificate(key_id: str, said: Mapping[str, Any]) -> Entry:
    from cryptography import x509

    try:
        der = base64.b64decode("".join(str(said["key"]).split()), validate=True)  # az sends it in lines
        if der.startswith(b"-----BEGIN"):
            der = base64.b64decode(b"".join(line for line in der.splitlines() if not line.startswith(b"-----")))
        certificate = x509.load_der_x509_certificate(der)
    except (ValueError, binascii.Error) as error:
        raise bad_request("Key credential end date or key is invalid: it is no X.509 certificate.") from error
    starts = _moment(said.get("startDateTime"), certificate.not_valid_before_utc)
    ends = min(_moment(said.get("endDateTime"), certificate.not_valid_after_utc), certificate.not_valid_after_utc)
    return {
        "customKeyIdentifier": hashlib.sha1(der).hexdigest().upper(),  # noqa: S324 a name of the certificate
        "displayName": said.get("displayName") or certificate.subject.rfc4514_string(),
        "endDateTime": graph_time(ends),
        "key": base64.b64encode(der).decode(),
        "keyId": key_id,
        "startDateTime": graph_time(starts),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def _checked_federation(body: Mapping[str, Any]) -> Entry:
    said = {name: value for name, value in body.items() if not name.startswith("@odata.") and name != "id"}
    unknown = sorted(set(said) - _FEDERATION_FIELDS)
    if unknown:
        raise bad_request(f"Invalid property '{unknown[0]}'.")
    for name in ("name", "issuer", "subject"):
        if not isinstance(said.get(name), str) or not said[name]:
            raise bad_request(f"A value is required for property '{name}' of resource 'FederatedIdentityCredential'.")
    audiences = said.get("audiences")
    if not isinstance(audiences, list) or len(audiences) != 1 or not isinstance(audiences[0], str):  # pyright: ignore[reportUnknownArgumentType] JSON
        raise bad_request("'audiences' must be a list of one text.")
    if not _FEDERATION_NAME.fullmatch(said["name"]):
        raise bad_request("The name of a federated identity credential has 3 to 120 letters, digits, '-' and '_'.")
    issuer = urlsplit(str(said["issuer"]))
    here = issuer.hostname in {"localhost", "127.0.0.1", "::1"}
    if not issuer.hostname or (issuer.scheme != "https" and not (here and issuer.scheme == "http")):
        raise bad_request("The issuer must be an https URL; on this machine http is allowed.")
    return said


def _moment(text: object, default: datetime) -> datetime:
    if text is None:
        return default
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise bad_request(f"'{text}' is no time.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
