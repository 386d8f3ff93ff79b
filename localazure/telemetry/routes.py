"""Telemetry and log queries: refused, so that nobody believes that something was kept.

Owns: the paths to which connection strings and the cloud metadata lead. Leaves: the resources themselves to `arm`.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.errors import AzureError

__all__ = ["telemetry_routes"]

_EVERY = ["GET", "POST", "PUT", "HEAD", "DELETE", "PATCH"]


def telemetry_routes() -> list[Route]:
    """Ingestion of Application Insights, and the query APIs of both."""

    async def ingest(_request: Request) -> Response:
        raise _refused("The local Azure does not take telemetry: Application Insights exists there as a resource only.")

    async def query(_request: Request) -> Response:
        raise _refused("The local Azure keeps no logs to query: Log Analytics exists there as a resource only.")

    return [
        Route("/insights/{rest:path}", ingest, methods=_EVERY),
        Route("/v1/workspaces/{rest:path}", query, methods=_EVERY),
        Route("/v1/apps/{rest:path}", query, methods=_EVERY),
    ]


def _refused(message: str) -> AzureError:
    return AzureError(501, "NotImplementedByLocalAzure", message)
