"""Running a Pulumi program in this process.

Owns: the event loop that a program needs, and turning whatever a program raises into a ConfigError.
Leaves: the services that the program talks to, to `monitor.py`.

This is what Pulumi's language host and its `LanguageServer` do, with two differences. `runpy.run_path` would exchange
`sys.modules["__main__"]` and `sys.argv` for the whole process, but stacks may run at the same time in threads: the
file is compiled and executed in a namespace of its own. And the loop is closed however the program ends. Pulumi's
runtime keeps its settings in context variables; each run has a copied context.
"""

import asyncio
import contextvars
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from pulumi import RunError, runtime

from automation.errors import ConfigError

__all__ = ["run_program"]

MISTAKES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    ImportError,
    LookupError,
    NameError,
    SyntaxError,
    TypeError,
)


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

    def execute() -> None:
        code = compile(path.read_bytes(), str(path), "exec")
        exec(code, {"__name__": "__main__", "__file__": str(path)})  # noqa: S102 (the user's own program)

    def run() -> None:
        runtime.reset_options(
            project=project,
            stack=stack,
            parallel=parallel,
            engine_address=address,
            monitor_address=address,
            preview=dry_run,
            organization="organization",
        )
        runtime.set_all_config(dict(config), list(secret_keys))
        in_stack = cast("Callable[[Callable[[], None]], Awaitable[None]]", runtime.run_in_stack)
        _in_own_loop(in_stack(execute), threads=4 * parallel)

    try:
        contextvars.copy_context().run(run)
    except Exception as exc:
        raise _explained(exc, path) from exc
    except SystemExit as exc:
        raise ConfigError(f"the program {path} ended by itself, with {exc.code}") from exc


def _in_own_loop(work: Awaitable[None], *, threads: int) -> None:
    loop = asyncio.new_event_loop()
    # What fails in the background also fails the run; the loop need not log it a second time.
    loop.set_exception_handler(_ignore)
    loop.set_default_executor(ThreadPoolExecutor(max_workers=threads, thread_name_prefix="program"))
    try:
        loop.run_until_complete(work)
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left))
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


def _ignore(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    pass


def _explained(raised: Exception, path: Path) -> ConfigError:
    """The program's own words; for what looks like a mistake in it, also where."""
    if isinstance(raised, FileNotFoundError) and raised.filename == str(path):
        return ConfigError(f"there is no program {path}", hint="run from the folder that has Pulumi.yaml")
    said = str(raised).strip()
    if isinstance(raised, MISTAKES) and not isinstance(raised, RunError):
        frames = traceback.extract_tb(raised.__traceback__)
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        return ConfigError(f"the program {path} is broken: {type(raised).__name__}: {said}{place}")
    hint = getattr(raised, "hint", None)
    return ConfigError(said or type(raised).__name__, hint=hint if isinstance(hint, str) else None)
