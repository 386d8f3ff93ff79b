"""Files of any size: read in pieces they say exactly what they say when read whole."""

import io
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.coco import check_decoded, decode
from automation.coco.checking import check_file
from automation.coco.pieces import Pieces
from automation.coco.profiles import PROFILES
from automation.coco.scan import Entries, NotCoco, scan
from automation.errors import Finding

Tree = dict[str, Any]

ODD_NUMBERS = st.sampled_from([0, 1, 2.0, -1, 0.5, 3.5, 199.99, 1e300, 2**53 + 2, None, "7", True, [], float("nan")])
ODD_BOXES = st.one_of(
    st.lists(st.sampled_from([0, 0.0, 0.25, 1, 1.0004, 7.5, 60, 250, -0.3, -5]), min_size=4, max_size=4),
    st.sampled_from([[], None, [1, 2, 3], "box", [1, 2, 3, None], [0, 0, float("inf"), 1]]),
)
NAMES = st.sampled_from(["a.jpg", "b.jpg", "ä/ö.jpg", "", " ", "../a.jpg", "/etc/x", 'q"},{".jpg', "\\u00e4", None, 4])
URLS = st.sampled_from(["https://a/b.jpg", "http://a/b", "https://a/b?sig=x", "nonsense", "AmlDatastore://d/x", None])
EXTRAS = st.dictionaries(
    st.sampled_from(["attributes", "segmentation", "date"]),
    st.sampled_from(
        [[], [{"a": 1}, {"a": [{"b": "}, {"}]}], [[1, 2, 3, 4, 5, 6]], {"counts": [1], "size": [2, 2]}, "x"]
    ),
)
IDS = st.one_of(st.integers(1, 6), st.integers(1, 6), ODD_NUMBERS)


NOTHING: dict[str, Any] = {}


def joined(known: Tree, others: Tree) -> Tree:
    return known | others


