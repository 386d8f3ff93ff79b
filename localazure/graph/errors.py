"""Graph's way of saying no. Owns: codes and sentences that several modules use. Leaves: the envelope to `routes.py`."""

from localazure.errors import AzureError

__all__ = ["bad_request", "conflict", "denied", "not_found", "not_here", "unsupported"]


def bad_request(message: str, *, code: str = "Request_BadRequest") -> AzureError:
    return AzureError(400, code, message)


def unsupported(message: str) -> AzureError:
    return AzureError(400, "Request_UnsupportedQuery", message)


def conflict(message: str) -> AzureError:
    return AzureError(409, "Request_MultipleObjectsWithSameKeyValue", message)


def denied() -> AzureError:
    return AzureError(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation.")


def not_found(name: str) -> AzureError:
    return AzureError(
        404,
        "Request_ResourceNotFound",
        f"Resource '{name}' does not exist or one of its queried reference-property objects are not present.",
    )


def not_here(what: str) -> AzureError:
    return AzureError(501, "NotImplementedByLocalAzure", f"The local Azure's directory has no {what}.")
