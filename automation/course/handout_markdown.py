"""A handout as Markdown, for whoever puts handouts into a learning platform or a repository.

Owns: what stands where, and escaping what Markdown or the HTML in it would take for its own.
"""

import re
from collections.abc import Iterator

from automation.course.handouts import Handout

__all__ = ["render_markdown"]

_OWN = re.compile(r"([\\`*_{}\[\]<>()#|~&:])")


def render_markdown(handout: Handout) -> str:
    """The page as text; the same handout gives the same bytes."""
    return "\n".join(_lines(handout)) + "\n"


def _lines(handout: Handout) -> Iterator[str]:
    yield f"# {_plain(handout.course)}: the seat of {_plain(handout.who)}"
    yield ""
    if handout.last_day:
        yield f"Everything in this seat may be deleted after **{handout.last_day}**. Save what you want to keep before."
        yield ""
    yield "## Your links"
    yield ""
    if handout.invitation:
        yield f"Your own way into the labeling page: <{_address(handout.invitation)}>"
        yield ""
        yield "It lets one browser in, once. Whoever has it is you: keep it to yourself."
        yield ""
    for link in handout.links:
        shown = f"<{_address(link.url)}>" if link.is_page else f"`{_address(link.url)}`"
        yield f"- {_plain(link.what)}: {shown}"
    yield ""
    if handout.link_note:
        yield handout.link_note
        yield ""
    yield "## What to do"
    yield ""
    yield "Open a terminal in the folder of your seat, where `lab.yaml` is."
    yield "Every command can be repeated: what is done is not done again."
    yield ""
    if handout.sign_in:
        yield "Sign in first:"
        yield ""
        yield from (f"    {line}" for line in handout.sign_in)
        yield ""
    for number, step in enumerate(handout.steps, 1):
        yield f"{number}. **{step.what}** {step.more} `{step.command}`"
    yield ""
    yield "Everything at once, and again after a stop: `visionlab run lab.yaml`."
    yield "How far you are: `visionlab lab status`."
    yield ""
    yield "## What you have"
    yield ""
    yield "| what | value |"
    yield "|---|---|"
    for name, value in handout.about:
        yield f"| {_plain(name)} | {_plain(value)} |"


def _plain(text: str) -> str:
    """Text that stays text: every sign that Markdown knows is escaped, and there is one line."""
    return _OWN.sub(r"\\\1", " ".join(text.split()))


def _address(url: str) -> str:
    """An address that cannot end its own brackets."""
    return "".join(f"%{ord(c):02X}" if c in '<>` \\"' or ord(c) < 32 else c for c in url)
