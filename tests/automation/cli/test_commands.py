"""The commands on a lab without an Azure: results on stdout, talk on stderr, nothing done unasked."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from automation.cli import options
from automation.cli.app import main
from automation.errors import InvalidRequest
from automation.training import Prediction
from automation.workflow import lab_file
from tests.automation.cli.cli_fakes import COCO, FakeLab, a_model


def answer(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_images_upload_checks_then_sends(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("images", "upload", "--json") == 0
    assert answer(capsys) == {"training-images": {"uploaded": ["a.jpg"], "skipped": [], "bytes_sent": 10}}


def test_one_bad_picture_stops_the_upload_before_it_begins(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    (lab.folder / "photos" / "b.jpg").write_bytes(b"")
    (lab.folder / "photos" / "c.jpg").write_bytes(b"no picture")
    assert lab.run("images", "upload") == 1
    err = capsys.readouterr().err
    assert "b.jpg: the file has no bytes" in err
    assert "c.jpg: this is no picture that can be read" in err
    assert lab.blobs.uploads == []


def test_an_unknown_container_names_the_nearest(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("images", "upload", "training-image") == 2
    assert "what to do: did you mean 'training-images'?" in capsys.readouterr().err


def test_a_wrong_lab_file_lists_its_mistakes(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    (lab.folder / "lab.yaml").write_text("name: Fruit\nimages: {training-images: {path: nowhere}}\n")
    assert lab.run("images", "upload") == 2
    err = capsys.readouterr().err
    assert "error: lab.yaml has 2 mistakes" in err
    assert "  error lab.yaml:2: images.training-images.path: the folder 'nowhere' is not there" in err


def test_a_mistyped_step_is_said_before_the_lab_is_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(tmp_path / "lab.yaml"), "--until", "trian"]) == 2
    assert "there is no step 'trian'\nwhat to do: did you mean 'train'?" in capsys.readouterr().err


def test_a_missing_lab_file_says_how_to_get_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lab", "status", "-f", str(tmp_path / "lab.yaml")]) == 2
    assert "run `visionlab init` to make one" in capsys.readouterr().err


def test_model_show_has_the_services_own_figures(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.vision.models.there["finder"] = a_model("finder")
    assert lab.run("model", "show", "finder", "--json") == 0
    told = answer(capsys)
    assert (told["status"], told["modelPerformance"]["meanAveragePrecision50"]) == ("succeeded", 0.875)

    assert lab.run("model", "show", "finder") == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["apple", "averagePrecision50", "0.875"]


def test_a_service_that_says_no_is_told_with_its_request(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("model", "show", "finder") == 1
    err = capsys.readouterr().err.splitlines()
    assert err == ["error: get model finder: Resource not found [404]", "request: r-1"]


def test_predict_prints_what_it_found_and_draws_it(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    lab.vision.models.there["finder"] = a_model("finder")
    picture, out = lab.folder / "photos" / "a.jpg", lab.folder / "found"

    assert lab.run("predict", str(picture.parent), "--model", "finder", "--out", str(out), "--json") == 0

    (told,) = answer(capsys)
    assert told["image"] == str(picture)
    assert [(box["label"], box["score"]) for box in told["boxes"]] == [("apple", 0.9), ("apple", 0.1)]
    with Image.open(out / "a.jpg") as drawn, Image.open(picture) as source:
        assert drawn.size == source.size
        assert drawn.tobytes() != source.tobytes()

    assert lab.run("predict", str(picture), "--model", "finder") == 0
    assert capsys.readouterr().out.splitlines() == [
        "picture  what   score  box",
        "a.jpg    apple  0.90   2,3 20x10",
    ]


def test_predict_names_the_picture_that_the_service_cannot_use(
    lab: FakeLab, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Prediction:
        message = "The image cannot be used. InvalidImageFormat: it is damaged"
        raise InvalidRequest(message, operation="analyze a picture", status=400, code="InvalidRequest")

    monkeypatch.setattr(lab.vision, "analyze", refuse)
    picture = lab.folder / "photos" / "a.jpg"
    assert lab.run("predict", str(picture), "--model", "finder") == 1
    assert capsys.readouterr().err.splitlines()[-4:] == [
        "error: no prediction for a.jpg",
        f"  error {picture}: The image cannot be used. InvalidImageFormat: it is damaged",
        "      mend this picture, or leave it out",
        "what to do: then run the command again",
    ]


def test_predict_names_pictures_that_are_not_there(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("predict", "nowhere.jpg", "--model", "finder") == 2
    assert capsys.readouterr().err.startswith("error: there is no nowhere.jpg")


def test_dataset_check_finds_everything_without_an_azure(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    (lab.folder / "labels.json").write_text((COCO % "[2, 3, 200, 10]").replace("photos/a.jpg", "photos/b.jpg"))
    (lab.folder / "photos" / "c.png").write_bytes(b"")
    assert lab.run("dataset", "check", "--json") == 1
    found = answer(capsys)["error"]["findings"]
    codes = {finding["code"] for finding in found if finding["severity"] == "error"}
    assert {"missing-picture", "picture-empty", "box-outside-image"} <= codes


def test_nothing_is_torn_down_where_there_is_nothing(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("lab", "down", "--json") == 0
    nothing: dict[str, list[str]] = {"steps": [], "checked": [], "left_behind": [], "kept": []}
    assert answer(capsys) == {"resource_group": "", "receipt": "", **nothing}


def test_what_nobody_confirms_is_not_done(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    state = lab.folder / ".visionlab" / "local"
    state.mkdir(parents=True)
    assert lab.run("local", "reset") == 1
    assert "nobody is here to say yes" in capsys.readouterr().err
    assert state.exists()


def test_a_lab_that_another_process_holds_is_refused(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    script = (
        "import sys; from pathlib import Path; from automation.clock import SystemClock\n"
        "from automation.workflow.lock import lab_lock\n"
        "with lab_lock(Path(sys.argv[1]), command='visionlab run lab.yaml', clock=SystemClock()):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    lock = lab.folder / ".visionlab" / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert lab.run("images", "upload") == 1
        assert f"in use by `visionlab run lab.yaml`, process {holder.pid} on" in capsys.readouterr().err
        os.kill(holder.pid, signal.SIGKILL)
    assert lab.run("images", "upload") == 0


def test_init_never_overwrites_a_file_of_the_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lab.yaml").write_text("name: mine\n")
    assert main(["init", str(tmp_path), "--template", "empty"]) == 1
    assert "has lab.yaml already, with other content" in capsys.readouterr().err
    assert (tmp_path / "lab.yaml").read_text() == "name: mine\n"


def test_an_empty_lab_can_be_read_and_made_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "new"), "--template", "empty", "--json"]) == 0
    assert answer(capsys)["written"] == ["lab.yaml"]
    assert main(["init", str(tmp_path / "new"), "--template", "empty", "--json"]) == 0
    assert answer(capsys)["written"] == []


def test_local_status_without_a_local_azure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["local", "status", "-f", str(tmp_path / "lab.yaml"), "--json"]) == 0
    told = answer(capsys)
    assert (told["running"], told["state_dir"]) == (False, str(tmp_path / ".visionlab" / "local"))


def test_the_state_folder_can_be_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VISIONLAB_HOME", str(tmp_path / "home"))
    assert main(["local", "status", "--json"]) == 0
    assert answer(capsys)["state_dir"] == str(tmp_path / "home" / "local")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_speaks_of_visionlab(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    assert "_VISIONLAB_COMPLETE" in capsys.readouterr().out


@pytest.mark.parametrize("words", [["run"], ["lab", "up"], ["lab", "preview", "--stack", "azure"], ["lab", "refresh"]])
def test_without_credentials_azure_ends_at_once_in_a_clear_message(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], nobody: None
) -> None:
    stack = "local" if "--stack" in words else "azure"
    (tmp_path / "lab.yaml").write_text(f"name: fruit\nstack: {stack}\n")
    assert main([*words, *([] if words == ["run"] else ["-f"]), str(tmp_path / "lab.yaml")]) == 2
    err = capsys.readouterr().err
    assert "error: nobody is signed in to Azure, which the stack 'azure' is on" in err
    assert "run `az login`" in err
    assert not (tmp_path / ".visionlab" / "pulumi-azure").exists()


def test_the_embedded_engine_never_works_on_azure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], nobody: None
) -> None:
    (tmp_path / "lab.yaml").write_text("name: fruit\nstack: azure\n")
    assert main(["lab", "up", "--engine", "embedded", "-f", str(tmp_path / "lab.yaml")]) == 2
    assert "leave `--engine embedded` out" in capsys.readouterr().err


def test_a_state_that_is_none_is_not_imported(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    (lab.folder / "state.json").write_text("[]")
    assert lab.run("lab", "import", str(lab.folder / "state.json")) == 2
    assert "is no deployment JSON" in capsys.readouterr().err


def test_the_stacks_of_the_option_are_those_of_the_lab_file() -> None:
    assert options.STACKS == lab_file.STACKS


def test_the_status_of_a_lab_that_is_not_there_says_so(lab: FakeLab, capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.run("lab", "status") == 0
    assert capsys.readouterr().out.splitlines() == [
        "fruit on local: not provisioned, no resources",
        "steps open  provision, images, files, datasets, train, report",
    ]
