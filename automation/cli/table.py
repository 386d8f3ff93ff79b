"""The commands, as a literal table: which module has them, and the line that `visionlab --help` shows.

Owns: laziness. A command's module is imported when the command is used, so that help comes at once.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["COMMANDS", "LazyGroup", "Row"]

Row = tuple[str, str, str, str]

# name, module, attribute, short help (a test compares it with the command's own)
COMMANDS: tuple[Row, ...] = (
    ("init", "automation.cli.init", "init", "Make a new lab: lab.yaml and pictures."),
    ("run", "automation.cli.run", "run", "Run a whole lab, from resources to report."),
    ("demo", "automation.cli.demo", "demo", "See all of it once, on this machine, and leave nothing behind."),
    ("lab", "automation.cli.lab", "lab", "The lab's resources: provision, look, tear down."),
    ("local", "automation.cli.local", "local", "The local Azure on this machine."),
    ("images", "automation.cli.images", "images", "Pictures in the lab's containers."),
    ("labeling", "automation.cli.labeling", "labeling", "Labeling projects: create, label, review, export."),
    ("dataset", "automation.cli.dataset", "dataset", "Datasets: pictures and labels to learn from."),
    ("model", "automation.cli.model", "model", "Models: estimate, train, watch, evaluate."),
    (
        "evaluate",
        "automation.cli.evaluate",
        "evaluate",
        "Judge predictions: how good they are, and from which score on.",
    ),
    ("predict", "automation.cli.predict", "predict", "Try a model on pictures of yours."),
    (
        "course",
        "automation.cli.course",
        "course",
        "Courses: a seat for everybody on a class list, and nothing left behind.",
    ),
    (
        "cleanup",
        "automation.cli.cleanup",
        "cleanup",
        "Delete what is no longer needed, and prove that nothing is left.",
    ),
    ("cost", "automation.cli.cost", "cost", "What a lab or a course costs: estimated, and spent."),
    (
        "doctor",
        "automation.cli.doctor",
        "doctor",
        "Look at this machine and at the lab's Azure, and say what a lab would miss and what to do about it.",
    ),
    ("completion", "automation.cli.completion", "completion", "Completion for your shell."),
)


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports one only to use it; a group of its own says `rows`."""

    rows = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 # click's signature
        return [name for name, *_ in self.rows]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 # click's signature
        for name, module, attribute, _ in self.rows:
            if name == cmd_name:
                found: Any = getattr(import_module(module), attribute)
                return found if isinstance(found, click.Command) else None
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args and not args[0].startswith("-") and args[0] not in known:
            from automation.nearest import nearest

            if near := nearest(args[0], known):
                ctx.fail(f"there is no command {args[0]!r}. Did you mean {near!r}?")
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        fits = [CompletionItem(name, help=short) for name, _, _, short in self.rows if name.startswith(incomplete)]
        return [*fits, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 # click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, short) for name, _, _, short in self.rows])
