"""The labeling pages as files over HTTP: the shell, our modules, what they take from npm.

Owns: which files go out, by which name, with which headers. Nothing else of these folders can be asked for.
Leaves: what the pages say to `web/labeling`, their data to the labeling service.
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from localazure.errors import AzureError

__all__ = ["FROM_NPM", "page_routes"]

FROM_NPM = {
    "preact.js": "preact/dist/preact.mjs",
    "preact-hooks.js": "preact/hooks/dist/hooks.mjs",
    "htm.js": "htm/dist/htm.mjs",
    "htm-preact.js": "htm/preact/index.mjs",
    "annotorious.js": "@annotorious/annotorious/dist/annotorious.es.js",
    "annotorious.css": "@annotorious/annotorious/dist/annotorious.css",
}
_OURS = Path(__file__).parent / "web" / "labeling"
_NAME = re.compile(r"[a-z0-9_]+\.(?:js|css|svg)")
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".html": "text/html"}
_IMPORT_MAP = re.compile(rb'<script type="importmap">(.*?)</script>', re.DOTALL)
_COMMON = {
    "Cache-Control": "no-cache",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POLICY = (
    "default-src 'self'; script-src 'self'{extra}; style-src 'self'; img-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_NOT_INSTALLED = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Labeling</title>
<h1>The labeling pages are not installed</h1>
<p>They need a few packages that this machine does not have yet. Run</p>
<pre>visionlab local install</pre>
<p>(in the repository: <code>make setup</code>) and reload this page. Missing: {missing}</p>
</html>
"""


def page_routes(folders: Sequence[Path]) -> list[Route]:
    """Routes below /labeling. `folders`: where node_modules may lie, the first that has a file wins."""

    async def shell(request: Request) -> Response:
        return await run_in_threadpool(_shell, request, folders)

    async def own(request: Request) -> Response:
        name = request.path_params["name"]
        path = _OURS / name
        if not _NAME.fullmatch(name) or not path.is_file():
            raise AzureError(404, "NotFound", f"The labeling pages have no '{name[:80]}'.")
        return await run_in_threadpool(_file, request, path)

    async def from_npm(request: Request) -> Response:
        name = request.path_params["name"]
        path = _find(folders, FROM_NPM[name]) if name in FROM_NPM else None
        if path is None:
            raise AzureError(404, "NotFound", f"The labeling pages take no '{name[:80]}' from npm.")
        return await run_in_threadpool(_file, request, path)

    async def to_shell(_request: Request) -> Response:
        return RedirectResponse("/labeling/", 308)

    return [
        Route("/labeling", to_shell, methods=["GET"]),
        Route("/labeling/", shell, methods=["GET"]),
        Route("/labeling/join", shell, methods=["GET"]),
        Route("/labeling/app/{name}", own, methods=["GET"]),
        Route("/labeling/lib/{name}", from_npm, methods=["GET"]),
    ]


def _shell(request: Request, folders: Sequence[Path]) -> Response:
    """index.html with its import map allowed by hash; 503 and what to run when packages are missing."""
    missing = [name for name in FROM_NPM.values() if _find(folders, name) is None]
    if missing:
        page = _NOT_INSTALLED.format(missing=", ".join(missing)).encode()
        return Response(page, 503, headers=_headers(), media_type="text/html")
    page = (_OURS / "index.html").read_bytes()
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'" for text in _IMPORT_MAP.findall(page)
    )
    return _answer(request, page, ".html", hashes)


def _find(folders: Sequence[Path], name: str) -> Path | None:
    return next((path for folder in folders if (path := folder / "node_modules" / name).is_file()), None)


def _file(request: Request, path: Path) -> Response:
    return _answer(request, path.read_bytes(), path.suffix.replace(".mjs", ".js"))


def _answer(request: Request, content: bytes, suffix: str, hashes: str = "") -> Response:
    """The file, or 304 for who has these very bytes."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": tag, **_headers(hashes)}
    held = request.headers.get("if-none-match", "")
    if tag in (part.strip().removeprefix("W/") for part in held.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(content, headers=headers, media_type=_TYPES[suffix])


def _headers(hashes: str = "") -> dict[str, str]:
    return {**_COMMON, "Content-Security-Policy": _POLICY.format(extra=hashes)}
