"""The error answers of labeling projects, one function each.

Owns: status, code and sentence. Azure ML's own codes for them are not published: `UserError` and ARM's usual ones are
used. Leaves: rendering to `app.py`.
"""

from localazure.errors import AzureError

__all__ = ["conflict", "not_found", "not_implemented", "parent_not_found", "user_error", "wrong_state"]


def user_error(message: str, *, target: str | None = None) -> AzureError:
    return AzureError(400, "UserError", message, target=target)


def not_found(name: str) -> AzureError:
    return AzureError(404, "ResourceNotFound", f"The labeling job '{name}' was not found.")


def parent_not_found(workspace_id: str) -> AzureError:
    return AzureError(404, "ParentResourceNotFound", f"The workspace '{workspace_id}' was not found.")


def conflict(message: str) -> AzureError:
    return AzureError(409, "Conflict", message)


def wrong_state(message: str) -> AzureError:
    return AzureError(409, "InvalidState", message)


def not_implemented(what: str) -> AzureError:
    return AzureError(501, "NotImplementedByLocalAzure", f"{what} is not implemented by the local Azure.")
