"""Names: every rule of Azure, and that a lab's names keep them."""

import re
from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.naming import RULES, assignment_name, datastore_name, lab_names, unique_suffix, why_not

LABS = st.from_regex(re.compile(RULES["lab"].pattern, re.ASCII), fullmatch=True).filter(lambda name: len(name) <= 24)
SUFFIXES = st.from_regex(r"[a-z0-9]{3,8}", fullmatch=True)
RULE_OF = {"custom_vision_training": "vision_account", "custom_vision_prediction": "vision_account"}


@given(lab=LABS, stack=st.text(max_size=60), suffix=SUFFIXES)
def test_all_names_of_any_lab_keep_azures_rules(lab: str, stack: str, suffix: str) -> None:
    names = asdict(lab_names(lab=lab, stack=stack, suffix=suffix))
    refused = {kind: why_not(RULE_OF.get(kind, kind), name) for kind, name in names.items()}
    assert refused == dict.fromkeys(names)


@given(
    course=st.from_regex(re.compile(RULES["course"].pattern, re.ASCII), fullmatch=True),
    seat=st.from_regex(re.compile(RULES["seat"].pattern, re.ASCII), fullmatch=True),
)
def test_all_names_of_any_seat_keep_azures_rules(course: str, seat: str) -> None:
    lab = f"{course}-{seat}"
    names = asdict(lab_names(lab=lab, stack=f"{course}.{seat}", suffix="abc123", resource_group=f"rg-{lab}"))
    refused = {kind: why_not(RULE_OF.get(kind, kind), name) for kind, name in names.items()}
    assert refused == dict.fromkeys(names)


@given(container=st.from_regex(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", fullmatch=True))
def test_a_datastore_keeps_its_rule_and_tells_its_container(container: str) -> None:
    assert why_not("datastore", datastore_name(container)) is None
    assert datastore_name(container).replace("_", "-") == container


def test_the_names_of_one_lab() -> None:
    names = lab_names(lab="fruit-lab", stack="local", suffix="abc123")
    assert asdict(names) == {
        "resource_group": "rg-fruit-lab-local",
        "storage_account": "stfruitlababc123",
        "vision_account": "cv-fruit-lab-abc123",
        "custom_vision_training": "cvt-fruit-lab-abc123",
        "custom_vision_prediction": "cvp-fruit-lab-abc123",
        "key_vault": "kv-fruit-lab-abc123",
        "log_workspace": "log-fruit-lab-abc123",
        "app_insights": "appi-fruit-lab-abc123",
        "ml_workspace": "mlw-fruit-lab-abc123",
        "container_registry": "crfruitlababc123",
        "budget": "budget-fruit-lab-abc123",
        "lock": "lock-fruit-lab-abc123",
    }


def test_long_lab_names_are_cut_where_azure_has_less_room() -> None:
    names = lab_names(
        lab="custom-object-detection1", stack="local", suffix="abc123", resource_group="rg-ms-learn-vision"
    )
    assert names.storage_account == "stcustomobjectdeteabc123"
    assert names.key_vault == "kv-custom-object-abc123"
    assert names.ml_workspace == "mlw-custom-object-detectio-abc123"
    assert names.resource_group == "rg-ms-learn-vision"


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("lab", "fruit-2", "Fruit"),
        ("lab", "a", "a--b"),
        ("lab", "a" * 24, "a" * 25),
        ("suffix", "abc", "ab"),
        ("resource_group", "rg.(x)_-1", "rg."),
        ("resource_group", "r" * 90, "r" * 91),
        ("storage_account", "abc", "ab"),
        ("storage_account", "a" * 24, "a" * 25),
        ("storage_account", "st1", "st-1"),
        ("container", "images", "Images"),
        ("container", "a-b", "a--b"),
        ("container", "a" * 63, "a" * 64),
        ("container", "a1b", "-ab"),
        ("container", "blobs", "workspaceblobstore"),
        ("vision_account", "cv", "c"),
        ("vision_account", "c" * 64, "c" * 65),
        ("key_vault", "kv1", "1kv"),
        ("key_vault", "k-v", "k--v"),
        ("key_vault", "k" * 24, "k" * 25),
        ("log_workspace", "logs", "log"),
        ("app_insights", "appi-1", "appi."),
        ("ml_workspace", "mlw", "ml"),
        ("ml_workspace", "m" * 33, "m" * 34),
        ("datastore", "training_images", "training-images"),
        ("container_registry", "cr123", "cr-123"),
        ("course", "botany-1", "1botany"),
        ("course", "b" * 31, "b"),
        ("seat", "anna-k3x7qa", "anna."),
        ("seat", "sha", "shared"),
        ("compute", "cpu", "c2"),
        ("compute", "cpu-1", "1-cpu"),
        ("budget", "b_1", "b 1"),
        ("lock", "keep", "keep."),
    ],
)
def test_a_rule_takes_the_good_name_and_refuses_the_bad_one(kind: str, good: str, bad: str) -> None:
    assert why_not(kind, good) is None
    assert why_not(kind, bad) is not None


@pytest.mark.parametrize("kind", sorted(set(RULES) - {"lab"}))
def test_letters_beyond_ascii_and_line_ends_are_refused(kind: str) -> None:
    assert why_not(kind, "çontainer") is not None
    assert why_not(kind, "abcdef\n") is not None


def test_the_suffix_is_the_same_in_every_run_and_depends_on_each_part() -> None:
    suffix = unique_suffix(subscription_id="11111111-AAAA", lab="fruit", stack="local")
    assert suffix == "kqnvmq"
    assert suffix == unique_suffix(subscription_id="11111111-aaaa", lab="fruit", stack="local")
    others = [("2", "fruit", "local"), ("11111111-AAAA", "pets", "local"), ("11111111-AAAA", "fruit", "azure")]
    assert suffix not in {unique_suffix(subscription_id=s, lab=lab, stack=stack) for s, lab, stack in others}


def test_one_grant_has_one_name() -> None:
    name = assignment_name(scope="/subscriptions/S", principal_id="P", role_id="R")
    assert name == assignment_name(scope="/subscriptions/s", principal_id="p", role_id="r")
    assert name == "a08b7eb6-b2d9-5c8d-81c9-93f1d8b097e2"
    assert name != assignment_name(scope="/subscriptions/s", principal_id="q", role_id="r")
