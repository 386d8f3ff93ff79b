"""Parts of a file: every entry in one place, byte by byte, the same for the same seed."""

import json
import random
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.cli.app import cli
from automation.coco import scan
from automation.coco.transform import Wish, filter_file, sample_file, split_file
from automation.errors import ConfigError, DatasetError, Refused

Tree = dict[str, Any]


def a_file(path: Path, *, images: int = 40, seed: int = 1, indent: int | None = None, **extra: Any) -> Tree:
    """Images with up to six boxes of three classes, one of them rare; entries hold keys that nobody knows."""
    chance = random.Random(seed)
    boxes: list[Tree] = []
    for image in range(1, images + 1):
        for _ in range(chance.randint(0, 6)):
            category = chance.choices([5, 6, 7], [10, 5, 1])[0]
            side = chance.randint(2, 60)
            box = [chance.randint(0, 90), chance.randint(0, 40), side, 10]
            boxes.append({"id": len(boxes) + 1, "image_id": image, "category_id": category, "bbox": box, "x": [{}, {}]})
    tree = {
        "info": {"a": "}, {"},
        "images": [
            {"id": n, "file_name": f"cam{n % 4}_{n}.jpg", "width": 200, "height": 100, "é": "}, {"}
            for n in range(1, images + 1)
        ],
        "annotations": boxes,
        "categories": [{"id": 5, "name": "cat"}, {"id": 6, "name": "dog"}, {"id": 7, "name": "cow"}],
        **extra,
    }
    path.write_text(json.dumps(tree, indent=indent, ensure_ascii=False), "utf-8")
    return tree


def read(path: Path) -> Tree:
    return json.loads(path.read_bytes())


@pytest.fixture(params=[30, 500, 4 << 20])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", request.param)


@pytest.mark.parametrize("indent", [None, 1])
def test_every_image_and_every_annotation_is_in_just_one_part(tmp_path: Path, chunk: None, indent: int | None) -> None:
    tree = a_file(tmp_path / "a.json", indent=indent)
    found = split_file(tmp_path / "a.json", tmp_path / "o", ratios={"train": 0.8, "val": 0.2}, seed=3)
    train, val = read(tmp_path / "o/train.json"), read(tmp_path / "o/val.json")
    assert (len(train["images"]), len(val["images"])) == (32, 8)
    for section in ("images", "annotations"):
        assert sorted(train[section] + val[section], key=lambda e: e["id"]) == tree[section]
    for part in (train, val):
        assert {a["image_id"] for a in part["annotations"]} <= {i["id"] for i in part["images"]}
        assert (part["categories"], part["info"], list(part)) == (tree["categories"], tree["info"], list(tree))
    assert (found.left_out, found.groups, found.wanted) == (0, 40, (0.8, 0.2))
    assert [sum(shares.counts) for shares in found.classes] == [
        sum(a["category_id"] == c for a in tree["annotations"]) for c in (5, 6, 7)
    ]


