"""How the status of an office is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(_: Mapping[str, Any], __: Moment) -> Judgement:
    """Judge an office: it stays open. What it may do follows from its member, of whom the members' records tell."""
    return Judgement(
        Verdict.VALID,
        said("state.office.open", "open"),
        said("standing.office.open", "open; what it may do follows from its member's standing"),
    )
