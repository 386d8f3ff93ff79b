"""The user's own azure-native plugin: where it is, and having the CLI fetch it when it is nowhere.

Owns: the version that the Python package asks for, the two places where the CLI looks, the download.
Leaves: the local Azure's stand-in to `pulumi_cli_folder.py`, which no stack on Azure uses.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from automation.errors import ConfigError
from automation.progress import Progress, silent

__all__ = ["NAME", "Plugin", "ensure_plugin", "find_plugin", "plugin_version", "pulumi_home"]

NAME = "azure-native"
DOWNLOAD_S = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An installed plugin; one from PATH may have any version."""

    path: Path
    version: str | None


def plugin_version() -> str:
    """The version that the program's Python package asks for."""
    return version("pulumi-azure-native")


def pulumi_home(environment: Mapping[str, str]) -> Path:
    """Where the user's own Pulumi keeps its plugins."""
    home = environment.get("HOME") or environment.get("USERPROFILE") or "."
    return Path(environment.get("PULUMI_HOME") or Path(home) / ".pulumi")


def find_plugin(environment: Mapping[str, str]) -> Plugin | None:
    """The plugin that the CLI would take; None when it would have to download one."""
    wanted, name = plugin_version(), f"pulumi-resource-{NAME}"
    if not environment.get("PULUMI_IGNORE_AMBIENT_PLUGINS"):
        ambient = shutil.which(name, path=environment.get("PATH"))
        if ambient is not None:
            return Plugin(path=Path(ambient), version=None)
    folder = pulumi_home(environment) / "plugins" / f"resource-{NAME}-v{wanted}"
    found = shutil.which(name, path=str(folder))
    return None if found is None else Plugin(path=Path(found), version=wanted)


def ensure_plugin(cli: Path, environment: Mapping[str, str], progress: Progress = silent) -> None:
    """Have the CLI download the plugin unless it is there. Raises ConfigError with the CLI's reason."""
    if find_plugin(environment) is not None:
        return
    wanted = plugin_version()
    progress(0.0, None, f"downloading the provider {NAME} {wanted}")
    command = [str(cli), "--non-interactive", "plugin", "install", "resource", NAME, wanted]
    hint = f"run `pulumi plugin install resource {NAME} {wanted}` where the network is (a proxy: HTTPS_PROXY)"
    try:
        done = subprocess.run(  # noqa: S603 # the user's own CLI, no shell
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=DOWNLOAD_S,
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
        )
    except subprocess.TimeoutExpired as exc:
        raise ConfigError(f"the provider {NAME} {wanted} was not downloaded in {DOWNLOAD_S:.0f} s", hint=hint) from exc
    if done.returncode:
        raise ConfigError(
            f"the provider {NAME} {wanted} is not installed and cannot be downloaded: {_reason(done.stderr)}", hint=hint
        )


def _reason(printed: str) -> str:
    """The network's own words where there are some, else the CLI's last line."""
    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    said = next((line for line in lines if "Error downloading" in line), lines[-1] if lines else "it said nothing")
    return said.removeprefix("warning: ").removeprefix("error: ").removeprefix("Error downloading plugin: ")
