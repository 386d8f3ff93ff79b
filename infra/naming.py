"""Names: every Azure rule as a pure function, and the names of one lab.

Owns: the rules, and how a lab's names are built so that they keep them.
Leaves: asking for the settings to `settings.py`, uniqueness beyond the suffix to Azure.

Sources: Azure's "Naming rules and restrictions for Azure resources", and the services' own API descriptions.
"""

import hashlib
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass

__all__ = [
    "RULES",
    "Names",
    "Rule",
    "assignment_name",
    "datastore_name",
    "lab_names",
    "unique_suffix",
    "why_not",
]

SUFFIX_LENGTH = 6
_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A part of a rule that a pattern says badly."""

    when: Callable[[str], bool]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What Azure asks of one kind of name.

    Attributes:
        what: The kind of name, as in a sentence.
        pattern: What the whole name has to match.
        says: The rule in words.
        refuses: What else is refused.
    """

    what: str
    pattern: str
    says: str
    refuses: tuple[Refusal, ...] = ()


_NO_DOUBLE_HYPHEN = Refusal(when=lambda name: "--" in name, reason="two hyphens in a row are not allowed")
_OWN_DATASTORES = frozenset(
    {"workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory"},
)

RULES: dict[str, Rule] = {
    "lab": Rule(
        what="lab name",
        pattern=r"[a-z][a-z0-9]*(-[a-z0-9]+)*",
        says="lower-case letters, digits and single hyphens, starting with a letter, 24 characters at most",
        refuses=(Refusal(when=lambda name: len(name) > 24, reason="it is longer than 24 characters"),),
    ),
    "course": Rule(
        what="course name",
        pattern=r"[a-z][a-z0-9-]{1,30}",
        says="2 to 31 lower-case letters, digits and hyphens, starting with a letter",
    ),
    "seat": Rule(
        what="seat id",
        pattern=r"[a-z0-9][a-z0-9-]{1,38}[a-z0-9]",
        says="3 to 40 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
        refuses=(Refusal(when=lambda name: name == "shared", reason="it stands for what the seats share"),),
    ),
    "suffix": Rule(what="suffix", pattern=r"[a-z0-9]{3,8}", says="3 to 8 lower-case letters and digits"),
    "resource_group": Rule(
        what="resource group name",
        pattern=r"[\w.()-]{0,89}[\w()-]",
        says="1 to 90 letters, digits, underscores, hyphens, periods and parentheses, not ending in a period",
    ),
    "storage_account": Rule(
        what="storage account name", pattern=r"[a-z0-9]{3,24}", says="3 to 24 lower-case letters and digits"
    ),
    "container": Rule(
        what="container name",
        pattern=r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]",
        says="3 to 63 lower-case letters, digits and hyphens, starting and ending with a letter or digit",
        refuses=(
            _NO_DOUBLE_HYPHEN,
            Refusal(
                when=lambda name: name in _OWN_DATASTORES, reason="Azure ML has a datastore of its own by this name"
            ),
        ),
    ),
    "vision_account": Rule(
        what="vision account name",
        pattern=r"[a-zA-Z0-9][a-zA-Z0-9-]{0,62}[a-zA-Z0-9]",
        says="2 to 64 letters, digits and hyphens, starting and ending with a letter or digit",
    ),
    "key_vault": Rule(
        what="key vault name",
        pattern=r"[a-zA-Z][a-zA-Z0-9-]{1,22}[a-zA-Z0-9]",
        says="3 to 24 letters, digits and hyphens, starting with a letter, ending with a letter or digit",
        refuses=(_NO_DOUBLE_HYPHEN,),
    ),
    "log_workspace": Rule(
        what="Log Analytics workspace name",
        pattern=r"[a-zA-Z0-9][a-zA-Z0-9-]{2,61}[a-zA-Z0-9]",
        says="4 to 63 letters, digits and hyphens, starting and ending with a letter or digit",
    ),
    "app_insights": Rule(
        what="Application Insights name",
        pattern=r"[\w.()-]{0,254}[\w()-]",
        says="1 to 255 letters, digits, underscores, hyphens, periods and parentheses, not ending in a period",
    ),
    "ml_workspace": Rule(
        what="ML workspace name",
        pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{2,32}",
        says="3 to 33 letters, digits, hyphens and underscores, starting with a letter or digit",
    ),
    "datastore": Rule(
        what="datastore name", pattern=r"[a-z0-9_]{1,255}", says="1 to 255 lower-case letters, digits and underscores"
    ),
    "container_registry": Rule(
        what="container registry name", pattern=r"[a-zA-Z0-9]{5,50}", says="5 to 50 letters and digits"
    ),
    "compute": Rule(
        what="compute cluster name",
        pattern=r"[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]",
        says="3 to 32 letters, digits and hyphens, starting with a letter, ending with a letter or digit",
    ),
    "labeling_project": Rule(
        what="labeling project name",
        pattern=r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}",
        says="1 to 255 letters, digits, hyphens and underscores, starting with a letter or digit",
    ),
    "budget": Rule(
        what="budget name", pattern=r"[a-zA-Z0-9_-]{1,63}", says="1 to 63 letters, digits, underscores and hyphens"
    ),
    "lock": Rule(
        what="lock name",
        pattern=r"[\w.()-]{0,89}[\w()-]",
        says="1 to 90 letters, digits, underscores, hyphens, periods and parentheses, not ending in a period",
    ),
}


