"""The receipt as a page: one file that opens from disk, in light and dark, and fetches nothing.

Owns: what stands on it. Leaves: the look and the escaping to `automation.report`.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from xml.etree.ElementTree import Element

from automation.cleanup.receipt import DONE, Entry, Outcome, Receipt
from automation.cleanup.types import Item
from automation.cleanup.wording import item_words, label_of

__all__ = ["render_receipt"]

MOST_ROWS = 2_000
_WORDS = {
    Outcome.PURGED: "deleted and purged",
    Outcome.DELETED: "deleted",
    Outcome.GONE: "was gone already",
    Outcome.KEPT: "stays",
    Outcome.FAILED: "failed",
    Outcome.BEGUN: "begun, its end not seen",
    Outcome.WAITING: "not begun",
}


def render_receipt(receipt: Receipt) -> str:
    """The page as text; the same receipt gives the same bytes."""
    from automation.report import frame, page
    from automation.report.elements import element

    plan = receipt.plan
    title = f"Clean-up of {plan.target}"
    place = f"{'Azure' if plan.cloud == 'azure' else 'Local Azure'}, subscription {plan.subscription}"
    body = element(
        "main",
        element("header", element("h1", title), element("p", f"{place}. Planned {_when(plan.made.isoformat())}.")),
        _tiles(receipt),
        _proof(receipt),
        _entries("What needs a look", [e for e in receipt.entries if e.outcome not in {*DONE, Outcome.KEPT}]),
        _entries("What went", [e for e in receipt.entries if e.outcome in DONE]),
        _kept(receipt),
        _seal(receipt),
    )
    return frame.page(title, style=Path(page.__file__).with_name("page.css").read_text("utf-8"), body=body)


def _tiles(receipt: Receipt) -> Element:
    from automation.report.elements import element

    counts = [
        (len(receipt.entries), "planned"),
        (len(receipt.with_outcome(*DONE)), "gone"),
        (len(receipt.with_outcome(Outcome.PURGED)), "of them purged"),
        (len(receipt.with_outcome(Outcome.KEPT)) + len(receipt.plan.kept), "kept"),
        (len(receipt.failed), "failed"),
    ]
    if receipt.open:
        counts.append((len(receipt.open), "not finished"))
    tiles = [element("p", element("b", f"{count:,}"), element("span", what)) for count, what in counts]
    return element("div", *tiles, class_="tiles")


def _proof(receipt: Receipt) -> Element:
    from automation.report.elements import element

    verified, proof = receipt.verified, receipt.proof
    if verified is None or proof is None:
        said = "Nobody has looked since the last deletion: visionlab cleanup verify looks."
        return element("section", element("h2", "Not verified"), element("p", said, class_="bad"))
    if receipt.is_proved:
        verdict = element("p", f"Verified absent at {_when(verified.at)}. ", class_="good")
    elif proof.left_behind:
        verdict = element("p", f"Something was left behind at {_when(verified.at)}.", class_="bad")
    else:
        verdict = element(
            "p", f"Nothing of it was found at {_when(verified.at)}, but the plan is not done.", class_="bad"
        )
    cost = (
        element("p", f"What went cost a month, idle, by the price table: {receipt.saved}.") if receipt.entries else None
    )
    left = [element("li", f"left behind: {text}", class_="bad") for text in proof.left_behind[:MOST_ROWS]]
    checked = [element("li", text) for text in proof.checked[:MOST_ROWS]]
    return element("section", element("h2", "Proof"), verdict, cost, element("ul", *left, *checked))


def _monthly(item: Item) -> str:
    if not item.has_price:
        return ""
    return "unknown" if item.monthly is None else str(item.monthly).removesuffix(" a month")


def _entries(title: str, entries: Sequence[Entry]) -> Element | None:
    from automation.report.elements import element, table

    if not entries:
        return None
    bad = {Outcome.FAILED, Outcome.BEGUN, Outcome.WAITING}
    rows = [
        (
            element("span", item_words(e.item)),
            e.item.group,
            element("span", _WORDS[e.outcome], class_="bad" if e.outcome in bad else "good"),
            e.words,
            element("span", _when(e.at).removesuffix(" UTC"), class_="whole"),
            _monthly(e.item),
        )
        for e in entries[:MOST_ROWS]
    ]
    head = ("what", "group", "outcome", "why", "when (UTC)", "a month")
    left = len(entries) - len(rows)
    more = element("p", f"and {left:,} more, in the JSON file") if left else None
    return element("section", element("h2", title), table(head, rows, numbers_from=5), more)


def _kept(receipt: Receipt) -> Element | None:
    from automation.report.elements import element, table

    rows = [(item_words(e.item), e.item.group, e.words) for e in receipt.with_outcome(Outcome.KEPT)]
    rows += [(f"{label_of(kept.type)} {kept.name}", kept.group, kept.words) for kept in receipt.plan.kept]
    if not rows:
        return None
    left = len(rows) - MOST_ROWS
    more = element("p", f"and {left:,} more, in the JSON file") if left > 0 else None
    shown = table(("what", "group", "why it stays"), rows[:MOST_ROWS], numbers_from=3)
    return element("section", element("h2", "What stays"), shown, more)


def _seal(receipt: Receipt) -> Element:
    from automation.report.elements import element

    said = (
        f"Every record of this clean-up holds the hash of the one before; there are {len(receipt.records):,}. Whoever "
        "keeps the last hash can tell whether anything was changed later: visionlab cleanup verify compares."
    )
    hashes = [
        element("p", f"{what}: ", element("code", text))
        for what, text in (("plan", receipt.plan.hash), ("last record", receipt.seal))
    ]
    return element("section", element("h2", "Chain"), element("p", said), *hashes)


def _when(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S UTC") if at else ""
