"""Exporting labels into the workspace's default blob store, as Azure ML does.

Owns: the long-running operation `labeling.export`, where files lie, the data asset of a Dataset, the summary, and the
list of a project's exports. Leaves: the formats to `export_coco.py`, `export_csv.py`, `export_dataset.py`.

A file is made and uploaded piece by piece from one snapshot of the tables: neither labels nor file are held.
"""

import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from localazure.blobs import Blobs
from localazure.clock import Clock
from localazure.errors import AzureError, BlobError
from localazure.labeling.errors import wrong_state
from localazure.labeling.history import History
from localazure.labeling.jobs.places import Places, workspace_uri
from localazure.labeling.jobs.projects import Projects
from localazure.labeling.jobs.wire import arm_time
from localazure.labeling.pictures.sizes import Sizes
from localazure.labeling.seams import Assets, Resources, properties_of
from localazure.labeling.tables import Tables
from localazure.labeling.transfer.export_coco import coco_pieces
from localazure.labeling.transfer.export_csv import csv_pieces
from localazure.labeling.transfer.export_dataset import JSONL_NAME, ML_TABLE, jsonl_pieces
from localazure.labeling.transfer.export_order import Coordinates, ExportOrder, Include
from localazure.labeling.transfer.export_rows import ExportRows
from localazure.labeling.types import AnnotationType, DataPlace, ExportFormat, Project, ProvisioningState
from localazure.operations import Operations
from localazure.store import Store

__all__ = ["Exporter"]

_KIND = "labeling.export"
_EXPORT_S = 0.1
_KEPT = 100
_LONGEST_NAME = 220


