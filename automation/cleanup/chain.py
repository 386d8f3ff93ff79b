"""Records in a chain: each holds the hash of the one before, so that a change, a gap or another order shows.

Owns: one spelling of a record, its hash, and the check. What comes first hangs on a hash from outside, the plan's.
Leaves: keeping records to `journal.py`, what they mean to `receipt.py`.

The chain is no signature: who rewrites all of it makes another one. Whoever has kept the last hash sees that too.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

__all__ = ["Record", "dump_record", "first_broken", "link", "parse_record"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing that happened.

    Attributes:
        n: Its place, from 0.
        at: When, in UTC, as ISO 8601.
        event: What: "begun", "deleted", "verified" ...
        facts: More about it, as JSON has it.
        prev: Hash of the record before.
        hash: Over all the others.
    """

    n: int
    at: str
    event: str
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    prev: str
    hash: str


def link(prev: str, n: int, *, at: str, event: str, facts: Mapping[str, Any]) -> Record:
    """The next record of a chain whose last hash is `prev`."""
    return Record(n=n, at=at, event=event, facts=dict(facts), prev=prev, hash=_hash(prev, n, at, event, facts))


def first_broken(first: str, records: Iterable[Record]) -> int | None:
    """The place of the first record that does not hang on the one before it, or None when all do."""
    prev = first
    for place, record in enumerate(records):
        right = _hash(record.prev, record.n, record.at, record.event, record.facts)
        if (record.prev, record.n, record.hash) != (prev, place, right):
            return place
        prev = record.hash
    return None


def dump_record(record: Record) -> dict[str, Any]:
    """A record as JSON."""
    return {
        "n": record.n,
        "at": record.at,
        "event": record.event,
        "facts": dict(record.facts),
        "prev": record.prev,
        "hash": record.hash,
    }


def parse_record(document: object) -> Record:
    """A record from JSON. ValueError when it is none."""
    entry = cast("dict[str, object]", document) if isinstance(document, dict) else {}
    n, facts = entry.get("n"), entry.get("facts")
    texts = [entry.get(name) for name in ("at", "event", "prev", "hash")]
    if not isinstance(n, int) or isinstance(n, bool) or not isinstance(facts, dict) or len(entry) != 6:
        raise ValueError("a record has n, at, event, facts, prev and hash")
    if not all(isinstance(text, str) for text in texts):
        raise ValueError("at, event, prev and hash of a record are texts")
    at, event, prev, own = cast("list[str]", texts)
    return Record(n=n, at=at, event=event, facts=cast("dict[str, Any]", facts), prev=prev, hash=own)


def _hash(prev: str, n: int, at: str, event: str, facts: Mapping[str, Any]) -> str:
    said = {"n": n, "at": at, "event": event, "facts": dict(facts), "prev": prev}
    text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()
