"""The lab that all components belong to: its settings, its names, its tags, and who deploys it.

Owns: what is decided once and needed everywhere.
Leaves: every resource to `components/`.
"""

from dataclasses import dataclass

from infra.naming import Names, lab_names, unique_suffix
from infra.settings import Settings
from infra.tags import lab_tags

__all__ = ["Deployer", "Lab", "design_lab"]

AZURE_CLI_APP = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployer:
    """Who runs the program, and where."""

    subscription_id: str
    tenant_id: str
    client_id: str
    object_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What every component needs to know of the lab.

    Attributes:
        settings: What the stack asks for.
        stack: The stack's name.
        names: The names of all resources.
        tags: The tags of everything that takes tags.
        deployer: Who runs the program.
        deployer_type: Azure refuses a role assignment whose principal is of another type.
    """

    settings: Settings
    stack: str
    names: Names
    tags: dict[str, str]
    deployer: Deployer
    deployer_type: str

    @property
    def location(self) -> str:
        return self.settings.location


def design_lab(settings: Settings, *, stack: str, deployer: Deployer) -> Lab:
    """Decide names and tags of a lab."""
    resource_group = f"rg-{settings.lab}" if settings.course else settings.resource_group
    suffix = settings.suffix
    if suffix is None or settings.course:  # parts of a course have their settings in common, and not their names
        salt = f"{stack}{suffix or ''}"
        suffix = unique_suffix(subscription_id=deployer.subscription_id, lab=settings.lab, stack=salt)
    return Lab(
        settings=settings,
        stack=stack,
        names=lab_names(lab=settings.lab, stack=stack, suffix=suffix, resource_group=resource_group),
        tags=lab_tags(settings, stack=stack),
        deployer=deployer,
        deployer_type=settings.deployer_type or _type_of(deployer),
    )


def _type_of(deployer: Deployer) -> str:
    """People sign in through the Azure CLI; whatever has an application id of its own is a service principal."""
    return "User" if deployer.client_id.lower() in ("", AZURE_CLI_APP) else "ServicePrincipal"
