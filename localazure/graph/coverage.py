"""What of Microsoft Graph the local Azure has, for docs/reference/local-azure-coverage.md.

Owns: which operations `az` drives (tests/clients/test_az_graph.py). Leaves: the list of operations to `endpoints.py`.
"""

from localazure.graph.endpoints import ENDPOINTS

__all__ = ["COVERAGE"]

_DRIVEN = {
    "GET /users",
    "POST /users",
    "GET /users/{id}",
    "DELETE /users/{id}",
    "POST /users/{id}/getMemberGroups",
    "GET /groups",
    "POST /groups",
    "GET /groups/{id}/members",
    "POST /groups/{id}/members/$ref",
    "DELETE /groups/{id}/members/{member}/$ref",
    "POST /directoryObjects/{id}/checkMemberGroups",
    "POST /directoryObjects/getByIds",
    "GET /applications",
    "POST /applications",
    "GET /applications/{id}",
    "DELETE /applications/{id}",
    "POST /applications/{id}/addPassword",
    "POST /applications/{id}/removePassword",
    "GET /applications/{id}/federatedIdentityCredentials",
    "POST /applications/{id}/federatedIdentityCredentials",
    "GET /servicePrincipals",
    "POST /servicePrincipals",
    "GET /me",
}
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
    if operation == "POST /oauth2PermissionGrants":
        return "not implemented"
    return "driven by az" if operation in _DRIVEN else "spec only"


COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    *(
        ("Microsoft Graph", operation, _status(operation), _NOTES.get(operation, ""))
        for operation in dict.fromkeys(f"{endpoint.method} {endpoint.template}" for endpoint in ENDPOINTS)
    ),
    ("Microsoft Graph", "everything else, and /beta", "not implemented", "answers 501 NotImplementedByLocalAzure"),
)
