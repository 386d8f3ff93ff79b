"""The order of a plan: what waits for what, by name, by loop, by reference; and that it is no circle. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from localazure.arm.deployments.evaluate import evaluate
from localazure.arm.deployments.failures import ExpressionError, NeedsRuntime, invalid_template
from localazure.arm.deployments.plan import DEPLOYMENTS, Draft
from localazure.arm.deployments.scope import Scope
from localazure.arm.deployments.syntax import calls, expression_in
from localazure.arm.deployments.template import section
from localazure.arm.deployments.values import is_array, is_object
from localazure.arm.ids import key

__all__ = ["Step", "Steps", "ordered"]


@dataclass(frozen=True, slots=True)
class Step:
    """A resource to make once all of `after` (keys of ids) are there."""

    draft: Draft
    after: frozenset[str]


class Steps:
    """The steps of a template, and finding one by whatever the template calls it."""

    def __init__(self, drafts: Sequence[Draft]) -> None:
        self._names: dict[str, list[Draft]] = {}
        self._symbols = any(draft.symbol is not None for draft in drafts)
        for draft in drafts:
            named = {f"{draft.type}/{draft.name}".lower(), draft.name.lower()} if draft.name else set[str]()
            names = {draft.key, *named}
            if draft.symbol is not None:
                names.add(draft.symbol.lower())
                names |= {f"{draft.symbol}[{draft.loop[1]}]".lower()} if draft.loop else set()
            if draft.loop is not None:
                names.add(draft.loop[0].lower())
            for name in names:
                self._names.setdefault(name, []).append(draft)
        self.drafts = [draft for draft in drafts if draft.wanted]
        self.steps: dict[str, Step] = {}

    def find(self, name: str) -> list[Draft]:
        """The resources of a name or id; an id of another place counts when type and name are the same."""
        text = name.lower().strip()
        if not text.startswith("/"):
            return self._names.get(text, [])
        found = self._names.get(key(text), [])
        if found or "/providers/" not in text:
            return found
        namespace, *rest = text.rsplit("/providers/", 1)[1].split("/")
        return self._names.get("/".join([namespace, *rest[::2], *rest[1::2]]), [])


def ordered(drafts: Sequence[Draft]) -> Steps:
    """AzureError 400 InvalidTemplate for what waits for something unknown, or for itself."""
    steps = Steps(drafts)
    for draft in steps.drafts:
        after = {found.key for name in draft.depends_on for found in _named(steps, draft, name) if found.wanted}
        after |= {found.key for found in _referred(steps, draft)} | set(_batch_before(steps, draft))
        steps.steps[draft.key] = Step(draft, frozenset(after))
    _check_circles(steps.steps)
    return steps


def _named(steps: Steps, draft: Draft, name: str) -> list[Draft]:
    found = steps.find(name)
    if not found:
        raise invalid_template(
            f"The resource '{name}' is not defined in the template. Please see https://aka.ms/arm-syntax for usage "
            "details",
            path=f"{draft.path}.dependsOn",
        )
    return found


def _batch_before(steps: Steps, draft: Draft) -> Iterator[str]:
    name, index, batch = draft.loop or ("", 0, None)
    if batch is None:
        return
    for other in steps.find(name):
        mine = other.wanted and other.path == draft.path
        if mine and other.loop is not None and other.loop[1] // batch == index // batch - 1:
            yield other.key


def _referred(steps: Steps, draft: Draft) -> Iterator[Draft]:
    """Resources of this template whose state the body asks for, by name or by id alone."""
    for text in _texts(_own_body(draft)):
        try:
            tree = expression_in(text)
        except ExpressionError:
            continue
        for call in calls(tree) if tree is not None else ():
            if call.name.lower() not in {"reference", "references"} or not call.arguments:
                continue
            name = _plain(call.arguments[0], draft.scope)
            if name is None or (name.startswith("/") and len(call.arguments) > 1):
                continue
            yield from (found for found in steps.find(name) if found.wanted and found.key != draft.key)


def _own_body(draft: Draft) -> Mapping[str, Any]:
    """The body without what a nested template computes by itself."""
    if draft.type.lower() != DEPLOYMENTS.lower():
        return draft.body
    properties = section(draft.body, "properties")
    if not is_object(properties):
        return {}
    options = section(properties, "expressionEvaluationOptions")
    inner = is_object(options) and str(section(options, "scope")).lower() == "inner"
    return {name: value for name, value in properties.items() if not inner or name.lower() != "template"}


def _plain(argument: Any, scope: Scope) -> str | None:
    try:
        value = evaluate(argument, scope)
    except (ExpressionError, NeedsRuntime):
        return None
    return value if isinstance(value, str) else None


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.startswith("["):
            yield value
    elif is_object(value):
        for inner in value.values():
            yield from _texts(inner)
    elif is_array(value):
        for inner in value:
            yield from _texts(inner)


def _check_circles(steps: Mapping[str, Step]) -> None:
    left = {name: set(step.after) & set(steps) for name, step in steps.items()}
    while True:
        free = {name for name, waits in left.items() if not waits}
        if not free:
            break
        left = {name: waits - free for name, waits in left.items() if name not in free}
    if left:
        first = steps[min(left)].draft
        raise invalid_template(
            f"Circular dependency detected on resource: '{first.id}'. Please see "
            "https://aka.ms/arm-syntax-resources for usage details",
            path=first.path,
        )
