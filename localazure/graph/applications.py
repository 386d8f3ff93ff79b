"""Applications and their service principals, and the permissions that these have on Graph itself.

Owns: the rules of both. Leaves: secrets and certificates to `credentials.py`.
"""

import uuid
from collections.abc import Mapping
from typing import Any

from localazure.graph.credentials import checked_certificates
from localazure.graph.directory import APPLICATIONS, PRINCIPALS, Directory, Entry
from localazure.graph.errors import bad_request, conflict, denied, not_found
from localazure.graph.kinds import KINDS

__all__ = ["Applications", "Principals"]

_APPLICATION, _PRINCIPAL = KINDS[APPLICATIONS], KINDS[PRINCIPALS]


class Applications:
    """Application registrations of the tenant."""

    def __init__(self, directory: Directory, *, own_client_id: str) -> None:
        """`own_client_id` is the local Azure's own application, without which nobody could sign in any more."""
        self._directory = directory
        self._own = own_client_id

    def get(self, name: str) -> Entry:
        found = self._directory.get(APPLICATIONS, name)
        if found is None:
            raise not_found(name)
        return found

    def create(self, body: Mapping[str, Any]) -> Entry:
        said = _APPLICATION.check(body)
        _APPLICATION.require(body, ("displayName",))
        entry: Entry = {
            "id": str(uuid.uuid4()),
            "appId": str(uuid.uuid4()),
            "createdDateTime": self._directory.now(),
            "signInAudience": "AzureADMyOrg",
            "identifierUris": [],
            "passwordCredentials": [],
            **said,
            "keyCredentials": checked_certificates(said.get("keyCredentials") or [], []),
        }
        with self._directory.transaction():
            self._check_uris(entry)
            self._directory.put(APPLICATIONS, entry)
        return entry

    def update(self, name: str, body: Mapping[str, Any]) -> None:
        with self._directory.transaction():
            old = self.get(name)
            said = _APPLICATION.check(body)
            if "displayName" in said and not said["displayName"]:
                raise bad_request("Invalid value specified for property 'displayName' of resource 'Application'.")
            if "keyCredentials" in said:
                said["keyCredentials"] = checked_certificates(said["keyCredentials"] or [], old["keyCredentials"])
            changed = old | said
            self._check_uris(changed)
            self._directory.put(APPLICATIONS, changed)
            principal = self._directory.find(PRINCIPALS, "appId", old["appId"])
            if principal is not None:
                self._directory.put(PRINCIPALS, principal | _from_application(changed))

    def delete(self, name: str) -> None:
        """The application and its service principal."""
        application = self.get(name)
        if application["appId"] == self._own:
            raise denied()
        with self._directory.transaction():
            principal = self._directory.find(PRINCIPALS, "appId", application["appId"])
            if principal is not None:
                self._directory.delete(PRINCIPALS, principal["id"])
            self._directory.delete(APPLICATIONS, application["id"])

    def _check_uris(self, entry: Entry) -> None:
        wanted = {str(uri).lower() for uri in entry.get("identifierUris") or ()}
        if not wanted:
            return
        for other in self._directory.entries(APPLICATIONS):
            if other["id"] != entry["id"] and wanted & {uri.lower() for uri in other.get("identifierUris") or ()}:
                raise bad_request(
                    "Another object with the same value for property identifierUris already exists.",
                )


