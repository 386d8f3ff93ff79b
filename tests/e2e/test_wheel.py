"""The built wheel works outside the repository: a new environment, an empty folder, a whole lab."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]

ROOT = Path(__file__).resolve().parents[2]
UV = Path(sys.executable).with_name("uv")


def test_a_wheel_in_a_new_environment_runs_a_lab(shell: Any, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("wheel")
    environment = {**os.environ, "XDG_DATA_HOME": str(outside / "data"), "npm_config_prefer_offline": "true"}

    def uv(*arguments: str | Path) -> None:
        subprocess.run([UV, *arguments], cwd=outside, env=environment, check=True, capture_output=True, timeout=300)

    # What make setup has downloaded is in uv's cache: nothing is fetched here.
    uv("build", "--wheel", "--offline", "--no-build-isolation", "--python", sys.executable, "--out-dir", "dist", ROOT)
    uv("venv", "--python", sys.executable, outside / "env")
    (wheel,) = (outside / "dist").glob("visionlab-*.whl")
    python = outside / "env" / "bin" / "python"
    uv("pip", "install", "--offline", "--python", python, "--require-hashes", "-r", ROOT / "requirements.lock")
    uv("pip", "install", "--offline", "--python", python, "--no-deps", wheel)

    shell.program = outside / "env" / "bin" / "visionlab"
    shell.environment = {**shell.environment, **environment}
    shell.run("init", ".", "--template", "fruit", "--small")
    result = shell.json("run", "lab.yaml")
    proof = shell.json("lab", "down", "--yes")
    shell.run("local", "stop")

    assert result["models"]["fruitdetector"]["meanAveragePrecision50"] >= 0.5
    assert proof["left_behind"] == []
