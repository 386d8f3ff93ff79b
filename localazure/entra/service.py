"""Token requests: who gets a token for what, and Entra's own way of saying no.

Owns: client credentials and the AADSTS errors. Leaves: signing to `tokens.py`, HTTP to `routes.py`.
"""

import hmac
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from localazure.clock import Clock
from localazure.entra.tokens import LIFETIME_S, Tokens, audience_of

__all__ = ["EntraError", "Principal", "TokenService"]

_RESOURCES = re.compile(
    r"https://(management\.azure\.com|management\.core\.windows\.net|storage\.azure\.com"
    r"|[a-z0-9]{3,24}\.blob\.core\.windows\.net|cognitiveservices\.azure\.com|ml\.azure\.com"
    r"|vault\.azure\.net|graph\.microsoft\.com|api\.loganalytics\.io)"
)


class EntraError(Exception):
    """A refusal in the shape of the token endpoint."""

    def __init__(self, status: int, error: str, number: int, message: str) -> None:
        super().__init__(f"AADSTS{number}: {message}")
        self.status = status
        self.error = error
        self.number = number
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """An application with its service principal."""

    client_id: str
    object_id: str
    secret: str = field(repr=False)


class TokenService:
    """Answers the token endpoint of one tenant."""

    def __init__(
        self, *, tenant_id: str, origin: str, principals: Mapping[str, Principal], tokens: Tokens, clock: Clock
    ) -> None:
        """`principals` is keyed by client id."""
        self.tenant_id = tenant_id
        self.origin = origin
        self._principals = principals
        self._tokens = tokens
        self._clock = clock

    def check_tenant(self, tenant: str) -> None:
        if tenant.lower() != self.tenant_id.lower():
            raise EntraError(
                400,
                "invalid_request",
                90002,
                f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into "
                "the correct cloud.",
            )

    def token(self, tenant: str, form: Mapping[str, str], *, v2: bool) -> dict[str, object]:
        """The JSON answer to a token request; EntraError otherwise."""
        self.check_tenant(tenant)
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise EntraError(
                    400,
                    "invalid_request",
                    900144,
                    f"The request body must contain the following parameter: '{name}'.",
                )
        if form["grant_type"] != "client_credentials":
            raise EntraError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form['grant_type']}'. "
                "The local Azure knows client_credentials only.",
            )
        principal = self._principal(form)
        audience = self._audience(form, v2=v2)
        token = self._tokens.issue(object_id=principal.object_id, app_id=principal.client_id, audience=audience)
        if v2:
            return {
                "token_type": "Bearer",
                "expires_in": LIFETIME_S,
                "ext_expires_in": LIFETIME_S,
                "access_token": token,
            }
        now = int(self._clock.now().timestamp())
        return {
            "token_type": "Bearer",
            "expires_in": str(LIFETIME_S),
            "ext_expires_in": str(LIFETIME_S),
            "expires_on": str(now + LIFETIME_S),
            "not_before": str(now),
            "resource": form.get("resource", ""),
            "access_token": token,
        }

    def refusal(self, error: EntraError) -> dict[str, object]:
        """The JSON body of an error."""
        trace, correlation = str(uuid.uuid4()), str(uuid.uuid4())
        stamp = self._clock.now().strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": error.error,
            "error_description": f"AADSTS{error.number}: {error.message} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {stamp}",
            "error_codes": [error.number],
            "timestamp": stamp,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{self.origin}/error?code={error.number}",
        }

    def _principal(self, form: Mapping[str, str]) -> Principal:
        client_id = form["client_id"].lower()
        principal = self._principals.get(client_id)
        if principal is None:
            raise EntraError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{form['client_id']}' was not found in the directory "
                f"'{self.tenant_id}'. This can happen if the application has not been installed by the administrator "
                "of the tenant or consented to by any user in the tenant.",
            )
        if "client_assertion" in form:
            raise EntraError(
                401,
                "invalid_client",
                700027,
                "Client assertions are not implemented by the local Azure; send a secret.",
            )
        if "client_secret" not in form:
            raise EntraError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        if not hmac.compare_digest(form["client_secret"].encode(), principal.secret.encode()):
            raise EntraError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{form['client_id']}'.",
            )
        return principal

    def _audience(self, form: Mapping[str, str], *, v2: bool) -> str:
        if v2:
            scope = next(iter(form.get("scope", "").split()), "")
            if not scope.endswith("/.default"):
                raise EntraError(
                    400,
                    "invalid_scope",
                    1002012,
                    f"The provided value for scope {scope} is not valid. Client credential flows must have a scope "
                    "value with /.default suffixed to the resource identifier (application ID URI).",
                )
        else:
            scope = form.get("resource") or form.get("scope", "")
        audience = audience_of(scope)
        own = (self.origin, self.origin.replace("://localhost", "://vault.localhost"))
        if audience not in own and not _RESOURCES.fullmatch(audience):
            raise EntraError(
                400,
                "invalid_resource",
                500011,
                f"The resource principal named {audience} was not found in the tenant named {self.tenant_id}.",
            )
        return audience
