"""Many at once, and whatever bytes: a link still lets in once, settings still say what is wrong."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as bounded
from hypothesis import strategies as st

from localazure.errors import AzureError
from localazure.labeling.people.names import check_email, check_person_name
from localazure.labeling.project_settings import ProjectSettings, dump_settings, parse_settings
from tests.localazure.labeling.conftest import OpenLabeling, fill
from tests.localazure.labeling.labeling_people import add, invite

_KEYS = [*dump_settings(ProjectSettings()), "every", "minimumAgreement", "enabled", "classes", "threshold", "after"]
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=8,
)


def test_a_link_that_many_open_at_once_lets_one_in(open_labeling: OpenLabeling) -> None:
    lab = open_labeling(on_disk=True)
    fill(lab)
    lab.created()
    add(lab, "anna@example.org")
    token = invite(lab, "anna@example.org")

    def enter(_: int) -> str:
        try:
            return lab.service.invites.redeem(token).email
        except AzureError as error:
            return error.code

    with ThreadPoolExecutor(8) as pool:
        came = sorted(pool.map(enter, range(16)))
    assert came == ["TokenUsed"] * 15 + ["anna@example.org"]


@bounded(max_examples=50, deadline=None)
@given(st.dictionaries(st.sampled_from(_KEYS), _JSON, max_size=4))
def test_settings_are_taken_whole_or_refused_by_name(body: dict[str, Any]) -> None:
    try:
        new = parse_settings(body, ProjectSettings())
    except AzureError as error:
        assert (error.status, error.code, bool(error.target)) == (400, "UserError", True)  # noqa: PT017 either way is right
    else:
        assert parse_settings(dump_settings(new), ProjectSettings()) == new


@bounded(max_examples=50, deadline=None)
@given(st.text(max_size=40))
def test_names_are_one_line_that_can_be_seen_or_refused(text: str) -> None:
    try:
        name = check_person_name(text)
    except AzureError as error:
        assert error.status == 400  # noqa: PT017 either way is right
    else:
        assert name.isprintable()
        assert name == check_person_name(name)


@bounded(max_examples=50, deadline=None)
@given(st.from_regex(r"\A[a-zA-Z0-9.+_-]{1,20}@[a-z0-9]{1,10}(\.[a-z]{2,5}){0,2}\Z"))
def test_addresses_are_the_same_however_they_are_typed(email: str) -> None:
    assert check_email(f" {email.upper()} ") == check_email(email) == email.lower()


@pytest.mark.parametrize("text", ["a@b\u212a", "\u0130@example.org", "a@\u202eb", "a\n@b.org", None, 5, b"a@b"])
def test_addresses_that_only_look_right_are_refused(text: object) -> None:
    with pytest.raises(AzureError):
        check_email(text)
