"""Photo-like pictures for the examples, drawn from a seed.

Owns: `draw_fruit` (apples, bananas, oranges with exact boxes) and `draw_pets` (cats and dogs for classification).
Leaves: using the pictures to the workflow. numpy and OpenCV are loaded when something is drawn, not before.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from automation.drawing.album import Drawn, Recipe, draw_album
from automation.progress import Progress, silent

if TYPE_CHECKING:
    from automation.drawing.types import Picture

__all__ = ["FRUIT_CLASSES", "PET_CLASSES", "Drawn", "draw_fruit", "draw_pets"]

FRUIT_CLASSES = ("apple", "banana", "orange")
PET_CLASSES = ("Cat", "Dog", "Uncertain")


def draw_fruit(
    folder: Path,
    *,
    train: int = 53,
    evaluation: int = 20,
    test: int = 4,
    seed: int = 7,
    long_side_px: int = 480,
    progress: Progress = silent,
) -> Drawn:
    """Draw apples, bananas and oranges among clutter into `folder`/photos, with COCO boxes in pixels.

    Gives photos/training with labels.json, photos/evaluation with eval-labels.json, and photos/test. What is there
    already of the same seed is kept.
    """

    def draw(seed: int, split: int, index: int) -> "Picture":
        import numpy as np

        from automation.drawing.scene import draw_fruit_scene

        rng = np.random.default_rng([seed, split, index])
        first = FRUIT_CLASSES[index % len(FRUIT_CLASSES)]
        return draw_fruit_scene(rng, first=first, long_side_px=long_side_px)

    recipe = Recipe(name="fruit", version=1, long_side_px=long_side_px, classes=FRUIT_CLASSES, draw=draw)
    counts = {"training": train, "evaluation": evaluation, "test": test}
    return draw_album(folder, recipe, counts, seed=seed, progress=progress)


def draw_pets(
    folder: Path,
    *,
    train: int = 80,
    evaluation: int = 25,
    test: int = 5,
    seed: int = 7,
    long_side_px: int = 400,
    progress: Progress = silent,
) -> Drawn:
    """Draw one cat or dog per picture into `folder`/photos, with COCO labels of whole pictures.

    Two of five pictures show a cat, two a dog; in every fifth it cannot be told, which is the class Uncertain.
    Gives photos/training with labels.json, photos/evaluation with eval-labels.json, and photos/test. What is there
    already of the same seed is kept.
    """

    def draw(seed: int, split: int, index: int) -> "Picture":
        import numpy as np

        from automation.drawing.pets import draw_pet_scene

        rng = np.random.default_rng([seed, split, index])
        label = ("Cat", "Dog", "Cat", "Dog", "Uncertain")[index % 5]
        return draw_pet_scene(rng, label=label, long_side_px=long_side_px)

    recipe = Recipe(name="pets", version=1, long_side_px=long_side_px, classes=PET_CLASSES, draw=draw)
    counts = {"training": train, "evaluation": evaluation, "test": test}
    return draw_album(folder, recipe, counts, seed=seed, progress=progress)
