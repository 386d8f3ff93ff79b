"""Letting signed-in people into projects: their role there is looked up at every request.

Owns: from a session's token to an `Asker`, or a refusal. Leaves: bearer tokens to `labeling_access.py`.
"""

from localazure.errors import AzureError
from localazure.labeling.jobs.projects import Projects
from localazure.labeling.people.people import People, Person
from localazure.labeling.people.roles import Asker, actions_of
from localazure.labeling.people.sessions import Session, Sessions

__all__ = ["Door"]

_PREFIX = "Microsoft.MachineLearningServices/workspaces"


class Door:
    def __init__(self, *, sessions: Sessions, people: People, projects: Projects) -> None:
        self._sessions = sessions
        self._people = people
        self._projects = projects

    def who(self, token: str | None) -> tuple[Session, Person]:
        """Whose session it is. AzureError 401 when it is over, or its person is gone."""
        session = None if token is None else self._sessions.find(token)
        person = None if session is None else self._people.person(session.workspace, session.email)
        if session is None or person is None:
            raise AzureError(401, "SessionOver", "You are not signed in, or not any more. Open your personal link.")
        return session, person

    def admit(self, token: str | None, workspace_id: str, name: str, action: str) -> Asker:
        """AzureError 401, or 403. A project that does not exist answers like one that the person is not in."""
        session, person = self.who(token)
        refusal = AzureError(
            403, "AuthorizationFailed", f"{person.email} may not perform '{_PREFIX}/{action}' in this labeling project."
        )
        if session.workspace != workspace_id.lower():
            raise refusal
        try:
            project = self._projects.get(workspace_id, name)
        except AzureError:
            raise refusal from None
        role = self._people.role(workspace_id, person.email, project.number)
        if role is None or action not in actions_of(role):
            raise refusal
        return Asker(identity=person.email, name=person.name, role=role, actions=actions_of(role))
