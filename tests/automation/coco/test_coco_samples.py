"""Each rule finds the fault of its bad sample, and nothing in the good one; no code is without a sample."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest
import yaml

from automation.cli.dataset_files import PROFILES as NAMES
from automation.coco.checking import check_file
from automation.coco.fixing import fix_file
from automation.coco.mending import can_fix
from automation.coco.profiles import PROFILES, Purpose
from automation.coco.types import Unit

SAMPLES = cast("dict[str, Any]", yaml.safe_load((Path(__file__).parent / "samples" / "rules.yaml").read_text("utf-8")))
RULES = cast("dict[str, dict[str, Any]]", SAMPLES["rules"])
CODE = re.compile(
    r"(?:code=|error\(|warning\(|serious\(|say\(|partial\(self._serious, |return |self.wrong\(|, |say = )"
    r'\s*"([a-z0-9]+(?:-[a-z0-9]+)+)"'
)


def bad_file(code: str) -> bytes:
    rule = RULES[code]
    if "bytes" in rule:
        return str(rule["bytes"]).encode()
    tree = {key: value for key, value in (SAMPLES["good"] | rule["bad"]).items() if value is not None}
    return json.dumps(tree).encode()


def codes(path: Path, profile: str = "coco", unit: str | None = None) -> set[str]:
    said = Unit(unit) if unit else None
    return {finding.code for finding in check_file(path, unit=said, profile=PROFILES[profile]).findings}


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if "of" not in rule])
def test_a_bad_sample_has_the_fault_of_its_rule(tmp_path: Path, code: str) -> None:
    path = tmp_path / "labels.json"
    path.write_bytes(bad_file(code))
    assert code in codes(path, RULES[code].get("profile", "coco"), RULES[code].get("unit"))


@pytest.mark.parametrize("profile", ["coco", "label-studio", "cvat"])
def test_the_good_sample_has_no_fault(tmp_path: Path, profile: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(json.dumps(SAMPLES["good"]))
    assert codes(path, profile) == set()


def test_every_code_in_the_rules_has_a_sample() -> None:
    package = Path(check_file.__code__.co_filename).parent
    sources = [*(package / "rules").glob("*.py"), package / "entry.py", package / "codec.py", package / "units.py"]
    said = {code for source in sources for code in CODE.findall(source.read_text("utf-8"))}
    assert said - RULES.keys() - {"too-big", "not-an-object"} == set()


def test_the_command_knows_every_profile() -> None:
    assert tuple(PROFILES) == NAMES


def test_a_profile_without_boxes_has_the_quota_of_a_classifier(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    labels = [{"id": i, "image_id": i, "category_id": 1} for i in (1, 2)]
    path.write_text(json.dumps(SAMPLES["good"] | {"annotations": labels}))
    hints = {f.hint for f in check_file(path, profile=PROFILES["custom-vision"]).findings if f.code == "quota-category"}
    source = "Learn, for S0; F0: 5,000 images and 50 categories"
    assert hints == {f"a limit for training a Custom Vision classifier; source: {source}"}


def test_the_purpose_chooses_the_quota(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    image = {"id": 1, "file_name": "one.jpg", "width": 40, "height": 40}
    path.write_text(json.dumps(SAMPLES["good"] | {"images": [image]}))

    def sides(purpose: Purpose) -> int:
        found = check_file(path, profile=PROFILES["image-analysis"], purpose=purpose, unit=Unit.PIXELS).findings
        return sum(finding.code == "quota-side" for finding in found)

    assert (sides(Purpose.TRAINING), sides(Purpose.EVALUATION)) == (0, 1)


@pytest.mark.parametrize("code", [code for code, rule in RULES.items() if "of" not in rule])
def test_what_is_said_to_be_mended_is(tmp_path: Path, code: str) -> None:
    path, new = tmp_path / "labels.json", tmp_path / "new.json"
    path.write_bytes(bad_file(code))
    rule = RULES[code]
    unit = Unit(rule["unit"]) if "unit" in rule else None
    for profile in PROFILES.values():
        found = [f for f in check_file(path, unit=unit, profile=profile).findings if f.code == code]
        if found and can_fix(code, found[0].where, profile):
            assert fix_file(path, new, profile=profile, unit=unit, drop=True).mends
            assert code not in codes(new, profile.name, rule.get("unit"))


def test_samples_have_no_other_keys() -> None:
    assert {key for rule in RULES.values() for key in rule} == {"what", "bad", "bytes", "profile", "unit", "of"}


def test_outlines_without_images_are_no_bug(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    outline = {"segmentation": [[20, 10, 220, 60, 20, 60]]}
    labels = [entry | outline for entry in SAMPLES["good"]["annotations"]]
    path.write_text(json.dumps(SAMPLES["good"] | {"images": 5, "annotations": labels}))
    assert codes(path) == {"missing-section"}


@pytest.mark.parametrize(
    ("addresses", "mixed"),
    [
        (["https://a.example/one.jpg", "https://A.example/two.jpg?sv=1&sig=x/y"], set[str]()),
        (["https://a.example/c/one.jpg", "https://a.example/c/d/two.jpg"], set[str]()),
        (["https://a.example/c/one.jpg", "https://a.example/d/two.jpg"], {"url-container-mixed"}),
        (["https://a.example/c/one.jpg", "http://b.example/c/two.jpg"], {"url-account-mixed"}),
    ],
)
def test_accounts_and_containers_are_told_apart(tmp_path: Path, addresses: list[str], mixed: set[str]) -> None:
    path = tmp_path / "labels.json"
    images = [image | {"coco_url": url} for image, url in zip(SAMPLES["good"]["images"], addresses, strict=True)]
    path.write_text(json.dumps(SAMPLES["good"] | {"images": images}))
    assert {code for code in codes(path, "image-analysis") if code.endswith("-mixed")} == mixed
    assert codes(path) <= {"url-with-signature"}


def test_an_empty_address_is_none(tmp_path: Path) -> None:
    path = tmp_path / "labels.json"
    images = [image | {"coco_url": "", "flickr_url": ""} for image in SAMPLES["good"]["images"]]
    path.write_text(json.dumps(SAMPLES["good"] | {"images": images}))
    assert codes(path) == set()
    missing = [f for f in check_file(path, profile=PROFILES["image-analysis"]).findings if f.code.startswith("url-")]
    assert [(f.code, f.where) for f in missing] == [("url-missing", "/images/0"), ("url-missing", "/images/1")]
