"""Files for benchmarks/coco.py: the same every time, and written without being held in memory.

Owns: a COCO file of any size in the shape of COCO's own (80 classes, images of 640 x 480 and the like), detections
with a known quality, and pictures with some near duplicates. Shapes and sizes are those of our notes on performance:
118,000 images with 860,000 boxes are 143 MB.
"""

import json
import random
from pathlib import Path

SIZES = ((640, 480), (480, 640), (640, 427), (500, 375), (612, 612))
CLASSES = 80


def write_labels(path: Path, *, images: int, boxes: int, outlines: bool = False) -> Path:
    """A correct file in pixels; with `outlines` each box has a polygon, too."""
    chance = random.Random(7)
    sizes: list[tuple[int, int]] = []
    with path.open("w") as file:
        file.write('{"info": {"description": "benchmark", "version": "1.0"}, "licenses": [], "images": [')
        for number in range(1, images + 1):
            sizes.append(chance.choice(SIZES))
            width, height = sizes[-1]
            entry = {
                "license": 1,
                "file_name": f"{number:012d}.jpg",
                "coco_url": f"http://images.example.org/train/{number:012d}.jpg",
                "height": height,
                "width": width,
                "date_captured": "2013-11-14 11:18:45",
                "flickr_url": f"http://photos.example.org/8186/{8 * 10**9 + number}_{number * 7919:012x}_z.jpg",
                "id": number,
            }
            file.write((", " if number > 1 else "") + json.dumps(entry))
        file.write('], "annotations": [')
        for number in range(1, boxes + 1):
            image = chance.randrange(images)
            file.write(
                (", " if number > 1 else "") + json.dumps(_annotation(chance, number, image, sizes[image], outlines))
            )
        classes = [{"supercategory": f"s{n // 8}", "id": n, "name": f"class_{n}"} for n in range(1, CLASSES + 1)]
        file.write(f'], "categories": {json.dumps(classes)}}}')
    return path


def _annotation(
    chance: random.Random, number: int, image: int, size: tuple[int, int], outlines: bool
) -> dict[str, object]:
    width, height = size
    w, h = round(chance.uniform(4, width / 2), 2), round(chance.uniform(4, height / 2), 2)
    x, y = round(chance.uniform(0, width - w - 0.02), 2), round(chance.uniform(0, height - h - 0.02), 2)
    entry: dict[str, object] = {
        "area": round(w * h, 4),
        "iscrowd": 0,
        "image_id": image + 1,
        "bbox": [x, y, w, h],
        "category_id": chance.randint(1, CLASSES),
        "id": number,
    }
    if outlines:
        right, bottom = round(x + w, 2), round(y + h, 2)
        entry["segmentation"] = [[x, y, right, y, right, bottom, x, bottom]]
    return entry


def write_detections(truth: Path, path: Path, *, detections: int) -> Path:
    """Detections around true boxes: most of the right class on the right image, noisy, with ties among the scores."""
    chance = random.Random(3)
    known = json.loads(truth.read_text())
    entries: list[dict[str, object]] = []
    for _ in range(detections):
        true = chance.choice(known["annotations"])
        noise = chance.choice((0.05, 0.2, 0.6))
        x, y, w, h = (max(0.5, side * (1 + chance.uniform(-noise, noise))) for side in true["bbox"])
        right = chance.random() < 0.8
        entries.append(
            {
                "image_id": true["image_id"] if chance.random() < 0.7 else chance.choice(known["images"])["id"],
                "category_id": true["category_id"] if right else chance.randint(1, CLASSES),
                "bbox": [round(x, 2), round(y, 2), round(w, 2), round(h, 2)],
                "score": round(chance.random() * (1 if right else 0.7), 4),
            }
        )
    path.write_text(json.dumps(entries))
    return path


def write_pictures(folder: Path, *, pictures: int, alike: int) -> Path:
    """Pictures of 64 x 48 pixels, `alike` of them a second version of another one."""
    import numpy as np
    from PIL import Image

    folder.mkdir(parents=True, exist_ok=True)
    chance = np.random.default_rng(11)
    for number in range(pictures - alike):
        coarse = Image.fromarray(chance.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        picture = coarse.resize((64, 48), Image.Resampling.BICUBIC)
        picture.save(folder / f"{number:06d}.jpg", quality=90)
        if number < alike:
            picture.resize((56, 42)).save(folder / f"{number:06d}-again.jpg", quality=70)
    return folder
