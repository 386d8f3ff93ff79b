"""Datasets: a name for annotation files. Nothing is read when one is registered, as in Azure.

Owns: registering, changing, deleting, ETags. Leaves: reading content to `staging.py`.
"""

import dataclasses
import uuid

from localazure.clock import Clock
from localazure.vision.errors import already_exists, not_found, precondition_failed
from localazure.vision.records import Records
from localazure.vision.types import Dataset, DatasetSpec

__all__ = ["Datasets"]


class Datasets:
    def __init__(self, records: Records, clock: Clock) -> None:
        self._records = records
        self._clock = clock

    def create(self, account_id: str, name: str, spec: DatasetSpec) -> Dataset:
        now = self._clock.now()
        dataset = Dataset(name=name, spec=spec, created=now, updated=now, etag=_new_etag())
        with self._records.transaction():
            if self._records.datasets.get(account_id, name) is not None:
                raise already_exists("Dataset", name)
            self._records.datasets.put(dataset, account_id, name)
        return dataset

    def update(
        self, account_id: str, name: str, spec: DatasetSpec, *, given: frozenset[str], if_match: str | None
    ) -> Dataset:
        """Replace the fields that are `given`; the others stay."""
        with self._records.transaction():
            old = self.get(account_id, name)
            _check_etag(old, if_match)
            changes = {field: getattr(spec, field) for field in given}
            new_spec = dataclasses.replace(old.spec, **changes)
            new = dataclasses.replace(old, spec=new_spec, updated=self._clock.now(), etag=_new_etag())
            self._records.datasets.put(new, account_id, name)
        return new

    def get(self, account_id: str, name: str) -> Dataset:
        dataset = self.find(account_id, name)
        if dataset is None:
            raise not_found("dataset", name)
        return dataset

    def find(self, account_id: str, name: str) -> Dataset | None:
        return self._records.datasets.get(account_id, name)

    def list(self, account_id: str) -> list[Dataset]:
        return self._records.datasets.below(account_id)

    def delete(self, account_id: str, name: str, *, if_match: str | None) -> None:
        """Runs that have started keep what they have read; those that wait will miss it."""
        with self._records.transaction():
            _check_etag(self.get(account_id, name), if_match)
            self._records.datasets.delete(account_id, name)


def _new_etag() -> str:
    """The text format is not published; quoted, so that the field and the header are the same text."""
    return f'"{uuid.uuid4()}"'


def _check_etag(dataset: Dataset, if_match: str | None) -> None:
    if if_match is None:
        return
    wanted = {tag.strip().removeprefix("W/").strip('"') for tag in if_match.split(",")}
    if not wanted & {"*", dataset.etag.strip('"')}:
        raise precondition_failed(dataset.name)
