"""Names of pictures and their addresses: sub-folders are kept, and nothing leads out of a folder.

Owns: what a safe name is, a name from an address and an address from a name.
Leaves: which address of a picture counts to `automation.coco.places`.
"""

import re
from urllib.parse import quote, unquote, urlsplit

__all__ = ["has_control", "leads_out", "name_of", "stem_of", "url_under"]

_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_DRIVE = re.compile(r"[A-Za-z]:")


def leads_out(name: str) -> bool:
    """Whether a name, taken below a folder, may end elsewhere."""
    parts = name.replace("\\", "/").split("/")
    return not name or "\0" in name or ".." in parts or not parts[0] or bool(_DRIVE.match(name)) or not parts[-1]


def has_control(text: str) -> bool:
    """Whether there are characters that end a line, or that XML does not take."""
    return _CONTROL.search(text) is not None


def stem_of(name: str) -> str:
    """A name without its suffix, sub-folders kept."""
    folder, slash, last = name.rpartition("/")
    stem, dot, _ = last.rpartition(".")
    return folder + slash + (stem if dot and stem else last)


def url_under(base: str, name: str) -> str:
    """The address of a picture below a container or folder."""
    return base.rstrip("/") + "/" + quote(name, safe="/~")


def name_of(address: str) -> str:
    """The path of a picture inside its container, datastore or storage, which serves as its file name.

    https://account/container/a/b.jpg, AmlDatastore://datastore/a/b.jpg, azureml://.../paths/a/b.jpg,
    azure-blob://container/a/b.jpg and /data/local-files/?d=a/b.jpg all give a/b.jpg.
    """
    scheme, separator, rest = address.partition("://")
    if not separator:
        _, local, name = address.partition("/data/local-files/?d=")
        return unquote(name) if local else address.removeprefix("/data/").lstrip("/")
    if scheme.lower() in ("http", "https"):
        path = unquote(urlsplit(address).path).lstrip("/")
        return path.partition("/")[2] or path
    if scheme.lower() == "azureml" and "/paths/" in rest:
        return rest.partition("/paths/")[2]
    return rest.partition("/")[2] or rest
