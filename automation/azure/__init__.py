"""Azure as the rest of automation sees it: which cloud, whose tokens, REST calls, ARM resources.

Owns: the only HTTP client of automation, its retries and deadlines, and the translation of every refusal into
`automation.errors`.
Leaves: what the calls mean to `storage`, `training`, `labeling`, `provision` and `cleanup`.

Importing this door is cheap: httpx and azure-identity are loaded by the first request and the first token.
"""

from automation.azure.access import ACCESS_S, wait_for_access
from automation.azure.answers import as_date, as_object, reading
from automation.azure.arm import Arm
from automation.azure.cloud import Cloud, azure_cloud, local_cloud
from automation.azure.credentials import TokenSource, default_tokens, local_tokens
from automation.azure.operations import Begun
from automation.azure.pace import Pace
from automation.azure.problems import hint_in, refusal
from automation.azure.redaction import redact
from automation.azure.rest import Response, Rest, is_loopback
from automation.azure.sign_in import SignIn, find_sign_in, provider_variables, require_sign_in

__all__ = [
    "ACCESS_S",
    "Arm",
    "Begun",
    "Cloud",
    "Pace",
    "Response",
    "Rest",
    "SignIn",
    "TokenSource",
    "as_date",
    "as_object",
    "azure_cloud",
    "default_tokens",
    "find_sign_in",
    "hint_in",
    "is_loopback",
    "local_cloud",
    "local_tokens",
    "provider_variables",
    "reading",
    "redact",
    "refusal",
    "require_sign_in",
    "wait_for_access",
]
