"""Persons by e-mail, their teams, and who has which role in which project.

Owns: the tables `person`, `team`, `member` and `project_team`. Leaves: what a role may do to `roles.py`, letting people
in to `invites.py` and `sessions.py`.

A person's own role in a project counts before that of the team. Persons and teams belong to a workspace and may be in
several of its projects; who is in none stays known by name until the workspace goes.
"""

import sqlite3
from dataclasses import dataclass

from localazure.clock import Clock
from localazure.labeling.errors import user_error
from localazure.labeling.people.roles import Role
from localazure.labeling.tables import Tables
from localazure.labeling.times import stamp

__all__ = ["Member", "People", "Person", "Team"]

_MOST_PEOPLE = 2_000
_MOST_TEAMS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`email` is in lower case, `team` the one team that the person is in, if any."""

    email: str
    name: str
    team: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person in a project. `own` is False for a role that comes from the team; `added` is UTC in ISO form."""

    person: Person
    role: Role
    own: bool
    added: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """`role` None: the team is not in the project."""

    name: str
    role: Role | None
    people: tuple[str, ...]


class People:
    """Safe to share between threads. `workspace` is a workspace's id; its case does not matter."""

    def __init__(self, tables: Tables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def person(self, workspace: str, email: str) -> Person | None:
        with self._tables.read() as db:
            return _person(db, workspace.lower(), email)

    def role(self, workspace: str, email: str, project: int) -> Role | None:
        """What the person is in the project at this moment; None: not in it."""
        with self._tables.read() as db:
            return _role(db, workspace.lower(), email, project)

    def roles(self, workspace: str, email: str) -> dict[int, Role]:
        """By the number of the project: all roles that the person has."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT t.project, t.role FROM person p JOIN project_team t ON t.team=p.team"
                " WHERE p.workspace=?1 AND p.email=?2"
                " UNION ALL SELECT project, role FROM member WHERE email=?2",
                (workspace.lower(), email),
            ).fetchall()
        return {number: Role(role) for number, role in rows}

    def projects_of_team(self, team: str) -> set[int]:
        """Numbers of the projects that a team of this name is in, in any workspace."""
        with self._tables.read() as db:
            return {number for (number,) in db.execute("SELECT project FROM project_team WHERE team=?", (team,))}

    def members(self, workspace: str, project: int) -> list[Member]:
        """All who have a role in the project, sorted by e-mail."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT p.email, p.name, p.team, m.role, t.role, m.added FROM person p"
                " LEFT JOIN member m ON m.project=?2 AND m.email=p.email"
                " LEFT JOIN project_team t ON t.project=?2 AND t.team=p.team"
                " WHERE p.workspace=?1 AND (m.role IS NOT NULL OR t.role IS NOT NULL) ORDER BY p.email",
                (workspace.lower(), project),
            ).fetchall()
        return [
            Member(
                person=Person(email=email, name=name, team=team),
                role=Role(own or by_team),
                own=own is not None,
                added=added,
            )
            for email, name, team, own, by_team, added in rows
        ]

    def teams(self, workspace: str, project: int) -> list[Team]:
        """All teams of the workspace, sorted by name, with their role in the project."""
        with self._tables.read() as db:
            rows = db.execute(
                "SELECT t.name, p.role FROM team t LEFT JOIN project_team p ON p.project=? AND p.team=t.name"
                " WHERE t.workspace=? ORDER BY t.name",
                (project, workspace.lower()),
            ).fetchall()
            people: dict[str, list[str]] = {}
            for email, team in db.execute(
                "SELECT email, team FROM person WHERE workspace=? AND team IS NOT NULL ORDER BY email",
                (workspace.lower(),),
            ):
                people.setdefault(team, []).append(email)
        return [
            Team(name=name, role=None if role is None else Role(role), people=tuple(people.get(name, ())))
            for name, role in rows
        ]

    def put(
        self, workspace: str, project: int, email: str, *, name: str | None, team: str | None, role: Role | None
    ) -> Member:
        """Add a person to the project, or change one. None keeps what is; an empty `team` takes the person out of it.

        Somebody new without a role becomes a labeler, unless the team has a role in the project already.
        """
        key = workspace.lower()
        with self._tables.write() as db:
            old = _person(db, key, email)
            if old is None:
                _check_room(db, "person", key, _MOST_PEOPLE, "people")
            if team:
                self._ensure_team(db, key, team)
            kept_team = (old.team if old else None) if team is None else (team or None)
            shown = name or (old.name if old else email)
            db.execute(
                "INSERT INTO person VALUES (?, ?, ?, ?)"
                " ON CONFLICT DO UPDATE SET name=excluded.name, team=excluded.team",
                (key, email, shown, kept_team),
            )
            if role is None and _role(db, key, email, project) is None:
                role = Role.LABELER
            if role is not None:
                db.execute(
                    "INSERT INTO member VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET role=excluded.role",
                    (project, email, role.value, stamp(self._clock.now())),
                )
            self._tables.touch(project)
            return next(member for member in self.members(workspace, project) if member.person.email == email)

    def remove(self, workspace: str, project: int, email: str) -> bool:
        """Take a person out of the project, and out of a team that would keep the person in. False: was not in it."""
        key = workspace.lower()
        with self._tables.write() as db:
            if _role(db, key, email, project) is None:
                return False
            db.execute("DELETE FROM member WHERE project=? AND email=?", (project, email))
            db.execute(
                "UPDATE person SET team=NULL WHERE workspace=?1 AND email=?2"
                " AND team IN (SELECT team FROM project_team WHERE project=?3)",
                (key, email, project),
            )
            self._tables.touch(project)
        return True

    def put_team(self, workspace: str, project: int, team: str, role: Role) -> Team:
        """The team joins the project, or changes its role there. One that does not exist is made, without people."""
        key = workspace.lower()
        with self._tables.write() as db:
            self._ensure_team(db, key, team)
            db.execute(
                "INSERT INTO project_team VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET role=excluded.role",
                (project, team, role.value),
            )
            self._tables.touch(project)
            return next(one for one in self.teams(workspace, project) if one.name == team)

    def remove_team(self, workspace: str, project: int, team: str) -> bool:
        """The team leaves the project; its people stay in the team. A team that nobody is in goes. False: no such."""
        key = workspace.lower()
        with self._tables.write() as db:
            gone = db.execute("DELETE FROM project_team WHERE project=? AND team=?", (project, team)).rowcount
            gone += db.execute(
                "DELETE FROM team WHERE workspace=?1 AND name=?2"
                " AND NOT EXISTS (SELECT 1 FROM person WHERE workspace=?1 AND team=?2)"
                " AND NOT EXISTS (SELECT 1 FROM project_team WHERE team=?2)",
                (key, team),
            ).rowcount
            self._tables.touch(project)
        return gone > 0

    def forget_workspace(self, workspace: str) -> None:
        """Persons, teams, their links and sessions go; projects take members and teams with them."""
        with self._tables.write() as db:
            for table in ("person", "team", "invite", "session"):
                db.execute(f"DELETE FROM {table} WHERE workspace=?", (workspace.lower(),))  # noqa: S608 names from the line above

    def _ensure_team(self, db: sqlite3.Connection, workspace: str, team: str) -> None:
        if db.execute("SELECT 1 FROM team WHERE workspace=? AND name=?", (workspace, team)).fetchone() is None:
            _check_room(db, "team", workspace, _MOST_TEAMS, "teams")
            db.execute("INSERT INTO team VALUES (?, ?)", (workspace, team))


def _person(db: sqlite3.Connection, workspace: str, email: str) -> Person | None:
    row = db.execute("SELECT name, team FROM person WHERE workspace=? AND email=?", (workspace, email)).fetchone()
    return None if row is None else Person(email=email, name=row[0], team=row[1])


def _role(db: sqlite3.Connection, workspace: str, email: str, project: int) -> Role | None:
    row = db.execute(
        "SELECT coalesce(m.role, t.role) FROM person p"
        " LEFT JOIN member m ON m.project=?3 AND m.email=p.email"
        " LEFT JOIN project_team t ON t.project=?3 AND t.team=p.team"
        " WHERE p.workspace=?1 AND p.email=?2",
        (workspace, email, project),
    ).fetchone()
    return None if row is None or row[0] is None else Role(row[0])


def _check_room(db: sqlite3.Connection, table: str, workspace: str, most: int, what: str) -> None:
    (count,) = db.execute(f"SELECT count(*) FROM {table} WHERE workspace=?", (workspace,)).fetchone()  # noqa: S608 names from this module
    if count >= most:
        raise user_error(f"A workspace has at most {most} {what}.")
