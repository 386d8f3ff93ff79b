"""What training a model means: stage its datasets, run the worker, keep the model, record the end.

Owns: one run from start to end; every failure ends in a state that clients can read.
Leaves: states to `models.py`, staging to `staging.py`, the process to `worker_process.py`, the order to `lane.py`.
"""

import errno
import logging
import math
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from localazure.errors import DISK_FULL, is_disk_full
from localazure.few_at_once import Interrupted
from localazure.job_folders import Folders
from localazure.lane import Stop, WorkKey
from localazure.vision.datasets import Datasets
from localazure.vision.failures import RunFailed, dataset_not_found, not_enough_budget
from localazure.vision.limits import BUDGETS, LEARNING, TESTING
from localazure.vision.models import Models
from localazure.vision.progress_board import ProgressBoard, staging_progress, worker_progress
from localazure.vision.staging import Contents, StagedPicture, Stager
from localazure.vision.types import Dataset, Failure, Model, ModelKind, ModelStatus
from localazure.worker_process import WorkerEnd, WorkerTimes, run_worker

__all__ = ["Trainings", "no_fault", "with_urls"]

_SEED = 0
_GRACE_S = 120.0
_log = logging.getLogger(__name__)


class Trainings:
    """`perform` is the lane's work. `command` starts the worker; the job folder is appended to it."""

    def __init__(
        self,
        *,
        models: Models,
        datasets: Datasets,
        stager: Callable[[str, Stop], Stager],
        folders: Folders,
        command: Sequence[str],
        times: WorkerTimes,
        board: ProgressBoard,
        fault: Callable[[str], str | None],
        used: Callable[[str, float], None],
    ) -> None:
        self._models = models
        self._datasets = datasets
        self._stager = stager
        self._folders = folders
        self._command = command
        self._times = times
        self._board = board
        self._fault = fault
        self._used = used

    def perform(self, key: WorkKey, stop: Stop) -> None:
        account_id, name = key
        model = self._models.begin(account_id, name)
        if model is None:
            return
        try:
            self._train(account_id, model, stop)
        except Interrupted:
            self._end_unless_closing(account_id, name, stop)
        except RunFailed as error:
            self._fail(account_id, name, error.failure)
        except OSError as error:
            _log.exception("training of %s failed", name)
            message = f"The local Azure could not train: {error.strerror or error}."
            message = DISK_FULL if is_disk_full(error) else message
            self._fail(account_id, name, Failure(code="unknown", message=message))
        except Exception as error:  # noqa: BLE001 a bug must not leave a model in training for ever
            _log.exception("training of %s failed", name)
            message = "The training ended in an internal error; the local Azure's log has the details."
            message = DISK_FULL if is_disk_full(error) else message
            self._fail(account_id, name, Failure(code="unknown", message=message))
        finally:
            self._board.drop(key)

    def _train(self, account_id: str, model: Model, stop: Stop) -> None:
        with self._folders.job() as folder:
            job, urls = self._stage(account_id, model, folder, stop)
            code = self._fault(model.name)
            if code is not None:
                message = "A fault rule of the local Azure made this training fail."
                raise RunFailed(Failure(code=code, message=message))
            classes = tuple(job["classes"])
            budget_s = model.spec.budget_hours * 3600.0
            end = run_worker(
                self._command,
                folder,
                job | {"budget_s": budget_s, "seed": _SEED},
                stop=stop,
                limit_s=budget_s + _GRACE_S,
                times=self._times,
                on_progress=worker_progress(self._board, (account_id, model.name)),
            )
            self._conclude(account_id, model, end, folder=folder, classes=classes, urls=urls, stop=stop)

    def _stage(self, account_id: str, model: Model, folder: Path, stop: Stop) -> tuple[dict[str, Any], dict[str, str]]:
        """The job for the worker, and the address behind each file name."""
        stager = self._stager(account_id, stop)
        kind = model.kind.annotation_kind
        dataset = self._dataset(account_id, model.spec.dataset_name)
        contents = stager.contents(dataset, kind, LEARNING[model.kind])
        _check_budget(model, contents)
        test: tuple[Dataset, Contents] | None = None
        if model.spec.test_dataset_name is not None:
            test_dataset = self._dataset(account_id, model.spec.test_dataset_name)
            test = (test_dataset, stager.contents(test_dataset, kind, TESTING[model.kind]))

        def pictures(dataset: Dataset, contents: Contents, prefix: str) -> list[StagedPicture]:
            return stager.pictures(
                dataset,
                contents,
                classes,
                folder=folder,
                prefix=prefix,
                quota=(LEARNING if prefix == "train-" else TESTING)[model.kind],
                progress=staging_progress(self._board, (account_id, model.name)),
            )

        classes = contents.categories
        training = pictures(dataset, contents, "train-")
        testing = None if test is None else pictures(test[0], test[1], "test-")
        job: dict[str, Any] = {
            "kind": "classifier" if model.kind is ModelKind.CLASSIFIER else "detector",
            "classes": list(classes),
            "images": [picture.row for picture in training],
            "evaluation_images": None if testing is None else [picture.row for picture in testing],
        }
        urls = {picture.row["path"]: picture.url for picture in (*training, *(testing or ()))}
        return job, urls

    def _conclude(
        self,
        account_id: str,
        model: Model,
        end: WorkerEnd,
        *,
        folder: Path,
        classes: tuple[str, ...],
        urls: Mapping[str, str],
        stop: Stop,
    ) -> None:
        result = end.result or {}
        status = result.get("status")
        cost = _cost_minutes(result, model)
        self._used(account_id, 0.0 if cost is None else cost * 60.0)
        if stop.asked and status != "succeeded":
            self._end_unless_closing(account_id, model.name, stop, cost_minutes=cost)
        elif status == "succeeded" and (folder / "model.vlm").exists():
            self._models.end(
                account_id,
                model.name,
                status=ModelStatus.SUCCEEDED,
                performance=result.get("metrics", {}),
                metrics_from=result.get("metrics_from"),
                cost_minutes=cost,
                file=self._folders.keep_model(folder / "model.vlm"),
                classes=classes,
            )
        elif status == "failed":
            failure = Failure(
                code=str(result.get("code", "unknown")), message=with_urls(str(result.get("message", "")), urls)
            )
            self._folders.keep_log(model.name, end.log)
            self._fail(account_id, model.name, failure, cost_minutes=cost)
        else:
            self._folders.keep_log(model.name, end.log)
            self._fail(account_id, model.name, _crash(end), cost_minutes=cost)

    def _dataset(self, account_id: str, name: str) -> Dataset:
        dataset = self._datasets.find(account_id, name)
        if dataset is None:
            raise dataset_not_found(name)
        return dataset

    def _end_unless_closing(self, account_id: str, name: str, stop: Stop, *, cost_minutes: int | None = None) -> None:
        """A service that closes leaves the run as it is: it starts again with the service."""
        if not stop.closing:
            self._models.end(account_id, name, status=ModelStatus.CANCELLED, cost_minutes=cost_minutes)

    def _fail(self, account_id: str, name: str, failure: Failure, *, cost_minutes: int | None = None) -> None:
        self._models.end(account_id, name, status=ModelStatus.FAILED, failure=failure, cost_minutes=cost_minutes)


