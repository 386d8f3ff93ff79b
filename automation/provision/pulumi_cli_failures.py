"""What Pulumi's CLI refuses, in our words.

Owns: which of its sentences mean what, and what to do next. A table: the first row that fits.
Leaves: failures of single resources to `pulumi_cli_events.py`.

The CLI has no error codes. Its sentences stand in pulumi/pkg/backend/diy, pulumi/pkg/secrets and
pulumi/sdk/go/common/workspace; what fits no row is shown as the CLI said it.
"""

import re
from collections.abc import Sequence
from typing import Final

from automation.errors import ConfigError, LabBusy, LabError

__all__ = ["explain"]

LAST_LINES = 3

_LOCKED: Final = re.compile(r"currently locked by|Another update is currently in progress|\[409\] Conflict")
# What the CLI says, the kind of error, our sentence, what to do.
_ROWS: Final[tuple[tuple[re.Pattern[str], type[LabError], str, str], ...]] = (
    (
        re.compile(r"incorrect passphrase|passphrase must be set"),
        ConfigError,
        "the passphrase does not open this stack's secrets",
        "set PULUMI_CONFIG_PASSPHRASE to the one that the stack was made with",
    ),
    (
        re.compile(r"azurekeyvault|keeper for|opening key vault", re.IGNORECASE),
        ConfigError,
        "the key vault does not give the key of this stack's secrets ({said})",
        "check `state: secrets:` in lab.yaml, and that you may use the key (role Key Vault Crypto User)",
    ),
    (
        re.compile(
            r"no resource plugin|failed to download plugin|failed to load plugin|could not (?:find|load) plugin"
        ),
        ConfigError,
        "the provider azure-native cannot be had ({said})",
        "run `pulumi plugin install resource azure-native` where the network is; `visionlab doctor` looks at all of it",
    ),
    (
        re.compile(r"no such host|connection refused|i/o timeout|network is unreachable"),
        LabError,
        "{what}: no answer ({said})",
        "check the network and the proxy (HTTPS_PROXY); `visionlab doctor` looks at both",
    ),
    (
        re.compile(
            re.compile(
                r"unable to open (?:state directory|bucket)|error listing stacks|could not list bucket"
                r'|read "\.pulumi|blob \(key'
            ),
        ),
        ConfigError,
        "the back end of the state cannot be used ({said})",
        "check `state: backend:` in lab.yaml, and that you may read and write there",
    ),
    (
        re.compile(r"no Azure credentials|az login|unable to (?:build|obtain) .*credential|AADSTS\d+", re.IGNORECASE),
        ConfigError,
        "Azure did not let us in ({said})",
        "run `az login`, or check ARM_CLIENT_ID, ARM_CLIENT_SECRET and ARM_TENANT_ID",
    ),
)


def explain(printed: str, *, what: str, stack: str, complaints: Sequence[str], cancel: str) -> LabError:
    """The error for a command of the CLI that failed.

    Args:
        printed: All that the CLI printed.
        what: The command, for people.
        stack: The stack's name.
        complaints: Errors that the engine told as events; they say more than what was printed.
        cancel: How one removes a lock that nobody holds.
    """
    everything = "\n".join([*complaints, printed])
    if _LOCKED.search(everything):
        return LabBusy(
            f"Pulumi's CLI says that another update works on the stack {stack}{_holder(everything)}",
            hint=f"wait until it ends; when there is none, run `{cancel}`",
        )
    said = "; ".join(complaints) or _last_lines(printed)
    for pattern, kind, sentence, hint in _ROWS:
        if pattern.search(everything):
            return kind(sentence.format(said=said, what=what), hint=hint)
    return LabError(f"{what}: {said}")


def _holder(text: str) -> str:
    """Who holds the lock, as the CLI lists it: "created by somebody@host (pid 4) at ..."."""
    found = re.search(r"created by (\S+ \(pid \d+\) at \S+)", text)
    return f" ({found[1]})" if found else ""


def _last_lines(printed: str) -> str:
    parts = (re.sub(r"^\s*(?:code: -?\d+|stdout:|stderr:)", "", line).strip() for line in printed.splitlines())
    lines = [line for line in parts if line]
    errors = [line.removeprefix("error: ") for line in lines if line.startswith(("error: ", "ERROR CODE: "))]
    return " ".join(errors or lines[-LAST_LINES:]) or "it said nothing"
