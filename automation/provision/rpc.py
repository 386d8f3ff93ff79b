"""The typed door to gRPC, which has no types of its own: serving on loopback, and refusing a call.

Owns: server options and lifetime.
Leaves: what is served to `embedded/monitor.py` and `azure_native/servicer.py`.
"""

from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, NoReturn

import grpc  # pyright: ignore[reportMissingTypeStubs] (grpcio ships no types)

__all__ = ["refuse", "serving"]

LARGEST_MESSAGE = 400 * 1024 * 1024  # as Pulumi's own channels


def refuse(context: Any, code: str, details: str) -> NoReturn:
    """End the call with a status like "INVALID_ARGUMENT"."""
    context.abort(grpc.StatusCode[code], details)
    raise AssertionError("abort returned")  # it never does, but grpc does not say so in types


@contextmanager
def serving(register: Callable[[Any], None], *, threads: int) -> Generator[tuple[str, Any]]:
    """Serve on a free port of loopback; gives the address and the server.

    Args:
        register: Adds the services to the server.
        threads: Calls that are served at the same time.
    """
    pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="rpc")
    options = [("grpc.max_receive_message_length", LARGEST_MESSAGE), ("grpc.so_reuseport", 0)]
    server: Any = grpc.server(pool, options=options)  # pyright: ignore[reportUnknownMemberType] (see the import)
    register(server)
    port: int = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", server
    finally:
        server.stop(grace=1.0).wait()  # without grace, clients log that their calls were cancelled
        pool.shutdown()
