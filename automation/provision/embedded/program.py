"""Running a Pulumi program in this process.

Owns: the call of Pulumi's own language server, and turning whatever a program raises into a ConfigError.
Leaves: the services that the program talks to, to `monitor.py`.

`runpy.run_path` would exchange `sys.modules["__main__"]` and `sys.argv` for the whole process; stacks run at the same
time in threads, so the file is compiled and executed in a namespace of its own instead. Pulumi's runtime keeps its
settings in context variables, which its language server copies for each run; the one global thing that it does is to
silence the logger "asyncio".
"""

import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pulumi.automation._server import LanguageServer
from pulumi.errors import RunError
from pulumi.runtime.proto import language_pb2

from automation.errors import ConfigError

__all__ = ["run_program"]


class _Program:
    """The file as a function without arguments; remembers what it raised."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.raised: BaseException | None = None

    def __call__(self) -> None:
        try:
            code = compile(self._path.read_bytes(), str(self._path), "exec")
            exec(code, {"__name__": "__main__", "__file__": str(self._path)})  # noqa: S102 (the user's own program)
        except BaseException as exc:
            self.raised = exc
            raise


def run_program(
    path: Path,
    *,
    project: str,
    stack: str,
    config: Mapping[str, str],
    secret_keys: Sequence[str],
    address: str,
    dry_run: bool,
    parallel: int,
) -> None:
    """Run the program against the services at `address`. Raises ConfigError with what the program says is wrong."""
    program = _Program(path)
    request = language_pb2.RunRequest(
        project=project,
        stack=stack,
        program=str(path),
        monitor_address=address,
        args=[address],
        parallel=parallel,
        config=config,
        configSecretKeys=secret_keys,
        dryRun=dry_run,
        organization="organization",
    )
    server: Any = LanguageServer(program)  # untyped
    answer: language_pb2.RunResponse = server.Run(request, None)
    if program.raised is not None:
        raise _explained(program.raised, path) from program.raised
    if answer.error:
        raise ConfigError(_first_words(answer.error))


def _explained(raised: BaseException, path: Path) -> ConfigError:
    """The program's own words; for what looks like a mistake in it, also where."""
    if isinstance(raised, FileNotFoundError) and raised.filename == str(path):
        return ConfigError(f"there is no program {path}", hint="run from the folder that has Pulumi.yaml")
    said = str(raised).strip()
    hint = getattr(raised, "hint", None)
    mistakes = (
        ArithmeticError,
        AssertionError,
        AttributeError,
        ImportError,
        LookupError,
        NameError,
        SyntaxError,
        TypeError,
    )
    if isinstance(raised, mistakes) and not isinstance(raised, RunError):
        frames = traceback.extract_tb(raised.__traceback__)
        where = frames[-1] if frames else None
        place = f" at {where.filename}:{where.lineno}" if where else ""
        return ConfigError(f"the program {path} is broken: {type(raised).__name__}: {said}{place}")
    return ConfigError(said or type(raised).__name__, hint=hint if isinstance(hint, str) else None)


def _first_words(error: str) -> str:
    """The message of the language server's report, without its traceback."""
    words = error.partition("\nTraceback (most recent call last)")[0]
    return words.removeprefix("python inline source runtime error: ").strip() or "the program failed"