def test_every_class_gets_its_share(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json", images=300)
    found = split_file(tmp_path / "a.json", tmp_path / "o", ratios={"train": 8, "val": 1, "test": 1}, seed=0)
    for shares in found.classes:
        total = sum(shares.counts)
        for count, share in zip(shares.counts, (0.8, 0.1, 0.1), strict=True):
            assert abs(count - share * total) <= 1.5, shares


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    said: list[bytes] = []
    for number, seed in enumerate((3, 3, 4)):
        split_file(tmp_path / "a.json", tmp_path / str(number), ratios={"a": 1, "b": 1}, seed=seed)
        said.append((tmp_path / str(number) / "a.json").read_bytes())
    assert said[0] == said[1] != said[2]


def test_groups_stay_together(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    pattern = re.compile(r"^(cam\d)_")
    found = split_file(tmp_path / "a.json", tmp_path, ratios={"x": 3, "y": 1}, seed=1, group_by=pattern)
    cameras = [{i["file_name"][:4] for i in read(part.path)["images"]} for part in found.parts.values()]
    assert (len(cameras[0]), len(cameras[1]), cameras[0] & cameras[1], found.groups) == (3, 1, set(), 4)


def test_counts_are_kept_and_the_rest_goes_nowhere(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    found = split_file(tmp_path / "a.json", tmp_path, counts={"x": 7, "y": 2}, seed=1)
    assert [part.images for part in found.parts.values()] == [7, 2]
    assert found.left_out == 31


@settings(max_examples=30, deadline=None)
@given(images=st.integers(0, 12), seed=st.integers(0, 5), size=st.integers(1, 3))
def test_a_part_is_always_a_sound_file(
    tmp_path_factory: pytest.TempPathFactory, images: int, seed: int, size: int
) -> None:
    folder = tmp_path_factory.mktemp("parts")
    tree = a_file(folder / "a.json", images=images, seed=seed)
    found = split_file(folder / "a.json", folder / "o", ratios=dict.fromkeys("abc"[:size], 1.0), seed=seed)
    parts = [read(part.path) for part in found.parts.values()]
    assert sum(len(part["images"]) for part in parts) == images
    assert sum(len(part["annotations"]) for part in parts) == len(tree["annotations"])


def test_a_sample_has_so_many_images_in_their_order(tmp_path: Path, chunk: None) -> None:
    tree = a_file(tmp_path / "a.json")
    part = sample_file(tmp_path / "a.json", tmp_path / "b.json", images=5, seed=2)
    drawn = read(tmp_path / "b.json")
    ids = {image["id"] for image in drawn["images"]}
    assert (len(ids), part.images) == (5, 5)
    assert drawn["images"] == [image for image in tree["images"] if image["id"] in ids]
    assert drawn["annotations"] == [a for a in tree["annotations"] if a["image_id"] in ids]
    with pytest.raises(ConfigError, match="has 40 images, not 41"):
        sample_file(tmp_path / "a.json", tmp_path / "c.json", images=41, seed=2)


def test_what_is_kept_stays_byte_by_byte(tmp_path: Path) -> None:
    first, last = '{"id" :1, "file_name":"a", "k":1.50},\n', '{"id":2,"file_name":"\\u0062"}'
    text = '{"images": [ ' + first + last + ' ], "annotations":[],\n"categories":[]}'
    (tmp_path / "a.json").write_text(text)
    filter_file(tmp_path / "a.json", tmp_path / "b.json", Wish(names=re.compile("b")))
    assert (tmp_path / "b.json").read_text() == text.replace(first, "")
    filter_file(tmp_path / "a.json", tmp_path / "c.json", Wish())
    assert (tmp_path / "c.json").read_text() == text


def test_crowds_are_told_apart(tmp_path: Path) -> None:
    tree = a_file(tmp_path / "a.json")
    for number, box in enumerate(tree["annotations"]):
        box.update([{"iscrowd": 1}, {"iscrowd": 0}, {}][number % 3])
    (tmp_path / "a.json").write_text(json.dumps(tree))
    for crowd in (True, False):
        filter_file(tmp_path / "a.json", tmp_path / "b.json", Wish(crowd=crowd))
        wanted = [box for box in tree["annotations"] if (box.get("iscrowd") == 1) is crowd]
        assert read(tmp_path / "b.json")["annotations"] == wanted


def test_a_filter_keeps_what_suits_all_wishes(tmp_path: Path, chunk: None) -> None:
    tree = a_file(tmp_path / "a.json")
    wish = Wish(classes=("cat", "dog"), without=("dog",), least_area=200, most_area=500, least_side=10, labelled=True)
    filter_file(tmp_path / "a.json", tmp_path / "b.json", wish)
    found = read(tmp_path / "b.json")
    suits = [a for a in tree["annotations"] if a["category_id"] == 5 and 20 <= a["bbox"][2] <= 50]
    assert found["annotations"] == suits
    assert [i["id"] for i in found["images"]] == sorted({a["image_id"] for a in suits})
    assert found["categories"] == [{"id": 5, "name": "cat"}]


def test_a_file_with_mistakes_and_a_wish_for_nothing_known_are_refused(tmp_path: Path) -> None:
    tree = a_file(tmp_path / "a.json")
    with pytest.raises(ConfigError, match="no class 'cats'") as caught:
        filter_file(tmp_path / "a.json", tmp_path / "b.json", Wish(classes=("cats",)))
    assert "cat" in str(caught.value.hint)
    with pytest.raises(Refused):
        filter_file(tmp_path / "a.json", tmp_path / "a.json", Wish())
    a_file(tmp_path / "c.json", annotations=[{"id": 1, "image_id": 99, "category_id": 98}], images=2)
    a_file(tmp_path / "d.json", images=2, categories=[*tree["categories"], tree["categories"][0]])
    for name, codes in (("c", {"dangling-image", "dangling-category"}), ("d", {"id-duplicate"})):
        with pytest.raises(DatasetError) as wrong:
            sample_file(tmp_path / f"{name}.json", tmp_path / "b.json", images=1, seed=0)
        assert {finding.code for finding in wrong.value.findings} >= codes
    assert not (tmp_path / "b.json").exists()


@pytest.mark.parametrize("ratios", [{}, {"../a": 1.0}, {"a": 0.0}, {"a": float("nan")}])
def test_wishes_for_parts_that_make_no_sense(tmp_path: Path, ratios: dict[str, float]) -> None:
    a_file(tmp_path / "a.json")
    with pytest.raises(ConfigError):
        split_file(tmp_path / "a.json", tmp_path, ratios=ratios, seed=0)


def test_the_commands(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    source = str(tmp_path / "a.json")

    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["dataset", *words])

    said = run("split", source, "--out", str(tmp_path / "o"), "--ratios", "train=8,val=2", "--json")
    assert json.loads(said.output)["parts"]["val"]["images"] == 8
    shown = run("split", source, "--out", str(tmp_path / "o"), "--counts", "train=8")
    assert "32 images went nowhere" in shown.output
    drawn = run("sample", source, "--images", "3", "--out", str(tmp_path / "s.json"), "--json")
    assert json.loads(drawn.output)["images"] == 3
    kept = run("filter", source, "--class", "cow", "--names", "_1", "--out", str(tmp_path / "f.json"))
    assert "f.json: 11 images" in kept.output
    for wrong in (
        ["--ratios", "a"],
        ["--counts", "a=1.5"],
        [],
        ["--ratios", "a=1,a=2"],
        ["--ratios", "a=1", "--group-by", "("],
    ):
        assert isinstance(run("split", source, "--out", str(tmp_path), *wrong).exception, ConfigError), wrong
