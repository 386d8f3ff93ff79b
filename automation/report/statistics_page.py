"""The figures of a COCO file as a page: one file that opens from disk, in light and dark, and fetches nothing.

Owns: what stands on it, and its heat map. Leaves: counting to `automation.coco`, the look to `page.css`.
"""

from collections.abc import Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from automation.coco.file_statistics import FileStatistics, Share
from automation.report.elements import Content, element, table
from automation.report.frame import page

__all__ = ["render_statistics"]

MOST_CLASSES = 200
_SIDE = 40


def render_statistics(found: FileStatistics, *, title: str) -> str:
    """The page as text; the same figures give the same bytes."""
    body = element(
        "main",
        element("header", element("h1", title), element("p", _summary(found))),
        _tiles(found),
        _classes(found),
        _bars("Annotations an image", found.images_by_annotations, "annotations", "images"),
        _bars("Sizes of boxes", found.sizes, "size", "boxes", "Small is under 32 x 32 pixels, large from 96 x 96 on."),
        _bars("Width to height", found.aspects, "shape", "boxes"),
        _heat(found),
        _image_sizes(found),
        _together(found),
    )
    return page(title, style=Path(__file__).with_name("page.css").read_text("utf-8"), body=body)


def _summary(found: FileStatistics) -> str:
    said = f"{found.images:,} images, {found.annotations:,} annotations"
    said += f", boxes in {found.unit}" if found.boxes else ", no boxes"
    return said + (f"; {found.unreadable:,} entries could not be read" if found.unreadable else "")


def _tiles(found: FileStatistics) -> Element:
    least, mean, median, most = found.per_image
    tiles = [
        (f"{found.images:,}", "images"),
        (f"{found.unlabeled_images:,}", "without labels"),
        (f"{found.annotations:,}", "annotations"),
        (f"{found.outlines:,}", "with an outline"),
        (f"{mean:.2f}", f"an image, mean; median {median:g}, {least} to {most}"),
    ]
    if found.shares is not None:
        smallest, middle, largest = found.shares
        tiles.append((f"{middle:.2%}", f"of its image a box covers, median; {smallest:.3%} to {largest:.1%}"))
    return element("div", *(element("p", element("b", v), element("span", t)) for v, t in tiles), class_="tiles")


def _section(title: str, *content: Content) -> Element:
    return element("section", element("h2", title), *content)


def _bar(share: float) -> Element:
    return element("span", class_="bar", style=f"width: {max(share, 0.002) * 100:.1f}%")


def _classes(found: FileStatistics) -> Element:
    ranked = sorted(found.categories, key=lambda category: -category.annotations)
    most = max((category.annotations for category in ranked), default=0) or 1
    rows = [(c.name, _bar(c.annotations / most), f"{c.annotations:,}", f"{c.images:,}") for c in ranked[:MOST_CLASSES]]
    left = len(ranked) - len(rows)
    more = element("p", f"and {left:,} classes more, with fewer annotations") if left else None
    return _section("Classes", table(("class", "", "annotations", "images"), rows, numbers_from=2), more)


def _bars(title: str, shares: Sequence[Share], what: str, counted: str, note: str | None = None) -> Element | None:
    if not shares:
        return None
    most = max(share.share for share in shares) or 1
    rows = [(s.name, _bar(s.share / most), f"{s.count:,}", f"{s.share:.1%}") for s in shares]
    said = None if note is None else element("p", note)
    return _section(title, said, table((what, "", counted, "share"), rows, numbers_from=2))


def _heat(found: FileStatistics) -> Element | None:
    peak = max(map(max, found.heat), default=0)
    if not peak:
        return None
    squares = [
        element(
            "rect",
            element("title", f"column {x + 1}, row {y + 1}: {count:,} boxes"),
            x=x * _SIDE,
            y=y * _SIDE,
            width=_SIDE - 2,
            height=_SIDE - 2,
            rx=4,
            fill="var(--s0)",
            fill_opacity=round(0.05 + 0.95 * count / peak, 3),
        )
        for y, row in enumerate(found.heat)
        for x, count in enumerate(row)
    ]
    side = len(found.heat) * _SIDE
    drawing = element(
        "svg",
        element("title", "Where the centres of boxes lie"),
        *squares,
        view_box=f"0 0 {side} {side}",
        width=side,
        height=side,
        role="img",
    )
    said = f"Each square is a part of the image; the darkest has {peak:,} centres of boxes."
    return _section("Positions", element("p", said), drawing)


def _image_sizes(found: FileStatistics) -> Element | None:
    if not found.image_sizes:
        return None
    most = found.image_sizes[0][2]
    rows = [(f"{w} x {h}", _bar(count / most), f"{count:,}") for w, h, count in found.image_sizes]
    return _section("Image sizes", table(("pixels", "", "images"), rows, numbers_from=2))


def _together(found: FileStatistics) -> Element | None:
    if not found.together:
        return None
    most = found.together[0].images
    rows = [(pair.first, pair.second, _bar(pair.images / most), f"{pair.images:,}") for pair in found.together]
    return _section("Classes that meet", table(("class", "and", "", "images"), rows, numbers_from=3))
