"""A lab whose resources are somebody else's: read with every mistake, used, and never changed."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from automation.clock import SystemClock
from automation.errors import ConfigError, Refused
from automation.provision import LabOutputs
from automation.workflow import Lab, parse_lab, read_lab
from automation.workflow.fingerprints import program
from automation.workflow.lab_file import read_home
from automation.workflow.provisioned import read_provisioned
from automation.workflow.workbench import Workbench
from tests.automation.azure.fakes import FakeTokens, a_cloud, a_rest, an_arm

OUTPUTS = LabOutputs(
    lab="botany-anna-x7q2",
    stack="botany.anna-x7q2",
    location="eastus",
    subscription_id="s",
    tenant_id="t",
    resource_group="rg-botany-anna-x7q2",
    resource_group_id="/subscriptions/s/resourceGroups/rg-botany-anna-x7q2",
    storage_account="stbotany",
    storage_account_id="/subscriptions/s/st",
    blob_endpoint="https://stbotany.blob.core.windows.net",
    containers=("training-images", "evaluation-images"),
    vision_account="vis",
    vision_account_id="/subscriptions/s/vis",
    vision_endpoint="https://vis.cognitiveservices.azure.com",
    vision_principal_id="p",
    custom_vision_training_id=None,
    custom_vision_prediction_id=None,
    custom_vision_endpoint=None,
    ml_workspace=None,
    ml_workspace_id=None,
    ml_workspace_principal_id=None,
    key_vault=None,
    key_vault_id=None,
    log_analytics_workspace_id=None,
    app_insights_id=None,
    datastores={},
    expires=None,
)
WHOSE = {"course": "botany", "seat": "anna-x7q2"}
SEAT = """\
name: botany-a-name-longer-than-24-x7q2
provisioned: outputs.json
home: ../home
images:
  training-images: {path: photos}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "seat" / "photos").mkdir(parents=True)
    (tmp_path / "seat" / "outputs.json").write_text(json.dumps(asdict(OUTPUTS) | WHOSE))
    return tmp_path / "seat"


def seat_lab(folder: Path, text: str = SEAT) -> Lab:
    return parse_lab(text.encode(), folder / "lab.yaml")


def test_outputs_and_home_are_read(folder: Path) -> None:
    lab = seat_lab(folder)
    assert lab.provisioned is not None
    assert lab.provisioned.outputs == OUTPUTS
    assert lab.provisioned.whose == "the seat anna-x7q2 of the course botany"
    assert lab.home is not None
    assert lab.home.resolve() == folder.parent / "home"
    (folder / "lab.yaml").write_text(SEAT + "oops: [")
    assert read_home(folder) is None
    (folder / "lab.yaml").write_text(SEAT + "oops: 1")
    assert read_home(folder / "lab.yaml") == lab.home


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("outputs.json", "output.json", "missing-file lab.yaml:2: provisioned: the file 'output.json' is not there"),
        (
            "training-images:",
            "trainin-images:",
            "dangling-name lab.yaml:5: images.trainin-images: outputs.json has no container 'trainin-images'",
        ),
        (
            "images:\n",
            "state: {}\nimages:\n",
            "unused-key lab.yaml:4: state: resources that are provisioned elsewhere ignore it",
        ),
        ("../home", "photos/../outputs.json", "missing-folder lab.yaml:3: home: 'photos/../outputs.json' is no folder"),
        ("home: ../home", "home: 7", "wrong-type lab.yaml:3: home: this must be text"),
        (
            "provisioned: outputs.json\n",
            "",
            "bad-name lab.yaml:1: name: 'botany-a-name-longer-than-24-x7q2' is refused",
        ),
    ],
)
def test_mistakes_have_their_line(folder: Path, old: str, new: str, found: str) -> None:
    with pytest.raises(ConfigError) as caught:
        seat_lab(folder, SEAT.replace(old, new))
    assert [f"{f.code} {f.where}: {f.message}"[: len(found)] for f in caught.value.findings] == [found]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("[1]", "outputs.json is no JSON object of outputs"),
        ("{", "outputs.json is no JSON (Expecting"),
        ("{}", "the stack has no output lab, stack"),
        ("x" * 1_000_001, "outputs.json is no JSON object of outputs"),
    ],
)
def test_a_file_that_is_no_outputs_is_said_at_its_key(folder: Path, content: str, message: str) -> None:
    (folder / "outputs.json").write_text(content)
    with pytest.raises(ConfigError) as caught:
        seat_lab(folder, SEAT.partition("images:")[0])
    (finding,) = caught.value.findings
    assert (finding.code, finding.where) == ("bad-outputs", "lab.yaml:2: provisioned")
    assert finding.message.startswith(message)


