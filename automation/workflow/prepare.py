"""The first two steps: resources, and the pictures in their containers.

Owns: these steps. Leaves: resources to `automation.provision`, transfers to `automation.storage`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from automation.errors import Finding
from automation.progress import Progress, silent
from automation.workflow.events import EventKind, RunEvent
from automation.workflow.lab_types import PictureFolder
from automation.workflow.pictures import demand_pictures, find_pictures
from automation.workflow.run import StepContext
from automation.workflow.workbench import Workbench

if TYPE_CHECKING:
    from automation.provision import ResourceEvent
    from automation.storage import UploadReport

__all__ = ["check_folders", "provision", "summarise", "upload_folder", "upload_images", "wait_for_roles"]


def provision(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Bring the resources to what the Pulumi program says; those of somebody else are there, and only tried."""
    from automation.provision import PAST

    if (elsewhere := context.lab.provisioned) is not None:
        wait_for_roles(context.bench, context.progress)
        group = elsewhere.outputs.resource_group
        return {"summary": f"{group}: provisioned by {elsewhere.whose}", "resource_group": group, "changes": {}}

    def on_event(event: "ResourceEvent") -> None:
        context.tell(RunEvent(kind=EventKind.RESOURCE, step=context.step, resource=event))

    bench = context.bench
    summary = bench.stack.up(on_event)
    bench.forget_outputs()
    outputs = bench.outputs()
    wait_for_roles(bench, context.progress)
    done = ", ".join(f"{count} {PAST[op]}" for op, count in summary.changes.items() if count)
    return {
        "summary": f"{outputs.resource_group}: {done or 'nothing to do'}",
        "resource_group": outputs.resource_group,
        "changes": dict(summary.changes),
    }


def wait_for_roles(bench: Workbench, progress: Progress = silent) -> None:
    """Until what was granted to us works: a new role assignment takes minutes on Azure, seconds on the local one."""
    for container in bench.outputs().containers[:1]:
        bench.blobs.wait_for_access(container, progress=progress)
    bench.vision.wait_for_access(progress=progress)


def upload_images(context: StepContext[Workbench]) -> Mapping[str, object]:
    """Check every picture, then send those that are not there yet."""
    check_folders(context.lab.images, context.progress, context.say)
    reports = {entry.container: upload_folder(context.bench, entry, context.progress) for entry in context.lab.images}
    counts = {name: _counts(report) for name, report in reports.items()}
    said = ", ".join(f"{c['uploaded'] + c['skipped']} in {name}" for name, c in counts.items())
    sent = sum(c["uploaded"] for c in counts.values())
    return {"summary": f"{said} ({sent} sent now)", "containers": counts}


def check_folders(folders: Sequence[PictureFolder], progress: Progress, say: Callable[[str], None]) -> None:
    """Look at all pictures of some folders. Raises DatasetError with every finding when one cannot be used."""
    _, warnings = demand_pictures([entry.path for entry in folders], progress)
    for text in summarise(warnings):
        say(text)


def summarise(findings: Sequence[Finding], *, shown: int = 3) -> list[str]:
    """Findings as lines: of each kind the first few, and how many more there are."""
    lines: list[str] = []
    for code in dict.fromkeys(finding.code for finding in findings):
        same = [finding for finding in findings if finding.code == code]
        lines += [f"{f.severity.value}: {f.where}: {f.message}" for f in same[:shown]]
        if len(same) > shown:
            lines.append(f"{same[0].severity.value}: {len(same) - shown} more like this ({code})")
    return lines


def upload_folder(bench: Workbench, entry: PictureFolder, progress: Progress = silent) -> "UploadReport":
    """Send one folder's pictures, as soon as we may: a lab that was made just now has roles that do not work yet."""
    from automation.storage import Upload

    pictures = find_pictures(entry.path)
    uploads = [Upload(path=path, name=path.relative_to(entry.path).as_posix()) for path in pictures]
    bench.blobs.wait_for_access(entry.container, progress=progress)
    return bench.blobs.upload(entry.container, uploads, progress=progress)


def _counts(report: "UploadReport") -> dict[str, int]:
    return {"uploaded": len(report.uploaded), "skipped": len(report.skipped), "bytes_sent": report.bytes_sent}
