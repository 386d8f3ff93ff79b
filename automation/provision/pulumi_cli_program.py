"""The Pulumi program as Pulumi's CLI gets it: run in this process when the CLI asks for it.

Owns: running the file, and keeping what it raised, for the CLI tells less.
Leaves: serving it to the Automation API.
"""

import asyncio
import time
from contextlib import suppress

from pulumi import RunError

from automation.errors import ConfigError, LabError
from automation.provision.project import Project

__all__ = ["InlineProgram"]

LEAVE_LOOKS = 200
LEAVE_PAUSE_S = 0.01


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
        """End what the Automation API leaves behind a failed run: tasks that wait for an engine that is gone.

        When one of them fails, it forgets the others and leaves its loop open.
        """
        loop = self._loop
        if loop is None or loop.is_closed():
            return
        for _ in range(LEAVE_LOOKS):  # its thread may be on its way out of the loop
            if not loop.is_running():
                break
            time.sleep(LEAVE_PAUSE_S)
        else:
            return
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        with suppress(RuntimeError):  # its thread came back for another task: then it closes the loop itself
            if left:
                loop.run_until_complete(asyncio.wait(left))
            loop.close()
