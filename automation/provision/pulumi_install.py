"""The Automation API's own installer of Pulumi's CLI, where Pulumi's own installer puts it: ~/.pulumi.

Owns: the download's failures in our words. It is never called unasked.
"""

import socket
import subprocess
import urllib.error
from pathlib import Path

from automation.errors import LabError

__all__ = ["install_cli"]

CONNECT_S = 30.0


def install_cli(root: Path) -> Path:
    """Download the CLI that fits the Python package into `root`/bin. Raises LabError when it cannot be had."""
    from pulumi.automation import PulumiCommand

    hint = "is there a network, and does a proxy need HTTPS_PROXY? Other ways: https://www.pulumi.com/docs/install/"
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(CONNECT_S)  # the installer asks without a time-out of its own
    try:
        PulumiCommand.install(root=str(root))
    except urllib.error.URLError as exc:
        raise LabError(f"the Pulumi CLI could not be downloaded: {exc.reason}", hint=hint) from exc
    except subprocess.CalledProcessError as exc:
        said = bytes(exc.output or b"").decode(errors="replace").strip().splitlines()
        raise LabError(f"the installer of the Pulumi CLI failed: {' '.join(said[-2:])}", hint=hint) from exc
    except (OSError, ValueError) as exc:
        raise LabError(f"the Pulumi CLI could not be installed in {root}: {exc}", hint=hint) from exc
    finally:
        socket.setdefaulttimeout(before)
    return root / "bin" / "pulumi"
