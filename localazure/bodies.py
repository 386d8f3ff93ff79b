"""JSON bodies of requests, read alike by every service.

Owns: what counts as a JSON object: no NaN, no half characters, no name twice (which of the two is meant?).
Leaves: the error's envelope to the service, size limits to `pipeline.py`.
"""

import json
from typing import Any

import msgspec

__all__ = ["BodyError", "json_object"]


class BodyError(ValueError):
    """The body is no JSON object; the message says why and quotes no values."""


def json_object(body: bytes) -> dict[str, Any]:
    """The object in a body. Raises BodyError."""
    try:
        document = msgspec.json.decode(body, type=dict[str, Any])
        json.loads(body, object_pairs_hook=_once)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BodyError(str(error).rstrip(".")) from None
    return document


def _once(pairs: list[tuple[str, object]]) -> None:
    seen = set[str]()
    for name, _ in pairs:
        if name in seen:
            raise BodyError(f"the property '{name[:50]}' is there twice")
        seen.add(name)
