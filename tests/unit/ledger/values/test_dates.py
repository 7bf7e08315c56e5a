"""Dates and times of documents, and the moments that they mean: by their own zone, with no table."""

from datetime import datetime

import pytest

from hanse_ledger.values.dates import day_of, end_of, start_of
from hanse_ledger.values.errors import Malformed


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-11-21T02:30:00+08:00", "2026-11-20T18:30:00+00:00"),
        ("2026-11-20T20:30:00-05:00", "2026-11-21T01:30:00+00:00"),
        ("2026-11-20T18:30Z", "2026-11-20T18:30:00+00:00"),
        ("2026-11-20T18:30:00", "2026-11-20T18:30:00+00:00"),
        ("2026-11-20T23:59:59.9999Z", "2026-11-20T23:59:59.999+00:00"),
        ("2026-12-31T24:00:00+14:00", "2026-12-31T10:00:00+00:00"),
        ("2027-01-01T00:00:00+05:45", "2026-12-31T18:15:00+00:00"),
    ],
)
def test_a_time_is_a_moment_at_both_ends(text: str, same: str) -> None:
    """From and to the moment that the document names: a zone is kept, and without one it is UTC."""
    moment = round(datetime.fromisoformat(same).timestamp() * 1_000)
    assert (start_of(text), end_of(text)) == (moment, moment)


def test_a_date_is_a_whole_day() -> None:
    """A date without a time holds from the first moment (UTC) of its day to the first one behind it."""
    assert (start_of("1970-01-01"), end_of("1970-01-01")) == (0, 86_400_000)
    assert start_of("2026-11-20+08:00") == start_of("2026-11-20")
    assert day_of("2026-11-20+08:00") == "2026-11-20"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T",
        "2026-11-20T",
        "2026-11-20T25:00:00Z",
        "2026-11-20T24:00:01Z",
        "2026-11-20T18:60:00Z",
        "2026-11-20T18:30:60Z",
        "2026-11-20T18:30:00+15:00",
        "2026-11-20T18:30:00+08",
        "2026-11-20T18:30:00 08:00",
        "2026-11-20 18:30:00Z",
        "2026-11-31T18:30:00Z",
        "1969-12-31",
        "1970-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "\u0662026-11-20",
        "2026-11-20T18:30:00Z\n",
    ],
)
def test_what_names_no_moment_is_refused(text: str) -> None:
    """Nothing is guessed: neither end of a validity is made of such a text."""
    for read in (start_of, end_of):
        with pytest.raises(Malformed):
            read(text)
