"""Data sets of Image Analysis: where the COCO files are, and how the service may read them."""

from collections.abc import Iterator
from dataclasses import replace

from automation.errors import Conflict, NotFound
from automation.training.calls import VisionCalls, path_of
from automation.training.types import AuthenticationKind, Dataset, DatasetSpec
from automation.training.wire import dump_dataset, parse_dataset

__all__ = ["Datasets"]


class Datasets:
    """The data sets of one resource."""

    def __init__(self, calls: VisionCalls) -> None:
        self._calls = calls

    def create(self, spec: DatasetSpec) -> Dataset:
        """Make it; Conflict when the name is taken."""
        operation = f"create dataset {spec.name}"
        answer = self._calls.send("PUT", path_of("datasets", spec.name), operation=operation, json=dump_dataset(spec))
        return parse_dataset(answer.json_object(operation))

    def get(self, name: str) -> Dataset:
        return parse_dataset(self._calls.get(path_of("datasets", name), operation=f"get dataset {name}"))

    def find(self, name: str) -> Dataset | None:
        try:
            return self.get(name)
        except NotFound:
            return None

    def list(self) -> Iterator[Dataset]:
        return map(parse_dataset, self._calls.pages(path_of("datasets"), operation="list datasets"))

    def update(self, spec: DatasetSpec, *, etag: str | None) -> Dataset:
        """Replace its content; Conflict when it has changed since `etag` was read."""
        operation = f"update dataset {spec.name}"
        answer = self._calls.send(
            "PATCH",
            path_of("datasets", spec.name),
            operation=operation,
            json=dump_dataset(spec),
            headers={"If-Match": etag} if etag else None,
        )
        return parse_dataset(answer.json_object(operation))

    def delete(self, name: str, *, missing_ok: bool = False) -> None:
        try:
            self._calls.send("DELETE", path_of("datasets", name), operation=f"delete dataset {name}")
        except NotFound:
            if not missing_ok:
                raise

    def ensure(self, spec: DatasetSpec) -> Dataset:
        """Make it so: keep it when it is, change it when it differs, create it when it is not there."""
        found = self.find(spec.name)
        if found is None:
            try:
                return self.create(spec)
            except Conflict:  # made since we looked, maybe by our own request whose answer was lost
                found = self.get(spec.name)
        return found if _is_same(found.spec, spec) else self.update(spec, etag=found.etag)


def _is_same(there: DatasetSpec, asked: DatasetSpec) -> bool:
    if asked.authentication.kind is AuthenticationKind.SAS:
        return False  # the token may have been renewed, and the service does not show it
    return replace(there, properties=dict(there.properties)) == replace(asked, properties=dict(asked.properties))
