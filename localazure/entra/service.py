"""Token requests: who gets a token for what, and Entra's own way of saying no.

Owns: client credentials and the AADSTS errors. Leaves: proofs to `applications.py` and `assertions.py`, signing to
`tokens.py`, HTTP to `routes.py`.
"""

import re
import uuid
from collections import deque
from collections.abc import Mapping
from datetime import datetime

from localazure.clock import Clock
from localazure.entra.applications import Application, Applications
from localazure.entra.assertions import ASSERTION_TYPE, Assertions
from localazure.entra.errors import EntraError
from localazure.entra.tokens import LIFETIME_S, TOKEN_EXCHANGE, Tokens, audience_of

__all__ = ["TokenService"]

_RESOURCES = re.compile(
    r"https://(management\.azure\.com|management\.core\.windows\.net|storage\.azure\.com"
    r"|[a-z0-9]{3,24}\.blob\.core\.windows\.net|cognitiveservices\.azure\.com|ml\.azure\.com"
    r"|vault\.azure\.net|graph\.microsoft\.com|api\.loganalytics\.io)"
)
_MOST_FAILURES, _FAILURES_S = 30, 60.0


class TokenService:
    """Answers the token endpoint of one tenant."""

    def __init__(
        self,
        *,
        tenant_id: str,
        origin: str,
        applications: Applications,
        assertions: Assertions,
        tokens: Tokens,
        clock: Clock,
    ) -> None:
        self.tenant_id = tenant_id
        self.origin = origin
        self._applications = applications
        self._assertions = assertions
        self._tokens = tokens
        self._clock = clock
        self._failures: dict[str, deque[float]] = {}

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
                raise _missing(name)
        if form["grant_type"] != "client_credentials":
            raise EntraError(
                400,
                "unsupported_grant_type",
                70003,
                f"The app requested an unsupported grant type '{form['grant_type']}'. "
                "The local Azure knows client_credentials only.",
            )
        application = self._application(form["client_id"])
        try:
            proof = self._prove(application, form)
        except EntraError as error:
            self._count_failure(application, error)
            raise
        if application.object_id is None:
            raise EntraError(
                401,
                "invalid_client",
                7000229,
                f"The client application {application.client_id} is missing service principal in the tenant "
                f"{self.tenant_id}.",
            )
        audience = self.audience(form, v2=v2)
        token = self._tokens.issue(
            object_id=application.object_id,
            app_id=application.client_id,
            audience=audience,
            proof=proof,
            roles=application.roles if audience in self.graph_audiences else (),
        )
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

    @property
    def graph_audiences(self) -> tuple[str, ...]:
        """What Microsoft Graph is called in a token."""
        return (f"{self.origin}/graph", "https://graph.microsoft.com")

    def now(self) -> datetime:
        return self._clock.now()

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

    def audience(self, form: Mapping[str, str], *, v2: bool) -> str:
        """The resource that a request names, by scope or, in v1, by resource. EntraError when there is no such one."""
        if v2:
            scopes = form.get("scope", "").split()
            if not scopes:
                raise _missing("scope")
            scope = scopes[0]
            if len(scopes) > 1:
                raise EntraError(
                    400,
                    "invalid_scope",
                    70011,
                    "The provided request must include a 'scope' input parameter. The provided value for the input "
                    f"parameter 'scope' is not valid. The scope {form['scope']} is not valid.",
                )
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
            if not scope:
                raise _missing("resource")
        audience = audience_of(scope)
        below = [self.origin.replace("://localhost", f"://{name}.localhost") for name in ("vault", "ml.azure")]
        own = (self.origin, *below, TOKEN_EXCHANGE)
        if audience not in own and audience not in self.graph_audiences and not _RESOURCES.fullmatch(audience):
            raise EntraError(
                400,
                "invalid_resource",
                500011,
                f"The resource principal named {audience} was not found in the tenant named {self.tenant_id}.",
            )
        return audience

    def _application(self, client_id: str) -> Application:
        application = self._applications.find(client_id.lower())
        if application is None:
            raise EntraError(
                400,
                "unauthorized_client",
                700016,
                f"Application with identifier '{client_id}' was not found in the directory "
                f"'{self.tenant_id}'. This can happen if the application has not been installed by the administrator "
                "of the tenant or consented to by any user in the tenant.",
            )
        if not application.enabled:
            raise EntraError(401, "unauthorized_client", 7000112, f"Application '{application.client_id}' is disabled.")
        return application

    def _prove(self, application: Application, form: Mapping[str, str]) -> str:
        """How the application proved itself, as `appidacr` says it; EntraError when it did not."""
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise _missing("client_assertion_type")
            self._assertions.check(application, form["client_assertion"])
            return "2"
        if not form.get("client_secret"):
            raise EntraError(
                401,
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
            )
        now = self._clock.now()
        fitting = [secret for secret in application.secrets if secret.is_it(form["client_secret"])]
        if not fitting:
            raise EntraError(
                401,
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
                f"value, not the client secret ID, for a secret added to app '{application.client_id}'.",
            )
        if all(secret.is_over(now) for secret in fitting):
            raise EntraError(
                401,
                "invalid_client",
                7000222,
                f"The provided client secret keys for app '{application.client_id}' are expired. Create new keys for "
                f"your app by `az ad app credential reset --id {application.client_id}`.",
            )
        return "1"

    def _count_failure(self, application: Application, error: EntraError) -> None:
        """Many failures in a minute are told to wait. A right proof is never refused for others' wrong ones."""
        now = self._clock.monotonic()
        recent = self._failures.setdefault(application.client_id, deque(maxlen=_MOST_FAILURES))
        if len(recent) == _MOST_FAILURES and now - recent[0] < _FAILURES_S:
            wait = max(1, round(_FAILURES_S - (now - recent[0])))
            message = "The server terminated an operation because it encountered a client request loop."
            raise EntraError(429, "temporarily_unavailable", 50196, message, retry_after_s=wait) from error
        recent.append(now)


def _missing(name: str) -> EntraError:
    message = f"The request body must contain the following parameter: '{name}'."
    return EntraError(400, "invalid_request", 900144, message)
