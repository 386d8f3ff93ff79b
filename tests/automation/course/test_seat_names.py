"""Ids of seats: of the person alone, whoever else is on the roster."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.course.seat_names import course_name_problem, seat_id, seat_ids, suggest_course_name

LOCAL_PARTS = st.text(alphabet="abcdé.-+_09", min_size=1, max_size=25)
ADDRESSES = st.lists(LOCAL_PARTS.map(lambda text: f"{text}@example.org"), unique_by=str.lower, max_size=20)


def test_an_id_says_who_it_is_and_no_one_else_has_it() -> None:
    assert seat_id("botany", "Anna.Lee@example.org") == seat_id("botany", "anna.lee@example.org") == "anna-lee-zydpui"
    assert seat_id("zoology", "anna.lee@example.org") != "anna-lee-zydpui"
    assert seat_id("botany", "ÿ@example.org").startswith("y-")
    assert seat_id("botany", "李@example.org").startswith("seat-")


@settings(max_examples=50, deadline=None)
@given(ADDRESSES, st.randoms())
def test_ids_do_not_depend_on_the_order_or_on_others(addresses: list[str], random: object) -> None:
    whole = seat_ids("botany", addresses)
    assert seat_ids("botany", reversed(addresses)) == whole
    assert len(set(whole.values())) == len(addresses)
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found) and len(found) <= 21 for found in whole.values())
    assert seat_ids("botany", addresses[:3]).items() <= whole.items()


def test_an_id_that_another_person_holds_is_not_given_again() -> None:
    mine = seat_id("botany", "b@example.org")
    found = seat_ids("botany", ["b@example.org"], known={"a@example.org": mine})
    assert (found["a@example.org"], found["b@example.org"]) == (mine, seat_id("botany", "b@example.org", digits=7))


@pytest.mark.parametrize("name", ["botany", "botany-2026", "b2"])
def test_good_names_of_courses(name: str) -> None:
    assert (course_name_problem(name), suggest_course_name(name)) == (None, name)


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("Botany 2026", "botany-2026"),
        ("2026 spring", "course-2026-spring"),
        ("b", "course-b"),
        ("a--b", "a-b"),
        ("x" * 40, "x" * 31),
        ("2026", "course-2026"),
        ("!!", None),
        ("-a-", "course-a"),
    ],
)
def test_bad_names_come_with_the_nearest_good_one(name: str, suggestion: str | None) -> None:
    assert course_name_problem(name) is not None
    assert suggest_course_name(name) == suggestion
