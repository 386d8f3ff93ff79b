"""What a failure looks like: what, why, what to do next; the same facts as one JSON object with `--json`.

Owns: the words and the exit codes: 0 done, 1 the service or the data said no, 2 wrong usage or configuration,
3 stopped but resumable, 70 a bug of ours.
"""

import json
import sys
import traceback
from collections.abc import Mapping

import click

from automation.errors import Finding, LabError

__all__ = ["EXIT_BUG", "describe", "show_failure"]

EXIT_BUG = 70
EXIT_STOPPED = 3
MAX_FINDINGS = 200
_ISSUES = "please report it, with the lines above"


def describe(exc: BaseException) -> tuple[int, dict[str, object]]:
    """The exit code of a failure, and its facts as they go into JSON."""
    match exc:
        case LabError():
            facts: dict[str, object] = {"type": type(exc).__name__, "message": exc.message, "hint": exc.hint}
            for name in ("step", "run_id", "operation", "status", "code", "request_id", "resource"):
                if value := getattr(exc, name, None):
                    facts[name] = value
            if exc.__cause__ is not None and isinstance(exc.__cause__, LabError):
                facts["cause"] = type(exc.__cause__).__name__
            facts["findings"] = [_finding(finding) for finding in _findings(exc)]
            return exc.exit_code, facts
        case click.UsageError():
            hint = f"run `{exc.ctx.command_path} --help`" if exc.ctx else "run `visionlab --help`"
            return 2, {"type": "UsageError", "message": exc.format_message(), "hint": hint, "findings": []}
        case click.ClickException():
            return 2, {"type": type(exc).__name__, "message": exc.format_message(), "hint": None, "findings": []}
        case KeyboardInterrupt() | click.Abort():
            hint = "repeat the command to go on"
            return EXIT_STOPPED, {"type": "Cancelled", "message": "stopped", "hint": hint, "findings": []}
        case _:
            message = f"a bug in visionlab: {type(exc).__name__}"
            return EXIT_BUG, {"type": type(exc).__name__, "message": message, "hint": _ISSUES, "findings": []}


def show_failure(exc: BaseException, *, as_json: bool) -> int:
    """Show a failure; its exit code."""
    code, facts = describe(exc)
    if code == EXIT_BUG:
        traceback.print_exception(exc, file=sys.stderr)
    if as_json:
        click.echo(json.dumps({"error": {"exit_code": code, **facts}}, sort_keys=True, ensure_ascii=False))
        return code
    for line in _lines(exc, facts):
        click.echo(line, err=True)
    return code


def _lines(exc: BaseException, facts: Mapping[str, object]) -> list[str]:
    lines = [click.style("error: ", fg="red", bold=True) + str(facts["message"])]
    findings = _findings(exc)
    for finding in findings[:MAX_FINDINGS]:
        colour = "red" if finding.severity.value == "error" else "yellow"
        lines.append(f"  {click.style(finding.severity.value, fg=colour)} {finding.where}: {finding.message}")
        if finding.hint:
            lines.append(f"      {finding.hint}")
    if len(findings) > MAX_FINDINGS:
        lines.append(f"  and {len(findings) - MAX_FINDINGS} more; `--json` has them all")
    if request := facts.get("request_id"):
        lines.append(f"request: {request}")
    if hint := facts.get("hint"):
        lines.append(click.style("what to do: ", bold=True) + str(hint))
    return lines


def _findings(exc: BaseException) -> tuple[Finding, ...]:
    own = getattr(exc, "findings", ())
    return tuple(own) or (_findings(exc.__cause__) if isinstance(exc.__cause__, LabError) else ())


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "where": finding.where,
        "message": finding.message,
        "hint": finding.hint,
    }
