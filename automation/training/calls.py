"""Requests to one Image Analysis resource: URL, api-version, token, paging.

Owns: what every call has in common, and saying that Azure has retired the service.
Leaves: names and meaning of the calls to `datasets.py`, `models.py`, `evaluations.py` and `image_analysis.py`.
"""

from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

from automation.azure import Cloud, Response, Rest
from automation.clock import Clock
from automation.errors import InvalidRequest, NotFound, ServiceError

__all__ = ["VisionCalls"]

API_VERSION = "2023-04-01-preview"
PAGE = 30
RETIRED = (
    "Azure switched custom models of Image Analysis 4.0 off on 31 March 2025;"
    " use stack local; training by the services that live on comes in a later release"
)


class VisionCalls:
    """Sends requests below "{endpoint}/computervision"."""

    def __init__(self, endpoint: str, rest: Rest, cloud: Cloud, clock: Clock) -> None:
        self.clock, self.is_local = clock, cloud.is_local
        self._base = endpoint.rstrip("/") + "/computervision"
        self._rest, self._scope = rest, cloud.vision_scope

    def send(
        self,
        method: str,
        path: str,
        *,
        operation: str,
        json: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = 60.0,
    ) -> Response:
        try:
            return self._rest.send(
                method,
                self._base + path,
                scope=self._scope,
                operation=operation,
                params={"api-version": API_VERSION} | dict(params or {}),
                json=json,
                content=content,
                headers=headers,
                deadline_s=deadline_s,
            )
        except (NotFound, InvalidRequest) as exc:
            if not self.is_local:
                exc.hint = RETIRED
            raise

    def get(self, path: str, *, operation: str, deadline_s: float = 60.0) -> dict[str, Any]:
        return self.send("GET", path, operation=operation, deadline_s=deadline_s).json_object(operation)

    def pages(self, path: str, *, operation: str) -> Iterator[dict[str, Any]]:
        """Every item of a list. Goes by skip and top: a link out of an answer never gets our token."""
        skip = 0
        while True:
            params = {"skip": str(skip), "top": str(PAGE)}
            page = self.send("GET", path, operation=operation, params=params).json_object(operation)
            items = page.get("value")
            if not isinstance(items, list):
                raise ServiceError('the answer has no "value" list', operation=operation, status=200)
            yield from cast("list[dict[str, Any]]", items)
            skip += len(cast("list[object]", items))
            if not page.get("nextLink") or not items:
                return


def path_of(*segments: str) -> str:
    """The segments as a path, each escaped."""
    return "".join("/" + quote(segment, safe="") for segment in segments)
