"""What a failure looks like, for people and for programs, and its exit code."""

import json
from typing import Any

import pytest

from automation.cli.app import main
from automation.cli.failures import describe, show_failure
from automation.errors import (
    Cancelled,
    ConfigError,
    DatasetError,
    Finding,
    LabBusy,
    LabError,
    NotFound,
    Refused,
    Severity,
    StepFailed,
    TransportError,
    WaitTimeout,
)

FINDING = Finding(
    code="picture-empty",
    severity=Severity.ERROR,
    where="photos/a.jpg",
    message="the file has no bytes",
    hint="copy it again",
)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 2),
        (DatasetError("x", findings=(FINDING,)), 1),
        (LabBusy("x"), 1),
        (Refused("x"), 1),
        (NotFound("x", operation="get", status=404), 1),
        (TransportError("get", "refused"), 1),
        (WaitTimeout(resource="m", waited_s=1, last_status="training"), 3),
        (Cancelled("training"), 3),
        (KeyboardInterrupt(), 3),
        (ZeroDivisionError(), 70),
    ],
)
def test_every_failure_has_its_exit_code(error: BaseException, code: int) -> None:
    assert describe(error)[0] == code


def test_people_read_what_why_and_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    code = show_failure(DatasetError("1 picture problem", findings=(FINDING,), hint="mend it"), as_json=False)
    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "error: 1 picture problem",
        "  error photos/a.jpg: the file has no bytes",
        "      copy it again",
        "what to do: mend it",
    ]


def test_programs_read_one_object(capsys: pytest.CaptureFixture[str]) -> None:
    cause = DatasetError("bad data", findings=(FINDING,))
    failed = StepFailed("images", run_id="r1", reason="bad data", hint="again")
    failed.__cause__ = cause
    show_failure(failed, as_json=True)
    out, err = capsys.readouterr()
    assert err == ""
    assert json.loads(out) == {
        "error": {
            "exit_code": 3,
            "type": "StepFailed",
            "message": "step images failed: bad data",
            "hint": "again",
            "step": "images",
            "run_id": "r1",
            "cause": "DatasetError",
            "findings": [
                {
                    "code": "picture-empty",
                    "severity": "error",
                    "where": "photos/a.jpg",
                    "message": "the file has no bytes",
                    "hint": "copy it again",
                }
            ],
        }
    }


def test_a_bug_shows_its_traceback_and_no_values(capsys: pytest.CaptureFixture[str]) -> None:
    def broken(secret: str) -> None:
        raise LookupError(len(secret))

    with pytest.raises(LookupError) as caught:
        broken("hunter2")
    assert show_failure(caught.value, as_json=False) == 70
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.splitlines()[-1] == "what to do: please report it, with the lines above"
    assert "hunter2" not in err.replace('broken("hunter2")', "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu"], "there is no command 'rnu'. Did you mean 'run'?"),
        (["model", "show"], "Missing argument 'NAME'."),
        (["lab", "up", "--jsno"], "No such option '--jsno'."),
        (["completion", "csh"], "Invalid value for '{bash|zsh|fish}'"),
    ],
)
def test_wrong_usage_is_one_error_with_exit_code_2(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith(f"error: {said}")


def test_wrong_usage_is_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "show", "--json"]) == 2
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert told["error"]["type"] == "UsageError"
    assert told["error"]["hint"] == "run `visionlab model show --help`"


def test_every_error_of_the_tree_is_described() -> None:
    """A new class of errors needs no change here: the facts are its attributes."""

    def tree(kind: type[LabError]) -> list[type[LabError]]:
        return [kind, *(inner for child in kind.__subclasses__() for inner in tree(child))]

    assert {kind.exit_code for kind in tree(LabError)} == {1, 2, 3}
