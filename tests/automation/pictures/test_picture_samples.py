"""Each fault of a picture is found in its bad sample with its severity, and none in the good one."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
import yaml
from PIL import Image, ImageDraw

from automation.errors import Finding
from automation.pictures import limits_of
from automation.pictures.stated import Stated, check_stated

SAMPLES = cast(
    "dict[str, Any]",
    yaml.safe_load((Path(__file__).parents[1] / "coco" / "samples" / "pictures.yaml").read_text("utf-8")),
)
PICTURES = cast("dict[str, dict[str, Any]]", SAMPLES["pictures"])
CODE = re.compile(r'(?:_error\(|_warning\(|code=|NOT_DECODED = |code = |else )\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"')


def drawn(*, size: list[int], mode: str, shift: int = 0) -> Image.Image:
    image = Image.new("RGB", (size[0], size[1]), "white")
    draw = ImageDraw.Draw(image)
    for number in range(12):
        left, top = (number * 61 + shift * 37) % size[0], (number * 43 + shift * 91) % size[1]
        draw.ellipse((left, top, left + 50, top + 40), fill=(number * 20, 255 - number * 20, shift * 90 % 256))
    return image.convert("L").convert("I").convert("I;16") if mode == "I;16" else image.convert(mode)


def make(path: Path, recipe: dict[str, Any], *, shift: int = 0) -> None:
    """A picture as pictures.yaml says it."""
    how = SAMPLES["good"] | recipe
    if how.get("absent"):
        return
    if how.get("empty") or how.get("noise"):
        path.write_bytes(b"" if how.get("empty") else b"no picture at all" * 20)
        return
    exif = Image.Exif()
    exif[0x0112] = how.get("exif", 1)
    image = drawn(size=how["size"], mode=how["mode"], shift=shift)
    frames = [drawn(size=how["size"], mode=how["mode"], shift=n) for n in range(1, how.get("frames", 1))]
    more: dict[str, Any] = {"save_all": True, "append_images": frames} if frames else {}
    image.save(path, how["format"], **({"exif": exif} if "exif" in how else {}), **more)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * how.get("cut", 1))].ljust(how.get("big", 0), b"\0"))


def found(folder: Path, sample: dict[str, Any]) -> list[Finding]:
    recipe, said = sample.get("make", {}), sample.get("stated", {})
    name = said.get("name", "one.png")
    if name == "one.png":
        make(folder / name, recipe)
    size = recipe.get("size", SAMPLES["good"]["size"])
    width, height = said.get("width", size[0]), said.get("height", size[1])
    stated = [Stated(file="a.json", where="/images/0", name=name, width=width, height=height)]
    match sample.get("second"):
        case "same":
            make(folder / "two.png", {})
            stated.append(replace(stated[0], where="/images/1", name="two.png"))
        case "scaled":
            drawn(size=size, mode="RGB").resize((150, 130)).save(folder / "two.png")
            stated.append(replace(stated[0], where="/images/1", name="two.png", width=150, height=130))
        case "other-file":
            stated.append(replace(stated[0], file="b.json"))
        case _:
            make(folder / "two.png", {}, shift=2)
            stated.append(replace(stated[0], where="/images/1", name="two.png", width=300, height=260))
    checked = check_stated(stated, folder, limits_of(sample.get("profile", "coco")))
    return [finding for one in checked.values() for finding in one.findings]


def test_the_good_sample_has_no_fault(tmp_path: Path) -> None:
    assert found(tmp_path, {}) == []
    assert found(tmp_path, {"profile": "custom-vision"}) == []


@pytest.mark.parametrize("code", [code for code, sample in PICTURES.items() if "tested" not in sample])
def test_a_bad_sample_has_its_fault(tmp_path: Path, code: str) -> None:
    findings = found(tmp_path, PICTURES[code])
    assert {finding.code: finding.severity for finding in findings}.get(code) == PICTURES[code]["severity"]


def test_every_code_about_pictures_has_a_sample() -> None:
    package = Path(check_stated.__code__.co_filename).parent
    sources = [*package.glob("*.py"), package.parent / "cli" / "dataset_probe.py"]
    said = {code for source in sources for code in CODE.findall(source.read_text("utf-8"))}
    assert said == PICTURES.keys()
    assert {key for sample in PICTURES.values() for key in sample} == {
        "what", "severity", "make", "stated", "second", "profile", "tested",
    }  # fmt: skip
