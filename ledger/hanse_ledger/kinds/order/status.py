"""How the status of an order is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.order.state import OrderLinks
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge an order: it is its marketplace's word, and stays so."""
    links: OrderLinks = aspects["links"]
    return Judgement(
        Verdict.VALID,
        said("state.order.attested", "attested"),
        said(
            "standing.order.attested",
            "attested by the marketplace {name}: that it was placed is its word",
            links.marketplace,
        ),
    )
