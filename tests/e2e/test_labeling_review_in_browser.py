"""The review and the dashboard as people meet them: a real browser, the real local Azure, labels that exist already."""

from typing import Any

import pytest
import yaml

from tests.e2e.browser_driver import drive

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


def test_labels_are_found_decided_about_and_corrected_while_somebody_watches(shell: Any) -> None:
    shell.run("init", ".", "--template", "fruit", "--small")
    path = shell.folder / "lab.yaml"
    lab = yaml.safe_load(path.read_text("utf-8"))
    lab["labeling"]["project"] = "Fruit"
    for rest in ("datasets", "models", "predict"):
        lab.pop(rest)
    path.write_text(yaml.safe_dump(lab), "utf-8")
    shell.run("local", "start", "--role-delay", "0")
    shell.run("run", "lab.yaml", "--until", "labeling")
    link = shell.json("labeling", "invite", "ada@lab.org", "--role", "administrator", "--name", "Ada")["link"]
    lead = shell.json("labeling", "invite", "lea@lab.org", "--role", "teamLead", "--name", "Lea")["link"]
    total = shell.json("labeling", "stats")["progress"]["labeled"]

    found = drive("labeling_review.mjs", link=link, leadLink=lead, total=total)

    assert found["problems"] == []
    assert found["liveMs"] < 5_000
    numbers = shell.json("labeling", "stats")
    assert (numbers["progress"]["approved"], numbers["progress"]["open"]) == (4, 1)
    assert {event["what"] for event in numbers["history"]} >= {"approved", "rejected", "corrected", "gold"}
