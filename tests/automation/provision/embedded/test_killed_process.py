"""kill -9 between a request and its record: the real signal, in a real process."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from tests.automation.provision.conftest import World

SCRIPT = """
import json, os, signal, sys
from pathlib import Path
from tests.automation.provision.conftest import World
world = World(Path(sys.argv[1]))
def die(method, resource_id):
    if resource_id.endswith("/rg"):
        (world.folder / "azure.json").write_text(json.dumps(world.arm.resources))
        os.kill(os.getpid(), signal.SIGKILL)
world.arm.after.append(die)
world.up()
"""
PROGRAM = 'resources.ResourceGroup("group", resource_group_name="rg", location="eastus")'


def test_what_was_made_is_adopted(world: World) -> None:
    world.program(PROGRAM)
    root = Path(__file__).resolve().parents[4]
    ended = subprocess.run([sys.executable, "-c", SCRIPT, str(world.folder)], cwd=root, check=False, timeout=50)
    assert ended.returncode == -signal.SIGKILL
    state = json.loads(world.state_file.read_text())["deployment"]
    assert [item["type"] for item in state["pending_operations"]] == ["creating"]
    world.arm.resources.update(json.loads((world.folder / "azure.json").read_text()))
    assert world.up() == {"create": 1}
    assert world.up() == {"same": 1}
