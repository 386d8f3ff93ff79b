"""The parts list of a custom-vision lab. Settings: `stacks/Pulumi.<stack>.yaml`; outputs: `outputs.py`."""

import pulumi
from pulumi_azure_native import authorization, resources

from infra.components.access import Access, AccessArgs
from infra.components.dataset_storage import DatasetStorage, DatasetStorageArgs
from infra.components.guardrails import Guardrails, GuardrailsArgs
from infra.components.labeling_projects import LabelingProjects, LabelingProjectsArgs
from infra.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from infra.components.vision_account import VisionAccount, VisionAccountArgs
from infra.lab import Deployer, design_lab
from infra.outputs import Outputs
from infra.settings import load_settings

settings = load_settings()
me = authorization.get_client_config()
lab = design_lab(
    settings,
    stack=pulumi.get_stack(),
    deployer=Deployer(
        subscription_id=me.subscription_id,
        tenant_id=me.tenant_id,
        client_id=me.client_id,
        object_id=me.object_id,
    ),
)

group = resources.ResourceGroup(
    "group", resource_group_name=lab.names.resource_group, location=lab.location, tags=lab.tags
)
storage = DatasetStorage("storage", DatasetStorageArgs(lab=lab, group=group.name))
vision = VisionAccount(
    "vision",
    VisionAccountArgs(
        lab=lab,
        group=group.name,
        account_name=lab.names.vision_account,
        kind="ComputerVision",
        sku=settings.vision_sku,
    ),
)

training = prediction = ml = None
if settings.custom_vision:
    training = VisionAccount(
        "custom-vision-training",
        VisionAccountArgs(
            lab=lab,
            group=group.name,
            account_name=lab.names.custom_vision_training,
            kind="CustomVision.Training",
            sku=settings.custom_vision_sku,
        ),
    )
    prediction = VisionAccount(
        "custom-vision-prediction",
        VisionAccountArgs(
            lab=lab,
            group=group.name,
            account_name=lab.names.custom_vision_prediction,
            kind="CustomVision.Prediction",
            sku=settings.custom_vision_sku,
        ),
    )
if settings.ml_workspace:
    ml = MlWorkspace(
        "ml",
        MlWorkspaceArgs(
            lab=lab,
            group=group.name,
            storage_account_id=storage.account_id,
            storage_account_name=storage.account_name,
            containers=storage.containers,
        ),
    )

access = Access(
    "access",
    AccessArgs(
        lab=lab,
        storage_account_id=storage.account_id,
        vision_account_id=vision.account_id,
        vision_principal_id=vision.principal_id,
        ml_workspace_id=ml and ml.workspace_id,
        ml_principal_id=ml and ml.principal_id,
        cluster_principal_id=ml and ml.cluster_principal_id,
    ),
)
labeling = None
if ml and settings.labeling_projects:
    labeling = LabelingProjects(
        "labeling",
        LabelingProjectsArgs(
            lab=lab,
            group=group.name,
            workspace=ml.workspace_name,
            datastores=ml.datastores,
            projects=settings.labeling_projects,
            access=access,
        ),
    )
Guardrails(
    "guardrails",
    GuardrailsArgs(
        lab=lab,
        group_id=group.id,
        guarded=[part for part in (storage, vision, training, prediction, ml, access, labeling) if part],
    ),
)

outputs = Outputs(
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
    ml_workspace=ml and ml.workspace_name,
    ml_workspace_id=ml and ml.workspace_id,
    ml_workspace_principal_id=ml and ml.principal_id,
    key_vault=ml and ml.key_vault_name,
    key_vault_id=ml and ml.key_vault_id,
    log_analytics_workspace_id=ml and ml.log_workspace_id,
    app_insights_id=ml and ml.app_insights_id,
    datastores=ml.datastores if ml else {},
    expires=settings.expires,
)
for name, value in outputs.named().items():
    pulumi.export(name, value)
