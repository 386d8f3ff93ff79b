"""The roster: a class list as a CSV file, read and checked as a whole.

Owns: which columns there are, what they may hold, and what people's programs make of CSV: marks at the beginning,
semicolons and tabs, quotes, empty lines. All mistakes come at once, each with its line and the nearest valid value.
Leaves: who the people are in the directory to `people.py`.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from automation.course.roster_values import delimiter_of, is_address, near_address, near_date, shown
from automation.course.types import SIZES
from automation.errors import ConfigError, Finding, Severity
from automation.nearest import nearest
from automation.printable import printable

__all__ = ["MOST_PEOPLE", "Enrolled", "Roster", "parse_roster", "read_roster"]

MOST_PEOPLE = 10_000
MOST_BYTES = 8_000_000
MOST_TEXT = 200
COLUMNS = ("email", "name", "team", "expiry", "size", "objectid")
_ALSO = {"mail": "email", "emailaddress": "email", "expires": "expiry", "fullname": "name", "displayname": "name"}
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MARKS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"PK\x03\x04": "a spreadsheet or archive"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """One line of a roster; what it leaves out is None.

    Attributes:
        line: Where it begins, from 1.
        email: In lower case.
        object_id: In lower case.
    """

    line: int
    email: str
    name: str | None = None
    team: str | None = None
    expires: date | None = None
    size: str | None = None
    object_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """A roster without mistakes; `warnings` do not stop the work."""

    path: Path
    people: tuple[Enrolled, ...]
    warnings: tuple[Finding, ...] = ()


def read_roster(path: Path, *, today: date | None = None) -> Roster:
    """Read and check a roster.

    Args:
        path: The file.
        today: The day on which an expiry that has passed is worth a warning; None looks at no dates.

    Raises:
        ConfigError: It cannot be read, or holds mistakes: all of them are in `findings`.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError as exc:
        hint = "a roster is a CSV file whose first line is: email,name,team,expiry,size"
        raise ConfigError(f"there is no roster {path}", hint=hint) from exc
    except OSError as exc:
        raise ConfigError(f"{path} cannot be read: {exc.strerror}", hint="name a CSV file") from exc
    return parse_roster(content, path, today=today)


def parse_roster(content: bytes, path: Path, *, today: date | None = None) -> Roster:
    """As `read_roster`, for a file's content."""
    if len(content) > MOST_BYTES:
        raise ConfigError(
            f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB", hint="a roster is a list of people"
        )
    reading = _Reading(path.name, today)
    people = reading.people(_text(content, path.name))
    errors = [finding for finding in reading.findings if finding.severity is Severity.ERROR]
    if errors:
        raise ConfigError(
            f"{path.name} has {len(errors)} mistake{'s' * (len(errors) > 1)}",
            hint=f"mend {path} and run the command again; nothing was changed",
            findings=reading.findings,
        )
    return Roster(path=path, people=tuple(people), warnings=tuple(reading.findings))


def _text(content: bytes, name: str) -> str:
    for mark, what in _MARKS.items():
        if content.startswith(mark):
            raise ConfigError(f"{name} is {what}, not CSV in UTF-8", hint='save it as "CSV UTF-8"')
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        raise ConfigError(
            f"{name} is not UTF-8: byte {exc.object[exc.start]:#04x} in line {line}", hint='save it as "CSV UTF-8"'
        ) from exc


