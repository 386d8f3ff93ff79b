"""What the local Azure says of drills, and what becomes of its refusals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from automation.errors import ConfigError, Refused, TransportError
from automation.local import begin_drill, drills, end_drill, end_drills, list_drills

ROW = {"name": "throttled", "on": True, "left": 3, "what": "w", "see": "s", "ends": "e", "try": "t"}


@dataclass
class Answers:
    """The next answers, and what was asked."""

    next: list[tuple[int, object] | None]
    asked: list[tuple[str, str, object]] = field(default_factory=list[tuple[str, str, object]])

    def __call__(
        self, connection: Mapping[str, object], method: str, path: str, body: Mapping[str, object] | None = None
    ) -> tuple[int, object] | None:
        assert connection == {"origin": "o"}
        self.asked.append((method, path, body))
        return self.next.pop(0)


def answering(monkeypatch: pytest.MonkeyPatch, *answers: tuple[int, object] | None) -> Answers:
    found = Answers(next=list(answers))
    monkeypatch.setattr(drills, "ask_admin", found)
    return found


def refusal(code: str, message: str = "No.") -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def test_requests_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = (200, {"drills": [ROW, {**ROW, "on": False, "left": None}]})
    answers = answering(monkeypatch, listed, (200, ROW), (200, ROW), (200, {"drills": []}))
    where = {"origin": "o"}
    assert [(one.name, one.on, one.left, one.tries) for one in list_drills(where)] == [
        ("throttled", True, 3, "t"),
        ("throttled", False, None, "t"),
    ]
    assert begin_drill(where, "a/b", count=2, match="x").left == 3
    assert end_drill(where, "throttled").on
    assert end_drills(where) == []
    assert answers.asked == [
        ("GET", "/_local/drills", None),
        ("PUT", "/_local/drills/a%2Fb", {"count": 2, "match": "x"}),
        ("DELETE", "/_local/drills/throttled", None),
        ("DELETE", "/_local/drills", None),
    ]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (None, TransportError, "no answer"),
        ((200, "text"), TransportError, "no answer"),
        ((400, refusal("InvalidDrill", "It takes no count.")), ConfigError, "It takes no count"),
        ((409, refusal("NothingToLock")), Refused, "No"),
        ((404, refusal("NotFound")), ConfigError, "this local Azure has no drills"),
    ],
)
def test_refusals(
    monkeypatch: pytest.MonkeyPatch, answer: tuple[int, object] | None, error: type[Exception], message: str
) -> None:
    answering(monkeypatch, answer)
    with pytest.raises(error, match=message):
        begin_drill({"origin": "o"}, "throttled")


def test_a_misspelt_name_gets_the_nearest_one(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, (404, refusal("DrillNotFound")), (200, {"drills": [ROW]}))
    with pytest.raises(ConfigError, match="there is no drill 'throtled'") as caught:
        begin_drill({"origin": "o"}, "throtled")
    assert caught.value.hint == "did you mean 'throttled'?"
