"""Names of courses and ids of seats: pure functions of what people say.

Owns: the rules, and which id a person has. Leaves: names of resources to `infra`, which cuts what is too long.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping

__all__ = ["course_name_problem", "seat_id", "seat_ids", "suggest_course_name"]

MOST_NAME = 31
MOST_SLUG = 14
DIGITS = 6
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def course_name_problem(name: str) -> str | None:
    """Why a course cannot have this name, or None."""
    if not 2 <= len(name) <= MOST_NAME:
        return f"it has {len(name)} characters, and a name has 2 to {MOST_NAME}"
    if not _NAME.fullmatch(name):
        return "a name is lower-case letters, digits and single hyphens, and starts with a letter"
    return None


def suggest_course_name(text: str) -> str | None:
    """The nearest name that a course can have, or None when nothing of the text is left."""
    slug = _slug(text)
    for candidate in (slug, f"course-{slug}"):
        cut = candidate[:MOST_NAME].rstrip("-")
        if slug and course_name_problem(cut) is None:
            return cut
    return None


def seat_id(course: str, email: str, *, digits: int = DIGITS) -> str:
    """The id of a person's seat: the beginning of the address, and what tells it from all others.

    The same for the same course and address, whatever else the roster holds.
    """
    address = email.lower()
    slug = _slug(address.partition("@")[0])[:MOST_SLUG].rstrip("-") or "seat"
    digest = hashlib.sha256(f"{course}\n{address}".encode()).digest()
    return f"{slug}-{base64.b32encode(digest).decode().lower()[:digits]}"


def seat_ids(course: str, emails: Iterable[str], *, known: Mapping[str, str] | None = None) -> dict[str, str]:
    """Ids of several people by their addresses in lower case, no two alike.

    Args:
        course: The course's name.
        emails: Addresses.
        known: Ids that people have already; they keep them.
    """
    found = {email.lower(): held for email, held in (known or {}).items()}
    taken = set(found.values())
    for email in sorted({email.lower() for email in emails} - set(found)):
        digits = DIGITS
        while (candidate := seat_id(course, email, digits=digits)) in taken:
            digits += 1
        found[email] = candidate
        taken.add(candidate)
    return found


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
