"""Contact sheets: many small pictures with their names, a page at a time.

Owns: the page. Leaves: what is on the small pictures to `painting`.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from automation.pictures.painting import lettering

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["PER_SHEET", "TILE_PX", "sheet"]

TILE_PX = 320
COLUMNS, ROWS = 5, 4
PER_SHEET = COLUMNS * ROWS
_GAP_PX, _NAME_PX = 8, 18
_PAPER, _INK = (250, 250, 250), (40, 40, 40)


def sheet(tiles: "Sequence[tuple[str, Image.Image]]") -> "Image.Image":
    """Up to `PER_SHEET` named pictures of at most `TILE_PX` pixels a side, row by row."""
    from PIL import Image, ImageDraw, ImageFont

    rows = -(-len(tiles) // COLUMNS)
    columns = min(len(tiles), COLUMNS)
    across, down = TILE_PX + _GAP_PX, TILE_PX + _NAME_PX + _GAP_PX
    page = Image.new("RGB", (columns * across + _GAP_PX, rows * down + _GAP_PX), _PAPER)
    draw = ImageDraw.Draw(page)
    font = ImageFont.load_default(13)
    for place, (name, tile) in enumerate(tiles):
        left, top = _GAP_PX + place % COLUMNS * across, _GAP_PX + place // COLUMNS * down
        page.paste(tile, (left + (TILE_PX - tile.width) // 2, top + (TILE_PX - tile.height) // 2))
        text = lettering(name[-200:])
        while text and draw.textlength(text, font) > TILE_PX:
            text = text[: len(text) // 2 - 3] + "..." + text[len(text) // 2 + 1 :] if len(text) > 12 else ""
        below = top + (TILE_PX + tile.height + _NAME_PX) / 2
        draw.text((left + TILE_PX / 2, below), text, fill=_INK, font=font, anchor="mm")
    return page
