"""What can be set right in an entry without asking, on the entry as it stands in the file: unknown keys are kept.

Owns: the mends of images, annotations and categories, and what each is called.
Leaves: which ids become which to `fixing.py`, as the file and its new bytes.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote, urlsplit

from automation.coco.entry import BIGGEST
from automation.coco.images import ImageTable
from automation.coco.outline_area import outline_area
from automation.coco.places import has_signature
from automation.coco.profiles import Profile
from automation.coco.types import Unit
from automation.coco.units import TOLERANCE_UNSIZED

__all__ = ["DROPS", "MENDS", "Plan", "can_fix", "drop_reason", "mend_annotation", "mend_category", "mend_image"]

Tree = dict[str, object]

MENDS: Mapping[str, str] = {
    "id-text": "ids written as text made numbers",
    "id": "ids numbered anew from 1",
    "image_id": "references to images follow the new ids",
    "category_id": "references to categories follow the new ids",
    "category-name-duplicate": "categories merged with the first of their name",
    "size-float": "sizes written as whole pixels",
    "date-decimals": "dates cut to six decimals",
    "url-with-signature": "SAS tokens taken out of addresses",
    "box-outside-image": "boxes cut to their image",
    "box-empty": "annotations dropped, for their box has no area",
    "dangling-category": "annotations dropped, for their category is not there",
    "area": "areas computed from the box, or from the outline in it",
    "area-without-outline": "areas computed from the box, for their outline is empty",
    "iscrowd-missing": "iscrowd 0 added",
    "segmentation-empty": "empty segmentations left out",
    "licenses-missing": "an empty list of licenses added",
}
_ALWAYS = frozenset(MENDS) | {"area-zero", "area-unlike-box", "area-missing", "id-missing", "category-id-zero"}
DROPS = ("box-empty", "dangling-category")  # only when told
_OF_SERVICE = frozenset(("id-gap", "id-below-1"))
_AREA_TOLERANCE = 0.02
_TEXT_ID = re.compile(r"0|-?[1-9][0-9]{0,14}")
_LONG_DATE = re.compile(r"(\.\d{6})\d+")
# The parameters of a shared access signature.
_TOKEN = frozenset(("sv", "ss", "srt", "sp", "se", "st", "spr", "sip", "si", "sr", "sig", "sdd", "ses")) | {
    *("skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid"),
    *("rscc", "rscd", "rsce", "rscl", "rsct"),
}


def can_fix(code: str, where: str, profile: Profile | None) -> bool:
    """Whether `--fix` sees to it, for the taker of the file; what stays unclear it leaves as it is."""
    if code == "id-duplicate":
        return where.startswith("/annotations")
    return code in _ALWAYS or (code in _OF_SERVICE and profile is not None and profile.for_service)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is to become of a file.

    Attributes:
        unit: Of its boxes.
        images: Those that are well formed.
        image_ids: Whether images are numbered from 1 in their order.
        annotation_ids: So with annotations.
        category_ids: The new id of each old one; those that stay are left out.
        merged: Places of categories that go into an earlier one.
        wanted: Codes of what the taker misses.
        drop: Whether annotations go whose box has no area, or whose category is not there.
        categories: Ids that a category has or may have; None when any may be one.
        licenses: Whether a list of licenses is added.
    """

    unit: Unit
    images: ImageTable
    image_ids: bool
    annotation_ids: bool
    category_ids: Mapping[int, int]
    merged: frozenset[int]
    wanted: frozenset[str]
    drop: bool
    categories: frozenset[int] | None
    licenses: bool


def mend_image(entry: Tree, plan: Plan, row: int) -> list[str]:
    """Set an image right, in place. `row` is that of its id in the table. Gives the mends."""
    done = _numbered(entry, "id")
    if plan.image_ids and row >= 0 and entry.get("id") != row + 1:
        entry["id"] = row + 1
        done.append("id")
    sides = {key: side for key in ("width", "height") if isinstance(side := entry.get(key), float)}
    whole = {key: int(side) for key, side in sides.items() if side > 0 and side.is_integer()}
    if whole:
        entry |= whole
        done.append("size-float")
    date = entry.get("date_captured")
    if isinstance(date, str) and (cut := _LONG_DATE.sub(r"\1", date)) != date:
        entry["date_captured"] = cut
        done.append("date-decimals")
    for key in ("absolute_url", "coco_url"):
        url = entry.get(key)
        if isinstance(url, str) and has_signature(url):
            entry[key] = _without_token(url)
            done.append("url-with-signature")
    return done


def mend_category(entry: Tree, plan: Plan) -> list[str]:
    """As `mend_image`."""
    done = _numbered(entry, "id")
    new = plan.category_ids.get(cast("int", entry.get("id"))) if _is_id(entry.get("id")) else None
    if new is None:
        return done
    entry["id"] = new
    return [*done, "id"]


