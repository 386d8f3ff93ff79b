"""Property paths of resource options."""

import pytest

from automation.provision.embedded.paths import keep_old, matches


@pytest.mark.parametrize(
    ("pattern", "path", "matched"),
    [
        ("tags", 'tags["a.b"]', True),
        ('tags["a.b"]', 'tags["a.b"]', True),
        ("sku.name", "sku.tier", False),
        ("sku.name", "sku", True),
        ("*", "anything.at[0].all", True),
        ("rules[*].name", "rules[3].name", True),
        ("rules[1]", "rules[2].name", False),
    ],
)
def test_patterns_match_what_lies_at_or_under_them(pattern: str, path: str, matched: bool) -> None:
    assert matches(pattern, path) is matched


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("a", {"a": 1, "b": [{"x": 9}, {"x": 8}], "new": 5}),
        ("b[0].x", {"a": 2, "b": [{"x": 3}, {"x": 8}], "new": 5}),
        ("b[*].x", {"a": 2, "b": [{"x": 3}, {"x": 4}], "new": 5}),
        ("new", {"a": 2, "b": [{"x": 9}, {"x": 8}]}),
        ("*", {"a": 1, "b": [{"x": 3}, {"x": 4}], "gone": 1}),
        ("no.such", {"a": 2, "b": [{"x": 9}, {"x": 8}], "new": 5}),
    ],
)
def test_ignored_paths_keep_their_old_values(path: str, kept: dict[str, object]) -> None:
    old = {"a": 1, "b": [{"x": 3}, {"x": 4}], "gone": 1}
    new = {"a": 2, "b": [{"x": 9}, {"x": 8}], "new": 5}
    assert keep_old(new, old, [path]) == kept
