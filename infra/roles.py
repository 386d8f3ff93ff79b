"""Azure's built-in roles that a lab hands out.

Owns: names and ids; the ids are the same in every tenant.
Leaves: who gets which role to `components/access.py`.
"""

from enum import StrEnum

__all__ = ["Role", "role_definition_id"]


class Role(StrEnum):
    BLOB_READER = "2a2b9908-6ea1-4ae2-8e65-a410df84e7d1"
    BLOB_CONTRIBUTOR = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
    COGNITIVE_SERVICES_USER = "a97b65f3-24c7-4388-baec-2e87135dc908"
    LABELER = "c6decf44-fd0a-444c-a844-d653c394e7ab"
    DATA_SCIENTIST = "f6c7c914-8db3-469d-8ca1-694a8f32e121"


def role_definition_id(role: Role, *, subscription_id: str) -> str:
    return f"/subscriptions/{subscription_id}/providers/Microsoft.Authorization/roleDefinitions/{role.value}"
