"""How the status of a consignment is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.consignment.state import ConsignmentItems, ConsignmentLinks
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a consignment: it stays open, and its history says what is in it."""
    links: ConsignmentLinks = aspects["links"]
    contents: ConsignmentItems = aspects["contents"]
    return Judgement(
        Verdict.VALID,
        said("state.consignment.open", "open"),
        said(
            "standing.consignment.open",
            "the folder {ucr}: items put in: {items}; its history says by whom, and that nothing is left out",
            links.ucr,
            contents.items,
        ),
    )
