"""Names that Azure would refuse, told before anything is sent.

Owns: the rules of the names that stand in lab.yaml. The names of resources are made by the Pulumi program, which has
rules of its own. Source: Azure's naming rules, and the services' API descriptions.
"""

import re

__all__ = ["blob_name", "class_name", "container", "lab", "lab_elsewhere", "project", "service_name"]

_OWN_DATASTORES = ("workspaceblobstore", "workspaceartifactstore", "workspacefilestore", "workspaceworkingdirectory")


def lab(name: str) -> str | None:
    """Why this is no name for a lab, or None."""
    if len(name) <= 24 and re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name, re.ASCII):
        return None
    return "a lab's name has lower-case letters, digits and single hyphens, starts with a letter, 24 characters at most"


def lab_elsewhere(name: str) -> str | None:
    """Why this is no name for a lab whose resources somebody else has named already, or None."""
    if len(name) <= 64 and re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name, re.ASCII):
        return None
    return "a lab's name has lower-case letters, digits and single hyphens, starts with a letter, 64 characters at most"


def container(name: str) -> str | None:
    """Why Azure would refuse this container name, or None."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", name, re.ASCII) or "--" in name:
        return (
            "a container's name has 3 to 63 lower-case letters, digits and single hyphens, "
            "and starts and ends with a letter or digit"
        )
    return "Azure ML gives this name to a datastore of its own" if name in _OWN_DATASTORES else None


def service_name(name: str) -> str | None:
    """Why the vision service would refuse this name of a dataset or model, or None."""
    if len(name) <= 255 and re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9._-]*", name, re.ASCII):
        return None
    return "the vision service takes letters, digits, dots, underscores and hyphens, a letter or digit first"


def project(name: str) -> str | None:
    """Why Azure ML would refuse this name of a labeling project, or None."""
    if re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}", name, re.ASCII):
        return None
    return "a project's name has letters, digits, hyphens and underscores, and starts with a letter or digit"


def blob_name(name: str) -> str | None:
    """Why this is no good name for a file in a container, or None."""
    bad = not name or len(name) > 1024 or name.startswith("/") or name.endswith((".", "/")) or "\\" in name
    if bad or ".." in name.split("/") or any(ord(letter) < 32 for letter in name):
        return "a file's name in a container has no leading slash, no backslash, no `..`, and does not end in a dot"
    return None


def class_name(name: str) -> str | None:
    """Why this is no good name of a class, or None."""
    return None if name == name.strip() and len(name) <= 256 else "a class name has no spaces around it, 256 at most"
