"""Who may do what in a labeling project: the actions, three roles, and the one who asks.

Owns: the tables of actions and roles. Leaves: who has which role to `people.py`, refusing to `labeling_access.py`.

The names of the actions are Azure's own, below `Microsoft.MachineLearningServices/workspaces/`.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ACTIONS",
    "EXPERIMENTS_READ",
    "EXPORT",
    "LABELS_APPROVE",
    "LABELS_READ",
    "LABELS_REJECT",
    "LABELS_UPDATE",
    "LABELS_WRITE",
    "PROJECTS_DELETE",
    "PROJECTS_READ",
    "PROJECTS_WRITE",
    "SUMMARY_READ",
    "Asker",
    "Role",
    "actions_of",
    "role_for",
]

PROJECTS_READ = "labeling/projects/read"
SUMMARY_READ = "labeling/projects/summary/read"
PROJECTS_WRITE = "labeling/projects/write"
PROJECTS_DELETE = "labeling/projects/delete"
LABELS_READ = "labeling/labels/read"
LABELS_WRITE = "labeling/labels/write"
LABELS_UPDATE = "labeling/labels/update/action"
LABELS_REJECT = "labeling/labels/reject/action"
LABELS_APPROVE = "labeling/labels/approve_unapprove/action"
EXPORT = "labeling/export/action"
EXPERIMENTS_READ = "experiments/runs/read"

ACTIONS = frozenset(
    {
        PROJECTS_READ,
        SUMMARY_READ,
        PROJECTS_WRITE,
        PROJECTS_DELETE,
        LABELS_READ,
        LABELS_WRITE,
        LABELS_UPDATE,
        LABELS_REJECT,
        LABELS_APPROVE,
        EXPORT,
        EXPERIMENTS_READ,
    }
)


class Role(StrEnum):
    """In a project; each may do what the one before it may."""

    LABELER = "labeler"
    TEAM_LEAD = "teamLead"
    ADMINISTRATOR = "administrator"


_LABELER = frozenset({PROJECTS_READ, LABELS_WRITE})
_TEAM_LEAD = _LABELER | {LABELS_READ, LABELS_REJECT, LABELS_UPDATE, SUMMARY_READ, EXPERIMENTS_READ}
_ACTIONS_OF = {Role.LABELER: _LABELER, Role.TEAM_LEAD: _TEAM_LEAD, Role.ADMINISTRATOR: ACTIONS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who makes a request: a person by e-mail, or the holder of a bearer token by object id.

    `actions` is what this one may do in the project, or in the workspace where no project is named. `by_token`: a
    role in the workspace lets this one in, not one in the project.
    """

    identity: str
    name: str
    role: Role
    actions: frozenset[str]
    by_token: bool = False

    def may(self, action: str) -> bool:
        return action in self.actions


def actions_of(role: Role) -> frozenset[str]:
    return _ACTIONS_OF[role]


def role_for(actions: Collection[str]) -> Role:
    """The role that comes nearest to a set of actions, for those whom Azure's own roles let in."""
    if PROJECTS_WRITE in actions:
        return Role.ADMINISTRATOR
    return Role.TEAM_LEAD if LABELS_READ in actions else Role.LABELER
