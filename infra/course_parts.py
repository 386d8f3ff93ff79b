"""The parts list of what the seats of a course share."""

import pulumi
from pulumi_azure_native import resources

from infra.components.access import Access, AccessArgs
from infra.components.course_services import CourseServices, CourseServicesArgs
from infra.components.dataset_storage import DatasetStorage, DatasetStorageArgs
from infra.components.guardrails import Guardrails, GuardrailsArgs
from infra.components.ml_workspace import MlWorkspace, MlWorkspaceArgs
from infra.course_settings import CoursePart
from infra.lab import Lab
from infra.outputs import SharedOutputs

__all__ = ["ARCHIVE", "PICTURES", "declare_shared_parts"]

PICTURES = "pictures"
"""The container of the teaching pictures, which seats may read."""
ARCHIVE = "archive"
"""The container that keeps what people have made, when their seats end."""


def declare_shared_parts(lab: Lab, part: CoursePart) -> SharedOutputs:
    """Storage for pictures and the archive, logs, and what else is wanted."""
    settings = lab.settings
    group = resources.ResourceGroup(
        "group", resource_group_name=lab.names.resource_group, location=lab.location, tags=lab.tags
    )
    storage = DatasetStorage("storage", DatasetStorageArgs(lab=lab, group=group.name, containers=(PICTURES, ARCHIVE)))
    services = CourseServices(
        "services", CourseServicesArgs(lab=lab, group=group.name, registry=part.container_registry)
    )
    ml = None
    if settings.ml_workspace and part.shared_workspace:
        ml = MlWorkspace(
            "ml",
            MlWorkspaceArgs(
                lab=lab,
                group=group.name,
                storage_account_id=storage.account_id,
                storage_account_name=storage.account_name,
                containers={},
                log_workspace_id=services.log_workspace_id,
                container_registry_id=services.registry_id,
            ),
        )
    access = Access(
        "access",
        AccessArgs(
            lab=lab,
            storage_account_id=storage.account_id,
            ml_workspace_id=ml and ml.workspace_id,
            ml_principal_id=ml and ml.principal_id,
            cluster_principal_id=ml and ml.cluster_principal_id,
        ),
    )
    guarded: list[pulumi.Resource] = [part for part in (storage, services, ml, access) if part]
    Guardrails("guardrails", GuardrailsArgs(lab=lab, group_id=group.id, guarded=guarded))
    return SharedOutputs(
        course=part.course,
        stack=lab.stack,
        location=lab.location,
        subscription_id=lab.deployer.subscription_id,
        tenant_id=lab.deployer.tenant_id,
        resource_group=group.name,
        resource_group_id=group.id,
        storage_account=storage.account_name,
        storage_account_id=storage.account_id,
        blob_endpoint=storage.blob_endpoint,
        pictures=storage.containers[PICTURES],
        archive=storage.containers[ARCHIVE],
        log_analytics_workspace_id=services.log_workspace_id,
        container_registry_id=services.registry_id,
        container_registry_endpoint=services.registry_endpoint,
        ml_workspace=ml and ml.workspace_name,
        ml_workspace_id=ml and ml.workspace_id,
        ml_workspace_principal_id=ml and ml.principal_id,
        key_vault=ml and ml.key_vault_name,
        key_vault_id=ml and ml.key_vault_id,
        app_insights_id=ml and ml.app_insights_id,
        expires=settings.expires,
    )
