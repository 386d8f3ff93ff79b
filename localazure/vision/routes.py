"""Which request goes where in the Image Analysis API.

Owns: paths, methods, status codes, api-version, paging links. Leaves: JSON to `wire.py`, rules to the services.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlencode

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.errors import AzureError
from localazure.vision import errors, wire
from localazure.vision.analyze import check_image_size
from localazure.vision.coverage import NOT_IMPLEMENTED
from localazure.vision.limits import IMAGE_BYTES
from localazure.vision.request_body import first_file, read_body
from localazure.vision.seams import VisionAccount
from localazure.vision.service import VisionService
from localazure.vision.types import Dataset

__all__ = ["vision_routes"]

API_VERSIONS = ("2023-02-01-preview", "2023-04-01-preview")
_BASES = ("/computervision", "/cognitiveservices/{subdomain}/computervision")
_JSON_TYPES = ("application/json", "application/json-patch+json")
_JSON_LIMIT = 4 * 1024 * 1024
_FORM_MARGIN = 64 * 1024

Authenticate = Callable[[Request], VisionAccount]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """One authenticated request. `body` is None when it was too large."""

    request: Request
    account: VisionAccount
    query: Mapping[str, str]
    body: bytes | None

    @property
    def account_id(self) -> str:
        return self.account.id

    def name(self, key: str) -> str:
        return wire.check_name(self.request.path_params[key])

    def json(self) -> Mapping[str, Any]:
        content_type = _content_type(self.request).get_content_type()
        if content_type not in _JSON_TYPES:
            raise AzureError(415, "UnsupportedMediaType", f"The content type '{content_type}' is not supported.")
        if self.body is None:
            raise errors.bad_request(f"The body is larger than {_JSON_LIMIT} bytes.")
        return wire.parse_json(self.body)


_Work = Callable[[VisionService, _Call], Response]


def vision_routes(service: VisionService, authenticate: Authenticate) -> list[Route]:
    """All routes, for both forms of the endpoint. `authenticate` raises AzureError when the caller is unknown."""
    table: list[tuple[str, str, _Work]] = [
        ("PUT", "/datasets/{name}", _put_dataset),
        ("GET", "/datasets/{name}", _get_dataset),
        ("PATCH", "/datasets/{name}", _patch_dataset),
        ("DELETE", "/datasets/{name}", _delete_dataset),
        ("GET", "/datasets", _list_datasets),
        ("POST", "/models/{name}:cancel", _cancel_model),
        ("PUT", "/models/{name}", _put_model),
        ("GET", "/models/{name}", _get_model),
        ("DELETE", "/models/{name}", _delete_model),
        ("GET", "/models", _list_models),
        ("PUT", "/models/{name}/evaluations/{evaluation}", _put_evaluation),
        ("GET", "/models/{name}/evaluations/{evaluation}", _get_evaluation),
        ("DELETE", "/models/{name}/evaluations/{evaluation}", _delete_evaluation),
        ("GET", "/models/{name}/evaluations", _list_evaluations),
        ("POST", "/imageanalysis:analyze", _analyze),
        *((method, path, _refuse(what)) for method, path, what in NOT_IMPLEMENTED),
    ]
    return [
        Route(base + path, _endpoint(service, authenticate, work), methods=[method])
        for base in _BASES
        for method, path, work in table
    ]


def _endpoint(service: VisionService, authenticate: Authenticate, work: _Work) -> Callable[[Request], Any]:
    """Authenticate before reading the body, then do the work in a thread."""

    async def endpoint(request: Request) -> Response:
        account = await run_in_threadpool(authenticate, request)
        query = {key.lower(): value for key, value in request.query_params.items()}
        _check_version(query)
        limit = IMAGE_BYTES + _FORM_MARGIN if work is _analyze else _JSON_LIMIT
        body = await read_body(request.stream(), limit)
        call = _Call(request=request, account=account, query=query, body=body)
        if service.retired and (work is not _analyze or "model-name" in query):
            raise errors.retired()
        return await run_in_threadpool(work, service, call)

    return endpoint


def _check_version(query: Mapping[str, str]) -> None:
    version = query.get("api-version")
    if version is None:
        raise errors.bad_request("The query parameter 'api-version' is required.", target="api-version")
    if version not in API_VERSIONS:
        raise errors.bad_request(
            f"The api-version '{version[:50]}' is not supported; use {' or '.join(API_VERSIONS)}.", target="api-version"
        )


def _put_dataset(service: VisionService, call: _Call) -> Response:
    spec, _ = wire.parse_dataset_spec(call.json())
    return _dataset(service.datasets.create(call.account_id, call.name("name"), spec), 201)


def _get_dataset(service: VisionService, call: _Call) -> Response:
    return _dataset(service.datasets.get(call.account_id, call.name("name")), 200)


def _patch_dataset(service: VisionService, call: _Call) -> Response:
    spec, given = wire.parse_dataset_spec(call.json())
    if_match = call.request.headers.get("if-match")
    dataset = service.datasets.update(call.account_id, call.name("name"), spec, given=given, if_match=if_match)
    return _dataset(dataset, 200)


def _delete_dataset(service: VisionService, call: _Call) -> Response:
    service.datasets.delete(call.account_id, call.name("name"), if_match=call.request.headers.get("if-match"))
    return Response(status_code=204)


def _list_datasets(service: VisionService, call: _Call) -> Response:
    return _page(call, service.datasets.list(call.account_id), wire.dump_dataset)


def _put_model(service: VisionService, call: _Call) -> Response:
    name, spec = call.name("name"), wire.parse_model_spec(call.json())
    service.principals.note(call.account)
    return JSONResponse(wire.dump_model(service.models.create(call.account_id, name, spec)), 201)


def _get_model(service: VisionService, call: _Call) -> Response:
    model = service.models.get(call.account_id, call.name("name"))
    return JSONResponse(wire.dump_model(model, service.progress.of(call.account_id, model.name)))


def _list_models(service: VisionService, call: _Call) -> Response:
    return _page(call, service.models.list(call.account_id), wire.dump_model)


def _cancel_model(service: VisionService, call: _Call) -> Response:
    service.models.cancel(call.account_id, call.name("name"))
    return Response(status_code=202)


def _delete_model(service: VisionService, call: _Call) -> Response:
    service.models.delete(call.account_id, call.name("name"))
    return Response(status_code=204)


def _put_evaluation(service: VisionService, call: _Call) -> Response:
    model, name = call.name("name"), call.name("evaluation")
    test_dataset = wire.parse_evaluation_spec(call.json())
    service.principals.note(call.account)
    evaluation = service.evaluations.create(call.account_id, model, name, test_dataset)
    return JSONResponse(wire.dump_evaluation(evaluation), 201)


def _get_evaluation(service: VisionService, call: _Call) -> Response:
    evaluation = service.evaluations.get(call.account_id, call.name("name"), call.name("evaluation"))
    progress = service.progress.of(call.account_id, evaluation.model_name, evaluation.name)
    return JSONResponse(wire.dump_evaluation(evaluation, progress))


def _list_evaluations(service: VisionService, call: _Call) -> Response:
    return _page(call, service.evaluations.list(call.account_id, call.name("name")), wire.dump_evaluation)


def _delete_evaluation(service: VisionService, call: _Call) -> Response:
    service.evaluations.delete(call.account_id, call.name("name"), call.name("evaluation"))
    return Response(status_code=204)


def _analyze(service: VisionService, call: _Call) -> Response:
    model = call.query.get("model-name")
    if not model and not call.query.get("features"):
        raise errors.bad_request("Either 'features' or 'model-name' needs to be specified in the query parameter")
    if not model or call.query.get("features"):
        raise errors.not_implemented("Prebuilt analysis (the query parameter 'features')")
    wire.check_name(model)
    header = _content_type(call.request)
    content_type = header.get_content_type()
    if content_type in _JSON_TYPES:
        url = wire.parse_image_url(call.json())
        prediction = service.analyzer.analyze_url(call.account_id, model, url)
    else:
        prediction = service.analyzer.analyze_bytes(call.account_id, model, _image(call, header))
    service.looked(call.account_id)
    return JSONResponse(wire.dump_prediction(prediction, call.query["api-version"]))


def _image(call: _Call, header: Message) -> bytes:
    content_type = header.get_content_type()
    form = content_type == "multipart/form-data"
    if not form and content_type != "application/octet-stream" and not content_type.startswith("image/"):
        raise errors.wrong_content_type(content_type)
    check_image_size(IMAGE_BYTES + 1 if call.body is None else len(call.body))
    body = call.body or b""
    return first_file(b"\r\n" + body, str(header.get_param("boundary", ""))) if form else body


def _refuse(what: str) -> _Work:
    def work(_service: VisionService, _call: _Call) -> Response:
        raise errors.not_implemented(what)

    return work


def _dataset(dataset: Dataset, status: int) -> Response:
    return JSONResponse(wire.dump_dataset(dataset), status, headers={"ETag": dataset.etag})


def _page(call: _Call, values: Sequence[Any], dump: Callable[[Any], dict[str, Any]]) -> Response:
    skip, top = wire.parse_paging(call.query.get("skip"), call.query.get("top"))
    next_link = None
    if skip + top < len(values):
        query = urlencode({"api-version": call.query["api-version"], "skip": skip + top, "top": top})
        next_link = str(call.request.url.replace(query=query))
    return JSONResponse(wire.dump_page([dump(value) for value in values[skip : skip + top]], next_link))


def _content_type(request: Request) -> Message:
    header = Message()
    header["content-type"] = request.headers.get("content-type", "")
    return header
