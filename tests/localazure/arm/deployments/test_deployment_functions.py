"""The functions of the template language. Values marked as Azure's were published by others who asked Azure."""

from datetime import UTC, datetime
from typing import Any

import pytest

from localazure.arm.deployments.evaluate import evaluate, resolve
from localazure.arm.deployments.failures import ExpressionError
from localazure.arm.deployments.scope import Place, Scope, Setting
from localazure.arm.deployments.syntax import parse_expression
from localazure.arm.deployments.unique import unique_string
from localazure.errors import AzureError

PLACE = Place(subscription="s1", group="rg")
VARIABLES = {"fruit": ["apple", "pear"], "box": {"Size": 3, "inner": {"x": None}}}


def a_scope(**more: Any) -> Scope:
    setting = Setting(
        place=PLACE,
        tenant={"tenantId": "t1"},
        subscription={"id": "/subscriptions/s1", "subscriptionId": "s1"},
        group={"id": PLACE.id, "name": "rg", "location": "eastus"},
        deployment={"name": "d1"},
        environment={"name": "LocalAzure"},
        now=datetime(2026, 6, 1, 12, 30, 5, tzinfo=UTC),
    )
    return Scope(setting=setting, variable=lambda name: VARIABLES[name], **more)


def value(text: str, **more: Any) -> Any:
    return evaluate(parse_expression(text), a_scope(**more))


