"""Settings: defaults, types, and that all mistakes come at once."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.course_settings import CoursePart
from infra.labeling_settings import LabelingProject
from infra.people import Person
from infra.settings import KEYS, Budget, Cluster, Principal, Settings, SettingsError, parse_settings

WHO = "5a0c7d3e-41b6-4b0e-9a52-6f4f3f1f2a10"


def mistakes(values: dict[str, Any]) -> list[tuple[str, str | None]]:
    with pytest.raises(SettingsError) as caught:
        parse_settings(values)
    return [(mistake.key.removeprefix("visionlab:"), mistake.nearest) for mistake in caught.value.mistakes]


def test_a_lab_name_is_enough() -> None:
    assert parse_settings({"lab": "fruit"}) == Settings(lab="fruit")


def test_everything_can_be_said() -> None:
    asked = {
        "lab": "fruit",
        "location": "West Europe",
        "resourceGroup": "rg-ms-learn-vision",
        "owner": "anna@example.org",
        "expires": "2027-01-31",
        "suffix": "abc123",
        "containers": ["training-images"],
        "corsOrigins": ["https://ml.azure.com", "https://localhost:8443"],
        "visionSku": "S1",
        "customVision": True,
        "customVisionSku": "S0",
        "labelers": [{"objectId": WHO.upper(), "principalType": "Group"}],
        "dataScientists": [{"objectId": WHO}],
        "grantDeployer": False,
        "deployerType": "Group",
        "budget": {"amount": 20, "emails": ["anna@example.org"], "startDate": "2027-01-01"},
        "lock": True,
        "protect": True,
        "computeCluster": {"name": "gpu", "vmSize": "Standard_NC4as_T4_v3", "maxNodes": 2},
        "labelingProjects": [
            {"name": "fruit", "task": "instance-segmentation", "classes": ["apple", "banana"], "folder": "photos/may"},
            {"name": "kinds", "classes": ["ripe"], "instructions": "https://example.org/how"},
        ],
    }
    expected = Settings(
        lab="fruit",
        location="westeurope",
        resource_group="rg-ms-learn-vision",
        owner="anna@example.org",
        expires="2027-01-31",
        suffix="abc123",
        containers=("training-images",),
        cors_origins=("https://ml.azure.com", "https://localhost:8443"),
        vision_sku="S1",
        custom_vision=True,
        custom_vision_sku="S0",
        labelers=(Principal(object_id=WHO, principal_type="Group"),),
        data_scientists=(Principal(object_id=WHO, principal_type="User"),),
        grant_deployer=False,
        deployer_type="Group",
        budget=Budget(amount=20.0, emails=("anna@example.org",), start_date="2027-01-01"),
        lock=True,
        protect=True,
        compute_cluster=Cluster(name="gpu", vm_size="Standard_NC4as_T4_v3", max_nodes=2),
        labeling_projects=(
            LabelingProject(
                name="fruit",
                task="instance-segmentation",
                classes=("apple", "banana"),
                container="training-images",
                folder="photos/may",
            ),
            LabelingProject(
                name="kinds",
                task="object-detection",
                classes=("ripe",),
                container="training-images",
                instructions="https://example.org/how",
            ),
        ),
    )
    as_pulumi_passes_it = {k: v if isinstance(v, str) else json.dumps(v) for k, v in asked.items()}
    assert parse_settings(asked) == expected
    assert parse_settings(as_pulumi_passes_it) == expected


def test_empty_text_means_not_set() -> None:
    empty = dict.fromkeys(("resourceGroup", "owner", "expires", "suffix", "deployerType", "budget"), "")
    assert parse_settings({"lab": "fruit", **empty}) == Settings(lab="fruit")


def test_all_mistakes_come_at_once_with_key_and_nearest_value() -> None:
    found = mistakes(
        {
            "lab": "Fruit Lab",
            "locaton": "eastus",
            "location": "westeuropa",
            "resourceGroup": "rg.",
            "expires": "31.01.2027",
            "suffix": "x",
            "containers": ["Training_Images", "ok1", "ok1", 7],
            "corsOrigins": ["https://ml.azure.com/labs"],
            "visionSku": "f0",
            "customVision": "yes",
            "customVisionSku": "S1",
            "labelers": [{"objectId": "anna"}, {"objectId": WHO, "principalType": "Users", "name": "x"}],
            "dataScientists": "anna",
            "budget": {"amount": -1, "emails": ["nobody"], "startDate": "2027-01-15"},
            "lock": 1,
            "computeCluster": {"vmSize": "Standard_NC6s_v3", "maxNodes": 0.5},
            "labelingProjects": [
                {"name": "a b", "task": "detection", "classes": []},
                {"name": "ok", "classes": ["x", "X", " "], "container": "ok2", "folder": "/a", "instructions": "no"},
                {"name": "OK", "classes": ["x"], "title": "y"},
            ],
        }
    )
    assert found == [
        ("locaton", "location"),
        ("lab", "fruit-lab"),
        ("location", "westeurope"),
        ("resourceGroup", "rg"),
        ("expires", "2027-01-31"),
        ("suffix", None),
        ("containers[3]", None),
        ("containers[0]", "training-images"),
        ("containers[2]", None),
        ("corsOrigins[0]", "https://ml.azure.com"),
        ("visionSku", "F0"),
        ("customVision", "true"),
        ("customVisionSku", "S0"),
        ("labelers[0].objectId", None),
        ("labelers[1].name", None),
        ("labelers[1].principalType", "User"),
        ("dataScientists", None),
        ("budget.amount", None),
        ("budget.emails[0]", None),
        ("budget.startDate", "2027-01-01"),
        ("lock", "true"),
        ("computeCluster.vmSize", "Standard_NC4as_T4_v3"),
        ("computeCluster.maxNodes", "1"),
        ("labelingProjects[0].name", None),
        ("labelingProjects[0].task", "object-detection"),
        ("labelingProjects[0].classes", "[apple, banana]"),
        ("labelingProjects[1].classes[1]", None),
        ("labelingProjects[1].classes[2]", None),
        ("labelingProjects[1].container", "ok1"),
        ("labelingProjects[1].folder", "a"),
        ("labelingProjects[1].instructions", "https://example.org/how-to-label"),
        ("labelingProjects[2].title", None),
        ("labelingProjects[2].name", None),
    ]


def test_the_message_lists_every_mistake_with_its_full_key() -> None:
    with pytest.raises(SettingsError) as caught:
        parse_settings({"lab": "fruit", "visionSku": "S2", "mlWorkspce": "true"})
    assert str(caught.value) == (
        "2 settings are wrong:\n"
        "  visionlab:mlWorkspce: there is no such setting; did you mean mlWorkspace?\n"
        "  visionlab:visionSku: 'S2' is not one of F0, S1; did you mean S1?"
    )


def test_a_lab_without_a_name_is_refused() -> None:
    assert mistakes({}) == [("lab", "pulumi config set lab my-lab")]


def test_what_needs_the_ml_workspace_is_refused_without_it() -> None:
    values = {
        "lab": "fruit",
        "mlWorkspace": False,
        "labelers": [{"objectId": WHO}],
        "computeCluster": {"vmSize": "Standard_NC4as_T4_v3", "maxNodes": 1},
        "labelingProjects": [{"name": "fruit", "classes": ["apple"]}],
    }
    needing = ("labelers", "computeCluster", "labelingProjects")
    assert mistakes(values) == [(key, "mlWorkspace: true") for key in needing]


SEAT = {"course": "botany", "seat": "anna-k3x7qa", "sharedStack": "botany.shared"}


def test_a_seat_has_a_name_of_its_own_whatever_lab_says() -> None:
    settings = parse_settings(
        {
            **SEAT,
            "lab": "vision-course",
            "person": {"objectId": WHO.upper(), "email": "anna@example.org"},
            "sharedWorkspace": "true",
            "protectFromCleanup": "2027-01-31",
        }
    )
    assert (settings.lab, settings.protect_from_cleanup) == ("botany-anna-k3x7qa", "2027-01-31")
    assert settings.course == CoursePart(
        course="botany",
        seat="anna-k3x7qa",
        shared_stack="botany.shared",
        person=Person(object_id=WHO, principal_type="User", email="anna@example.org"),
        shared_workspace=True,
    )


def test_the_shared_parts_are_named_so_and_take_the_settings_of_seats() -> None:
    settings = parse_settings({"course": "botany", "mlWorkspace": False, "dataScientists": [{"objectId": WHO}]})
    assert (settings.lab, settings.course) == ("botany-shared", CoursePart(course="botany"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"lab": "fruit", "seat": "anna-k3x7qa"}, [("seat", "course: my-course")]),
        ({"lab": "fruit", "containerRegistry": "true"}, [("containerRegistry", "course: my-course")]),
        ({"course": "Botany"}, [("course", None)]),
        ({"course": "botany", "seat": "shared", "sharedStack": "x"}, [("seat", None)]),
        ({"course": "botany", "seat": "anna-k3x7qa"}, [("sharedStack", "botany.shared")]),
        ({"course": "botany", "person": {"objectId": WHO}}, [("person", "seat: anna-k3x7qa")]),
        (
            {**SEAT, "person": {"objectId": WHO, "email": "anna", "name": "x"}},
            [("person.name", None), ("person.email", None)],
        ),
        ({**SEAT, "person": {"email": "anna@example.org"}}, [("person.objectId", None)]),
        (
            {**SEAT, "labelers": [{"objectId": WHO}], "resourceGroup": "rg"},
            [("resourceGroup", None), ("labelers", None)],
        ),
        (
            {**SEAT, "sharedWorkspace": True, "labelingProjects": [{"name": "fruit", "classes": ["apple"]}]},
            [("labelingProjects", None)],
        ),
        ({"lab": "fruit", "protectFromCleanup": "ever"}, [("protectFromCleanup", "2027-01-31")]),
    ],
)
def test_parts_of_a_course_that_do_not_fit_together_are_refused(
    values: dict[str, Any], expected: list[tuple[str, str | None]]
) -> None:
    assert mistakes(values) == expected


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "-1", "0", "1e30", "true", "[]"])
def test_an_amount_that_is_no_amount_is_refused(bad: str) -> None:
    budget = json.dumps({"amount": None, "emails": ["a@b.de"], "startDate": "2027-01-01"}).replace("null", bad)
    assert ("budget.amount", None) in mistakes({"lab": "fruit", "budget": budget})


@given(values=st.dictionaries(st.sampled_from(KEYS), st.text(max_size=12) | st.integers() | st.booleans() | st.none()))
def test_whatever_is_given_ends_in_settings_or_in_a_list_of_mistakes(values: dict[str, Any]) -> None:
    try:
        settings = parse_settings(values)
    except SettingsError as error:
        assert error.mistakes  # noqa: PT017 # either end is right; anything else is a crash
    else:
        assert settings.lab == (settings.course.lab if settings.course else values["lab"])
