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
from automation.provision.many import StackJob, StackOutcome, run_many
from automation.provision.outputs import LabOutputs, SharedOutputs
from automation.provision.stacks import LabStack, Stack, open_stack
from automation.provision.state_place import PASSPHRASE, StatePlace, backend_problem, secrets_problem

__all__ = [
    "PASSPHRASE",
    "PAST",
    "LabOutputs",
    "LabStack",
    "OnEvent",
    "Op",
    "ProvisionFailed",
    "ResourceEvent",
    "ResourceFailure",
    "SharedOutputs",
    "Stack",
    "StackJob",
    "StackOutcome",
    "StackResource",
    "StatePlace",
    "Summary",
    "backend_problem",
    "open_stack",
    "run_many",
    "secrets_problem",
]
