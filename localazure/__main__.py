"""`python -m localazure`: serve, install, coverage. The composition root: only here the environment is read.

Owns: the command line and exit codes (0 done, 2 cannot start).
"""

import argparse
import os
import sqlite3
import sys
from collections.abc import Sequence
from pathlib import Path

__all__ = ["main"]

_LARGEST_PAGE = 1_000
_ONE_THREAD = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")} | {
    "OPENCV_FOR_THREADS_NUM": "1"
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code."""
    options = _parser().parse_args(arguments)
    if options.command == "install":
        from localazure.blob.install import install

        return install(dict(os.environ))
    if options.command == "coverage":
        from localazure.coverage import coverage_page

        sys.stdout.write(coverage_page())
        return 0
    # Before numpy is loaded: predictions run in this process, beside other work, and workers inherit it.
    os.environ.update(_ONE_THREAD)
    from localazure.blob.azurite import AzuriteError
    from localazure.errors import DISK_FULL, is_disk_full
    from localazure.server import serve
    from localazure.settings import SettingsError, load_settings

    try:
        settings = load_settings(
            Path(options.state),
            port=options.port,
            blob_port=options.blob_port,
            identity_port=options.identity_port,
            imds=options.imds,
            rotate_key=options.rotate_key,
            host=options.host,
            role_delay_s=options.role_delay,
            throttle=options.throttle,
            record=Path(options.record).absolute() if options.record else None,
            page_size=options.page_size,
        )
        serve(settings, dict(os.environ))
    except (SettingsError, AzuriteError, OSError, sqlite3.Error) as error:
        if is_disk_full(error):
            error = SettingsError(f"{DISK_FULL} Its folder is {options.state}.")
        if not isinstance(error, SettingsError | AzuriteError):
            raise
        print(f"error: {error}", file=sys.stderr)  # noqa: T201 a program's own voice
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m localazure", description="A local Azure on this machine.")
    commands = parser.add_subparsers(dest="command", required=True)
    serving = commands.add_parser("serve", help="serve in the foreground until SIGTERM or Ctrl-C")
    serving.add_argument("--state", required=True, help="the folder that keeps everything")
    serving.add_argument("--port", type=int, help="port of Entra, ARM and the services (kept for later starts)")
    serving.add_argument("--blob-port", type=int, help="port of the blob server (kept for later starts)")
    serving.add_argument("--identity-port", type=int, help="port of managed identities (kept for later starts)")
    serving.add_argument(
        "--imds", action="store_true", help="let every program of this machine have tokens, as a virtual machine does"
    )
    serving.add_argument(
        "--rotate-key", action="store_true", help="sign tokens with a new key; those of the old one last two hours more"
    )
    serving.add_argument(
        "--role-delay", type=float, default=2.0, help="seconds until a role assignment works; 0: at once"
    )
    serving.add_argument(
        "--record",
        default=os.environ.get("VISIONLAB_RECORD"),
        help="a file to append to which client was served with which operation; for the coverage page",
    )
    serving.add_argument(
        "--throttle", type=_above_zero, default=1.0, help="times Azure's limits of requests; below 1: sooner"
    )
    serving.add_argument(
        "--page-size", type=_page_size, default=1_000, help="the most resources on a page; fewer: clients must page"
    )
    serving.add_argument(
        "--host", default="127.0.0.1", help="address to listen on; anything else is reachable by others"
    )
    commands.add_parser("install", help="install the blob server (Azurite) for this user, by npm ci")
    commands.add_parser("coverage", help="print what the local Azure has, as Markdown")
    return parser


def _page_size(text: str) -> int:
    value = int(text)
    if not 1 <= value <= _LARGEST_PAGE:
        raise argparse.ArgumentTypeError(f"it must be from 1 to {_LARGEST_PAGE}")
    return value


def _above_zero(text: str) -> float:
    number = float(text)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text} is not above 0")
    return number


if __name__ == "__main__":
    sys.exit(main())
