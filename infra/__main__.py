"""The Pulumi program of a lab, of a course's shared parts, or of a seat: the settings say which.

Settings: `stacks/Pulumi.<stack>.yaml`; outputs: `outputs.py`; the parts: `lab_parts.py` and `course_parts.py`.
"""

import pulumi
from pulumi_azure_native import authorization

from infra.course_parts import declare_shared_parts
from infra.lab import Deployer, design_lab
from infra.lab_parts import declare_lab
from infra.outputs import named
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
part = settings.course
outputs = declare_shared_parts(lab, part) if part and part.seat is None else declare_lab(lab)
for name, value in named(outputs).items():
    pulumi.export(name, value)
