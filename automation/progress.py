"""How long work says how far it is; the CLI draws it, tests collect it."""

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called whenever long work gets further."""

    def __call__(self, done: float, total: float | None, message: str) -> None:
        """Tell how far the work is.

        Args:
            done: Units done so far, in the unit of `total`.
            total: Units in all, or None while unknown.
            message: What is happening now, a few words.
        """
        ...


def silent(done: float, total: float | None, message: str) -> None:
    """A Progress that says nothing."""
