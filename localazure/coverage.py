"""What the local Azure has, operation by operation: docs/reference/local-azure-coverage.md.

Owns: the page, made from the tables that also serve requests. Leaves: the rows of vision and labeling to themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from localazure.arm.paths import PATHS
from localazure.arm.table import ABSENT, BLOB_SERVICES, CONTAINERS, TABLE
from localazure.arm.types import ResourceType
from localazure.blob.coverage import BLOB_LACKS
from localazure.costs.coverage import COVERAGE as COSTS
from localazure.driven import read_driven
from localazure.entra.coverage import COVERAGE as ENTRA
from localazure.graph.coverage import COVERAGE as GRAPH
from localazure.labeling.coverage import COVERAGE as LABELING
from localazure.ml.coverage import COVERAGE as RUN_HISTORY
from localazure.telemetry.coverage import TELEMETRY
from localazure.vault.coverage import VAULT_DATA
from localazure.vision.coverage import COVERAGE as VISION

__all__ = ["Section", "coverage_page", "sections"]

Row = tuple[str, str, str, str]

_SPEC = "spec only"
_HEAD = """# What the local Azure has

This page is made by `python -m localazure coverage`; a test fails when it is stale.
Each operation says how far it is known to be right:

- *spec*: "spec only" is written from Microsoft's published descriptions, and from what its clients were seen to need;
  our own tests drive it.
- *driven by*: these clients, unmodified, were answered without an error in tests/clients, at their last full run.
- *not implemented*: answers 501 `NotImplementedByLocalAzure`, never a made-up result.
- *own contract*: Azure has no published interface for it.

**Checked against Azure: never, for every row.** No subscription was at hand; a pass here is no evidence about Azure.
"""
_NOTES = """
## Known differences

- Blob data plane: Azurite, with ours before it: bearer tokens are verified (signature, issuer, audience, expiry,
  account), and role assignments decide, with Azure's table of operations and data actions; a change of roles counts for
  the next request, after the propagation delay. Conditions of role assignments are refused (501), since nothing here
  evaluates them. A removed assignment stops counting at once, where Azure takes minutes.
- `allowSharedKeyAccess: false` refuses keys and SAS tokens as Azure does, but with the code AuthorizationFailure
  instead of KeyBasedAuthenticationNotPermitted.
- A user delegation SAS that signs headers or query parameters of requests (since 2026-04-06) is refused.
- Accounts of the kinds CustomVision.Training, CustomVision.Prediction and OpenAI, and deployments of models, are
  resources only: paths below /customvision and /openai answer 501. Usages of accounts are empty.
- Cost Management answers that everything cost 0, which is true here. The quantities beside it are counted in memory and
  written every few seconds: what was counted just before a `kill -9` may be lost, and nothing is counted twice. Storage
  is looked at once an hour, and when somebody asks about a few accounts; operations on blobs are not counted. Meters
  have Azure's names, as far as they are known; dataset.configuration answers 501.
- A `kill -9` of Azurite itself (not of the local Azure) may lose the last quarter of a second of blob writes.
- Durations are short (0.2 to 1.5 seconds); `x-ms-retry-after-ms` says so, `Retry-After` is 1 and never 0.
- Any api-version that is a date is accepted for ARM; answers have the shape of the version named in the table.
- ML workspaces: file shares of the default datastores exist in name only; no endpoints, schedules or registries.
- ML computes are records: no machine stands behind a cluster or an instance. Jobs are checked and recorded, and end as
  Failed a few seconds later with an error that says that the local Azure does not run jobs. Kinds of jobs other than
  command and AutoML for images, and computes other than AmlCompute and ComputeInstance, answer 501.
- Template deployments run at resource groups and at the subscription. `uniqueString` and `guid` give Azure's values, as
  far as others have published them; `templateHash` is a hash of our own. Errors name the path in the template, not its
  line. What-if compares what the template states, and tags, with what is there. Complete mode deletes the top-level
  resources of the group that the template lacks.
- Values of secure parameters are kept in memory only: a deployment that has some and is cut off by a restart fails and
  says so. An output that mentions a secure parameter is shown as a secure one, whatever its declared type.
