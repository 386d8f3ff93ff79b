"""Personal links and sessions: once, for some hours, revocable; nothing of a token is kept or said."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from tests.localazure.labeling.conftest import OpenLabeling, fill
from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab
from tests.localazure.labeling.labeling_people import PAGE, PROJECT, add, browser, code_of, invite, sign_in

ANNA = "anna@example.org"


@pytest.fixture
def lab(labeling: LabelingLab) -> LabelingLab:
    labeling.created()
    add(labeling, ANNA, name="Anna")
    return labeling


def _enter(page: httpx.Client, token: object) -> httpx.Response:
    return page.post("/labeling/session", json={"token": token})


def test_a_link_lets_one_person_in_once(lab: LabelingLab) -> None:
    token, page = invite(lab, ANNA), browser(lab)
    entered = _enter(page, token)
    assert (entered.status_code, entered.content) == (204, b"")
    cookie = entered.headers["set-cookie"]
    assert cookie.startswith("labeling_session=")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "Max-Age=2592000", "Path=/labeling", "SameSite=strict", "Secure"}
    assert token not in cookie
    session = page.get("/labeling/session").json()
    assert (session["email"], session["name"]) == (ANNA, "Anna")
    assert [(one["name"], one["role"], one["api"], one["task"]) for one in session["projects"]] == [
        ("fruit", "labeler", PROJECT, "object-detection")
    ]
    assert session["projects"][0]["actions"] == ["labeling/labels/write", "labeling/projects/read"]
    assert session["projects"][0]["progress"]["total"] == 3
    assert code_of(_enter(browser(lab), token)) == (401, "TokenUsed")


def test_links_end(lab: LabelingLab) -> None:
    short, long = invite(lab, ANNA, hours=1), invite(lab, ANNA)
    lab.clock.time += timedelta(hours=1)
    assert code_of(_enter(browser(lab), short)) == (401, "TokenExpired")
    assert lab.client.post(f"{PROJECT}/people/{ANNA}/revoke").status_code == 204
    assert code_of(_enter(browser(lab), long)) == (401, "TokenRevoked")


@pytest.mark.parametrize("token", ["", "x" * 43, "x" * 5_000, None, 7, ["a"], "\ud800"])
def test_what_is_no_token_lets_nobody_in(lab: LabelingLab, token: object) -> None:
    answer = browser(lab).post("/labeling/session", content=b'{"token": "\\ud800"}') if token == "\ud800" else None
    answer = answer or _enter(browser(lab), token)
    assert answer.status_code in (400, 401)
    assert "set-cookie" not in answer.headers


def test_a_tampered_token_or_cookie_lets_nobody_in(lab: LabelingLab) -> None:
    token = invite(lab, ANNA)
    other = ("A" if token[0] != "A" else "B") + token[1:]
    assert code_of(_enter(browser(lab), other)) == (401, "InvalidToken")
    page = sign_in(lab, ANNA)
    value = page.cookies["labeling_session"]
    for forged in (value[:-1] + ("A" if value[-1] != "A" else "B"), value + "A", "x" * 4_000):
        answer = browser(lab).get("/labeling/session", headers={"cookie": f"labeling_session={forged}"})
        assert code_of(answer) == (401, "SessionOver")


def test_ten_wrong_links_a_minute_are_enough(lab: LabelingLab) -> None:
    page, token = browser(lab), invite(lab, ANNA)
    for _ in range(10):
        assert _enter(page, "wrong").status_code == 401
    refused = _enter(page, token)
    assert (*code_of(refused), refused.headers["retry-after"]) == (429, "TooManyRequests", "60")
    lab.clock.time += timedelta(seconds=61)
    assert _enter(page, token).status_code == 204


def test_a_session_lasts_a_week_without_use_and_a_month_at_most(lab: LabelingLab) -> None:
    idle, busy = sign_in(lab, ANNA), sign_in(lab, ANNA)
    for _ in range(5):
        lab.clock.time += timedelta(days=5)
        assert busy.get(PROJECT).status_code == 200
    assert code_of(idle.get(PROJECT)) == (401, "SessionOver")
    lab.clock.time += timedelta(days=5)
    assert code_of(busy.get(PROJECT)) == (401, "SessionOver")


def test_signing_out_ends_the_session_and_takes_the_cookie(lab: LabelingLab) -> None:
    page = sign_in(lab, ANNA)
    cookie = page.cookies["labeling_session"]
    out = page.delete("/labeling/session")
    assert (out.status_code, 'labeling_session=""' in out.headers["set-cookie"]) == (204, True)
    again = browser(lab).get(PROJECT, headers={"cookie": f"labeling_session={cookie}"})
    assert code_of(again) == (401, "SessionOver")


def test_revoking_ends_sessions_and_a_removed_person_is_out_at_once(lab: LabelingLab) -> None:
    page = sign_in(lab, ANNA)
    lab.client.post(f"{PROJECT}/people/{ANNA}/revoke")
    assert code_of(page.get(PROJECT)) == (401, "SessionOver")
    page = sign_in(lab, ANNA)
    assert page.get(PROJECT).status_code == 200
    assert lab.client.delete(f"{PROJECT}/people/{ANNA}").status_code == 204
    assert code_of(page.get(PROJECT)) == (401, "SessionOver")


def test_a_role_is_looked_up_at_every_request(lab: LabelingLab) -> None:
    page = sign_in(lab, ANNA)
    assert code_of(page.get(f"{PROJECT}/people")) == (403, "AuthorizationFailed")
    add(lab, ANNA, "teamLead")
    assert page.get(f"{PROJECT}/people").status_code == 200
    add(lab, ANNA, "labeler")
    assert code_of(page.get(f"{PROJECT}/people")) == (403, "AuthorizationFailed")


def test_a_project_that_one_is_not_in_looks_like_one_that_does_not_exist(lab: LabelingLab) -> None:
    lab.create(f"{WORKSPACE}/labelingJobs/secret")
    lab.settle()
    page = sign_in(lab, ANNA)
    texts = {page.get(PROJECT.replace("fruit", name)).text for name in ("secret", "nothing")}
    texts.add(page.get(PROJECT.replace("lab-ws", "other-ws")).text)
    assert len(texts) == 1
    assert "AuthorizationFailed" in texts.pop()


def test_other_sites_cannot_write_with_the_cookie(lab: LabelingLab) -> None:
    page = sign_in(lab, ANNA)
    cookie = {"cookie": f"labeling_session={page.cookies['labeling_session']}"}
    plain = httpx.Client(transport=lab.transport, base_url="https://local", headers=cookie)
    assert plain.get(PROJECT).status_code == 200
    assert code_of(plain.put(f"{PROJECT}/settings", json={})) == (403, "CrossSiteRequest")
    assert code_of(plain.delete("/labeling/session")) == (403, "CrossSiteRequest")
    foreign = {**PAGE, "origin": "https://evil.example"}
    assert code_of(plain.put(f"{PROJECT}/settings", headers=foreign, json={})) == (403, "CrossSiteRequest")
    assert code_of(plain.post("/labeling/session", headers={"origin": "null", **PAGE}, json={})) == (
        403,
        "CrossSiteRequest",
    )
    own = {**PAGE, "origin": "https://local"}
    assert code_of(plain.put(f"{PROJECT}/settings", headers=own, json={})) == (403, "AuthorizationFailed")


def test_no_token_is_kept_or_told(open_labeling: OpenLabeling, tmp_path: Path) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    add(lab, ANNA)
    token = invite(lab, ANNA)
    page = browser(lab)
    answers = [_enter(page, token), _enter(page, token), page.get("/labeling/session"), page.get(PROJECT)]
    answers.append(lab.client.get(f"{PROJECT}/people"))
    secrets = [token, page.cookies["labeling_session"]]
    kept = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert ANNA.encode() in kept
    assert [one for one in secrets if one.encode() in kept or any(one in answer.text for answer in answers)] == []
    assert [event.what for event in lab.service.history.last(1)] == ["invited", "person-put"]


def test_sessions_survive_a_restart(open_labeling: OpenLabeling) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    add(lab, ANNA)
    cookie = sign_in(lab, ANNA).cookies["labeling_session"]
    again = browser(open_labeling(on_disk=True))
    assert again.get(PROJECT, headers={"cookie": f"labeling_session={cookie}"}).status_code == 200


def test_servers_on_two_ports_of_a_machine_have_a_cookie_each(lab: LabelingLab) -> None:
    token = invite(lab, ANNA)
    page = browser(lab)
    page.base_url = httpx.URL("https://local:8443")
    entered = _enter(page, token)
    assert entered.headers["set-cookie"].startswith("labeling_session_8443=")
    assert page.get("/labeling/session").status_code == 200
    other = browser(lab)
    other.base_url = httpx.URL("https://local:9443")
    cookie = entered.headers["set-cookie"].partition(";")[0]
    assert other.get("/labeling/session", headers={"cookie": cookie}).status_code == 401