class Exporter:
    def __init__(
        self,
        *,
        store: Store,
        projects: Projects,
        tables: Tables,
        sizes: Sizes,
        blobs: Blobs,
        resources: Resources,
        assets: Assets,
        history: History,
        clock: Clock,
        operations: Operations,
    ) -> None:
        self._store = store
        self._projects = projects
        self._tables = tables
        self._sizes = sizes
        self._blobs = blobs
        self._resources = resources
        self._assets = assets
        self._places = Places(resources)
        self._history = history
        self._clock = clock
        self._operations = operations
        operations.on("labeling.export", self._finish)
        projects.on_gone(self.forget)

    def start(self, project: Project, order: ExportOrder, *, who: str) -> str:
        """The operation's id; its result is the summary. AzureError 409 before there is something to export."""
        if project.provisioning is not ProvisioningState.SUCCEEDED:
            raise wrong_state(f"The labeling job '{project.name}' is {project.status.value} and cannot be exported.")
        now = self._clock.now()
        payload = {
            "workspace": project.workspace_id,
            "name": project.name,
            "format": order.format.value,
            "coordinates": order.coordinates.value,
            "include": order.include.value,
            "export": str(uuid.uuid4()),
            "started": arm_time(now),
            "who": who,
        }
        with self._store.transaction():
            operation_id = self._operations.start("labeling.export", payload, seconds=_EXPORT_S)
            self._remember(project, operation_id, payload)
        return operation_id

    def list(self, project: Project) -> list[dict[str, Any]]:
        """The project's last exports, newest first: summaries, with what was asked for, by whom, and the state."""
        documents = [document for _, document in reversed(self._store.list(_KIND, _prefix(project)))]
        return [self._shown(document) for document in documents]

    def get(self, project: Project, operation_id: str) -> dict[str, Any]:
        """One of them, by what `start` gave; AzureError 404."""
        for _, document in self._store.list(_KIND, _prefix(project)):
            if document["operation"] == operation_id:
                return self._shown(document)
        raise AzureError(404, "ResourceNotFound", f"The project has no export '{operation_id[:50]}'.")

    def forget(self, project: Project) -> None:
        """The project was deleted. Its files stay where they are."""
        with self._store.transaction():
            for key, _ in self._store.list(_KIND, _prefix(project)):
                self._store.delete(_KIND, key)

    def _remember(self, project: Project, operation_id: str, payload: Mapping[str, Any]) -> None:
        earlier = [key for key, _ in self._store.list(_KIND, _prefix(project))]
        number = int(earlier[-1].rpartition("|")[2]) + 1 if earlier else 1
        self._store.put(_KIND, f"{_prefix(project)}{number:09}", {"operation": operation_id, **payload})
        for key in earlier[: max(len(earlier) + 1 - _KEPT, 0)]:
            self._store.delete(_KIND, key)

    def _shown(self, document: Mapping[str, Any]) -> dict[str, Any]:
        shown = {
            "id": document["operation"],
            "format": document["format"],
            "coordinates": document["coordinates"],
            "include": document["include"],
            "startedBy": document["who"],
            "startDateTime": document["started"],
        }
        if "summary" in document:
            return {"state": "Succeeded", **shown, **document["summary"]}
        try:
            operation = self._operations.get(document["operation"])
        except AzureError:  # long over, and forgotten by the operations
            return {"state": "Failed", **shown}
        if operation.error is not None:
            shown["error"] = operation.error
        return {"state": operation.status, **shown, **(operation.result or {})}

    def _finish(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Write the files. Their folder is fixed beforehand, so doing it twice leaves one export."""
        project = self._projects.get(payload["workspace"], payload["name"])
        order = ExportOrder(
            format=ExportFormat(payload["format"]),
            coordinates=Coordinates(payload.get("coordinates", Coordinates.NORMALIZED)),
            include=Include(payload.get("include", Include.LABELED)),
        )
        store = self._places.of_exports(project.workspace_id)
        folder = f"Labeling/export/{order.format.value.lower()}/{payload['export']}"
        summary: dict[str, Any] = {"format": order.format.value, "labelingJobId": project.id}
        absolute = order.coordinates is Coordinates.ABSOLUTE
        if absolute or order.format is not ExportFormat.CSV:
            self._sizes.measure(project)
        sized = absolute and project.spec.annotation_type is not AnnotationType.CLASSIFICATION
        try:
            with self._tables.read() as db:
                rows = ExportRows(db, project.number, approved=order.include is Include.APPROVED, sized=sized)
                made = _Files(self._blobs, store, folder, project, rows).write(order)
                left_out = rows.count_left_out()
        except BlobError as error:
            raise AzureError(500, "ExportFailed", f"The export cannot be written: {error}") from error
        summary |= made
        if order.format is ExportFormat.DATASET:
            summary["labeledAssetName"] = self._register(project, store, folder, payload)
        if left_out:
            summary["leftOutRowCount"] = left_out
        summary |= {"startDateTime": payload["started"], "endDateTime": arm_time(self._clock.now())}
        self._keep(project, payload, summary)
        return summary

    def _keep(self, project: Project, payload: Mapping[str, Any], summary: dict[str, Any]) -> None:
        """With the export, because operations are forgotten some day; and in the history."""
        with self._store.transaction():
            for key, document in self._store.list(_KIND, _prefix(project)):
                if document["export"] == payload["export"]:
                    self._store.put(_KIND, key, document | {"summary": summary})
        told = ("format", "exportedRowCount", "snapshotPath", "labeledAssetName")
        detail = {name: summary[name] for name in told if name in summary}
        with self._tables.write() as db:
            self._history.add(db, project.number, str(payload.get("who", "")), "exported", detail=detail)

    def _register(self, project: Project, store: DataPlace, folder: str, payload: Mapping[str, Any]) -> str:
        """The exported folder as version 1 of an asset called as Azure called it: by the project and the moment."""
        uri = f"{workspace_uri(project.workspace_id)}/datastores/{store.datastore}/paths/{folder}/"
        moment = str(payload["started"])[:19].replace("T", "-").replace(":", "-")
        name = first = f"{project.name[:_LONGEST_NAME]}-{moment}"
        number = 1
        while (found := self._resources.get(_version(project, name))) is not None:
            if properties_of(found).get("dataUri") == uri:  # registered before a crash
                return name
            number += 1
            name = f"{first}-{number}"
        properties = {
            "dataType": "mltable",
            "dataUri": uri,
            "description": f"Labels of the labeling project '{project.name}'.",
            "referencedUris": [f"./{JSONL_NAME}"],
        }
        self._assets.put_data(_version(project, name), properties, caller=str(payload.get("who", "")))
        return name


class _Files:
    """Writes the files of one export and tells what they are."""

    def __init__(self, blobs: Blobs, store: DataPlace, folder: str, project: Project, rows: ExportRows) -> None:
        self._blobs = blobs
        self._store = store
        self._folder = folder
        self._project = project
        self._rows = rows

    def write(self, order: ExportOrder) -> dict[str, Any]:
        """Their place and the number of rows, as the summary names them."""
        absolute = order.coordinates is Coordinates.ABSOLUTE
        if order.format is ExportFormat.DATASET:
            return self._dataset()
        if order.format is ExportFormat.COCO:
            pieces = coco_pieces(self._project, self._rows, absolute=absolute)
            rows, name, kind = self._rows.count_pictures(), f"{self._project.name}.json", "application/json"
        else:
            pieces = csv_pieces(self._project, self._rows, absolute=absolute)
            rows, name, kind = self._rows.count_labels(), f"{self._project.name}.csv", "text/csv"
        path = self._write(name, pieces, kind)
        return {"exportedRowCount": rows, "containerName": self._store.container, "snapshotPath": path}

    def _dataset(self) -> dict[str, Any]:
        rows = 0

        def counted() -> Iterator[bytes]:
            nonlocal rows
            for piece in jsonl_pieces(self._project, self._rows):
                rows += piece.count(b"\n")
                yield piece

        self._write(JSONL_NAME, counted(), "application/jsonl")
        self._write("MLTable", iter([ML_TABLE]), "application/yaml")
        return {"exportedRowCount": rows}

    def _write(self, name: str, pieces: Iterator[bytes], kind: str) -> str:
        path = f"{self._folder}/{name}"
        self._blobs.write_pieces(self._store.account, self._store.container, path, pieces, kind)
        return path


def _prefix(project: Project) -> str:
    return f"{project.number:09}|"


def _version(project: Project, name: str) -> str:
    return f"{project.workspace_id}/data/{name}/versions/1"
