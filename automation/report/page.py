"""The page: everything in one file, nothing fetched from anywhere; the same report gives the same bytes.

Owns: its style (`page.css`), and writing it whole or not at all. Leaves: what is in it to `sections.py`.
"""

import os
import tempfile
from datetime import UTC
from pathlib import Path

from automation.report.elements import element
from automation.report.frame import page
from automation.report.sections import headline, sections
from automation.report.types import Report

__all__ = ["render_report", "write_report"]


def render_report(report: Report) -> str:
    """The page as text."""
    css = Path(__file__).with_name("page.css").read_text(encoding="utf-8")
    title = f"Lab {report.lab} on {report.target}"
    when = report.created.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return page(
        title,
        style=css,
        body=element(
            "main",
            element("header", element("h1", title), element("p", f"Stack {report.stack}, {when}")),
            headline(report),
            *sections(report),
        ),
    )


def write_report(report: Report, path: Path) -> Path:
    """Write the page; it is there whole or not at all."""
    content = render_report(report).encode("utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    scratch = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        scratch.chmod(0o644)
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise
    return path
