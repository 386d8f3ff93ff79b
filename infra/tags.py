"""The tags of a lab: by them people find it, and the clean-up knows it."""

from infra.settings import Settings

__all__ = ["lab_tags"]


def lab_tags(settings: Settings, *, stack: str) -> dict[str, str]:
    """Build the tags; only those that are set."""
    asked = {
        "visionlab:lab": settings.lab,
        "visionlab:stack": stack,
        "visionlab:owner": settings.owner,
        "visionlab:expires": settings.expires,
    }
    return {key: value for key, value in asked.items() if value is not None}
