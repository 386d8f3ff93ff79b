"""Client assertions: a token, signed by somebody else, in place of a client secret.

Owns: their checks. Signed by the application itself: its registered certificates. Signed by another issuer:
its federated identity credentials. Leaves: the issuers' keys to `issuers.py`.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NoReturn

from localazure.clock import Clock
from localazure.entra.applications import Application, Certificate
from localazure.entra.errors import EntraError
from localazure.entra.issuers import Issuers, IssuerUnreachable

__all__ = ["ASSERTION_TYPE", "Assertions"]

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_SKEW_S = 300


class Assertions:
    """Verifies client assertions of one tenant."""

    def __init__(self, *, tenant_id: str, origin: str, issuers: Issuers, clock: Clock) -> None:
        self._issuers = issuers
        self._clock = clock
        base = f"{origin}/{tenant_id}"
        self._endpoints = {base, f"{base}/v2.0", f"{base}/oauth2/token", f"{base}/oauth2/v2.0/token"}

    def check(self, application: Application, assertion: str) -> None:
        """EntraError unless the assertion speaks for the application."""
        header, claims = _peek(assertion)
        if claims.get("iss") in {application.client_id, claims.get("sub")}:
            self._check_signed_by_itself(application, assertion, header, claims)
        else:
            self._check_federated(application, assertion, header, claims)
        self._check_time(claims)

    def _check_signed_by_itself(
        self, application: Application, assertion: str, header: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> None:
        if not str(claims.get("iss")).lower() == str(claims.get("sub")).lower() == application.client_id.lower():
            _refuse(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
        certificate = _registered(application.certificates, header)
        if certificate is None:
            _refuse(
                700027,
                "The certificate with identifier used to sign the client assertion is not registered on application. "
                f"[Reason - The key was not found. Client: '{application.client_id}']",
            )
        now = self._clock.now()
        if (certificate.ends is not None and certificate.ends <= now) or (
            certificate.starts is not None and certificate.starts > now
        ):
            _refuse(700027, "Client assertion failed signature validation. [Reason - The key used is expired.]")
        from cryptography import x509

        public = x509.load_der_x509_certificate(certificate.der).public_key()
        if not _signed(assertion, public, ("RS256", "PS256")):
            _refuse(
                700027,
                "Client assertion failed signature validation. [Reason - The provided signature value did not match "
                "the expected signature value.]",
            )
        if str(claims.get("aud", "")).rstrip("/") not in self._endpoints:
            _refuse(700023, "Client assertion audience claim does not match Realm issuer.")

    def _check_federated(
        self, application: Application, assertion: str, header: Mapping[str, Any], claims: Mapping[str, Any]
    ) -> None:
        issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
        said = claims.get("aud")
        audiences = {str(name) for name in said} if isinstance(said, list) else {str(said)}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType] JSON
        _require_record(application, issuer, subject, audiences)
        try:
            keys = self._issuers.keys(issuer)
        except IssuerUnreachable as error:
            raise EntraError(
                400,
                "invalid_request",
                50166,
                f"Request to External OIDC endpoint failed: the keys of '{issuer}' could not be had, for {error}.",
            ) from error
        from jwt import PyJWK

        kid = header.get("kid")
        fitting = [key for key in keys if kid is None or key.get("kid") == kid]
        if not any(_signed(assertion, PyJWK({**key, "alg": "RS256"}).key, ("RS256",)) for key in fitting):
            reason = "The provided signature value did not match." if fitting else "The key was not found."
            raise EntraError(401, "invalid_grant", 50013, f"Assertion failed signature validation. [Reason - {reason}]")

    def _check_time(self, claims: Mapping[str, Any]) -> None:
        now = self._clock.now().timestamp()
        ends, starts = claims.get("exp"), claims.get("nbf", 0)
        if not isinstance(ends, int | float) or not isinstance(starts, int | float):
            _refuse(50027, "JWT token is invalid or malformed: 'exp' is missing or no number.")
        if ends + _SKEW_S <= now or starts - _SKEW_S > now:
            _refuse(
                700024,
                "Client assertion is not within its valid time range. "
                f"Current time: {datetime.fromtimestamp(now, tz=self._clock.now().tzinfo).isoformat()}.",
            )


def _require_record(application: Application, issuer: str, subject: str, audiences: set[str]) -> None:
    """One record must fit in issuer, subject and audience, all exactly."""
    records = application.federations
    if any(r.issuer == issuer and r.subject == subject and audiences & {*r.audiences} for r in records):
        return
    asked = "No matching federated identity record found for presented assertion"
    hint = "Check your federated identity credential Subject, Audience and Issuer against the presented assertion."
    if not records:
        shown = ", ".join(sorted(audiences))
        message = f"{asked}. Assertion Issuer: '{issuer}'. Assertion Subject: '{subject}'."
        _refuse(70021, f"{message} Assertion Audience: '{shown}'. {hint}")
    if not any(r.issuer == issuer for r in records):
        _refuse(700211, f"{asked} issuer '{issuer}'. {hint}")
    if not any(r.issuer == issuer and r.subject == subject for r in records):
        _refuse(700213, f"{asked} subject '{subject}'. {hint}")
    _refuse(700212, f"{asked} audience '{', '.join(sorted(audiences))}'. {hint}")


def _refuse(number: int, message: str) -> NoReturn:
    raise EntraError(401, "invalid_client", number, message)


def _peek(assertion: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, before anything is believed."""
    import jwt

    try:
        whole = jwt.decode_complete(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as error:
        raise EntraError(401, "invalid_client", 50027, "JWT token is invalid or malformed.") from error
    return whole["header"], whole["payload"]


def _signed(assertion: str, key: Any, algorithms: Sequence[str]) -> bool:
    import jwt

    unchecked = dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud", "verify_iss"), False)
    try:
        jwt.decode(assertion, key, algorithms=[*algorithms], options={**unchecked})  # pyright: ignore[reportArgumentType] a TypedDict by hand
    except (jwt.PyJWTError, TypeError, ValueError):
        return False
    return True


def _registered(certificates: Sequence[Certificate], header: Mapping[str, Any]) -> Certificate | None:
    """The certificate that the header names, by one of its thumbprints."""
    for name, algorithm in (("x5t#S256", hashlib.sha256), ("x5t", hashlib.sha1), ("kid", hashlib.sha1)):
        said = header.get(name)
        if not isinstance(said, str):
            continue
        for certificate in certificates:
            digest = algorithm(certificate.der)
            for shown in (base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode(), digest.hexdigest().upper()):
                if hmac.compare_digest(shown.encode(), said.rstrip("=").encode()):
                    return certificate
        return None
    return None
