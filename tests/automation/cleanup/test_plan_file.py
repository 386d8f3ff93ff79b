"""A plan that was written is read as it was, or refused with the reason."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.azure import Cloud
from automation.cleanup import plan_file
from automation.cleanup.plan_file import plan_bytes, read_plan, write_plan
from automation.cleanup.targets import Target
from automation.errors import ConfigError, LabError, Refused
from tests.automation.azure.fakes import FakeClock, a_cloud
from tests.automation.cleanup.plans import a_cleanup_plan


def read(path: Path, *, clock: FakeClock | None = None, cloud: Cloud | None = None) -> object:
    return read_plan(path, cloud=cloud or a_cloud(), clock=clock or FakeClock())


def rewrite(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    document = json.loads(path.read_bytes())
    change(document)
    path.write_text(json.dumps(document))


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    write_plan(path, a_cleanup_plan())
    return path


def test_a_plan_is_read_as_it_was_written(written: Path) -> None:
    assert read(written) == a_cleanup_plan()
    assert written.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in written.parent.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    "target",
    [
        Target.lab("fruit"),
        Target.course("botany"),
        Target.seats("botany", "ana-k2", "ben-x7"),
        Target.groups("rg-a", "rg-b"),
        Target.expired(),
        Target.tagged("env", "test"),
        Target.older_than(30),
    ],
    ids=str,
)
def test_every_target_survives_the_file(tmp_path: Path, target: Target) -> None:
    plan = a_cleanup_plan(target=target, confirm=target.confirm("s1"))
    write_plan(tmp_path / "plan.json", plan)
    assert read(tmp_path / "plan.json") == plan


def test_the_same_plan_is_the_same_bytes_and_another_has_another_id() -> None:
    assert plan_bytes(a_cleanup_plan()) == plan_bytes(a_cleanup_plan())
    assert a_cleanup_plan().id != a_cleanup_plan(items=()).id


def test_the_layout_of_a_file_is_no_part_of_its_hash(written: Path) -> None:
    written.write_text(json.dumps(json.loads(written.read_bytes()), indent=4))
    assert read(written) == a_cleanup_plan()


EDITS: dict[str, Callable[[dict[str, Any]], object]] = {
    "an item is added": lambda d: d["items"].append(d["items"][0] | {"id": "/subscriptions/s/resourceGroups/other"}),
    "an item is renamed": lambda d: d["items"][0].update(id=d["items"][0]["id"] + "2"),
    "an item is dropped": lambda d: d["items"].pop(),
    "its time is stretched": lambda d: d.update(valid_until="2027-11-27T12:00:00+00:00"),
    "the blocklist is emptied": lambda d: d["rules"].update(blocklist=[]),
    "foreign things are let in": lambda d: d["rules"].update(include_foreign=True),
    "the name to type is another": lambda d: d.update(confirm="y"),
    "a key is added": lambda d: d.update(more=1),
    "the hash is gone": lambda d: d.pop("hash"),
}


@pytest.mark.parametrize("edit", list(EDITS))
def test_a_plan_edited_by_hand_is_refused(written: Path, edit: str) -> None:
    rewrite(written, EDITS[edit])
    with pytest.raises(Refused) as caught:
        read(written)
    assert str(caught.value) == "plan.json was changed since it was written: its hash does not fit"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"subscription_id": "other"}, f"plan.json is of subscription {a_cloud().subscription_id}, and this is other"),
        ({"tenant_id": "other"}, f"plan.json is of tenant {a_cloud().tenant_id}, and this is other"),
        ({"name": "azure"}, "plan.json is of cloud local, and this is azure"),
    ],
)
def test_a_plan_of_another_place_is_refused(written: Path, change: dict[str, str], said: str) -> None:
    with pytest.raises(Refused) as caught:
        read(written, cloud=a_cloud(**change))
    assert str(caught.value) == said


def test_a_sign_in_that_does_not_say_its_tenant_is_no_other_tenant(written: Path) -> None:
    assert read(written, cloud=a_cloud(tenant_id=None)) == a_cleanup_plan()


def test_a_plan_older_than_its_limit_is_refused(written: Path) -> None:
    clock = FakeClock()
    clock.sleep(timedelta(days=7).total_seconds() - 1)
    assert read(written, clock=clock) == a_cleanup_plan()
    clock.sleep(1)
    with pytest.raises(Refused) as caught:
        read(written, clock=clock)
    assert str(caught.value) == "plan.json was valid until 2026-11-27 12:00 UTC"


def test_a_plan_of_the_future_means_a_wrong_clock(written: Path) -> None:
    clock = FakeClock()
    clock.sleep(-60)
    with pytest.raises(Refused) as caught:
        read(written, clock=clock)
    assert str(caught.value) == "plan.json was made at 2026-11-20 12:00 UTC, which is not yet now"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (b'{"format": 1, "format": 2}', "a key stands twice"),
        (b"[]", "is no clean-up plan"),
        (b'{"format": "other"}', "is no clean-up plan"),
        (b'{"format": "visionlab-cleanup-plan", "version": 2}', "has version 2, not 1"),
        (b'{"format": "visionlab-cleanup-plan", "version": 1, "items": NaN}', "was changed since it was written"),
        (b"\xff\xfe", "cannot be read as JSON"),
    ],
)
def test_what_is_no_plan_is_refused_with_words(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(LabError, match=said):
        read(path)


def test_a_file_with_a_good_hash_and_bad_fields_is_refused(written: Path) -> None:
    def spoil(document: dict[str, Any]) -> None:
        document["items"][0]["with_group"] = "yes"
        rest = {key: value for key, value in document.items() if key != "hash"}
        document["hash"] = plan_file._hash(rest)  # pyright: ignore[reportPrivateUsage] # a forger can do so too

    rewrite(written, spoil)
    with pytest.raises(ConfigError) as caught:
        read(written)
    assert str(caught.value) == "plan.json cannot be read as a plan ('yes' is neither true nor false)"


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan_file, "MOST_BYTES", 1024 * 1024)
    path = tmp_path / "plan.json"
    path.write_bytes(b" " * (1024 * 1024 + 1))
    with pytest.raises(ConfigError) as caught:
        read(path)
    assert str(caught.value) == "plan.json is larger than 1 MiB"


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        write_plan(tmp_path / "nowhere" / "plan.json", a_cleanup_plan())
    assert str(caught.value).endswith("cannot be written: No such file or directory")


@settings(max_examples=80, deadline=None)
@given(place=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_a_file_with_one_other_byte_is_refused_or_says_the_same(place: int, byte: int) -> None:
    content = bytearray(plan_bytes(a_cleanup_plan()))
    content[place % len(content)] = byte
    with TemporaryDirectory() as folder:
        path = Path(folder) / "plan.json"
        path.write_bytes(content)
        try:
            found = read(path)
        except LabError:
            return
    assert found == a_cleanup_plan()
