"""The Pulumi program as Pulumi's CLI gets it: run in this process when the CLI asks for it.

Owns: running the file, and keeping what it raised, for the CLI tells less.
Leaves: serving it to the Automation API.
"""

import asyncio

from pulumi import RunError

from automation.errors import ConfigError, LabError
from automation.provision.project import Project

__all__ = ["InlineProgram"]


class InlineProgram:
    """The program of a project. Close it after the run."""

    def __init__(self, project: Project) -> None:
        self._path = project.program
        self._loop: asyncio.AbstractEventLoop | None = None
        self.error: LabError | None = None

    def __call__(self) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            code = compile(self._path.read_bytes(), str(self._path), "exec")
            exec(code, {"__name__": "__main__", "__file__": str(self._path)})  # noqa: S102 (the user's own program)
        except Exception as exc:
            hint = getattr(exc, "hint", None)
            said = str(exc).strip() or type(exc).__name__
            self.error = ConfigError(said, hint=hint if isinstance(hint, str) else None)
            raise RunError(said) from exc

    def close(self) -> None:
        """Close the loop that the Automation API made; it leaves it open when a task of the program failed."""
        if self._loop is not None and not self._loop.is_running():
            self._loop.close()
