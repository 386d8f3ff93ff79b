"""The picture of a task over HTTP, as it is or small.

Owns: its headers: never in a shared cache, never a page that runs anything. Leaves: the bytes to `picture_access.py`,
`nosniff` to the pipeline, which says it of every answer.
"""

from starlette.responses import Response

from localazure.labeling.data_plane import DataCall, DataRow
from localazure.labeling.people.roles import PROJECTS_READ
from localazure.labeling.pictures.picture_access import Picture
from localazure.labeling.service import LabelingService

__all__ = ["PICTURE_ROWS"]

_KEPT_S = 300


def _image(service: LabelingService, call: DataCall) -> Response:
    held = call.request.headers.get("if-none-match", "")
    return _answer(service.pictures.get(call.project(service), call.task, call.asker, held=held))


def _thumb(service: LabelingService, call: DataCall) -> Response:
    held = call.request.headers.get("if-none-match", "")
    return _answer(service.thumbs.get(call.project(service), call.task, call.asker, held=held))


def _answer(picture: Picture) -> Response:
    headers = {
        "ETag": f'"{picture.tag}"',
        "Cache-Control": f"private, max-age={_KEPT_S}",
        "Vary": "Cookie, Authorization",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    if picture.data is None:
        return Response(status_code=304, headers=headers)
    return Response(picture.data, headers=headers, media_type=picture.media_type)


PICTURE_ROWS: tuple[DataRow, ...] = (
    ("GET", "/tasks/{task}/image", PROJECTS_READ, _image),
    ("GET", "/tasks/{task}/thumb", PROJECTS_READ, _thumb),
)
