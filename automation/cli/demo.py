"""`visionlab demo`: the whole job once, on this machine, from an empty folder to proof that nothing is left."""

import shutil
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import home_of, open_lab
from automation.cli.init import make_lab
from automation.cli.options import example, json_option
from automation.cli.run import run_lab
from automation.cli.teardown import show_proof, tear_down

if TYPE_CHECKING:
    from automation.report import Report
    from automation.report import StepTime as ReportStep
    from automation.workflow.events import StepTime

__all__ = ["demo"]

FOLDER = Path("visionlab-demo")


@dataclass
class _Times:
    """How long each part took, in order."""

    console: Console
    steps: "list[StepTime]" = field(default_factory=list["StepTime"])

    @contextmanager
    def part(self, name: str, done: str) -> Generator[None]:
        started = time.monotonic()
        yield
        seconds = time.monotonic() - started
        from automation.workflow.events import StepTime

        self.steps.append(StepTime(name=name, seconds=round(seconds, 3)))
        self.console.say(f"{name:<10} done   {seconds:6.1f} s  {done}")


@click.command(
    "demo", epilog=example("visionlab demo", "visionlab demo --template pets", "visionlab demo --small --json")
)
@click.option("--template", type=click.Choice(["fruit", "pets"]), default="fruit", show_default=True, help="Which lab.")
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=FOLDER,
    show_default=True,
    help="Where the lab and its report go.",
)
@click.option("--small", is_flag=True, help="Fewer pictures: quicker, and less exact.")
@click.option("--keep", is_flag=True, help="Leave the lab running; `visionlab lab down` ends it.")
@json_option
def demo(*, template: str, folder: Path, small: bool, keep: bool, as_json: bool) -> None:
    """See all of it once, on this machine, and leave nothing behind.

    Draws pictures, starts the local Azure, provisions a lab, imports labels, trains, evaluates, predicts, writes a
    report, tears everything down and proves it. The report stays in the folder.
    """
    from automation.report import Teardown, write_report
    from automation.workflow.showing import build_report

    console = Console.of(as_json)
    started = time.monotonic()
    times = _Times(console)
    with times.part("init", f"lab.yaml and pictures in {folder}"):
        make_lab(folder, template, console, small=small)
    lab_file = folder / "lab.yaml"
    from automation.local import LocalAzure

    local = LocalAzure(home_of(lab_file) / "local")
    with times.part("start", "the local Azure runs"), console.progress("local Azure") as progress:
        local.ensure_started(progress)
    checked: list[str] = []
    left: list[str] = []
    with open_lab(lab_file, console, lock=True) as (lab, bench):
        report = run_lab(lab, bench, console)
        times.steps += report.steps
        page = bench.report or build_report(lab, bench, report.results, report.steps)
        if not keep:
            with times.part("teardown", "deleted, purged, looked for"):
                torn = tear_down(lab, bench, console, yes=True)
            checked += torn.checked
            left += torn.left_behind
            page = replace(page, teardown=Teardown(checked=torn.checked, left_behind=torn.left_behind))
        written = write_report(replace(page, steps=_shown(page, times.steps)), folder.absolute() / "report.html")
    if not keep:
        local.stop()
        if (still := local.status()).running:
            left.append(f"the local Azure, process {still.pid}")
        else:
            checked.append("the local Azure has stopped")
        if not left:
            shutil.rmtree(local.state_dir, ignore_errors=True)
    figures = _figures(report.results)
    result: dict[str, Any] = {
        "map50": figures.get("meanAveragePrecision50"),
        "accuracy": figures.get("accuracyTop1"),
        "seconds": round(time.monotonic() - started, 3),
        "steps": [{"name": step.name, "seconds": step.seconds} for step in times.steps],
        "checked": checked,
        "left_behind": left,
        "report": str(written),
    }
    console.result(result, lambda: _show(console, result, lab_file, keep=keep))
    if left:
        click.get_current_context().exit(1)


def _shown(page: "Report", times: "list[StepTime]") -> "tuple[ReportStep, ...]":
    """The steps of the whole demo, with what the run said about its own."""
    from automation.report import StepTime as ReportStep

    said = {step.name: step.summary for step in page.steps}
    return tuple(ReportStep(name=t.name, seconds=t.seconds, summary=said.get(t.name, "")) for t in times)


def _figures(results: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """The figures of the lab's first model."""
    models: dict[str, Any] = results.get("evaluate", {}).get("models") or results.get("train", {}).get("models") or {}
    first: Mapping[str, Any] = next(iter(models.values())) if models else {}
    return first


def _show(console: Console, result: dict[str, Any], lab_file: Path, *, keep: bool) -> None:
    if result["map50"] is not None:
        console.line(f"mAP@50 on the evaluation pictures: {result['map50']:.3f}")
    if result["accuracy"] is not None:
        console.line(f"accuracy on the evaluation pictures: {result['accuracy']:.3f}")
    show_proof(console, result["checked"], result["left_behind"])
    if keep:
        console.line(f"the lab runs on; end it with `visionlab lab down -f {lab_file}`")
        console.line(f"and `visionlab local stop -f {lab_file}`")
    elif not result["left_behind"]:
        console.line("nothing is left behind")
    console.line(f"report: {result['report']}")
    console.line(f"{result['seconds']:.1f} s")
