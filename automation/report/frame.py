"""What every page of ours stands in: one file that opens from disk, in light and dark, and fetches nothing.

Owns: the head, and what a page may do, which is next to nothing. Leaves: what is on it to the pages.
"""

from xml.etree.ElementTree import Element

from automation.report.elements import element, render

__all__ = ["page"]

_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def page(title: str, *, style: str, body: Element) -> str:
    """The page as text. `body` is its main element."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        element("meta", name="color-scheme", content="light dark"),
        element("title", title),
        element("style", style),
    )
    return render(element("html", head, element("body", body), lang="en"))
