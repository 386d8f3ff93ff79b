"""Where the picture of an image entry is.

Owns: telling kinds of URL apart, and which of an image's addresses counts.
Leaves: fetching to the clients.
"""

from collections.abc import Callable
from dataclasses import replace
from enum import StrEnum
from urllib.parse import parse_qs, urlsplit

from automation.coco.types import Dataset, Image

__all__ = ["UrlKind", "has_signature", "image_url", "rewrite_urls", "url_kind"]


class UrlKind(StrEnum):
    HTTPS = "https"
    HTTP = "http"
    AML_DATASTORE = "AmlDatastore"
    AZUREML = "azureml"
    OTHER = "other"


_SCHEMES = {
    "https": UrlKind.HTTPS,
    "http": UrlKind.HTTP,
    "amldatastore": UrlKind.AML_DATASTORE,
    "azureml": UrlKind.AZUREML,
}


def url_kind(url: str) -> UrlKind:
    scheme, separator, rest = url.partition("://")
    return _SCHEMES.get(scheme.lower(), UrlKind.OTHER) if separator and rest else UrlKind.OTHER


def image_url(image: Image) -> str | None:
    """The address at which the picture can be read: absolute_url before coco_url, http(s) only.

    An `AmlDatastore://` address names no account, so it is not one of them.
    """
    for url in (image.absolute_url, image.coco_url):
        if url is not None and url_kind(url) in (UrlKind.HTTPS, UrlKind.HTTP):
            return url
    return None


def has_signature(url: str) -> bool:
    """Whether the URL carries a SAS token, which opens the blob to whoever reads the file."""
    try:
        return "sig" in parse_qs(urlsplit(url).query)
    except ValueError:
        return False


def rewrite_urls(dataset: Dataset, url_for: Callable[[str], str]) -> Dataset:
    """Give every image the address that `url_for` says for its file name, and no other."""
    return replace(
        dataset,
        images=tuple(replace(i, absolute_url=url_for(i.file_name), coco_url=None) for i in dataset.images),
    )