class _Reading:
    """One pass over the lines. What is wrong is left out, and the roster is then not used."""

    def __init__(self, file: str, today: date | None) -> None:
        self.file, self.today = file, today
        self.findings: list[Finding] = []
        self._seen: dict[str, int] = {}
        self._width = 0

    def people(self, text: str) -> list[Enrolled]:
        rows = self._rows(text)
        if not rows:
            self._wrong("no-header", 1, None, "the file is empty", "its first line is: email,name,team,expiry,size")
            return []
        columns = self._header(*rows[0])
        if columns is None:
            return []
        if len(rows) - 1 > MOST_PEOPLE:
            message = f"{len(rows) - 1} people are more than the {MOST_PEOPLE} that a course can have"
            self._wrong("too-many-people", rows[MOST_PEOPLE + 1][0], None, message, "make several courses of it")
            return []
        found = [person for line, cells in rows[1:] if (person := self._person(line, cells, columns)) is not None]
        if len(rows) == 1:
            self._wrong("no-people", rows[0][0], None, "nobody is on the list", "add a line for each person")
        return found

    def _rows(self, text: str) -> list[tuple[int, list[str]]]:
        """Lines with what stands in them, without the empty ones."""
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text), strict=True)
        rows: list[tuple[int, list[str]]] = []
        begins = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    rows.append((begins, [cell.strip() for cell in cells]))
                begins = reader.line_num + 1
        except csv.Error as exc:
            hint = "a quoted value ends with a quote, and a quote inside is written twice"
            self._wrong("bad-quotes", begins, None, f"the line cannot be read: {exc}", hint)
        return rows

    def _header(self, line: int, cells: Sequence[str]) -> dict[str, int] | None:
        """Which column stands where."""
        hint = "the first line names the columns: email,name,team,expiry,size,objectId"
        if any("@" in cell for cell in cells):
            self._wrong("no-header", line, None, "the first line is a person", hint)
            return None
        found: dict[str, int] = {}
        self._width = len(cells)
        for index, cell in enumerate(cells):
            plain = re.sub(r"[\s_-]+", "", cell.lower())
            name = _ALSO.get(plain, plain)
            if name in found:
                self._wrong("double-column", line, cell, f"the column {shown(cell)} is there twice", "keep one of them")
            elif name in COLUMNS:
                found[name] = index
            else:
                near = nearest(plain, COLUMNS)
                more = f"did you mean {near!r}?" if near else f"known are {', '.join(COLUMNS)}"
                self._odd("unknown-column", line, cell or "(no name)", "the column is not known and not used", more)
        if "email" not in found:
            self._wrong("no-email", line, None, "there is no column email", hint)
            return None
        return found

    def _person(self, line: int, cells: Sequence[str], columns: dict[str, int]) -> Enrolled | None:
        if any(cells[self._width :]):
            message = f"the line has {len(cells)} values, more than the first line has columns"
            self._wrong("too-many-values", line, None, message, "put quotes around a value with a separator in it")
            return None
        said = {name: cells[index] for name, index in columns.items() if index < len(cells) and cells[index]}
        mistakes = len(self.findings)
        email = self._email(line, said.get("email"))
        found = Enrolled(
            line=line,
            email=email or "",
            name=self._words(line, "name", said.get("name")),
            team=self._words(line, "team", said.get("team")),
            expires=self._expiry(line, said.get("expiry")),
            size=self._size(line, said.get("size")),
            object_id=self._object_id(line, said.get("objectid")),
        )
        fine = all(finding.severity is not Severity.ERROR for finding in self.findings[mistakes:])
        return found if fine else None

    def _email(self, line: int, text: str | None) -> str | None:
        if text is None:
            self._wrong("no-address", line, "email", "the address is missing", "give the person's address")
            return None
        email = text.lower()
        if not is_address(email):
            near = near_address(email)
            hint = f"did you mean {near!r}?" if near else "an address is like name@example.org"
            self._wrong("bad-address", line, "email", f"{shown(text)} is no e-mail address", hint)
            return None
        if not self._first("address", line, email):
            return None
        return email

    def _words(self, line: int, column: str, text: str | None) -> str | None:
        if text is None:
            return None
        if len(text) > MOST_TEXT or not text.isprintable():
            why = (
                f"longer than {MOST_TEXT} characters"
                if len(text) > MOST_TEXT
                else "text with signs that cannot be shown"
            )
            self._wrong(f"bad-{column}", line, column, f"{shown(text)} is {why}", "write it shorter and in one line")
            return None
        return text

    def _expiry(self, line: int, text: str | None) -> date | None:
        if text is None:
            return None
        try:
            day = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else None
        except ValueError:
            day = None
        if day is None:
            near = near_date(text)
            hint = f"did you mean {near}?" if near else "write it as YYYY-MM-DD"
            self._wrong("bad-expiry", line, "expiry", f"{shown(text)} is no date", hint)
        elif self.today is not None and day < self.today:
            self._odd("past-expiry", line, "expiry", f"{day} has passed: a sweep may take the seat", "give a later day")
        return day

    def _size(self, line: int, text: str | None) -> str | None:
        if text is None or text.lower() in SIZES:
            return text and text.lower()
        near = nearest(text, SIZES)
        hint = f"did you mean {near!r}?" if near else f"sizes are {' and '.join(SIZES)}"
        self._wrong("bad-size", line, "size", f"{shown(text)} is no size of a seat", hint)
        return None

    def _object_id(self, line: int, text: str | None) -> str | None:
        if text is None:
            return None
        plain = text.lower().strip("{}")
        if not _GUID.fullmatch(plain):
            hint = "it is a GUID; leave it empty and the directory is asked"
            self._wrong("bad-object-id", line, "objectId", f"{shown(text)} is no object id", hint)
            return None
        return plain if self._first("object id", line, plain) else None

    def _first(self, what: str, line: int, value: str) -> bool:
        """Whether nobody before had it."""
        earlier = self._seen.setdefault(f"{what} {value}", line)
        if earlier == line:
            return True
        hint = "remove one of the two lines; upper and lower case are the same here"
        code = f"double-{what.replace(' ', '-')}"
        self._wrong(code, line, None, f"the {what} {shown(value)} stands in line {earlier} already", hint)
        return False

    def _wrong(self, code: str, line: int, column: str | None, message: str, hint: str) -> None:
        self._note(code, _Place(line, column), message, hint, severity=Severity.ERROR)

    def _odd(self, code: str, line: int, column: str | None, message: str, hint: str) -> None:
        self._note(code, _Place(line, column), message, hint, severity=Severity.WARNING)

    def _note(self, code: str, place: "_Place", message: str, hint: str, *, severity: Severity) -> None:
        where = f"{self.file}:{place.line}" + (f": {printable(place.column)[:60]}" if place.column else "")
        self.findings.append(Finding(code=code, severity=severity, where=where, message=message, hint=hint))


@dataclass(frozen=True, slots=True)
class _Place:
    line: int
    column: str | None
