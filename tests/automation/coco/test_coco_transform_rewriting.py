"""Other classes and other addresses: what was asked for changes, every other byte stays."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from automation.cli.app import cli
from automation.coco import scan
from automation.coco.transform import Addresses, remap_file, rewrite_urls_file
from automation.errors import ConfigError, Refused

Tree = dict[str, Any]


def a_file(path: Path, *, indent: int | None = None) -> Tree:
    """Four classes with ids 3, 5, 7, 9 in turn on ten images; entries have keys that nobody knows."""
    names = {3: "cat", 5: "kitten", 7: "dog", 9: "person"}
    tree = {
        "info": {"é": "}, {"},
        "images": [
            {"id": n, "file_name": f"a b{n}.jpg", "width": 8.0, "height": 8, "é": "}, {"}
            | ({"absolute_url": f"https://old.example/c/a%20b{n}.jpg?sv=1&sig=x"} if n % 2 else {})
            for n in range(1, 11)
        ],
        "annotations": [
            {"id": n, "image_id": n % 10 + 1, "category_id": [3, 5, 7, 9][n % 4], "x": [{}, {"category_id": "é"}]}
            for n in range(1, 31)
        ],
        "categories": [{"id": number, "name": name, "supercategory": "s"} for number, name in names.items()],
        "licenses": [],
    }
    path.write_text(json.dumps(tree, indent=indent, ensure_ascii=False), "utf-8")
    return tree


def read(path: Path) -> Tree:
    return json.loads(path.read_bytes())


@pytest.fixture(params=[30, 400, 4 << 20])
def chunk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan, "CHUNK_BYTES", request.param)


@pytest.mark.parametrize("indent", [None, 1])
def test_classes_become_one_go_and_get_new_ids(tmp_path: Path, chunk: None, indent: int | None) -> None:
    tree = a_file(tmp_path / "a.json", indent=indent)
    found = remap_file(
        tmp_path / "a.json",
        tmp_path / "b.json",
        names={"kitten": "cat"},
        drop=["person"],
        order=["dog"],
        renumber=True,
    )
    new = read(tmp_path / "b.json")
    assert new["categories"] == [
        {"supercategory": "s", "id": 1, "name": "dog"},
        {"supercategory": "s", "id": 2, "name": "cat"},
    ]
    ids = {3: 2, 5: 2, 7: 1}
    assert new["annotations"] == [
        {**entry, "category_id": ids[entry["category_id"]]}
        for entry in tree["annotations"]
        if entry["category_id"] != 9
    ]
    assert {key: new[key] for key in ("info", "images", "licenses")} == {
        key: tree[key] for key in ("info", "images", "licenses")
    }
    assert list(new) == list(tree)
    assert found.classes == (
        ("cat", "cat", 2, 7),
        ("kitten", "cat", 2, 8),
        ("dog", "dog", 1, 8),
        ("person", None, None, 7),
    )
    assert (found.part.images, found.part.annotations, found.part.categories) == (10, 23, 2)


def test_a_new_name_alone_leaves_every_annotation_byte_by_byte(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    remap_file(tmp_path / "a.json", tmp_path / "b.json", names={"dog": "hund"})
    old, new = ((tmp_path / name).read_bytes() for name in ("a.json", "b.json"))
    assert new[: new.index(b'"categories"')] == old[: old.index(b'"categories"')]
    assert [c["name"] for c in read(tmp_path / "b.json")["categories"]] == ["cat", "kitten", "hund", "person"]


def test_wishes_that_make_no_sense(tmp_path: Path) -> None:
    source = tmp_path / "a.json"
    a_file(source)
    with pytest.raises(ConfigError, match="no class 'kiten'") as typo:
        remap_file(source, tmp_path / "b.json", names={"kiten": "cat"})
    assert "kitten" in str(typo.value.hint)
    with pytest.raises(ConfigError, match="renamed and dropped"):
        remap_file(source, tmp_path / "b.json", names={"cat": "x"}, drop=["cat"])
    with pytest.raises(ConfigError, match="no class 'cow'"):
        remap_file(source, tmp_path / "b.json", names={}, order=["cow"])
    with pytest.raises(Refused):
        remap_file(source, source, names={"cat": "x"})
    assert not (tmp_path / "b.json").exists()


def test_addresses_below_a_container(tmp_path: Path, chunk: None) -> None:
    tree = a_file(tmp_path / "a.json")
    wish = Addresses(container="https://acct.blob.core.windows.net/photos/", datastore="ds", folder="/2026/")
    found = rewrite_urls_file(tmp_path / "a.json", tmp_path / "b.json", wish)
    new = read(tmp_path / "b.json")
    assert new["images"][1] == tree["images"][1] | {
        "absolute_url": "https://acct.blob.core.windows.net/photos/2026/a%20b2.jpg",
        "coco_url": "AmlDatastore://ds/2026/a b2.jpg",
    }
    assert found.changed == 10
    assert {**new, "images": tree["images"]} == tree


def test_signatures_go_and_beginnings_change(tmp_path: Path) -> None:
    tree = a_file(tmp_path / "a.json")
    wish = Addresses(unsigned=True, replace={"https://old.example/": "https://new.example/", "https://old": "wrong"})
    found = rewrite_urls_file(tmp_path / "a.json", tmp_path / "b.json", wish)
    images = read(tmp_path / "b.json")["images"]
    assert [image.get("absolute_url") for image in images[:2]] == ["https://new.example/c/a%20b1.jpg", None]
    assert found.changed == 5
    assert rewrite_urls_file(tmp_path / "b.json", tmp_path / "c.json", wish).changed == 0
    assert (tmp_path / "c.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    rewrite_urls_file(tmp_path / "a.json", tmp_path / "d.json", Addresses(remove=True))
    bare = [{key: value for key, value in image.items() if key != "absolute_url"} for image in tree["images"]]
    assert read(tmp_path / "d.json")["images"] == bare


@pytest.mark.parametrize(
    ("wish", "reason"),
    [({}, "nothing"), ({"container": "photos"}, "no address"), ({"container": "https://a/c?sig=x"}, "secret")],
)
def test_addresses_that_are_none(wish: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        Addresses(**wish)  # pyright: ignore[reportArgumentType] # texts only


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["dataset", *map(str, arguments)])


def test_the_commands(tmp_path: Path) -> None:
    a_file(tmp_path / "a.json")
    made = run("remap", tmp_path / "a.json", "--map", "kitten=cat", "--drop", "person", "--out", tmp_path / "b.json")
    assert made.exit_code == 0
    assert "person  left out" in made.stdout
    assert "10 images, 23 annotations, 2 classes" in made.stdout
    assert isinstance(run("remap", tmp_path / "a.json", "--out", tmp_path / "c.json").exception, ConfigError)
    moved = run(
        "rewrite-urls", tmp_path / "a.json", "--replace", "https://old.example/?a=b=https://new/", "--unsigned",
        "--out", tmp_path / "d.json", "--json",
    )  # fmt: skip
    assert json.loads(moved.stdout)["changed"] == 5
    shown = run("rewrite-urls", tmp_path / "a.json", "--container", "https://n/c", "--out", tmp_path / "e.json")
    assert "is  absolute_url https://n/c/a%20b1.jpg" in shown.stdout
    assert "sig=" not in shown.stdout
