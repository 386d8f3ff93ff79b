"""The modules of the labeling pages that need no browser, under Node's own test runner: one run for all of them."""

import os
import subprocess
from pathlib import Path

import pytest

from localazure.blob.azurite import AzuriteError, find_toolchain

HERE = Path(__file__).parent


def test_modules_without_a_browser_do_what_their_tests_say() -> None:
    try:
        node = find_toolchain(os.environ).node
    except AzuriteError as missing:
        pytest.skip(str(missing))
    files = sorted(path.name for path in HERE.glob("*.test.mjs"))
    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", *files],
        cwd=HERE,
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert files, "there are tests to run"
    assert run.returncode == 0, "\n".join(line for line in run.stdout.splitlines() if not line.startswith("ok"))[-6000:]
