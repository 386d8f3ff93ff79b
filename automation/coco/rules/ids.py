"""The rules about ids: unique, and leading somewhere; the vision service wants them from 1 and without gaps, too.

COCO itself has gaps, and many exporters number from 0. Only the annotation 0 does harm: pycocotools never counts it as
found.
"""

from functools import partial

import numpy as np

from automation.coco.columns import NO_ID, AnnotationColumns, Ints, distinct
from automation.coco.growing import Numbers, Places, Whole
from automation.coco.rules.found import AT_MOST_PER_CODE, Found, Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.errors import Finding

__all__ = ["Dangling", "Ids"]

_PART = 100_000
_RENUMBER = "renumber the ids from 1, references included"
_CORRECT = "correct the id, or delete the annotation"


class Ids(Rule):
    """The ids of all three sections."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._serious = error if subject.for_service else warning
        self._ids = Numbers()
        self._places = Places()
        self._by_section: list[Found] = []

    def annotations(self, piece: AnnotationColumns) -> None:
        self._ids.add(piece.ids)
        self._places.add(piece.index)

    def end(self) -> None:
        images, categories = self.subject.images, self.subject.categories
        self._section("images", images.ids, images.places)
        self._section("annotations", self._ids.all, self._places)
        self._ids = Numbers()
        places = Places()
        places.add(np.array([place for place, _ in categories], np.int64))
        self._section("categories", np.array([category.id for _, category in categories], np.int64), places)

    def findings(self) -> list[Finding]:
        return [finding for found in self._by_section for finding in found.in_order()]

    def _section(self, section: str, ids: Whole, places: Places) -> None:
        found, rest = Found(self.kinds), Found(self.kinds)
        self._by_section += [found, rest]
        if not len(ids):
            return
        if ids[0] != NO_ID and _in_a_row(ids):
            given, rows = ids, None  # in a row, as mostly: nothing is missing, nothing comes twice
        else:
            missing = ids == NO_ID
            say = partial(self._serious, "id-missing", message="there is no id", hint=_RENUMBER)
            found.each(places.of(np.flatnonzero(missing)), lambda place: say(where=f"/{section}/{place}/id"))
            rows = np.flatnonzero(~missing)
            given = ids[rows]
            self._duplicates(found, section, given, places.of(rows))
        if not len(given):
            return
        least = 1 if self.subject.for_service or section == "annotations" else 0
        if (low := given < least).any():
            first = int(np.argmax(low))
            message = f"{len(np.unique(given[low]))} ids are below {least}, the first is {given[first]}"
            where = f"/{section}/{places.one(first if rows is None else int(rows[first]))}/id"
            rest.add(self._serious("id-below-1", where, message, hint=_RENUMBER))
        elif self.subject.for_service and int(given.max()) > len(ids) and self.subject.complete(section):
            message = f"the ids skip {_first_missing(given)}"
            rest.add(error("id-gap", f"/{section}", message, hint=_RENUMBER))

    def _duplicates(self, found: Found, section: str, ids: Whole, places: Ints) -> None:
        ordered = np.sort(ids)
        if not (ordered[1:] == ordered[:-1]).any():
            return
        order = np.argsort(ids, kind="stable")
        same = np.flatnonzero(ordered[1:] == ordered[:-1]) + 1
        again = np.sort(order[same])
        shown = again[:AT_MOST_PER_CODE]
        starts = np.searchsorted(ordered, ids[shown], side="left")
        firsts = {
            int(places[row]): (int(ids[row]), int(places[order[start]]))
            for row, start in zip(shown, starts, strict=True)
        }

        def say(place: int) -> Finding:
            entry_id, other = firsts[place]
            message = f"the id {entry_id} is that of /{section}/{other}/id too"
            return error("id-duplicate", f"/{section}/{place}/id", message, hint=_RENUMBER)

        found.each(places[again], say)


def _in_a_row(ids: Whole) -> bool:
    """Whether each is one more than the one before it; a part at a time, for there may be millions."""
    parts = (ids[start : start + _PART + 1] for start in range(0, len(ids), _PART))
    return all(bool((part[1:] == part[:-1] + 1).all()) for part in parts)


def _first_missing(ids: Whole) -> int:
    there = np.unique(ids)
    there = there[there >= 1]
    gaps = np.flatnonzero(there != np.arange(1, len(there) + 1))
    return int(gaps[0]) + 1 if len(gaps) else len(there) + 1


class Dangling(Rule):
    """Every annotation names an image and a category that exist."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._categories: dict[int, list[Ints]] = {}

    def annotations(self, piece: AnnotationColumns) -> None:
        lost = piece.rows < 0
        if lost.any():
            lost[lost] = self.subject.unexcused("images", piece.image_ids[lost])
            named = dict(zip(piece.index[lost].tolist(), piece.image_ids[lost].tolist(), strict=True))
            self.found.each(piece.index[lost], lambda i: _lost("image", i, named[i]))
        # Categories may come last in the file: whose id is known is seen at the end.
        known = {category.id for _, category in self.subject.categories}
        for category in distinct(piece.category_ids):
            if category not in known:
                self._categories.setdefault(category, []).append(piece.index[piece.category_ids == category])

    def end(self) -> None:
        known = {category.id for _, category in self.subject.categories}
        for category, places in self._categories.items():
            if category in known or not self.subject.unexcused("categories", np.array([category])).all():
                continue
            self.found.each(np.concatenate(places), partial(_lost, "category", named=category))


def _lost(what: str, place: int, named: int) -> Finding:
    message = f"there is no {what} {named}"
    return error(f"dangling-{what}", f"/annotations/{place}/{what}_id", message, hint=_CORRECT)
