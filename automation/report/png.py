"""A chart as PNG, for slides and documents that take no SVG.

Owns: the style of print: the light one, with its colours written out. Leaves: drawing to resvg.
"""

import re

__all__ = ["chart_png"]

ZOOM = 2
_ROOT = re.compile(r":root\s*\{([^}]*)\}")
_VALUE = re.compile(r"(--[\w-]+)\s*:\s*([^;]+);")
_USE = re.compile(r"var\((--[\w-]+)\)")
_CLASS = re.compile(r"\.([\w-]+)\s*\{\s*--c:\s*([^;}]+);?\s*\}")


def chart_png(svg: str) -> bytes:
    """The picture, two pixels for each of the chart's. Without fonts on the machine it has no words."""
    import resvg_py

    return resvg_py.svg_to_bytes(
        svg_string=_written_out(svg), zoom=ZOOM, background="#ffffff", font_family="sans-serif"
    )


def _written_out(svg: str) -> str:
    """Without variables, which resvg does not know: those of the page, and the colour of each line."""
    root = _ROOT.search(svg)
    values = dict(_VALUE.findall(root.group(1))) if root else {}

    def value(match: re.Match[str]) -> str:
        return values.get(match.group(1), match.group())

    plain = _USE.sub(value, svg)
    colours = dict(_CLASS.findall(plain))
    rules = "".join(f".curve.{name} {{ stroke: {colour} }} " for name, colour in colours.items())
    return plain.replace("</style>", f"{rules}</style>", 1)
