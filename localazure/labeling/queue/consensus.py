"""What several answers to one picture come to: labels that most people gave, or that somebody must look at it.

Owns: the rules. Pure. Leaves: how many answers it takes to `queue.py`, a person's choice to the review.

Of classes that exclude each other the one that most people chose is kept; of others, and of boxes, those that more than
half gave, a box in the same place with the mean of their edges. Where two sides are equal, or those who agree are fewer
than the setting asks for, there is no consensus. Nor is there ever one on polygons: their corners have no mean.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from localazure.labeling.labels import Label
from localazure.labeling.project_settings import ProjectSettings
from localazure.labeling.queue.overlap import f1, overlapping

__all__ = ["Answer", "Outcome", "agree"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one person said: `state` is labeled or skipped."""

    person: str
    state: str
    labels: tuple[Label, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`state` is labeled, skipped or review. Confidence of a label is the share of people behind it.

    `agreement` is how much two people have in common, on the mean of all pairs; None with fewer than two answers.
    """

    state: str
    labels: tuple[Label, ...]
    agreement: float | None


def agree(answers: Sequence[Answer], settings: ProjectSettings, *, several_classes: bool) -> Outcome:
    """The outcome of one or more answers; a single one counts as it is. `several_classes`: a picture may have many."""
    if len(answers) == 1:
        return Outcome(state=answers[0].state, labels=answers[0].labels, agreement=None)
    agreement = _mean_of_pairs(answers, settings.agreement_iou)
    skipped = sum(one.state == "skipped" for one in answers)
    if 2 * skipped > len(answers) and skipped / len(answers) >= settings.minimum_agreement:
        return Outcome(state="skipped", labels=(), agreement=agreement)
    labels = [label for one in answers for label in one.labels]
    if any(label.polygon is not None for label in labels):
        return Outcome(state="review", labels=(), agreement=agreement)
    if any(label.box is not None for label in labels):
        kept, sure = _boxes(answers, settings)
    elif several_classes:
        kept, sure = _several(answers, settings.minimum_agreement)
    else:
        kept, sure = _single(answers, settings.minimum_agreement)
    state = "labeled" if sure and kept and 2 * skipped < len(answers) else "review"
    return Outcome(state=state, labels=kept, agreement=agreement)


def _mean_of_pairs(answers: Sequence[Answer], least: float) -> float:
    values = [
        f1(one.labels, other.labels, least=least) if one.state == other.state else 0.0
        for one, other in combinations(answers, 2)
    ]
    return sum(values) / len(values)


def _single(answers: Sequence[Answer], minimum: float) -> tuple[tuple[Label, ...], bool]:
    """One choice a person: the one that most made, unless two lead together."""
    votes = Counter(tuple(sorted(label.class_key for label in one.labels)) for one in answers if one.labels)
    (choice, count), *others = votes.most_common(2)
    if others and others[0][1] == count:
        return (), False
    share = count / len(answers)
    return tuple(_label(key, share) for key in choice), share >= minimum


def _several(answers: Sequence[Answer], minimum: float) -> tuple[tuple[Label, ...], bool]:
    """Each class by itself: in or out. Those on which half stands against half are shown, and are no consensus."""
    votes = Counter(key for one in answers for key in {label.class_key for label in one.labels})
    kept, sure = list[Label](), True
    for key in dict.fromkeys(label.class_key for one in answers for label in one.labels):
        share = votes[key] / len(answers)
        sure = sure and share != 0.5 and max(share, 1 - share) >= minimum
        if share >= 0.5:
            kept.append(_label(key, share))
    return tuple(kept), sure


def _boxes(answers: Sequence[Answer], settings: ProjectSettings) -> tuple[tuple[Label, ...], bool]:
    kept, sure = list[Label](), True
    for cluster in _clusters(answers, settings.agreement_iou):
        share = len(cluster) / len(answers)
        sure = sure and share != 0.5 and max(share, 1 - share) >= settings.minimum_agreement
        if share >= 0.5:
            kept.append(_mean(cluster, share))
    return tuple(kept), sure


def _clusters(answers: Sequence[Answer], least: float) -> list[list[Label]]:
    """Boxes of one class in one place, at most one of each person, the best pairs joined first."""
    pairs = [
        (-value, (one, here), (other, there))
        for one, other in combinations(range(len(answers)), 2)
        for value, here, there in overlapping(answers[one].labels, answers[other].labels, least=least)
    ]
    clusters = {(who, place): [(who, place)] for who, one in enumerate(answers) for place in range(len(one.labels))}
    for _, first, second in sorted(pairs):
        into, out = clusters[first], clusters[second]
        if into is out or {who for who, _ in into} & {who for who, _ in out}:
            continue
        into.extend(out)
        for member in out:
            clusters[member] = into
    found = sorted({tuple(sorted(members)) for members in clusters.values()})
    return [[answers[who].labels[place] for who, place in members] for members in found]


def _mean(cluster: Sequence[Label], share: float) -> Label:
    boxes = [label.box for label in cluster if label.box is not None]
    left, top, width, height = (sum(numbers) / len(boxes) for numbers in zip(*boxes, strict=True))
    return Label(class_key=cluster[0].class_key, box=(left, top, width, height), confidence=share, source="consensus")


def _label(class_key: str, share: float) -> Label:
    return Label(class_key=class_key, confidence=share, source="consensus")
