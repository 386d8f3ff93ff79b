"""What run history does and does not, operation by operation, for the coverage page.

Owns: the table. Leaves: showing it to `localazure/coverage.py`.
"""

__all__ = ["COVERAGE"]

_OWN = "Azure ML run history (as azure-ai-ml 1.35 asks for it)"
_CLIENT = "driven by azure-ai-ml"

COVERAGE: tuple[tuple[str, str, str, str], ...] = (
    (_OWN, "GET /discovery", _CLIENT, "api and history, both this origin"),
    (_OWN, "GET …/runs/{run}", _CLIENT, "the job, in run history's words"),
    (_OWN, "GET …/runs/{run}/details", _CLIENT, "no logs: nothing runs"),
    (_OWN, "GET …/runs/{run}/children", _CLIENT, "none"),
    (_OWN, "GET …/runs/{run}/serviceinstances/{node}", _CLIENT, "none"),
    (_OWN, "POST …/rundata", _CLIENT, "metadata; no definition, no specification"),
    (_OWN, "PATCH …/experiments/{experiment}/runs/{run}", _CLIENT, "texts, tags, properties, hidden"),
    (_OWN, "everything else below /history", "not implemented", "answers 501 NotImplementedByLocalAzure"),
)
