"""One object of a JSON tree, read key by key; every mistake becomes a finding with its JSON pointer.

Owns: what a number, an integer and a text are, and how their absence is said.
Leaves: which keys there are to `codec.py`.
"""

import math
from collections.abc import Mapping
from typing import cast

from automation.coco.types import Box, Extra
from automation.errors import Finding, Severity

__all__ = ["BIGGEST", "Entry", "shown"]

_ONLY = "only files with boxes or labels are read"
_OF_OTHER_KINDS = {
    "segments_info": f"a panoptic file has its classes in segments_info; {_ONLY}",
    "caption": f"captions have no classes; {_ONLY}",
    "video_id": f"this is a label of a video, and not of an image; {_ONLY}",
    "predicted_iou": f"masks of Segment Anything have no classes; {_ONLY}",
}
BIGGEST = 2**53  # beyond it a float no longer tells neighbouring integers apart


class Entry:
    """An object at a place, and what was found wrong with it so far."""

    def __init__(self, values: Mapping[str, object], where: str) -> None:
        self.values = values
        self.where = where
        self.findings: list[Finding] = []

    def wrong(self, code: str, key: str, message: str, *, hint: str | None = None) -> None:
        where = f"{self.where}/{key}"
        self.findings.append(Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint))

    def others(self, known: frozenset[str]) -> Extra:
        return {key: value for key, value in self.values.items() if key not in known}

    def required_id(self, key: str) -> int:
        """An id that has to be there; 0 stands in for it when it is not, and the finding makes that harmless."""
        if self.values.get(key) is None:
            hint = next((hint for kind, hint in _OF_OTHER_KINDS.items() if kind in self.values), None)
            self.wrong("missing-key", key, f"there is no {key}", hint=hint)
            return 0
        return self.optional_id(key) or 0

    def optional_id(self, key: str) -> int | None:
        value = self.values.get(key)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # some writers say 2.0
        if type(value) is not int or abs(value) > BIGGEST:
            return self.wrong("wrong-type", key, f"{shown(value)} is not a whole number")
        return value

    def required_text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            self.wrong("missing-key", key, f"there is no {key}")
            return ""
        return self.optional_text(key) or ""

    def optional_text(self, key: str) -> str | None:
        value = self.values.get(key)
        if value is None or isinstance(value, str):
            return value
        return self.wrong("wrong-type", key, f"{shown(value)} is not text")

    def optional_number(self, key: str) -> float | None:
        value = self.values.get(key)
        return None if value is None else self._number(value, key)

    def optional_box(self, key: str) -> Box | None:
        value = self.values.get(key)
        if value is None or value == []:
            return None
        if not isinstance(value, list) or len(cast("list[object]", value)) != 4:
            return self.wrong("wrong-type", key, f"{shown(cast('object', value))} is not [left, top, width, height]")
        numbers = [self._number(part, f"{key}/{index}") for index, part in enumerate(cast("list[object]", value))]
        x, y, w, h = numbers
        if x is None or y is None or w is None or h is None:
            return None
        return Box(x=x, y=y, w=w, h=h)

    def _number(self, value: object, key: str) -> float | None:
        if not isinstance(value, int | float) or isinstance(value, bool):
            return self.wrong("wrong-type", key, f"{shown(value)} is not a number")
        if isinstance(value, float) and not math.isfinite(value):
            return self.wrong(
                "not-a-number", key, f"{value} is not a finite number", hint="give a number, or delete the entry"
            )
        if abs(value) > BIGGEST:
            return self.wrong("not-a-number", key, "the number is beyond all measure", hint="correct the number")
        return value


def shown(value: object) -> str:
    """A value for a sentence, short."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