def no_fault(_model_name: str) -> str | None:
    """Trainings are not made to fail."""
    return None


def _check_budget(model: Model, contents: Contents) -> None:
    budget = BUDGETS[model.kind]
    images = len(contents.images)
    minimum = budget.minimum_hours(images)
    if model.spec.budget_hours < minimum:
        raise not_enough_budget(
            images=images,
            budget_hours=model.spec.budget_hours,
            minimum_hours=minimum,
            suggested_hours=budget.suggested_hours(images),
        )


def _cost_minutes(result: Mapping[str, Any], model: Model) -> int | None:
    """Whole minutes, at least one, never more than the budget; None when the worker did not say."""
    seconds = result.get("seconds")
    if not isinstance(seconds, int | float):
        return None
    return min(max(1, math.ceil(seconds / 60)), model.spec.budget_hours * 60)


def with_urls(message: str, urls: Mapping[str, str]) -> str:
    """A worker's message with addresses for file names. The worker knows file names, people know addresses."""
    for name, url in urls.items():
        if name in message:
            return message.replace(name, url)
    return message


def _crash(end: WorkerEnd) -> Failure:
    if end.out_of_time:
        return Failure(code="unknown", message="The training did not end within its budget and was stopped.")
    if os.strerror(errno.ENOSPC) in end.log:
        return Failure(code="unknown", message=DISK_FULL)
    how = f"signal {-end.exit_code}" if end.exit_code < 0 else f"exit code {end.exit_code}"
    return Failure(code="unknown", message=f"The training process ended without a result ({how}).")
