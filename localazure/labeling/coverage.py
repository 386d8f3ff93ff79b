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
    (_ARM, "GET …/labelingJobs/{id}", _SPEC, "both shapes, by api-version"),
    (_ARM, "PUT …/labelingJobs/{id}", _SPEC, "images only; the operation ends when all pictures are tasks"),
    (_ARM, "DELETE …/labelingJobs/{id}", _SPEC, "the name stays taken"),
    (_ARM, "POST …/labelingJobs/{id}/pause", _SPEC, "answers bare properties"),
    (_ARM, "POST …/labelingJobs/{id}/resume", _SPEC, "looks for new pictures when incremental refresh is on"),
    (_ARM, "POST …/labelingJobs/{id}/exportLabels (Coco)", _SPEC, "normalised boxes, true sizes as floats"),
    (_ARM, "POST …/labelingJobs/{id}/exportLabels (CSV)", _SPEC, "Azure's columns are not published: these are ours"),
    (_ARM, "POST …/labelingJobs/{id}/exportLabels (Dataset)", _NONE, "answers 501 NotImplementedByLocalAzure"),
    (_ARM, "mediaType Text", _NONE, "answers 501 NotImplementedByLocalAzure"),
    (_ARM, "MLTable data assets as input", _NONE, "answers 501 NotImplementedByLocalAzure"),
    (_ARM, "mlAssistConfiguration", "stored", "kept and given back; nothing is trained by it"),
    (_OWN, "POST …/projects/{name}/labels:import", "own contract", "COCO: pixels or fractions, boxes, polygons, tags"),
    (_OWN, "GET …/projects/{name}/tasks", "own contract", "skip, top, nextLink"),
)
