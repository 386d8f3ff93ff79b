"""The rules about how values are written, which columns no longer tell: dates, sizes as floats, keys at the top."""

import json
import re
from typing import cast

from automation.coco.rules.found import Found, Kinds, warning
from automation.coco.rules.subject import Rule, Subject
from automation.coco.scan import Entries, Text
from automation.errors import Finding

__all__ = ["Spelling", "Top"]

_FLOAT_SIZE = re.compile(rb'ht?"\s*:\s*\d+[.eE]')  # the end of width" and height"
_LONG_DATE = re.compile(rb'date_captured"\s*:\s*"[^"]*\.\d{7}')
_LONG = re.compile(r"\.\d{7,}")


class Spelling(Rule):
    """Most texts are searched once and not read again."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._dates = Found(kinds)

    def text(self, source: Entries | Text) -> None:
        if not isinstance(source, Entries) or source.section != "images":
            return
        if not (_FLOAT_SIZE.search(source.text) or _LONG_DATE.search(source.text)):
            return
        try:
            entries = cast("list[object]", json.loads(source.text))
        except (ValueError, RecursionError):
            return  # said elsewhere
        sizes: list[int] = []
        dates: list[int] = []
        for place, raw in enumerate(entries, source.first):
            if isinstance(raw, dict):
                entry = cast("dict[str, object]", raw)
                if any(type(side) is float and side > 0 for side in (entry.get("width"), entry.get("height"))):
                    sizes.append(place)
                date = entry.get("date_captured")
                if isinstance(date, str) and _LONG.search(date):
                    dates.append(place)
        message, hint = "width or height is written as a float", "write whole pixels: 224, not 224.0"
        self.found.each(sizes, lambda i: warning("size-float", f"/images/{i}", message, hint=hint))
        said, cure = "the second has more than six decimals", "cut the date to six: Python 3.10 cannot read more"
        self._dates.each(dates, lambda i: warning("date-decimals", f"/images/{i}/date_captured", said, hint=cure))

    def findings(self) -> list[Finding]:
        return [*self.found.in_order(), *self._dates.in_order()]


class Top(Rule):
    """Keys at the top of the file that a reader asks for."""

    def __init__(self, subject: Subject, kinds: Kinds) -> None:
        super().__init__(subject, kinds)
        self._keys: set[str] = set()

    def text(self, source: Entries | Text) -> None:
        if isinstance(source, Text) and source.key is not None:
            self._keys.add(source.key)

    def end(self) -> None:
        if "licenses" not in self._keys and self.subject.wants("licenses-missing"):
            hint = 'add "licenses": []'
            message = "there is no licenses, and this reader asks for it"
            self.found.add(warning("licenses-missing", "", message, hint=hint))
