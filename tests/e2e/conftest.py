"""The command line as a user has it: real processes, real TLS, real training."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

VISIONLAB = Path(sys.executable).with_name("visionlab")
DEADLINE_S = 600


class Shell:
    """Runs `visionlab` in one folder and keeps what it said."""

    def __init__(self, folder: Path, program: Path = VISIONLAB, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.program = program
        self.environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", **(environment or {})}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [self.program, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, expect: int = 0) -> str:
        """Run one command to its end and give its standard output.

        Raises:
            AssertionError: It ended with another exit code; the message holds all it said.
        """
        process = self.start(*arguments)
        out, err = process.communicate(timeout=DEADLINE_S)
        assert process.returncode == expect, f"visionlab {' '.join(arguments)}: {process.returncode}\n{out}\n{err}"
        return out

    def json(self, *arguments: str, expect: int = 0) -> Any:
        """Run one command with --json; its standard output must be one JSON document and nothing else."""
        return json.loads(self.run(*arguments, "--json", expect=expect))


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    """A shell in an empty folder; the local Azure that a test leaves running there is stopped."""
    here = Shell(tmp_path)
    yield here
    for endpoint in tmp_path.rglob("endpoint.json"):
        Shell(endpoint.parents[2]).start("local", "stop").communicate(timeout=60)
