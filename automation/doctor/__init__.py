"""The doctor: looks at this machine and at the Azure of a lab, and says what would stop it and what to do about it.

Owns: the checks, one row each; what a machine and a subscription tell them; and the few remedies that are safe.
Leaves: showing them, and asking before a remedy, to the CLI.
"""

from automation.doctor.checks import CHECKS, Check, Report, examine
from automation.doctor.connect import connected
from automation.doctor.machine import Machine
from automation.doctor.remedies import REMEDIES, Remedy, remedy_named
from automation.doctor.types import Finding, Health, LabFacts, NotAsked

__all__ = [
    "CHECKS",
    "REMEDIES",
    "Check",
    "Finding",
    "Health",
    "LabFacts",
    "Machine",
    "NotAsked",
    "Remedy",
    "Report",
    "connected",
    "examine",
    "remedy_named",
]
