"""Label Studio's tasks: which picture each is about, and which of its annotations counts. Pure.

Owns: skipped and submitted annotations, several of one task, tasks that are there twice, links that run out.
Leaves: what stands in an annotation to `automation.coco`, which reads Label Studio's results.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from automation.azure import as_date

__all__ = [
    "Answers",
    "Results",
    "StudioTask",
    "answers_of",
    "dump_task",
    "needs_new_link",
    "parse_task",
    "results_of",
    "same_results",
]

RENEW_BEFORE = timedelta(days=2)

Results = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StudioTask:
    """One task.

    Attributes:
        picture: The blob's name in its container; "" when the task is none of ours.
        link: Where Label Studio reads it: a secret.
        annotations: As the server gives them, those that were skipped with them.
        predictions: As the server gives them.
    """

    id: int
    picture: str
    link: str = field(repr=False)
    annotations: tuple[Mapping[str, Any], ...] = ()
    predictions: tuple[Mapping[str, Any], ...] = ()

    @property
    def submitted(self) -> list[Mapping[str, Any]]:
        """The annotations that count, the one that counts most first: ground truth, then the newest."""
        live = [annotation for annotation in self.annotations if not annotation.get("was_cancelled")]
        return sorted(live, key=_weight, reverse=True)

    @property
    def skipped(self) -> bool:
        return bool(self.annotations) and not self.submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What people have done in a project.

    Attributes:
        results: By the picture's name, in the order of the names; nothing in a list means a picture without anything.
        skipped: Pictures that were passed over.
        open: Pictures nobody has answered.
        further: Annotations beside the one that counts.
        strange: Tasks whose picture is none of ours.
    """

    results: Mapping[str, Results]
    skipped: tuple[str, ...]
    open: tuple[str, ...]
    further: int
    strange: int


def answers_of(tasks: Iterable[StudioTask]) -> Answers:
    """Sort the tasks' annotations out. A picture that is there twice has the answer that was given last."""
    best: dict[str, tuple[tuple[bool, str, int], Results]] = {}
    states: dict[str, set[str]] = {}
    further = strange = 0
    for task in tasks:
        if not task.picture:
            strange += 1
            continue
        states.setdefault(task.picture, set()).add("skipped" if task.skipped else "open")
        submitted = task.submitted
        further += max(len(submitted) - 1, 0)
        if submitted:
            states[task.picture].add("labeled")
            found = _weight(submitted[0]), results_of(submitted[0])
            known = best.get(task.picture)
            further += known is not None
            best[task.picture] = found if known is None else max(known, found, key=lambda entry: entry[0])
    rest = {name: said for name, said in states.items() if "labeled" not in said}
    return Answers(
        results={name: best[name][1] for name in sorted(best)},
        skipped=tuple(sorted(name for name, said in rest.items() if "skipped" in said)),
        open=tuple(sorted(name for name, said in rest.items() if "skipped" not in said)),
        further=further,
        strange=strange,
    )


def results_of(annotation: Mapping[str, Any]) -> Results:
    """The results of an annotation or a prediction."""
    found: object = annotation.get("result")
    entries = cast("list[object]", found) if isinstance(found, list) else []
    return tuple(cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict))


def same_results(one: Mapping[str, Any], results: Iterable[Mapping[str, Any]]) -> bool:
    """Whether an annotation or prediction says just this, whatever the ids of its parts are."""

    def said(entries: Iterable[Mapping[str, Any]]) -> list[tuple[object, object]]:
        return [(entry.get("type"), entry.get("value")) for entry in entries]

    return said(results_of(one)) == said(results)


def parse_task(body: Mapping[str, Any]) -> StudioTask:
    data = cast("Mapping[str, Any]", body.get("data") or {})
    link = str(data.get("image") or next((v for v in data.values() if isinstance(v, str)), ""))
    return StudioTask(
        id=int(body["id"]),
        picture=str(data.get("blob") or _from_storage(link)),
        link=link,
        annotations=_entries(body.get("annotations")),
        predictions=_entries(body.get("predictions")),
    )


def dump_task(picture: str, link: str) -> dict[str, Any]:
    return {"data": {"image": link, "blob": picture}}


def needs_new_link(link: str, new: str, now: datetime) -> bool:
    """Whether a task's link leads elsewhere than the new one, or ends within two days."""
    if link.startswith("azure-blob://"):
        return False
    if link.partition("?")[0] != new.partition("?")[0]:
        return True
    try:
        ends = as_date(parse_qs(urlsplit(link).query).get("se", [""])[0])
    except ValueError:
        return True
    return ends is None or ends - now < RENEW_BEFORE


def _from_storage(link: str) -> str:
    """The blob's name in a task that Label Studio's own Azure storage made: azure-blob://container/name."""
    return link.partition("://")[2].partition("/")[2] if link.startswith("azure-blob://") else ""


def _weight(annotation: Mapping[str, Any]) -> tuple[bool, str, int]:
    when = str(annotation.get("updated_at") or annotation.get("created_at") or "")
    return bool(annotation.get("ground_truth")), when, int(annotation.get("id") or 0)


def _entries(value: object) -> tuple[Mapping[str, Any], ...]:
    found = cast("list[object]", value) if isinstance(value, list) else []
    return tuple(cast("dict[str, Any]", entry) for entry in found if isinstance(entry, dict))
