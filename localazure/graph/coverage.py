"""What of Microsoft Graph the local Azure has, for docs/reference/local-azure-coverage.md.

Owns: remarks. Leaves: the list of operations to `endpoints.py`.
"""

from localazure.graph.endpoints import ENDPOINTS

__all__ = ["COVERAGE"]

_NOTES = {
    "GET /users": "$filter (eq, in, startswith, any, and, or, not), $search, $orderby, $select, $top, $count",
    "POST /users": "a password is asked for and not kept: nobody signs in as a user; any domain is taken",
    "POST /groups": "security groups alone",
    "POST /invitations": "the guest is there at once; no mail is sent",
    "GET /me": "answers 400: nobody signs in as a user",
    "GET /me/ownedObjects": "answers 400: nobody signs in as a user",
    "GET /oauth2PermissionGrants": "always empty",
    "POST /oauth2PermissionGrants": "answers 501",
    "DELETE /users/{id}": "at once and for good: there is no deletedItems",
    "POST /servicePrincipals/{id}/appRoleAssignments": "Directory.Read.All and Directory.ReadWrite.All of Graph count",
}


def _status(operation: str) -> str:
    return "not implemented" if operation == "POST /oauth2PermissionGrants" else "spec only"


COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    *(
        ("Microsoft Graph", operation, _status(operation), _NOTES.get(operation, ""))
        for operation in dict.fromkeys(f"{endpoint.method} {endpoint.template}" for endpoint in ENDPOINTS)
    ),
    ("Microsoft Graph", "everything else, and /beta", "not implemented", "answers 501 NotImplementedByLocalAzure"),
)
