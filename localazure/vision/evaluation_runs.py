"""What an evaluation means: stage the test dataset, run the model over it in a process of its own, record the metrics.

Owns: one run from start to end. Leaves: states to `evaluations.py`, the process to `worker_process.py`, the metrics
to `evaluation_worker.py`.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from localazure.errors import DISK_FULL, is_disk_full
from localazure.few_at_once import Interrupted
from localazure.job_folders import Folders
from localazure.lane import Stop, WorkKey
from localazure.vision.datasets import Datasets
from localazure.vision.evaluations import Evaluations
from localazure.vision.failures import RunFailed, dataset_not_found
from localazure.vision.limits import TESTING
from localazure.vision.models import Models
from localazure.vision.progress_board import ProgressBoard, staging_progress, worker_progress
from localazure.vision.staging import Stager
from localazure.vision.trainings import with_urls
from localazure.vision.types import Dataset, Evaluation, Failure, Model, ModelKind
from localazure.worker_process import WorkerEnd, WorkerTimes, run_worker

__all__ = ["EvaluationRuns"]

_LIMIT_S = 24 * 3600.0
_log = logging.getLogger(__name__)


class EvaluationRuns:
    """`perform` is the lane's work."""

    def __init__(
        self,
        *,
        evaluations: Evaluations,
        models: Models,
        datasets: Datasets,
        stager: Callable[[str, Stop], Stager],
        folders: Folders,
        command: Sequence[str],
        times: WorkerTimes,
        board: ProgressBoard,
    ) -> None:
        self._evaluations = evaluations
        self._models = models
        self._datasets = datasets
        self._stager = stager
        self._folders = folders
        self._command = command
        self._times = times
        self._board = board

    def perform(self, key: WorkKey, stop: Stop) -> None:
        account_id, model_name, name = key
        evaluation = self._evaluations.begin(account_id, model_name, name)
        if evaluation is None:
            return
        try:
            performance = self._evaluate(key, evaluation, stop)
        except Interrupted:
            return  # the service is closing: the run starts again with it
        except RunFailed as error:
            self._fail(key, error.failure)
        except OSError as error:
            _log.exception("evaluation %s failed", name)
            self._fail(key, _internal(DISK_FULL if is_disk_full(error) else str(error.strerror or error)))
        except Exception as error:  # noqa: BLE001 a bug must not leave an evaluation running for ever
            _log.exception("evaluation %s failed", name)
            self._fail(
                key, _internal(DISK_FULL if is_disk_full(error) else "The evaluation ended in an internal error.")
            )
        else:
            self._evaluations.end(account_id, model_name, name, performance=performance)
        finally:
            self._board.drop(key)

    def _evaluate(self, key: WorkKey, evaluation: Evaluation, stop: Stop) -> dict[str, Any]:
        account_id = key[0]
        model = self._models.find(account_id, evaluation.model_name)
        if model is None or model.file is None:
            state = "does not exist" if model is None else f"is {model.status.value}"
            message = f"The model '{evaluation.model_name}' {state}; only a succeeded model can be evaluated."
            raise RunFailed(Failure(code="modelNotFound", message=message))
        dataset = self._dataset(account_id, evaluation.test_dataset_name)
        _check_kind(model, dataset)
        with self._folders.job() as folder:
            job, urls = self._stage(key, model, dataset, folder, stop)
            end = run_worker(
                self._command,
                folder,
                job,
                stop=stop,
                limit_s=_LIMIT_S,
                times=self._times,
                on_progress=worker_progress(self._board, key),
            )
            return self._conclude(evaluation, end, urls, stop)

    def _stage(
        self, key: WorkKey, model: Model, dataset: Dataset, folder: Path, stop: Stop
    ) -> tuple[dict[str, Any], dict[str, str]]:
        stager = self._stager(key[0], stop)
        quota = TESTING[model.kind]
        contents = stager.contents(dataset, model.kind.annotation_kind, quota)
        pictures = stager.pictures(
            dataset,
            contents,
            model.classes,
            folder=folder,
            prefix="test-",
            quota=quota,
            progress=staging_progress(self._board, key),
        )
        job = {
            "kind": "classifier" if model.kind is ModelKind.CLASSIFIER else "detector",
            "model": str(self._folders.model(model.file or "")),
            "images": [picture.row for picture in pictures],
        }
        return job, {picture.row["path"]: picture.url for picture in pictures}

    def _conclude(self, evaluation: Evaluation, end: WorkerEnd, urls: dict[str, str], stop: Stop) -> dict[str, Any]:
        result = end.result or {}
        if result.get("status") == "succeeded":
            return dict(result["metrics"])
        if stop.asked:
            raise Interrupted
        self._folders.keep_log(f"{evaluation.model_name}-{evaluation.name}", end.log)
        if result.get("status") == "failed":
            code = str(result.get("code", "internalServerError"))
            raise RunFailed(Failure(code=code, message=with_urls(str(result.get("message", "")), urls)))
        raise RunFailed(_internal(f"The evaluation process ended without a result (exit code {end.exit_code})."))

    def _dataset(self, account_id: str, name: str | None) -> Dataset:
        dataset = None if name is None else self._datasets.find(account_id, name)
        if dataset is None:
            raise dataset_not_found(name or "")
        return dataset

    def _fail(self, key: WorkKey, failure: Failure) -> None:
        account_id, model_name, name = key
        self._evaluations.end(account_id, model_name, name, failure=failure)


def _check_kind(model: Model, dataset: Dataset) -> None:
    asked = dataset.spec.annotation_kind
    if asked is not None and asked is not model.kind.annotation_kind:
        message = f"The model '{model.name}' is a {model.kind.value}; the dataset '{dataset.name}' is {asked.value}."
        raise RunFailed(Failure(code="incorrectModelKind", message=message))


def _internal(message: str) -> Failure:
    return Failure(code="internalServerError", message=message)
