"""What other tools do with the same COCO file; run in an environment of its own (`make .tools/bench/.done`).

    python benchmarks/coco_peers.py NAME FILE OUT

orjson only parses. pycocotools checks ids, references and boxes and writes shares of the image, in the loop that its
users write for that. datumaro reads the file into its own model and writes it again.
"""

# pyright: reportMissingImports=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# (the peers live in an environment of their own)
import gc
import json
import logging
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path


def orjson(source: Path, _: Path) -> None:
    import orjson as parser

    gc.disable()  # the stricter of the two measures
    parser.loads(source.read_bytes())


def pycocotools(source: Path, target: Path) -> None:
    from pycocotools.coco import COCO

    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        coco = COCO(str(source))
    seen: set[int] = set()
    wrong = 0
    for entry in coco.dataset["annotations"]:
        wrong += entry["id"] in seen or entry["image_id"] not in coco.imgs or entry["category_id"] not in coco.cats
        seen.add(entry["id"])
        image = coco.imgs[entry["image_id"]]
        width, height = image["width"], image["height"]
        x, y, w, h = entry["bbox"]
        wrong += x < 0 or y < 0 or w <= 0 or h <= 0 or x + w > width or y + h > height
        entry["bbox"] = [x / width, y / height, w / width, h / height]
    if wrong:
        raise SystemExit(f"{wrong} annotations are wrong")
    with (target / "out.json").open("w") as file:
        json.dump(coco.dataset, file)


def datumaro(source: Path, target: Path) -> None:
    logging.disable(logging.CRITICAL)
    import datumaro as tool

    folder = target / "in" / "annotations"
    folder.mkdir(parents=True, exist_ok=True)
    (target / "in" / "images").mkdir(exist_ok=True)
    link = folder / "instances_train.json"
    link.unlink(missing_ok=True)
    link.symlink_to(source.absolute())
    dataset = tool.Dataset.import_from(str(target / "in"), "coco_instances")
    dataset.export(str(target / "out"), "coco_instances", save_media=False)


def evaluation(truth: Path, detections: Path) -> None:
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
        known = COCO(str(truth))
        judge = COCOeval(known, known.loadRes(str(detections)), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    print(json.dumps([float(figure) for figure in judge.stats]))


PEERS = {"orjson": orjson, "pycocotools": pycocotools, "datumaro": datumaro, "evaluation": evaluation}

if __name__ == "__main__":
    PEERS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
