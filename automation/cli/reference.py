"""`python -m automation.cli.reference`: every command's help as one page of Markdown, on stdout.

Owns: the page docs/reference/cli.md, written from the command tree, and the walk through that tree.
"""

from collections.abc import Iterator

import click

from automation.cli.app import cli

__all__ = ["page", "walk"]

WIDTH = 100


def walk() -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    """Every command and group, with its words and a context to print its help in."""
    root = click.Context(cli, info_name="visionlab", terminal_width=WIDTH, max_content_width=WIDTH)
    root.help_option_names = ["-h", "--help"]
    yield from _below(("visionlab",), cli, root)


def _below(
    words: tuple[str, ...], command: click.Command, context: click.Context
) -> Iterator[tuple[tuple[str, ...], click.Command, click.Context]]:
    yield words, command, context
    if not isinstance(command, click.Group):
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            inner = click.Context(found, info_name=name, parent=context, terminal_width=WIDTH, max_content_width=WIDTH)
            yield from _below((*words, name), found, inner)


def page() -> str:
    """The page."""
    parts = [
        "# Commands",
        "",
        "Results go to stdout, talk to stderr; `--json` on every command makes the result JSON.",
        "",
    ]
    for words, command, context in walk():
        parts += [
            f"{'#' * min(len(words) + 1, 4)} {' '.join(words)}",
            "",
            "```text",
            command.get_help(context),
            "```",
            "",
        ]
    return "\n".join(parts)


if __name__ == "__main__":
    click.echo(page())
