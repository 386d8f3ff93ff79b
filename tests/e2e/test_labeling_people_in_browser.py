"""People and settings as an administrator meets them: a real browser, the real local Azure."""

from typing import Any

import pytest
import yaml

from tests.e2e.browser_driver import drive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_an_administrator_lets_somebody_in_and_out_and_adds_a_class(shell: Any) -> None:
    shell.run("init", ".", "--template", "fruit", "--small")
    path = shell.folder / "lab.yaml"
    lab = yaml.safe_load(path.read_text("utf-8"))
    lab["labeling"]["project"] = "Fruit"
    del lab["labeling"]["import"]
    for rest in ("datasets", "models", "predict"):
        lab.pop(rest)
    path.write_text(yaml.safe_dump(lab), "utf-8")
    shell.run("local", "start", "--role-delay", "0")
    shell.run("lab", "up")
    shell.run("images", "upload")
    shell.run("labeling", "create")
    link = shell.json("labeling", "invite", "ada@lab.org", "--role", "administrator", "--name", "Ada")["link"]

    found = drive("labeling_people.mjs", link=link, total=18)

    assert found["problems"] == []
    people = shell.json("labeling", "people", "list")
    assert [(one["email"], one["role"], one["assigned"]) for one in people] == [
        ("ada@lab.org", "administrator", 0),
        ("ben@lab.org", "teamLead", 9),
    ]
    assert "Kiwi <b>" in shell.run("labeling", "show", "Fruit", "--json")
