"""receipt.json: the receipt with its plan and its chain, so that a change of it shows.

Owns: the format and its version, and every reason not to believe a file. Both files are there whole or not at all.
Leaves: the page to `receipt_page.py`.
"""

import json
from pathlib import Path
from typing import Any, cast

from automation.cleanup.chain import dump_record, first_broken, parse_record
from automation.cleanup.plan_file import parse_plan, plan_document, read_json
from automation.cleanup.receipt import Receipt
from automation.errors import ConfigError, Refused
from automation.whole_file import write_whole

__all__ = [
    "FORMAT",
    "is_receipt",
    "parse_receipt",
    "read_plan_or_receipt",
    "read_receipt",
    "receipt_document",
    "write_receipt",
]

FORMAT, VERSION = "visionlab-cleanup-receipt", 1
WHAT_NOW = "a receipt is what `visionlab cleanup run` writes; look anew: visionlab cleanup verify plan.json"


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """The receipt as it stands in the file."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "plan": plan_document(receipt.plan),
        "records": [dump_record(record) for record in receipt.records],
        "outcome": _outcome(receipt),
        "seal": receipt.seal,
    }


def is_receipt(document: dict[str, Any]) -> bool:
    """Whether a document says that it is a receipt; it may still be a changed one."""
    return document.get("format") == FORMAT


def parse_receipt(document: dict[str, Any], *, name: str) -> Receipt:
    """The receipt of a document.

    Raises:
        ConfigError: It is no receipt of this version.
        Refused: It is not as it was written: the plan's hash, the chain, the last hash or the summary do not fit.
    """
    if not is_receipt(document) or document.get("version") != VERSION:
        raise ConfigError(f"{name} is no receipt of version {VERSION}", hint=WHAT_NOW)
    plan, records = document.get("plan"), document.get("records")
    if not isinstance(plan, dict) or not isinstance(records, list):
        raise ConfigError(f"{name} is no receipt: its plan or its records are missing", hint=WHAT_NOW)
    made = parse_plan(cast("dict[str, Any]", plan), name=f"the plan in {name}")
    try:
        chain = tuple(parse_record(record) for record in cast("list[object]", records))
        broken = first_broken(made.hash, chain)
    except ValueError as exc:
        raise Refused(f"{name} was changed since it was written: {exc}", hint=WHAT_NOW) from exc
    if broken is not None:
        raise Refused(f"{name} was changed since it was written: record {broken} does not fit", hint=WHAT_NOW)
    receipt = Receipt(plan=made, records=chain)
    if document.get("seal") != receipt.seal:
        raise Refused(f"{name} was changed since it was written: its last record is not the last one", hint=WHAT_NOW)
    if document.get("outcome") != _outcome(receipt) or len(document) != len(receipt_document(receipt)):
        raise Refused(f"{name} was changed since it was written: its summary does not fit", hint=WHAT_NOW)
    return receipt


def read_receipt(path: Path) -> Receipt:
    """The receipt in a file; it is refused when it was changed."""
    return parse_receipt(read_json(path, what="receipt", hint=WHAT_NOW), name=path.name)


def read_plan_or_receipt(path: Path) -> Receipt:
    """The receipt in a file, or the plan in it with no records yet; refused when it was changed."""
    hint = "give what `visionlab cleanup plan` or `visionlab cleanup run` wrote"
    document = read_json(path, what="plan and no receipt", hint=hint)
    if is_receipt(document):
        return parse_receipt(document, name=path.name)
    return Receipt(plan=parse_plan(document, name=path.name), records=())


def write_receipt(receipt: Receipt, folder: Path) -> tuple[Path, Path]:
    """Write `<plan id>.receipt.json` and `.html` into a folder; the paths of both."""
    from automation.cleanup.receipt_page import render_receipt

    text = json.dumps(receipt_document(receipt), sort_keys=True, ensure_ascii=False, indent=1, allow_nan=False)
    paths = tuple(folder / f"{receipt.plan.id}.receipt.{kind}" for kind in ("json", "html"))
    for path, content in zip(paths, (text + "\n", render_receipt(receipt)), strict=True):
        _write_whole(path, content.encode("utf-8", "backslashreplace"))
    return paths[0], paths[1]


def _outcome(receipt: Receipt) -> dict[str, Any]:
    proof = receipt.proof
    return {
        "entries": [
            {
                "id": entry.item.id,
                "type": entry.item.type,
                "outcome": entry.outcome.value,
                "at": entry.at,
                "words": entry.words,
            }
            for entry in receipt.entries
        ],
        "kept": [{"id": kept.id, "reason": kept.reason.value, "words": kept.words} for kept in receipt.plan.kept],
        "monthly": str(receipt.saved),
        "verified_at": receipt.verified.at if receipt.verified else None,
        "checked": list(proof.checked) if proof else [],
        "left_behind": list(proof.left_behind) if proof else [],
        "complete": receipt.is_complete,
        "proved": receipt.is_proved,
    }


def _write_whole(path: Path, content: bytes) -> None:
    try:
        write_whole(path, content)
    except OSError as exc:
        raise ConfigError(f"{path} cannot be written: {exc.strerror}", hint="see to the folder, then repeat") from exc
