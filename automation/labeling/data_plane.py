"""The labeling data plane of the local Azure: people, the queue's order, review, statistics, help by a model, exports.

Owns: its paths, and that Azure itself has none. Leaves: its fields to `data_wire.py`, projects as such to
`labeling_jobs.py`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast
from urllib.parse import quote

from automation.azure import Cloud, Response, Rest
from automation.azure.operations import LongRunning
from automation.errors import Refused
from automation.labeling.data_wire import (
    Invitation,
    Outcome,
    Person,
    Progress,
    ProjectSettings,
    Refreshed,
    dump_settings,
    parse_invitation,
    parse_outcome,
    parse_people,
    parse_progress,
    parse_refreshed,
)
from automation.labeling.labeling_jobs import INSTEAD, RETIRED
from automation.labeling.types import Export
from automation.labeling.wire import parse_export

__all__ = ["LabelingData"]

PAGE = 1_000
MOST_PAGES = 100_000
EXPORT_S = 900.0
REQUEST_S = 120.0


class LabelingData:
    """What goes on in the projects of one workspace. Every method raises Refused on Azure, which retired it."""

    def __init__(self, rest: Rest, cloud: Cloud, workspace_id: str) -> None:
        self._rest, self._cloud = rest, cloud
        self._workspace = "/" + workspace_id.strip("/")

    def document(self, name: str) -> dict[str, Any]:
        """The project as its pages know it."""
        return self._object("GET", name, "", f"read labeling project {name}")

    def progress(self, name: str) -> Progress:
        return parse_progress(self.document(name), f"read labeling project {name}")

    def set_up(self, name: str, settings: ProjectSettings) -> None:
        """Give the project these settings; those that are not named stay."""
        self._send("PUT", name, "/settings", f"set up labeling project {name}", json=dump_settings(settings))

    def add_class(self, name: str, label: str, *, category: str, choice: str) -> None:
        """Add a class to a paused project.

        Args:
            name: The project.
            label: The class, which is its key, too.
            category: The key of its category.
            choice: What becomes of labels: "startOverRemove", "startOverKeep" or "continue".
        """
        body = {"category": category, "key": label, "name": label, "choice": choice}
        self._send("POST", name, "/classes", f"add class {label} to project {name}", json=body)

    def refresh(self, name: str) -> Refreshed:
        """Look for new and vanished pictures now."""
        operation = f"refresh labeling project {name}"
        return parse_refreshed(self._object("POST", name, "/refresh", operation), operation)

    def people(self, name: str) -> list[Person]:
        operation = f"list people of labeling project {name}"
        return parse_people(self._object("GET", name, "/people", operation), operation)

    def put_person(
        self, name: str, email: str, *, role: str | None = None, team: str | None = None, shown: str | None = None
    ) -> None:
        """Let somebody in, or change who is; `shown` is the person's name, `team` "" is none."""
        said = {"role": role, "team": team, "name": shown}
        body = {key: value for key, value in said.items() if value is not None}
        self._send("PUT", name, f"/people/{_part(email)}", f"put {email} into project {name}", json=body)

    def remove_person(self, name: str, email: str) -> None:
        """Take somebody out; who is not in is out. What the person labeled stays."""
        self._send("DELETE", name, f"/people/{_part(email)}", f"take {email} out of project {name}")

    def invite(self, name: str, email: str, *, hours: int) -> Invitation:
        """A link for one sign-in of somebody who is in the project."""
        operation = f"invite {email} to project {name}"
        body = self._object("POST", name, f"/people/{_part(email)}/invite", operation, json={"hours": hours})
        return parse_invitation(body, operation)

    def revoke(self, name: str, email: str) -> None:
        """End every link and every session of somebody."""
        self._send("POST", name, f"/people/{_part(email)}/revoke", f"revoke links of {email}")

    def assign(
        self,
        name: str,
        email: str | None,
        *,
        tasks: Sequence[int] = (),
        count: int | None = None,
        share: float | None = None,
    ) -> int:
        """Keep pictures for somebody, by task, by number or by share; None gives them back to all. How many it was."""
        body: dict[str, Any] = {"email": email}
        body |= {"tasks": list(tasks)} if tasks else {"count": count} if count is not None else {"share": share}
        answer = self._object("POST", name, "/assign", f"assign pictures of project {name}", json=body)
        return int(answer.get("assigned") or 0)

    def tasks(self, name: str, filters: Mapping[str, str], *, most: int | None = None) -> Iterator[dict[str, Any]]:
        """Tasks that the filters let through, page by page."""
        operation, given = f"list tasks of project {name}", 0
        for number in range(MOST_PAGES):
            top = PAGE if most is None else min(PAGE, most - given)
            if top <= 0:
                return
            asked = {**filters, "skip": str(number * PAGE), "top": str(top)}
            body = self._object("GET", name, "/tasks", operation, params=asked)
            items = cast("list[dict[str, Any]]", body.get("value") or [])
            yield from items
            given += len(items)
            if len(items) < top:
                return

    def task(self, name: str, number: int) -> dict[str, Any]:
        return self._object("GET", name, f"/tasks/{number}", f"read task {number} of project {name}")

    def decide(
        self,
        name: str,
        action: str,
        *,
        tasks: Mapping[int, int] | None = None,
        filters: Mapping[str, str] | None = None,
    ) -> Outcome:
        """Approve, unapprove, reject, reopen or acceptSkip: tasks in the versions that were seen, or all by filters."""
        operation = f"{action} tasks of project {name}"
        picks = [{"id": task, "version": version} for task, version in (tasks or {}).items()]
        body = {"action": action} | ({"filter": dict(filters)} if filters is not None else {"tasks": picks})
        return parse_outcome(self._object("POST", name, "/review", operation, json=body, deadline_s=300.0), operation)

    def make_gold(self, name: str, task: int, *, gold: bool) -> None:
        """Mix a labeled picture, whose labels are known to be right, into everybody's queue; or no more."""
        operation = f"{'make' if gold else 'unmake'} task {task} of project {name} gold"
        self._send(
            "PUT" if gold else "DELETE", name, f"/tasks/{task}/gold", operation, **({"json": {}} if gold else {})
        )

    def statistics(self, name: str) -> dict[str, Any]:
        """The numbers of the dashboard."""
        return self._object("GET", name, "/statistics", f"read statistics of project {name}")

    def agreement(self, name: str) -> dict[str, Any]:
        """How far people agree, by class and by person; as kappa for classes, as overlap for shapes."""
        return self._object("GET", name, "/agreement", f"read agreement of project {name}")

    def experiments(self, name: str) -> dict[str, Any]:
        """What the model's help has done and does, the newest first, and when it goes on by itself."""
        return self._object("GET", name, "/experiments", f"list experiments of project {name}")

    def start_experiment(self, name: str, kind: str) -> int:
        """Train now, propose anew, or find groups of like pictures; its number, an old one while it still waits."""
        body = self._object("POST", name, "/experiments", f"start {kind} of project {name}", json={"kind": kind})
        return int(body.get("number") or 0)

    def cancel_experiment(self, name: str, number: int) -> None:
        """Stop an experiment; NotFound when there is none, Conflict when it has ended."""
        self._send("POST", name, f"/experiments/{number}/cancel", f"cancel experiment {number} of project {name}")

    def export(self, name: str, *, form: str, coordinates: str, approved: bool) -> tuple[Export | None, dict[str, Any]]:
        """Write labels into the workspace's own blob store.

        Args:
            name: The project.
            form: "Coco", "CSV" or "Dataset".
            coordinates: "normalized" or "absolute".
            approved: Whether only what was approved is in it.

        Returns:
            Where the file is (a Dataset is a data asset, and None here), and the service's summary.
        """
        operation = f"export labels of project {name}"
        asked = {"format": form, "coordinates": coordinates, "include": "approved" if approved else "labeled"}
        url = self._url(name, "/exports")

        def get(link: str, left_s: float) -> Response:
            return self._answer("GET", link, operation, deadline_s=left_s)

        first = self._answer("POST", url, operation, json=asked)
        work = LongRunning(get=get, clock=self._rest.clock, resource=f"export of {name}", deadline_s=EXPORT_S)
        summary = work.finish(first, method="POST", url=url).json_object(operation)
        return (parse_export(summary, operation=operation) if summary.get("snapshotPath") else None), summary

    def _object(self, method: str, name: str, path: str, operation: str, **more: Any) -> dict[str, Any]:
        return self._send(method, name, path, operation, **more).json_object(operation)

    def _send(self, method: str, name: str, path: str, operation: str, **more: Any) -> Response:
        return self._answer(method, self._url(name, path), operation, **more)

    def _answer(self, method: str, url: str, operation: str, *, deadline_s: float = REQUEST_S, **more: Any) -> Response:
        if not self._cloud.is_local:
            raise Refused(RETIRED, hint=INSTEAD)
        if not url.startswith(self._cloud.arm_endpoint + "/"):
            raise Refused(f"{operation}: the answer points to another host", hint="is that the local Azure?")
        scope = self._cloud.ml_scope
        return self._rest.send(method, url, scope=scope, operation=operation, deadline_s=deadline_s, **more)

    def _url(self, name: str, path: str) -> str:
        return f"{self._cloud.arm_endpoint}/labeling/v1.0{self._workspace}/projects/{_part(name)}{path}"


def _part(text: str) -> str:
    return quote(text, safe="@")
