"""References to other stacks of the same lab folder: their outputs, as a program of this stack reads them.

Owns: which stack a name means, and the outputs that its state file holds.
Leaves: recording the reference to `engine.py`, the form of the file to `state.py`.
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from automation.errors import ConfigError
from automation.provision.embedded.crypter import Passphrase
from automation.provision.embedded.journal import read_document, salt_of
from automation.provision.embedded.state import parse
from automation.provision.embedded.urns import ROOT_TYPE
from automation.provision.values import Properties, contains_secret

__all__ = ["READ_OUTPUTS", "STACK_REFERENCE", "Lookup", "Siblings", "reference_outputs"]

STACK_REFERENCE: Final = "pulumi:pulumi:StackReference"
READ_OUTPUTS: Final = "pulumi:pulumi:readStackOutputs"
"""The function that reads the same without a resource."""

Lookup = Callable[[str], Properties]


def reference_outputs(name: str, outputs: Properties) -> Properties:
    """The outputs of a StackReference: the stack's own, and the names of those that hold secrets."""
    secret = sorted(key for key, value in outputs.items() if contains_secret(value))
    return {"name": name, "outputs": outputs, "secretOutputNames": secret}


class Siblings:
    """The stacks whose state files stand in one folder.

    Args:
        folder: Where they stand.
        project: The project that they are of.
        passphrase: Opens their secrets; it is the lab's.
    """

    def __init__(self, folder: Path, *, project: str, passphrase: str) -> None:
        self._folder, self._project, self._passphrase = folder, project, passphrase

    def outputs(self, name: str) -> Properties:
        """What a stack gives to others. Raises ConfigError when it is not here.

        Args:
            name: "stack", or "organization/project/stack" as back ends without organizations have it.
        """
        *owners, stack = name.split("/")
        if owners not in ([], ["organization", self._project]) or not re.fullmatch(r"[A-Za-z0-9][\w.-]{0,99}", stack):
            raise ConfigError(
                f"the program refers to the stack {name}, which is not one of this lab's",
                hint=f'the embedded engine knows "<stack>" and "organization/{self._project}/<stack>"',
            )
        path = self._folder / f"{stack}.json"
        document = read_document(path)
        if document is None:
            raise ConfigError(
                f"the program refers to the stack {name}, and there is no such stack", hint="make that one first"
            )
        snapshot = parse(document, Passphrase(self._passphrase, salt_of(document)), source=str(path))
        return next((item.outputs for item in snapshot.resources if item.type == ROOT_TYPE), Properties())
