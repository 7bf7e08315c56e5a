"""Dates and times as documents state them, and the moments that they mean. No table of time zones is asked."""

import re

from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Day, Moment

DAY_MS = 24 * 3_600_000
LATEST = 253_402_300_799_999

_ZONE = r"(Z|[+-](?:0[0-9]|1[0-4]):[0-5][0-9])?"
_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?", re.ASCII)
_TIME = re.compile(
    rf"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})T([01][0-9]|2[0-4]):([0-5][0-9])(?::([0-5][0-9])(?:\.([0-9]{{1,12}}))?)?{_ZONE}",
    re.ASCII,
)
_MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def day_of(text: str) -> Day:
    """Read a calendar date; a time zone behind it is dropped: the document's day is what counts. Raises Malformed."""
    _calendar(text)
    return text[:10]


def start_of(text: str) -> Moment:
    """Give the moment from which something holds: that of a time, or the first (UTC) of a date without one.

    Raises:
        Malformed: the text is neither, names no day of the calendar, or lies before 1970 or behind the year 9999.
    """
    return _moment(text) if "T" in text else _within(_days(text) * DAY_MS)


def end_of(text: str) -> Moment:
    """Give the moment until which something holds: that of a time, or the first (UTC) behind a date. As `start_of`."""
    return _moment(text) if "T" in text else _within((_days(text) + 1) * DAY_MS)


def _moment(text: str) -> Moment:
    """Read a date with a time (XML Schema `dateTime`), to the millisecond; without a zone it is UTC."""
    matched = _TIME.fullmatch(text)
    if matched is None:
        raise Malformed(said("date.no-time", "which is no date with a time, such as 2026-09-18T08:00:00+08:00"))
    hours, minutes, seconds = int(matched[2]), int(matched[3]), int(matched[4] or 0)
    millis = int((matched[5] or "").ljust(3, "0")[:3])
    if hours == 24 and (minutes or seconds or millis):
        raise Malformed(said("date.no-clock", "which is no time of the day"))
    local = _days(matched[1]) * DAY_MS + ((hours * 60 + minutes) * 60 + seconds) * 1_000 + millis
    return _within(local - _ahead_ms(matched[6]))


def _ahead_ms(zone: str | None) -> int:
    """Give how far a zone is ahead of UTC."""
    if zone in (None, "Z"):
        return 0
    assert zone is not None
    ahead = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60_000
    return -ahead if zone[0] == "-" else ahead


def _within(at: int) -> Moment:
    if not 0 <= at <= LATEST:
        raise Malformed(said("date.out-of-range", "which lies before 1970, or behind the year 9999"))
    return at


def _days(text: str) -> int:
    """Count the days from 1970-01-01 to a calendar date."""
    year, month, day = _calendar(text)
    if year < 1970:
        raise Malformed(said("date.too-early", "which lies before 1970"))
    before = year - 1
    leaps = before // 4 - before // 100 + before // 400 - 477  # 477 leap days before 1970
    return (year - 1970) * 365 + leaps + sum(_lengths(year)[: month - 1]) + day - 1


def _calendar(text: str) -> tuple[int, int, int]:
    """Read a date of the Gregorian calendar: year, month, day."""
    matched = _DAY.fullmatch(text)
    if matched is None:
        raise Malformed(said("date.form", "which is no calendar date YYYY-MM-DD"))
    year, month, day = int(matched[1]), int(matched[2]), int(matched[3])
    if not (year >= 1 and 1 <= month <= 12 and 1 <= day <= _lengths(year)[month - 1]):
        raise Malformed(said("date.no-day", "which is no day of the calendar"))
    return year, month, day


def _lengths(year: int) -> tuple[int, ...]:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return (*_MONTHS[:1], 29 if leap else 28, *_MONTHS[2:])
