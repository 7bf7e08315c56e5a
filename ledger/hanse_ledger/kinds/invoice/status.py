"""How the status of an invoice is judged."""

from collections.abc import Mapping
from typing import Any

from hanse_ledger.kinds.invoice.state import InvoiceAcceptance, InvoicePledge, InvoiceState, InvoiceStatus
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Moment, ObjectId
from hanse_ledger.values.verdict import Verdict


def judged(aspects: Mapping[str, Any], _: Moment) -> Judgement:
    """Judge an invoice: the buyer's acceptance makes it good."""
    status: InvoiceStatus = aspects["status"]
    match status.state:
        case InvoiceState.ACCEPTED:
            accepted = _with_pledge(aspects["pledge"], _accepted(aspects["acceptance"]))
            return Judgement(Verdict.VALID, said("state.invoice.accepted", "accepted"), accepted, accepted)
        case InvoiceState.ISSUED:
            return Judgement(
                Verdict.VALID_WITH_WARNINGS,
                said("state.invoice.issued", "issued"),
                said("standing.invoice.issued", "the buyer has not accepted it"),
            )
        case InvoiceState.CANCELLED:
            return Judgement(
                Verdict.REVOKED,
                said("state.invoice.cancelled", "cancelled"),
                said("standing.invoice.cancelled", "it has been cancelled"),
            )
        case InvoiceState.REFUSED:
            return Judgement(
                Verdict.REVOKED,
                said("state.invoice.refused", "refused"),
                said("standing.invoice.refused", "it has been refused"),
            )


def twin_pledged(aspects: Mapping[str, Any], pledge: ObjectId) -> Judgement:
    """Judge an accepted invoice that is pledged to nobody itself, while a pledge stands on one of its tags.

    It is registered twice, and lent on under its other record: no bank should lend on this one.
    """
    twice = said(
        "standing.invoice.twin-pledged",
        "the same invoice is pledged under another record, by {pledge}; this record is pledged to nobody, {accepted}",
        pledge.hex(),
        _accepted(aspects["acceptance"]),
    )
    return Judgement(Verdict.VALID_WITH_WARNINGS, said("state.invoice.accepted", "accepted"), twice, twice)


def _with_pledge(pledge: InvoicePledge, accepted: Said) -> Said:
    """Say besides whether it is pledged: by which pledge, or to nobody."""
    if pledge.pledged_by is None:
        return said("standing.invoice.unpledged", "pledged to nobody, {accepted}", accepted)
    return said("standing.invoice.pledged", "pledged by {pledge}, {accepted}", pledge.pledged_by.hex(), accepted)


def _accepted(acceptance: InvoiceAcceptance | None) -> Said:
    """Say for how much the buyer has accepted, and when that is due."""
    if acceptance is None:
        # No record leads here. An operator's state that no record stands behind may say it.
        return said("standing.invoice.accepted", "accepted by the buyer")
    amount = money_text(acceptance.accepted_minor, acceptance)
    if acceptance.accepted_due is None:
        return said("standing.invoice.accepted-for", "accepted by the buyer for {amount}, without a due date", amount)
    return said(
        "standing.invoice.accepted-due",
        "accepted by the buyer for {amount} due {due}",
        amount,
        acceptance.accepted_due,
    )
