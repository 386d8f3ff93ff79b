"""Tokens for managed identities: whoever may ask on this machine gets one, without a secret.

Owns: which identity a request means, and the two shapes of the answer (IMDS and App Service).
Leaves: who may ask to `managed_routes.py`, where identities come from to whoever implements `Identities`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from localazure.clock import Clock
from localazure.entra.errors import EntraError
from localazure.entra.service import TokenService
from localazure.entra.tokens import LIFETIME_S, Tokens

__all__ = ["Identities", "Managed", "ManagedTokens"]

# How the two protocols name the identity that is asked for.
_BY_CLIENT, _BY_OBJECT, _BY_RESOURCE = ("client_id",), ("object_id", "principal_id"), ("mi_res_id", "msi_res_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class Managed:
    """One managed identity; this machine's own has no resource."""

    client_id: str
    object_id: str
    resource_id: str | None


class Identities(Protocol):
    """Which identities this machine has."""

    def system(self) -> Managed: ...
    def user_assigned(self) -> list[Managed]: ...
    def roles_of(self, object_id: str) -> tuple[str, ...]: ...


class ManagedTokens:
    """Answers requests for tokens of managed identities."""

    def __init__(self, *, identities: Identities, service: TokenService, tokens: Tokens, clock: Clock) -> None:
        self._identities = identities
        self._service = service
        self._tokens = tokens
        self._clock = clock

    def token(self, query: Mapping[str, str]) -> dict[str, str]:
        """The JSON answer, all texts as in Azure; EntraError otherwise."""
        identity = self._identity(query)
        resource = query.get("resource", "")
        audience = self._service.audience({"resource": resource}, v2=False)
        for_graph = audience in self._service.graph_audiences
        token = self._tokens.issue(
            roles=self._identities.roles_of(identity.object_id) if for_graph else (),
            object_id=identity.object_id,
            app_id=identity.client_id,
            audience=audience,
            proof="2",
            resource_id=identity.resource_id,
        )
        now = int(self._clock.now().timestamp())
        return {
            "access_token": token,
            "client_id": identity.client_id,
            "expires_in": str(LIFETIME_S),
            "expires_on": str(now + LIFETIME_S),
            "ext_expires_in": str(LIFETIME_S),
            "not_before": str(now),
            "resource": resource,
            "token_type": "Bearer",
        }

    def _identity(self, query: Mapping[str, str]) -> Managed:
        asked = {
            kind: query[name]
            for kind, names in (("client", _BY_CLIENT), ("object", _BY_OBJECT), ("resource", _BY_RESOURCE))
            for name in names
            if query.get(name)
        }
        if not asked:
            return self._identities.system()
        if len(asked) > 1:
            raise EntraError(400, "invalid_request", 900144, "An identity is named in more than one way.")
        wanted = next(iter(asked.values())).lower().rstrip("/")
        for identity in [self._identities.system(), *self._identities.user_assigned()]:
            names = {"client": identity.client_id, "object": identity.object_id, "resource": identity.resource_id or ""}
            if names[next(iter(asked))].lower() == wanted:
                return identity
        raise EntraError(400, "invalid_request", 700016, "Identity not found")
