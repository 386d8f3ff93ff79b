"""The command tree: every command is explained, has an example and --json, and help comes at once."""

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from automation.cli.reference import page, walk
from automation.cli.table import COMMANDS

GOLDEN = Path(__file__).parent / "golden" / "help.txt"
TREE = {" ".join(words): (command, context) for words, command, context in walk()}
LEAVES = [name for name, (command, _) in TREE.items() if not isinstance(command, click.Group)]


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_is_explained_with_an_example_and_takes_json(name: str) -> None:
    command, context = TREE[name]
    assert command.help
    assert f"  {name}" in (command.epilog or "").replace("$(", "  ")
    assert "--json" in {option for parameter in command.get_params(context) for option in parameter.opts}
    assert all(p.help for p in command.get_params(context) if isinstance(p, click.Option)), name


def test_the_short_help_of_the_table_is_the_commands_own() -> None:
    own = {name: TREE[f"visionlab {name}"][0].get_short_help_str(limit=200) for name, *_ in COMMANDS}
    assert {name: short for name, _, _, short in COMMANDS} == own


def test_the_help_texts_are_those_that_were_reviewed(update_golden: bool) -> None:
    if update_golden:
        GOLDEN.write_text(page(), "utf-8")
    assert page() == GOLDEN.read_text("utf-8"), (
        "review the difference, then pytest tests/automation/cli --update-golden"
    )


def test_help_loads_nothing_heavy() -> None:
    """`visionlab --help` takes as long as its imports: click, and little else."""
    script = (
        "import sys; from automation.cli.app import main; code = main(['--help'])\n"
        "heavy = {'rich', 'yaml', 'numpy', 'httpx', 'PIL', 'pulumi', 'azure', 'msgspec', 'obstore', 'ssl', 'asyncio'}\n"
        "print(code, sorted(heavy & set(sys.modules)), sum(n.startswith('automation') for n in sys.modules) <= 10)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "0 [] True"


def test_help_of_every_command_loads_nothing_heavy() -> None:
    """Their modules are imported for it, and for completion, but not what they work with."""
    script = (
        "import sys; from automation.cli.app import main; from automation.cli.table import COMMANDS\n"
        "codes = {main([name, '--help']) for name, *_ in COMMANDS}\n"
        "heavy = {'rich', 'yaml', 'numpy', 'httpx', 'PIL', 'pulumi', 'azure', 'msgspec', 'obstore', 'asyncio'}\n"
        "print(codes, sorted(heavy & set(sys.modules)), 'automation.workflow' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert told.stdout.splitlines()[-1] == "{0} [] False"


def test_completion_of_a_commands_name_imports_no_command() -> None:
    script = (
        "import atexit, sys; from automation.cli.app import main\n"
        "atexit.register(lambda: print('automation.cli.lab' in sys.modules)); main([])"
    )
    asked = {"_VISIONLAB_COMPLETE": "bash_complete", "COMP_WORDS": "visionlab l", "COMP_CWORD": "1"}
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={**os.environ, **asked}
    )
    assert told.stdout.splitlines() == ["plain,lab", "plain,local", "plain,labeling", "False"]
