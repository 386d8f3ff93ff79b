"""The name that was probably meant, and the hint that says so.

Owns: how near is near, and the words. Leaves: what is known, and the rest of the message, to whoever asks.
"""

import difflib
from collections.abc import Iterable

__all__ = ["hint_for", "nearest"]


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant."""
    by_folded = {candidate.lower(): candidate for candidate in known}
    close = difflib.get_close_matches(name.lower(), list(by_folded), n=1, cutoff=0.5)
    return by_folded[close[0]] if close else None


def hint_for(name: str, known: Iterable[str], *, otherwise: str) -> str:
    """What to say of a name that is not known: the one that was meant, or `otherwise`."""
    near = nearest(name, known)
    return f"did you mean {near!r}?" if near else otherwise
