"""Who we are: bearer tokens from azure-identity behind one small Protocol.

Owns: the two ways to sign in, the cache, and saying clearly what to do when nobody is signed in.
Leaves: where the secret of the local Azure is kept to `automation.local`. azure-identity is loaded by the first token.
"""

import logging
import re
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from automation.azure.cloud import Cloud
from automation.azure.redaction import redact
from automation.clock import Clock, SystemClock
from automation.errors import ConfigError, LabError, TransportError, Unauthorized

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

__all__ = ["IdentityTokens", "TokenSource", "default_tokens", "local_tokens"]

EARLY_S = 300.0
_SYSTEM_CLOCK = SystemClock()

# Entra's refusals, wherever they stand in the report of a chain: code and sentence.
_REFUSED = re.compile(r"(AADSTS\d+):\s*(.+?)(?:\.?\s*(?:Trace ID:|$))", re.MULTILINE)


class TokenSource(Protocol):
    def token(self, scope: str) -> str:
        """A bearer token for the scope, good for at least some minutes."""
        ...


def local_tokens(cloud: Cloud, client_id: str, client_secret: str) -> TokenSource:
    """Tokens of the local Azure's service principal."""

    def credential() -> "TokenCredential":
        from azure.core.pipeline.transport import RequestsTransport
        from azure.identity import ClientSecretCredential

        return ClientSecretCredential(
            cloud.tenant_id or "",
            client_id,
            client_secret,
            authority=cloud.authority_host,
            disable_instance_discovery=True,
            # Neither a proxy nor REQUESTS_CA_BUNDLE of the environment is meant for this machine.
            transport=RequestsTransport(connection_verify=str(cloud.ca_file), use_env_settings=False),
            retry_total=2,
        )

    hint = "run `visionlab local status`; after `visionlab local reset` start a new run"
    return IdentityTokens(credential, secrets=(client_secret,), hint=hint)


def default_tokens(cloud: Cloud) -> TokenSource:
    """Tokens by azure-identity's default chain: environment, workload and managed identity, az, azd, PowerShell."""

    def credential() -> "TokenCredential":
        from azure.identity import DefaultAzureCredential

        # The tenant that the user names may be another than the one somebody is signed in to.
        options: dict[str, Any] = {"additionally_allowed_tenants": [cloud.tenant_id]} if cloud.tenant_id else {}
        return DefaultAzureCredential(authority=cloud.authority_host, process_timeout=30, **options)

    return IdentityTokens(
        credential,
        tenant_id=cloud.tenant_id,
        hint="run `az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET",
    )


class IdentityTokens:
    """A TokenSource over an azure-identity credential; threads may share it."""

    def __init__(
        self,
        credential: "Callable[[], TokenCredential]",
        *,
        hint: str,
        tenant_id: str | None = None,
        secrets: tuple[str, ...] = (),
        clock: Clock = _SYSTEM_CLOCK,
    ) -> None:
        self._make, self._hint, self._tenant_id, self._secrets, self._clock = (
            credential,
            hint,
            tenant_id,
            secrets,
            clock,
        )
        self._credential: TokenCredential | None = None
        self._cache: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scopes={sorted(self._cache)})"

    def token(self, scope: str) -> str:
        """A token that stays good for five minutes, or for half of what is left of a short-lived one."""
        with self._lock:
            now = self._clock.now().timestamp()
            cached = self._cache.get(scope)
            if cached is None or now >= cached[1]:
                value, expires = self._ask(scope)
                cached = (value, max(expires - EARLY_S, now + (expires - now) / 2))
                self._cache[scope] = cached
            return cached[0]

    def _ask(self, scope: str) -> tuple[str, float]:
        from azure.core.exceptions import AzureError

        try:
            if self._credential is None:
                # It logs each failure, and without a handler to stderr; what went wrong is said by our error.
                logging.getLogger("azure.identity").addHandler(logging.NullHandler())
                self._credential = self._make()
            access = self._credential.get_token(scope, tenant_id=self._tenant_id)
        except (AzureError, ValueError) as exc:
            raise self._explain(exc, scope) from exc
        return access.token, float(access.expires_on)

    def _explain(self, exc: Exception, scope: str) -> LabError:
        from azure.core.exceptions import ClientAuthenticationError, ServiceRequestError, ServiceResponseError
        from azure.identity import CredentialUnavailableError

        lines = redact(str(exc), self._secrets).strip().splitlines() or [type(exc).__name__]
        said = lines[0].removesuffix(".")
        refused = _REFUSED.search("\n".join(lines))
        match exc:
            case ServiceRequestError() | ServiceResponseError():
                return TransportError(f"sign in for {scope}", said, hint=self._hint)
            case ClientAuthenticationError() if refused:
                operation = f"sign in for {scope}"
                return Unauthorized(
                    refused[2].strip(), operation=operation, status=401, code=refused[1], hint=self._hint
                )
            case CredentialUnavailableError() | ClientAuthenticationError():
                return ConfigError(f"nobody is signed in to Azure ({said})", hint=self._hint)
            case _:
                return ConfigError(f"signing in for {scope} failed: {said}", hint=self._hint)
