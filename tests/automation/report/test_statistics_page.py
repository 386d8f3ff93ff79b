"""The figures of a COCO file as a page."""

import json
from html.parser import HTMLParser
from pathlib import Path

from click.testing import CliRunner

from automation.cli.app import cli


class _Read(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text: list[str] = []
        self.squares: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "rect":
            self.squares.append(dict(attrs)["fill-opacity"] or "")

    def handle_data(self, data: str) -> None:
        self.text.append(data.strip())


def test_the_page_shows_what_was_counted_and_runs_nothing(tmp_path: Path) -> None:
    labels = {
        "images": [{"id": n, "file_name": f"{n}.jpg", "width": 80, "height": 80} for n in (1, 2)],
        "annotations": [
            {"id": 1, "image_id": 1, "category_id": 1, "bbox": [0, 0, 10, 10]},
            {"id": 2, "image_id": 1, "category_id": 2, "bbox": [70, 70, 10, 10]},
            {"id": 3, "image_id": 2, "category_id": 1, "bbox": [0, 0, 10, 10]},
        ],
        "categories": [{"id": 1, "name": "<script>alert(1)</script>"}, {"id": 2, "name": "dog"}],
    }
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    page = tmp_path / "stats.html"
    run = CliRunner().invoke(cli, ["dataset", "stats", str(tmp_path / "labels.json"), "--html", str(page), "--json"])
    assert json.loads(run.stdout)["images"] == 2
    read = _Read()
    read.feed(page.read_text("utf-8"))
    assert "script" not in read.tags
    assert "<script>alert(1)</script>" in read.text
    assert {"2 images, 3 annotations, boxes in pixels", "Classes that meet", "80 x 80"} <= set(read.text)
    assert (len(read.squares), read.squares[0], read.squares[-1], read.squares[1]) == (64, "1", "0.53", "0.05")
    before = page.read_bytes()
    CliRunner().invoke(cli, ["dataset", "stats", str(tmp_path / "labels.json"), "--html", str(page)])
    assert page.read_bytes() == before
