"""Role assignments as the blob server needs them: for each, which of the blob actions it allows.

Owns: the list of these actions. Leaves: evaluating patterns to `grants.py`, the rest to `roles.js`.
"""

from collections.abc import Callable, Collection
from datetime import timedelta

from localazure.arm.authorization import Authorization
from localazure.arm.grants import Grant
from localazure.blobs import BlobAccess, BlobGrant

__all__ = ["BLOB_ACTIONS", "BLOB_DATA_ACTIONS", "blob_access"]

_SERVICE = "Microsoft.Storage/storageAccounts/blobServices"
# "Permissions for calling data operations", as Storage documents them: what acts on containers and on the service is
# an action, what acts on blobs is a data action.
BLOB_ACTIONS = (
    "read",
    "write",
    "getInfo/action",
    "generateUserDelegationKey/action",
    "containers/read",
    "containers/write",
    "containers/delete",
)
BLOB_DATA_ACTIONS = (
    "containers/blobs/read",
    "containers/blobs/write",
    "containers/blobs/add/action",
    "containers/blobs/delete",
    "containers/blobs/deleteBlobVersion/action",
    "containers/blobs/permanentDelete/action",
    "containers/blobs/filter/action",
    "containers/blobs/tags/read",
    "containers/blobs/tags/write",
    "containers/blobs/immutableStorage/runAsSuperUser/action",
)


def blob_access(
    authorization: Authorization, members_of: Callable[[str], Collection[str]] = lambda _: ()
) -> BlobAccess:
    """All that matters for blobs at this moment. `members_of` names everybody who is in a group, directly or not."""
    grants: dict[str, list[BlobGrant]] = {}
    groups: dict[str, list[str]] = {}
    allowed: dict[int, tuple[str, ...]] = {}  # by role: assignments of one role share what it permits
    for principal, granted in authorization.grants.by_principal().items():
        told = (_blob_grant(grant, authorization.delay_of(grant), allowed) for grant in granted)
        useful = [grant for grant in told if grant.allows]
        if useful:
            grants[principal] = useful
            for member in members_of(principal):
                groups.setdefault(member.lower(), []).append(principal)
    return BlobAccess(grants=grants, groups=groups)


def _blob_grant(grant: Grant, delay: timedelta, allowed: dict[int, tuple[str, ...]]) -> BlobGrant:
    allows = allowed.get(id(grant.permissions))
    if allows is None:
        allows = allowed[id(grant.permissions)] = _allows(grant)
    since = grant.created + delay
    return BlobGrant(scope=grant.scope, since_ms=int(since.timestamp() * 1000), allows=allows)


def _allows(grant: Grant) -> tuple[str, ...]:
    return (
        *(name for name in BLOB_ACTIONS if grant.covers(f"{_SERVICE}/{name}", data=False)),
        *(name for name in BLOB_DATA_ACTIONS if grant.covers(f"{_SERVICE}/{name}", data=True)),
    )
