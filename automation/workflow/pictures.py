"""Pictures before they are sent: what the service would refuse, or would see differently than a person does.

Owns: which folders are looked at, and findings for all of them at once.
Leaves: the look at each file to `automation.pictures`. Limits are those of the vision service for training.
"""

from collections.abc import Sequence
from pathlib import Path

from automation.errors import DatasetError, Finding, Severity
from automation.pictures import IMAGE_ANALYSIS, SUFFIXES, find_pictures, look_at
from automation.progress import Progress, silent

__all__ = ["check_pictures", "demand_pictures", "find_pictures"]


def demand_pictures(folders: Sequence[Path], progress: Progress = silent) -> tuple[list[Path], list[Finding]]:
    """The pictures of some folders, and warnings about them. Raises DatasetError with every finding on errors."""
    pictures: list[Path] = []
    findings: list[Finding] = []
    for folder in folders:
        found = find_pictures(folder)
        pictures += found
        if not found:
            findings.append(
                Finding(
                    code="no-pictures",
                    severity=Severity.ERROR,
                    where=str(folder),
                    message="there is no picture in this folder",
                    hint=f"put {', '.join(sorted(SUFFIXES))} files there",
                )
            )
    findings += check_pictures(pictures, progress)
    errors = sum(finding.severity is Severity.ERROR for finding in findings)
    if errors:
        raise DatasetError(
            f"{errors} picture problem{'s' if errors > 1 else ''}; nothing was uploaded",
            findings=findings,
            hint="mend or remove these files and run the command again",
        )
    return pictures, findings


def check_pictures(pictures: Sequence[Path], progress: Progress = silent) -> list[Finding]:
    """What is wrong or odd about these files."""
    looks = look_at(pictures, IMAGE_ANALYSIS, progress=progress)
    return [finding for looked in looks for finding in looked.findings]
