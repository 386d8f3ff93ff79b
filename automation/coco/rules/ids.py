"""The rules about ids: unique, from 1, without gaps - COCO itself asks only for the first - and leading somewhere."""

from functools import partial

import numpy as np

from automation.coco.columns import NO_ID, AnnotationColumns, Ints
from automation.coco.rules.found import Found, Kinds, error, warning
from automation.coco.rules.subject import Rule, Subject
from automation.errors import Finding

__all__ = ["Dangling", "Ids"]

_RENUMBER = "renumber the ids from 1, references included"
_CORRECT = "correct the id, or delete the annotation"


class Ids(Rule):
    """The ids of all three sections."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._serious = error if subject.for_service else warning
        self._ids: list[Ints] = []
        self._index: list[Ints] = []
        self._by_section: list[Found] = []

    def annotations(self, piece: AnnotationColumns) -> None:
        self._ids.append(piece.ids)
        self._index.append(piece.index)

    def end(self) -> None:
        images, categories = self.subject.images, self.subject.categories
        nothing = np.empty(0, np.int64)
        self._section("images", images.ids, images.index)
        self._section("annotations", np.concatenate([nothing, *self._ids]), np.concatenate([nothing, *self._index]))
        self._ids.clear()
        self._index.clear()
        self._section(
            "categories",
            np.array([category.id for _, category in categories], np.int64),
            np.array([place for place, _ in categories], np.int64),
        )

    def findings(self) -> list[Finding]:
        return [finding for found in self._by_section for finding in found.in_order()]

    def _section(self, section: str, ids: Ints, index: Ints) -> None:
        found = Found(self.kinds)
        self._by_section.append(found)
        given = ids
        if (missing := ids == NO_ID).any():
            found.each(
                index[missing],
                lambda i: self._serious("id-missing", f"/{section}/{i}/id", "there is no id", hint=_RENUMBER),
            )
            given, index = ids[~missing], index[~missing]
        if not len(given):
            return
        in_a_row = bool((np.diff(given) == 1).all())
        if not in_a_row:
            self._duplicates(found, section, given, index)
        rest = Found(self.kinds)
        self._by_section.append(rest)
        if (low := given < 1).any():
            first = int(np.argmax(low))
            message = f"{len(np.unique(given[low]))} ids are below 1, the first is {given[first]}"
            where = f"/{section}/{index[first]}/id"
            rest.add(self._serious("id-below-1", where, message, hint=_RENUMBER))
        elif int(given.max()) > len(ids) and self.subject.complete(section):
            message = f"the ids skip {_first_missing(given)}"
            rest.add(self._serious("id-gap", f"/{section}", message, hint=_RENUMBER))

    def _duplicates(self, found: Found, section: str, ids: Ints, index: Ints) -> None:
        order = np.argsort(ids, kind="stable")
        same = np.flatnonzero(ids[order][1:] == ids[order][:-1]) + 1
        if not len(same):
            return
        again = np.sort(order[same])
        starts = np.searchsorted(ids[order], ids[again], side="left")
        firsts = {
            int(index[row]): (int(ids[row]), int(index[order[start]])) for row, start in zip(again, starts, strict=True)
        }

        def say(place: int) -> Finding:
            entry_id, other = firsts[place]
            message = f"the id {entry_id} is that of /{section}/{other}/id too"
            return error("id-duplicate", f"/{section}/{place}/id", message, hint=_RENUMBER)

        found.each(index[again], say)


def _first_missing(ids: Ints) -> int:
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
        for category in np.unique(piece.category_ids).tolist():
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
