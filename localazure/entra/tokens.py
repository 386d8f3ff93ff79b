"""Access tokens: issued with a signature, verified before anybody is believed.

Owns: the claims, their checks, and how a scope becomes an audience. Leaves: who gets a token to `service.py`.
"""

import uuid
from collections.abc import Collection, Sequence
from typing import Any

from localazure.clock import Clock
from localazure.entra.keys import SigningKey
from localazure.errors import AzureError
from localazure.identity import Caller

__all__ = ["LIFETIME_S", "TOKEN_EXCHANGE", "Tokens", "audience_of"]

LIFETIME_S = 3599
TOKEN_EXCHANGE = "api://AzureADTokenExchange"  # noqa: S105 an audience, no secret
_SKEW_S = 300


def audience_of(scope: str) -> str:
    """The resource of a scope: `https://x//.default`, `https://x/` and `https://x` are all `https://x`."""
    return scope.removesuffix("/.default").rstrip("/")


class Tokens:
    """Issues and verifies tokens of one tenant."""

    def __init__(self, *, key: SigningKey, tenant_id: str, origin: str, clock: Clock) -> None:
        self._key = key
        self._tenant_id = tenant_id
        self._origin = origin
        self._clock = clock

    def issue(
        self,
        *,
        object_id: str,
        app_id: str,
        audience: str,
        roles: Sequence[str] = (),
        proof: str = "1",
        resource_id: str | None = None,
    ) -> str:
        """A v1-shaped token; Azurite takes no other issuer than sts.windows.net.

        `roles` are the application's permissions on the audience; `proof` says how it proved itself: "1" by a secret,
        "2" by a certificate or an assertion; `resource_id` is the resource whose managed identity this is.
        """
        now = int(self._clock.now().timestamp())
        # A token that is to be exchanged elsewhere is of the second kind, as Azure's are.
        v2 = audience == TOKEN_EXCHANGE
        issuer = f"{self._origin}/{self._tenant_id}/v2.0" if v2 else f"https://sts.windows.net/{self._tenant_id}/"
        more: dict[str, object] = {} if resource_id is None else {"xms_mirid": resource_id}
        if roles:
            more["roles"] = [*roles]
        return self._key.sign(
            {
                "aud": audience,
                "iss": issuer,
                "iat": now,
                "nbf": now,
                "exp": now + LIFETIME_S,
                "appid": app_id,
                "appidacr": proof,
                "idp": f"https://sts.windows.net/{self._tenant_id}/",
                "idtyp": "app",
                "oid": object_id,
                "sub": object_id,
                "tid": self._tenant_id,
                "uti": uuid.uuid4().hex[:22],
                "ver": "2.0" if v2 else "1.0",
            }
            | more
        )

    def verify(self, authorization: str | None, audiences: Collection[str]) -> Caller:
        """The caller behind an Authorization header; AzureError 401 as ARM words it."""
        if not authorization:
            raise self._refuse("AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.")
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise self._refuse(
                "AuthenticationFailedInvalidHeader",
                "Authentication failed. The 'Authorization' header is provided in an invalid format.",
            )
        claims = self._open(token.strip())
        now = self._clock.now().timestamp()
        if claims.get("tid") != self._tenant_id or claims.get("iss") != f"https://sts.windows.net/{self._tenant_id}/":
            raise self._refuse(
                "InvalidAuthenticationTokenTenant", "The access token is from the wrong issuer or the wrong tenant."
            )
        if not isinstance(claims.get("exp"), int) or claims["exp"] + _SKEW_S <= now:
            raise self._refuse("ExpiredAuthenticationToken", "The access token expiry UTC time is in the past.")
        if not isinstance(claims.get("nbf"), int) or claims["nbf"] - _SKEW_S > now:
            raise self._refuse("InvalidAuthenticationToken", "The access token is not valid yet.")
        audience = str(claims.get("aud", "")).rstrip("/")
        if audience not in audiences:
            allowed = ",".join(f"'{name}'" for name in sorted(audiences))
            raise self._refuse(
                "InvalidAuthenticationTokenAudience",
                f"The access token has been obtained for wrong audience or resource '{audience}'. "
                f"It should exactly match with one of the allowed audiences {allowed}.",
            )
        roles = claims.get("roles")
        return Caller(
            object_id=str(claims.get("oid")),
            app_id=str(claims.get("appid")),
            audience=audience,
            roles=tuple(map(str, roles)) if isinstance(roles, list) else (),  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] JSON
        )

    def _open(self, token: str) -> dict[str, Any]:
        import jwt

        try:
            return self._key.open(token, self._clock.now())
        except jwt.PyJWTError as error:
            raise self._refuse("InvalidAuthenticationToken", "The access token is invalid.") from error

    def _refuse(self, code: str, message: str) -> AzureError:
        challenge = (
            f'Bearer authorization_uri="{self._origin}/{self._tenant_id}", '
            f'error="invalid_token", error_description="{message}"'
        )
        return AzureError(401, code, message, headers={"WWW-Authenticate": challenge})
