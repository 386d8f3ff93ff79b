"""How far the people of a project agree, as a whole, class by class and person by person.

Owns: which answers are compared, and remembering the report until something changes. Leaves: kappa to `agreement.py`,
matching of boxes to `overlap.py`.

Compared are answers to finished pictures that had two or more in their last round. Classes: kappa of Cohen where two
people answered all of them, else of Fleiss; where pictures may have several classes, each class is a question of its
own, and the whole is the mean over classes. Boxes and polygons: F1 of all pairs of people together.
"""

import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, groupby
from operator import itemgetter

from localazure.clock import Clock
from localazure.labeling.labels import parse
from localazure.labeling.project_settings import read_settings
from localazure.labeling.queue.agreement import cohen, fleiss
from localazure.labeling.queue.consensus import Answer
from localazure.labeling.queue.overlap import matches
from localazure.labeling.tables import Tables
from localazure.labeling.types import AnnotationType, Project

__all__ = ["AgreementReport", "AgreementReports", "compare_boxes", "compare_classes"]

_SKIPPED = ""
_REST = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreementReport:
    """`pictures` were compared. Kappa from -1 to 1, F1 from 0 to 1; None where there is nothing to compare."""

    method: str
    pictures: int = 0
    project: float | None = None
    classes: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    people: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    answers: Mapping[str, int] = field(default_factory=dict[str, int])


@dataclass(frozen=True, slots=True)
class _Kept:
    turn: int
    until: float
    report: AgreementReport


class AgreementReports:
    """Safe to share between threads."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock
        self._lock = threading.Lock()
        self._turns: dict[int, int] = {}
        self._kept: dict[int, _Kept] = {}
        tables.watch(self._changed)

    def of(self, project: Project) -> AgreementReport:
        """Worked out again only after a change, and so that it keeps the processor busy for a twentieth at most."""
        number = project.number
        with self._lock:
            turn = self._turns.get(number, 0)
            kept = self._kept.get(number)
        began = self._clock.monotonic()
        if kept is not None and (kept.turn == turn or began < kept.until):
            return kept.report
        with self._tables.read() as db:
            pictures = list(_pictures(db, number))
            least = read_settings(db, number).agreement_iou
        if project.spec.annotation_type is AnnotationType.CLASSIFICATION:
            report = compare_classes(pictures, several=project.spec.multi_label)
        else:
            report = compare_boxes(pictures, least=least)
        with self._lock:
            ended = self._clock.monotonic()
            self._kept[number] = _Kept(turn, ended + _REST * (ended - began), report)
        return report

    def _changed(self, project: int) -> None:
        with self._lock:
            self._turns[project] = self._turns.get(project, 0) + 1


def compare_classes(pictures: Sequence[Sequence[Answer]], *, several: bool) -> AgreementReport:
    """Each picture with its answers, one of a person. To skip is a choice like any other."""
    keys = sorted({label.class_key for answers in pictures for one in answers for label in one.labels})
    choices = [{one.person: _choice(one) for one in answers} for answers in pictures]
    by_class = {key: [{who: _yes_no(key, said) for who, said in one.items()} for one in choices] for key in keys}
    classes = {key: _kappa(by_class[key]) for key in keys}
    people: dict[str, float | None] = {}
    for who in sorted({who for one in choices for who in one}):
        theirs = [by_class[key] for key in keys] if several else [_words(choices)]
        people[who] = _mean([_kappa_with_others(question, who) for question in theirs])
    return AgreementReport(
        method="kappa",
        pictures=len(pictures),
        project=_mean(list(classes.values())) if several else _kappa(_words(choices)),
        classes=classes,
        people=people,
        answers=_answers(pictures),
    )


def compare_boxes(pictures: Sequence[Sequence[Answer]], *, least: float) -> AgreementReport:
    """As `compare_classes`; who skips a picture says that there is nothing on it."""
    found, given = Counter[str](), Counter[str]()
    found_by, given_by = Counter[str](), Counter[str]()
    for answers in pictures:
        for one, other in combinations(answers, 2):
            common = matches(one.labels, other.labels, least=least)
            both = Counter(label.class_key for label in (*one.labels, *other.labels))
            found += common
            given += both
            for who in (one.person, other.person):
                found_by[who] += common.total()
                given_by[who] += both.total()
    return AgreementReport(
        method="iou",
        pictures=len(pictures),
        project=_f1(found.total(), given.total()),
        classes={key: _f1(found[key], given[key]) for key in sorted(given)},
        people={who: _f1(found_by[who], given_by[who]) for who in sorted(given_by)},
        answers=_answers(pictures),
    )


def _pictures(db: sqlite3.Connection, project: int) -> Iterator[list[Answer]]:
    rows = db.execute(
        "SELECT a.task, a.person, a.state, a.labels FROM task t JOIN answer a"
        " ON a.project=t.project AND a.task=t.number AND a.round=t.round"
        " WHERE t.project=? AND t.agreement IS NOT NULL AND t.gold=0 ORDER BY a.task, a.person",
        (project,),
    )
    for _, group in groupby(rows, itemgetter(0)):
        yield [Answer(person=person, state=state, labels=parse(labels)) for _, person, state, labels in group]


def _choice(one: Answer) -> frozenset[str]:
    return frozenset({_SKIPPED}) if one.state == "skipped" else frozenset(label.class_key for label in one.labels)


def _words(choices: Sequence[Mapping[str, frozenset[str]]]) -> list[dict[str, str]]:
    """Each answer as one word: classes of several questions together."""
    return [{who: "|".join(sorted(said)) for who, said in one.items()} for one in choices]


def _yes_no(key: str, said: frozenset[str]) -> str:
    return "yes" if key in said else "no"


def _kappa(pictures: Sequence[Mapping[str, str]]) -> float | None:
    """Person to word on each picture."""
    everybody = {who for one in pictures for who in one}
    if len(everybody) == 2:
        first, second = sorted(everybody)
        return cohen([(one[first], one[second]) for one in pictures if len(one) > 1])
    return fleiss([Counter(one.values()) for one in pictures])


def _kappa_with_others(pictures: Sequence[Mapping[str, str]], who: str) -> float | None:
    """The mean of Cohen's kappa with each other person, weighted by the pictures that they share."""
    shared: dict[str, list[tuple[str, str]]] = {}
    for one in pictures:
        for other, word in one.items():
            if who in one and other != who:
                shared.setdefault(other, []).append((one[who], word))
    total = sum(len(pairs) for pairs in shared.values())
    return sum((cohen(pairs) or 0.0) * len(pairs) for pairs in shared.values()) / total if total else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _f1(found: int, given: int) -> float | None:
    return 2 * found / given if given else None


def _answers(pictures: Sequence[Sequence[Answer]]) -> dict[str, int]:
    return dict(sorted(Counter(one.person for answers in pictures for one in answers).items()))
