"""The present, in milliseconds. The ledger never reads a clock; whoever signs and verifies does."""

import time
from datetime import UTC, date, datetime, timedelta

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def now_ms() -> int:
    """Give the present in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def day_start_ms(day: str) -> int:
    """Give the first moment (UTC) of a calendar date `YYYY-MM-DD`. Raises ValueError where there is no such day."""
    first = date.fromisoformat(day)
    return int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * SECOND_MS


def day_end_ms(day: str) -> int:
    """Give the first moment (UTC) behind a calendar date. Raises ValueError where there is no such day."""
    return day_start_ms(str(date.fromisoformat(day) + timedelta(days=1)))
