"""All checks, as a literal table, and one pass over them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from automation.doctor import azure, here
from automation.doctor.machine import Machine
from automation.doctor.types import Finding, Health

__all__ = ["CHECKS", "Check", "Report", "examine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row.

    Attributes:
        name: Stable, for programs.
        what: What is looked at, for people.
        look: Looks.
    """

    name: str
    what: str
    look: Callable[[Machine], Finding]


CHECKS: tuple[Check, ...] = (
    Check(name="python", what="Python", look=here.check_python),
    Check(name="lab-file", what="the lab file", look=here.check_lab),
    Check(name="disk", what="free disk space", look=here.check_disk),
    Check(name="clock", what="the clock", look=here.check_clock),
    Check(name="proxies", what="proxies", look=here.check_proxies),
    Check(name="node", what="Node.js", look=here.check_node),
    Check(name="blob-server", what="the blob server", look=here.check_blob_server),
    Check(name="local-azure", what="the local Azure", look=here.check_local),
    Check(name="ports", what="its ports", look=here.check_ports),
    Check(name="certificate", what="its certificate", look=here.check_certificate),
    Check(name="names", what="names of accounts", look=here.check_names),
    Check(name="pulumi", what="the Pulumi CLI", look=azure.check_pulumi),
    Check(name="azure-native", what="the azure-native plugin", look=azure.check_plugin),
    Check(name="language-host", what="the language host", look=azure.check_language_host),
    Check(name="sign-in", what="sign-in to Azure", look=azure.check_sign_in),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What all checks found, in their order."""

    findings: tuple[tuple[Check, Finding], ...]

    @property
    def problems(self) -> int:
        return sum(finding.health is Health.PROBLEM for _, finding in self.findings)


def examine(machine: Machine, checks: Sequence[Check] = CHECKS) -> Report:
    """Look at everything; one check never keeps another from its turn."""
    return Report(findings=tuple((check, check.look(machine)) for check in checks))
