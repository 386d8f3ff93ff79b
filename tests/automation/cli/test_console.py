"""What a console draws: bars that say only what is known, and talk that does not tear them."""

import io

import pytest
from rich.console import Console as RichConsole

from automation.cli.console import Console, bar_words


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> tuple[Console, io.StringIO]:
    """A console on a terminal of a hundred columns, and what it draws."""
    drawn = io.StringIO()
    console = Console()
    console.watched = True
    monkeypatch.setattr(console, "_rich", RichConsole(file=drawn, force_terminal=True, width=100, color_system=None))
    return console, drawn


def test_talk_stands_above_the_bar(watched: tuple[Console, io.StringIO], capsys: pytest.CaptureFixture[str]) -> None:
    console, drawn = watched
    with console.progress("train") as progress:
        progress(0.2, 1.0, "training")
        console.say("asking the service to stop")
    assert "asking the service to stop\n" in drawn.getvalue().replace("\r", "")
    assert capsys.readouterr().err == ""
    console.say("done")
    assert capsys.readouterr().err == "done\n"


def test_a_bar_says_nothing_of_the_time_left_while_it_is_not_known(watched: tuple[Console, io.StringIO]) -> None:
    console, drawn = watched
    with console.progress("labels") as progress:
        progress(3, None, "export")
    assert "labels: export" in drawn.getvalue()
    assert "left" not in drawn.getvalue()


def test_words_beside_a_bar_end_in_an_ellipsis_where_they_are_cut() -> None:
    assert bar_words("x" * 44) == "x" * 44
    assert bar_words("x" * 45) == "x" * 43 + "…"


def test_an_empty_table_names_what_there_is_none_of(capsys: pytest.CaptureFixture[str]) -> None:
    Console().table(("model", "kind"), [])
    assert capsys.readouterr().out == "no models\n"
    Console().table(("class", "images"), [])
    assert capsys.readouterr().out == "no classes\n"
