"""What a payment waits for: asked for when it is instructed, and looked at when it is confirmed."""

from hanse_ledger.kinds.certificate.rules import find_certificate
from hanse_ledger.kinds.certificate.state import CertificateState
from hanse_ledger.kinds.common import require
from hanse_ledger.kinds.declaration.entitled import find_declaration
from hanse_ledger.kinds.declaration.state import DeclarationState
from hanse_ledger.kinds.payment.bodies import ConfirmPayment, InstructPayment, Required
from hanse_ledger.kinds.payment.refusals import (
    CONDITION_OF_OTHERS,
    CONDITION_UNMET,
    CONDITIONS_DIFFER,
    DUPLICATE_CONDITION,
)
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment


def require_conditions(state: StateView, body: InstructPayment) -> None:
    """Refuse a condition that is not of the trade that is paid: others' histories are not a payer's to fill."""
    objects = [condition.object for condition in body.conditions]
    require(len(set(objects)) == len(objects), DUPLICATE_CONDITION, "/body/conditions")
    paid = {share.invoice for share in body.allocations}
    for place, condition in enumerate(body.conditions):
        pointer = f"/body/conditions/{place}/object"
        if condition.required is Required.DECLARATION_RELEASED:
            declaration = find_declaration(state, condition.object, pointer)
            ours = not paid.isdisjoint(declaration.links.invoices)
        else:
            certificate = find_certificate(state, condition.object, pointer)
            ours = certificate.links.exporter == body.payee and certificate.links.consignee in (None, body.payer)
        require(ours, CONDITION_OF_OTHERS, pointer, seen=condition.object)


def require_met(state: StateView, payment: Payment, body: ConfirmPayment, at: Moment) -> None:
    """Refuse a confirmation while a condition does not hold. It names their objects, so that a proof has them."""
    conditions = payment.links.conditions
    named = tuple(condition.object for condition in conditions)
    require(
        body.conditions == named,
        CONDITIONS_DIFFER,
        "/body/conditions",
        seen=lambda: ", ".join(name.hex() for name in body.conditions) or "none",
        wanted=lambda: ", ".join(name.hex() for name in named) or "none",
    )
    for place, condition in enumerate(conditions):
        pointer = f"/body/conditions/{place}"
        if condition.required is Required.DECLARATION_RELEASED:
            present = find_declaration(state, condition.object, pointer).status.state
            require(
                present is DeclarationState.RELEASED,
                CONDITION_UNMET,
                pointer,
                seen=present,
                wanted=DeclarationState.RELEASED,
            )
        else:
            status = find_certificate(state, condition.object, pointer).status
            require(
                status.state is CertificateState.LIVE, CONDITION_UNMET, pointer, seen=status.state, wanted="in force"
            )
            require(
                status.valid_from <= at < status.valid_until,
                CONDITION_UNMET,
                pointer,
                seen=moment_words(at),
                wanted=f"from {moment_words(status.valid_from)} until {moment_words(status.valid_until)}",
            )
