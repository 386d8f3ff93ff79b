"""`make fuzz`: bytes that nobody thought of, thrown at what reads COCO files until time is over or something breaks.

Owns: what is tried: checking in both ways, which have to agree, converting, counting, sampling, mending, in pieces of
64 or 400 bytes so that cuts fall everywhere. Leaves: finding the bytes to atheris, which watches which lines they
reach. A crash leaves its bytes in a file `crash-…` of the corpus folder; `python tools/fuzz.py FILE` tries them again.
"""

import contextlib
import json
import sys
import tempfile
from pathlib import Path

import atheris  # pyright: ignore[reportMissingModuleSource] # of an environment of its own

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
with atheris.instrument_imports(include=["automation"]):  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] # not in ours
    from automation.coco import pieces, scan
    from automation.coco.checking import check_file
    from automation.coco.file_statistics import file_statistics
    from automation.coco.fixing import fix_file
    from automation.coco.profiles import PROFILES
    from automation.coco.rewriting import convert_file
    from automation.coco.transform import sample_file
    from automation.coco.types import Unit
from automation.errors import LabError

SEED: dict[str, object] = {
    "images": [{"id": 1, "file_name": "a.jpg", "width": 10, "height": 20}, {"id": 2, "file_name": "b", "width": 9.0}],
    "annotations": [
        {"id": 3, "image_id": 2, "category_id": 1, "bbox": [0.5, 2, 3, 4], "area": 12.5, "iscrowd": 0},
        {"id": 1, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "area": 12.0, "iscrowd": 0},
        {"id": 2, "image_id": 2, "category_id": 1, "bbox": [1, 2, 3, 4], "segmentation": [[1, 2, 3, 4, 5, 6]]},
        {"id": 4, "image_id": 2, "category_id": 1, "segmentation": [[1, 2, 3, 4, 5, 6], [0, 0, 1, 0, 1, 1]]},
        {"id": 5, "image_id": 2, "category_id": 1, "bbox": [0, 1, 2, 3], "keypoints": [1, 2, 2]},
    ],
    "categories": [{"id": 1, "name": "é"}],
    "info": {},
}


def nothing_alike(_text: bytes) -> None:
    """In place of the quick reader: everything is read by the thorough one."""


def main() -> None:
    quick_reader = pieces.alike
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.json", Path(folder) / "b.json"

        def attempt(data: bytes) -> None:
            source.write_bytes(data[1:])
            scan.CHUNK_BYTES = 64 if data[:1] < b"\x80" else 400
            checked = check_file(source)
            pieces.alike = nothing_alike
            if check_file(source) != checked:
                raise AssertionError("the quick reader says something else")
            pieces.alike = quick_reader
            with contextlib.suppress(LabError):
                match data[0] % 5 if data else 0:
                    case 0:
                        convert_file(source, target, to=Unit.NORMALISED)
                    case 1:
                        convert_file(source, target, to=Unit.PIXELS)
                    case 2:
                        file_statistics(source)
                    case 3:
                        fix_file(source, target, profile=PROFILES["coco"])
                    case _:
                        sample_file(source, target, images=1, seed=0)

        atheris.Setup(sys.argv, attempt)  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] # as above
        atheris.Fuzz()  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue] # as above


def sow(corpus: Path) -> None:
    """Files to begin with."""
    corpus.mkdir(parents=True, exist_ok=True)
    for number in range(10):
        text = json.dumps(SEED, indent=number % 5 or None, ensure_ascii=number % 5 < 3)
        what = number % 5 + 128 * (number // 5)
        (corpus / f"seed-{number}").write_bytes(bytes([what]) + text.encode())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--sow"]:
        sow(Path(sys.argv[2]))
    else:
        main()
