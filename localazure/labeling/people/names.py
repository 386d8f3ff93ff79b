"""What an e-mail address and the names of persons, teams and classes may be.

Owns: the rules. Pure. Leaves: keeping them to `people.py`.

Names go into pages, links and histories, so they are short, of one line, and hold nothing that cannot be seen.
"""

import re
import unicodedata

from localazure.labeling.errors import user_error

__all__ = ["check_class_name", "check_email", "check_person_name", "check_team"]

_LONGEST_EMAIL = 254
_LONGEST_NAME = 100
_LONGEST_TEAM = 64
# As browsers check <input type=email>, without the characters that paths cannot hold.
_EMAIL = re.compile(
    r"[a-z0-9.!#$&'*+=^_{|}~-]{1,64}@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)
_TEAM = re.compile(r"[^/\\%?#]+")


def check_email(text: object) -> str:
    """The address in lower case; AzureError 400."""
    email = text.strip().lower() if isinstance(text, str) and text.isascii() else ""
    if len(email) > _LONGEST_EMAIL or _EMAIL.fullmatch(email) is None:
        raise user_error("That is no e-mail address of the form name@host.", target="email")
    return email


def check_person_name(text: object) -> str:
    """The name with single spaces; AzureError 400."""
    return _one_line(text, _LONGEST_NAME, "name")


def check_class_name(text: object) -> str:
    """A class's shown name with single spaces; AzureError 400."""
    return _one_line(text, _LONGEST_NAME, "name")


def check_team(text: object) -> str:
    """The team's name with single spaces; AzureError 400."""
    name = _one_line(text, _LONGEST_TEAM, "team")
    if _TEAM.fullmatch(name) is None:
        raise user_error("A team's name holds no '/', '\\', '%', '?' and '#'.", target="team")
    return name


def _one_line(text: object, longest: int, what: str) -> str:
    name = " ".join(unicodedata.normalize("NFC", text).split()) if isinstance(text, str) else ""
    if not 1 <= len(name) <= longest or not name.isprintable():
        raise user_error(f"{what} must be one line of 1 to {longest} characters that can be seen.", target=what)
    return name
