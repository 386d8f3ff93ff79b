"""Management locks: CanNotDelete and ReadOnly, inherited from every scope above, and respected by deletions above.

Owns: the check. Leaves: storing locks to the type table.
"""

from localazure.arm.ids import key
from localazure.arm.resources import Resource, Resources
from localazure.errors import AzureError

__all__ = ["LOCKS", "check_delete", "check_write"]

LOCKS = "Microsoft.Authorization/locks"


def check_write(resources: Resources, resource_id: str) -> None:
    """AzureError 409 when a ReadOnly lock at the scope or above forbids writing."""
    at = key(resource_id) + "/"
    for lock in resources.of_type(LOCKS):
        if lock["properties"]["level"] == "ReadOnly" and at.startswith(_scope(lock)):
            raise _locked(resource_id, "write", lock)


def check_delete(resources: Resources, resource_id: str) -> None:
    """AzureError 409 when a lock at, above or below the scope forbids deleting."""
    at = key(resource_id) + "/"
    for lock in resources.of_type(LOCKS):
        scope = _scope(lock)
        if at.startswith(scope) or scope.startswith(at):
            raise _locked(resource_id, "delete", lock)


def _scope(lock: Resource) -> str:
    return key(lock["id"]).rsplit("/providers/", 1)[0] + "/"


def _locked(resource_id: str, action: str, lock: Resource) -> AzureError:
    scope = lock["id"].rsplit("/providers/", 1)[0]
    return AzureError(
        409,
        "ScopeLocked",
        f"The scope '{resource_id}' cannot perform {action} operation because following scope(s) are locked: "
        f"'{scope}'. Please remove the lock and try again.",
    )
