"""How the status of an invoice is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.invoice.state import InvoiceState, InvoiceStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge an invoice: the buyer's acceptance makes it good."""
    status: InvoiceStatus = aspects["status"]
    match status.state:
        case InvoiceState.ACCEPTED:
            return Judgement(Verdict.VALID, "accepted", "the buyer has accepted it")
        case InvoiceState.ISSUED:
            return Judgement(Verdict.VALID_WITH_WARNINGS, "issued", "the buyer has not accepted it")
        case ended:
            return Judgement(Verdict.REVOKED, ended.value, f"it has been {ended.value}")
