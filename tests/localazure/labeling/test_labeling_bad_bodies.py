"""Whatever body comes to the routes for people, settings and classes: an answer that says what is wrong."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.localazure.labeling.labeling_lab import JOB, LabelingLab
from tests.localazure.labeling.labeling_people import PROJECT, add, browser

_ROUTES = [
    ("PUT", f"{PROJECT}/people/anna@example.org"),
    ("POST", f"{PROJECT}/people/anna@example.org/invite"),
    ("PUT", f"{PROJECT}/teams/Reds"),
    ("PUT", f"{PROJECT}/settings"),
    ("POST", f"{PROJECT}/classes"),
    ("POST", "/labeling/session"),
]
_KEYS = ["name", "team", "role", "hours", "token", "category", "key", "parent", "choice", "assist", "consensus", "gold"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | st.just("continue"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=6,
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(_ROUTES), st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4) | st.binary(max_size=20))
def test_no_body_makes_the_service_stumble(labeling: LabelingLab, route: tuple[str, str], body: Any) -> None:
    if labeling.call("GET", JOB).status_code == 404:
        labeling.created()
        labeling.call("POST", f"{JOB}/pause")
        add(labeling, "anna@example.org")
    method, path = route
    client = browser(labeling)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()  # NaN and Infinity, which are no JSON, too
    answer = client.request(method, path, content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (200, 201, 400, 401, 429)
    if answer.status_code >= 400:
        assert answer.json()["error"]["message"]


def test_paths_that_name_nobody_are_told(labeling: LabelingLab) -> None:
    labeling.created()
    for email in ("%00@x.org", "a%0Ab@x.org", "%F0%9F%8D%8E@x.org", "a@x.org%20", "..", "%2e%2e"):
        answer = labeling.client.put(f"{PROJECT}/people/{email}", json={"role": "labeler"})
        assert answer.status_code in (200, 400, 404, 405), email
    assert [one["email"] for one in labeling.client.get(f"{PROJECT}/people").json()["people"]] == ["a@x.org"]
