"""What the data plane of Key Vault has, operation by operation, for the coverage page."""

__all__ = ["VAULT_DATA"]

_SERVICE = "Key Vault (7.0 to 7.6, 2025-07-01, 2026-04-01)"
_SDK = "driven by azure-keyvault-secrets"

VAULT_DATA: tuple[tuple[str, str, str, str], ...] = (
    (_SERVICE, "PUT /secrets/{name}", _SDK, "each makes a version"),
    (_SERVICE, "GET /secrets/{name}/{version}, /secrets/{name}", _SDK, "without a version the current one"),
    (_SERVICE, "PATCH /secrets/{name}/{version}, /secrets/{name}", _SDK, "attributes, tags, content type"),
    (_SERVICE, "GET /secrets", _SDK, "maxresults up to 25, nextLink"),
    (_SERVICE, "GET /secrets/{name}/versions", _SDK, ""),
    (_SERVICE, "DELETE /secrets/{name}", _SDK, "soft; ends at once, where Azure takes seconds"),
    (_SERVICE, "GET /deletedsecrets, /deletedsecrets/{name}", _SDK, "kept as long as the vault says"),
    (_SERVICE, "POST /deletedsecrets/{name}/recover", _SDK, ""),
    (_SERVICE, "DELETE /deletedsecrets/{name}", _SDK, "refused with purge protection"),
    (
        _SERVICE,
        "POST /secrets/{name}/backup, /secrets/restore",
        _SDK,
        "opened by the local Azure that made it alone",
    ),
    (_SERVICE, "ANY /keys, /certificates, /storage, /rng", "not implemented", "501 NotImplementedByLocalAzure"),
)
