"""Real photographs laid out as labs have them: folders to train with, to evaluate with and to try, and their labels."""

import json
import shutil
from pathlib import Path
from typing import Any

__all__ = ["lay_out_classification", "lay_out_detection"]


def part_of_coco(whole: dict[str, Any], names: set[str]) -> dict[str, Any]:
    """The part of a COCO file that speaks of these pictures."""
    images = [image for image in whole["images"] if image["file_name"] in names]
    ids = {image["id"] for image in images}
    return {**whole, "images": images, "annotations": [a for a in whole["annotations"] if a["image_id"] in ids]}


def lay_out_detection(photos: Path, into: Path) -> None:
    whole = json.loads((photos / "detection" / "labels.json").read_text())
    names = sorted(image["file_name"] for image in whole["images"])
    parts = {"evaluation": names[::4], "training": [n for i, n in enumerate(names) if i % 4], "test": names[:2]}
    for part, chosen in parts.items():
        folder = into / "photos" / part
        folder.mkdir(parents=True)
        for name in chosen:
            shutil.copyfile(photos / "detection" / name, folder / name)
        if part != "test":
            coco = "labels.json" if part == "training" else "eval-labels.json"
            (folder / coco).write_text(json.dumps(part_of_coco(whole, set(chosen))))


def lay_out_classification(photos: Path, into: Path) -> None:
    classes = ["apple", "banana", "orange"]
    for part, chosen, coco in (
        ("training", slice(0, 7), "labels.json"),
        ("evaluation", slice(7, 10), "eval-labels.json"),
    ):
        folder = into / "photos" / part
        folder.mkdir(parents=True)
        images: list[dict[str, Any]] = []
        annotations: list[dict[str, Any]] = []
        for category, name in enumerate(classes, start=1):
            for picture in sorted((photos / "classification" / name).iterdir())[chosen]:
                shutil.copyfile(picture, folder / picture.name)
                number = len(images) + 1
                images.append({"id": number, "file_name": picture.name})
                annotations.append({"id": number, "image_id": number, "category_id": category})
        categories = [{"id": i, "name": name} for i, name in enumerate(classes, start=1)]
        document = {"images": images, "annotations": annotations, "categories": categories}
        (folder / coco).write_text(json.dumps(document))
    (into / "photos" / "test").mkdir()
    for name in classes:
        last = max((photos / "classification" / name).iterdir())
        shutil.copyfile(last, into / "photos" / "test" / f"{name}.jpg")
