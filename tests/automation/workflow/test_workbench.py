"""The workbench: where things are, and what is said where they cannot be."""

from pathlib import Path

import pytest

from automation.clock import SystemClock
from automation.errors import ConfigError
from automation.workflow import Lab
from automation.workflow.passphrase import stack_passphrase
from automation.workflow.workbench import Workbench


def a_bench(tmp_path: Path, stack: str, environment: dict[str, str] | None = None) -> Workbench:
    lab = Lab(path=tmp_path / "lab.yaml", name="fruit", stack=stack)
    return Workbench(lab, home=tmp_path / ".visionlab", environment=environment or {}, clock=SystemClock())


def test_the_passphrase_is_random_kept_and_its_owners_alone(tmp_path: Path) -> None:
    text = stack_passphrase(tmp_path / "new")
    assert len(text) == 43
    assert stack_passphrase(tmp_path / "new") == text
    assert (tmp_path / "new" / "passphrase").stat().st_mode & 0o777 == 0o600


def test_a_passphrase_file_that_was_never_written_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "passphrase").touch()
    assert len(stack_passphrase(tmp_path)) == 43


def test_azure_needs_a_subscription(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nobody is signed in to Azure") as caught:
        _ = a_bench(tmp_path, "azure").cloud
    assert "AZURE_SUBSCRIPTION_ID" in str(caught.value.hint)
    cloud = a_bench(tmp_path, "azure", {"AZURE_SUBSCRIPTION_ID": "s"}).cloud
    assert (cloud.name, cloud.subscription_id) == ("azure", "s")


def test_azure_has_nothing_to_revive(tmp_path: Path) -> None:
    assert a_bench(tmp_path, "azure").revive() is False


def test_variables_that_name_no_place_for_state_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="VISIONLAB_PULUMI_BACKEND is 's3://x': a back end is") as caught:
        _ = a_bench(tmp_path, "azure", {"VISIONLAB_PULUMI_BACKEND": "s3://x"}).stack
    assert "unset it" in str(caught.value.hint)
