"""Annotations that are written alike: the quick reader says what the thorough one does, or nothing at all."""

import io
import json
from collections.abc import Callable
from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from automation.coco.checking import check_file
from automation.coco.columns import AnnotationColumns
from automation.coco.layout import Alike, alike
from automation.coco.pieces import Pieces
from automation.coco.profiles import PROFILES
from automation.coco.rewriting import convert_file
from automation.coco.scan import Entries
from automation.coco.types import Unit
from automation.errors import DatasetError

Tree = dict[str, Any]
NUMBER = st.one_of(
    st.integers(-3, 400), st.integers(0, 4000).map(lambda n: n / 10), st.sampled_from([-0.0, 1e-7, 2**53, 10**17])
)
ENTRY = '{"image_id": 1, "category_id": 1, "bbox": [2, 3, 4, 5]}'
NO_NUMBER = ENTRY.replace('_id": 1', '_id1": ')
# What is put in somewhere to break a text.
PIECES = st.sampled_from([*'0.-,[]{}": e/\\', "12", "1.5", '"id": ', ", ", '"area"', "[[", "null", "\n", "é"])


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Entries written alike, mostly; some with something put in, or taken out."""
    keys = draw(st.permutations(["id", "image_id", "category_id", "bbox"]))
    keys += draw(st.lists(st.sampled_from(["area", "iscrowd", "ignore", "score2", "a,b"]), unique=True))
    entries = [
        {
            key: [draw(NUMBER) for _ in range(4)]
            if key == "bbox"
            else draw(st.sampled_from([0, 1, 1, 2, 2.0, 7.5, 2**53 + 1]))
            for key in keys
        }
        for _ in range(draw(st.integers(1, 5)))
    ]
    separators = draw(st.sampled_from([(", ", ": "), (",", ":"), (" ,\n", " : ")]))
    text = json.dumps(entries, separators=separators, indent=draw(st.sampled_from([None, None, 1])))
    for _ in range(draw(st.integers(0, 2))):
        at, size = draw(st.integers(1, len(text) - 1)), draw(st.integers(0, 2))
        text = text[:at] + draw(PIECES) + text[at + size :]
    return text


def none_alike(_text: bytes) -> None:
    """In place of `alike`: everything is read the thorough way."""


def columns_of(text: bytes) -> tuple[list[AnnotationColumns], list[bool]]:
    """The columns of a file with these annotations, and which pieces were read the quick way."""
    pieces = [
        piece
        for piece in Pieces(io.BytesIO(b'{"annotations": ' + text + b"}"), ("annotations",))
        if isinstance(piece.source, Entries)
    ]
    columns = [found for piece in pieces for found in piece.columns if isinstance(found, AnnotationColumns)]
    return columns, [isinstance(piece.source, Entries) and isinstance(piece.source.values, Alike) for piece in pieces]


@settings(max_examples=300, deadline=None)
@given(texts())
@example(f"[{ENTRY}, {ENTRY}]".replace("[2", "2["))
@example(f"[{ENTRY}, {ENTRY}]".replace('"image_id": 1', '1"image_id": '))
@example(f"[{ENTRY}, {NO_NUMBER}]")
@example(f"[{ENTRY} x, {ENTRY}]")
@example(f"[{ENTRY} {ENTRY}]")
@example(f"[{ENTRY}, {ENTRY.replace('1', '01')}]")
@example(f"[{ENTRY}, {ENTRY}]".replace('"bbox"', '"image_id": 5, "bbox"'))
@example(f"[{ENTRY}, {ENTRY}]".replace("category_id", "category\\u005fid"))
def test_the_quick_reader_says_what_the_thorough_one_does(text: str) -> None:
    found = alike(text.encode())
    if found is None:
        return
    assert len(found) == len(json.loads(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.pieces.alike", none_alike)
        [expected], quick = columns_of(text.encode())
    assert quick == [False]
    for name in (one.name for one in fields(AnnotationColumns)):
        some, others = getattr(found.columns(0), name), getattr(expected, name)
        assert len(some) == len(others)
        if len(others):
            assert some.dtype == others.dtype
            np.testing.assert_array_equal(some, others, err_msg=name)


@settings(max_examples=60, deadline=None)
@given(texts(), st.sampled_from([1, 100, 4 << 20]))
@example(f"[{ENTRY}, {ENTRY}]".replace('"bbox"', '"image_id": 5, "bbox"'), 4 << 20)
def test_a_file_is_checked_and_converted_alike_both_ways(
    tmp_path_factory: pytest.TempPathFactory, text: str, chunk: int
) -> None:
    folder = tmp_path_factory.getbasetemp()
    head = '{"images": [{"id": 1, "file_name": "a.jpg", "width": 400, "height": 300}], "annotations": '
    (folder / "in.json").write_text(head + text + ', "categories": [{"id": 1, "name": "c"}, {"id": 2, "name": "d"}]}')

    def outcome() -> tuple[Any, ...]:
        (folder / "out.json").unlink(missing_ok=True)
        checked = check_file(folder / "in.json", profile=PROFILES["coco"])
        try:
            converted = convert_file(folder / "in.json", folder / "out.json", to=Unit.NORMALISED).findings
        except DatasetError as refused:
            return checked, refused.findings
        return checked, converted, (folder / "out.json").read_bytes()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
        quick = outcome()
        patch.setattr("automation.coco.pieces.alike", none_alike)
        assert quick == outcome()


def test_usual_files_are_read_the_quick_way(tree: Callable[..., Tree]) -> None:
    entries = [{**entry, "area": n / 7} for n, entry in enumerate(tree()["annotations"])]
    compact, indented = json.dumps(entries, separators=(",", ":")), json.dumps(entries, indent=2)
    for text in (json.dumps(entries), compact, indented):
        assert columns_of(text.encode())[1] == [True]


@pytest.mark.parametrize(
    "change", [{"id": "1"}, {"iscrowd": True}, {"area": None}, {"segmentation": []}, {"bbox": [1, 2, 3]}, {"a": "b"}]
)
def test_entries_with_more_than_numbers_are_left_to_the_thorough_reader(
    tree: Callable[..., Tree], change: Tree
) -> None:
    entries = [{**entry, **change} for entry in tree()["annotations"]]
    assert alike(json.dumps(entries).encode()) is None


def test_places_are_those_of_the_keys_that_change() -> None:
    entry = '{"bbox" :[1,2,3, 4] ,"image_id":1,"category_id":2,"area": 3.5}'
    text = f"[{entry},{entry}]"
    found = alike(text.encode())
    assert found is not None
    assert [[text[a:b] for a, b in zip(row[0::2], row[1::2], strict=True)] for row in found.places().tolist()] == [
        ['"bbox" :[1,2,3, 4]', '"area": 3.5']
    ] * 2
