"""What the local Azure has, operation by operation: docs/reference/local-azure-coverage.md.

Owns: the page, made from the tables that also serve requests. Leaves: the rows of vision and labeling to themselves.
"""

from collections.abc import Iterable

from localazure.arm.paths import PATHS
from localazure.arm.table import ABSENT, BLOB_SERVICES, CONTAINERS, TABLE
from localazure.arm.types import ResourceType
from localazure.driven import DRIVEN
from localazure.entra.coverage import COVERAGE as ENTRA
from localazure.graph.coverage import COVERAGE as GRAPH
from localazure.labeling.coverage import COVERAGE as LABELING
from localazure.ml.coverage import COVERAGE as RUN_HISTORY
from localazure.telemetry.coverage import TELEMETRY
from localazure.vault.coverage import VAULT_DATA
from localazure.vision.coverage import COVERAGE as VISION

__all__ = ["coverage_page"]

Row = tuple[str, str, str, str]

_SPEC = "spec only"
_HEAD = """# What the local Azure has

This page is made by `python -m localazure coverage`; a test fails when it is stale.
Each operation says how far it is known to be right:

- *spec only*: written from Microsoft's published descriptions, and from what its clients were seen to need;
  our own tests drive it.
- *driven by NAME*: Microsoft's own client of that name, unmodified, runs against it in a test.
- *not implemented*: answers 501 `NotImplementedByLocalAzure`, never a made-up result.
- *own contract*: Azure has no published interface for it.

**Checked against Azure: never, for every row.** No subscription was at hand; a pass here is no evidence about Azure.
"""
_NOTES = """
## Known differences

- Blob data plane: Azurite. Bearer tokens are verified (signature, issuer, audience, expiry, account), but roles are
  not evaluated there: every principal of the tenant may read and write blobs by token. The vision service does
  evaluate the role of its identity.
- `allowSharedKeyAccess: false` refuses keys and SAS tokens as Azure does, but with the code AuthorizationFailure
  instead of KeyBasedAuthenticationNotPermitted.
- User delegation SAS of azure-storage-blob newer than 12.27 is refused by Azurite (403): its string to sign is newer.
- A `kill -9` of Azurite itself (not of the local Azure) may lose the last quarter of a second of blob writes.
- Durations are short (0.2 to 1.5 seconds); `x-ms-retry-after-ms` says so, `Retry-After` is 1 and never 0.
- Any api-version that is a date is accepted for ARM; answers have the shape of the version named in the table.
- ML workspaces: file shares of the default datastores exist in name only; no endpoints, schedules or registries.
- ML computes are records: no machine stands behind a cluster or an instance. Jobs are checked and recorded, and end as
  Failed a few seconds later with an error that says that the local Azure does not run jobs.
- Vaults hold secrets, not keys or certificates. Log Analytics and Application Insights are resources only: telemetry
  and queries are answered 501.
"""

_BLOB: tuple[Row, ...] = (
    ("Blob storage", "the data plane of Azurite 3.35", "driven by azure-storage-blob", "keys and bearer tokens, TLS"),
)


def coverage_page() -> str:
    """The whole page as Markdown."""
    sections = [
        ("Entra ID, managed identity and metadata", ENTRA),
        ("Microsoft Graph", GRAPH),
        ("Resource Manager: paths", _paths()),
        ("Resource Manager: resource types", _types()),
        ("Blob storage", _BLOB),
        ("Key Vault: secrets", VAULT_DATA),
        ("Telemetry", TELEMETRY),
        ("Image Analysis", VISION),
        ("Labeling", LABELING),
        ("Machine learning: run history", RUN_HISTORY),
    ]
    return _HEAD + "".join(_section(title, rows) for title, rows in sections) + _NOTES


def _section(title: str, rows: Iterable[Row]) -> str:
    lines = [f"\n## {title}\n", "| service | operation | status | remarks |", "|---|---|---|---|"]
    lines += [f"| {service} | `{operation}` | {status} | {note} |" for service, operation, status, note in rows]
    return "\n".join(lines) + "\n"


def _paths() -> list[Row]:
    rows: list[Row] = []
    for endpoint in PATHS:
        template = endpoint.template.replace("{scope:path}", "{scope}")
        operation = f"{endpoint.method} {template}"
        rows.append(("ARM", operation, "not implemented" if endpoint.missing else _status(operation), ""))
    return rows


def _types() -> list[Row]:
    rows = [row for entry in sorted(TABLE.values(), key=lambda entry: entry.name) for row in _type(entry)]
    blobs = [
        ("ARM", f"GET, PUT {BLOB_SERVICES}/default", _SPEC, "2024-01-01; CORS reaches the blob server"),
        ("ARM", f"PUT {CONTAINERS}", _status(f"PUT {CONTAINERS}"), "2024-01-01; the blob server has them"),
        ("ARM", f"GET, PATCH, DELETE {CONTAINERS}", _status(f"GET, PATCH, DELETE {CONTAINERS}"), ""),
        ("ARM", f"LIST {CONTAINERS}", _status(f"LIST {CONTAINERS}"), "those made by the data plane too"),
    ]
    absent = [
        ("ARM", f"everything of {name}", "not implemented", "answers 501 NotImplementedByLocalAzure")
        for name in sorted(ABSENT)
    ]
    return [*rows, *blobs, *absent]


def _type(entry: ResourceType) -> list[Row]:
    notes = [entry.api_version, f"creation answers {entry.create.value}"]
    if entry.soft is not None:
        notes.append(f"soft-deleted for {entry.soft.days:g} days")
    name = entry.name
    rows = [("ARM", f"PUT {name}", _status(f"PUT {name}"), "; ".join(notes))]
    rows += [
        ("ARM", f"{method} {name}", _status(f"{method} {name}"), "") for method in ("GET", "PATCH", "DELETE", "LIST")
    ]
    for action in sorted({*entry.actions, *entry.early_actions, *entry.long_actions}):
        operation = f"POST {name}/{action}"
        rows.append(("ARM", operation, _status(operation), ""))
    return rows


def _status(operation: str) -> str:
    client = DRIVEN.get(operation)
    return _SPEC if client is None else f"driven by {client}"
