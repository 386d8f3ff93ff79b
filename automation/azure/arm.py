"""Azure Resource Manager: resources by id, listings page by page, work followed to its end.

Owns: ARM's URLs, api-version, paging, and when "not found" may be taken for an answer.
Leaves: what the bodies mean to the callers; api-versions are theirs too, beside the field names they belong to.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Literal, cast
from urllib.parse import quote, urlsplit

from automation.azure.cloud import Cloud
from automation.azure.operations import Begun, LongRunning
from automation.azure.rest import Response, Rest
from automation.errors import NotFound, ServiceError

__all__ = ["Arm"]

WORK_S = 900.0
REQUEST_S = 60.0
MOST_PAGES = 10_000

# These 404s say that we look in the wrong place, not that the resource is absent.
_WRONG_PLACE = frozenset(
    {
        "subscriptionnotfound",
        "invalidresourcetype",
        "invalidresourcenamespace",
        "invalidsubscriptionid",
        "noregisteredproviderfound",
    }
)


class Arm:
    """Resources of one cloud. A resource id is its path: "/subscriptions/.../providers/..."."""

    def __init__(self, rest: Rest, cloud: Cloud) -> None:
        self._rest, self._cloud = rest, cloud

    def __repr__(self) -> str:
        return f"Arm({self._cloud.name!r})"

    def get(self, resource_id: str, *, api_version: str) -> dict[str, Any]:
        """The resource; NotFound when it is not there."""
        operation = f"get {_short(resource_id)}"
        return self._send("GET", self._url(resource_id), api_version, operation=operation).json_object(operation)

    def find(self, resource_id: str, *, api_version: str) -> dict[str, Any] | None:
        """The resource, or None when it is not there. A wrong subscription or type still raises: that is no answer."""
        try:
            return self.get(resource_id, api_version=api_version)
        except NotFound as exc:
            if _is_wrong_place(exc):
                raise
            return None

    def list(self, path: str, *, api_version: str, params: Mapping[str, str] | None = None) -> Iterator[dict[str, Any]]:
        """Every item of a collection, over all its pages."""
        operation = f"list {_short(path)}"
        answer = self._send("GET", self._url(path), api_version, operation=operation, params=params)
        for _ in range(MOST_PAGES):
            page = answer.json_object(operation)
            items = page.get("value")
            if not isinstance(items, list):
                raise ServiceError('the answer has no "value" list', operation=operation, status=answer.status)
            yield from (cast("dict[str, Any]", item) for item in cast("list[object]", items) if isinstance(item, dict))
            link = page.get("nextLink")
            if not link:
                return
            answer = self._send("GET", self._own(str(link), operation), None, operation=operation)
        raise ServiceError(f"the listing has more than {MOST_PAGES} pages", operation=operation, status=answer.status)

    def put(
        self, resource_id: str, body: Mapping[str, Any], *, api_version: str, deadline_s: float = WORK_S
    ) -> dict[str, Any]:
        """Create or replace the resource, wait until it is done, and give it as it is then."""
        return self._change("PUT", resource_id, body, api_version, deadline_s)

    def patch(
        self, resource_id: str, body: Mapping[str, Any], *, api_version: str, deadline_s: float = WORK_S
    ) -> dict[str, Any]:
        """Change the resource, wait until it is done, and give it as it is then."""
        return self._change("PATCH", resource_id, body, api_version, deadline_s)

    def delete(
        self,
        resource_id: str,
        *,
        api_version: str,
        params: Mapping[str, str] | None = None,
        deadline_s: float = WORK_S,
    ) -> None:
        """Delete the resource and wait until it is gone; one that is not there is gone."""
        operation, url = f"delete {_short(resource_id)}", self._url(resource_id)
        try:
            answer = self._send("DELETE", url, api_version, operation=operation, params=params)
        except NotFound as exc:
            if _is_wrong_place(exc):
                raise
            return
        url = self._versioned(url, api_version)
        self._finish(answer, method="DELETE", url=url, resource=resource_id, deadline_s=deadline_s)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        api_version: str,
        deadline_s: float = WORK_S,
    ) -> dict[str, Any]:
        """Run an action, wait for its end, and give its result; an empty answer is {}."""
        operation, url = f"post {_short(path)}", self._url(path)
        answer = self._send("POST", url, api_version, operation=operation, json=body)
        url = self._versioned(url, api_version)
        answer = self._finish(answer, method="POST", url=url, resource=path, deadline_s=deadline_s)
        return answer.json_object(operation) if answer.body is not None else {}

    def query(
        self,
        path: str,
        body: Mapping[str, Any],
        *,
        api_version: str,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = WORK_S,
    ) -> Iterator[dict[str, Any]]:
        """The `properties` of every page of a query that changes nothing: each page is asked for by the same POST.

        Args:
            path: Of the query.
            body: What is asked.
            api_version: Of the query.
            headers: More headers.
            deadline_s: Seconds for all pages together, the pauses that the service asks for included.
        """
        operation, url, version = f"post {_short(path)}", self._url(path), api_version
        clock = self._rest.clock
        until = clock.monotonic() + deadline_s
        for _ in range(MOST_PAGES):
            answer = self._send(
                "POST",
                url,
                version,
                operation=operation,
                json=body,
                headers=headers,
                deadline_s=until - clock.monotonic(),
            )
            if answer.body is None:  # 204: there is nothing to tell
                return
            found = answer.json_object(operation).get("properties")
            if not isinstance(found, dict):
                raise ServiceError('the answer has no "properties"', operation=operation, status=answer.status)
            page = cast("dict[str, Any]", found)
            yield page
            link = page.get("nextLink")
            if not link:
                return
            url, version = self._own(str(link), operation), ""
        raise ServiceError(f"the answer has more than {MOST_PAGES} pages", operation=operation, status=200)

    def begin(
        self,
        method: Literal["DELETE", "POST"],
        path: str,
        *,
        api_version: str,
        params: Mapping[str, str] | None = None,
        deadline_s: float = WORK_S,
    ) -> Begun | None:
        """Send a request and leave its end to whoever looks at what is given back; None when nothing is there.

        Args:
            method: DELETE, or POST for an action.
            path: The resource's id, or the action's path.
            api_version: Of the resource's type.
            params: Added to the query.
            deadline_s: Seconds for the work, from now.
        """
        operation = f"{method.lower()} {_short(path)}"
        try:
            answer = self._send(method, self._url(path), api_version, operation=operation, params=params)
        except NotFound as exc:
            if _is_wrong_place(exc):
                raise
            return None
        url = self._versioned(self._url(path), api_version)
        return self._work(_short(path), f"wait for {operation}", deadline_s).begin(answer, method=method, url=url)

    def _change(
        self, method: str, resource_id: str, body: Mapping[str, Any], api_version: str, deadline_s: float
    ) -> dict[str, Any]:
        operation, url = f"{method.lower()} {_short(resource_id)}", self._url(resource_id)
        answer = self._send(method, url, api_version, operation=operation, json=body)
        url = self._versioned(url, api_version)
        answer = self._finish(answer, method=method, url=url, resource=resource_id, deadline_s=deadline_s)
        return answer.json_object(operation)

    def _finish(self, answer: Response, *, method: str, url: str, resource: str, deadline_s: float) -> Response:
        operation = f"wait for {method.lower()} {_short(resource)}"
        return self._work(_short(resource), operation, deadline_s).finish(answer, method=method, url=url)

    def _work(self, resource: str, operation: str, deadline_s: float) -> LongRunning:
        def get(link: str, left_s: float) -> Response:
            return self._send("GET", self._own(link, operation), None, operation=operation, deadline_s=left_s)

        return LongRunning(get=get, clock=self._rest.clock, resource=resource, deadline_s=deadline_s)

    def _send(
        self,
        method: str,
        url: str,
        api_version: str | None,
        *,
        operation: str,
        params: Mapping[str, str] | None = None,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        deadline_s: float = REQUEST_S,
    ) -> Response:
        query = dict(params or {}) | ({"api-version": api_version} if api_version else {})
        return self._rest.send(
            method,
            url,
            scope=self._cloud.arm_scope,
            operation=operation,
            params=query,
            json=json,
            headers=headers,
            deadline_s=deadline_s,
        )

    def _url(self, path: str) -> str:
        return self._cloud.arm_endpoint + quote("/" + path.strip("/"), safe="/()!$*',;:@~")

    @staticmethod
    def _versioned(url: str, api_version: str) -> str:
        return f"{url}?api-version={api_version}"

    def _own(self, link: str, operation: str) -> str:
        """A link from an answer, refused when it would carry our token to somebody else."""
        if link.startswith("/"):
            return self._cloud.arm_endpoint + link
        ours, theirs = urlsplit(self._cloud.arm_endpoint), urlsplit(link)
        host, own_host = theirs.hostname or "", ours.hostname or ""
        if (
            theirs.scheme == "https"
            and theirs.port == ours.port
            and (host == own_host or host.endswith("." + own_host))
        ):
            return link
        raise ServiceError(f"the answer points to {host or 'nowhere'}, another host", operation=operation, status=200)


def _is_wrong_place(exc: NotFound) -> bool:
    """Whether more than the resource is missing: a 404 without a code is not from ARM, and 410 means the type."""
    return exc.status == 410 or not exc.code or exc.code.lower() in _WRONG_PLACE


def _short(resource_id: str) -> str:
    """The last type and name of an id, as people say it: "storageAccounts/labpics"."""
    parts = resource_id.partition("?")[0].strip("/").split("/")
    return "/".join(parts[-2:])
