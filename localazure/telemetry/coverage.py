"""What the local Azure does with telemetry, for the coverage page."""

__all__ = ["TELEMETRY"]

TELEMETRY: tuple[tuple[str, str, str, str], ...] = (
    ("Application Insights", "ANY /insights/{path}", "not implemented", "501: no telemetry is taken"),
    ("Log Analytics", "ANY /v1/workspaces/{path}, /v1/apps/{path}", "not implemented", "501: no logs to query"),
)
