"""Drives labelingJobs by the client that Microsoft generated, as the last azure-ai-ml with labeling has it.

Run by test_ml_labeling.py with a Python of its own: `drive_labeling.py WORKSPACE_ID DATA_ID`, the address and the
credentials in the environment. Reads one step a line, such as "v2024_04_01_preview get fruit", and answers in JSON.
"""

import importlib
import json
import os
import sys
from typing import Any

PACKAGE = "azure.ai.ml._restclient"


class Driver:
    def __init__(self, version: str, workspace_id: str, data_id: str) -> None:
        parts = workspace_id.strip("/").split("/")
        self.group, self.workspace, self.data_id = parts[3], parts[7], data_id
        self.module: Any = importlib.import_module(f"{PACKAGE}.{version}")
        self.models: Any = importlib.import_module(f"{PACKAGE}.{version}.models")
        origin = os.environ["AZURE_AUTHORITY_HOST"]
        identity: Any = importlib.import_module("azure.identity")
        credential = identity.ClientSecretCredential(
            os.environ["AZURE_TENANT_ID"],
            os.environ["AZURE_CLIENT_ID"],
            os.environ["AZURE_CLIENT_SECRET"],
            authority=origin,
            disable_instance_discovery=True,
        )
        client = self.module.AzureMachineLearningWorkspaces(
            credential,
            parts[1],
            base_url=origin,
            credential_scopes=[f"{origin}/.default"],
            user_agent="azure-ai-ml/1.26.0",  # as its MLClient names itself
        )
        self.jobs: Any = client.labeling_jobs
        self.flags = hasattr(self.models, "IncrementalDataRefresh")

    def job(self, *classes: str, multi: bool = False) -> Any:
        """The body, with booleans or enums, as this version has them."""
        models = self.models
        shown = {name: models.LabelClass(display_name=name.title(), subclasses={}) for name in classes}
        several = (
            {"multi_select": "Enabled" if multi else "Disabled"} if self.flags else {"multi_select_enabled": multi}
        )
        refresh = {"incremental_data_refresh": "Enabled"} if self.flags else {"incremental_data_refresh_enabled": True}
        category = models.LabelCategory(display_name="Fruit", classes=shown, **several)
        properties = models.LabelingJobProperties(
            data_configuration=models.LabelingDataConfiguration(data_id=self.data_id, **refresh),
            job_instructions=models.LabelingJobInstructions(uri="https://example.org/how"),
            label_categories={"fruit": category},
            labeling_job_media_properties=models.LabelingJobImageProperties(annotation_type="BoundingBox"),
            ml_assist_configuration=models.MLAssistConfigurationDisabled(),
            tags={"course": "a"},
        )
        return models.LabelingJob(properties=properties)

    def create(self, name: str, *classes: str) -> Any:
        made = self.jobs.begin_create_or_update(self.group, self.workspace, name, self.job(*classes)).result(60)
        return self.shown(made)

    def get(self, name: str) -> Any:
        return self.shown(self.jobs.get(self.group, self.workspace, name))

    def list(self, top: str) -> Any:
        return [job.name for job in self.jobs.list(self.group, self.workspace, top=int(top))]

    def pause(self, name: str) -> Any:
        return self.properties(self.jobs.pause(self.group, self.workspace, name))

    def resume(self, name: str) -> Any:
        return self.properties(self.jobs.begin_resume(self.group, self.workspace, name).result(60))

    def export(self, name: str, kind: str) -> Any:
        order = {"Coco": "CocoExportSummary", "CSV": "CsvExportSummary", "Dataset": "DatasetExportSummary"}[kind]
        body = getattr(self.models, order)()
        made: Any = self.jobs.begin_export_labels(self.group, self.workspace, name, body).result(60)
        return dict[str, Any](type=kind_of(made), **made.as_dict())

    def delete(self, name: str) -> Any:
        return self.jobs.delete(self.group, self.workspace, name)

    def shown(self, job: Any) -> Any:
        return dict[str, Any](name=job.name, id=job.id, **(self.properties(job.properties) or {}))

    @staticmethod
    def properties(properties: Any) -> Any:
        """None where this version's pause and resume answer nothing."""
        return None if properties is None else properties.as_dict()


def kind_of(model: object) -> str:
    return type(model).__name__


def main() -> None:
    drivers: dict[str, Driver] = {}
    core: Any = importlib.import_module("azure.core.exceptions")
    for line in sys.stdin:
        version, verb, *arguments = line.split()
        if version not in drivers:
            drivers[version] = Driver(version, *sys.argv[1:])
        try:
            answer = getattr(drivers[version], verb)(*arguments)
        except core.HttpResponseError as error:
            answer = {"refused": error.status_code, "code": error.error.code if error.error else None}
        sys.stdout.write(json.dumps(answer, default=str) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
