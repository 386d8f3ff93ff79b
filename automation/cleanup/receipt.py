"""A receipt: what was planned, what became of each thing, and when it was looked for and not found any more.

Owns: reading the outcome out of a plan and the records of its runs. Pure.
Leaves: records to `chain.py`, the file to `receipt_file.py`, the page to `receipt_page.py`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from automation.cleanup.chain import Record, link
from automation.cleanup.types import CleanupPlan, Item, Proof
from automation.clock import Clock
from automation.cost import Total, total

__all__ = ["DONE", "Entry", "Outcome", "Receipt", "proof_facts", "with_proof"]

VERIFIED = "verified"
SEEN_GONE = "its end was not waited for; a later look did not find it"


class Outcome(StrEnum):
    """What became of one planned thing; also the names of the records that say so."""

    PURGED = "purged"  # deleted for good: nothing keeps its name
    DELETED = "deleted"
    GONE = "gone"  # it was not there any more when the run came
    KEPT = "kept"  # it is not what the plan said, or protected by now
    FAILED = "failed"
    BEGUN = "begun"  # Azure has accepted the deletion, and nobody has seen its end
    WAITING = "waiting"  # not begun yet


DONE = frozenset({Outcome.PURGED, Outcome.DELETED, Outcome.GONE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One planned thing and what became of it.

    Attributes:
        at: When, in UTC as ISO 8601; empty while nothing was done.
        words: Why, where there is more to say.
    """

    item: Item
    outcome: Outcome
    at: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """A plan, and the chained records of its runs; all else is read out of them."""

    plan: CleanupPlan
    records: tuple[Record, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Every planned thing, in the plan's order."""
        outcomes = {outcome.value for outcome in Outcome}
        last = {str(r.facts.get("id", "")).lower(): r for r in self.records if r.event in outcomes}
        return tuple(_entry(item, last.get(item.id.lower())) for item in self.plan.items)

    def with_outcome(self, *outcomes: Outcome) -> tuple[Entry, ...]:
        """Those that ended so."""
        return tuple(entry for entry in self.entries if entry.outcome in outcomes)

    @property
    def failed(self) -> tuple[Entry, ...]:
        return self.with_outcome(Outcome.FAILED)

    @property
    def open(self) -> tuple[Entry, ...]:
        """What a further run or a later look has to bring to its end."""
        return self.with_outcome(Outcome.BEGUN, Outcome.WAITING)

    @property
    def is_complete(self) -> bool:
        """Whether every planned thing is gone, or stays for a reason."""
        return not (self.failed or self.open)

    @property
    def verified(self) -> Record | None:
        """The last look, when nothing was done after it."""
        return next((r for r in reversed(self.records[-1:]) if r.event == VERIFIED), None)

    @property
    def proof(self) -> Proof | None:
        """What the last look found; None when nobody has looked since."""
        record = self.verified
        if record is None:
            return None
        said = {name: tuple(map(str, record.facts.get(name) or ())) for name in ("checked", "left_behind")}
        return Proof(checked=said["checked"], left_behind=said["left_behind"])

    @property
    def is_proved(self) -> bool:
        """Whether everything is done, and the last look found nothing."""
        proof = self.proof
        return self.is_complete and proof is not None and not proof.left_behind

    @property
    def saved(self) -> Total:
        """What the things that went cost a month."""
        return total(
            (entry.item.monthly for entry in self.entries if entry.outcome in DONE and entry.item.has_price),
            per="month",
        )

    @property
    def seal(self) -> str:
        """The last hash of the chain: whoever keeps it sees any change, also of all of it."""
        return self.records[-1].hash if self.records else self.plan.hash


def with_proof(receipt: Receipt, proof: Proof, *, clock: Clock) -> Receipt:
    """The receipt with what a look found, and when.

    A look that finds nothing is the end of what was begun and not waited for.
    """
    at = clock.now().isoformat(timespec="milliseconds")
    begun = () if proof.left_behind else receipt.with_outcome(Outcome.BEGUN)
    said: list[tuple[str, dict[str, Any]]] = [
        (_ending(entry.item).value, {"id": entry.item.id, "words": SEEN_GONE}) for entry in begun
    ]
    records = list(receipt.records)
    for event, facts in [*said, (VERIFIED, proof_facts(proof))]:
        prev = records[-1].hash if records else receipt.plan.hash
        records.append(link(prev, len(records), at=at, event=event, facts=facts))
    return Receipt(plan=receipt.plan, records=tuple(records))


def _ending(item: Item) -> Outcome:
    return Outcome.PURGED if item.purge or item.is_deleted else Outcome.DELETED


def proof_facts(proof: Proof) -> dict[str, Any]:
    """A proof as a record holds it."""
    return {"checked": list(proof.checked), "left_behind": list(proof.left_behind)}


def _entry(item: Item, record: Record | None) -> Entry:
    if record is None:
        return Entry(item=item, outcome=Outcome.WAITING)
    words = str(record.facts.get("words") or "")
    return Entry(item=item, outcome=Outcome(record.event), at=record.at, words=words)
