"""Principals as azure-identity knows them, by the printed settings alone: the lab's own, and new ones made by Graph."""

import json
import ssl
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from azure.identity import ClientSecretCredential

__all__ = ["Somebody", "owner", "somebody_else"]


@dataclass(frozen=True, kw_only=True)
class Somebody:
    """A service principal with no role at all."""

    credential: ClientSecretCredential
    object_id: str


def owner(environment: Mapping[str, str]) -> ClientSecretCredential:
    """Whoever owns the subscription."""
    return _credential(environment, environment["AZURE_CLIENT_ID"], environment["AZURE_CLIENT_SECRET"])


def somebody_else(environment: Mapping[str, str], name: str) -> Somebody:
    """A new application with a secret and a service principal."""
    graph = f"{environment['AZURE_AUTHORITY_HOST']}/graph"
    token = owner(environment).get_token(f"{graph}/.default").token

    def post(path: str, body: Mapping[str, object]) -> Any:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{graph}/v1.0/{path}", json.dumps(body).encode(), headers, method="POST")
        context = ssl.create_default_context(cafile=environment["REQUESTS_CA_BUNDLE"])
        with urllib.request.urlopen(request, context=context) as answer:
            return json.load(answer)

    application = post("applications", {"displayName": name})
    secret = post(f"applications/{application['id']}/addPassword", {"passwordCredential": {"displayName": "test"}})
    principal = post("servicePrincipals", {"appId": application["appId"]})
    credential = _credential(environment, application["appId"], secret["secretText"])
    return Somebody(credential=credential, object_id=principal["id"])


def _credential(environment: Mapping[str, str], client_id: str, secret: str) -> ClientSecretCredential:
    # The authority is of a private cloud, so it is not looked up at Microsoft's.
    return ClientSecretCredential(
        environment["AZURE_TENANT_ID"],
        client_id,
        secret,
        authority=environment["AZURE_AUTHORITY_HOST"],
        disable_instance_discovery=True,
    )
