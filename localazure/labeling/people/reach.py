"""Who may act on a person or a team of the whole workspace from within one project.

Owns: the rule. Leaves: roles in projects to `people.py`.

Persons and teams belong to the workspace: a personal link signs its holder in everywhere, and a team may be in several
projects. An administrator of one project who could invite, rename or move an administrator of another one would rule
there too. So a person who is signed in reaches only people whose every project he or she administers; the holder of a
token with the workspace's own role reaches everybody.
"""

from localazure.errors import AzureError
from localazure.labeling.jobs.projects import Projects
from localazure.labeling.people.people import People
from localazure.labeling.people.roles import Asker, Role

__all__ = ["Reach"]


class Reach:
    def __init__(self, people: People, projects: Projects) -> None:
        self._people = people
        self._projects = projects

    def check_person(self, asker: Asker, workspace_id: str, email: str) -> None:
        """AzureError 403 when the person has a role where the asker is no administrator."""
        if not asker.by_token:
            self._check(asker, workspace_id, set(self._people.roles(workspace_id, email)), email)

    def check_team(self, asker: Asker, workspace_id: str, team: str) -> None:
        """AzureError 403 when the team has a role where the asker is no administrator."""
        if not asker.by_token:
            numbers = {project.number for project in self._projects.list(workspace_id)}
            self._check(asker, workspace_id, self._people.projects_of_team(team) & numbers, f"The team '{team}'")

    def _check(self, asker: Asker, workspace_id: str, projects: set[int], who: str) -> None:
        roles = self._people.roles(workspace_id, asker.identity)
        if any(roles.get(number) is not Role.ADMINISTRATOR for number in projects):
            raise AzureError(
                403,
                "AuthorizationFailed",
                f"{who} is also in a project that you do not administer. Ask who owns the workspace.",
            )
