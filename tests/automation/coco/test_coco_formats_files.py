"""VOC and CSV as other tools write them, and what in them is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from automation.coco.files import read_coco
from automation.coco.formats.conversion import convert_dataset, find_format
from automation.coco.types import Box
from automation.errors import DatasetError

Tree = dict[str, Any]

PAGE = """<annotation><folder>VOC2012</folder><filename>a.jpg</filename>
<size><width>200</width><height>100</height><depth>3</depth></size><segmented>1</segmented>
<object><name>cat &amp; dog</name><pose>Left</pose><truncated>1</truncated><difficult>0</difficult>
<bndbox><xmin>20</xmin><ymin>10.5</ymin><xmax>120</xmax><ymax>60</ymax></bndbox>
<part><name>head</name><bndbox><xmin>1</xmin></bndbox></part></object></annotation>"""


def written(folder: Path, files: dict[str, str]) -> Path:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return folder


def test_a_voc_page_of_another_tool(tmp_path: Path) -> None:
    source = written(tmp_path / "in", {"Annotations/x/a.xml": PAGE})
    assert find_format(source) == "voc"
    done = convert_dataset(source, tmp_path / "out.json", to="pixels")
    found = read_coco(tmp_path / "out.json")
    assert [(i.file_name, i.width, i.height) for i in found.images] == [("x/a.jpg", 200, 100)]
    assert [a.box for a in found.annotations] == [Box(x=20, y=10.5, w=100, h=49.5)]
    assert found.annotations[0].extra == {"attributes": {"truncated": 1}}
    assert found.categories[0].name == "cat & dog"
    assert [(lost.code, lost.count) for lost in done.lost] == [("lost-parts", 1), ("lost-poses", 1), ("lost-masks", 1)]


def test_the_flags_of_voc_come_back(tmp_path: Path) -> None:
    page = PAGE.replace("<difficult>0", "<occluded>1</occluded><difficult>1")
    source = written(tmp_path / "in", {"Annotations/a.xml": page})
    convert_dataset(source, tmp_path / "voc", to="voc")
    convert_dataset(tmp_path / "voc", tmp_path / "out.json", to="pixels")
    found = read_coco(tmp_path / "out.json").annotations[0].extra
    assert found == {"attributes": {"truncated": 1, "difficult": 1, "occluded": 1}}


def test_voc_is_written_as_others_read_it(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    (tmp_path / "in.json").write_text(json.dumps(tree()))
    convert_dataset(tmp_path / "in.json", tmp_path / "voc", to="voc")
    assert (tmp_path / "voc" / "labelmap.txt").read_text() == "# label:color_rgb:parts:actions\ncat:::\n"
    assert (tmp_path / "voc" / "ImageSets" / "Main" / "default.txt").read_text().count("\n") == 2
    pages = sorted((tmp_path / "voc" / "Annotations").rglob("*.xml"))
    assert len(pages) == 2
    assert (
        pages[0].read_text().splitlines()[-19:]
        == [
            "    <height>100</height>",
            "    <depth>3</depth>",
            "  </size>",
            "  <segmented>0</segmented>",
            "  <object>",
            "    <name>cat</name>",
            "    <pose>Unspecified</pose>",
            "    <truncated>0</truncated>",
            "    <difficult>0</difficult>",
            "    <occluded>0</occluded>",
            "    <bndbox>",
            "      <xmin>20</xmin>",
            "      <ymin>10</ymin>",
            "      <xmax>120</xmax>",
            "      <ymax>60</ymax>",
            "    </bndbox>",
            "  </object>",
            "</annotation>",
        ][-19:]
        or pages[0].read_text()
    )


@pytest.mark.parametrize(
    ("page", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><annotation>&x;</annotation>', "not-xml"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><annotation/>', "not-xml"),
        ("<annotation>" + "<a>" * 40 + "</a>" * 40 + "</annotation>", "not-xml"),
        ("<annotation>", "not-xml"),
        ('<?xml version="1.0" encoding="no-such"?><annotation/>', "not-xml"),
        ("<annotation/>", "missing-key"),
        (PAGE.replace("10.5", "nan"), "wrong-type"),
        (PAGE.replace("<xmax>120", "<xmax>320"), "box-outside-image"),
        (PAGE.replace("<xmax>120", "<xmax>10"), "box-negative"),
    ],
)
def test_a_bad_voc_page_is_named(tmp_path: Path, page: str, code: str) -> None:
    source = written(tmp_path / "in", {"a.xml": page})
    with pytest.raises(DatasetError) as refused:
        convert_dataset(source, tmp_path / "out.json", to="pixels", written_in="voc")
    assert [finding.code for finding in refused.value.findings] == [code]


def test_csv_is_written_with_its_columns(tmp_path: Path, tree: Callable[..., Tree]) -> None:
    images = [
        {"id": 1, "file_name": 'x/a, "b".jpg', "width": 200, "height": 100, "coco_url": "https://a/c/a"},
        {"id": 2, "file_name": "empty.jpg"},
    ]
    (tmp_path / "in.json").write_text(json.dumps(tree(images=images, annotations=tree()["annotations"][:1])))
    convert_dataset(tmp_path / "in.json", tmp_path / "out.csv", to="csv")
    assert (tmp_path / "out.csv").read_text() == (
        "image,width,height,url,label,left,top,box_width,box_height,iscrowd\n"
        '"x/a, ""b"".jpg",200,100,https://a/c/a,cat,20,10,100,50,0\n'
        "empty.jpg,,,,,,,,,\n"
    )


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("image,left\na,1\n", "missing-key", "in.csv:1"),
        ("image,label,left,top,box_width,box_height\na,c,1,2,3,\n", "wrong-type", "in.csv:2"),
        ("image,label,left,top,box_width,box_height\na,,1,2,3,4\n", "missing-key", "in.csv:2: label"),
        ("image,label\n,c\n", "missing-key", "in.csv:2: image"),
        ("image,label\n" + "a" * 200_000 + ",c\n", "not-csv", "in.csv:2"),
        ("image,label\n\udcff,c\n", "not-utf8", "in.csv"),
    ],
)
def test_a_bad_row_of_csv_is_named(tmp_path: Path, text: str, code: str, where: str) -> None:
    (tmp_path / "in.csv").write_text(text, errors="surrogateescape")
    with pytest.raises(DatasetError) as refused:
        convert_dataset(tmp_path / "in.csv", tmp_path / "out.json", to="pixels")
    first = refused.value.findings[0]
    assert (first.code, first.where) == (code, where)


def test_rows_of_a_classification_keep_their_order(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("label,image,note\ncat,b.jpg,1\ndog,a.jpg,2\ncat,a.jpg,3\n")
    done = convert_dataset(tmp_path / "in.csv", tmp_path / "out.csv", to="csv")
    assert (tmp_path / "out.csv").read_text().splitlines()[1:] == [
        "b.jpg,,,,cat,,,,,",
        "a.jpg,,,,dog,,,,,",
        "a.jpg,,,,cat,,,,,",
    ]
    assert [(lost.code, lost.count) for lost in done.lost] == [("lost-columns", 1)]
