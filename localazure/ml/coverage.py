"""What run history does and does not, operation by operation, for the coverage page.

Owns: the table. Leaves: showing it to `localazure/coverage.py`.
"""

__all__ = ["COVERAGE"]

_OWN = "Azure ML run history (as azure-ai-ml 1.35 asks for it)"
_SPEC = "spec only"

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    (_OWN, "GET /discovery", _SPEC, "api and history, both this origin"),
    (_OWN, "GET …/runs/{run}", _SPEC, "the job, in run history's words"),
    (_OWN, "GET …/runs/{run}/details", _SPEC, "no logs: nothing runs"),
    (_OWN, "GET …/runs/{run}/children", _SPEC, "none"),
    (_OWN, "GET …/runs/{run}/serviceinstances/{node}", _SPEC, "none"),
    (_OWN, "POST …/rundata", _SPEC, "metadata; no definition, no specification"),
    (_OWN, "PATCH …/experiments/{experiment}/runs/{run}", _SPEC, "texts, tags, properties, hidden"),
    (_OWN, "everything else below /history", "not implemented", "answers 501 NotImplementedByLocalAzure"),
)
