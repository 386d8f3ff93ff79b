"""The provider as a plugin of Pulumi's CLI: prints its port and serves until it is stopped.

Owns: the process, which ends with the one that started it, however that ends. The CLI gives the engine's address as
the only argument; we have no use for it.
Leaves: the service to `servicer.py`.
"""

import os
import sys
from contextlib import suppress

from pulumi.runtime.proto import provider_pb2_grpc

from automation.provision.azure_native.connection import connect_by_settings
from automation.provision.azure_native.servicer import ProviderServicer
from automation.provision.rpc import serving

THREADS = 32
LOOK_FOR_PARENT_S = 1.0


def main() -> None:
    """Serve on a free port of loopback, and say which."""
    parent = os.getppid()  # before the port is said: whoever hears it may be gone a moment later
    servicer = ProviderServicer(lambda settings: connect_by_settings(settings, os.environ))

    def register(server: object) -> None:
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(servicer, server)  # pyright: ignore[reportArgumentType] (see rpc.py)

    with suppress(KeyboardInterrupt), serving(register, threads=THREADS) as (address, server):
        sys.stdout.write(address.rpartition(":")[2] + "\n")
        sys.stdout.flush()
        while server.wait_for_termination(LOOK_FOR_PARENT_S) and os.getppid() == parent:
            pass  # it gives True when the time is over, and the server still serves


if __name__ == "__main__":
    main()
