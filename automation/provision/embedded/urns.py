"""URNs: Pulumi's names of resources, "urn:pulumi:stack::project::Parent$type::name". Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["ROOT_TYPE", "Alias", "alias_urns", "logical_name", "make_urn", "plain_type"]

ROOT_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A former identity; what is empty is as it is now.

    Attributes:
        urn: The whole former URN, or "".
        parent: Former parent's URN; None means as it is now, "" means that it had none.
    """

    urn: str = ""
    name: str = ""
    type: str = ""
    stack: str = ""
    project: str = ""
    parent: str | None = None


def make_urn(*, stack: str, project: str, parent: str, type: str, name: str) -> str:  # noqa: A002 (Pulumi's word)
    parents = _qualified_type(parent) if parent else ""
    chain = f"{parents}${type}" if parents and plain_type(parent) != ROOT_TYPE else type
    return f"urn:pulumi:{stack}::{project}::{chain}::{name}"


def _qualified_type(urn: str) -> str:
    return urn.split("::", 3)[2]


def plain_type(urn: str) -> str:
    return _qualified_type(urn).rpartition("$")[2]


def logical_name(urn: str) -> str:
    return urn.split("::", 3)[3]


def alias_urns(
    aliases: Iterable[Alias],
    *,
    urn: str,
    parent: str,
    parent_aliases: Iterable[str],
) -> tuple[str, ...]:
    """Every URN that the resource may have had: its own aliases, under its parent's former names too."""
    stack, project = urn.split("::", 3)[:2]
    stack = stack.removeprefix("urn:pulumi:")
    type_, name = plain_type(urn), logical_name(urn)
    found: dict[str, None] = {}
    own = [Alias(), *aliases]
    for alias in own:
        if alias.urn:
            found[alias.urn] = None
            continue
        parents = [parent, *parent_aliases] if alias.parent is None else [alias.parent]
        for candidate in parents:
            found[
                make_urn(
                    stack=alias.stack or stack,
                    project=alias.project or project,
                    parent=candidate,
                    type=alias.type or type_,
                    name=_inherited(alias.name or name, parent, candidate),
                )
            ] = None
    found.pop(urn, None)
    return tuple(found)


def _inherited(name: str, parent: str, former_parent: str) -> str:
    """Children are often named after their parents: when the parent was renamed, so were they."""
    if not parent or not former_parent:
        return name
    now, before = logical_name(parent), logical_name(former_parent)
    return before + name.removeprefix(now) if name.startswith(now) and now != before else name
