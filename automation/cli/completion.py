"""`visionlab completion`: the lines that make a shell complete our commands."""

import json

import click
from click.shell_completion import get_completion_class

from automation.cli.options import example, json_option
from automation.errors import ConfigError

__all__ = ["completion"]


@click.command(
    "completion",
    epilog=example(
        'eval "$(visionlab completion bash)"    in ~/.bashrc',
        "visionlab completion fish > ~/.config/fish/completions/visionlab.fish",
    ),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@json_option
def completion(*, shell: str, as_json: bool) -> None:
    """Completion for your shell."""
    from automation.cli.app import cli

    made = get_completion_class(shell)
    if made is None:
        raise ConfigError(f"click cannot complete in {shell}")
    source = made(cli, {}, "visionlab", "_VISIONLAB_COMPLETE").source()
    click.echo(json.dumps({"shell": shell, "source": source}) if as_json else source)
