"""Moments and spans of time, in words."""

from functools import lru_cache

from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Moment

DAY_MS = 86_400_000

HOUR_MS, MINUTE_MS = 3_600_000, 60_000


@lru_cache(maxsize=16)
def moment_words(moment: Moment) -> str:
    """Write milliseconds since 1970 as an ISO 8601 time in UTC, to the second.

    Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
    """
    days, rest = divmod(moment // 1_000, 86_400)
    era, day_of_era = divmod(days + 719_468, 146_097)
    year = (day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096) // 365
    day_of_year = day_of_era - (365 * year + year // 4 - year // 100)
    month = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    year += era * 400 + (month <= 2)
    return f"{year:04}-{month:02}-{day:02}T{rest // 3_600:02}:{rest // 60 % 60:02}:{rest % 60:02}Z"


def span_said(milliseconds: int) -> Said:
    """Say a span of time in the largest unit of which there are two: 300 days, 36 hours, 90 seconds; 1.25 seconds."""
    if milliseconds >= 2 * DAY_MS:
        return said("span.days", "{count} days", milliseconds // DAY_MS)
    if milliseconds >= 2 * HOUR_MS:
        return said("span.hours", "{count} hours", milliseconds // HOUR_MS)
    if milliseconds >= 2 * MINUTE_MS:
        return said("span.minutes", "{count} minutes", milliseconds // MINUTE_MS)
    if milliseconds >= 2_000:
        return said("span.seconds", "{count} seconds", milliseconds // 1_000)
    seconds, rest = divmod(max(0, milliseconds), 1_000)
    exactly = f"{seconds}.{rest:03}".rstrip("0").rstrip(".")
    if exactly == "1":
        return said("span.second", "1 second")
    return said("span.seconds", "{count} seconds", exactly)


def span_words(milliseconds: int) -> str:
    """Write a span of time, as `span_said` says it."""
    return span_said(milliseconds).words
