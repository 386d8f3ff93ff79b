"""People of a labeling project in tests: adding them, signing them in, asking as them."""

from typing import Any

import httpx

from tests.localazure.labeling.labeling_lab import WORKSPACE, LabelingLab

PROJECT = f"/labeling/v1.0{WORKSPACE}/projects/fruit"
PAGE = {"x-labeling-client": "page"}


def add(lab: LabelingLab, email: str, role: str = "labeler", **more: Any) -> dict[str, Any]:
    answer = lab.client.put(f"{PROJECT}/people/{email}", json={"role": role, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def invite(lab: LabelingLab, email: str, **body: int) -> str:
    """The token of a new personal link."""
    answer = lab.client.post(f"{PROJECT}/people/{email}/invite", json=body)
    assert answer.status_code == 200, answer.text
    origin, _, token = answer.json()["link"].partition("#")
    assert origin == "https://local/labeling/join"
    return token


def browser(lab: LabelingLab) -> httpx.Client:
    """Somebody's browser: cookies of its own, the header of our pages."""
    return httpx.Client(transport=lab.transport, base_url="https://local", headers=PAGE)


def sign_in(lab: LabelingLab, email: str) -> httpx.Client:
    """A browser in which this person, who is in the project, is signed in."""
    page = browser(lab)
    answer = page.post("/labeling/session", json={"token": invite(lab, email)})
    assert answer.status_code == 204, answer.text
    return page


def somebody(lab: LabelingLab, role: str, email: str | None = None) -> httpx.Client:
    """A new person with this role, signed in."""
    email = email or f"{role.lower()}@example.org"
    add(lab, email, role)
    return sign_in(lab, email)


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]
