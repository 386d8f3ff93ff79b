import errno
import sqlite3
from pathlib import Path

import pytest

from localazure.errors import is_disk_full
from localazure.store import Store


def _put_then_fail(store: Store, key: str, value: dict[str, object]) -> None:
    with store.transaction():
        store.put("thing", key, value)
        store.delete("thing", "a")
        _ = 1 / 0


def test_a_document_comes_back_as_it_was_put() -> None:
    store = Store(None)
    store.put("thing", "a", {"n": 1, "deep": {"list": [1, 2.5, None, "ü"]}})
    assert store.get("thing", "a") == {"n": 1, "deep": {"list": [1, 2.5, None, "ü"]}}


def test_a_missing_document_is_none_and_deleting_it_is_false() -> None:
    store = Store(None)
    assert (store.get("thing", "a"), store.delete("thing", "a")) == (None, False)


def test_list_is_sorted_and_limited_to_kind_and_prefix() -> None:
    store = Store(None)
    for kind, key in [("thing", "b/2"), ("thing", "b/1"), ("thing", "c"), ("other", "b/3")]:
        store.put(kind, key, {"key": key})
    assert [key for key, _ in store.list("thing", "b/")] == ["b/1", "b/2"]
    assert (store.count("thing"), store.count("thing", "b/")) == (3, 2)


def test_a_prefix_finds_keys_beyond_the_latin_letters() -> None:
    store = Store(None)
    store.put("thing", "b/日本", {})
    assert [key for key, _ in store.list("thing", "b/")] == ["b/日本"]


def test_a_failed_transaction_leaves_nothing() -> None:
    store = Store(None)
    store.put("thing", "a", {"n": 1})
    with pytest.raises(ZeroDivisionError):
        _put_then_fail(store, "a", {"n": 2})
    assert store.get("thing", "a") == {"n": 1}


def test_a_failed_inner_transaction_undoes_only_itself() -> None:
    store = Store(None)
    with store.transaction():
        store.put("thing", "outer", {})
        with pytest.raises(ZeroDivisionError):
            _put_then_fail(store, "inner", {})
    assert [key for key, _ in store.list("thing")] == ["outer"]


def test_documents_survive_closing_and_the_file_is_the_owners_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.put("thing", "a", {"n": 1})
    store.close()
    again = Store(tmp_path / "state.db")
    assert again.get("thing", "a") == {"n": 1}
    assert (tmp_path / "state.db").stat().st_mode & 0o777 == 0o600
    again.close()


def test_a_full_disk_undoes_the_transaction_and_the_store_works_on(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    store.put("thing", "a", {"n": 1})
    limit_pages(store, 4)
    with pytest.raises(sqlite3.OperationalError, match="full") as raised:
        replace(store)
    assert is_disk_full(raised.value)
    limit_pages(store, 1000)
    assert (store.get("thing", "a"), store.get("thing", "b")) == ({"n": 1}, None)
    with store.transaction():
        store.put("thing", "b", {"large": "x" * 100_000})
    assert store.count("thing") == 2


def test_a_commit_that_fails_leaves_no_transaction_open(tmp_path: Path) -> None:
    store = Store(tmp_path / "state.db")
    database = store._db  # pyright: ignore[reportPrivateUsage] a commit fails on a full disk alone, or on such a rule
    database.execute("PRAGMA foreign_keys=ON")
    database.execute("CREATE TABLE parent (id PRIMARY KEY)")
    database.execute("CREATE TABLE child (id REFERENCES parent DEFERRABLE INITIALLY DEFERRED)")
    with pytest.raises(sqlite3.IntegrityError), store.transaction():
        database.execute("INSERT INTO child VALUES (1)")
    with store.transaction():
        store.put("thing", "a", {"n": 1})
    assert store.get("thing", "a") == {"n": 1}


def replace(store: Store) -> None:
    with store.transaction():
        store.delete("thing", "a")
        store.put("thing", "b", {"large": "x" * 100_000})


def limit_pages(store: Store, pages: int) -> None:
    store._db.execute(f"PRAGMA max_page_count={pages}")  # pyright: ignore[reportPrivateUsage] SQLite's own full disk


def test_a_full_disk_is_told_from_other_trouble() -> None:
    assert [is_disk_full(OSError(number, "")) for number in (errno.ENOSPC, errno.EDQUOT, errno.EACCES)] == [
        True,
        True,
        False,
    ]
    assert not is_disk_full(sqlite3.OperationalError("database is locked"))


def test_listeners_hear_of_commits_before_the_writer_goes_on() -> None:
    store = Store(None)
    heard: list[int] = []
    store.watch("roles", lambda: heard.append(store.count("roles")))
    store.put("other", "a", {})
    assert heard == []
    with store.transaction():
        store.put("roles", "a", {})
        store.put("roles", "b", {})
        assert heard == []
    assert heard == [2]
    store.delete("roles", "a")
    assert heard == [2, 1]
    store.close()


def test_a_listener_that_failed_is_called_again_with_the_next_commit() -> None:
    store = Store(None)
    tries: list[str] = []

    def listener() -> None:
        tries.append("x")
        if len(tries) == 1:
            raise OSError

    store.watch("roles", listener)
    with pytest.raises(OSError):  # noqa: PT011 any of them
        store.put("roles", "a", {})
    store.put("other", "b", {})
    assert len(tries) == 2
    store.put("other", "c", {})
    assert len(tries) == 2
    store.close()