def a_seat_bench(lab: Lab) -> Workbench:
    return Workbench(lab, home=lab.folder / ".visionlab", environment={}, clock=SystemClock())


def test_the_workbench_knows_outputs_and_refuses_the_stack(folder: Path) -> None:
    bench = a_seat_bench(seat_lab(folder))
    assert bench.outputs() == OUTPUTS
    assert bench.local is not None
    assert bench.local.state_dir.resolve() == folder.parent / "home" / "local"
    for act in (lambda: bench.stack, bench.resources):
        with pytest.raises(Refused) as caught:
            act()
        assert "those of the seat anna-x7q2 of the course botany" in str(caught.value)
        assert str(caught.value.hint).startswith("whoever teaches botany does that")


def test_without_a_course_the_other_stack_is_named(folder: Path) -> None:
    (folder / "outputs.json").write_text(json.dumps(asdict(OUTPUTS)))
    assert read_provisioned(folder / "outputs.json").whose == "the stack botany.anna-x7q2 of another lab"


def test_what_the_outputs_name_is_what_the_report_shows(folder: Path) -> None:
    account = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/stbotany"
    changed = replace(OUTPUTS, storage_account_id=account)
    (folder / "outputs.json").write_text(json.dumps(asdict(changed)))
    group = OUTPUTS.resource_group_id
    assert read_provisioned(folder / "outputs.json").resources[:2] == [
        ("Microsoft.Resources/resourceGroups", "rg-botany-anna-x7q2", group),
        ("Microsoft.Storage/storageAccounts", "stbotany", account),
    ]


def test_a_lab_is_provisioned_anew_when_its_outputs_are_others(folder: Path) -> None:
    lab = seat_lab(folder)
    assert lab.provisioned is not None
    other: Any = replace(lab.provisioned, outputs=replace(OUTPUTS, storage_account="stother"))
    assert program(lab) == program(seat_lab(folder))
    assert program(lab) != program(replace(lab, provisioned=other))


def test_the_whole_file_is_read_from_disk(folder: Path) -> None:
    (folder / "lab.yaml").write_text(SEAT)
    assert read_lab(folder).provisioned == seat_lab(folder).provisioned


def test_exports_are_where_the_workspace_writes_them(folder: Path) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        account = "/subscriptions/s/resourceGroups/rg-shared/providers/Microsoft.Storage/storageAccounts/stshared"
        if request.url.path == account:
            endpoint = {"blob": "https://stshared.blob.core.windows.net/"}
            return httpx.Response(200, json={"properties": {"primaryEndpoints": endpoint}})
        return httpx.Response(200, json={"properties": {"storageAccount": account}})

    def stores_of(workspace_id: str | None) -> tuple[str, str]:
        lab = seat_lab(folder)
        assert lab.provisioned is not None
        there: Any = replace(lab.provisioned, outputs=replace(OUTPUTS, ml_workspace_id=workspace_id))
        bench = a_seat_bench(replace(lab, provisioned=there))
        bench.__dict__.update(cloud=a_cloud(), tokens=FakeTokens(), rest=a_rest(answer), arm=an_arm(answer))
        return bench.blobs.account, bench.export_blobs.account

    shared = "/subscriptions/s/resourceGroups/rg-shared/providers/Microsoft.MachineLearningServices/workspaces/mlw"
    assert stores_of(shared) == ("stbotany", "stshared")
    assert stores_of(shared.replace("rg-shared", "RG-botany-anna-x7q2")) == ("stbotany", "stbotany")
    assert stores_of(None) == ("stbotany", "stbotany")
