"""What labeling does and does not, operation by operation, for the coverage page.

Owns: the table. Leaves: showing it to `app.py`.
"""

__all__ = ["COVERAGE"]

_ARM = "Azure ML labelingJobs (2020-09-01-preview to 2024-04-01-preview)"
_OWN = "Labeling data plane (our own: Azure's was never published)"
_SPEC = "spec only"
_NONE = "not implemented"

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    (_ARM, "GET …/labelingJobs", _SPEC, "$skip, $top, nextLink"),
    (_ARM, "GET …/labelingJobs/{id}", _SPEC, "all four shapes, by api-version"),
    (_ARM, "PUT …/labelingJobs/{id}", _SPEC, "images only; the operation ends when all pictures are tasks"),
    (_ARM, "PATCH …/labelingJobs/{id}", _SPEC, "405: Azure had none"),
    (_ARM, "DELETE …/labelingJobs/{id}", _SPEC, "the name stays taken"),
    (_ARM, "POST …/labelingJobs/{id}/pause", _SPEC, "answers bare properties"),
    (_ARM, "POST …/labelingJobs/{id}/resume", _SPEC, "looks for new pictures when incremental refresh is on"),
    (
        _ARM,
        "POST …/labelingJobs/{id}/exportLabels",
        _SPEC,
        "Coco: fractions, true sizes; CSV: columns of our own; Dataset: AutoML's JSONL as an MLTable asset",
    ),
    (_ARM, "GET …/locations/{location}/mfeOperationsStatus/{operation}", _SPEC, "of PUT"),
    (_ARM, "GET …/locations/{location}/mfeOperationResults/{operation}", _SPEC, "of resume and exportLabels"),
    (_ARM, "mediaType Text", _NONE, "answers 501 NotImplementedByLocalAzure"),
    (_ARM, "MLTable data assets as input", _SPEC, "JSON lines, or pictures by name, folder, pattern; one container"),
    (
        _ARM,
        "notificationSetting, secretsConfiguration, identity, services",
        "stored",
        "checked, kept and given back to the api-versions that have them; nobody is notified",
    ),
    (_ARM, "mlAssistConfiguration", "stored", "kept and given back; Enabled turns assistance on"),
    *(
        (_OWN, operation, "own contract", note)
        for operation, note in (
            ("POST, GET, DELETE /labeling/session", "personal links with a token that works once; no passwords"),
            ("GET …/projects/{name}", "the project as its pages see it"),
            ("GET, PUT …/projects/{name}/settings", ""),
            ("POST …/projects/{name}/classes", "while paused; start over, keep as defaults, or continue"),
            ("POST …/projects/{name}/refresh", "new pictures of the folder become tasks"),
            ("GET …/projects/{name}/people", ""),
            ("PUT, DELETE …/projects/{name}/people/{email}", ""),
            ("POST …/projects/{name}/people/{email}/invite", "a link with a token that works once"),
            ("POST …/projects/{name}/people/{email}/revoke", ""),
            ("PUT, DELETE …/projects/{name}/teams/{team}", ""),
            ("POST …/projects/{name}/queue/take", "leases that expire"),
            ("POST …/projects/{name}/queue/release", ""),
            ("POST …/projects/{name}/queue/renew", ""),
            ("POST …/projects/{name}/queue/submit", "all or nothing, and once for each submission"),
            ("POST …/projects/{name}/assign", ""),
            ("GET …/projects/{name}/agreement", "kappa for classes, overlap for boxes"),
            ("GET …/projects/{name}/tasks", "filters, orders, skip, top, nextLink"),
            ("GET, PUT …/projects/{name}/tasks/{id}", ""),
            ("GET …/projects/{name}/tasks/{id}/image", ""),
            ("GET …/projects/{name}/tasks/{id}/thumb", ""),
            ("PUT, DELETE …/projects/{name}/tasks/{id}/gold", ""),
            ("POST …/projects/{name}/review", "approve, reject, accept a skip; one by one or by filter"),
            ("GET …/projects/{name}/statistics", ""),
            ("GET …/projects/{name}/events", "server-sent events"),
            ("POST …/projects/{name}/pause", "as labelingJobs, for people of the project"),
            ("POST …/projects/{name}/resume", ""),
            ("GET, POST …/projects/{name}/experiments", "training, inference, clustering, with the local trainer"),
            ("POST …/projects/{name}/experiments/{number}/cancel", ""),
            ("PUT …/projects/{name}/order", "manual, clustered, prelabeled, uncertain"),
            ("POST …/projects/{name}/labels:import", "COCO, AutoML JSONL, CSV: boxes, polygons, classes"),
            ("POST …/projects/{name}/exports", "as exportLabels, and in pixels, or only what is approved"),
            ("GET …/projects/{name}/exports", "the last 100, with their state"),
            ("GET …/projects/{name}/exports/{id}", "202 until it has ended"),
            ("GET /labeling, /labeling/, /labeling/join, /labeling/app/{name}, /labeling/lib/{name}", "the pages"),
        )
    ),
)
