"""All checks, as a literal table, and one pass over them.

Owns: the rows and their order, their deadlines, and that no check keeps another from its turn.
Leaves: looking to the files of each subject.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from automation.azure import redact
from automation.doctor import (
    account,
    here,
    local_azure,
    names,
    network,
    offers,
    retired,
    rights,
    stacks_on_azure,
)
from automation.doctor.machine import Machine
from automation.doctor.service import Service
from automation.doctor.types import Finding, Health, NotAsked, failure, skipped, warning
from automation.errors import LabError

__all__ = ["CHECKS", "Check", "Report", "asking", "examine"]

SHORT_S, LONG_S = 45.0, 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One row.

    Attributes:
        name: Stable, for programs.
        what: What is looked at, for people.
        look: Looks.
        deadline_s: Seconds until we go on without its answer.
    """

    name: str
    what: str
    look: Callable[[Machine], Finding]
    deadline_s: float = SHORT_S


def asking(check: Callable[[Service], Finding]) -> Callable[[Machine], Finding]:
    """A check that asks the service. Without anybody to ask it is skipped; without an answer it is a warning."""

    def look(machine: Machine) -> Finding:
        try:
            return check(machine.service())
        except NotAsked as exc:
            return skipped(f"not asked: {exc.message}", exc.hint, remedy=exc.remedy)
        except LabError as exc:
            return warning(f"no answer to go by: {_one_line(exc.message)}", exc.hint or "run the command again")

    return look


def _signed_in(machine: Machine) -> Finding:
    """As the others that ask, but here a refusal is the finding."""
    try:
        return account.check_subscription(machine.service())
    except NotAsked as exc:
        return skipped(f"not asked: {exc.message}", exc.hint, remedy=exc.remedy)
    except LabError as exc:
        return failure(_one_line(exc.message), exc.hint or "sign in again (`az login`)")


CHECKS: tuple[Check, ...] = (
    Check(name="python", what="Python", look=here.check_python),
    Check(name="lab-file", what="the lab file", look=here.check_lab),
    Check(name="settings", what="its settings", look=here.check_settings, deadline_s=LONG_S),
    Check(name="retired", what="retired services", look=retired.check_retired, deadline_s=LONG_S),
    Check(name="state-folder", what="the state folder", look=here.check_state_folder),
    Check(name="disk", what="free disk space", look=here.check_disk),
    Check(name="clock", what="the clock", look=here.check_clock),
    Check(name="proxies", what="proxies", look=network.check_proxies),
    Check(name="authorities", what="certificate authorities", look=network.check_authorities),
    Check(name="cloud-variables", what="variables that redirect", look=network.check_cloud_variables),
    Check(name="node", what="Node.js", look=here.check_node),
    Check(name="blob-server", what="the blob server", look=local_azure.check_blob_server),
    Check(name="local-azure", what="the local Azure", look=local_azure.check_local),
    Check(name="ports", what="its ports", look=local_azure.check_ports),
    Check(name="certificate", what="its certificate", look=local_azure.check_certificate),
    Check(name="names", what="names of accounts", look=local_azure.check_names),
    Check(name="pulumi", what="the Pulumi CLI", look=stacks_on_azure.check_pulumi),
    Check(name="azure-native", what="the azure-native plugin", look=stacks_on_azure.check_plugin),
    Check(name="language-host", what="the language host", look=stacks_on_azure.check_language_host),
    Check(name="sign-in", what="sign-in to Azure", look=stacks_on_azure.check_sign_in),
    Check(name="subscription", what="the subscription", look=_signed_in, deadline_s=LONG_S),
    Check(name="clock-skew", what="the service's clock", look=asking(account.check_clock_skew)),
    Check(name="providers", what="resource providers", look=asking(offers.check_providers), deadline_s=LONG_S),
    Check(name="rights", what="what we may do", look=asking(rights.check_rights), deadline_s=LONG_S),
    Check(name="purge-rights", what="what we may purge", look=asking(rights.check_purge_rights), deadline_s=LONG_S),
    Check(name="group", what="the resource group", look=asking(account.check_group), deadline_s=LONG_S),
    Check(name="taken-names", what="names that are taken", look=asking(names.check_taken_names), deadline_s=LONG_S),
    Check(name="soft-deleted", what="names of the deleted", look=asking(names.check_soft_deleted), deadline_s=LONG_S),
    Check(name="regions", what="the region", look=asking(offers.check_regions), deadline_s=LONG_S),
    Check(name="quotas", what="quotas", look=asking(offers.check_quotas), deadline_s=LONG_S),
    Check(name="free-accounts", what="free accounts", look=asking(offers.check_free_accounts), deadline_s=LONG_S),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What all checks found, in their order."""

    findings: tuple[tuple[Check, Finding], ...]

    def count(self, health: Health) -> int:
        return sum(finding.health is health for _, finding in self.findings)

    @property
    def remedies(self) -> tuple[str, ...]:
        """What `--fix` may do, each once."""
        return tuple(dict.fromkeys(found.remedy for _, found in self.findings if found.remedy))


def examine(machine: Machine, checks: Sequence[Check] = CHECKS) -> Report:
    """Look at everything, side by side; what is late or breaks is told in its own line."""
    turns = [_Turn(check=check, machine=machine) for check in checks]
    for turn in turns:
        turn.start()
    return Report(findings=tuple((turn.check, turn.finding()) for turn in turns))


@dataclass(kw_only=True)
class _Turn:
    """One check, in a thread of its own: one that hangs is left behind."""

    check: Check
    machine: Machine
    _found: list[Finding] = field(default_factory=list[Finding])
    _done: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        threading.Thread(target=self._look, name=f"doctor-{self.check.name}", daemon=True).start()

    def finding(self) -> Finding:
        if self._done.wait(self.check.deadline_s):
            return self._found[0]
        return warning(f"no answer within {self.check.deadline_s:.0f} s", "run the command again; is there a network?")

    def _look(self) -> None:
        try:
            found = self.check.look(self.machine)
        except Exception as exc:  # noqa: BLE001 # one that breaks must not silence those after it
            said = _one_line(f"{type(exc).__name__}: {exc}")
            found = failure(f"the check itself broke: {said}", "this is a mistake of visionlab: please report it")
        self._found.append(found)
        self._done.set()


def _one_line(text: str) -> str:
    return " ".join(redact(text).split())[:400]
