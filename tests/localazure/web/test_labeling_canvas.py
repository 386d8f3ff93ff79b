"""Boxes and polygons in a real Chromium: mouse, keys and fingers, under Node's own test runner."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from localazure.blob.azurite import package_folders

HERE = Path(__file__).parent


@pytest.mark.e2e
def test_boxes_and_polygons_in_a_real_browser() -> None:
    node = shutil.which("node")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    folders = (folder / "node_modules" for folder in package_folders(os.environ))
    modules = next((folder for folder in folders if (folder / "@annotorious").is_dir()), None)
    if node is None or chromium is None or modules is None:
        pytest.skip("needs Node.js, Chromium and the packages of the labeling pages")
    run = subprocess.run(
        [node, "--test", "--test-reporter=tap", "canvas.browser.mjs"],
        cwd=HERE,
        env={"PATH": os.environ.get("PATH", ""), "CHROMIUM": chromium, "NODE_MODULES": str(modules)},
        capture_output=True,
        text=True,
        timeout=55,
        check=False,
    )
    assert run.returncode == 0, "\n".join(line for line in run.stdout.splitlines() if not line.startswith("ok"))[-6000:]
