"""Some images of a file, by chance, with their annotations.

Owns: the draw. Leaves: writing to `selecting.py`.
"""

import random
from pathlib import Path

import numpy as np

from automation.coco.transform.selecting import Part, write_parts
from automation.coco.transform.survey import survey
from automation.errors import ConfigError
from automation.progress import Progress, silent

__all__ = ["sample_file"]


def sample_file(source: Path, out: Path, *, images: int, seed: int, progress: Progress = silent) -> Part:
    """Write so many images and what is on them; the same seed draws the same ones.

    Raises:
        ConfigError: There is no such file, or it has fewer images.
        DatasetError: It is not sound.
        Refused: The new file would be the old one.
    """
    seen = survey(source, progress=progress)
    there = len(seen.images)
    if not 0 <= images <= there:
        raise ConfigError(f"{source.name} has {there:,} images, not {images:,}", hint=f"give at most {there}")
    targets = np.full(there, -1, np.int8)
    targets[random.Random(seed).sample(range(there), images)] = 0
    return write_parts(source, [out], {"images": targets, "annotations": targets[seen.rows]}, progress=progress)[0]
