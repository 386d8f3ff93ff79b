"""The report of a run: one HTML page that holds everything it shows."""

from automation.report.page import render_report, write_report
from automation.report.types import (
    DatasetSummary,
    MadeResource,
    ModelResult,
    PictureBox,
    PictureTag,
    Report,
    StepTime,
    Teardown,
    TriedPicture,
)

__all__ = [
    "DatasetSummary",
    "MadeResource",
    "ModelResult",
    "PictureBox",
    "PictureTag",
    "Report",
    "StepTime",
    "Teardown",
    "TriedPicture",
    "render_report",
    "write_report",
]
