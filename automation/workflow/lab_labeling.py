"""What stands under `labeling:` in lab.yaml.

Owns: its keys, and how they hang together. Leaves: the words in which checks are written to `lab_yaml.py`.
"""

import re
from pathlib import Path

from automation.labeling import Task, url_problem
from automation.training import ModelKind
from automation.workflow import azure_names
from automation.workflow.lab_types import Assist, Labeler, LabelingPlan
from automation.workflow.lab_yaml import Located, Reader

__all__ = ["BACKENDS", "ORDERS", "ROLES", "TEACHES", "read_labeling"]

BACKENDS = ("azure-ml", "label-studio")
ORDERS = ("manual", "clustered", "prelabeled", "uncertain")
ROLES = ("labeler", "teamLead", "administrator")
TEACHES = {
    Task.OBJECT_DETECTION: ModelKind.OBJECT_DETECTION,
    Task.INSTANCE_SEGMENTATION: ModelKind.OBJECT_DETECTION,  # by the boxes around the polygons
    Task.IMAGE_CLASSIFICATION: ModelKind.IMAGE_CLASSIFICATION,
}
"""The models that learn from each kind of labels; none does from several labels a picture."""

_OF_STUDIO = ("url", "storage")
_OF_AZURE = ("people", "overlap", "order", "gold_every", "assist")
_KEYS = (
    "backend",
    "project",
    "task",
    "container",
    "classes",
    "instructions",
    "import",
    *_OF_AZURE,
    *_OF_STUDIO,
)
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f]{1,64}@[^@\s\x00-\x1f\x7f]{1,189}")


def read_labeling(reader: Reader, folder: Path, at: Located | None, containers: list[str]) -> LabelingPlan | None:
    """The plan of the project; what is wrong is told to the reader."""
    if at is None:
        return None
    entry = reader.mapping(at, known=_KEYS, required=("project", "task", "container", "classes"))
    backend = reader.choice(entry.get("backend"), BACKENDS) or BACKENDS[0]
    in_studio = backend == "label-studio"
    for key in _OF_AZURE if in_studio else _OF_STUDIO:
        if key in entry:
            hint = f"leave it out, or set `backend: {BACKENDS[0 if in_studio else 1]}`"
            reader.wrong("unknown-key", entry[key], f"{key!r} has no meaning with backend {backend}", hint)
    if in_studio and "url" not in entry:
        reader.wrong("missing-key", at, "the key 'url' is missing", "add Label Studio's address: `url: https://...`")
    url = reader.text(entry.get("url"))
    if url is not None and (problem := url_problem(url)):
        reader.wrong("bad-address", entry["url"], f"the token does not go there: {problem}", "write https://HOST")
    task = reader.choice(entry.get("task"), [task.value for task in Task])
    classes = _classes(reader, entry.get("classes"))
    return LabelingPlan(
        project=reader.named(entry.get("project"), azure_names.project) or "",
        task=Task(task or Task.OBJECT_DETECTION),
        container=reader.reference(entry.get("container"), containers, "container under `images:`") or "",
        classes=classes,
        instructions=reader.path(entry.get("instructions"), folder, is_folder=False),
        assist=_assist(reader, entry.get("assist"), classes),
        imported=reader.path(entry.get("import"), folder, is_folder=False),
        backend=backend,
        url=url,
        connected=reader.choice(entry.get("storage"), ("links", "connection")) == "connection",
        people=_people(reader, entry.get("people")),
        overlap=reader.number(entry.get("overlap"), low=1, high=10, default=1),
        order=reader.choice(entry.get("order"), ORDERS) or ORDERS[0],
        gold_every=reader.number(entry.get("gold_every"), low=0, high=10_000, default=0),
    )


def _classes(reader: Reader, at: Located | None) -> tuple[str, ...]:
    if at is None:
        return ()
    if at.elements is None:
        reader.wrong("wrong-type", at, "this must be a list", "write [apple, banana]")
        return ()
    if not at.elements:
        reader.wrong("empty-list", at, "there is no class", "name at least one")
    found: list[str] = []
    for item in at.elements:
        name = reader.named(item, azure_names.class_name)
        if name is not None and name in found:
            reader.wrong("duplicate-class", item, f"the class {name!r} stands here twice", "keep one of them")
        found += [name] if name is not None else []
    return tuple(found)


def _assist(reader: Reader, at: Located | None, classes: tuple[str, ...]) -> Assist:
    if at is None:
        return Assist()
    keys = ("enabled", "after", "retrain_every", "threshold", "classes", "budget_minutes")
    entry = reader.mapping(at, known=keys)
    chosen = _classes(reader, entry.get("classes"))
    for item in (entry["classes"].elements or ()) if "classes" in entry else ():
        reader.reference(item, classes, "class of the project")
    return Assist(
        enabled=reader.flag(entry.get("enabled"), default=True),
        after=reader.number(entry.get("after"), low=1, high=100_000, default=12),
        retrain_every=reader.number(entry.get("retrain_every"), low=1, high=100_000, default=50),
        threshold=reader.share(entry.get("threshold"), low=0, high=1, default=0.3),
        classes=chosen,
        budget_minutes=reader.share(entry.get("budget_minutes"), low=0.1, high=600, default=3.0),
    )


def _people(reader: Reader, at: Located | None) -> tuple[Labeler, ...] | None:
    if at is None:
        return None
    found: list[Labeler] = []
    for email, item in reader.mapping(at).items():
        if _EMAIL.fullmatch(email) is None:
            reader.wrong("bad-name", item, f"{email!r} is no e-mail address", "write NAME@EXAMPLE.COM")
            continue
        if any(person.email == email.lower() for person in found):
            reader.wrong("duplicate-key", item, f"{email!r} stands here twice", "keep one of them")
        if item.entries is None:  # the short form: the role alone
            found.append(Labeler(email=email.lower(), role=reader.choice(item, ROLES) or ROLES[0]))
            continue
        entry = reader.mapping(item, known=("role", "name", "team", "share"))
        found.append(
            Labeler(
                email=email.lower(),
                role=reader.choice(entry.get("role"), ROLES) or ROLES[0],
                name=reader.text(entry.get("name")),
                team=reader.text(entry.get("team")),
                share=reader.share(entry.get("share"), low=0, high=1, default=0.0),
            )
        )
    if sum(person.share for person in found) > 1.0 + 1e-9:
        reader.wrong(
            "out-of-range", at, "the shares of these people are more than all pictures", "make them 1 together"
        )
    return tuple(found)
