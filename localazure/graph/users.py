"""Users: members and guests. Nobody signs in as a user here, so a password is asked for, as in Graph, and not kept.

Owns: the rules of users and invitations. Leaves: lists to `listing.py`, groups to `groups.py`.
"""

import re
import uuid
from collections.abc import Mapping
from typing import Any

from localazure.graph.directory import USERS, Directory, Entry
from localazure.graph.errors import bad_request, not_found
from localazure.graph.kinds import KINDS

__all__ = ["Users"]

_KIND = KINDS[USERS]
_UPN = re.compile(r"[A-Za-z0-9'._!#^~+$-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MAIL = re.compile(r"[^@\s]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TAKEN = "Another object with the same value for property userPrincipalName already exists."


class Users:
    """Users of the directory."""

    def __init__(self, directory: Directory, *, domain: str) -> None:
        """`domain` is the tenant's first one: guests get a name in it."""
        self._directory = directory
        self._domain = domain

    def get(self, name: str) -> Entry:
        """By id or by user principal name. AzureError 404."""
        found = self._directory.get(USERS, name) or self._directory.find(USERS, "userPrincipalName", name)
        if found is None:
            raise not_found(name)
        return found

    def create(self, body: Mapping[str, Any]) -> Entry:
        said = _KIND.check(body)
        _KIND.require(body, ("accountEnabled", "displayName", "mailNickname", "userPrincipalName", "passwordProfile"))
        _check_password(said.pop("passwordProfile"))
        said.setdefault("userType", "Member")
        return self._add(said)

    def invite(self, body: Mapping[str, Any]) -> Entry:
        """A guest by mail address: `POST /invitations`. No mail is sent, and the guest counts as come."""
        mail, redirect = body.get("invitedUserEmailAddress"), body.get("inviteRedirectUrl")
        if not isinstance(mail, str) or not _MAIL.fullmatch(mail):
            raise bad_request("The invited user email address is missing or invalid.", code="BadRequest")
        if not isinstance(redirect, str) or not redirect:
            raise bad_request("'inviteRedirectUrl' is a required parameter.", code="BadRequest")
        name = str(body.get("invitedUserDisplayName") or mail.split("@", maxsplit=1)[0])
        upn = f"{mail.replace('@', '_')}#EXT#@{self._domain}"
        guest = self._directory.find(USERS, "userPrincipalName", upn) or self._add(
            {
                "accountEnabled": True,
                "displayName": name,
                "mail": mail,
                "mailNickname": f"{mail.replace('@', '_')}#EXT#",
                "otherMails": [mail],
                "userPrincipalName": upn,
                "userType": "Guest",
                "creationType": "Invitation",
                "externalUserState": "Accepted",
            }
        )
        return {
            "id": str(uuid.uuid4()),
            "invitedUserEmailAddress": mail,
            "invitedUserDisplayName": name,
            "inviteRedirectUrl": redirect,
            "sendInvitationMessage": False,
            "status": "Completed",
            "invitedUser": {"id": guest["id"]},
        }

    def update(self, name: str, body: Mapping[str, Any]) -> None:
        user = self.get(name)
        said = _KIND.check(body)
        if "passwordProfile" in said:
            _check_password(said.pop("passwordProfile"))
        for required in ("displayName", "userPrincipalName", "accountEnabled"):
            if required in said and said[required] in {None, ""}:
                raise bad_request(f"Invalid value specified for property '{required}' of resource 'User'.")
        changed = user | said
        self._check(changed)
        with self._directory.transaction():
            other = self._directory.find(USERS, "userPrincipalName", changed["userPrincipalName"])
            if other is not None and other["id"] != user["id"]:
                raise bad_request(_TAKEN)
            self._directory.put(USERS, changed)

    def delete(self, name: str) -> None:
        self._directory.delete(USERS, self.get(name)["id"])

    def _add(self, said: Entry) -> Entry:
        entry = {"id": str(uuid.uuid4()), "createdDateTime": self._directory.now()} | said
        self._check(entry)
        with self._directory.transaction():
            if self._directory.find(USERS, "userPrincipalName", entry["userPrincipalName"]) is not None:
                raise bad_request(_TAKEN)
            self._directory.put(USERS, entry)
        return entry

    @staticmethod
    def _check(entry: Entry) -> None:
        if not _UPN.fullmatch(entry["userPrincipalName"]):
            raise bad_request("Property userPrincipalName is invalid.")
        if entry.get("mail") and not _MAIL.fullmatch(entry["mail"]):
            raise bad_request("Invalid value specified for property 'mail' of resource 'User'.")
        if entry.get("userType") not in {"Member", "Guest"}:
            raise bad_request("Invalid value specified for property 'userType' of resource 'User'.")


def _check_password(profile: Mapping[str, Any] | None) -> None:
    password = None if profile is None else profile.get("password")
    if not isinstance(password, str) or not 8 <= len(password) <= 256:
        raise bad_request("The specified password does not comply with password complexity requirements.")
