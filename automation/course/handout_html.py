"""A handout as a page of HTML: one file that opens from disk and prints, in light and dark, and fetches nothing.

Owns: what stands where. Leaves: the frame and the escaping to `automation.report`.
"""

from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

from automation.course.handouts import Handout

__all__ = ["render_html"]

WORDS = "Everything at once, and again after a stop:"


def render_html(handout: Handout) -> str:
    """The page as text; the same handout gives the same bytes."""
    from automation.report import elements
    from automation.report.frame import page

    element = elements.element
    title = f"{handout.course}: the seat of {handout.who}"
    last_day = (
        element("p", "Everything in this seat may be deleted after ", element("b", handout.last_day), ". "
                "Save what you want to keep before.")
        if handout.last_day
        else None
    )  # fmt: skip
    return page(
        title,
        style=Path(__file__).with_name("handout.css").read_text(encoding="utf-8"),
        body=element(
            "main",
            element("header", element("h1", title), last_day),
            _section("Your links", *_links(handout)),
            _section("What to do", *_steps(handout)),
            _section("What you have", _facts(handout.about)),
        ),
    )


def _links(handout: Handout) -> Iterable[Element]:
    from automation.report.elements import element

    if handout.invitation:
        yield element(
            "p",
            element("b", "Your own way into the labeling page: "),
            element("a", handout.invitation, href=handout.invitation),
            ". It lets one browser in, once. Whoever has it is you: keep it to yourself.",
            class_="own",
        )
    yield element(
        "dl",
        *(
            part
            for link in handout.links
            for part in (
                element("dt", link.what),
                element("dd", element("a", link.url, href=link.url) if link.is_page else element("code", link.url)),
            )
        ),
    )
    if handout.link_note:
        yield element("p", handout.link_note, class_="note")


def _steps(handout: Handout) -> Iterable[Element]:
    from automation.report.elements import element

    yield element(
        "p", "Open a terminal in the folder of your seat, where ", element("code", "lab.yaml"), " is.",
        " Every command can be repeated: what is done is not done again.",
    )  # fmt: skip
    if handout.sign_in:
        yield element("p", "Sign in first:")
        yield element("pre", "\n".join(handout.sign_in))
    yield element(
        "ol",
        *(
            element("li", element("b", step.what), " ", step.more, element("pre", step.command))
            for step in handout.steps
        ),
    )
    yield element("p", WORDS)
    yield element("pre", "visionlab run lab.yaml\nvisionlab lab status")


def _facts(facts: Iterable[tuple[str, str]]) -> Element:
    from automation.report.elements import element

    return element("dl", *(part for name, value in facts for part in (element("dt", name), element("dd", value))))


def _section(title: str, *content: Element) -> Element:
    from automation.report.elements import element

    return element("section", element("h2", title), *content)