- Not implemented in templates (501): templateLink and parametersLink, parameters from a key vault, onErrorDeployment,
  type definitions, extensions, deployments of tenants and management groups; and the functions about zones, CIDR
  ranges, management groups, `providers`, `deployer` and `resourceInfo`.
- Vaults hold secrets, not keys or certificates. Log Analytics and Application Insights are resources only: telemetry
  and queries are answered 501.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of the page. `base` is what stands before the paths of its rows, `host` where they are asked."""

    title: str
    rows: Sequence[Row]
    base: str = ""
    host: str = r"(?![^.]+\.vault\.).*"


@cache
def sections() -> tuple[Section, ...]:
    """All tables."""
    return (
        Section(title="Entra ID, managed identity and metadata", rows=ENTRA),
        Section(title="Microsoft Graph", rows=GRAPH, base="/graph/v1.0"),
        Section(title="Resource Manager: paths", rows=_paths()),
        Section(title="Resource Manager: resource types", rows=_types()),
        Section(title="Cost Management", rows=COSTS),
        Section(title="Blob storage", rows=_blobs()),
        Section(title="Key Vault: secrets", rows=VAULT_DATA, host=r"[^.]+\.vault\..*"),
        Section(title="Telemetry", rows=TELEMETRY),
        Section(title="Image Analysis", rows=VISION, base="(?:/cognitiveservices/[^/]+)?/computervision"),
        Section(title="Labeling", rows=LABELING),
        Section(title="Machine learning: run history", rows=RUN_HISTORY),
    )


def coverage_page() -> str:
    """The whole page as Markdown."""
    driven = read_driven()
    return _HEAD + "".join(_section(section, driven) for section in sections()) + _NOTES


def _section(section: Section, driven: Mapping[str, Sequence[str]]) -> str:
    lines = [
        f"\n## {section.title}\n",
        "| service | operation | spec | driven by | checked against Azure | remarks |",
        "|---|---|---|---|---|---|",
    ]
    for service, operation, status, note in section.rows:
        spec = _SPEC if status.startswith("driven by") else status
        clients = ", ".join(driven.get(operation, ()))
        lines.append(f"| {service} | `{operation}` | {spec} | {clients} | never | {note} |")
    return "\n".join(lines) + "\n"


def _blobs() -> tuple[Row, ...]:
    """Azurite is asked directly: what clients were seen to ask, by its own names of operations."""
    seen = [operation for operation in read_driven() if operation.startswith("Azurite ")]
    all_of_it = ("Blob storage", "the data plane of Azurite 3.35", "Azurite", "keys, SAS, and bearer tokens with roles")
    return (all_of_it, *(("Blob storage", operation, "Azurite", "") for operation in seen), *BLOB_LACKS)


def _paths() -> list[Row]:
    rows: list[Row] = []
    for endpoint in PATHS:
        template = endpoint.template.replace("{scope:path}", "{scope}")
        operation = f"{endpoint.method} {template}"
        rows.append(("ARM", operation, "not implemented" if endpoint.missing else _SPEC, ""))
    return rows


def _types() -> list[Row]:
    rows = [row for entry in sorted(TABLE.values(), key=lambda entry: entry.name) for row in _type(entry)]
    blobs = [
        ("ARM", f"GET, PUT {BLOB_SERVICES}/default", _SPEC, "2024-01-01; CORS reaches the blob server"),
        ("ARM", f"LIST {BLOB_SERVICES}", _SPEC, "the one that there is"),
        ("ARM", f"PUT {CONTAINERS}", _SPEC, "2024-01-01; the blob server has them"),
        ("ARM", f"GET, PATCH, DELETE {CONTAINERS}", _SPEC, ""),
        ("ARM", f"LIST {CONTAINERS}", _SPEC, "those made by the data plane too"),
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
    rows = [("ARM", f"PUT {name}", _SPEC, "; ".join(notes))]
    rows += [("ARM", f"{method} {name}", _SPEC, "") for method in ("GET", "PATCH", "DELETE", "LIST")]
    for action in sorted({*entry.actions, *entry.early_actions, *entry.long_actions}):
        operation = f"POST {name}/{action}"
        rows.append(("ARM", operation, _SPEC, ""))
    return rows
