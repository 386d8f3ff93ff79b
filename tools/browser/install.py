"""Install what drives a browser in tests into .tools/browser: `npm ci` from the lock file. Called by `make browser`."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from localazure.blob.install import find_npm

HERE = Path(__file__).resolve().parent
FOLDER = HERE.parents[1] / ".tools" / "browser"


def main() -> int:
    npm = find_npm(os.environ)
    if npm is None:
        print("npm is missing: install Node.js 18 or newer", file=sys.stderr)
        return 2
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / name, FOLDER / name)
    subprocess.run([*npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"], cwd=FOLDER, check=True)
    (FOLDER / ".done").touch()
    return 0


if __name__ == "__main__":
    sys.exit(main())
