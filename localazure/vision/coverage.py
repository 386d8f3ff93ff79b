"""What the vision service does and does not, operation by operation, for the coverage page.

Owns: the table, and the paths that answer 'not implemented'. Leaves: showing it to `app.py`.
"""

__all__ = ["COVERAGE", "NOT_IMPLEMENTED"]

_SERVICE = "Image Analysis 4.0 (2023-02-01-preview, 2023-04-01-preview)"
_SPEC = "spec only"
_NONE = "not implemented"
_NO_MODEL = "answers 501 NotImplementedByLocalAzure"

NOT_IMPLEMENTED: tuple[tuple[str, str, str], ...] = (
    ("POST", "/imageanalysis:segment", "Background removal"),
    ("POST", "/retrieval:vectorizeText", "Text vectorization"),
    ("POST", "/retrieval:vectorizeImage", "Image vectorization"),
    ("POST", "/imagecomposition:stitch", "Image stitching"),
    ("POST", "/imagecomposition:rectify", "Image rectification"),
    ("POST", "/planogramcompliance:match", "Planogram matching"),
    ("PUT", "/productrecognition/{model}/runs/{run}", "Product recognition"),
    ("GET", "/productrecognition/{model}/runs/{run}", "Product recognition"),
    ("DELETE", "/productrecognition/{model}/runs/{run}", "Product recognition"),
    ("GET", "/productrecognition/{model}/runs", "Product recognition"),
)

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    (_SERVICE, "PUT /datasets/{name}", _SPEC, "content is read when training, as in Azure"),
    (_SERVICE, "PATCH /datasets/{name}", _SPEC, "fields that are not given stay; If-Match and 412"),
    (_SERVICE, "GET /datasets/{name}", _SPEC, "the SAS token is never given back"),
    (_SERVICE, "DELETE /datasets/{name}", _SPEC, "If-Match and 412"),
    (_SERVICE, "GET /datasets", _SPEC, "skip, top, nextLink"),
    (_SERVICE, "PUT /models/{name}", _SPEC, "trains really; Product-Recognizer answers 501"),
    (_SERVICE, "GET /models/{name}", _SPEC, "adds progress while it trains and metricsFrom"),
    (_SERVICE, "DELETE /models/{name}", _SPEC, "refused (400) until the training has ended"),
    (_SERVICE, "GET /models", _SPEC, "skip, top, nextLink"),
    (_SERVICE, "POST /models/{name}:cancel", _SPEC, "202 without body; 400 once it has succeeded or failed"),
    (_SERVICE, "PUT /models/{name}/evaluations/{evaluation}", _SPEC, "a missing model or dataset fails the run"),
    (_SERVICE, "GET /models/{name}/evaluations/{evaluation}", _SPEC, ""),
    (_SERVICE, "DELETE /models/{name}/evaluations/{evaluation}", _SPEC, "refused (400) while it runs"),
    (_SERVICE, "GET /models/{name}/evaluations", _SPEC, "skip, top, nextLink"),
    (_SERVICE, "POST /imageanalysis:analyze?model-name=", _SPEC, "bytes, forms, and addresses in our own blob store"),
    (_SERVICE, "POST /imageanalysis:analyze?features=", _NONE, _NO_MODEL),
    *((_SERVICE, f"{method} {path}", _NONE, _NO_MODEL) for method, path, _ in NOT_IMPLEMENTED),
)
