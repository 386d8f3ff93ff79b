"""What those who take pictures accept, as data with its source.

Owns: one row for each profile that says something about pictures. Leaves: comparing a picture with a row to `looking`.

Sources: "Learn", the limits page of each service; where it contradicts Microsoft's sample the stricter figure stands.
"""

from dataclasses import dataclass

__all__ = ["ANYTHING", "CUSTOM_VISION", "IMAGE_ANALYSIS", "PictureLimits", "limits_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureLimits:
    """The limits of one profile.

    Attributes:
        who: For a sentence: who takes the pictures.
        formats: As Pillow names them.
        max_bytes: Of one file.
        min_side_px: Of the shorter side.
        max_side_px: Of the longer side.
        max_ratio: Of the longer side to the shorter one.
    """

    who: str
    formats: frozenset[str]
    max_bytes: int
    min_side_px: int
    max_side_px: int
    max_ratio: float = float("inf")


_USUAL = frozenset({"JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "MPO"})

IMAGE_ANALYSIS = PictureLimits(
    who="the service", formats=_USUAL, max_bytes=20 << 20, min_side_px=10, max_side_px=10_240
)
CUSTOM_VISION = PictureLimits(
    who="Custom Vision",
    formats=frozenset({"JPEG", "PNG", "BMP", "GIF"}),
    max_bytes=6 << 20,
    min_side_px=256,
    max_side_px=10_240,
    max_ratio=25,
)
# No service in mind: what can be decoded in a bounded time and memory.
ANYTHING = PictureLimits(who="visionlab", formats=_USUAL, max_bytes=256 << 20, min_side_px=1, max_side_px=16_000)


def limits_of(profile: str) -> PictureLimits:
    """The row of a profile of `visionlab dataset check`; `ANYTHING` for those that say nothing about pictures."""
    return {"image-analysis": IMAGE_ANALYSIS, "custom-vision": CUSTOM_VISION}.get(profile, ANYTHING)
