"""Reading a service's answer: what every `wire.py` needs to take values out of JSON.

Owns: an object, a date, and one error for an answer that is not as agreed. Leaves: field names to the parts.
"""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, cast

from automation.errors import ServiceError

__all__ = ["as_date", "as_object", "reading"]


def as_object(value: object) -> dict[str, Any]:
    """An object of the answer; TypeError for anything else."""
    if not isinstance(value, dict):
        raise TypeError(f"an object was expected, not {type(value).__name__}")
    return cast("dict[str, Any]", value)


def as_date(text: object) -> datetime | None:
    """A moment, in UTC when the text names no zone; None for nothing."""
    if not isinstance(text, str) or not text:
        return None
    when = datetime.fromisoformat(text)
    return when if when.tzinfo else when.replace(tzinfo=UTC)


@contextmanager
def reading(operation: str) -> Generator[None]:
    """What goes wrong while an answer is read becomes one ServiceError that names the operation."""
    try:
        yield
    except KeyError as exc:
        raise _broken(f"the answer lacks {exc}", operation) from exc
    except (TypeError, ValueError) as exc:
        raise _broken(f"the answer is not as agreed: {exc}", operation) from exc


def _broken(said: str, operation: str) -> ServiceError:
    return ServiceError(said, operation=operation.strip(), status=200)
