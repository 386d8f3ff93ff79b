"""How long a training will take here, before it is started. None of this exists in Azure.

Owns: GET /_local/training-estimate, with the admin token. Leaves: what trainings cost to `localazure.training`, whose
fixed tables decide by the same figures what is done within a budget.
"""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.admin_token import check_admin
from localazure.errors import AzureError
from localazure.training.classifier_rungs import choose_classifier_rung, classifier_rungs
from localazure.training.errors import NotEnoughBudget
from localazure.training.rungs import choose_rung, rungs

__all__ = ["estimate_routes"]

_MOST = {"pictures": 10_000_000, "classes": 100_000, "budgetHours": 1344}


def estimate_routes(*, admin_token: str) -> list[Route]:
    """It asks for the admin token as a bearer token."""

    async def show(request: Request) -> Response:
        check_admin(request, admin_token)
        kind = request.query_params.get("kind", "")
        if kind not in ("detector", "classifier"):
            raise AzureError(400, "InvalidParameter", "kind is 'detector' or 'classifier'.")
        pictures, classes, hours = (_number(request, name) for name in _MOST)
        return JSONResponse(_estimate(kind, pictures, classes, hours * 3600.0))

    return [Route("/_local/training-estimate", show, methods=["GET"])]


def _estimate(kind: str, pictures: int, classes: int, budget_s: float) -> dict[str, float | None]:
    """Seconds on a busy machine (an idle one takes about half): within this budget, and the least there is."""
    detector = kind == "detector"
    quick, quickest = rungs(pictures)[-1], classifier_rungs(pictures)[-1]
    least = quick.cost_s(pictures) if detector else quickest.cost_s(pictures, classes)
    try:
        if detector:
            seconds = choose_rung(pictures, budget_s).cost_s(pictures)
        else:
            seconds = choose_classifier_rung(pictures, classes, budget_s).cost_s(pictures, classes)
    except NotEnoughBudget:
        return {"seconds": None, "leastSeconds": least}
    return {"seconds": seconds, "leastSeconds": least}


def _number(request: Request, name: str) -> int:
    text = request.query_params.get(name, "")
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and 1 <= int(text) <= _MOST[name]):
        raise AzureError(400, "InvalidParameter", f"{name} is a whole number from 1 to {_MOST[name]}.")
    return int(text)
