"""The vision service as one object: its parts, its start and its end.

Owns: putting the parts together and going on after a restart. Leaves: everything else to the parts.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.job_folders import Folders
from localazure.lane import Lane, Stop, WorkKey
from localazure.store import Store
from localazure.vision.analyze import Analyzer
from localazure.vision.datasets import Datasets
from localazure.vision.evaluation_runs import EvaluationRuns
from localazure.vision.evaluations import Evaluations
from localazure.vision.model_cache import ModelCache
from localazure.vision.models import Models, TrainingQueue
from localazure.vision.principals import Principals
from localazure.vision.progress_board import ProgressBoard
from localazure.vision.records import Records
from localazure.vision.seams import Accounts, LoadLook
from localazure.vision.staging import Stager
from localazure.vision.trainings import Trainings, no_fault
from localazure.worker_process import WorkerTimes

__all__ = ["VisionService", "VisionSettings"]

_CLOSE_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class VisionSettings:
    """`retired` makes the whole customization API answer as after its retirement.

    `training_fault` names, for a model's name, the error code with which its training is to fail, or None.
    `trained` hears of the seconds of each training that are billed, `looked` of each prediction, by the account's id.
    """

    training_command: Sequence[str]
    evaluation_command: Sequence[str]
    retired: bool = False
    training_fault: Callable[[str], str | None] = no_fault
    trained: Callable[[str, float], None] = lambda _account, _seconds: None
    looked: Callable[[str], None] = lambda _account: None
    trainings_at_once: int = 1
    models_in_memory: int = 4
    worker_times: WorkerTimes = field(default_factory=WorkerTimes)


class VisionService:
    """Work that is asked for is done from `start` on, the oldest first; close it when requests have ended."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        accounts: Accounts,
        blobs: Blobs,
        folder: Path,
        load_look: LoadLook,
        settings: VisionSettings,
    ) -> None:
        self.retired = settings.retired
        self.looked = settings.looked
        self._records = Records(store)
        self._folders = Folders(folder)
        self._cache = ModelCache(load_look, size=settings.models_in_memory)
        self.principals = Principals(store, accounts)
        self.progress = ProgressBoard()
        self.training_lane = Lane("training", self._perform_training, width=settings.trainings_at_once)
        self.evaluation_lane = Lane("evaluation", self._perform_evaluation)
        self.datasets = Datasets(self._records, clock)
        queue = TrainingQueue(add=self.training_lane.add, cancel=self.training_lane.cancel)
        self.models = Models(self._records, clock, queue, self._drop_model_file)
        self.evaluations = Evaluations(self._records, clock, self.evaluation_lane.add)
        self.analyzer = Analyzer(self.models, self._folders, self._cache, blobs)

        def stager(account_id: str, stop: Stop) -> Stager:
            return Stager(blobs, self.principals.of(account_id), stop=stop)

        self._trainings = Trainings(
            models=self.models,
            datasets=self.datasets,
            stager=stager,
            folders=self._folders,
            command=settings.training_command,
            times=settings.worker_times,
            board=self.progress,
            fault=settings.training_fault,
            used=settings.trained,
        )
        self._evaluation_runs = EvaluationRuns(
            evaluations=self.evaluations,
            models=self.models,
            datasets=self.datasets,
            stager=stager,
            folders=self._folders,
            command=settings.evaluation_command,
            times=settings.worker_times,
            board=self.progress,
        )

        for key in self.models.unfinished():
            self.training_lane.add(key)
        for key in self.evaluations.unfinished():
            self.evaluation_lane.add(key)

    def start(self) -> None:
        """Begin to work; first comes what the process before did not finish, in its order."""
        self._folders.clean(self.models.files())
        self.training_lane.start()
        self.evaluation_lane.start()

    def close(self) -> None:
        """Stop the workers. What they did not finish starts again with the next process."""
        self.training_lane.close(_CLOSE_S)
        self.evaluation_lane.close(_CLOSE_S)

    def forget_account(self, account_id: str) -> None:
        """The account was purged: its datasets, models, evaluations and files go."""
        with self._records.transaction():
            for evaluation in self._records.evaluations.below(account_id):
                self._records.evaluations.delete(account_id, evaluation.model_name, evaluation.name)
            for model in self._records.models.below(account_id):
                self._records.models.delete(account_id, model.name)
                self.training_lane.cancel((account_id.lower(), model.name))
                if model.file is not None:
                    self._drop_model_file(model.file)
            for dataset in self._records.datasets.below(account_id):
                self._records.datasets.delete(account_id, dataset.name)
            self.principals.forget(account_id)

    def _perform_training(self, key: WorkKey, stop: Stop) -> None:
        self._trainings.perform(key, stop)

    def _perform_evaluation(self, key: WorkKey, stop: Stop) -> None:
        self._evaluation_runs.perform(key, stop)

    def _drop_model_file(self, name: str) -> None:
        self._cache.drop(self._folders.model(name))
        self._folders.drop_model(name)
