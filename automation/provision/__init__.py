"""Provisioning: the Pulumi program's resources, made, changed, looked at and deleted.

Owns: stacks and their outputs.
Leaves: which resources a lab has to `infra`, what happens with them to the other packages of automation.
"""

from automation.provision.events import (
    PAST,
    OnEvent,
    Op,
    ProvisionFailed,
    ResourceEvent,
    ResourceFailure,
    StackResource,
    Summary,
)
from automation.provision.outputs import LabOutputs
from automation.provision.stacks import Stack, open_stack

__all__ = [
    "PAST",
    "LabOutputs",
    "OnEvent",
    "Op",
    "ProvisionFailed",
    "ResourceEvent",
    "ResourceFailure",
    "Stack",
    "StackResource",
    "Summary",
    "open_stack",
]
