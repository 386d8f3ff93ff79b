"""The kinds of directory objects: which properties they have, of which type, and which are shown unasked.

Owns: this table, and how an entry of the store becomes what Graph shows. Leaves: rules between properties to
`users.py`, `groups.py`, `applications.py`, `principals.py`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.graph.directory import APPLICATIONS, GROUPS, PRINCIPALS, USERS, Entry
from localazure.graph.errors import bad_request

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind. `writable` properties may stand in a request; the others are ours to set."""

    name: str
    title: str
    writable: Mapping[str, type]
    computed: Mapping[str, type]
    shown: tuple[str, ...] = ()

    @property
    def odata_type(self) -> str:
        return f"#microsoft.graph.{self.title[0].lower()}{self.title[1:]}"

    @property
    def properties(self) -> dict[str, type]:
        return {"id": str, **self.writable, **self.computed}

    def show(self, entry: Entry, select: Sequence[str] = (), *, typed: bool = False) -> Entry:
        """What Graph shows of an entry; key material never."""
        names = select or self.shown or tuple(self.properties)
        shown: Entry = {"@odata.type": self.odata_type} if typed else {}
        for name in names:
            value = entry.get(name)
            if name == "keyCredentials":
                value = [{**credential, "key": None} for credential in value or ()]
            elif value is None and self.properties.get(name) is list:
                value = []
            shown[name] = value
        return shown

    def check(self, body: Mapping[str, Any]) -> Entry:
        """The writable properties of a request; AzureError 400 for any other and for wrong types."""
        checked: Entry = {}
        for name, value in body.items():
            if name.startswith("@odata.") or name == "id":
                continue
            kind = self.writable.get(name)
            if kind is None:
                if name in self.computed:
                    raise bad_request(f"Property '{name}' is read-only and cannot be set.")
                raise bad_request(f"Invalid property '{name}'.")
            if value is not None and (not isinstance(value, kind) or (kind is int and isinstance(value, bool))):
                raise bad_request(f"Invalid value specified for property '{name}' of resource '{self.title}'.")
            checked[name] = value
        return checked

    def require(self, body: Mapping[str, Any], names: Sequence[str]) -> None:
        for name in names:
            if body.get(name) is None or body[name] == "":
                raise bad_request(
                    f"A value is required for property '{name}' of resource '{self.title}'."
                    if name in body
                    else f"A required property '{name}' is missing from the request for resource '{self.title}'."
                )


_USER = Kind(
    name=USERS,
    title="User",
    shown=(
        "businessPhones",
        "displayName",
        "givenName",
        "jobTitle",
        "mail",
        "mobilePhone",
        "officeLocation",
        "preferredLanguage",
        "surname",
        "userPrincipalName",
        "id",
    ),
    writable={
        "accountEnabled": bool,
        "businessPhones": list,
        "companyName": str,
        "department": str,
        "displayName": str,
        "employeeId": str,
        "givenName": str,
        "jobTitle": str,
        "mail": str,
        "mailNickname": str,
        "mobilePhone": str,
        "officeLocation": str,
        "onPremisesImmutableId": str,
        "otherMails": list,
        "passwordProfile": dict,
        "preferredLanguage": str,
        "surname": str,
        "usageLocation": str,
        "userPrincipalName": str,
        "userType": str,
    },
    computed={"createdDateTime": str, "creationType": str, "externalUserState": str},
)
_GROUP = Kind(
    name=GROUPS,
    title="Group",
    writable={
        "description": str,
        "displayName": str,
        "groupTypes": list,
        "isAssignableToRole": bool,
        "mailEnabled": bool,
        "mailNickname": str,
        "securityEnabled": bool,
        "visibility": str,
    },
    computed={"createdDateTime": str, "mail": str, "securityIdentifier": str},
)
_APPLICATION = Kind(
    name=APPLICATIONS,
    title="Application",
    writable={
        "api": dict,
        "appRoles": list,
        "description": str,
        "displayName": str,
        "groupMembershipClaims": str,
        "identifierUris": list,
        "isFallbackPublicClient": bool,
        "keyCredentials": list,
        "notes": str,
        "optionalClaims": dict,
        "publicClient": dict,
        "requiredResourceAccess": list,
        "serviceManagementReference": str,
        "signInAudience": str,
        "spa": dict,
        "tags": list,
        "web": dict,
    },
    computed={"appId": str, "createdDateTime": str, "passwordCredentials": list, "publisherDomain": str},
)
_PRINCIPAL = Kind(
    name=PRINCIPALS,
    title="ServicePrincipal",
    writable={
        "accountEnabled": bool,
        "appRoleAssignmentRequired": bool,
        "description": str,
        "displayName": str,
        "keyCredentials": list,
        "notes": str,
        "tags": list,
    },
    computed={
        "alternativeNames": list,
        "appDisplayName": str,
        "appId": str,
        "appOwnerOrganizationId": str,
        "appRoles": list,
        "createdDateTime": str,
        "passwordCredentials": list,
        "servicePrincipalNames": list,
        "servicePrincipalType": str,
    },
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (_USER, _GROUP, _APPLICATION, _PRINCIPAL)}
