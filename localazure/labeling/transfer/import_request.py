"""What `labels:import` is asked: the labels, in one of three formats, and whether they are finished or proposals.

Owns: reading the body. Leaves: COCO to `coco_import.py`, lines of text to `text_import.py`, the rest to `importing.py`.
"""

from dataclasses import dataclass

import msgspec

from localazure.labeling.errors import user_error
from localazure.labeling.transfer.coco_import import CocoFile, State, Unit, decide_unit
from localazure.labeling.transfer.text_import import TextPlaces, read_csv, read_jsonl

__all__ = ["ImportRequest", "parse_import"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRequest:
    """Labels as COCO, whatever they came as. `places` says where its entries stood in lines of text."""

    coco: CocoFile
    unit: Unit
    state: State
    places: TextPlaces | None = None


class _Body(msgspec.Struct):
    coco: CocoFile | None = None
    jsonl: str | None = None
    csv: str | None = None
    state: State = "labeled"


def parse_import(body: bytes) -> ImportRequest:
    """AzureError 400 that names the place in the body, or says that the file's unit cannot be told."""
    try:
        given = msgspec.json.decode(body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise user_error(f"The labels cannot be read: {error}.") from None
    if sum(each is not None for each in (given.coco, given.jsonl, given.csv)) != 1:
        raise user_error("Give the labels once, as coco, jsonl or csv.")
    if given.coco is not None:
        return ImportRequest(coco=given.coco, unit=decide_unit(given.coco), state=given.state)
    if given.jsonl is not None:
        file, places = read_jsonl(given.jsonl)
        return ImportRequest(coco=file, unit="fractions", state=given.state, places=places)
    file, places = read_csv(given.csv or "")
    return ImportRequest(coco=file, unit=decide_unit(file), state=given.state, places=places)
