"""Set up the development environment: all downloads of the project happen here, none at run time.

Needs nothing but the Python that runs it (3.11 or newer). Makes `.venv`, installs uv into it, the locked packages, the
project itself (editable), Node where a usable one is missing, and Azurite from its lock file.
"""

import os
import re
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST_NODE = 18
# Compiled ahead, so that the first command is as fast as the second, also where Python may not write byte code.
# Of azure-native, 6,000 files, only what infra imports.
NOT_COMPILED = (
    r"pulumi_azure_native.(?!__init__|_|applicationinsights|authorization|cognitiveservices|consumption"
    r"|keyvault|machinelearningservices|operationalinsights|resources|storage.)"
)


def run(*command: str | Path, cwd: Path = ROOT) -> None:
    print("+", " ".join(str(part).replace(str(ROOT), ".") for part in command), file=sys.stderr)
    subprocess.run([str(part) for part in command], cwd=cwd, check=True)


def uv(*arguments: str) -> None:
    run(BIN / "uv", "pip", *arguments, "--quiet", "--python", PYTHON)


def node_is_usable() -> bool:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return False
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)\.", version)
    return found is not None and int(found.group(1)) >= OLDEST_NODE


def main() -> int:
    if sys.version_info < (3, 11):
        print(
            f"visionlab needs Python 3.11 or newer; this is {sys.version.split()[0]}.\n"
            "Name another one: make setup PYTHON=python3.12",
            file=sys.stderr,
        )
        return 2
    if not PYTHON.exists():
        try:
            venv.create(VENV, with_pip=True)
        except subprocess.CalledProcessError:
            shutil.rmtree(VENV, ignore_errors=True)
            print("This Python has no ensurepip. On Debian and Ubuntu: apt-get install python3-venv", file=sys.stderr)
            return 2
    run(PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / "tools" / "uv.lock")
    uv("install", "--require-hashes", "-r", str(ROOT / "requirements.lock"))
    run(PYTHON, "-m", "compileall", "-q", "-j", "0", "-x", NOT_COMPILED, next(VENV.rglob("site-packages")))
    uv("install", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    if not node_is_usable():
        uv("install", "--require-hashes", "-r", str(ROOT / "tools" / "node.lock"))
    run(PYTHON, "-m", "localazure", "install")
    (VENV / ".setup-done").touch()
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as failed:
        print(f"set-up stopped: {failed.cmd[0]} ended with {failed.returncode}; see above", file=sys.stderr)
        sys.exit(1)
