"""Rows of the type table: Microsoft.MachineLearningServices, put together; and what of it the local Azure lacks.

Leaves: each type to its own `table_ml_*.py`, labelingJobs to `labeling`, which is mounted beside ARM.
"""

from collections.abc import Mapping

from localazure.arm.table_ml_assets import ASSET_ROWS
from localazure.arm.table_ml_compute import COMPUTE_ROW
from localazure.arm.table_ml_datastores import DATASTORE_ROW
from localazure.arm.table_ml_jobs import JOB_ROW
from localazure.arm.table_ml_workspaces import WORKSPACE, WORKSPACE_ROW
from localazure.arm.types import ResourceType

__all__ = ["ML_ABSENT", "ML_TYPES", "WORKSPACE"]

ML_TYPES: tuple[ResourceType, ...] = (WORKSPACE_ROW, DATASTORE_ROW, *ASSET_ROWS, COMPUTE_ROW, JOB_ROW)

# Published types that answer 501 here, with the words that say what is missing.
ML_ABSENT: Mapping[str, str] = {
    f"{WORKSPACE}/onlineEndpoints": "Online endpoints",
    f"{WORKSPACE}/batchEndpoints": "Batch endpoints",
    f"{WORKSPACE}/serverlessEndpoints": "Serverless endpoints",
    f"{WORKSPACE}/connections": "Workspace connections",
    f"{WORKSPACE}/schedules": "Schedules",
    f"{WORKSPACE}/featuresets": "Feature sets",
    f"{WORKSPACE}/featurestoreEntities": "Feature store entities",
    f"{WORKSPACE}/outboundRules": "Managed networks",
    f"{WORKSPACE}/marketplaceSubscriptions": "Marketplace subscriptions",
    "Microsoft.MachineLearningServices/registries": "Registries",
}
