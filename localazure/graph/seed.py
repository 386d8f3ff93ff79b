"""What stands in the directory before anybody wrote to it.

Owns: the local Azure's own application, the identity of this machine, Microsoft Graph itself with its permissions.
Leaves: secrets to the settings.
"""

import uuid

from localazure.graph.directory import APPLICATIONS, PRINCIPALS, Directory, Entry

__all__ = ["GRAPH_APP", "MACHINE", "READ_ALL", "READ_WRITE_ALL", "machine_identity", "seed"]

MACHINE = "visionlab-machine"
GRAPH_APP = "00000003-0000-0000-c000-000000000000"
READ_ALL, READ_WRITE_ALL = "Directory.Read.All", "Directory.ReadWrite.All"
# The ids that Microsoft publishes for these permissions; they are the same in every tenant.
_ROLE_IDS = {READ_ALL: "7ab1d382-f21e-4acd-a863-ba3e13f7da61", READ_WRITE_ALL: "19dbc75e-c2e2-444c-a770-ec69d8559fc7"}


def machine_identity(tenant_id: str) -> tuple[str, str]:
    """Client id and object id of this machine's own identity: the same at every start."""
    space = uuid.UUID(tenant_id)
    return str(uuid.uuid5(space, "machine/client")), str(uuid.uuid5(space, "machine/object"))


def seed(directory: Directory, *, tenant_id: str, client_id: str, object_id: str) -> None:
    """Put in what is missing."""
    if directory.find(APPLICATIONS, "appId", client_id) is None:
        application: Entry = {
            "id": str(uuid.uuid5(uuid.UUID(tenant_id), "application")),
            "appId": client_id,
            "displayName": "visionlab",
            "createdDateTime": directory.now(),
            "signInAudience": "AzureADMyOrg",
            "identifierUris": [],
            "passwordCredentials": [],
            "keyCredentials": [],
        }
        directory.put(APPLICATIONS, application)
    machine_client, machine_object = machine_identity(tenant_id)
    own = {"id": object_id, "appId": client_id, "displayName": "visionlab", "servicePrincipalType": "Application"}
    machine = {"id": machine_object, "appId": machine_client, "displayName": MACHINE}
    graph_object = str(uuid.uuid5(uuid.UUID(tenant_id), "graph"))
    roles = [
        {"id": role_id, "value": name, "displayName": name, "isEnabled": True, "allowedMemberTypes": ["Application"]}
        for name, role_id in _ROLE_IDS.items()
    ]
    graph = {"id": graph_object, "appId": GRAPH_APP, "displayName": "Microsoft Graph", "appRoles": roles}
    for known in (
        own,
        machine | {"servicePrincipalType": "ManagedIdentity"},
        graph | {"servicePrincipalType": "Application"},
    ):
        if directory.get(PRINCIPALS, str(known["id"])) is None:
            directory.put(PRINCIPALS, _principal(directory, tenant_id) | _named(known))


def _named(known: Entry) -> Entry:
    return known | {"appDisplayName": known["displayName"], "servicePrincipalNames": [known["appId"]]}


def _principal(directory: Directory, tenant_id: str) -> Entry:
    return {
        "appOwnerOrganizationId": tenant_id,
        "accountEnabled": True,
        "alternativeNames": [],
        "appRoles": [],
        "passwordCredentials": [],
        "keyCredentials": [],
        "createdDateTime": directory.now(),
    }
