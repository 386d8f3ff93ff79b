"""Single values of a roster: what is valid, and the valid value that was probably meant.

Owns: addresses, dates, separators, how a wrong value is shown. Leaves: columns, lines and messages to `roster.py`.
"""

import re
from contextlib import suppress
from datetime import date

from automation.printable import printable

__all__ = ["delimiter_of", "is_address", "near_address", "near_date", "shown"]

MOST_SHOWN = 60
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"{_ATOM}(\.{_ATOM})*@({_LABEL}\.)+[a-z]{_LABEL}")
_INSIDE = re.compile(r"[^\s<>,;:()\"'@]+@[^\s<>,;:()\"'@]+")
_DATE = re.compile(r"(\d{1,4})[./ -](\d{1,2})[./ -](\d{1,4})")
_DELIMITERS = ",;\t"


def is_address(text: str) -> bool:
    """Whether a text in lower case is an e-mail address that a directory can know."""
    return len(text) <= 254 and len(text.partition("@")[0]) <= 64 and _ADDRESS.fullmatch(text) is not None


def near_address(text: str) -> str | None:
    """The address in or near a text that is none, or None."""
    inside = _INSIDE.search(text[:1000])
    guesses = [inside[0]] if inside else []
    guesses += [re.sub(r"\s+", "", text[:300]), re.sub(r"\s*\(?\bat\b\)?\s*", "@", text[:300])]
    for guess in guesses:
        plain = re.sub(r"\.{2,}", ".", guess.replace(",", ".")).strip(".")
        plain = re.sub(r"\.?@+\.?", "@", plain)
        if is_address(plain):
            return plain
    return None


def near_date(text: str) -> str | None:
    """A date in another way of writing as YYYY-MM-DD; None when it is none, or could be two."""
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    first, second, third = (int(part) for part in found.groups())
    if len(found[1]) == 4:
        orders = [(first, second, third)]
    elif len(found[3]) == 4:
        orders = [(third, second, first), (third, first, second)] if "/" in text else [(third, second, first)]
    else:
        return None
    days: list[date] = []
    for year, month, day in orders:
        with suppress(ValueError):
            days.append(date(year, month, day))
    return days[0].isoformat() if len(set(days)) == 1 else None


def delimiter_of(text: str) -> str:
    """What separates the values: what the first line that is not empty has most of, outside of quotes."""
    first = next((line for line in text[:100_000].splitlines() if line.strip()), "")
    plain = re.sub(r'"[^"]*"', "", first)
    return max(_DELIMITERS, key=plain.count)


def shown(text: str) -> str:
    """A value as a message shows it: in quotes, short, and without signs that move a cursor."""
    plain = printable(text[: MOST_SHOWN + 1])
    return repr(plain if len(plain) <= MOST_SHOWN else plain[: MOST_SHOWN - 1] + "\u2026").replace("\\\\", "\\")
