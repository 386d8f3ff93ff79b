"""The second web server of the process: plain http on loopback, for managed identities.

Owns: its life beside the first one, in the same event loop. Leaves: what it answers to `entra/managed_routes.py`.
"""

import socket

import uvicorn
from starlette.types import ASGIApp

__all__ = ["IdentityListener"]


class IdentityListener:
    """Listens from `start` to `stop`, on a socket that is bound already."""

    def __init__(self, app: ASGIApp, listener: socket.socket) -> None:
        config = uvicorn.Config(
            app,
            log_level="warning",
            access_log=False,
            lifespan="off",
            server_header=False,
            date_header=False,
            timeout_keep_alive=5,
            limit_concurrency=64,
        )
        config.load()
        self._server = uvicorn.Server(config)
        self._server.lifespan = config.lifespan_class(config)
        self._socket = listener

    async def start(self) -> None:
        await self._server.startup(sockets=[self._socket])

    async def stop(self) -> None:
        for connection in list(self._server.server_state.connections):
            connection.transport.abort()
        await self._server.shutdown(sockets=[self._socket])
