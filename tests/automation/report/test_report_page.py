"""The report: complete, self-contained, escaped, and the same for the same run."""

import base64
import io
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from automation.coco import (
    Annotation,
    Box,
    Category,
    ClassCurve,
    Curves,
    Dataset,
    statistics,
)
from automation.coco import Image as LabeledImage
from automation.report import (
    DatasetSummary,
    MadeResource,
    ModelResult,
    PictureBox,
    PictureTag,
    Report,
    StepTime,
    Teardown,
    TriedPicture,
    render_report,
    write_report,
)

HOSTILE = "<script>alert('x')</script>\"&\x00\ud800 onload=1"


def a_photograph(width: int = 1200, height: int = 800, *, orientation: int = 1) -> bytes:
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new("RGB", (width, height), "green").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def a_curve(name: str, *, precision: float = 0.8, reached: float = 1.0) -> ClassCurve:
    points = tuple(precision if place / 100 <= reached else 0.0 for place in range(101))
    return ClassCurve(
        name=name, truths=5, detections=6, average_precision=sum(points) / 101, precision=points, max_recall=reached
    )


def a_report(name: str = "apple") -> Report:
    labels = Dataset(
        images=(
            LabeledImage(id=1, file_name=name, width=100, height=50),
            LabeledImage(id=2, file_name="b", width=9, height=9),
        ),
        annotations=(
            Annotation(id=1, image_id=1, category_id=1, box=Box(x=0, y=0, w=50, h=25)),
            Annotation(id=2, image_id=1, category_id=2, box=Box(x=0, y=0, w=10, h=10)),
            Annotation(id=3, image_id=1, category_id=1, box=Box(x=0, y=0, w=100, h=50)),
        ),
        categories=(Category(id=1, name=name), Category(id=2, name="pear")),
    )
    return Report(
        lab=name,
        stack="local",
        target="local",
        created=datetime(2026, 11, 20, 21, 30, tzinfo=UTC),
        resources=(MadeResource(type="storage account", name=name, id=f"/subscriptions/1/{name}"),),
        datasets=(DatasetSummary(name="training_images", container="training-images", statistics=statistics(labels)),),
        models=(
            ModelResult(
                name="fruitdetector",
                kind="object-detection",
                trained_on="training_images",
                measured_on="evaluation_images",
                performance={
                    "meanAveragePrecision50": 0.91234,
                    "averagePrecision": 0.6,
                    "tagPerformance": {name: {"averagePrecision50": 0.95}, "pear": {"averagePrecision50": None}},
                    "new figure": 1,
                },
                curves=Curves(
                    iou=0.5, classes=(a_curve(name), a_curve("pear", reached=0.5)), mean_average_precision=0.6
                ),
                facts={"training time": "20 s"},
            ),
        ),
        pictures=(
            TriedPicture(
                name=name,
                model="fruitdetector",
                source=a_photograph(),
                boxes=(
                    PictureBox(label=name, score=0.98, x=10, y=20, w=300, h=200),
                    PictureBox(label="pear", score=0.1, x=0, y=0, w=9, h=9),
                ),
            ),
        ),
        steps=(
            StepTime(name="provision", seconds=12.34, summary="19 resources"),
            StepTime(name="images", seconds=None),
        ),
        teardown=Teardown(checked=("resource group rg", name)),
    )


