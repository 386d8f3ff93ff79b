"""Rosters as people's programs write them, and what is wrong with them."""

import time
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from automation.course.roster import MOST_PEOPLE, Enrolled, Roster, parse_roster, read_roster
from automation.errors import ConfigError

GUID = "5A0C7D3E-41B6-4b0e-9a52-6f4f3f1f2a10"
PATH = Path("botany.csv")
TODAY = date(2026, 11, 21)


def parse(text: str, encoding: str = "utf-8") -> Roster:
    return parse_roster(text.encode(encoding), PATH, today=TODAY)


def said(text: str) -> list[tuple[str, str, str | None]]:
    """Where, what and the hint of each finding of a roster with mistakes."""
    with pytest.raises(ConfigError) as caught:
        parse(text)
    return [(found.where.removeprefix("botany.csv:"), found.message, found.hint) for found in caught.value.findings]


def test_all_columns_in_any_order_and_case() -> None:
    roster = parse(f"Size,ObjectID,E-Mail,NAME,Team,Expires\nSmall,{GUID},A.Lee@Example.org,Ann Lee,red,2027-01-31\n")
    assert roster.people == (
        Enrolled(
            line=2,
            email="a.lee@example.org",
            name="Ann Lee",
            team="red",
            expires=date(2027, 1, 31),
            size="small",
            object_id=GUID.lower(),
        ),
    )
    assert roster.warnings == ()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_what_spreadsheets_write(separator: str, end: str, encoding: str) -> None:
    lines = ["", "name;email", '"Lee; Ann, ""A""";a@example.org', ";;", " ", '"two', 'lines"; B@example.org ']
    text = end.join(lines).replace(";", separator)
    if separator == "\t":
        text = text.replace("Lee\t Ann", "Lee; Ann")
    with pytest.raises(ConfigError) as caught:
        parse(text, encoding)
    assert [f.where for f in caught.value.findings] == ["botany.csv:6: name"]
    people = parse(text.replace(f"two{end}lines", "two"), encoding).people
    name = 'Lee, Ann, "A"' if separator == "," else 'Lee; Ann, "A"'
    assert [(p.line, p.name, p.email) for p in people] == [(3, name, "a@example.org"), (6, "two", "b@example.org")]


def test_every_mistake_comes_with_its_line_and_the_nearest_valid_value() -> None:
    lines = [
        "email,name,expiry,size,objectid",
        "a@example.org,,31.1.2027,smal,x",
        "A@Example.org",
        ",Nobody",
        "Ann Lee <ann@example.org>",
        "b c@example.org",
        "d@example..org,,2026-02-30",
        "e@example.org,,3/4/2027,huge",
        "f@example.org,,,,,,more",
        f"g@example.org,{'x' * 201},,,{GUID}",
        f"h@example.org,,,,{GUID.lower()}",
        "i(at)example.org",
        "plain",
    ]
    guid = "it is a GUID; leave it empty and the directory is asked"
    twice = "remove one of the two lines; upper and lower case are the same here"
    assert said("\n".join(lines)) == [
        ("2: expiry", "'31.1.2027' is no date", "did you mean 2027-01-31?"),
        ("2: size", "'smal' is no size of a seat", "did you mean 'small'?"),
        ("2: objectId", "'x' is no object id", guid),
        ("3", "the address 'a@example.org' stands in line 2 already", twice),
        ("4: email", "the address is missing", "give the person's address"),
        ("5: email", "'Ann Lee <ann@example.org>' is no e-mail address", "did you mean 'ann@example.org'?"),
        ("6: email", "'b c@example.org' is no e-mail address", "did you mean 'c@example.org'?"),
        ("7: email", "'d@example..org' is no e-mail address", "did you mean 'd@example.org'?"),
        ("7: expiry", "'2026-02-30' is no date", "write it as YYYY-MM-DD"),
        ("8: expiry", "'3/4/2027' is no date", "write it as YYYY-MM-DD"),
        ("8: size", "'huge' is no size of a seat", "sizes are standard and small"),
        (
            "9",
            "the line has 7 values, more than the first line has columns",
            "put quotes around a value with a separator in it",
        ),
        ("10: name", f"'{'x' * 59}\u2026' is longer than 200 characters", "write it shorter and in one line"),
        ("11", f"the object id '{GUID.lower()}' stands in line 10 already", twice),
        ("12: email", "'i(at)example.org' is no e-mail address", "did you mean 'i@example.org'?"),
        ("13: email", "'plain' is no e-mail address", "an address is like name@example.org"),
    ]


def test_columns_that_are_not_known_are_reported_and_dates_that_have_passed() -> None:
    roster = parse("e-mail,Matriculation,expirey,expiry\na@example.org,17,2027-01-01,2026-11-20\n")
    assert [(f.where, f.message, f.hint) for f in roster.warnings] == [
        (
            "botany.csv:1: Matriculation",
            "the column is not known and not used",
            "known are email, name, team, expiry, size, objectid",
        ),
        ("botany.csv:1: expirey", "the column is not known and not used", "did you mean 'expiry'?"),
        ("botany.csv:2: expiry", "2026-11-20 has passed: a sweep may take the seat", "give a later day"),
    ]
    assert [person.expires for person in roster.people] == [date(2026, 11, 20)]


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        ("", "1", "the file is empty"),
        ("\n \n", "1", "the file is empty"),
        ("email\n", "1", "nobody is on the list"),
        ("a@example.org\nb@example.org\n", "1", "the first line is a person"),
        ("\nname,team\nx,y\n", "2", "there is no column email"),
        ("email,E-Mail\na@example.org,", "1: E-Mail", "the column 'E-Mail' is there twice"),
        ('email\na@example.org\n"b@example.org', "3", "the line cannot be read: unexpected end of data"),
    ],
)
def test_files_that_are_no_roster(text: str, where: str, message: str) -> None:
    assert [found[:2] for found in said(text)] == [(where, message)]


def test_other_files_are_refused_by_what_they_are(tmp_path: Path) -> None:
    words: list[str] = []
    for content in ("email\nx".encode("utf-16"), b"PK\x03\x04xlsx", b"email,name\na@example.org,J\xfcrgen\n"):
        with pytest.raises(ConfigError) as caught:
            parse_roster(content, PATH)
        words.append(caught.value.message)
    assert words == [
        "botany.csv is UTF-16, not CSV in UTF-8",
        "botany.csv is a spreadsheet or archive, not CSV in UTF-8",
        "botany.csv is not UTF-8: byte 0xfc in line 2",
    ]
    with pytest.raises(ConfigError, match="there is no roster"):
        read_roster(tmp_path / "none.csv")


def test_ten_thousand_people_are_read_at_once_and_no_more() -> None:
    lines = ["email,name", *(f"student{n}@example.org,Student {n}" for n in range(MOST_PEOPLE))]
    began = time.perf_counter()
    people = parse("\n".join(lines)).people
    assert (len(people), people[-1].line) == (10_000, 10_001)
    assert time.perf_counter() - began < 5
    assert said("\n".join([*lines, "more@example.org"])) == [
        ("10002", "10001 people are more than the 10000 that a course can have", "make several courses of it")
    ]


def test_ten_thousand_wrong_lines_are_ten_thousand_findings() -> None:
    assert len(said("email\n" + "\n".join(f"student {n}" for n in range(10_000)))) == 10_000


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='email,@.\n";\tab ', max_size=80).map(str.encode))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(ConfigError):
        roster = parse_roster(content, PATH, today=TODAY)
        assert len({person.email for person in roster.people}) == len(roster.people) > 0
