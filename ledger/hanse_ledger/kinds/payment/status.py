"""How the status of a payment is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.payment.state import PaymentState, PaymentStatus
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a payment by what the banks have said of it."""
    status: PaymentStatus = aspects["status"]
    match status.state:
        case PaymentState.CONFIRMED:
            return Judgement(Verdict.VALID, "confirmed", "the payee's bank has confirmed it")
        case PaymentState.INSTRUCTED:
            return Judgement(Verdict.VALID_WITH_WARNINGS, "instructed", "the payee's bank has not confirmed it")
        case PaymentState.REJECTED:
            return Judgement(Verdict.REVOKED, "rejected", "the payer's bank has rejected it")
        case PaymentState.WITHDRAWN:
            return Judgement(Verdict.REVOKED, "withdrawn", "it has been withdrawn, for no bank has carried it out")
        case PaymentState.RETURNED:
            return Judgement(Verdict.REVOKED, "returned", "the payment has been returned")
