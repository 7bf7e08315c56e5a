"""Moments and spans of time, in words."""

from functools import lru_cache

from hanse_ledger.values.types import Moment

DAY_MS = 86_400_000

_SPANS = ((DAY_MS, "days"), (3_600_000, "hours"), (60_000, "minutes"), (1_000, "seconds"))


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


def span_words(milliseconds: int) -> str:
    """Write a span of time in the largest unit of which there are two: 300 days, 36 hours, 90 seconds; 1.25 seconds."""
    for length, name in _SPANS:
        if milliseconds >= 2 * length:
            return f"{milliseconds // length} {name}"
    seconds, rest = divmod(max(0, milliseconds), 1_000)
    exactly = f"{seconds}.{rest:03}".rstrip("0").rstrip(".")
    return f"{exactly} {'second' if exactly == '1' else 'seconds'}"
