"""Where a seat's parts are seen: addresses of Azure's pages, or of the local Azure's.

Owns: the addresses. Pure. Leaves: opening them to the CLI.
"""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from automation.provision import LabOutputs

__all__ = ["SeatLink", "seat_links"]

PORTAL, STUDIO = "https://portal.azure.com", "https://ml.azure.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeatLink:
    """One address.

    Attributes:
        key: Names it in JSON.
        what: Names it for people.
        is_page: Whether a browser shows something there; else programs speak with it.
    """

    key: str
    what: str
    url: str
    is_page: bool = True


def seat_links(
    outputs: LabOutputs, *, local_origin: str | None, project: str | None = None, studio_url: str | None = None
) -> tuple[SeatLink, ...]:
    """A seat's addresses, pages first.

    Args:
        outputs: What the seat consists of.
        local_origin: Of the local Azure when the seat is there; None for Azure itself.
        project: The labeling project of its lab, if it has one.
        studio_url: Label Studio's address, where the project is there.
    """
    pages: list[SeatLink] = []
    if studio_url:
        pages.append(SeatLink(key="labeling", what="labeling page", url=studio_url))
    elif project and local_origin:
        place = f"{local_origin}/labeling/#/p/{quote(project, safe='')}/label"
        pages.append(SeatLink(key="labeling", what="labeling page", url=place))
    if local_origin is None:
        pages += _azure_pages(outputs)
    return (
        *pages,
        SeatLink(key="storage", what="pictures (storage)", url=outputs.blob_endpoint, is_page=False),
        SeatLink(key="vision", what="vision service", url=outputs.vision_endpoint, is_page=False),
    )


def _azure_pages(outputs: LabOutputs) -> list[SeatLink]:
    def portal(resource_id: str, blade: str = "") -> str:
        return f"{PORTAL}/#@{quote(outputs.tenant_id, safe='')}/resource{quote(resource_id, safe='/')}{blade}"

    pages = [
        SeatLink(key="group", what="all resources, in the portal", url=portal(outputs.resource_group_id, "/overview")),
        SeatLink(
            key="containers",
            what="pictures, in the portal",
            url=portal(outputs.storage_account_id, "/containersList"),
        ),
        SeatLink(
            key="account", what="vision account, in the portal", url=portal(outputs.vision_account_id, "/overview")
        ),
    ]
    if outputs.ml_workspace_id is not None:
        query = urlencode({"wsid": outputs.ml_workspace_id, "tid": outputs.tenant_id}, safe="/")
        pages.append(SeatLink(key="studio", what="ML workspace, in the studio", url=f"{STUDIO}/home?{query}"))
    return pages
