"""The settings of a lab: what a stack may say, typed and checked.

Owns: every key of `stacks/Pulumi.<stack>.yaml`, its default, and what it has to keep.
All mistakes are reported at once.
Leaves: reading single values to `settings_reader.py`, Azure's naming rules to `naming.py`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pulumi
import pulumi.runtime.config

from infra.course_settings import COURSE_KEYS, CoursePart, read_course_part
from infra.labeling_settings import LabelingProject, read_labeling_projects
from infra.naming import why_not
from infra.people import PRINCIPAL_TYPES, Principal, is_email, read_principals
from infra.regions import REGIONS
from infra.settings_reader import Mistake, Section, nearest

__all__ = ["Budget", "Cluster", "Principal", "Settings", "SettingsError", "load_settings", "parse_settings"]

KEYS = (
    "lab",
    "location",
    "resourceGroup",
    "owner",
    "expires",
    "suffix",
    "containers",
    "corsOrigins",
    "visionSku",
    "customVision",
    "customVisionSku",
    "mlWorkspace",
    "labelers",
    "dataScientists",
    "grantDeployer",
    "deployerType",
    "budget",
    "lock",
    "protect",
    "computeCluster",
    "labelingProjects",
    "protectFromCleanup",
    *COURSE_KEYS,
)
DEFAULT_CONTAINERS = ("training-images", "evaluation-images")
_ORIGIN = re.compile(r"\*|https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?")
_RETIRED_SIZES = {  # size -> what Azure offers instead: its page on retired sizes says NCv3 went on 2025-09-30
    "standard_nc6s_v3": "Standard_NC4as_T4_v3",
    "standard_nc12s_v3": "Standard_NC8as_T4_v3",
    "standard_nc24s_v3": "Standard_NC16as_T4_v3",
    "standard_nc24rs_v3": "Standard_NC24ads_A100_v4",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """A monthly amount, in the currency of the subscription, and who hears about it. Azure warns; it stops nothing."""

    amount: float
    emails: tuple[str, ...]
    start_date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A compute cluster for training; it has no nodes, and costs nothing, while nothing runs."""

    name: str
    vm_size: str
    max_nodes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What one stack asks for; every value is checked."""

    lab: str
    location: str = "eastus"
    resource_group: str | None = None
    owner: str | None = None
    expires: str | None = None
    suffix: str | None = None
    containers: tuple[str, ...] = DEFAULT_CONTAINERS
    cors_origins: tuple[str, ...] = ()
    vision_sku: str = "F0"
    custom_vision: bool = False
    custom_vision_sku: str = "F0"
    ml_workspace: bool = True
    labelers: tuple[Principal, ...] = ()
    data_scientists: tuple[Principal, ...] = ()
    grant_deployer: bool = True
    deployer_type: str | None = None
    budget: Budget | None = None
    lock: bool = False
    protect: bool = False
    compute_cluster: Cluster | None = None
    labeling_projects: tuple[LabelingProject, ...] = ()
    protect_from_cleanup: str | None = None
    course: CoursePart | None = None


class SettingsError(pulumi.RunError):
    """Settings are wrong; Pulumi shows the list without a traceback."""

    hint = "mend `settings:` in the lab file"

    def __init__(self, mistakes: list[Mistake]) -> None:
        count = "1 setting is" if len(mistakes) == 1 else f"{len(mistakes)} settings are"
        super().__init__("\n  ".join([f"{count} wrong:", *map(str, mistakes)]))
        self.mistakes = tuple(mistakes)


def load_settings() -> Settings:
    """Read the stack's configuration.

    Raises:
        SettingsError: with every mistake in it.
    """
    config = pulumi.Config()
    prefix = f"{config.name}:"
    # Config cannot list its keys, and a misspelt key is a mistake that nobody else would see.
    given = {**pulumi.runtime.config.get_config_env(), **pulumi.runtime.config.CONFIG.get()}
    keys = {key.removeprefix(prefix) for key in given if key.startswith(prefix)} | set(KEYS)
    return parse_settings({key: value for key in keys if (value := config.get(key)) is not None}, prefix=prefix)


def parse_settings(values: Mapping[str, object], *, prefix: str = "visionlab:") -> Settings:
    """Check configuration values, strings as Pulumi has them or JSON values, and type them.

    Raises:
        SettingsError: with every mistake in it.
    """
    section = Section(values=values, path=prefix)
    section.refuse_others(KEYS)
    course = read_course_part(section)
    settings = Settings(
        lab=course.lab if course else _name(section, "lab", kind="lab", required=True) or "lab",
        location=_location(section),
        resource_group=_name(section, "resourceGroup", kind="resource_group"),
        owner=_owner(section),
        expires=_date(section, "expires"),
        suffix=_name(section, "suffix", kind="suffix"),
        containers=(containers := _containers(section)),
        cors_origins=_origins(section),
        vision_sku=section.choice("visionSku", ("F0", "S1"), "F0"),
        custom_vision=section.flag("customVision", default=False),
        custom_vision_sku=section.choice("customVisionSku", ("F0", "S0"), "F0"),
        ml_workspace=section.flag("mlWorkspace", default=True),
        labelers=read_principals(section, "labelers"),
        data_scientists=read_principals(section, "dataScientists"),
        grant_deployer=section.flag("grantDeployer", default=True),
        deployer_type=section.choice("deployerType", PRINCIPAL_TYPES, "User")
        if section.given("deployerType")
        else None,
        budget=_budget(section),
        lock=section.flag("lock", default=False),
        protect=section.flag("protect", default=False),
        compute_cluster=_cluster(section),
        labeling_projects=read_labeling_projects(section, containers),
        protect_from_cleanup=_protection(section),
        course=course,
    )
    if not settings.ml_workspace and not course:  # a course's settings are for all its parts, of which some have none
        for key in ("labelers", "dataScientists", "computeCluster", "labelingProjects"):
            if section.given(key):
                section.wrong(key, "it needs the ML workspace, and mlWorkspace is false", nearest="mlWorkspace: true")
    if section.mistakes:
        raise SettingsError(section.mistakes)
    return settings


def _name(section: Section, key: str, *, kind: str, required: bool = False) -> str | None:
    name = section.text(key)
    if name is None:
        if required and not section.given(key):
            section.wrong(key, "it is required", nearest=f"pulumi config set {key} my-lab")
        return None
    if reason := why_not(kind, name):
        section.wrong(key, f"{name!r} will not do: {reason}", nearest=_repaired(kind, name))
    return name


def _repaired(kind: str, name: str) -> str | None:
    """A name close to this one that keeps the rule, if simple means get there."""
    guess = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    for candidate in (guess, guess.replace("-", ""), guess[:24].strip("-"), guess[:63].strip("-")):
        if candidate and why_not(kind, candidate) is None:
            return candidate
    return None


def _location(section: Section) -> str:
    asked = section.text("location")
    if asked is None:
        return "eastus"
    location = asked.replace(" ", "").lower()  # "East US" is how the portal says eastus
    if location not in REGIONS:
        section.wrong("location", f"{asked!r} is no Azure region that we know", nearest=nearest(location, REGIONS))
    return location


def _owner(section: Section) -> str | None:
    owner = section.text("owner")
    if owner and len(owner) > 256:
        section.wrong("owner", f"it has {len(owner)} characters, and a tag holds 256")
    return owner


def _date(section: Section, key: str) -> str | None:
    text = section.text(key)
    if text is None:
        return None
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return section.wrong(key, f"{text!r} is not a date; write it as YYYY-MM-DD", nearest="2027-01-31")


def _protection(section: Section) -> str | None:
    return (
        "true" if section.values.get("protectFromCleanup") in (True, "true") else _date(section, "protectFromCleanup")
    )


def _containers(section: Section) -> tuple[str, ...]:
    containers = section.texts("containers", DEFAULT_CONTAINERS)
    if not containers:
        section.wrong("containers", "a lab needs a container for its images", nearest="[training-images]")
    for index, name in enumerate(containers):
        if reason := why_not("container", name):
            section.wrong(
                f"containers[{index}]", f"{name!r} will not do: {reason}", nearest=_repaired("container", name)
            )
        if name in containers[:index]:
            section.wrong(f"containers[{index}]", f"{name!r} is listed twice")
    return containers


def _origins(section: Section) -> tuple[str, ...]:
    origins = section.texts("corsOrigins")
    for index, origin in enumerate(origins):
        if not _ORIGIN.fullmatch(origin):
            guess = re.match(r"https?://[^/]+", origin)
            section.wrong(
                f"corsOrigins[{index}]",
                f"{origin!r} is not an origin like https://example.org",
                nearest=guess[0] if guess and _ORIGIN.fullmatch(guess[0]) else None,
            )
    return origins


def _budget(section: Section) -> Budget | None:
    fields = section.section("budget")
    if fields is None:
        return None
    fields.refuse_others(("amount", "emails", "startDate"))
    amount = fields.number("amount")
    if amount is None or not 0 < amount < 1e9:
        fields.wrong("amount", "give an amount above 0, in the currency of the subscription")
    emails = fields.texts("emails")
    if not emails:
        fields.wrong("emails", "give at least one address that hears when the budget is used up")
    for index, email in enumerate(emails):
        if not is_email(email):
            fields.wrong(f"emails[{index}]", f"{email!r} is not an e-mail address")
    start = _date(fields, "startDate")
    if not fields.given("startDate"):
        fields.wrong("startDate", "give the first day of a month, as YYYY-MM-DD")
    elif start and not start.endswith("-01"):
        fields.wrong("startDate", f"{start!r} is not the first day of a month", nearest=start[:8] + "01")
    return Budget(amount=amount or 0.0, emails=emails, start_date=start or "")


def _cluster(section: Section) -> Cluster | None:
    fields = section.section("computeCluster")
    if fields is None:
        return None
    fields.refuse_others(("name", "vmSize", "maxNodes"))
    name = _name(fields, "name", kind="compute") or "training"
    vm_size = fields.text("vmSize") or ""
    if not re.fullmatch(r"standard_[a-z0-9_]+", vm_size, re.IGNORECASE):
        fields.wrong("vmSize", f"{vm_size!r} is not a VM size", nearest="Standard_NC4as_T4_v3")
    elif instead := _RETIRED_SIZES.get(vm_size.lower()):
        fields.wrong("vmSize", f"Azure has retired {vm_size}", nearest=instead)
    max_nodes = fields.number("maxNodes")
    if max_nodes is None or not max_nodes.is_integer() or not 1 <= max_nodes <= 100:
        fields.wrong("maxNodes", "give a whole number from 1 to 100", nearest="1")
        max_nodes = 1
    return Cluster(name=name, vm_size=vm_size, max_nodes=int(max_nodes))
