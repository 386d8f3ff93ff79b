"""Handouts: what a person has to know, on a page that takes no name for anything but text."""

from dataclasses import replace
from pathlib import Path

import pytest

from automation.course import Course
from automation.course.handout_html import render_html
from automation.course.handout_markdown import render_markdown
from automation.course.handouts import Handout, make_handout
from automation.course.seat_links import seat_links
from tests.automation.course.course_builders import a_course, a_seat
from tests.automation.workflow.test_provisioned import OUTPUTS

ORIGIN = "https://localhost:8443"
EVIL = "<script>alert(1)</script> [x](javascript:alert(1)) `a` | b\n# c"
SEAT_OUTPUTS = replace(OUTPUTS, ml_workspace="mlw", ml_workspace_id="/subscriptions/s/workspaces/mlw")


def a_handout(course: Course, name: str = "Student One", invitation: str | None = None) -> Handout:
    local = ORIGIN if course.stack == "local" else None
    return make_handout(
        course,
        a_seat(name=name),
        SEAT_OUTPUTS,
        links=seat_links(SEAT_OUTPUTS, local_origin=local, project="my labels"),
        steps=("provision", "train", "report"),
        invitation=invitation,
    )


def test_a_seat_on_azure_has_pages_of_the_portal_and_the_studio() -> None:
    links = {link.key: link.url for link in seat_links(SEAT_OUTPUTS, local_origin=None, project="my labels")}
    assert links == {
        "group": "https://portal.azure.com/#@t/resource/subscriptions/s/resourceGroups/rg-botany-anna-x7q2/overview",
        "containers": "https://portal.azure.com/#@t/resource/subscriptions/s/st/containersList",
        "account": "https://portal.azure.com/#@t/resource/subscriptions/s/vis/overview",
        "studio": "https://ml.azure.com/home?wsid=/subscriptions/s/workspaces/mlw&tid=t",
        "storage": "https://stbotany.blob.core.windows.net",
        "vision": "https://vis.cognitiveservices.azure.com",
    }


def test_a_seat_on_the_local_azure_has_its_labeling_page() -> None:
    links = seat_links(OUTPUTS, local_origin=ORIGIN, project="my labels")
    assert [(link.key, link.is_page) for link in links] == [("labeling", True), ("storage", False), ("vision", False)]
    assert links[0].url == "https://localhost:8443/labeling/#/p/my%20labels/label"
    studio = seat_links(OUTPUTS, local_origin=ORIGIN, project="my labels", studio_url="https://studio.example.org")
    assert studio[0].url == "https://studio.example.org"


def test_a_handout_says_what_to_do_and_until_when(tmp_path: Path) -> None:
    handout = a_handout(a_course(tmp_path))
    assert handout.last_day == "2026-12-24"
    assert [step.command for step in handout.steps] == [
        "visionlab run lab.yaml --until provision",
        "visionlab run lab.yaml --until train",
        "visionlab run lab.yaml --until report",
    ]
    assert handout.sign_in == ()
    assert dict(handout.about)["folder"].endswith("courses/botany/seats/anna-x7q2aa")
    on_azure = a_handout(a_course(tmp_path, stack="course"))
    assert on_azure.sign_in == ("az login --tenant t", "az account set --subscription s")
    assert "folder" not in dict(on_azure.about)


def test_a_page_is_one_file_that_fetches_nothing_and_is_the_same_for_the_same_seat(tmp_path: Path) -> None:
    text = render_html(a_handout(a_course(tmp_path)))
    assert text == render_html(a_handout(a_course(tmp_path)))
    assert "default-src 'none'" in text
    assert "<link" not in text
    assert "@media print" in text
    assert "prefers-color-scheme: dark" in text
    assert '<a href="https://localhost:8443/labeling/#/p/my%20labels/label">' in text


def test_a_name_is_text_in_html(tmp_path: Path) -> None:
    text = render_html(a_handout(a_course(tmp_path), name=EVIL, invitation="https://x/#'\"><script>"))
    assert "<script>" not in text
    assert "&lt;script&gt;alert(1)" in text


def test_a_name_is_text_in_markdown(tmp_path: Path) -> None:
    text = render_markdown(a_handout(a_course(tmp_path), name=EVIL, invitation="https://x/#>`<b>"))
    first = text.splitlines()[0]
    assert first == (
        r"# botany: the seat of \<script\>alert\(1\)\</script\> \[x\]\(javascript\:alert\(1\)\) \`a\` \| b \# c"
    )
    assert "<https://x/#%3E%60%3Cb%3E>" in text


@pytest.mark.parametrize("render", [render_html, render_markdown])
def test_a_personal_link_comes_with_a_warning_and_only_when_there_is_one(tmp_path: Path, render: object) -> None:
    assert callable(render)
    with_link = str(render(a_handout(a_course(tmp_path), invitation=f"{ORIGIN}/labeling/join#token")))
    assert "join#token" in with_link
    assert "keep it to yourself" in with_link
    assert "keep it to yourself" not in str(render(a_handout(a_course(tmp_path))))
