"""Labeling projects that exist from the start: what is labeled, and as what.

Owns: a data asset for each folder of pictures, the labelingJobs. Leaves: pictures, labels and people to `automation`.

Azure retired labelingJobs on 30 September 2026: on Azure they are refused, on the local Azure they go on.
The data asset is named and addressed as `visionlab labeling create` does it, so that both mean the same project.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_azure_native import machinelearningservices as ml

from infra.lab import Lab
from infra.labeling_settings import LabelingProject

__all__ = ["LabelingProjects", "LabelingProjectsArgs"]

_ANNOTATION_TYPES = {
    "object-detection": ml.ImageAnnotationType.BOUNDING_BOX,
    "image-classification": ml.ImageAnnotationType.CLASSIFICATION,
    "image-classification-multilabel": ml.ImageAnnotationType.CLASSIFICATION,
    "instance-segmentation": ml.ImageAnnotationType.INSTANCE_SEGMENTATION,
}
_CATEGORY = "classes"


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelingProjectsArgs:
    """Projects to make.

    Attributes:
        lab: The lab they belong to.
        group: Name of its resource group.
        workspace: Name of its ML workspace.
        datastores: Container name as set, to the datastore that leads there.
        projects: What to make.
        access: The roles by which the workspace reads its pictures; they come first.
    """

    lab: Lab
    group: pulumi.Input[str]
    workspace: pulumi.Input[str]
    datastores: Mapping[str, pulumi.Input[str]]
    projects: Sequence[LabelingProject]
    access: pulumi.Resource


class LabelingProjects(pulumi.ComponentResource):
    """Projects and the data assets that they label."""

    project_names: list[pulumi.Output[str]]

    def __init__(self, name: str, args: LabelingProjectsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("visionlab:index:LabelingProjects", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        assets: dict[tuple[str, str], ml.DataVersion] = {}
        self.project_names = []
        for project in args.projects:
            place = (project.container, project.folder)
            if place not in assets:
                assets[place] = ml.DataVersion(
                    f"{name}-data-{_asset_name(*place)}",
                    name=_asset_name(*place),
                    version="1",
                    resource_group_name=args.group,
                    workspace_name=args.workspace,
                    properties=ml.UriFolderDataVersionArgs(
                        data_type="uri_folder",
                        data_uri=_folder_uri(args, *place),
                        is_anonymous=False,
                        is_archived=False,
                    ),
                    opts=child,
                )
            job = ml.LabelingJob(
                f"{name}-{project.name}",
                id=project.name,
                resource_group_name=args.group,
                workspace_name=args.workspace,
                labeling_job_properties=_job(project, assets[place].id),
                opts=pulumi.ResourceOptions(parent=self, depends_on=[args.access]),
            )
            self.project_names.append(job.name)
        self.register_outputs({"project_names": self.project_names})


def _job(project: LabelingProject, data_id: pulumi.Input[str]) -> ml.LabelingJobArgs:
    several = project.task == "image-classification-multilabel"
    instructions = ml.LabelingJobInstructionsArgs(uri=project.instructions) if project.instructions else None
    return ml.LabelingJobArgs(
        job_type="Labeling",
        display_name=project.name,
        data_configuration=ml.LabelingDataConfigurationArgs(
            data_id=data_id, incremental_data_refresh=ml.IncrementalDataRefresh.ENABLED
        ),
        job_instructions=instructions,
        label_categories={
            _CATEGORY: ml.LabelCategoryArgs(
                display_name=_CATEGORY,
                multi_select=ml.MultiSelect.ENABLED if several else ml.MultiSelect.DISABLED,
                classes={name: ml.LabelClassArgs(display_name=name, subclasses={}) for name in project.classes},
            )
        },
        labeling_job_media_properties=ml.LabelingJobImagePropertiesArgs(
            media_type="Image", annotation_type=_ANNOTATION_TYPES[project.task]
        ),
        ml_assist_configuration=ml.MLAssistConfigurationDisabledArgs(ml_assist="Disabled"),
    )


def _asset_name(container: str, folder: str) -> str:
    """The container's own name, and the folder's where it is not all of the container."""
    return container if not folder else f"{container}-{re.sub(r'[^a-zA-Z0-9_.-]+', '-', folder)}"


def _folder_uri(args: LabelingProjectsArgs, container: str, folder: str) -> pulumi.Output[str]:
    subscription = args.lab.deployer.subscription_id
    return pulumi.Output.format(
        "azureml://subscriptions/{0}/resourcegroups/{1}/workspaces/{2}/datastores/{3}/paths/{4}",
        subscription,
        args.group,
        args.workspace,
        args.datastores[container],
        f"{folder}/" if folder else "",
    )
