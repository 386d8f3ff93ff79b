"""YAML with line numbers: text goes in, located values and findings come out.

Owns: safe reading (no tags, no aliases, bounded size), duplicate keys, and the small vocabulary of checks that
`lab_file.py` is written in.
Leaves: which keys there are to `lab_file.py`.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import yaml
from yaml.composer import ComposerError

from automation.errors import ConfigError, Finding, Severity
from automation.nearest import hint_for

__all__ = ["Located", "Reader", "parse_yaml"]

MAX_BYTES = 1_000_000
_WORDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A value of the file, and where it stands.

    Attributes:
        value: A text, number, truth value or date; None for nothing, and for the other two.
        entries: Of a mapping, else None.
        elements: Of a list, else None.
    """

    line: int
    key: str
    value: object = None
    entries: "dict[str, Located] | None" = None
    elements: "list[Located] | None" = None

    def plain(self) -> object:
        """The value without its places; dates become the text they were written as."""
        if self.entries is not None:
            return {name: item.plain() for name, item in self.entries.items()}
        if self.elements is not None:
            return [item.plain() for item in self.elements]
        return self.value.isoformat() if isinstance(self.value, dt.date) else self.value

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.entries is not None or self.elements is not None:
            return "a mapping" if self.entries is not None else "a list"
        return "nothing" if self.value is None else _WORDS.get(type(self.value).__name__, "a date")


class Reader:
    """Takes values out of the file's tree and keeps every problem it meets on the way."""

    def __init__(self, shown: str) -> None:
        self.findings: list[Finding] = []
        self._shown = shown

    def wrong(self, code: str, at: Located, message: str, hint: str | None = None) -> None:
        """Keep one problem."""
        where = f"{self._shown}:{at.line}" + (f": {at.key}" if at.key else "")
        self.findings.append(Finding(code=code, severity=Severity.ERROR, where=where, message=message, hint=hint))

    def mapping(
        self, at: Located, *, known: Sequence[str] | None = None, required: Sequence[str] = ()
    ) -> dict[str, Located]:
        """The entries of a mapping; unknown and missing keys are problems."""
        if at.entries is None:
            self._mistyped(at, "a mapping")
            return {}
        for name, item in at.entries.items():
            if known is not None and name not in known:
                hint = hint_for(name, known, otherwise=f"the keys here are {', '.join(known)}")
                self.wrong("unknown-key", item, f"unknown key {name!r}", hint)
        for name in required:
            if name not in at.entries:
                self.wrong("missing-key", at, f"the key {name!r} is missing", f"add `{name}:` here")
        return at.entries

    def text(self, at: Located | None) -> str | None:
        """A text that is not empty."""
        if at is None:
            return None
        if not isinstance(at.value, str):
            self._mistyped(at, "text", "put it in quotes" if isinstance(at.value, bool | int | float) else None)
            return None
        if not at.value.strip():
            self.wrong("empty-text", at, "the text is empty", "write a value, or leave the key out")
            return None
        return at.value

    def named(self, at: Located | None, rule: Callable[[str], str | None]) -> str | None:
        """A text that Azure takes as a name; the rule says why it would not."""
        word = self.text(at)
        if at is not None and word is not None and (why := rule(word)):
            self.wrong("bad-name", at, f"{word!r} is refused: {why}", "choose another name")
            return None
        return word

    def share(self, at: Located | None, *, low: float, high: float, default: float) -> float:
        """A number between two bounds, which need not be whole."""
        if at is None:
            return default
        if isinstance(at.value, bool) or not isinstance(at.value, int | float):
            self._mistyped(at, "a number")
            return default
        if not low <= at.value <= high:
            self.wrong("out-of-range", at, f"{at.value:g} is not between {low:g} and {high:g}")
            return default
        return float(at.value)

    def number(self, at: Located | None, *, low: int, high: int, default: int) -> int:
        """A whole number between two bounds."""
        if at is None:
            return default
        if isinstance(at.value, bool) or not isinstance(at.value, int):
            self._mistyped(at, "a whole number")
            return default
        if not low <= at.value <= high:
            self.wrong("out-of-range", at, f"{at.value} is not between {low} and {high}")
            return default
        return at.value

    def flag(self, at: Located | None, *, default: bool) -> bool:
        """True or false."""
        if at is None:
            return default
        if not isinstance(at.value, bool):
            self._mistyped(at, "true or false")
            return default
        return at.value

    def choice(self, at: Located | None, options: Sequence[str], *, later: Sequence[str] = ()) -> str | None:
        """One of a few words; `later` are words whose time has not come."""
        word = self.text(at)
        if at is None or word is None or word in options:
            return word
        if word in later:
            self.wrong("not-yet", at, f"{word!r} is not available in this release", f"use {' or '.join(options)}")
            return None
        hint = hint_for(word, options, otherwise=f"it can be {', '.join(options)}")
        self.wrong("unknown-value", at, f"{word!r} is not known here", hint)
        return None

    def reference(self, at: Located | None, known: Iterable[str], what: str) -> str | None:
        """A name that stands elsewhere in the file."""
        word, names = self.text(at), list(known)
        if at is None or word is None or word in names:
            return word
        hint = hint_for(word, names, otherwise=f"known here: {', '.join(names)}" if names else f"add the {what}")
        self.wrong("dangling-name", at, f"there is no {what} {word!r}", hint)
        return None

    def path(self, at: Located | None, folder: Path, *, is_folder: bool) -> Path | None:
        """A path that exists; relative ones start at the file's folder."""
        word = self.text(at)
        if at is None or word is None:
            return None
        path = Path(word).expanduser()
        path = path if path.is_absolute() else folder / path
        what = "folder" if is_folder else "file"
        try:
            found = path.is_dir() if is_folder else path.is_file()
        except (OSError, ValueError):
            found = False
        if not found:
            hint = f"make it, or mend the path; it starts at {folder}"
            self.wrong(f"missing-{what}", at, f"the {what} {word!r} is not there", hint)
            return None
        return path

    def _mistyped(self, at: Located, wanted: str, hint: str | None = None) -> None:
        shown = "" if at.value is None else f" ({at.value!s:.60})"
        self.wrong("wrong-type", at, f"this must be {wanted}, not {at.kind}{shown}", hint)


