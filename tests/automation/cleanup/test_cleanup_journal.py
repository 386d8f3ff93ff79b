"""A clean-up's journal keeps every record through a kill, and a change of it shows."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from automation.cleanup.chain import Record, dump_record, first_broken, link, parse_record
from automation.cleanup.journal import CleanupJournal
from automation.errors import Refused
from tests.automation.azure.fakes import FakeClock

FIRST = "f" * 64


def a_journal(folder: Path) -> CleanupJournal:
    return CleanupJournal(folder / "cleanup" / "p1.jsonl", first=FIRST, clock=FakeClock())


def a_chain(events: list[str]) -> list[Record]:
    records: list[Record] = []
    for n, event in enumerate(events):
        prev = records[-1].hash if records else FIRST
        records.append(link(prev, n, at="2026-11-20T12:00:00+00:00", event=event, facts={"id": f"/r/{n}"}))
    return records


def test_records_are_kept_in_order_and_chained(tmp_path: Path) -> None:
    a_journal(tmp_path).write("begun", [{"id": "/a"}, {"id": "/b"}])
    a_journal(tmp_path).write("deleted", [{"id": "/a", "words": "kö"}])
    records = a_journal(tmp_path).records
    assert [(r.n, r.event, r.facts) for r in records] == [
        (0, "begun", {"id": "/a"}),
        (1, "begun", {"id": "/b"}),
        (2, "deleted", {"id": "/a", "words": "kö"}),
    ]
    assert [r.prev for r in records] == [FIRST, records[0].hash, records[1].hash]


@pytest.mark.parametrize("keep", [1, 20, 150])
def test_a_torn_last_line_is_cut_off_and_the_chain_goes_on(tmp_path: Path, keep: int) -> None:
    journal = a_journal(tmp_path)
    journal.write("begun", [{"id": "/a"}])
    whole = journal.path.read_bytes()
    journal.path.write_bytes(whole + whole[:keep])
    again = a_journal(tmp_path)
    again.write("deleted", [{"id": "/a"}])
    assert [r.event for r in a_journal(tmp_path).records] == ["begun", "deleted"]
    assert journal.path.read_bytes().startswith(whole)


@pytest.mark.parametrize("change", ["edit", "drop", "swap", "other plan", "no JSON"])
def test_a_changed_journal_is_refused(tmp_path: Path, change: str) -> None:
    journal = a_journal(tmp_path)
    journal.write("begun", [{"id": "/a"}, {"id": "/b"}])
    journal.write("deleted", [{"id": "/a"}])
    lines = journal.path.read_bytes().splitlines(keepends=True)
    changed = {
        "edit": [lines[0].replace(b"/a", b"/z"), *lines[1:]],
        "drop": [lines[0], lines[2]],
        "swap": [lines[1], lines[0], lines[2]],
        "other plan": lines[1:],
        "no JSON": [b"{}\n", *lines],
    }[change]
    journal.path.write_bytes(b"".join(changed))
    with pytest.raises(Refused) as caught:
        a_journal(tmp_path)
    assert "is not what the runs of this plan have written" in caught.value.message


events = st.lists(st.text(max_size=8), min_size=1, max_size=6)


@given(events=events, data=st.data())
def test_any_change_of_a_chain_shows(events: list[str], data: st.DataObject) -> None:
    chain = a_chain(events)
    assert first_broken(FIRST, chain) is None
    at = data.draw(st.integers(0, len(chain) - 1))
    changes: list[dict[str, Any]] = [{"event": chain[at].event + "x"}, {"facts": {}}, {"at": ""}, {"n": at + 1}]
    change = data.draw(st.sampled_from(changes))
    chain[at] = replace(chain[at], **change)
    assert first_broken(FIRST, chain) == at


@given(events=events)
def test_records_survive_json(events: list[str]) -> None:
    chain = a_chain(events)
    assert [parse_record(json.loads(json.dumps(dump_record(record)))) for record in chain] == chain


@pytest.mark.parametrize("document", [None, [], {}, {"n": True}, dump_record(a_chain(["x"])[0]) | {"n": "0"}])
def test_what_is_no_record_is_said(document: Any) -> None:
    with pytest.raises(ValueError, match="a record has"):
        parse_record(document)
