import stat
from typing import Any

import pytest

DAY_S = 24 * 3600


def inner(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error.get("innererror", {}).get("code")


def test_a_secret_is_set_and_read_with_everything_that_was_said_of_it(vault: Any) -> None:
    attributes = {"nbf": 1_700_000_000, "exp": 1_900_000_000}
    made = vault.set("db-password", "s3cret", contentType="text/plain", tags={"a": "b"}, attributes=attributes)
    name, version = made["id"].rsplit("/", 2)[1:]
    assert (made["id"], name) == (f"https://kv-lab-1.vault.localhost:8443/secrets/db-password/{version}", "db-password")
    shown = vault.send("GET", "/secrets/db-password/").json()
    assert shown == made
    assert (shown["value"], shown["contentType"], shown["tags"]) == ("s3cret", "text/plain", {"a": "b"})
    moment = int(vault.lab.clock.now().timestamp())
    assert shown["attributes"] == {
        "enabled": True,
        "nbf": 1_700_000_000,
        "exp": 1_900_000_000,
        "created": moment,
        "updated": moment,
        "recoveryLevel": "Recoverable+Purgeable",
        "recoverableDays": 90,
    }


def test_names_are_compared_without_case(vault: Any) -> None:
    vault.set("Mixed", "one")
    vault.set("mIXED", "two")
    assert vault.send("GET", "/secrets/MIXED").json()["value"] == "two"
    assert [row["id"].rsplit("/", 1)[1] for row in vault.send("GET", "/secrets").json()["value"]] == ["Mixed"]


def test_each_set_makes_a_version_and_old_ones_stay_readable(vault: Any) -> None:
    first, second = vault.set("s", "one")["id"], vault.set("s", "two")["id"]
    assert vault.send("GET", f"/secrets/s/{first.rsplit('/', 1)[1]}").json()["value"] == "one"
    assert vault.send("GET", "/secrets/s").json()["value"] == "two"
    rows = vault.send("GET", "/secrets/s/versions").json()["value"]
    assert [row["id"] for row in rows] == [first, second]
    assert not any("value" in row for row in rows)
    assert inner(vault.send("GET", f"/secrets/s/{'0' * 32}")) == (404, "SecretNotFound", None)


def test_a_change_touches_what_it_names_and_a_disabled_secret_is_not_read(vault: Any) -> None:
    vault.set("s", "one", contentType="text", tags={"a": "1"})
    vault.lab.pass_s(60)
    changed = vault.send("PATCH", "/secrets/s/", {"attributes": {"enabled": False}}).json()
    assert (changed["contentType"], changed["tags"], "value" in changed) == ("text", {"a": "1"}, False)
    assert changed["attributes"]["updated"] - changed["attributes"]["created"] == 60
    assert inner(vault.send("GET", "/secrets/s")) == (403, "Forbidden", "SecretDisabled")
    vault.send("PATCH", "/secrets/s", {"attributes": {"enabled": True}, "tags": {}})
    shown = vault.send("GET", "/secrets/s").json()
    assert (shown["value"], shown["tags"]) == ("one", {})


def test_listings_come_in_pages_that_lead_to_each_other(vault: Any) -> None:
    names = [f"s{number:02}" for number in range(30)]
    for name in names:
        vault.set(name)
    first = vault.send("GET", "/secrets").json()
    assert (len(first["value"]), first["nextLink"] is None) == (25, False)
    rest = vault.send("GET", first["nextLink"]).json()
    assert rest["nextLink"] is None
    assert [row["id"].rsplit("/", 1)[1] for row in first["value"] + rest["value"]] == names
    small = vault.send("GET", "/secrets", maxresults="7").json()
    assert (len(small["value"]), "maxresults=7" in small["nextLink"]) == (7, True)
    vault.send("DELETE", "/secrets/s06")
    follows = vault.send("GET", small["nextLink"]).json()["value"]
    assert follows[0]["id"].endswith("/s07")


@pytest.mark.parametrize(
    ("query", "message"),
    [({"maxresults": "0"}, "'maxresults'"), ({"maxresults": "26"}, "'maxresults'"), ({"$skiptoken": "?"}, "skiptoken")],
)
def test_wrong_windows_are_refused(vault: Any, query: dict[str, str], message: str) -> None:
    answer = vault.send("GET", "/secrets", **query)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadParameter")
    assert message in answer.json()["error"]["message"]


def test_a_deleted_secret_keeps_its_name_until_it_is_recovered(vault: Any) -> None:
    vault.set("s", "one")
    vault.set("s", "two")
    gone = vault.send("DELETE", "/secrets/s").json()
    assert gone["recoveryId"] == "https://kv-lab-1.vault.localhost:8443/deletedsecrets/s"
    assert gone["scheduledPurgeDate"] - gone["deletedDate"] == 90 * DAY_S
    assert inner(vault.send("GET", "/secrets/s")) == (404, "SecretNotFound", None)
    again = vault.send("PUT", "/secrets/s", {"value": "x"})
    assert inner(again) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    assert vault.send("GET", "/secrets").json()["value"] == []
    assert [row["recoveryId"] for row in vault.send("GET", "/deletedsecrets").json()["value"]] == [gone["recoveryId"]]
    assert vault.send("GET", "/deletedsecrets/s").json() == gone
    assert vault.send("POST", "/deletedsecrets/s/recover").status_code == 200
    assert vault.send("GET", "/secrets/s").json()["value"] == "two"
    assert len(vault.send("GET", "/secrets/s/versions").json()["value"]) == 2
    assert inner(vault.send("GET", "/deletedsecrets/s")) == (404, "SecretNotFound", None)


def test_a_purged_secret_is_gone_and_its_name_is_free(vault: Any) -> None:
    vault.set("s", "one")
    assert inner(vault.send("DELETE", "/deletedsecrets/s")) == (404, "SecretNotFound", None)
    vault.send("DELETE", "/secrets/s")
    assert vault.send("DELETE", "/deletedsecrets/s").status_code == 204
    vault.set("s", "two")
    assert len(vault.send("GET", "/secrets/s/versions").json()["value"]) == 1


def test_what_was_recovered_or_purged_waits_for_no_expiry_any_more(lab: Any, vault: Any) -> None:
    for name in ("recovered", "purged", "kept"):
        vault.set(name)
        vault.send("DELETE", f"/secrets/{name}")
    vault.send("POST", "/deletedsecrets/recovered/recover")
    vault.send("DELETE", "/deletedsecrets/purged")
    waiting = [doc["payload"]["name"] for _, doc in lab.store.list("operation")
               if doc["kind"] == "vault.expired" and doc["status"] == "InProgress"]  # fmt: skip
    assert waiting == ["kept"]
    lab.pass_s(91 * DAY_S)
    assert [document["name"] for _, document in lab.store.list("vault.secret")] == ["recovered"]


def test_purge_protection_forbids_purging_and_time_does_it(lab: Any, assign: Any, vault_at: Any) -> None:
    path = lab.vault(name="kv-kept", enablePurgeProtection=True, softDeleteRetentionInDays=7)
    assign("officer", path, lab.settings.object_id)
    vault = vault_at(lab, "kv-kept.vault.localhost:8443")
    assert vault.set("s")["attributes"]["recoveryLevel"] == "CustomizedRecoverable"
    vault.send("DELETE", "/secrets/s")
    assert inner(vault.send("DELETE", "/deletedsecrets/s")) == (403, "Forbidden", None)
    lab.pass_s(7 * DAY_S)
    assert inner(vault.send("GET", "/deletedsecrets/s")) == (404, "SecretNotFound", None)
    assert vault.set("s")["attributes"]["recoverableDays"] == 7


def test_a_backup_holds_all_versions_and_is_restored_under_a_free_name_only(vault: Any) -> None:
    vault.set("s", "one")
    vault.set("s", "two", tags={"a": "b"})
    backup = vault.send("POST", "/secrets/s/backup").json()
    assert inner(vault.send("POST", "/secrets/restore", backup)) == (409, "Conflict", None)
    vault.send("DELETE", "/secrets/s")
    deleted = vault.send("POST", "/secrets/restore", backup)
    assert inner(deleted) == (409, "Conflict", "ObjectIsDeletedButRecoverable")
    vault.send("DELETE", "/deletedsecrets/s")
    restored = vault.send("POST", "/secrets/restore", backup)
    assert (restored.status_code, restored.json()["tags"], "value" in restored.json()) == (200, {"a": "b"}, False)
    assert vault.send("GET", "/secrets/s").json()["value"] == "two"
    assert len(vault.send("GET", "/secrets/s/versions").json()["value"]) == 2


def test_what_is_no_backup_is_refused(vault: Any) -> None:
    for text in ("not a backup", "AAAA", "", 5):
        answer = vault.send("POST", "/secrets/restore", {"value": text})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadParameter")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"value": 5},
        {"value": None},
        {"value": "x" * 25_601},
        {"value": "x", "attributes": []},
        {"value": "x", "attributes": {"enabled": "yes"}},
        {"value": "x", "attributes": {"exp": "tomorrow"}},
        {"value": "x", "attributes": {"exp": True}},
        {"value": "x", "tags": {"a": 1}},
        {"value": "x", "tags": {str(number): "" for number in range(16)}},
        {"value": "x", "contentType": "x" * 256},
        [],
    ],
)
def test_bodies_that_make_no_sense_are_refused_and_quoted_nowhere(vault: Any, body: object) -> None:
    answer = vault.send("PUT", "/secrets/s", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadParameter")
    assert inner(vault.send("GET", "/secrets/s")) == (404, "SecretNotFound", None)


def test_names_and_versions_of_the_api_are_checked(vault: Any) -> None:
    assert inner(vault.send("PUT", "/secrets/under_score", {"value": "x"})) == (400, "BadParameter", None)
    assert inner(vault.send("GET", "/secrets/" + "x" * 128)) == (400, "BadParameter", None)
    assert inner(vault.send("PATCH", "/secrets/s", {"value": "x"})) == (400, "BadParameter", None)
    unsaid = vault.send("GET", "/secrets", **{"api-version": ""})
    assert unsaid.json()["error"] == {"code": "BadParameter", "message": "api-version must be specified"}
    for version in ("8.0", "2024-01-01", "latest"):
        answer = vault.send("GET", "/secrets", **{"api-version": version})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "BadParameter")
    for version in ("7.0", "7.5", "2025-07-01", "2026-04-01", "2016-10-01"):
        assert vault.send("GET", "/secrets", **{"api-version": version}).status_code == 200


