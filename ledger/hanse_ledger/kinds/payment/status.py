"""How the status of a payment is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.payment.state import PaymentState, PaymentStatus
from hanse_ledger.values.messages import said
from hanse_ledger.values.types import Moment
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge a payment by what the banks have said of it."""
    status: PaymentStatus = aspects["status"]
    return _JUDGED[status.state]


_JUDGED: Mapping[PaymentState, Judgement] = {
    PaymentState.CONFIRMED: Judgement(
        Verdict.VALID,
        said("state.payment.confirmed", "confirmed"),
        said("standing.payment.confirmed", "the payee's bank has confirmed it"),
    ),
    PaymentState.INSTRUCTED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.payment.instructed", "instructed"),
        said("standing.payment.instructed", "the payee's bank has not confirmed it"),
    ),
    PaymentState.ACCEPTED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.payment.accepted", "accepted"),
        said(
            "standing.payment.accepted",
            "the payer's bank has accepted it, and the payee's bank has not confirmed it",
        ),
    ),
    PaymentState.PARTLY_CONFIRMED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.payment.partly-confirmed", "partly confirmed"),
        said("standing.payment.partly-confirmed", "the payee's bank has confirmed a part of it"),
    ),
    PaymentState.CUT_SHORT: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.payment.cut-short", "cut short"),
        said("standing.payment.cut-short", "the payee's bank has confirmed a part of it, and the rest will not come"),
    ),
    PaymentState.PARTLY_RETURNED: Judgement(
        Verdict.VALID_WITH_WARNINGS,
        said("state.payment.partly-returned", "partly returned"),
        said("standing.payment.partly-returned", "a part of the payment has been returned"),
    ),
    PaymentState.REJECTED: Judgement(
        Verdict.REVOKED,
        said("state.payment.rejected", "rejected"),
        said("standing.payment.rejected", "the payer's bank has rejected it"),
    ),
    PaymentState.WITHDRAWN: Judgement(
        Verdict.REVOKED,
        said("state.payment.withdrawn", "withdrawn"),
        said("standing.payment.withdrawn", "it has been withdrawn, for no bank has carried it out"),
    ),
    PaymentState.RETURNED: Judgement(
        Verdict.REVOKED,
        said("state.payment.returned", "returned"),
        said("standing.payment.returned", "the payment has been returned"),
    ),
}
"""By state: what it is called, and what it means for whoever relies on the payment."""
