"""The labeling pages as a person meets them: a real browser, the real local Azure between lab.yaml and the tables."""

import json
import ssl
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
import yaml

from tests.e2e.browser_driver import drive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]

WHO = "ada@lab.org"
PROJECT = "Fruit_on_pictures"


class DataPlane:
    """Requests of the administrator, with a bearer token of the lab's service principal."""

    def __init__(self, client: httpx.Client, endpoint: Mapping[str, Any]) -> None:
        self._client, self._endpoint = client, endpoint
        form = {name: endpoint[name] for name in ("client_id", "client_secret")}
        form |= {"grant_type": "client_credentials", "scope": "https://management.azure.com/.default"}
        token = client.post(f"/{endpoint['tenant_id']}/oauth2/v2.0/token", data=form).json()["access_token"]
        self._client.headers["authorization"] = f"Bearer {token}"
        resources = self.ask(
            "GET", f"/subscriptions/{self._endpoint['subscription_id']}/resources?api-version=2021-04-01"
        )
        kind = "Microsoft.MachineLearningServices/workspaces"
        workspace = next(one["id"] for one in resources["value"] if one["type"] == kind)
        self.project = f"/labeling/v1.0{workspace}/projects/{PROJECT}"

    def ask(self, method: str, path: str, body: object = None) -> Any:
        answer = self._client.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None


def test_pictures_are_classified_by_keys_alone_and_nothing_is_lost_on_the_way(shell: Any) -> None:
    shell.run("init", ".", "--template", "fruit", "--small")
    path = shell.folder / "lab.yaml"
    lab = yaml.safe_load(path.read_text("utf-8"))
    lab["labeling"]["project"] = PROJECT
    lab["labeling"]["task"] = "image-classification-multilabel"
    lab["labeling"]["classes"] = ["Apple", "Banana", "Orange"]
    del lab["labeling"]["import"]
    for rest in ("datasets", "models", "predict"):
        lab.pop(rest)
    path.write_text(yaml.safe_dump(lab), "utf-8")
    shell.run("local", "start", "--role-delay", "0")
    shell.run("lab", "up")
    shell.run("images", "upload")
    shell.run("labeling", "create")
    endpoint = json.loads(next(shell.folder.rglob("endpoint.json")).read_text())
    context = ssl.create_default_context(cafile=endpoint["ca_file"])
    with httpx.Client(base_url=endpoint["origin"], verify=context, timeout=30) as client:
        label_in_the_browser(DataPlane(client, endpoint))


def label_in_the_browser(plane: DataPlane) -> None:
    plane.ask("PUT", f"{plane.project}/people/{WHO}", {"name": "Ada", "role": "labeler"})
    text = "Some **bold** words\n\n<img src=x onerror=alert(1)> [here](javascript:alert(2))"
    plane.ask("PUT", f"{plane.project}/settings", {"instructions": text})
    link = plane.ask("POST", f"{plane.project}/people/{WHO}/invite", {})["link"]
    total = plane.ask("GET", plane.project)["progress"]["total"]

    found = drive("labeling_classes.mjs", link=link, total=total)

    assert found["problems"] == []
    assert min(found["shown"]) < 100
    tasks = plane.ask("GET", f"{plane.project}/tasks?top=100")["value"]
    states = [task["state"] for task in tasks]
    assert (total, states.count("labeled"), states.count("skipped")) == (18, 18, 0)
    assert {task["labeledBy"] for task in tasks} == {WHO}
    by_name = {task["name"]: [label["name"] for label in task["labels"]] for task in tasks}
    assert by_name["fruit-training-001.jpg"] == ["Apple", "Banana", "Orange"]
    assert by_name["fruit-training-002.jpg"] == ["Orange"]
    assert by_name["fruit-training-012.jpg"] == ["Apple"]