def mend_annotation(entry: Tree, plan: Plan, row: int, number: int) -> list[str]:
    """As `mend_image`. `row` is that of the image, -1 where there is none; `number` its id when they are numbered."""
    done = _numbered(entry, "id", "image_id", "category_id")
    # What is no id at all stays.
    if plan.annotation_ids and entry.get("id") != number and (entry.get("id") is None or _is_id(entry["id"])):
        entry["id"] = number
        done.append("id")
    if plan.image_ids and row >= 0 and entry.get("image_id") != row + 1:
        entry["image_id"] = row + 1
        done.append("image_id")
    category = entry.get("category_id")
    if _is_id(category) and (new := plan.category_ids.get(cast("int", category))) is not None:
        entry["category_id"] = new
        done.append("category_id")
    stripped = entry.get("segmentation") in ([], {})
    if stripped:
        del entry["segmentation"]
        done.append("segmentation-empty")
    box = numbers(entry.get("bbox"))
    if box is None:
        return done
    size = cast("list[float]", plan.images.sizes[row].tolist()) if row >= 0 else [0.0, 0.0]
    cut = _cut(box, size, plan.unit) if row >= 0 else None
    if cut is not None:
        entry["bbox"] = box = cut
        done.append("box-outside-image")
    if (right := _area_to_be(entry, box, plan, was_cut=cut is not None)) is not None:
        entry["area"] = right
        done.append("area-without-outline" if stripped else "area")
    if entry.get("iscrowd") is None and "iscrowd-missing" in plan.wanted:
        entry["iscrowd"] = 0
        done.append("iscrowd-missing")
    return done


def _numbered(entry: Tree, *keys: str) -> list[str]:
    """Ids that are numbers in quotes, without them. What the whole file says may be another thing then."""
    texts = {key: text for key in keys if isinstance(text := entry.get(key), str) and _TEXT_ID.fullmatch(text)}
    entry |= {key: int(text) for key, text in texts.items()}
    return ["id-text"] * len(texts)


def drop_reason(entry: Tree, plan: Plan) -> str | None:
    """Why an annotation goes; None when it stays."""
    if not plan.drop:
        return None
    box, category = numbers(entry.get("bbox")), entry.get("category_id")
    if box is not None and min(box[2:]) == 0:
        return "box-empty"
    if plan.categories is not None and _is_id(category) and cast("int", category) not in plan.categories:
        return "dangling-category"
    return None


def numbers(box: object) -> list[float] | None:
    """The four numbers of a box; None when it is none."""
    if not isinstance(box, list):
        return None
    values = cast("list[object]", box)
    if len(values) != len("xywh") or not all(
        type(v) in (int, float) and math.isfinite(cast("float", v)) for v in values
    ):
        return None
    return cast("list[float]", values)


def _is_id(value: object) -> bool:
    whole = type(value) is int or (type(value) is float and value.is_integer())
    return whole and abs(cast("int", value)) <= BIGGEST


def _cut(box: list[float], size: list[float], unit: Unit) -> list[float] | None:
    """The part of the box in its image; None when it is inside but for rounding, or when nothing of it is."""
    sized = min(size) > 0
    if unit is Unit.PIXELS and sized:
        limits: list[float] = [int(side) if float(side).is_integer() else side for side in size]
        slacks = [0.5, 0.5]
    elif unit is Unit.NORMALISED:
        limits = [1, 1]
        slacks = [0.5 / side for side in size] if sized else [TOLERANCE_UNSIZED] * 2
    else:
        return None
    near, far = box[:2], [box[0] + box[2], box[1] + box[3]]
    over = any(-n - s > 0 or f - top - s > 0 for n, f, top, s in zip(near, far, limits, slacks, strict=True))
    if not over or min(box[2:]) <= 0:
        return None
    low = [min(max(n, 0), top) for n, top in zip(near, limits, strict=True)]
    high = [min(max(f, 0), top) for f, top in zip(far, limits, strict=True)]
    sides = [h - n for h, n in zip(high, low, strict=True)]
    return [*low, *sides] if min(sides) > 0 else None


def _area_to_be(entry: Tree, box: list[float], plan: Plan, *, was_cut: bool) -> float | None:
    """The area that the entry is to have instead of what it says; None when it stays.

    An outline leaves some of its box free, so that with one anything up to the area of the box is right.
    """
    given, of_box, outline = entry.get("area"), box[2] * box[3], entry.get("segmentation")
    right = outline_area(outline, shares=plan.unit is Unit.NORMALISED) if outline else of_box
    if right is None or min(of_box, right) <= 0 or not math.isfinite(max(of_box, right)):
        return None
    if given is None:
        return right if "area-missing" in plan.wanted else None
    if type(given) not in (int, float):
        return None
    off = cast("float", given) - right
    slack = _AREA_TOLERANCE * of_box + (1.0 if plan.unit is Unit.PIXELS else 1e-3)
    if outline:
        wrong = given == 0 or (abs(off) > slack and cast("float", given) - of_box > slack)
    else:
        wrong = given == 0 or was_cut or abs(off) > slack
    return right if wrong else None


def _without_token(url: str) -> str:
    parts = urlsplit(url)
    kept = [part for part in parts.query.split("&") if unquote(part.partition("=")[0]).replace("+", " ") not in _TOKEN]
    return parts._replace(query="&".join(kept)).geturl()
