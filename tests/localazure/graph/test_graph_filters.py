"""`$filter`: what it understands, and that nothing else does more than be refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.errors import AzureError
from localazure.graph.filters import parse_filter

PROPERTIES = {"name": str, "on": bool, "size": int, "tags": list, "api": dict}
ENTRY = {"name": "O'Neil", "on": True, "size": 7, "tags": ["a", "b"], "api": {"version": 2}}
PIECES = ["name", "on", "size", "tags/any(", "t:", "t", "eq", "and", "or", "not", "(", ")", ",", "'x'", "7", "true",
          "in", "on/any(", "api/any(", "startswith(", "null", "ne", "'", "/", "any", " "]  # fmt: skip


def passes(text: str) -> bool:
    return parse_filter(text, PROPERTIES, "User")(ENTRY)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("name eq 'o''neil'", True),
        ("name eq 'neil'", False),
        ("on eq true and size eq 7", True),
        ("on eq false or size eq 7", True),
        ("on eq false or size eq 7 and name eq 'x'", False),
        ("(on eq false or size eq 7) and startswith(name,'o')", True),
        ("not startswith(name,'x')", True),
        ("tags/any(t:t eq 'B')", True),
        ("tags/any(t:t eq 'c' or startswith(t,'A'))", True),
        ("tags/any(t:startswith(t,'c'))", False),
        ("size/any(t:t eq 7)", False),
        ("api/any(t:t eq 'version')", False),
        ("size in (1, 7)", True),
        ("name eq null", False),
        ("api/version eq 2", True),
        ("api/other eq null", True),
    ],
)
def test_comparisons(text: str, expected: bool) -> None:
    assert passes(text) is expected


@given(st.lists(st.sampled_from(PIECES), max_size=14).map(" ".join) | st.text(max_size=30))
@settings(max_examples=150, deadline=None)
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        answer: object = passes(text)
    except AzureError as error:
        answer = error.status
    assert answer in {True, False, 400}
