"""Importing, ahead of time, what every run of the installed program needs.

Owns: which modules these are: what the program imports, and what serves it.
Leaves: running anything to others. No thread may begin here, for processes are forked from what this leaves behind.
"""

import ast
import importlib
import sys
import threading
from collections.abc import Collection
from contextlib import suppress
from types import ModuleType

from automation.errors import LabError
from automation.provision.project import Project, find_project

__all__ = ["preload", "program_imports"]

_LOCK = threading.Lock()
_DONE = threading.Event()
_SERVING = (
    "automation.azure.connection",
    "automation.provision.azure_native.connection",
    "automation.provision.embedded.journal",
    "automation.provision.embedded.refresh",
    "automation.provision.embedded.run",
    "automation.provision.imports",
    "cryptography.hazmat.primitives.ciphers.aead",
    "cryptography.hazmat.primitives.kdf.pbkdf2",
    "yaml",
)


def preload() -> None:
    """Import it all, once. What cannot be imported is left for the run, which says it better.

    Threads that each run a program need it too: azure-native cannot be imported by two at the same time.
    """
    with _LOCK:
        if not _DONE.is_set():
            _import_all()
            _DONE.set()


def _import_all() -> None:
    of_program: list[str] = []
    with suppress(LabError):
        of_program = program_imports(find_project())
    for module in (*_SERVING, *of_program):
        with suppress(Exception):
            importlib.import_module(module)
    _load_lazy({module.partition(".")[0] for module in of_program} - {"pulumi", "pulumi_azure_native"})


def _load_lazy(packages: Collection[str]) -> None:
    """Load what modules of these packages have imported lazily: azure-native's parts are loaded by their first use."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] in packages:
            for value in list(vars(module).values()):
                if isinstance(value, ModuleType) and type(value) is not ModuleType:
                    hasattr(value, "__all__")  # asked for anything that is not known beforehand, it loads


def program_imports(project: Project) -> list[str]:
    """The modules that a program names; azure-native loads its own only when somebody asks for them."""
    with suppress(OSError, SyntaxError):
        found: list[str] = []
        for node in ast.parse(project.program.read_bytes()).body:
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        return found
    return []
