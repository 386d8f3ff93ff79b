"""A file with other entries in some sections, and every other byte as it was.

Owns: the pass, a piece in memory at a time. Leaves: what becomes of an entry to the transforms.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from automation.coco.files import open_coco, refuse_same, written_whole
from automation.coco.scan import Entries, Text, scan
from automation.coco.transform.selecting import AS_TEXT, Part, Sheet
from automation.progress import Progress, silent

__all__ = ["Change", "write_changed"]

Change = Callable[[Entries], tuple[bytes, int]]
"""Of a piece of a section: its entries as they are to be, with commas between them, and how many they are."""


def write_changed(source: Path, out: Path, changes: Mapping[str, Change], *, progress: Progress = silent) -> Part:
    """Write the file anew.

    Args:
        source: A COCO file that was surveyed.
        out: Where it goes; it is there whole or not at all.
        changes: By section. A section that is not named stays as it is.
        progress: Is told how far it is, in bytes.

    Raises:
        Refused: The new file would be the old one.
    """
    refuse_same(source, out)
    size = source.stat().st_size
    with open_coco(source) as file, written_whole(out) as new:
        sheet = Sheet(new)
        for piece in scan(file, AS_TEXT):
            if isinstance(piece, Text):
                sheet.text(piece)
            else:
                change = changes.get(piece.section)
                raw, count = (piece.raw, piece.count) if change is None else change(piece)
                if count:
                    sheet.entries(piece.section, raw, count)
            progress(piece.offset + len(piece.raw), size, "writing")
    return Part(path=out, **{section: sheet.counts.get(section, 0) for section in AS_TEXT})