def wrong(text: str) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(text)
    return caught.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("concat('a', 1, true(), '''b')", "a1True'b"),
        ("concat(createArray(1), createArray('x'))", [1, "x"]),
        ("format('{0}-{1:D3}-{{{0}}} {2,4}|{2,-3}|', 'a', 7, 'b')", "a-007-{a}    b|b  |"),
        ("format('{0:X4} {1:N0} {2:F1}', 255, 1234567, 3)", "00FF 1,234,567 3.0"),
        ("base64ToString(base64('größe'))", "größe"),
        ("base64ToJson(base64('{\"a\":[1]}')).a[0]", 1),
        ("dataUriToString(dataUri('hi'))", "hi"),
        ("padLeft(12, 5, '0')", "00012"),
        ("replace('a-b-c', '-', '')", "abc"),
        ("split('a,b;c', createArray(',', ';'))", ["a", "b", "c"]),
        ("join(createArray('a', 1), '-')", "a-1"),
        ("substring('abcdef', 2, 3)", "cde"),
        ("startsWith('Abc', 'aB')", True),
        ("endsWith('abC', 'Bc')", True),
        ("indexOf('abcABC', 'C')", 2),
        ("lastIndexOf('abcABC', 'c')", 5),
        ("uri('http://a.b/c/', 'd')", "http://a.b/c/d"),
        ("uriComponent('a b/ü')", "a%20b%2F%C3%BC"),
        ("uriComponentToString('a%20b')", "a b"),
        ("trim('  a ')", "a"),
        ("string(createObject('a', createArray(1, null())))", '{"a":[1,null]}'),
        ("bool('True')", True),
        ("json('{\"a\": 1.5}').a", 1.5),
        ("json('null')", None),
    ],
)
def test_strings(text: str, expected: Any) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("div(-7, 2)", -3),
        ("mod(-7, 2)", -1),
        ("add(2, mul(3, 4))", 14),
        ("max(1, 5, 3)", 5),
        ("min(createArray(4, 2))", 2),
        ("int('42')", 42),
        ("range(3, 3)", [3, 4, 5]),
        ("union(createArray(1, 2), createArray(2, 3))", [1, 2, 3]),
        ("union(json('{\"a\":{\"b\":1}}'), json('{\"A\":{\"c\":2}}'))", {"a": {"b": 1, "c": 2}}),
        ("intersection(createArray(1, 2, 3), createArray(3, 2))", [2, 3]),
        ("contains(createObject('Name', 1), 'name')", True),
        ("contains('abc', 'B')", False),
        ("first('abc')", "a"),
        ("last(createArray())", None),
        ("skip(createArray(1, 2, 3), 1)", [2, 3]),
        ("take('abc', 2)", "ab"),
        ("coalesce(null(), 'x')", "x"),
        ("empty(createObject())", True),
        ("length(createObject('a', 1))", 1),
        ("flatten(createArray(createArray(1), 2))", [1, 2]),
        ("items(createObject('b', 2, 'a', 1))", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
        ("tryGet(variables('box'), 'inner', 'nothing')", None),
        ("equals('a', 'A')", False),
        ("equals(1, true())", False),
        ("equals(createObject('A', 1), createObject('a', 1))", True),
        ("less('a', 'b')", True),
        ("greaterOrEquals(2, 2)", True),
        ("if(false(), div(1, 0), 'lazy')", "lazy"),
        ("and(false(), bool('nonsense'))", False),
        ("or(true(), bool('nonsense'))", True),
        ("not(or(false(), false()))", True),
        ("variables('box').SIZE", 3),
        ("map(range(0, 3), lambda('i', mul(lambdaVariables('i'), 2)))", [0, 2, 4]),
        ("filter(range(0, 5), lambda('i', greater(lambdaVariables('i'), 2)))", [3, 4]),
        ("reduce(range(1, 4), 0, lambda('a', 'b', add(lambdaVariables('a'), lambdaVariables('b'))))", 10),
        (
            "sort(createArray(3, 1, 2), lambda('a', 'b', less(lambdaVariables('a'), lambdaVariables('b'))))",
            [1, 2, 3],
        ),
        ("toObject(variables('fruit'), lambda('f', lambdaVariables('f')), lambda('f', 1))", {"apple": 1, "pear": 1}),
        (
            "groupBy(createArray('aa', 'b', 'cc'), lambda('x', length(lambdaVariables('x'))))",
            {"2": ["aa", "cc"], "1": ["b"]},
        ),
    ],
)  # fmt: skip
def test_values(text: str, expected: Any) -> None:
    assert evaluate(parse_expression(text), a_scope()) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("dateTimeAdd('2026-01-31T00:00:00Z', 'P1M')", "2026-02-28T00:00:00Z"),
        ("dateTimeAdd('20260601T123005Z', '-P1DT2H', 'yyyy-MM-dd HH:mm')", "2026-05-31 10:30"),
        ("dateTimeToEpoch('1970-01-02T00:00:00Z')", 86400),
        ("dateTimeFromEpoch(86400)", "1970-01-02T00:00:00Z"),
        ("utcNow()", "20260601T123005Z"),
        ("utcNow('u')", "2026-06-01 12:30:05Z"),
        ("utcNow('ddd d.M.yy')", "Mon 1.6.26"),
        ("length(newGuid())", 36),
    ],
)
def test_times(text: str, expected: Any) -> None:
    assert value(text, in_defaults=True) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("resourceId('A.B/c/d', 'x', 'y')", "/subscriptions/s1/resourceGroups/rg/providers/A.B/c/x/d/y"),
        ("resourceId('g2', 'A.B/c', 'x')", "/subscriptions/s1/resourceGroups/g2/providers/A.B/c/x"),
        ("resourceId('s2', 'g2', 'A.B/c', 'x')", "/subscriptions/s2/resourceGroups/g2/providers/A.B/c/x"),
        ("subscriptionResourceId('A.B/c', 'x')", "/subscriptions/s1/providers/A.B/c/x"),
        ("subscriptionResourceId('Microsoft.Resources/resourceGroups', 'g')", "/subscriptions/s1/resourceGroups/g"),
        ("tenantResourceId('A.B/c', 'x')", "/providers/A.B/c/x"),
        ("extensionResourceId(resourceGroup().id, 'A.B/c', 'x')", f"{PLACE.id}/providers/A.B/c/x"),
        ("concat(resourceGroup().location, subscription().subscriptionId, deployment().name)", "eastuss1d1"),
        ("tenant().tenantId", "t1"),
        ("environment().name", "LocalAzure"),
    ],
)
def test_places(text: str, expected: str) -> None:
    assert value(text) == expected


