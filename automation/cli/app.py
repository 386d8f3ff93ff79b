"""`visionlab`: the group of all commands, and the one place where failures become words and an exit code.

Owns: global options and the error handler. Only here and in `context.py` the environment is read.
Leaves: each noun to its own module; they are imported when they are used.
"""

import os
import sys
from collections.abc import Sequence

import click

from automation.cli.failures import show_failure
from automation.cli.given import Given
from automation.cli.table import LazyGroup

__all__ = ["cli", "main"]

CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
EXAMPLES = """\b
Examples:
  visionlab demo                     all of it, once, on this machine
  visionlab init fruit               make a lab in the folder fruit
  visionlab run fruit/lab.yaml       run it; run it again and it goes on where it stopped
  visionlab lab down -f fruit/lab.yaml

\b
Exit codes: 0 done; 1 the service or the data said no; 2 wrong usage or configuration;
3 stopped, run it again to go on; 70 a bug in visionlab."""


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"visionlab {version('visionlab')}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings=CONTEXT, epilog=EXAMPLES)
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
@click.option("-q", "--quiet", is_flag=True, help="No talk: only results and errors.")
@click.pass_context
def cli(ctx: click.Context, *, quiet: bool) -> None:
    """Set up custom-vision labs and run them: on Azure, or on a local Azure on this machine.

    A lab is one file, lab.yaml. Every command reads it, does its part, and can be repeated safely.
    """
    given = ctx.ensure_object(Given)
    given.quiet = quiet


def main(arguments: Sequence[str] | None = None, *, given: Given | None = None) -> int:
    """Run one command line; its exit code. Tests give it other clients than the real ones."""
    args = list(sys.argv[1:] if arguments is None else arguments)
    try:
        answer: object = cli.main(args=args, prog_name="visionlab", standalone_mode=False, obj=given or Given())
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # whoever read us has gone: end quietly
        return 0
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 # the one handler: whatever it is, the user is told
        return show_failure(exc, as_json="--json" in args)
    return answer if isinstance(answer, int) else 0
