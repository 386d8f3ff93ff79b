"""Property paths of resource options, like `tags`, `properties.scaleSettings`, `rules[0]` or `tags["a.b"]`. Pure."""

import re
from collections.abc import Iterable
from typing import Any, cast

from automation.provision.values import Properties

__all__ = ["keep_old", "matches"]

Step = str | int

_STEP = re.compile(r'\["((?:[^"\\]|\\.)*)"\]|\[(\d+)\]|\[(\*)\]|\.?([^.\[\]]+)')


def _steps(path: str) -> tuple[Step, ...]:
    steps: list[Step] = []
    for quoted, index, star, name in _STEP.findall(path):
        steps.append(int(index) if index else (star or name or quoted.replace('\\"', '"')))
    return tuple(steps)


def matches(pattern: str, path: str) -> bool:
    """Whether a changed path lies at or under the pattern, or the pattern under it; `*` stands for any one step."""
    wanted, changed = _steps(pattern), _steps(path)
    return all(a in ("*", b) for a, b in zip(wanted, changed, strict=False))


def keep_old(news: Properties, olds: Properties, ignored: Iterable[str]) -> Properties:
    """The new inputs, with the old value wherever a change is to be ignored."""
    result = news
    for path in ignored:
        result = cast("Properties", _keep(result, olds, _steps(path)))
    return result


def _keep(new: Any, old: Any, steps: tuple[Step, ...]) -> Any:
    if not steps:
        return old
    step, rest = steps[0], steps[1:]
    if isinstance(new, dict) and isinstance(old, dict):
        news, olds = cast("Properties", new), cast("Properties", old)
        result = dict(news)
        for key in {*news, *olds} if step == "*" else {str(step)}:
            if key in olds and (not rest or key in news):
                result[key] = _keep(news.get(key), olds[key], rest)
            elif not rest and key not in olds:
                result.pop(key, None)
        return result
    if isinstance(new, list) and isinstance(old, list):
        items, others = list(cast("list[Any]", new)), cast("list[Any]", old)
        for index in range(min(len(items), len(others))):
            if step in ("*", index):
                items[index] = _keep(items[index], others[index], rest)
        return items
    return cast("Any", new)
