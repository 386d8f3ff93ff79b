"""The settings that name people: who labels, who trains, whose seat it is.

Owns: their fields and what they have to keep. Leaves: what people may do to `components/access.py`.
"""

import re
from dataclasses import dataclass

from infra.settings_reader import Section

__all__ = ["PRINCIPAL_TYPES", "Person", "Principal", "is_email", "read_person", "read_principals"]

PRINCIPAL_TYPES = ("User", "Group", "ServicePrincipal")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who gets a role: a directory object and what kind of object it is."""

    object_id: str
    principal_type: str = "User"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person(Principal):
    """Whose seat it is; the address hears of the budget."""

    email: str | None = None


def read_principals(section: Section, key: str) -> tuple[Principal, ...]:
    """A list of principals, none twice; mistakes are noted."""
    people: list[Principal] = []
    for fields in section.sections(key):
        fields.refuse_others(("objectId", "principalType"))
        principal = _principal(fields)
        if principal is None:
            continue
        if any(principal.object_id == other.object_id for other in people):
            fields.wrong("objectId", f"{principal.object_id} is listed twice")
        people.append(principal)
    return tuple(people)


def read_person(section: Section, key: str) -> Person | None:
    """One person, or None when none is given; mistakes are noted."""
    fields = section.section(key)
    if fields is None:
        return None
    fields.refuse_others(("objectId", "principalType", "email"))
    email = fields.text("email")
    if email is not None and not is_email(email):
        fields.wrong("email", f"{email!r} is not an e-mail address")
    found = _principal(fields)
    return found and Person(object_id=found.object_id, principal_type=found.principal_type, email=email)


def is_email(text: str) -> bool:
    return _EMAIL.fullmatch(text) is not None


def _principal(fields: Section) -> Principal | None:
    object_id = fields.text("objectId")
    if object_id is None or not _GUID.fullmatch(object_id):
        return fields.wrong("objectId", f"{object_id!r} is not the object id (a GUID) of a user, group or application")
    kind = fields.choice("principalType", PRINCIPAL_TYPES, "User")
    return Principal(object_id=object_id.lower(), principal_type=kind)
