"""What a lab will cost: the parts that its settings come to, and the sums over them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from automation.cost import Estimate, Training, Work, caveats, estimate, parts_of, prediction_price, training_price

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = ROOT / "tests" / "infra" / "golden"
ARM = {
    "azure-native:storage:StorageAccount": "Microsoft.Storage/storageAccounts",
    "azure-native:cognitiveservices:Account": "Microsoft.CognitiveServices/accounts",
    "azure-native:keyvault:Vault": "Microsoft.KeyVault/vaults",
    "azure-native:operationalinsights:Workspace": "Microsoft.OperationalInsights/workspaces",
    "azure-native:applicationinsights:Component": "Microsoft.Insights/components",
    "azure-native:machinelearningservices:Workspace": "Microsoft.MachineLearningServices/workspaces",
    "azure-native:machinelearningservices:Compute": "Microsoft.MachineLearningServices/workspaces/computes",
    "azure-native:containerregistry:Registry": "Microsoft.ContainerRegistry/registries",
}
FREE = {  # what has no meter: records of Resource Manager, and parts of what has one
    "ResourceGroup", "RoleAssignment", "ManagementLockByScope", "Budget", "BlobServiceProperties", "BlobContainer",
    "Datastore", "DataVersion", "LabelingJob",
}  # fmt: skip
SEAT = {"course": "botany", "seat": "anna-k3x7qa", "sharedStack": "botany.shared", "visionSku": "S1"}
FORMS: dict[str, dict[str, Any]] = {
    "azure": {"customVision": "true"},
    "local": {"visionSku": "S1"},
    "course": {
        "visionSku": "S1",
        "customVision": "true",
        "customVisionSku": "S0",
        "computeCluster": '{"name": "training", "vmSize": "Standard_NC4as_T4_v3", "maxNodes": 1}',
    },
    "course-shared": {"course": "botany", "containerRegistry": True, "sharedWorkspace": True},
    "course-seat": SEAT,
    "course-small-seat": {**SEAT, "sharedWorkspace": True},
}
COURSE = parts_of(FORMS["course"])
WORK = Work(pictures=1000, picture_bytes=2 * 10**9, trainings=(Training(name="m", budget_hours=3),), predictions=500)


@pytest.mark.parametrize("form", FORMS)
def test_parts_are_those_that_the_program_makes(form: str) -> None:
    resources = json.loads((GOLDEN / f"{form}.json").read_text("utf-8"))["resources"]
    made: list[tuple[str, str]] = []
    for resource in resources:
        if resource["type"] in ARM:
            inputs = resource["inputs"]
            machine = inputs["properties"]["properties"]["vmSize"] if resource["type"].endswith("Compute") else ""
            made.append((ARM[resource["type"]], machine or inputs.get("sku", {}).get("name", "")))
        elif resource["type"].startswith("azure-native:"):
            assert resource["type"].rpartition(":")[2] in FREE, "a kind of which nobody has asked what it costs"
    here = [(part.type, "standard" if part.type.endswith("vaults") else part.sku) for part in parts_of(FORMS[form])]
    made = [(kind, sku or "standard" if kind.endswith("vaults") else sku) for kind, sku in made]
    assert sorted(here) == sorted(made)


def test_a_setting_that_is_no_object_is_left_to_the_program_to_refuse() -> None:
    assert parts_of({"computeCluster": "{name: training"}) == parts_of({})


def test_a_run_and_a_month_are_summed_by_line() -> None:
    found = estimate([("", 1, COURSE, WORK)], region="eastus")
    idle = {line.of: str(line.money) for line in found.idle}
    assert idle["storage account"] == "USD 0.04 a month", "2 GB of 0.0184"
    assert idle["Custom Vision, training"] == "USD 0.70 a month", "it keeps 1,000 pictures"
    assert idle["compute cluster"] == "USD 10.04 a month", "its load balancer"
    run = {line.of: str(line.money) for line in found.run}
    assert run == {
        "images": "USD 0.0050 a run",
        "datasets": "USD 2.00 a run",
        "training": "USD 30.00 a training",
        "prediction": "USD 1.00 a run",
    }
    assert str(found.idle_total) == "USD 10.77"
    assert str(found.run_total) == "USD 33.01"


def test_seats_are_counted_and_shared_parts_stand_once() -> None:
    shared = parts_of({"course": "botany", "containerRegistry": True})
    seat = parts_of(SEAT)
    found = estimate([("shared", 1, shared, Work()), ("standard seat", 30, seat, WORK)], region="eastus")
    lines = {line.of: line for line in found.idle}
    assert str(lines["shared: container registry"].money) == "USD 5.08 a month"
    assert lines["standard seat: storage account"].times == 30
    assert str(lines["standard seat: storage account"].money) == "USD 1.10 a month"
    assert "log workspace" not in {part.name for part in seat}, "a seat uses the course's"
    assert str(found.run_total).startswith("USD 285.")


def test_an_unknown_price_is_no_zero_and_said() -> None:
    parts = parts_of({"computeCluster": {"vmSize": "Standard_Imagined"}})
    found = estimate([("", 1, parts, WORK)], region="eastus")
    assert next(line for line in found.run if line.of == "training").money is None
    assert str(found.run_total).startswith("at least USD")
    assert found.run_total.unknown == 2, "the training, and predictions by a machine that one pays oneself"
    assert any("nobody should take it for nothing" in line for line in caveats(found, today=date(2026, 11, 21)))


def test_an_estimate_names_its_region_and_says_what_is_not_in_it() -> None:
    def cluster(region: str) -> Estimate:
        work = Work(trainings=(Training(name="m", budget_hours=10),))
        parts = [part for part in COURSE if part.kind != "CustomVision.Training"]
        return estimate([("", 1, parts, work)], region=region)

    said = caveats(cluster("westeurope"), today=date(2026, 11, 21))
    assert said[0] == "list prices: taxes and discounts are not in them"
    assert said[1].startswith("where westeurope is not in the table, prices of centralus")
    assert "the oldest price in it is of 2023-03-01, look again before you rely on it" in said
    here = caveats(cluster("southcentralus"), today=date(2026, 11, 21))
    assert not any("is not in the table" in line for line in here)
    assert str(cluster("southcentralus").run_total) == "USD 6.31"
    young = caveats(cluster("eastus"), today=date(2023, 4, 1))
    assert not any("look again" in line for line in young)


def test_trainings_have_the_price_of_their_back_end() -> None:
    assert str(training_price("custom-vision", 2)) == "USD 20.00 a training"
    assert str(training_price("custom-vision", 2, sku="F0")) == "USD 0.00 a training"
    assert str(training_price("image-analysis", 0.5)) == "USD 1.50 a training"
    assert str(training_price("automl", 2, machine="standard_nc4as_t4_v3", location="westus")) == "USD 1.26 a training"
    assert training_price("automl", 2) is None
    assert str(prediction_price("image-analysis", 250)) == "USD 0.25 a run"
    assert prediction_price("automl", 250) is None
