"""The present, in milliseconds. The ledger never reads a clock; whoever signs and verifies does."""

import time

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


def now_ms() -> int:
    """Give the present in milliseconds since 1970."""
    return time.time_ns() // 1_000_000
