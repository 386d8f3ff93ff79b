"""Whatever a template says, the language answers with a value or with an error of its own."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from localazure.arm.deployments.evaluate import evaluate, resolve
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime
from localazure.arm.deployments.functions_place import PLACE_FUNCTIONS
from localazure.arm.deployments.functions_text import TEXT_FUNCTIONS
from localazure.arm.deployments.functions_time import TIME_FUNCTIONS
from localazure.arm.deployments.functions_values import VALUE_FUNCTIONS
from localazure.arm.deployments.jsonc import lenient_object
from localazure.arm.deployments.syntax import Call, Expression, Literal, Property, parse_expression
from localazure.arm.deployments.template import parse_template
from localazure.bodies import BodyError
from localazure.errors import AzureError
from tests.localazure.arm.deployments.test_deployment_functions import a_scope

_LAZY = ("if", "and", "or", "lambda", "map", "filter", "reduce", "sort", "toObject", "groupBy", "mapValues", "nothing")
_NAMES = (*TEXT_FUNCTIONS, *TIME_FUNCTIONS, *VALUE_FUNCTIONS, *PLACE_FUNCTIONS, *_LAZY)
_OURS = (ExpressionError, NeedsRuntime, AzureError)

_TEXTS = st.sampled_from(
    ["", "a", "x/y", "A.B/c", "P1D", "2026-01-01T00:00:00Z", "{0}", "{0:D9}", "{1}", "fruit", "[", "9"]
)
_LEAVES: st.SearchStrategy[Expression] = st.builds(Literal, _TEXTS | st.text(max_size=8) | st.integers(-5, 10**17))
_TREES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.builds(Call, st.sampled_from(_NAMES), st.lists(inner, max_size=4).map(tuple))
        | st.builds(Property, inner, inner)
    ),
    max_leaves=12,
)
_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=5)
    | st.sampled_from(["[a()]", "[[", "[variables('x')]"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["$schema", "contentVersion", "resources", "copy", "name", "count", "input", "type", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(_TREES)
def test_any_tree_gives_json_or_an_error_of_the_language(tree: Expression) -> None:
    with contextlib.suppress(*_OURS):
        json.dumps(evaluate(tree, a_scope(in_defaults=True)))


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="ab('),[].1 -{}\"", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(*_OURS):
        parse_expression(text)


@settings(max_examples=80, deadline=None)
@given(_JSON)
def test_any_value_is_resolved_or_refused(value: Any) -> None:
    with contextlib.suppress(*_OURS):
        resolve(value, a_scope())


@settings(max_examples=80, deadline=None)
@given(_JSON)
def test_any_document_is_a_template_or_refused(value: Any) -> None:
    with contextlib.suppress(*_OURS):
        parse_template(value, in_group=True)


@settings(max_examples=80, deadline=None)
@given(st.text(alphabet="{}[]:,'\"\\/*ab01.e- \n", max_size=30))
def test_any_body_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(BodyError):
        lenient_object(text.encode())
