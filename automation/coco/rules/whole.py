"""The rules about the whole file: is there something to learn, are categories named and used, is it too much."""

import numpy as np

from automation.coco.columns import AnnotationColumns, distinct
from automation.coco.quotas import Quota
from automation.coco.rules.found import Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject

__all__ = ["Categories", "NothingToLearn", "QuotaOfFile", "Unlabeled", "source_of"]


def source_of(quota: Quota) -> str:
    """The hint of every quota: whose limit it is."""
    return f"a limit for {quota.what}; source: {quota.source}"


class NothingToLearn(Rule):
    def end(self) -> None:
        subject = self.subject
        if not len(subject.images) and subject.complete("images"):
            self.found.add(error("no-images", "/images", "there are no images"))
        if not subject.categories and subject.complete("categories"):
            self.found.add(error("no-categories", "/categories", "there are no categories"))
        if not subject.annotations and subject.complete("annotations"):
            self.found.add(warning("no-annotations", "/annotations", "there are no annotations"))


class Categories(Rule):
    """They have names of their own, and something is labeled with each."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._used: set[int] = set()

    def annotations(self, piece: AnnotationColumns) -> None:
        self._used.update(distinct(piece.category_ids))

    def end(self) -> None:
        first: dict[str, int] = {}
        for place, category in self.subject.categories:
            where = f"/categories/{place}/name"
            if not category.name.strip():
                self.found.add(error("category-unnamed", where, f"category {category.id} has no name"))
            elif category.name in first:
                message = f"{category.name!r} is the name of /categories/{first[category.name]}/name too"
                self.found.add(warning("category-name-duplicate", where, message))
            first.setdefault(category.name, place)
            if category.id not in self._used and self.subject.complete("annotations"):
                self.found.add(warning("category-unused", where, f"nothing is labeled {category.name!r}"))


class Unlabeled(Rule):
    """Images without an annotation, as one warning."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._labeled: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None

    def annotations(self, piece: AnnotationColumns) -> None:
        if self._labeled is None:
            self._labeled = np.zeros(len(self.subject.images), np.bool_)
        self._labeled[piece.rows[piece.rows >= 0]] = True

    def end(self) -> None:
        if self._labeled is None or not self.subject.complete("annotations"):
            return
        without = np.flatnonzero(~self._labeled)
        if len(without):
            shown = ", ".join(self.subject.images.names(without[:3])) + (", …" if len(without) > 3 else "")
            message = f"{len(without)} of {len(self._labeled)} images have no annotation: {shown}"
            hint = "fine if there is nothing to see on them"
            self.found.add(warning("image-unlabeled", "/images", message, hint=hint))


class QuotaOfFile(Rule):
    """How much the service takes, and how little."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._images_of: dict[int, set[int]] = {}

    def annotations(self, piece: AnnotationColumns) -> None:
        if self.subject.quota is None:
            return
        enough = self.subject.quota.min_images_per_category
        for category in distinct(piece.category_ids):
            seen = self._images_of.setdefault(category, set())
            if len(seen) < enough:
                seen.update(np.unique(piece.image_ids[piece.category_ids == category])[:enough].tolist())

    def end(self) -> None:
        quota, subject = self.subject.quota, self.subject
        if quota is None:
            return
        images, named = len(subject.images), len(subject.categories)
        if images > quota.max_images:
            message = f"{images:,} images are more than {quota.max_images:,}"
            self.found.add(error("quota-images", "/images", message, hint=source_of(quota)))
        if not quota.min_categories <= named <= quota.max_categories and subject.complete("categories"):
            message = f"{named:,} categories are not between {quota.min_categories} and {quota.max_categories:,}"
            self.found.add(error("quota-categories", "/categories", message, hint=source_of(quota)))
        for place, category in subject.categories:
            count = len(self._images_of.get(category.id, ()))
            if 0 < count < quota.min_images_per_category:
                message = f"{category.name!r} is on {count} image, and {quota.min_images_per_category} are needed"
                self.found.add(error("quota-category", f"/categories/{place}", message, hint=source_of(quota)))