class Structure(HTMLParser):
    """Collects elements with their attributes, and checks that they nest."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open and data.strip():
            self.text.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def test_the_page_shows_results_first_then_what_they_rest_on() -> None:
    text = Structure(render_report(a_report())).text
    assert text == [
        "Lab apple on local",
        "Lab apple on local",
        "Stack local, 2026-11-20 21:30 UTC",
        *(
            "91.2 %",
            "fruitdetector: mAP at IoU 0.50",
            "2",
            "labeled pictures",
            "1",
            "resources made",
            "12.3 s",
            "in all",
        ),
        *("nothing", "left behind"),
        "Models",
        "fruitdetector",
        "object-detection, trained on training_images, measured on evaluation_images.",
        *("figure", "value", "mAP at IoU 0.50", "0.912", "average precision", "0.600", "training time", "20 s"),
        *("class", "AP at IoU 0.50", "apple", "0.950", "pear", "n/a"),
        "Precision and recall",
        "fruitdetector",
        (
            "A box counts as found when its overlap (IoU) with the true one is at least 0.5. "
            "The legend gives the area under each curve, the average precision."
        ),
        "Precision over recall; average precision: apple 0.800, pear 0.404",
        *("0.0", "0.0", "0.2", "0.2", "0.4", "0.4", "0.6", "0.6", "0.8", "0.8", "1.0", "1.0", "recall", "precision"),
        *("apple: average precision 0.800", "pear: average precision 0.404", "apple 0.800", "pear 0.404"),
        "Test pictures",
        "fruitdetector",
        "apple: apple 0.98; 1 below 0.3 not drawn",
        "apple 0.98",
        *("apple", "apple 0.98; 1 below 0.3 not drawn"),
        "Pictures and labels",
        "training_images",
        (
            "2 pictures in training-images, 3 labels, 0 to 3 on a picture, 1.5 on average. Without a label: 1. "
            "A box covers 2 % to 100 % of its picture, 25 % in the middle. Size in pixels: 9 x 9 for 1 of them."
        ),
        *("class", "labels", "pictures", "apple", "2", "1", "pear", "1", "1"),
        "What was made",
        *("resource", "in the program", "in Azure", "storage account", "apple", "apple"),
        "Steps",
        *("step", "what came of it", "time", "provision", "19 resources", "12.3 s", "images", "done before"),
        "Teardown",
        "Everything is gone. Each of these was looked for, live and soft-deleted, and not found:",
        *("resource group rg", "apple"),
    ]


def test_the_same_report_gives_the_same_bytes_whatever_the_time_zone(tmp_path: Path) -> None:
    report = a_report()
    elsewhere = replace(report, created=report.created.astimezone(timezone(timedelta(hours=9))))
    first = write_report(report, tmp_path / "reports" / "one.html").read_bytes()
    assert write_report(elsewhere, tmp_path / "reports" / "two.html").read_bytes() == first
    assert sorted(path.name for path in (tmp_path / "reports").iterdir()) == ["one.html", "two.html"]


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = render_report(a_report())
    assert re.findall(r"https?:|//[a-z]|@import|url\(|@font-face", page.split("data:image")[0]) == []
    structure = Structure(page)
    assert {tag for tag, _ in structure.elements} & {
        "script",
        "link",
        "iframe",
        "object",
        "embed",
        "base",
        "img",
    } == set()
    sources = [
        value for _, attributes in structure.elements for key, value in attributes.items() if key in ("src", "href")
    ]
    assert [str(source)[:23] for source in sources] == ["data:image/jpeg;base64,"]
    policy = next(meta for meta in structure.all("meta") if meta.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    assert "prefers-color-scheme: dark" in page


def test_hostile_names_stay_text() -> None:
    harmless, hostile = Structure(render_report(a_report())), Structure(render_report(a_report(HOSTILE)))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in harmless.elements]
    assert [sorted(attributes) for _, attributes in hostile.elements] == [sorted(a) for _, a in harmless.elements]
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\ud800", "\ufffd")
    assert f"/subscriptions/1/{shown}" in [code.get("title") for code in hostile.all("code")]


def test_pictures_are_small_and_boxes_measure_the_original() -> None:
    structure = Structure(render_report(a_report()))
    (image,) = structure.all("image")
    embedded = Image.open(io.BytesIO(base64.b64decode(str(image["href"]).split(",")[1])))
    assert (embedded.format, embedded.size) == ("JPEG", (900, 600))
    assert (image["width"], image["height"]) == ("1200", "800")
    frames = [r for r in structure.all("rect") if r["class"] in ("halo", "box s0")]
    assert [(r["x"], r["y"], r["width"], r["height"]) for r in frames] == [("10", "20", "300", "200")] * 2


def test_a_picture_on_its_side_is_shown_upright() -> None:
    picture = TriedPicture(name="a", model="m", source=a_photograph(120, 80, orientation=6))
    (image,) = Structure(render_report(replace(a_report(), pictures=(picture,)))).all("image")
    assert (image["width"], image["height"]) == ("80", "120")


@pytest.mark.parametrize(
    "source", [b"", b"no picture", a_photograph()[:200], Path("gone.jpg")], ids=["empty", "text", "cut", "gone"]
)
def test_a_picture_that_cannot_be_opened_is_no_reason_to_fail(source: Path | bytes) -> None:
    picture = TriedPicture(name="a", model="m", source=source)
    structure = Structure(render_report(replace(a_report(), pictures=(picture,))))
    assert structure.all("image") == []
    assert "The picture could not be opened any more." in structure.text


def test_tags_are_shown_for_a_classifier() -> None:
    tags = tuple(PictureTag(name=name, confidence=score) for name, score in (("Cat", 0.9), ("Dog", 0.1)))
    picture = TriedPicture(name="a.jpg", model="m", source=a_photograph(), tags=tags)
    structure = Structure(render_report(replace(a_report(), pictures=(picture,))))
    assert "a.jpg: Cat 0.90, Dog 0.10" in structure.text


def test_many_pictures_are_cut_and_counted() -> None:
    picture = TriedPicture(name="a", model="m", source=a_photograph(20, 20))
    structure = Structure(render_report(replace(a_report(), pictures=(picture,) * 26)))
    assert len(structure.all("image")) == 24
    assert "Not shown: 2 more pictures." in structure.text


def test_a_curve_drops_where_the_recall_ends() -> None:
    lines = Structure(render_report(a_report())).all("polyline")
    assert [len(str(line["points"]).split()) for line in lines] == [101, 53]
    assert str(lines[0]["points"]).split()[0] == "52.0,72.8"  # recall 0, precision 0.8
    assert str(lines[1]["points"]).split()[-2:] == ["300.0,72.8", "300.0,316.0"]  # recall 0.5, down to 0


def test_classes_beyond_the_colours_differ_by_their_dashes() -> None:
    curves = Curves(iou=0.5, classes=tuple(a_curve(f"c{n}") for n in range(10)), mean_average_precision=0.8)
    report = a_report()
    model = replace(report.models[0], curves=curves)
    lines = Structure(render_report(replace(report, models=(model,)))).all("polyline")
    looks = [(line["class"], line["stroke-dasharray"]) for line in lines]
    assert len(set(looks)) == 10
    assert looks[8] == ("curve s0", "7 4")


def test_a_class_has_one_colour_on_the_whole_page() -> None:
    structure = Structure(render_report(a_report(name="zebra")))
    lines = [str(line["class"]) for line in structure.all("polyline")]
    chips = [str(rect["class"]) for rect in structure.all("rect") if str(rect["class"]).startswith("chip")]
    assert (lines, chips) == (["curve s0", "curve s1"], ["chip s0"])  # zebra is s0, before pear


def test_what_is_left_behind_is_said_first_and_listed() -> None:
    report = replace(a_report(), teardown=Teardown(checked=("vault kv", "group rg"), left_behind=("vault kv",)))
    text = Structure(render_report(report)).text
    assert text[text.index("left behind") - 1] == "1"
    assert text[text.index("Teardown") + 1 :] == ["Still there, 1 of 2:", "vault kv"]


def test_an_empty_report_is_a_page_all_the_same() -> None:
    empty = Report(lab="a", stack="s", target="azure", created=datetime(2026, 1, 1, tzinfo=UTC))
    structure = Structure(render_report(empty))
    assert structure.all("section") == []
    assert structure.text[0] == "Lab a on azure"


def test_a_living_lab_says_how_to_end_it() -> None:
    text = Structure(render_report(replace(a_report(), teardown=None))).text
    assert text[-1] == "The lab is still there. Tear it down with: visionlab lab down."


def test_pillow_comes_only_with_the_first_picture() -> None:
    program = "import sys, automation.report; print(sorted({'PIL', 'matplotlib'} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert answer.stdout == "[]\n"