def entries(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    known: st.SearchStrategy[Tree] = st.fixed_dictionaries(NOTHING, optional=fields)
    one = st.builds(joined, known, EXTRAS)
    return st.lists(st.one_of(one, one, one, st.sampled_from([None, 5, "x", []])), max_size=6)


TREES: st.SearchStrategy[Tree] = st.fixed_dictionaries(
    NOTHING,
    optional={
        "images": st.one_of(
            entries(id=IDS, file_name=NAMES, width=ODD_NUMBERS, height=ODD_NUMBERS, absolute_url=URLS, coco_url=URLS),
            st.just(NOTHING),
        ),
        "annotations": entries(id=IDS, image_id=IDS, category_id=IDS, bbox=ODD_BOXES, area=ODD_NUMBERS),
        "categories": entries(id=IDS, name=NAMES),
        "info": st.sampled_from(["x", 3, '{"annotations": [{"id": 1}]}']),
    },
)


def shuffled(tree: Tree, seed: int) -> Tree:
    keys = list(tree)
    random.Random(seed).shuffle(keys)
    return {key: tree[key] for key in keys}


FORMS = st.tuples(st.integers(0, 5), st.sampled_from([None, 1]), st.sampled_from([1, 30, 4 << 20]))


@settings(max_examples=300, deadline=None)
@given(tree=TREES, form=FORMS, for_service=st.booleans())
def test_a_file_in_pieces_has_the_findings_of_the_file_in_one(
    tmp_path_factory: pytest.TempPathFactory, tree: Tree, form: tuple[int, int | None, int], *, for_service: bool
) -> None:
    seed, indent, chunk = form
    data = json.dumps(shuffled(tree, seed), indent=indent).encode()
    path = tmp_path_factory.getbasetemp() / "labels.json"
    path.write_bytes(data)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
        streamed = check_file(path, for_service=for_service)
    assert told(streamed.findings) == told(check_decoded(decode(data), for_service=for_service))


def told(findings: Any) -> list[Finding]:
    return sorted(findings, key=str)


@settings(max_examples=200, deadline=None)
@given(TREES, st.sampled_from([None, 1]), st.sampled_from([1, 20, 4 << 20]))
def test_the_pieces_together_are_the_file(tree: Tree, indent: int | None, chunk: int) -> None:
    data = json.dumps(tree, indent=indent).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
        pieces = list(Pieces(io.BytesIO(data)))
    assert b"".join(piece.source.raw for piece in pieces) == data
    offset = 0
    for piece in pieces:
        assert piece.source.offset == offset
        offset += len(piece.source.raw)


@pytest.mark.parametrize(
    ("data", "offset", "message"),
    [
        (b"", 0, "a COCO file is an object with images, annotations and categories"),
        (
            b"[1, 2]",
            0,
            "a COCO file is an object with images, annotations and categories; this is a list, as predictions are",
        ),
        (b'{"images": [', 12, "Expecting value"),
        (b'{"images": [{"id": 1}', 21, "the bracket that ends 'images' is missing"),
        (b'{"images": [{"id": 1},]}', 22, "Expecting value"),
        (b'{"images": [{"id": }]}', 19, "Expecting value"),
        (b'{"images": [{"id": 1} {"id": 2}]}', 22, "the bracket that ends 'images' is missing"),
        (b'{"images": []', 13, "the brace that ends the file is missing"),
        (b'{"images": []} x', 15, "something follows the end of the object"),
        (b'{"images": [], "images": []}', 23, "the key 'images' stands there twice"),
        (b"{images: []}", 1, "a key in quotes is missing"),
        (b'{"images" []}', 10, "the colon after 'images' is missing"),
        (b'{"images', 1, "a key has no end"),
        (b"\x1f\x8b\x08", 0, "this is gzip, and COCO files are JSON in UTF-8"),
        ('{"images": []}'.encode("utf-16"), 0, "this is UTF-16, and COCO files are JSON in UTF-8"),
        (b'{"images": ' + b"[" * 100_000, 12, "it is nested too deeply"),
        (b'{"info": ' + b"[" * 100_000, 9, "it is nested too deeply"),
    ],
)
def test_bytes_that_are_no_coco_file_are_named_with_their_place(
    tmp_path: Path, data: bytes, offset: int, message: str
) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(data)
    findings = check_file(path).findings
    assert [(f.code, f.where, f.message) for f in findings] == [("not-json", f"byte {offset:,}", message)]


def test_a_key_that_comes_twice_in_an_entry_is_named(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "labels.json"
    text = json.dumps(tree())
    path.write_text(text.replace('"bbox": [0', '"bbox": [1, 1, 1, 1], "bbox": [0'))
    assert [(f.code, f.where) for f in check_file(path).findings] == [("key-duplicate", "/annotations/1")]


@pytest.mark.parametrize("chunk", [1, 30, 4 << 20])
@pytest.mark.parametrize("bad", [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80"])
def test_a_byte_that_is_no_utf8_is_told_wherever_it_stands(
    tmp_path: Path, tree: Callable[..., Tree], monkeypatch: pytest.MonkeyPatch, bad: bytes, chunk: int
) -> None:
    monkeypatch.setattr("automation.coco.scan.CHUNK_BYTES", chunk)
    path = tmp_path / "labels.json"
    text = json.dumps({"info": "€ A", **tree(), "note": "€ B"}, ensure_ascii=False).encode()
    for mark in (b"A", b"one.jpg", b"B"):
        path.write_bytes(text.replace(mark, bad + mark))
        (finding,) = check_file(path).findings
        assert (finding.code, finding.where) == ("not-json", f"byte {text.index(mark):,}")


def test_a_byte_order_mark_is_passed_over(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(tree()).encode())
    assert check_file(path).findings == ()


def test_a_cut_inside_of_an_entry_is_noticed() -> None:
    inner = b", ".join(b'{"id": %d}' % n for n in range(50))
    data = b'{"annotations": [' + b", ".join(b'{"id": %d, "parts": [%s]}' % (n, inner) for n in range(40)) + b"]}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("automation.coco.scan.CHUNK_BYTES", 100)
        found = [source for source in Pieces(io.BytesIO(data)) if isinstance(source.source, Entries)]
    assert sum(piece.source.count for piece in found if isinstance(piece.source, Entries)) == 40
    assert all(json.loads(b"[" + piece.source.raw + b"]") for piece in found)


def test_a_scan_of_what_is_no_json_raises() -> None:
    with pytest.raises(NotCoco) as wrong:
        list(scan(io.BytesIO(b'{"a": nul}'), {}))
    assert (wrong.value.offset, wrong.value.message) == (6, "Expecting value")


@pytest.mark.parametrize("nothing", ["[]", "[ \n ]", "{\t}"])
def test_an_outline_of_nothing_but_space_is_empty(tmp_path: Path, tree: Callable[..., Tree], nothing: str) -> None:
    labels = tree()
    labels["annotations"][0]["segmentation"] = "HERE"
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(labels).replace('"HERE"', nothing))
    found = check_file(path, profile=PROFILES["coco"]).findings
    assert [f.where for f in found if f.code == "segmentation-empty"] == ["/annotations/0/segmentation"]
