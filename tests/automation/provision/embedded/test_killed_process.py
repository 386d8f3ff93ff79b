"""Killed, or stopped by Ctrl-C, between a request and its record: the real signals, in a real process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.automation.provision.conftest import World

SCRIPT = """
import json, os, signal, sys, time
from pathlib import Path
from tests.automation.provision.conftest import World
world = World(Path(sys.argv[1]))
def die(method, resource_id):
    if resource_id.endswith("/rg"):
        (world.folder / "azure.json").write_text(json.dumps(world.arm.resources))
        HIT
world.arm.after.append(die)
world.up()
"""
KILL = "os.kill(os.getpid(), signal.SIGKILL)"
CTRL_C = "os.kill(os.getpid(), signal.SIGINT)"
IMPATIENT = f"while True: {CTRL_C}; time.sleep(0.05)"
PROGRAM = 'group = resources.ResourceGroup("group", resource_group_name="rg", location="eastus")\n'
SECOND = 'resources.ResourceGroup("after", resource_group_name=group.name.apply(lambda n: n + "2"), location="eastus")'


def test_what_was_made_is_adopted(world: World) -> None:
    assert hit(world, KILL) == -signal.SIGKILL
    assert pending(world) == ["creating"]
    assert world.up() == {"create": 1}
    assert world.up() == {"same": 1}


def test_one_ctrl_c_lets_the_request_end_and_records_it(world: World) -> None:
    assert hit(world, CTRL_C) == 1  # the error that says how to go on
    assert pending(world) == []
    assert world.up() == {"create": 1, "same": 1}


def test_a_second_ctrl_c_leaves_a_note_by_which_the_next_run_repairs(world: World) -> None:
    assert hit(world, IMPATIENT) != 0
    assert pending(world) == ["creating"]
    assert world.up() == {"create": 2}
    assert world.up() == {"same": 2}


def hit(world: World, how: str) -> int:
    """Run the program in a process that gets a signal after its first request; how it ended."""
    world.program(PROGRAM if how == KILL else PROGRAM + SECOND)
    root = Path(__file__).resolve().parents[4]
    script = SCRIPT.replace("HIT", how)
    ended = subprocess.run(
        [sys.executable, "-c", script, str(world.folder)], cwd=root, check=False, capture_output=True, timeout=50
    )
    world.arm.resources.update(json.loads((world.folder / "azure.json").read_text()))
    return ended.returncode


def pending(world: World) -> list[str]:
    state = json.loads(world.state_file.read_text())["deployment"]
    return [item["type"] for item in state.get("pending_operations", [])]
