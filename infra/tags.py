"""The tags of a lab: by them people find it, and the clean-up knows it."""

from infra.course_settings import SHARED
from infra.settings import Settings

__all__ = ["lab_tags"]


def lab_tags(settings: Settings, *, stack: str) -> dict[str, str]:
    """Build the tags; only those that are set."""
    course = settings.course
    asked = {
        "visionlab:lab": settings.lab,
        "visionlab:stack": stack,
        "visionlab:owner": settings.owner,
        "visionlab:expires": settings.expires,
        "visionlab:course": course and course.course,
        "visionlab:seat": course and (course.seat or SHARED),
        "visionlab:protect": settings.protect_from_cleanup,
    }
    return {key: value for key, value in asked.items() if value is not None}
