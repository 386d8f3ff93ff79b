"""The parts list of a lab, and of a seat, which is a lab that uses its course's shared parts."""

from dataclasses import dataclass

import pulumi
from pulumi_azure_native import resources

from infra.components.access import Access, AccessArgs
from infra.components.dataset_storage import DatasetStorage, DatasetStorageArgs
from infra.components.datastores import DatastoreArgs, SharedDatastores
from infra.components.guardrails import Guardrails, GuardrailsArgs
from infra.components.labeling_projects import LabelingProjects, LabelingProjectsArgs
from infra.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from infra.components.vision_account import VisionAccount, VisionAccountArgs
from infra.lab import Lab
from infra.naming import datastore_name
from infra.outputs import Outputs
from infra.shared_parts import SharedParts

__all__ = ["declare_lab"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Workspace:
    """The ML workspace that a lab has, or that a seat may use."""

    name: pulumi.Output[str]
    id: pulumi.Output[str]
    principal_id: pulumi.Output[str]
    datastores: dict[str, pulumi.Output[str]]
    own: MlWorkspace | None = None


def declare_lab(lab: Lab) -> Outputs:
    """Everything that a lab or a seat consists of."""
    settings, me = lab.settings, lab.deployer
    seat = settings.course
    shared = SharedParts(seat.shared_stack) if seat and seat.shared_stack else None
    group = resources.ResourceGroup(
        "group", resource_group_name=lab.names.resource_group, location=lab.location, tags=lab.tags
    )
    storage = DatasetStorage("storage", DatasetStorageArgs(lab=lab, group=group.name, containers=settings.containers))

    def account(name: str, account_name: str, kind: str, sku: str) -> VisionAccount:
        return VisionAccount(
            name, VisionAccountArgs(lab=lab, group=group.name, account_name=account_name, kind=kind, sku=sku)
        )

    vision = account("vision", lab.names.vision_account, "ComputerVision", settings.vision_sku)
    training = prediction = None
    if settings.custom_vision:
        names, sku = lab.names, settings.custom_vision_sku
        training = account("custom-vision-training", names.custom_vision_training, "CustomVision.Training", sku)
        prediction = account("custom-vision-prediction", names.custom_vision_prediction, "CustomVision.Prediction", sku)
    ml = _workspace(lab, group, storage, shared) if settings.ml_workspace else None
    own = ml and ml.own

    access = Access(
        "access",
        AccessArgs(
            lab=lab,
            storage_account_id=storage.account_id,
            vision_account_id=vision.account_id,
            vision_principal_id=vision.principal_id,
            ml_workspace_id=ml and ml.id,
            ml_principal_id=ml and ml.principal_id,
            cluster_principal_id=own and own.cluster_principal_id,
            person=seat and seat.person,
            group_id=group.id if seat else None,
            pictures_id=shared and shared.pictures_id,
        ),
    )
    labeling = None
    if own and settings.labeling_projects:
        labeling = LabelingProjects(
            "labeling",
            LabelingProjectsArgs(
                lab=lab,
                group=group.name,
                workspace=own.workspace_name,
                datastores=own.datastores,
                projects=settings.labeling_projects,
                access=access,
            ),
        )
    parts = (storage, vision, training, prediction, own, access, labeling)
    Guardrails("guardrails", GuardrailsArgs(lab=lab, group_id=group.id, guarded=[part for part in parts if part]))

    return Outputs(
        lab=settings.lab,
        stack=lab.stack,
        location=lab.location,
        subscription_id=me.subscription_id,
        tenant_id=me.tenant_id,
        resource_group=group.name,
        resource_group_id=group.id,
        storage_account=storage.account_name,
        storage_account_id=storage.account_id,
        blob_endpoint=storage.blob_endpoint,
        containers=list(storage.containers.values()),
        vision_account=vision.account_name,
        vision_account_id=vision.account_id,
        vision_endpoint=vision.endpoint,
        vision_principal_id=vision.principal_id,
        custom_vision_training_id=training and training.account_id,
        custom_vision_prediction_id=prediction and prediction.account_id,
        custom_vision_endpoint=training and training.endpoint,
        ml_workspace=ml and ml.name,
        ml_workspace_id=ml and ml.id,
        ml_workspace_principal_id=ml and ml.principal_id,
        key_vault=own and own.key_vault_name,
        key_vault_id=own and own.key_vault_id,
        log_analytics_workspace_id=own and own.log_workspace_id,
        app_insights_id=own and own.app_insights_id,
        datastores=ml.datastores if ml else {},
        expires=settings.expires,
    )


def _workspace(
    lab: Lab, group: resources.ResourceGroup, storage: DatasetStorage, shared: SharedParts | None
) -> _Workspace:
    """The lab's own workspace, or its place in the course's."""
    part = lab.settings.course
    if part and part.seat and part.shared_workspace and shared:
        found = shared.ml_workspace()
        stores = SharedDatastores(
            "datastores",
            DatastoreArgs(
                lab=lab,
                group=found["group"],
                workspace=found["name"],
                storage_account=storage.account_name,
                containers=storage.containers,
                names={container: datastore_name(container, seat=part.seat) for container in storage.containers},
            ),
        )
        return _Workspace(
            name=found["name"], id=found["id"], principal_id=found["principal_id"], datastores=stores.datastores
        )
    own = MlWorkspace(
        "ml",
        MlWorkspaceArgs(
            lab=lab,
            group=group.name,
            storage_account_id=storage.account_id,
            storage_account_name=storage.account_name,
            containers=storage.containers,
            log_workspace_id=shared and shared.log_workspace_id,
            container_registry_id=shared and shared.container_registry_id,
        ),
    )
    return _Workspace(
        name=own.workspace_name,
        id=own.workspace_id,
        principal_id=own.principal_id,
        datastores=own.datastores,
        own=own,
    )