class Principals:
    """Service principals: of applications here, and of managed identities, which come and go with their resource."""

    def __init__(self, directory: Directory, *, tenant_id: str, own_object_id: str) -> None:
        self._directory = directory
        self._tenant_id = tenant_id
        self._own = own_object_id

    def get(self, name: str) -> Entry:
        found = self._directory.get(PRINCIPALS, name)
        if found is None:
            raise not_found(name)
        return found

    def create(self, body: Mapping[str, Any]) -> Entry:
        app_id = body.get("appId")
        if not isinstance(app_id, str) or not app_id:
            raise bad_request("A value is required for property 'appId' of resource 'ServicePrincipal'.")
        said = _PRINCIPAL.check({name: value for name, value in body.items() if name != "appId"})
        with self._directory.transaction():
            application = self._directory.find(APPLICATIONS, "appId", app_id)
            if application is None:
                raise bad_request(
                    f"The appId '{app_id}' of the service principal does not reference a valid application object."
                )
            if self._directory.find(PRINCIPALS, "appId", app_id) is not None:
                raise conflict(
                    "The service principal cannot be created, updated, or restored because the service principal name "
                    f"{app_id} is already in use."
                )
            entry: Entry = {
                "id": str(uuid.uuid4()),
                "appId": application["appId"],
                "appOwnerOrganizationId": self._tenant_id,
                "accountEnabled": True,
                "servicePrincipalType": "Application",
                "alternativeNames": [],
                "passwordCredentials": [],
                "createdDateTime": self._directory.now(),
                **_from_application(application),
                **said,
                "keyCredentials": checked_certificates(said.get("keyCredentials") or [], []),
            }
            self._directory.put(PRINCIPALS, entry)
        return entry

    def update(self, name: str, body: Mapping[str, Any]) -> None:
        old = self._own_kind(name)
        said = _PRINCIPAL.check(body)
        if old["id"] == self._own and said.get("accountEnabled") is False:
            raise denied()
        if "keyCredentials" in said:
            said["keyCredentials"] = checked_certificates(said["keyCredentials"] or [], old["keyCredentials"])
        self._directory.put(PRINCIPALS, old | said)

    def delete(self, name: str) -> None:
        old = self._own_kind(name)
        if old["id"] == self._own:
            raise denied()
        self._directory.delete(PRINCIPALS, old["id"])

    def granted(self, name: str) -> list[Entry]:
        return self._directory.attached("granted", self.get(name)["id"])

    def grant(self, name: str, body: Mapping[str, Any]) -> Entry:
        """An application permission: `appRoleAssignments`. It stands in tokens from the next one on."""
        principal = self.get(name)
        resource = self._directory.get(PRINCIPALS, str(body.get("resourceId", "")))
        if str(body.get("principalId", "")).lower() != principal["id"].lower() or resource is None:
            raise bad_request("'principalId' or 'resourceId' does not name a service principal.")
        role = next((r for r in resource["appRoles"] if r["id"] == str(body.get("appRoleId", "")).lower()), None)
        if role is None:
            raise bad_request("Permission being assigned was not found on application.")
        if any(g["appRoleId"] == role["id"] and g["resourceId"] == resource["id"] for g in self.granted(name)):
            raise bad_request("Permission being assigned already exists on the object.")
        entry: Entry = {
            "id": str(uuid.uuid4()),
            "appRoleId": role["id"],
            "createdDateTime": self._directory.now(),
            "principalDisplayName": principal["displayName"],
            "principalId": principal["id"],
            "principalType": "ServicePrincipal",
            "resourceDisplayName": resource["displayName"],
            "resourceId": resource["id"],
            "value": role["value"],
        }
        self._directory.attach("granted", principal["id"], entry["id"], entry)
        return entry

    def revoke(self, name: str, assignment_id: str) -> None:
        if not self._directory.detach("granted", self.get(name)["id"], assignment_id):
            raise not_found(assignment_id)

    def _own_kind(self, name: str) -> Entry:
        """A principal that requests may change: not one of a resource."""
        old = self.get(name)
        if old["servicePrincipalType"] != "Application":
            raise denied()
        return old


def _from_application(application: Entry) -> Entry:
    """What a service principal takes over from its application."""
    return {
        "displayName": application["displayName"],
        "appDisplayName": application["displayName"],
        "appRoles": application.get("appRoles") or [],
        "servicePrincipalNames": [application["appId"], *(application.get("identifierUris") or ())],
    }
