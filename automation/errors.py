"""The errors of visionlab, and findings: problems in a user's data, which are values.

Owns: one small tree, whose exit codes the CLI returns, and `Finding`.
Leaves: turning HTTP answers into these errors to `automation.azure`, showing them to `automation.cli`.

    exit
          LabError(message, *, hint=None): what the CLI can show
     2      ConfigError: flag, environment, lab.yaml, stack output
     1      DatasetError(findings): the check found errors
     1      LabBusy: another run holds this lab
     1      Refused: we will not do this; the hint says what would make it possible
     1      ServiceError(operation, status, code, request_id): the service said no
     1        NotFound, Conflict, Unauthorized, InvalidRequest, QuotaExceeded
     1        Throttled(retry_after_s), ServiceUnavailable: the two that are retried
     1      TransportError(operation): no answer (timeout, DNS, TLS)
     1      OperationFailed(resource, status, detail): long work ended badly
     3      WaitTimeout(resource, waited_s, last_status): still running, resumable
     3      StepFailed(step, run_id): the workflow stopped; its cause is the `__cause__`
     3      Cancelled(what): Ctrl-C; resumable
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "Cancelled",
    "ConfigError",
    "Conflict",
    "DatasetError",
    "Finding",
    "InvalidRequest",
    "LabBusy",
    "LabError",
    "NotFound",
    "OperationFailed",
    "QuotaExceeded",
    "Refused",
    "ServiceError",
    "ServiceUnavailable",
    "Severity",
    "StepFailed",
    "Throttled",
    "TransportError",
    "Unauthorized",
    "WaitTimeout",
]


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem in a user's data: what, where, and what to do about it.

    Attributes:
        code: Stable name of the rule, like "box-outside-image".
        severity: Errors stop the work, warnings do not.
        where: JSON pointer ("/annotations/3/bbox") or "file:line: key".
        message: One sentence that names the offending value.
        hint: What to do next.
    """

    code: str
    severity: Severity
    where: str
    message: str
    hint: str | None = None

    def __str__(self) -> str:
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.severity.value} {self.code} at {self.where}: {self.message}{hint}"


class LabError(Exception):
    """Something a user can understand and act on."""

    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(LabError):
    """A flag, a setting, an environment variable or lab.yaml is wrong."""

    exit_code = 2

    def __init__(self, message: str, *, hint: str | None = None, findings: Sequence[Finding] = ()) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class DatasetError(LabError):
    """A check of a user's data found errors; all of them are in `findings`."""

    def __init__(self, message: str, *, findings: Sequence[Finding], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.findings = tuple(findings)


class LabBusy(LabError):
    """Another run holds this lab."""


class Refused(LabError):
    """We will not do this as things are; the hint says what would make it possible."""


class ServiceError(LabError):
    """The service answered, and its answer was no."""

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        status: int,
        code: str = "",
        request_id: str = "",
        hint: str | None = None,
    ) -> None:
        super().__init__(f"{operation}: {message}" + (f" [{code}]" if code else ""), hint=hint)
        self.operation = operation
        self.status = status
        self.code = code
        self.request_id = request_id
        self.detail = message


class NotFound(ServiceError):
    """404: it is not there."""


class Conflict(ServiceError):
    """409 or 412: it is there already, locked, soft-deleted, or has changed."""


class Unauthorized(ServiceError):
    """401 or 403: not signed in, or the role is missing."""


class InvalidRequest(ServiceError):
    """400 and other 4xx: the request itself is wrong."""


class QuotaExceeded(ServiceError):
    """The subscription or account may not have more of this."""


class Throttled(ServiceError):
    """429: too many requests; it was retried until the deadline."""

    retry_after_s: float = 1.0


class ServiceUnavailable(ServiceError):
    """5xx: the service is in trouble; it was retried until the deadline."""


class TransportError(LabError):
    """No answer: timeout, refused connection, DNS or TLS."""

    def __init__(self, operation: str, reason: str, *, hint: str | None = None) -> None:
        super().__init__(f"{operation}: no answer ({reason})", hint=hint)
        self.operation = operation


class OperationFailed(LabError):
    """Long work ended, and ended badly; `code` is the service's own name of the reason, if it gave one."""

    def __init__(self, *, resource: str, status: str, detail: str, code: str = "", hint: str | None = None) -> None:
        super().__init__(f"{resource} ended as {status}: {detail}" + (f" [{code}]" if code else ""), hint=hint)
        self.resource, self.status, self.detail, self.code = resource, status, detail, code


class WaitTimeout(LabError):
    """The work is still running at the deadline; waiting can be resumed."""

    exit_code = 3

    def __init__(self, *, resource: str, waited_s: float, last_status: str) -> None:
        super().__init__(
            f"{resource} is still {last_status} after {waited_s:.0f} s",
            hint="repeat the command to go on waiting; nothing starts twice",
        )
        self.resource, self.waited_s, self.last_status = resource, waited_s, last_status


class StepFailed(LabError):
    """A step of the workflow failed; what was done before it is kept."""

    exit_code = 3

    def __init__(self, step: str, *, run_id: str, reason: str, hint: str | None = None) -> None:
        super().__init__(f"step {step} failed: {reason}", hint=hint)
        self.step, self.run_id = step, run_id


class Cancelled(LabError):
    """The user stopped it; what was done is kept, and it can be resumed."""

    exit_code = 3

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} was stopped", hint="repeat the command to go on")