def parse_yaml(content: bytes, reader: Reader, shown: str) -> Located:
    """The file's tree. Raises ConfigError when it is no YAML of ours at all."""
    if len(content) > MAX_BYTES:
        raise ConfigError(f"{shown} has {len(content)} bytes", hint=f"a lab file has {MAX_BYTES} bytes at most")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise ConfigError(f"{shown} is not UTF-8 text (byte {exc.start})", hint="save it as UTF-8") from exc
    try:
        node = yaml.compose(text, Loader=_PlainLoader)
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark
        where = f"{shown}:{mark.line + 1}" if mark else shown
        raise ConfigError(f"{where}: {exc.problem or exc.context}", hint="mend the YAML there") from exc
    except yaml.YAMLError as exc:
        raise ConfigError(f"{shown} is not YAML: {str(exc).splitlines()[0]}", hint="mend the YAML") from exc
    except RecursionError as exc:
        raise ConfigError(f"{shown} is nested too deeply", hint="a lab file has a handful of levels") from exc
    if node is None:
        return Located(line=1, key="", entries={})
    return _located(node, "", reader)


class _PlainLoader(yaml.SafeLoader):
    """SafeLoader without anchors and aliases: a lab file says things once, and a small file stays small."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = cast("Any", self.peek_event())  # pyright: ignore[reportUnknownMemberType] # PyYAML's stubs leave it open
        if getattr(event, "anchor", None):  # an alias has one too
            raise ComposerError(None, None, "anchors and aliases (& and *) are not read here", event.start_mark)
        return super().compose_node(parent, index)


def _located(node: yaml.Node, key: str, reader: Reader) -> Located:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return Located(line=line, key=key, entries=_entries(node, key, reader))
    if isinstance(node, yaml.SequenceNode):
        elements = [_located(item, f"{key}[{index}]", reader) for index, item in enumerate(node.value)]
        return Located(line=line, key=key, elements=elements)
    try:
        value: object = yaml.SafeLoader("").construct_object(node)  # pyright: ignore[reportUnknownMemberType] # as above
    except (yaml.YAMLError, ValueError):
        at = Located(line=line, key=key)
        reader.wrong("unknown-tag", at, f"{node.tag} {node.value!s:.40} is not read here", "write plain YAML values")
        return at
    return Located(line=line, key=key, value=value)


def _entries(node: yaml.MappingNode, key: str, reader: Reader) -> dict[str, Located]:
    entries: dict[str, Located] = {}
    for name_node, value_node in node.value:
        name = str(name_node.value) if isinstance(name_node, yaml.ScalarNode) else "?"
        path = f"{key}.{name}" if key else name
        at = Located(line=name_node.start_mark.line + 1, key=path)
        if not isinstance(name_node, yaml.ScalarNode):
            reader.wrong("wrong-type", at, "a key must be text", "write `key: value`")
            continue
        if name in entries:
            hint = f"keep one of them; the first is in line {entries[name].line}"
            reader.wrong("duplicate-key", at, f"the key {name!r} stands here twice", hint)
            continue
        inner = _located(value_node, path, reader)
        entries[name] = replace(inner, line=at.line)
    return entries
