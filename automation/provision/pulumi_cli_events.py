"""What Pulumi's CLI says while it works, told as our own events.

Owns: which of the engine's events count, and joining a failure with its message.
Leaves: timing, counting and the summary to `embedded/reporting.py`.

The shapes are those of pulumi/sdk/go/common/apitype/events.go.
"""

import re
from typing import TYPE_CHECKING, Final

from automation.azure import hint_in
from automation.errors import LabError
from automation.provision.embedded.reporting import Reporter
from automation.provision.events import Op

if TYPE_CHECKING:
    from pulumi.automation.events import EngineEvent, StepEventMetadata

__all__ = ["Listener"]

# A replacement comes in three steps; the one that only says so does not count.
OPS: Final[dict[str, Op]] = {
    "create": "create",
    "create-replacement": "replace",
    "update": "update",
    "delete": "delete",
    "delete-replaced": "delete",
    "same": "same",
    "read": "read",
    "refresh": "refresh",
}
QUIET: Final = ("same", "read")
COLOURS: Final = re.compile(r"<\{%[^%]*%\}>")


class Listener:
    """Takes the engine's events, in their order, and tells the reporter."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        self._failed: dict[str, Op] = {}
        self._reasons: dict[str, str] = {}
        self._said: set[str] = set()
        self.complaints: list[str] = []
        """Errors that no resource of Azure has made."""

    def __call__(self, event: "EngineEvent") -> None:
        if event.resource_pre_event is not None:
            self._began(event.resource_pre_event.metadata)
        elif event.res_outputs_event is not None:
            self._ended(event.res_outputs_event.metadata)
        elif event.res_op_failed_event is not None:
            self._note_failure(event.res_op_failed_event.metadata)
        elif event.diagnostic_event is not None:
            said = event.diagnostic_event
            self._note_words(said.urn or "", said.severity, COLOURS.sub("", said.message).strip())

    def close(self) -> None:
        """Nothing more will be said: tell the failures, with their reasons."""
        for urn, op in self._failed.items():
            reason = self._reasons.pop(urn, "it failed")
            self._reporter.failed(urn, LabError(reason, hint=hint_in(reason)), op)
        self.complaints.extend(self._reasons.values())

    def _began(self, step: "StepEventMetadata") -> None:
        op = _op_of(step)
        if op is not None and op not in QUIET:
            self._reporter.started(op, step.urn, _changes(step))

    def _ended(self, step: "StepEventMetadata") -> None:
        op = _op_of(step)
        if op is not None:
            self._reporter.done(op, step.urn, _changes(step))

    def _note_failure(self, step: "StepEventMetadata") -> None:
        op = _op_of(step)
        if op is not None:
            self._failed[step.urn] = op

    def _note_words(self, urn: str, severity: str, message: str) -> None:
        if severity == "error":
            self._reasons[urn] = message
        elif severity in ("warning", "info") and message and message not in self._said:
            self._said.add(message)  # the engine repeats itself, once for each part of its work
            self._reporter.say(message)


def _op_of(step: "StepEventMetadata") -> Op | None:
    """Our word for the step; None for what is no resource of Azure's, or no step of its own."""
    if step.type.startswith("pulumi:"):
        return None
    state = step.new or step.old
    if state is None or not state.custom:
        return None
    return OPS.get(step.op.value)


def _changes(step: "StepEventMetadata") -> tuple[str, ...]:
    return tuple(sorted(step.detailed_diff or step.diffs or ()))
