"""XML in and out: elements without entities, document types or depths that only an attack needs.

Owns: the guard, and the text of elements. Leaves: which elements there are to the formats.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat  # the guard stands here: no document type, so no entities
from xml.sax.saxutils import escape, quoteattr

from automation.coco.formats.told import Told

__all__ = ["Element", "element", "parse_xml", "text"]

MOST_DEPTH = 32


@dataclass(slots=True)
class Element:
    """One element; `text` is all of its own text."""

    tag: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list["Element"])

    def all(self, tag: str) -> Iterator["Element"]:
        """Its children of that name."""
        return (child for child in self.children if child.tag == tag)

    def find(self, path: str) -> "Element | None":
        """The first element along a path of names."""
        at: Element | None = self
        for tag in path.split("/"):
            at = None if at is None else next(at.all(tag), None)
        return at

    def said(self, path: str) -> str:
        """The text of the first element along a path, without the space around it."""
        found = self.find(path)
        return "" if found is None else found.text.strip()


class _Refused(Exception):
    """Something in the XML that is not read, on principle."""


class _Tree:
    """What the parser calls; one tree grows."""

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= MOST_DEPTH:
            raise _Refused(f"elements are nested more than {MOST_DEPTH} deep")
        made = Element(tag, attributes)
        if self._open:
            self._open[-1].children.append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, _tag: str) -> None:
        self._open.pop()

    def data(self, text: str) -> None:
        self._open[-1].text += text


def _no_document_type(*_declared: object) -> None:
    raise _Refused("a document type is not read, for it can name entities and files")


def parse_xml(data: bytes, where: str, told: Told) -> Element | None:
    """The root element; None, and said, when it is not XML that is read."""
    tree = _Tree()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _no_document_type
    parser.EntityDeclHandler = _no_document_type
    parser.StartElementHandler = tree.start
    parser.EndElementHandler = tree.end
    parser.CharacterDataHandler = tree.data
    try:
        parser.Parse(data, True)
    except expat.ExpatError as wrong:
        told.wrong("not-xml", f"{where}:{wrong.lineno}", f"this is no XML: {expat.ErrorString(wrong.code)}")
    except (_Refused, LookupError, ValueError) as wrong:
        told.wrong("not-xml", f"{where}:{parser.CurrentLineNumber}", str(wrong))
    else:
        return tree.root
    return None


def element(tag: str, *inside: str, depth: int = 0, **attributes: str) -> str:
    """An element with elements in it, a line each."""
    named = "".join(f" {name.rstrip('_')}={quoteattr(value)}" for name, value in attributes.items())
    space = "  " * depth
    return f"{space}<{tag}{named}>\n{''.join(inside)}{space}</{tag}>\n" if inside else f"{space}<{tag}{named}/>\n"


def text(tag: str, value: str, *, depth: int = 0, **attributes: str) -> str:
    """An element with text in it."""
    named = "".join(f" {name}={quoteattr(said)}" for name, said in attributes.items())
    return f"{'  ' * depth}<{tag}{named}>{escape(value)}</{tag}>\n"
