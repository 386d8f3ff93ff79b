"""infra and automation meet only at the stack outputs; this pins the names on both sides."""

from dataclasses import fields

from automation.provision.outputs import LabOutputs, SharedOutputs
from infra.outputs import Outputs
from infra.outputs import SharedOutputs as Exported


def test_the_program_exports_what_automation_reads() -> None:
    assert sorted(field.name for field in fields(Outputs)) == sorted(field.name for field in fields(LabOutputs))
    assert [field.name for field in fields(Exported)] == [field.name for field in fields(SharedOutputs)]
