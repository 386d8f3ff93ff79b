"""What a clustering experiment does: pictures that look alike get the same group, before anybody has labelled one.

Owns: which pictures are measured, and writing `task.grp`. Leaves: measuring and grouping to the worker, ranks to
`order.py`.
"""

from collections.abc import Mapping
from typing import Any

from localazure.labeling.assist.bench import Bench, ExperimentFailed
from localazure.labeling.assist.experiments import Experiment
from localazure.labeling.assist.material import Sample
from localazure.labeling.types import Project
from localazure.lane import Stop

__all__ = ["cluster"]

_SEED = 0
_STAGED = 0.4
"""The share of the whole that copying the pictures is shown as."""
_AT_ONCE = 1_000


def cluster(bench: Bench, project: Project, experiment: Experiment, stop: Stop) -> Mapping[str, Any]:
    """What is to be remembered. Raises ExperimentFailed, Interrupted, BlobError, OSError."""
    with bench.tables.read() as db:
        rows = db.execute(
            "SELECT number, path FROM task WHERE project=? AND fault=''"
            " ORDER BY state NOT IN ('open', 'prelabeled'), number LIMIT ?",
            (project.number, bench.work.most_measured),
        ).fetchall()
        (total,) = db.execute("SELECT count(*) FROM task WHERE project=? AND fault=''", (project.number,)).fetchone()
    samples = [Sample(task=number, path=path) for number, path in sorted(rows)]
    with bench.folders.job() as folder:

        def staging(done: int, count: int) -> None:
            bench.board.put(experiment, _STAGED * done / count, "reading pictures")

        def measuring(fraction: float, _stage: str) -> None:
            bench.board.put(experiment, _STAGED + (1 - _STAGED) * fraction, "comparing pictures")

        staged = bench.material.stage(project, samples, folder, stop=stop, progress=staging)
        if not staged:
            raise ExperimentFailed("PicturesMissing", "There is no picture that can be read.")
        job = {"work": "measure", "images": [{"path": sample.file} for sample in staged], "seed": _SEED}
        limit_s = bench.work.grace_s + len(staged) * bench.work.picture_s
        result = bench.run_job(experiment, folder, job, staged, stop=stop, limit_s=limit_s, progress=measuring)
    groups = {sample.task: group for sample, group in zip(staged, result["groups"], strict=True) if group is not None}
    _write(bench, project.number, groups)
    left = int(total) - len(rows)
    return {
        "pictures": len(groups),
        "groups": len(set(groups.values())),
        "unreadable": len(rows) - len(groups),
        "message": "" if left <= 0 else f"{left} pictures have no group yet: at most {len(rows)} are compared at once.",
    }


def _write(bench: Bench, project: int, groups: Mapping[int, int]) -> None:
    """Groups of an earlier run mean nothing beside the new ones: they go, where the picture was not measured again."""
    with bench.tables.read() as db:
        earlier = db.execute("SELECT number FROM task WHERE project=? AND grp IS NOT NULL", (project,)).fetchall()
    new: dict[int, int | None] = {number: None for (number,) in earlier}
    new.update(groups)
    items = sorted(new.items())
    for start in range(0, len(items), _AT_ONCE):
        with bench.tables.write() as db:
            db.executemany(
                "UPDATE task SET grp=? WHERE project=? AND number=?",
                [(group, project, task) for task, group in items[start : start + _AT_ONCE]],
            )
            bench.tables.touch(project)
