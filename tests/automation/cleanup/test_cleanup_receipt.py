"""A receipt tells what became of everything that was planned, and shows any change of itself."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.cleanup.journal import CleanupJournal
from automation.cleanup.receipt import Outcome, Receipt, with_proof
from automation.cleanup.receipt_file import parse_receipt, read_receipt, receipt_document, write_receipt
from automation.cleanup.receipt_page import render_receipt
from automation.cleanup.types import Proof, Stage
from automation.errors import ConfigError, LabError, Refused
from tests.automation.azure.fakes import START, FakeClock
from tests.automation.cleanup.plans import GROUP, a_cleanup_plan, an_item

STORE = f"{GROUP}/providers/Microsoft.Storage/storageAccounts/st"
PROOF = Proof(checked=("resource group rg-fruit is gone",), left_behind=())


def a_receipt(tmp_path: Path, *records: tuple[str, str, str], proof: Proof | None = None) -> Receipt:
    group = an_item(
        id=GROUP, type="Microsoft.Resources/resourceGroups", name="rg-fruit", stage=Stage.GROUP, monthly=None
    )
    items = (an_item(), an_item(id=STORE, name="st", with_group=True, monthly=None), group)
    plan = a_cleanup_plan(items=items)
    journal = CleanupJournal(tmp_path / "j.jsonl", first=plan.hash, clock=FakeClock())
    for event, at, words in records:
        journal.write(event, [{"id": at, "words": words}])
    made = Receipt(plan=plan, records=journal.records)
    return made if proof is None else with_proof(made, proof, clock=FakeClock())


def all_gone(tmp_path: Path) -> Receipt:
    account = an_item().id
    done = [("begun", account, ""), ("purged", account, ""), ("deleted", STORE, "with its group")]
    return a_receipt(tmp_path, *done, ("deleted", GROUP.upper(), ""), proof=PROOF)


def test_the_last_record_of_a_thing_says_what_became_of_it(tmp_path: Path) -> None:
    account = an_item().id
    receipt = a_receipt(
        tmp_path, ("begun", account, ""), ("failed", account, "no role"), ("begun", account, ""), ("run", "", "")
    )
    assert [(entry.outcome, entry.words) for entry in receipt.entries] == [
        (Outcome.BEGUN, ""),
        (Outcome.WAITING, ""),
        (Outcome.WAITING, ""),
    ]
    assert (receipt.is_complete, receipt.proof, receipt.is_proved) == (False, None, False)


def test_a_receipt_is_proved_when_all_is_done_and_the_last_look_found_nothing(tmp_path: Path) -> None:
    receipt = all_gone(tmp_path)
    assert [entry.outcome for entry in receipt.entries] == [Outcome.PURGED, Outcome.DELETED, Outcome.DELETED]
    assert (receipt.is_complete, receipt.proof, receipt.is_proved) == (True, PROOF, True)
    left = with_proof(receipt, Proof(checked=(), left_behind=("key vault kv",)), clock=FakeClock())
    assert (left.is_complete, left.is_proved) == (True, False)


def test_a_proof_from_before_the_last_deletion_is_none(tmp_path: Path) -> None:
    journal = CleanupJournal(tmp_path / "k.jsonl", first=a_cleanup_plan().hash, clock=FakeClock())
    journal.write("verified", [{"checked": ["x"], "left_behind": []}])
    journal.write("purged", [{"id": an_item().id}])
    assert Receipt(plan=a_cleanup_plan(), records=journal.records).proof is None


def test_what_went_and_had_a_price_is_summed_and_unknown_stays_unknown(tmp_path: Path) -> None:
    saved = all_gone(tmp_path).saved
    assert ([str(money.amount) for money in saved.amounts], saved.unknown) == (["1.50"], 1)
    assert a_receipt(tmp_path / "b").saved.amounts == ()


def test_both_files_are_written_and_read_back(tmp_path: Path) -> None:
    receipt = all_gone(tmp_path)
    written, page = write_receipt(receipt, tmp_path / "out")
    assert [path.name for path in (written, page)] == [f"{receipt.plan.id}.receipt.{kind}" for kind in ("json", "html")]
    assert read_receipt(written) == receipt
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([written.name, page.name])
    document = json.loads(written.read_text("utf-8"))
    assert (document["outcome"]["proved"], document["seal"]) == (True, receipt.seal)


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "an outcome": lambda d: d["outcome"]["entries"][0].update(outcome="kept"),
    "the verdict": lambda d: d["outcome"].update(left_behind=["x"]),
    "a planned thing": lambda d: d["plan"]["items"].pop(),
    "a record's words": lambda d: d["records"][2]["facts"].update(words="otherwise"),
    "a record's time": lambda d: d["records"][1].update(at=START.isoformat()),
    "a record taken out": lambda d: d["records"].pop(1),
    "the last record taken off": lambda d: d["records"].pop(),
    "the last record and the seal": lambda d: d.update(records=d["records"][:-1], seal=d["records"][-2]["hash"]),
    "the seal": lambda d: d.update(seal="0" * 64),
    "something added": lambda d: d.update(note="all good"),
    "a record that is none": lambda d: d["records"].append(7),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_receipt_is_refused(tmp_path: Path, change: str) -> None:
    document = receipt_document(all_gone(tmp_path))
    CHANGES[change](document)
    with pytest.raises(Refused) as caught:
        parse_receipt(document, name="r.json")
    assert "was changed since it was written" in caught.value.message


@given(data=st.data())
def test_any_text_of_a_receipt_that_is_changed_shows(data: st.DataObject, tmp_path_factory: Any) -> None:
    document = json.loads(json.dumps(receipt_document(all_gone(tmp_path_factory.mktemp("r")))))
    places = [place for place in texts_in(document, ()) if place[0] not in {"format", "version"}]
    *above, last = data.draw(st.sampled_from(places))
    holder = document
    for step in above:
        holder = holder[step]
    holder[last] += "x"
    with pytest.raises(LabError):
        parse_receipt(document, name="r.json")


def texts_in(value: Any, place: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    if isinstance(value, str):
        return [place]
    held = cast("dict[Any, Any]", value) if isinstance(value, dict) else {}
    held |= dict(enumerate(cast("list[Any]", value))) if isinstance(value, list) else {}
    return [found for step, inner in held.items() for found in texts_in(inner, (*place, step))]


@pytest.mark.parametrize("document", [{}, {"format": "visionlab-cleanup-receipt", "version": 2}])
def test_what_is_no_receipt_is_said(document: dict[str, Any]) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_receipt(document, name="r.json")
    assert caught.value.message == "r.json is no receipt of version 1"


def test_the_page_says_verdict_outcomes_and_hashes(tmp_path: Path) -> None:
    page = render_receipt(all_gone(tmp_path))
    assert page == render_receipt(all_gone(tmp_path / "again"))
    for text in (
        "Verified absent at 2026-11-20 12:00:00 UTC",
        "deleted and purged",
        "payroll",
        "not made by visionlab",
    ):
        assert text in page
    assert all_gone(tmp_path / "third").seal in page
    assert "Content-Security-Policy" in page
    assert "<script" not in page


def test_the_page_of_an_unfinished_run_says_so(tmp_path: Path) -> None:
    page = render_receipt(a_receipt(tmp_path, ("failed", an_item().id, "purging needs a role")))
    for text in ("Not verified", "What needs a look", "purging needs a role", "not begun", "2</b><span>not finished"):
        assert text in page


def test_names_on_the_page_are_text(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\x1b[2J"
    plan = a_cleanup_plan(items=(an_item(name=evil, group=evil),), valid_until=START + timedelta(days=1))
    journal = CleanupJournal(tmp_path / "e.jsonl", first=plan.hash, clock=FakeClock())
    journal.write("failed", [{"id": an_item().id, "words": evil}])
    page = render_receipt(Receipt(plan=plan, records=journal.records))
    assert "<script" not in page
    assert "\x1b" not in page
    assert page.count("&lt;script&gt;") == 3
