import pytest

from localazure.errors import AzureError
from localazure.faults import Faults


def test_a_rule_strikes_its_method_and_path_as_often_as_asked() -> None:
    faults = Faults()
    faults.replace(
        {"rules": [{"kind": "throttle", "method": "put", "path": "storageAccounts", "count": 2, "retryAfter": 3}]}
    )
    hits = [faults.strike("PUT", "/x/storageaccounts/y") for _ in range(3)]
    assert [hit is not None for hit in hits] == [True, True, False]
    assert (faults.strike("GET", "/x/storageAccounts/y"), faults.rules()[0]["left"]) == (None, 0)
    first = hits[0]
    assert first is not None
    assert (first.error().status, first.error().headers) == (429, {"Retry-After": "3"})


def test_retry_after_is_never_zero() -> None:
    faults = Faults()
    assert faults.replace({"rules": [{"kind": "throttle", "retryAfter": 0}]})[0]["retryAfter"] == 1


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "gremlin"},
        {"kind": "error", "wat": 1},
        {"kind": "error", "path": "("},
        {"kind": "error", "status": "x"},
        7,
    ],
)
def test_a_wrong_rule_changes_nothing(rule: object) -> None:
    faults = Faults()
    faults.replace({"rules": [{"kind": "slow"}]})
    with pytest.raises(AzureError) as caught:
        faults.replace({"rules": [{"kind": "error"}, rule]})
    assert caught.value.code == "InvalidFaultRule"
    assert [kept["kind"] for kept in faults.rules()] == ["slow"]


def test_rules_for_resources_hit_no_requests() -> None:
    faults = Faults()
    faults.replace({"rules": [{"kind": "stuck", "path": "/vaults/", "seconds": 90}, {"kind": "soft-deleted"}]})
    assert faults.strike("DELETE", "/x/vaults/y") is None
    assert [faults.stuck_s(path) for path in ("/x/Vaults/y", "/x/accounts/y")] == [90.0, 0.0]
    assert faults.soft_deleted("/x/accounts/y") is True


def test_a_training_rule_hits_models_and_no_requests() -> None:
    faults = Faults()
    faults.replace({"rules": [{"kind": "training", "path": "^fruit", "code": "notEnoughBudget", "count": 1}]})
    assert faults.strike("PUT", "/fruit") is None
    assert [faults.training(name) for name in ("pets", "fruitdetector", "fruitdetector")] == [
        None,
        "notEnoughBudget",
        None,
    ]
