"""What of Entra ID and of managed identity the local Azure has, for docs/reference/local-azure-coverage.md."""

__all__ = ["COVERAGE"]

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    (
        "Entra ID",
        "POST /{tenant}/oauth2/v2.0/token (client_credentials)",
        "spec only",
        (
            "by secret (several, each with its end), by certificate (RS256, PS256; x5t, x5t#S256), or by a federated "
            "assertion: issuer, subject and audience must fit a federated identity credential; keys of the local Azure "
            "itself, of an issuer on this machine, or registered by PUT /_local/issuers: no other request is made"
        ),
    ),
    ("Entra ID", "POST /{tenant}/oauth2/token (v1)", "spec only", "resource instead of scope"),
    ("Entra ID", "POST token, other grants", "not implemented", "answers AADSTS70003: nobody signs in as a user"),
    (
        "Entra ID",
        "GET /{tenant}/v2.0/.well-known/openid-configuration, /{tenant}/.well-known/openid-configuration",
        "spec only",
        "",
    ),
    (
        "Entra ID",
        "GET /{tenant}/discovery/v2.0/keys, /{tenant}/discovery/keys",
        "spec only",
        "two keys for two hours after a change",
    ),
    ("Entra ID", "GET /common/discovery/instance", "spec only", ""),
    (
        "Managed identity",
        "GET /msi/token (App Service, 2019-08-01)",
        "spec only",
        (
            "plain http on loopback; needs IDENTITY_HEADER; every user-assigned identity of the subscription counts as "
            "assigned to this machine"
        ),
    ),
    (
        "Managed identity",
        "GET /metadata/identity/oauth2/token (IMDS)",
        "spec only",
        "only after `visionlab local start --imds`",
    ),
    ("Cloud metadata", "GET /metadata/endpoints", "spec only", "an object; a list for 2019-05-01"),
    ("Local Azure", "GET, PUT, DELETE /_local/issuers", "own contract", "keys of other issuers; admin token"),
)
