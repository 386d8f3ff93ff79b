"""The doctor: looks at this machine and says what a lab would miss, each with what to do about it.

Owns: the checks, one row each, and what a machine tells them.
Leaves: showing them, and whether to install something, to the CLI.
"""

from automation.doctor.checks import CHECKS, Check, Report, examine
from automation.doctor.machine import Machine
from automation.doctor.types import Finding, Health

__all__ = ["CHECKS", "Check", "Finding", "Health", "Machine", "Report", "examine"]
