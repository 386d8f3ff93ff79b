"""The date functions of the template language, with the formats of .NET that templates use. Pure.

Owns: ISO 8601 durations and the format letters. Leaves: the time of day to the Setting.
"""

import calendar
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from localazure.arm.deployments.arguments import Arguments, Function

__all__ = ["DEFAULT_FORMAT", "TIME_FUNCTIONS", "formatted"]

DEFAULT_FORMAT = "yyyyMMddTHHmmssZ"
_STANDARD = {
    "d": "MM/dd/yyyy",
    "D": "dddd, dd MMMM yyyy",
    "s": "yyyy-MM-ddTHH:mm:ss",
    "u": "yyyy-MM-dd HH:mm:ssZ",
    "o": "yyyy-MM-ddTHH:mm:ss.fffffffZ",
    "O": "yyyy-MM-ddTHH:mm:ss.fffffffZ",
    "R": "ddd, dd MMM yyyy HH:mm:ss GMT",
    "r": "ddd, dd MMM yyyy HH:mm:ss GMT",
    "t": "HH:mm",
    "T": "HH:mm:ss",
}
_LETTERS = re.compile(r"yyyy|yy|MMMM|MMM|MM|M|dddd|ddd|dd|d|HH|H|hh|h|mm|m|ss|s|f{1,7}|tt|'[^']*'|.", re.DOTALL)
_DURATION = re.compile(
    r"(?P<sign>-)?P(?:(?P<years>\d{1,4})Y)?(?:(?P<months>\d{1,5})M)?(?:(?P<weeks>\d{1,6})W)?(?:(?P<days>\d{1,7})D)?"
    r"(?:T(?:(?P<hours>\d{1,8})H)?(?:(?P<minutes>\d{1,9})M)?(?:(?P<seconds>\d{1,10}(?:\.\d+)?)S)?)?"
)


def formatted(moment: datetime, how: str) -> str:
    """A time in a format of .NET's letters."""
    pattern = _STANDARD.get(how, how)
    return "".join(_part(moment, piece) for piece in _LETTERS.findall(pattern))


def _part(moment: datetime, piece: str) -> str:
    if piece[0] == "f":
        return f"{moment.microsecond:06d}0"[: len(piece)]
    if piece[0] == "'":
        return piece[1:-1]
    codes = {"yyyy": "%Y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "MM": "%m", "dddd": "%A", "ddd": "%a", "dd": "%d",
             "HH": "%H", "hh": "%I", "mm": "%M", "ss": "%S", "tt": "%p"}  # fmt: skip
    if piece in codes:
        return moment.strftime(codes[piece])
    short = {"M": "%m", "d": "%d", "H": "%H", "h": "%I", "m": "%M", "s": "%S"}
    return moment.strftime(short[piece]).lstrip("0") or "0" if piece in short else piece


def _read(a: Arguments, at: int) -> datetime:
    text = a.text(at)
    packed = re.fullmatch(r"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", text)
    try:
        if packed:
            year, month, day, hour, minute, second = map(int, packed.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise a.wrong("cannot read its parameter as a time") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _add(a: Arguments) -> str:
    start, text = _read(a, 0), a.text(1)
    found = _DURATION.fullmatch(text)
    if found is None or text.rstrip("T") in {"P", "-P"}:
        raise a.wrong("cannot read its parameter as an ISO 8601 duration")
    part = {name: float(value) for name, value in found.groupdict().items() if value and name != "sign"}
    sign = -1 if found["sign"] else 1
    months = sign * int(part.pop("years", 0) * 12 + part.pop("months", 0))
    try:
        moved = _months_later(start, months) + sign * timedelta(**part)
    except (OverflowError, ValueError):
        raise a.wrong("leaves the range of dates") from None
    return formatted(moved, a.text(2)) if len(a) > 2 else moved.strftime("%Y-%m-%dT%H:%M:%SZ")


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def _to_epoch(a: Arguments) -> int:
    return int(_read(a, 0).timestamp())


def _from_epoch(a: Arguments) -> str:
    try:
        return datetime.fromtimestamp(a.whole(0), tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (OverflowError, ValueError, OSError):
        raise a.wrong("leaves the range of dates") from None


TIME_FUNCTIONS: Mapping[str, Function] = {
    "datetimeadd": Function(2, 3, _add),
    "datetimefromepoch": Function(1, 1, _from_epoch),
    "datetimetoepoch": Function(1, 1, _to_epoch),
}
