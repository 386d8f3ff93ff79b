"""The rules about categories beyond their ids: names alike, and enough pictures of each."""

import numpy as np

from automation.coco.columns import AnnotationColumns, distinct
from automation.coco.rules.found import Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject

__all__ = ["Classes", "Enough"]


class Classes(Rule):
    """Names that differ by more than the case of letters; no 0 where a tool takes it for the background."""

    def end(self) -> None:
        first: dict[str, tuple[str, int]] = {}
        for place, category in self.subject.categories:
            name, other = first.setdefault(category.name.strip().casefold(), (category.name, place))
            if name != category.name:
                message = f"{category.name!r} is {name!r} of /categories/{other}, but for case or spaces"
                hint = "merge the two categories, or name them apart"
                self.found.add(warning("category-name-case", f"/categories/{place}/name", message, hint=hint))
            if category.id == 0 and self.subject.wants("category-id-zero"):
                message, hint = "the id 0 is refused: it stands for the background", "renumber the ids from 1"
                self.found.add(error("category-id-zero", f"/categories/{place}/id", message, hint=hint))


class Enough(Rule):
    """As many images as the taker asks for, and as many of each category as it advises."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._images_of: dict[int, set[int]] = {}

    def annotations(self, piece: AnnotationColumns) -> None:
        profile = self.subject.profile
        if profile is None or not profile.advised_images:
            return
        for category in distinct(piece.category_ids):
            seen = self._images_of.setdefault(category, set())
            if len(seen) < profile.advised_images:
                of_category = piece.image_ids[piece.category_ids == category]
                seen.update(np.unique(of_category)[: profile.advised_images].tolist())

    def end(self) -> None:
        profile, images = self.subject.profile, len(self.subject.images)
        if profile is None:
            return
        if 0 < images < profile.min_images and self.subject.complete("images"):
            message = f"{images} images are fewer than the {profile.min_images} that {profile.name} asks for"
            self.found.add(error("images-too-few", "/images", message, hint="label more pictures"))
        for place, category in self.subject.categories:
            count = len(self._images_of.get(category.id, ()))
            if 0 < count < profile.advised_images:
                message = f"{category.name!r} is on {count} images, and {profile.advised_images} are advised"
                hint = "label more pictures of it"
                self.found.add(warning("category-scarce", f"/categories/{place}", message, hint=hint))
