"""HTML as a tree: text and attributes go in as they are, and are escaped on the way out.

Owns: building elements, tables, and the one place where a tree becomes text.
Leaves: what is shown to the sections.
"""

import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, tostring

__all__ = ["Content", "element", "render", "table"]

Content = Element | str | None
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def element(tag: str, *content: Content, **attributes: str | float) -> Element:
    """An element; `class_` and `stroke_width` mean class and stroke-width, `view_box` means viewBox."""
    names = {"class_": "class", "view_box": "viewBox"}
    made = Element(tag, {names.get(k, k.replace("_", "-")): _clean(_text(v)) for k, v in attributes.items()})
    for part in content:
        if isinstance(part, Element):
            made.append(part)
        elif part is not None and len(made):
            made[-1].tail = (made[-1].tail or "") + _clean(part)
        elif part is not None:
            made.text = (made.text or "") + _clean(part)
    return made


def table(head: Sequence[str], rows: Iterable[Sequence[Content]], *, numbers_from: int) -> Element:
    """A table that scrolls by itself when the window is narrow; columns from `numbers_from` on are figures."""

    def cell(tag: str, index: int, content: Content) -> Element:
        return element(tag, content, **({"class_": "figure"} if index >= numbers_from else {}))

    header = element("thead", element("tr", *(cell("th", index, text) for index, text in enumerate(head))))
    body = element(
        "tbody", *(element("tr", *(cell("td", index, content) for index, content in enumerate(row))) for row in rows)
    )
    return element("div", element("table", header, body), class_="scroll")


def render(root: Element) -> str:
    """The page as text."""
    return "<!doctype html>\n" + tostring(root, encoding="unicode", method="html") + "\n"


def _text(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def _clean(text: str) -> str:
    """Characters that no page may hold, from file names for instance, become the replacement character."""
    return _CONTROL.sub("\ufffd", text)
