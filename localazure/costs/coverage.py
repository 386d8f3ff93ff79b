"""What the local Azure has of Cost Management, for the coverage page."""

__all__ = ["COVERAGE"]

_SCOPES = ("/subscriptions/{subscription}", "/subscriptions/{subscription}/resourceGroups/{group}")
COVERAGE = tuple(
    (
        "Cost Management",
        f"POST {scope}/providers/Microsoft.CostManagement/query",
        "spec only",
        "costs are 0; UsageQuantity counts trainings, calls, secrets, stored bytes and what stands",
    )
    for scope in _SCOPES
)
