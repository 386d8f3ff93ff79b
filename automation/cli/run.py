"""`visionlab run`: the whole job."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from automation.cli.console import Console
from automation.cli.context import open_lab
from automation.cli.options import example, json_option, yes_option
from automation.cli.teardown import Torn, show_proof, tear_down
from automation.errors import Cancelled

if TYPE_CHECKING:
    from automation.workflow.lab_types import Lab
    from automation.workflow.run import RunReport
    from automation.workflow.workbench import Workbench

__all__ = ["run", "run_lab", "run_result"]


@click.command(
    "run",
    epilog=example(
        "visionlab run lab.yaml", "visionlab run lab.yaml --until images", "visionlab run lab.yaml --fresh --json"
    ),
)
@click.argument("file", type=click.Path(path_type=Path), default=Path("lab.yaml"))
@click.option("--resume", is_flag=True, help="Go on where the last run stopped. This is the default; it says it aloud.")
@click.option("--fresh", is_flag=True, help="Do every step again, also those that are done.")
@click.option("--until", metavar="STEP", help="Stop after this step, one of those above.")
@click.option("--down", is_flag=True, help="Tear the lab down at the end.")
@yes_option
@json_option
def run(*, file: Path, resume: bool, fresh: bool, until: str | None, down: bool, yes: bool, as_json: bool) -> None:
    """Run a whole lab, from resources to report.

    The steps: provision, images, labeling, labels, files, datasets, train, evaluate, predict, report. A step whose
    inputs have not changed since it was done is kept as it is, so a run that was stopped, killed or failed goes on
    where it was when you run it again.
    """
    if resume and fresh:
        raise click.UsageError("--resume goes on, --fresh starts again: choose one")
    console = Console.of(as_json)
    _check_step(until)
    with open_lab(file, console, lock=True) as (lab, bench):
        if down and lab.provisioned is not None:
            raise lab.provisioned.refuse("--down")
        if resume and not bench.journal.runs:
            console.say("there is nothing to resume: this is the first run")
        try:
            report = run_lab(lab, bench, console, until=until, fresh=fresh)
        except (KeyboardInterrupt, Cancelled) as exc:
            if not fresh:
                raise
            stopped = Cancelled("the run")
            stopped.hint = "repeat the command without --fresh to go on"
            raise stopped from exc
        torn = tear_down(lab, bench, console, yes=yes) if down else None
    result = run_result(report, torn)
    console.result(result, lambda: _show(console, report, result, torn))
    if torn is not None and torn.left_behind:
        click.get_current_context().exit(1)


def _check_step(until: str | None) -> None:
    """A mistyped step is said before the lab is locked or anything started."""
    if until is not None:
        from automation.workflow.run import steps_until
        from automation.workflow.steps import STEPS

        steps_until(STEPS, until)


def run_lab(
    lab: "Lab", bench: "Workbench", console: Console, *, until: str | None = None, fresh: bool = False
) -> "RunReport":
    """Run the steps and show them."""
    from automation.cli.run_view import watch_run
    from automation.workflow.costing import cost_sentence
    from automation.workflow.run import run_steps
    from automation.workflow.steps import STEPS

    if (costs := cost_sentence(lab)) is not None:
        console.say(f"cost: {costs}")
    with watch_run(console) as tell:
        return run_steps(
            lab, bench, STEPS, journal=bench.journal, clock=bench.clock, tell=tell, until=until, fresh=fresh
        )


def run_result(report: "RunReport", torn: Torn | None) -> dict[str, Any]:
    """A run as JSON."""
    results = report.results
    made: dict[str, Any] = {
        "run": report.run_id,
        "seconds": round(report.seconds, 3),
        "steps": [{"name": s.name, "seconds": s.seconds, "skipped": s.skipped} for s in report.steps],
        "models": results.get("evaluate", {}).get("models") or results.get("train", {}).get("models") or {},
        "report": results.get("report", {}).get("path"),
    }
    return made if torn is None else {**made, "left_behind": list(torn.left_behind)}


def _show(console: Console, report: "RunReport", result: dict[str, Any], torn: Torn | None) -> None:
    for name, figures in result["models"].items():
        for key in ("meanAveragePrecision50", "accuracyTop1"):
            if isinstance(value := figures.get(key), float):
                console.line(f"{name}: {key} {value:.3f}")
    if result["report"]:
        console.line(f"report: {result['report']}")
    if torn is not None:
        show_proof(console, torn.checked, torn.left_behind)
    if all(step.skipped for step in report.steps):
        console.line("every step was done already; --fresh does them again")
    else:
        console.line(f"{len(report.steps)} steps in {report.seconds:.1f} s")
