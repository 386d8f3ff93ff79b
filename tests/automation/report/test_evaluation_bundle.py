"""The bundle of an evaluation: whole, the same for the same input, escaped, bounded, and cells lead to pictures."""

import csv
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from automation.coco.evaluation import Evaluation, Options, Wanted, evaluate_files
from automation.errors import ConfigError
from automation.report.evaluation import FILES, write_bundle

EVIL = "<script>alert('x')</script>\x00"


def evaluated(folder: Path, *, boxes: bool = True, many: int = 3, names: str = "{}.png") -> Evaluation:
    def entry(image: int, category: int, **more: object) -> dict[str, Any]:
        return {"image_id": image, "category_id": category, **({"bbox": [10, 10, 30, 20]} if boxes else {}), **more}

    ids = range(1, many + 1)
    truth = {
        "images": [{"id": n, "file_name": names.format(n), "width": 100, "height": 80} for n in ids],
        "categories": [{"id": 1, "name": "=apple"}, {"id": 2, "name": EVIL}],
        "annotations": [entry(n, 1 + n % 2, id=n) for n in ids],
    }
    results = [entry(n, 1, score=0.9) for n in ids]
    (folder / "gt.json").write_text(json.dumps(truth), "utf-8")
    (folder / "dt.json").write_text(json.dumps(results), "utf-8")
    return evaluate_files(folder / "gt.json", folder / "dt.json", Options(wanted=Wanted(threshold=0.5)))


# Of a curve, of an empty square that would be wrong, of the diagonal.
COLOURS = {
    "precision-recall": (0x1F, 0x6F, 0xD0),
    "by-threshold": (0x17, 0x84, 0x57),
    "confusion": (253, 248, 245),
    "reliability": (0x5B, 0x65, 0x70),
}


class Tags(HTMLParser):
    """Every tag of a page with its attributes, as a browser reads them."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list[tuple[str, str | None]]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append((tag, attrs))


def test_all_files_whole_and_the_same_twice(tmp_path: Path) -> None:
    done = evaluated(tmp_path)
    paths = write_bundle(done, tmp_path / "out", about={"model": "fruit"})
    assert [path.name for path in paths] == list(FILES)
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_bundle(done, tmp_path / "out", about={"model": "fruit"})] == first
    assert {path.name for path in (tmp_path / "out").iterdir()} == set(FILES)


def test_charts_and_tables_are_what_they_say(tmp_path: Path) -> None:
    out = write_bundle(evaluated(tmp_path), tmp_path / "out")[0].parent
    for path in out.glob("*.svg"):
        assert ET.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"  # we wrote it just now
        with Image.open(path.with_suffix(".png")) as picture:
            assert picture.size[0] >= 400
            assert COLOURS[path.stem] in {colour for _, colour in picture.convert("RGB").getcolors(1 << 20) or ()}
    rows = list(csv.DictReader((out / "per-class.csv").read_text("utf-8").splitlines()))
    assert rows[0] | {"class": "'=apple", "hits": "1", "false_alarms": "2", "threshold": "0.5", "iou": "0.5"} == rows[0]
    metrics = json.loads((out / "metrics.json").read_text("utf-8"))
    assert metrics["confusion"]["counts"] == [[1, 0, 0], [2, 0, 0], [0, 0, 0]]
    card = json.loads((out / "model-card.json").read_text("utf-8"))
    assert card["data"]["labels"] == {"=apple": 1, EVIL: 2}
    assert "<script>" not in (out / "model-card.md").read_text("utf-8")


def test_names_are_escaped_and_nothing_is_fetched(tmp_path: Path) -> None:
    page = write_bundle(evaluated(tmp_path, names="{}<img src=x>.png"), tmp_path / "out")[0].read_text("utf-8")
    tags = Tags()
    tags.feed(page)
    assert not {"script", "img", "link", "iframe"} & {tag for tag, _ in tags.seen}
    assert all(not name.startswith("on") for _, attributes in tags.seen for name, _ in attributes)
    links = [value or "" for _, attributes in tags.seen for name, value in attributes if name in ("src", "href")]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "\x00" not in page
    assert "default-src 'none'" in page


def test_each_cell_leads_to_its_pictures(tmp_path: Path) -> None:
    for n in (1, 2, 3):
        Image.new("RGB", (100, 80), (n * 40, 90, 90)).save(tmp_path / f"{n}.png")
    page = write_bundle(evaluated(tmp_path), tmp_path / "out", images=tmp_path)[0].read_text("utf-8")
    links = set(re.findall(r'href="#(cell-\d+-\d+)"', page))
    assert links == {"cell-0-0", "cell-1-0"}
    assert links == set(re.findall(r'id="(cell-\d+-\d+)"', page))
    assert page.count("data:image/jpeg;base64,") == 3
    assert page.count('<use href="#photo-') == 3
    assert [page.count(f'class="{kind}" stroke-width="0.62"') for kind in ("hit", "alarm", "truth", "miss")] == [
        1,
        2,
        1,
        2,
    ]


@pytest.mark.parametrize("name", ["../1.png", "in/../../1.png", "a\x001.png", "none.png", "."])
def test_names_that_lead_out_of_the_folder_show_no_picture(tmp_path: Path, name: str) -> None:
    (tmp_path / "in").mkdir()
    Image.new("RGB", (100, 80)).save(tmp_path / "1.png")
    done = evaluated(tmp_path, many=1)
    done = replace(done, truth=replace(done.truth, names=(name,)))
    page = write_bundle(done, tmp_path / "out", images=tmp_path / "in")[0].read_text("utf-8")
    assert "data:image" not in page
    assert "Not in the folder, or no pictures: 1." in page


def test_a_classification_has_a_page_too(tmp_path: Path) -> None:
    page = write_bundle(evaluated(tmp_path, boxes=False), tmp_path / "out")[0].read_text("utf-8")
    assert "taken for =apple 0.90" in page
    assert 'href="#cell-1-0"' in page


def test_pictures_are_bounded(tmp_path: Path) -> None:
    page = write_bundle(evaluated(tmp_path, many=60), tmp_path / "out")[0].read_text("utf-8")
    assert page.count('class="drawn"') == 8


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    done = evaluated(tmp_path)
    with pytest.raises(ConfigError, match="holds other things"):
        write_bundle(done, tmp_path)
    with pytest.raises(ConfigError, match="there is no folder"):
        write_bundle(done, tmp_path / "out", images=tmp_path / "none")
    assert not (tmp_path / "out").exists()
