"""What of Entra ID and of managed identity the local Azure has, for docs/reference/local-azure-coverage.md."""

__all__ = ["COVERAGE"]

_BOTH = "driven by azure-identity, az"
_TOKEN = "POST /{tenant}/oauth2/v2.0/token"  # noqa: S105 a path

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    ("Entra ID", f"{_TOKEN} (client_credentials, secret)", _BOTH, "RS256; several secrets, each with its end"),
    ("Entra ID", f"{_TOKEN} (certificate)", "driven by azure-identity", "RS256 and PS256; x5t, x5t#S256"),
    (
        "Entra ID",
        f"{_TOKEN} (federated assertion)",
        _BOTH,
        (
            "issuer, subject and audience must fit a federated identity credential; keys of the local Azure itself, of an "
            "issuer on this machine, or registered by PUT /_local/issuers: no other request is made"
        ),
    ),
    ("Entra ID", "POST /{tenant}/oauth2/token (v1)", "spec only", "resource instead of scope"),
    ("Entra ID", "POST token, other grants", "not implemented", "answers AADSTS70003: nobody signs in as a user"),
    ("Entra ID", "GET /{tenant}/v2.0/.well-known/openid-configuration", _BOTH, "v1 too"),
    ("Entra ID", "GET /{tenant}/discovery/v2.0/keys", "spec only", "two keys for two hours after a change"),
    ("Entra ID", "GET /common/discovery/instance", "spec only", ""),
    (
        "Managed identity",
        "GET /msi/token (App Service, 2019-08-01)",
        _BOTH,
        (
            "plain http on loopback; needs IDENTITY_HEADER; every user-assigned identity of the subscription counts as "
            "assigned to this machine"
        ),
    ),
    (
        "Managed identity",
        "GET /metadata/identity/oauth2/token (IMDS)",
        _BOTH,
        "only after `visionlab local start --imds`",
    ),
    ("Cloud metadata", "GET /metadata/endpoints", "driven by az", "an object; a list for 2019-05-01"),
    ("Local Azure", "GET, PUT, DELETE /_local/issuers", "own contract", "keys of other issuers; admin token"),
)
