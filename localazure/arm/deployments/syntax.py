"""The grammar of template expressions: `[concat('a', parameters('b').c[0])]`.

Owns: reading text into a tree, with positions in every complaint, and the bounds of length and depth. Pure.
Leaves: meaning to `evaluate.py`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from localazure.arm.deployments.failures import ExpressionError

__all__ = ["Call", "Expression", "Literal", "Property", "calls", "expression_in", "parse_expression"]

_LONGEST = 24_576
_DEEPEST = 64
_HIGHEST = 128
_TOKEN = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*')|(?P<number>-?[0-9]{1,18})(?![0-9])|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign>[()\[\],.]))"
)
_HELP = "Please see https://aka.ms/arm-template-expressions for usage details."
_KINDS = {"(": "LeftParenthesis", ")": "RightParenthesis", "[": "LeftSquareBracket", "]": "RightSquareBracket",
          ",": "Comma", ".": "Dot"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Literal:
    """Text or a whole number."""

    value: str | int


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `name` holds the namespace of a function of the template's own."""

    name: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Property:
    """`of.key` or `of[key]`."""

    of: "Expression"
    key: "Expression"


Expression = Literal | Call | Property


def expression_in(text: str) -> Expression | None:
    """The expression that a value of a template holds; None when it is plain text."""
    if len(text) < 2 or text[0] != "[" or text[-1] != "]" or text[1] == "[":
        return None
    return parse_expression(text[1:-1])


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> Expression:
    """Raises ExpressionError."""
    if len(text) > _LONGEST:
        raise ExpressionError(
            f"The language expression length limit exceeded. Limit: '{_LONGEST}' and actual: '{len(text)}'. {_HELP}"
        )
    parser = _Parser(text)
    tree = parser.expression(0)
    parser.expect("EndOfData")
    _check_height(tree, text)
    return tree


def calls(tree: Expression) -> Iterator[Call]:
    """Every call in a tree."""
    if isinstance(tree, Call):
        yield tree
        for argument in tree.arguments:
            yield from calls(argument)
    elif isinstance(tree, Property):
        yield from calls(tree.of)
        yield from calls(tree.key)


def _check_height(tree: Expression, text: str) -> None:
    """Long chains of properties are deep trees too."""
    todo: list[tuple[Expression, int]] = [(tree, 1)]
    while todo:
        node, height = todo.pop()
        if height > _HIGHEST:
            raise ExpressionError(f"The language expression '{text[:200]}...' is nested too deeply. {_HELP}")
        if isinstance(node, Call):
            todo += [(argument, height + 1) for argument in node.arguments]
        elif isinstance(node, Property):
            todo += [(node.of, height + 1), (node.key, height + 1)]


class _Parser:
    """Recursive descent over the tokens (kind, value, position)."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._read())
        self._at = 0

    def _read(self) -> Iterator[tuple[str, str, int]]:
        at, text = 0, self._text
        while at < len(text):
            found = _TOKEN.match(text, at)
            if found is None:
                if not text[at:].strip():
                    break
                start = at + len(text[at:]) - len(text[at:].lstrip())
                raise self._wrong(f"the character '{text[start]}' is not expected at position '{start + 1}'")
            kind = found.lastgroup or ""
            value = found.group(kind)
            yield _KINDS[value] if kind == "sign" else kind, value, found.start(kind) + 1
            at = found.end()
        yield "EndOfData", "", len(text) + 1

    def _wrong(self, what: str) -> ExpressionError:
        shown = self._text if len(self._text) <= 200 else f"{self._text[:200]}..."
        return ExpressionError(f"Unable to parse language expression '{shown}': {what}. {_HELP}")

    def _peek(self) -> str:
        return self._tokens[self._at][0]

    def expect(self, kind: str) -> str:
        actual, value, position = self._tokens[self._at]
        if actual != kind:
            words = {"text": "LiteralString", "number": "Integer", "name": "Identifier"}
            expected, found = words.get(kind, kind), words.get(actual, actual)
            raise self._wrong(f"expected token '{expected}' and actual '{found}' at position '{position}'")
        if kind != "EndOfData":
            self._at += 1
        return value

    def expression(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise self._wrong(f"it is nested more than {_DEEPEST} levels deep")
        tree = self._primary(depth)
        while self._peek() in {"Dot", "LeftSquareBracket"}:
            if self._peek() == "Dot":
                self.expect("Dot")
                tree = Property(tree, Literal(self.expect("name")))
            else:
                self.expect("LeftSquareBracket")
                tree = Property(tree, self.expression(depth + 1))
                self.expect("RightSquareBracket")
        return tree

    def _primary(self, depth: int) -> Expression:
        if self._peek() == "text":
            return Literal(self.expect("text")[1:-1].replace("''", "'"))
        if self._peek() == "number":
            return Literal(int(self.expect("number")))
        name = self.expect("name")
        while self._peek() == "Dot":
            self.expect("Dot")
            name += f".{self.expect('name')}"
        self.expect("LeftParenthesis")
        arguments: list[Expression] = []
        if self._peek() != "RightParenthesis":
            arguments.append(self.expression(depth + 1))
            while self._peek() == "Comma":
                self.expect("Comma")
                arguments.append(self.expression(depth + 1))
        self.expect("RightParenthesis")
        return Call(name, tuple(arguments))
