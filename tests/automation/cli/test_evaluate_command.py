"""`visionlab evaluate`: figures on stdout, exit 1 below a limit, findings for files that cannot be used."""

import json
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from automation.cli.app import main
from tests.automation.cli.cli_fakes import COCO, PERFORMANCE, FakeBlobs, FakeLab, a_model

CLASSES = [{"id": 1, "name": "apple"}, {"id": 2, "name": "<b>pear\x1b[31m"}]


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    images = [{"id": n, "file_name": f"{n}.jpg", "width": 100, "height": 100} for n in (1, 2)]
    annotations = [
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 20, 20]},
        {"id": 2, "image_id": 2, "category_id": 2, "bbox": [50, 50, 20, 20]},
    ]
    results = [
        {"image_id": 1, "category_id": 1, "bbox": [0, 0, 20, 20], "score": 0.9},
        {"image_id": 2, "category_id": 1, "bbox": [50, 50, 20, 20], "score": 0.6},
    ]
    (tmp_path / "gt.json").write_text(json.dumps({"images": images, "annotations": annotations, "categories": CLASSES}))
    (tmp_path / "dt.json").write_text(json.dumps(results))
    return [str(tmp_path / "gt.json"), str(tmp_path / "dt.json")]


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_the_word_files_may_be_left_out(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--json"]) == 0
    short = answer(capsys)
    assert main(["evaluate", "files", *files, "--json"]) == 0
    assert answer(capsys) == short
    assert main(["evaluate", "--json", *files]) == 0
    assert answer(capsys) == short


def test_every_figure_in_json_carries_what_it_holds_for(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--json", "--split", "test", "--threshold", "0.5"]) == 0
    said = answer(capsys)
    precision = next(figure for figure in said["figures"] if figure["name"] == "precision")
    assert precision == {
        "name": "precision",
        "value": 0.5,
        "iou": "0.5",
        "threshold": 0.5,
        "split": "test",
        "most": None,
    }
    assert said["confusion"]["counts"] == [[1, 0, 0], [1, 0, 0], [0, 0, 0]]


def test_the_table(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--threshold", "0.5"]) == 0
    out = capsys.readouterr().out
    assert "object-detection on gt.json: 2 pictures, 2 labels, 2 predictions; threshold 0.5 (given)" in out
    assert "mAP50 0.500 0.5 gt.json" in " ".join(out.split())
    assert "\x1b" not in out


def test_a_figure_below_its_limit_is_exit_1(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", *files, "--fail-under", "mAP50=0.5", "--fail-under", "map=0.4"]) == 0
    capsys.readouterr()
    assert main(["evaluate", *files, "--fail-under", "mAP50=0.8", "--json"]) == 1
    told = capsys.readouterr()
    assert json.loads(told.out)["failed"] == ["mAP50 on gt.json is 0.500, below the 0.8 asked for"]
    assert "error: mAP50 on gt.json is 0.500, below the 0.8 asked for" in told.err


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (["--fail-under", "mAP50"], "is no NAME=VALUE"),
        (["--fail-under", "mAP5=0.2"], "there is no figure 'mAP5'"),
        (["--fail-under", "ECE=0.2"], "there is no figure 'ECE'"),
        (["--threshold", "0.5", "--precision", "0.5"], "both choose the threshold"),
        (["--iou", "0"], "is not in the range"),
    ],
)
def test_what_cannot_be_meant(files: list[str], capsys: pytest.CaptureFixture[str], more: list[str], said: str) -> None:
    assert main(["evaluate", *files, *more]) == 2
    assert said in capsys.readouterr().err


def test_files_that_cannot_be_used(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", files[0], str(tmp_path / "none.json")]) == 2
    assert "cannot be read" in capsys.readouterr().err
    (tmp_path / "bad.json").write_text('[{"image_id": 5, "category_id": 1, "bbox": [0, 0, 1, 1], "score": 1}]')
    assert main(["evaluate", files[0], str(tmp_path / "bad.json")]) == 1
    assert "error /0/image_id: the truth has no image 5" in capsys.readouterr().err
    assert main(["evaluate", *files, "--precision", "1", "--iou", "1", "--json"]) == 0


def test_a_bundle_and_a_comparison(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    assert main(["evaluate", *files, "--out", out]) == 0
    assert f"report: {tmp_path / 'out' / 'report.html'}" in capsys.readouterr().out
    assert main(["evaluate", "compare", out, out, "--resamples", "10", "--json"]) == 0
    (other,) = answer(capsys)["others"]
    assert (other["figure"], other["difference"], other["certain"], other["split"]) == ("mAP50", 0, False, "gt.json")
    assert main(["evaluate", "compare", out, out, "--resamples", "10"]) == 0
    assert "may be chance" in capsys.readouterr().out
    assert main(["evaluate", "compare", out]) == 2
    assert main(["evaluate", "compare", out, str(tmp_path)]) == 2
    assert main(["evaluate", *files, "--images", str(tmp_path)]) == 2


def test_a_model_of_the_lab_leaves_the_same_bundle(
    lab: FakeLab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = (COCO % "[2, 3, 20, 10]").replace("photos/a.jpg", "a.jpg").encode()
    monkeypatch.setattr("automation.workflow.learning.evaluate_model", Mock(return_value=dict(PERFORMANCE)))
    monkeypatch.setattr(FakeBlobs, "get", Mock(return_value=labels), raising=False)
    lab.vision.models.there["finder"] = a_model("finder")
    out = lab.folder / "judged"
    words = ("model", "evaluate", "finder", "--dataset", "things")
    assert lab.run(*words, "--json") == 0
    assert "bundle" not in answer(capsys)
    assert lab.run(*words, "--out", str(out), "--json") == 0
    said = answer(capsys)
    assert (said["bundle"], said["evaluation"]["split"]) == (str(out), "things")
    assert said["evaluation"]["confusion"]["counts"] == [[1, 0], [0, 0]]
    assert lab.run(*words, "--out", str(out)) == 0
    assert "finder on things: mAP@50 0.875\nreport: " in capsys.readouterr().out
    assert "data:image/jpeg" in (out / "report.html").read_text("utf-8")