def test_keys_and_certificates_say_that_they_are_not_there(vault: Any) -> None:
    for path in ("/keys", "/keys/k/create", "/certificates/c", "/deletedkeys", "/storage"):
        answer = vault.send("GET", path)
        assert (answer.status_code, answer.json()["error"]["code"]) == (501, "NotImplementedByLocalAzure")
    assert vault.send("GET", "/nothing").status_code == 404
    assert vault.send("PUT", "/secrets").status_code in {404, 405}


def test_values_lie_encrypted_in_the_store_and_the_key_is_its_owners(lab: Any, vault: Any) -> None:
    vault.set("s", "a-value-to-look-for", tags={"a": "b"})
    backup = vault.send("POST", "/secrets/s/backup").json()["value"]
    kept = [str(document) for kind in ("vault.secret", "vault.version") for _, document in lab.store.list(kind)]
    assert len(kept) == 2
    assert not any("a-value-to-look-for" in text for text in [*kept, backup])
    assert stat.S_IMODE((lab.settings.state_dir / "vault.key").stat().st_mode) == 0o600


def test_a_value_that_another_key_sealed_is_an_error_and_not_a_value(lab: Any, vault: Any) -> None:
    vault.set("s", "one")
    (_, document) = lab.store.list("vault.version")[0]
    key = lab.store.list("vault.version")[0][0]
    lab.store.put("vault.version", key, document | {"sealed": "gAAAA-not-ours"})
    assert inner(vault.send("GET", "/secrets/s")) == (500, "InternalServerError", None)
