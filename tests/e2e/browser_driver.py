"""A real browser for tests: runs a script of tests/e2e/*.mjs under Node, which drives Chromium by tools/browser."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from localazure.blob.azurite import find_toolchain

__all__ = ["ROOT", "SCREENSHOTS", "drive"]

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / ".visionlab" / "screenshots"
DEADLINE_S = 240


def drive(script: str, **facts: object) -> Any:
    """Run `script`, a file beside this one, and give what it found. Pictures of the pages go to .visionlab/screenshots.

    Raises:
        AssertionError: The script failed; the message holds what it said.
    """
    if not (ROOT / ".tools" / "browser" / ".done").is_file():
        pytest.skip("playwright-core is not installed: make browser")
    node = find_toolchain(os.environ).node
    finder = "import {findChromium} from './tools/browser/browser.mjs'; process.exit(findChromium() ? 0 : 1)"
    if subprocess.run([node, "--input-type=module", "-e", finder], cwd=ROOT, check=False).returncode != 0:
        pytest.skip("there is no Chromium: apt-get install chromium, or name one in VISIONLAB_CHROMIUM")
    ended = subprocess.run(
        [node, Path(__file__).with_name(script)],
        env={**os.environ, "FACTS": json.dumps(facts), "SCREENSHOTS": str(SCREENSHOTS)},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert ended.returncode == 0, f"{script}:\n{ended.stdout}\n{ended.stderr}"
    return json.loads(ended.stdout.splitlines()[-1])