def why_not(kind: str, name: str) -> str | None:
    """Why Azure would refuse this name, or None when it is fine."""
    rule = RULES[kind]
    if not re.fullmatch(rule.pattern, name, re.ASCII):
        return f"a {rule.what} is {rule.says}"
    return next((refusal.reason for refusal in rule.refuses if refusal.when(name)), None)


def unique_suffix(*, subscription_id: str, lab: str, stack: str) -> str:
    """Six letters and digits that tell this lab's names from all others, the same in every run."""
    digest = hashlib.sha256(f"{subscription_id.lower()}\n{lab}\n{stack}".encode()).digest()
    return "".join(_LETTERS[byte % 32] for byte in digest[:SUFFIX_LENGTH])


def datastore_name(container: str, *, seat: str = "") -> str:
    """The datastore of a container: datastores know no hyphens, containers no underscores.

    In a workspace that seats share, the seat's id comes first.
    """
    return "_".join(part.replace("-", "_") for part in (seat, container) if part)


def assignment_name(*, scope: str, principal_id: str, role_id: str) -> str:
    """The GUID of a role assignment: the same grant has the same name, whoever makes it, however often."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{scope}\n{principal_id}\n{role_id}".lower()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """The names of a lab's resources; each keeps Azure's rule."""

    resource_group: str
    storage_account: str
    vision_account: str
    custom_vision_training: str
    custom_vision_prediction: str
    key_vault: str
    log_workspace: str
    app_insights: str
    ml_workspace: str
    container_registry: str
    budget: str
    lock: str


def lab_names(*, lab: str, stack: str, suffix: str, resource_group: str | None = None) -> Names:
    """Build all names of a lab; `lab`, `suffix` and `resource_group` keep their rules already.

    Parts of courses have long names: what is cut from one, the suffix still tells from all others.
    """
    lab = re.sub(r"-+", "-", lab)

    def named(prefix: str, *, at_most: int = 63) -> str:
        room = at_most - len(prefix) - len(suffix) - 2
        return f"{prefix}-{lab[:room].rstrip('-')}-{suffix}"

    return Names(
        resource_group=resource_group or f"rg-{lab}-{_slug(stack)}",
        storage_account=f"st{lab.replace('-', '')[: 22 - len(suffix)]}{suffix}",
        vision_account=named("cv"),
        custom_vision_training=named("cvt"),
        custom_vision_prediction=named("cvp"),
        key_vault=named("kv", at_most=24),
        log_workspace=named("log"),
        app_insights=named("appi"),
        ml_workspace=named("mlw", at_most=33),
        container_registry=f"cr{lab.replace('-', '')[: 48 - len(suffix)]}{suffix}",
        budget=named("budget"),
        lock=named("lock"),
    )


def _slug(stack: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", stack.lower()).strip("-")[:40].rstrip("-") or "lab"
