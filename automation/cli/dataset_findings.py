"""What `visionlab dataset check FILE` prints: the same fault once, with its number, first places and what to do.

Owns: the report as text, JSON and SARIF. Leaves: the findings and their groups to `automation.coco`.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from automation.cli.console import Console
from automation.errors import Severity
from automation.printable import printable

if TYPE_CHECKING:
    from automation.coco.checking import Checked
    from automation.coco.grouping import Group

__all__ = ["FORMATS", "Report", "examples_for", "show"]

FORMATS = ("text", "json", "sarif")
_EXAMPLES = {"text": 3, "json": 10, "sarif": 100}


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One file, what is in it and what is wrong with it; of a mended file also what was mended, and how often.

    Attributes:
        named: What the file is called; `path` may be a copy of it.
    """

    path: Path
    named: str
    checked: "Checked"
    groups: "Sequence[Group]"
    mends: Mapping[str, int] | None = None

    def number(self, severity: Severity) -> int:
        return sum(group.count for group in self.groups if group.severity is severity)

    def failed(self, *, strict: bool) -> bool:
        return any(strict or group.severity is Severity.ERROR for group in self.groups)


def examples_for(form: str) -> int:
    """How many places of a fault are shown."""
    return _EXAMPLES[form]


def show(console: Console, reports: Sequence[Report], *, form: str, strict: bool) -> None:
    """Print the reports on stdout."""
    if form == "sarif":
        from automation.coco.sarif import sarif

        found = sarif(
            {report.path: report.groups for report in reports},
            named={report.path: report.named for report in reports},
            strict=strict,
        )
        console.line(json.dumps(found, indent=2, ensure_ascii=False))
        return
    if form == "json":
        Console(as_json=True).result([_facts(report, strict=strict) for report in reports], lambda: None)
        return
    for report in reports:
        for line in _lines(report, strict=strict):
            console.line(line)


def _facts(report: Report, *, strict: bool) -> dict[str, object]:
    checked = report.checked
    return {
        "file": report.named,
        "images": checked.images,
        "annotations": checked.annotations,
        "categories": checked.categories,
        "unit": checked.unit,
        "errors": report.number(Severity.ERROR),
        "warnings": report.number(Severity.WARNING),
        "passed": not report.failed(strict=strict),
        "findings": [asdict(group) for group in report.groups],
        **({} if report.mends is None else {"mended": report.mends}),
    }


def _lines(report: Report, *, strict: bool) -> list[str]:
    checked = report.checked
    holds = (
        _many(checked.images, "image"),
        _many(checked.annotations, "annotation"),
        _many(checked.categories, "category", "categories"),
        f"boxes: {checked.unit}",
    )
    lines = [printable(f"{report.named}: {', '.join(holds)}")]
    lines += _mended(report.mends)
    for group in report.groups:
        serious = strict or group.severity is Severity.ERROR
        word = click.style("error" if serious else "warning", fg="red" if serious else "yellow")
        times = f" ({group.count:,} times)" if group.count > 1 else ""
        mend = " [--fix]" if group.fixable else ""
        lines.append(f"  {word} {click.style(group.code, bold=True)}{times}{mend}")
        for example in group.examples:
            where = example.where + (f" at byte {example.offset:,}" if example.offset is not None else "")
            value = "" if example.value is None or example.value in example.message else f"; it is {example.value}"
            lines.append(printable(f"    {where.strip()}: {example.message}{value}"))
        if (more := group.count - len(group.examples)) > 0:
            lines.append(f"    and {more:,} more")
        if group.hint:
            lines.append(f"    what to do: {group.hint}")
    errors, warnings = report.number(Severity.ERROR), report.number(Severity.WARNING)
    lines.append(f"{_many(errors, 'error')}, {_many(warnings, 'warning')}")
    return lines


def _mended(mends: Mapping[str, int] | None) -> list[str]:
    from automation.coco.mending import MENDS

    if mends is None:
        return []
    said = [f"  mended {MENDS[name]}: {count:,}" for name, count in mends.items()]
    return said or ["  there was nothing to mend"]


def _many(count: int, one: str, several: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else several or one + 's'}"
