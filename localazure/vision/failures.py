"""Why a training or an evaluation fails: the service's asynchronous codes.

Owns: the exception that ends a run, and its codes. Leaves: storing it to `trainings.py` and `evaluation_runs.py`.

Choices where nothing is published: blobs that cannot be read, a wrong kind of dataset for a training, and
anything else wrong with the content are `datasetCorrupt`; crashes, full disks and bugs are `unknown`
(`internalServerError` in an evaluation).
"""

from localazure.vision.types import Failure

__all__ = ["RunFailed", "corrupt", "dataset_not_found", "not_enough_budget"]


class RunFailed(Exception):
    """Ends a run; `failure` is what clients see."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(f"{failure.code}: {failure.message}")
        self.failure = failure


def corrupt(message: str) -> RunFailed:
    return RunFailed(Failure(code="datasetCorrupt", message=message))


def dataset_not_found(name: str) -> RunFailed:
    return RunFailed(Failure(code="datasetNotFound", message=f"There is no dataset '{name}'."))


def not_enough_budget(*, images: int, budget_hours: int, minimum_hours: float, suggested_hours: int) -> RunFailed:
    message = (
        f"A budget of {budget_hours} h is not enough for {images} images. "
        f"Minimum budget: {minimum_hours:.2f} h. Suggested budget: {suggested_hours} h."
    )
    return RunFailed(Failure(code="notEnoughBudget", message=message))