@pytest.mark.parametrize(
    ("parts", "azures"),
    [
        (("test",), "rbgf3xv4ufgzg"),
        (("abc",), "cgtzqvhu4i23s"),
        (("hello", "world"), "a7wkljktk6wne"),
        (("foo", "bar", "baz"), "xzi4ioaxtmth4"),
        (("/subscriptions/00000000-0000-0000-0000-000000000000", "resource-id"), "cwvxuqg24sifi"),
        (("/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/my-rg",), "bmg7c6xu4tw46"),
    ],
)
def test_unique_strings_are_azures(parts: tuple[str, ...], azures: str) -> None:
    assert unique_string(*parts) == azures


def test_guids_depend_on_their_parts_alone() -> None:
    assert value("guid('a', 'b')") == value("guid('a-b')") == "2d796349-8c7e-55ec-9624-54ece82ed031"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nosuch(1)", "The template function 'nosuch' is not valid."),
        ("toLower()", "expects '1' parameter(s). Actual number of parameters: '0'"),
        ("toLower(1)", "expects its parameter '1' to be of type 'String'. The provided value is of type 'Integer'"),
        ("variables('none')", "The template variable 'none' is not found."),
        ("variables('fruit')[2]", "array index '2' is out of bounds"),
        ("variables('box').nothing", "property 'nothing' doesn't exist, available properties are 'Size, inner'"),
        ("resourceId('A.B/c/d', 'x')", "was given the resource type 'A.B/c/d' with '1' name(s); it needs '2'"),
        ("div(1, 0)", "cannot divide by zero"),
        ("json('{')", "was given a text that is not JSON"),
        ("substring('abc', 2, 5)", "outside of the text"),
        ("copyIndex()", "there is no copy loop around it"),
        ("fail('no such place')", "no such place"),
        ("newGuid()", "can only be used in the default value of a parameter"),
        ("padLeft('', 2000000)", "the limit is '131072'"),
    ],
)
def test_mistakes_are_told(text: str, told: str) -> None:
    assert told in wrong(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("concat('a'", "expected token 'RightParenthesis' and actual 'EndOfData' at position '11'"),
        ("concat('a' 'b')", "expected token 'RightParenthesis' and actual 'LiteralString' at position '12'"),
        ("1 + 2", "the character '+' is not expected at position '3'"),
        ("a().b.", "expected token 'Identifier' and actual 'EndOfData' at position '7'"),
        ("", "expected token 'Identifier' and actual 'EndOfData' at position '1'"),
        ("a()" + ".b" * 5000, "is nested too deeply"),
        ("not(" * 65 + "true()" + ")" * 65, "nested more than 64 levels deep"),
        ("'" + "x" * 24_576 + "'", "length limit exceeded. Limit: '24576' and actual: '24578'"),
    ],
)
def test_wrong_grammar_is_told_with_its_position(text: str, told: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        parse_expression(text)
    assert told in caught.value.message


def test_what_is_not_here_says_so() -> None:
    with pytest.raises(AzureError) as caught:
        value("pickZones('a', 'b', 'c')")
    assert (caught.value.status, caught.value.code) == (501, "NotImplementedByLocalAzure")


def test_values_hold_expressions_escapes_and_loops() -> None:
    loop = {"name": "ports", "count": 2, "input": {"at": "[add(copyIndex('ports', 1), 8000)]"}}
    document = {"[toLower('KEY')]": "[[plain]", "empty": "", "list": ["[1]", True], "copy": [loop]}
    assert resolve(document, a_scope()) == {
        "key": "[plain]",
        "empty": "",
        "list": [1, True],
        "ports": [{"at": 8001}, {"at": 8002}],
    }


def test_huge_values_are_refused() -> None:
    text = "range(0, 10000)"
    for _ in range(9):
        text = f"concat({text}, {text})"
    assert "more than 2000000 steps" in wrong(text)
