"""The moves of random histories that are about payments."""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.payment.banks import carries, confirms
from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    Allocation,
    Condition,
    ConfirmPayment,
    CorrectPayment,
    Debit,
    InstructPayment,
    RejectPayment,
    Required,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.wire.part import Body
from tests.property.banks.objects import NOBODY, id_of
from tests.property.banks.pledges import standing_on
from tests.world.corridor_genesis import uetr_of

if TYPE_CHECKING:
    from tests.property.histories import Move, Player


def payment_move(player: "Player", kind: type[Body], move: "Move") -> tuple[Body, tuple[str, ...]]:
    """Make the body of a move about a payment, and say who should sign it."""
    first, second, third, fourth = move.picks
    if kind is InstructPayment:
        invoices = [player.pick(Invoice, first), player.pick(Invoice, second)][: 1 + third % 2]
        amounts = [move.amount, 1 + fourth][: len(invoices)]
        parts = zip(invoices, amounts, strict=True)
        payer = player.party_of(invoices[0].links.buyer if invoices[0] else NOBODY)
        waits = Condition(object=id_of(player.pick(Declaration, third)), required=Required.DECLARATION_RELEASED)
        body = InstructPayment(
            conditions=(waits,) if second % 4 == 1 else (),
            consignment=None,
            debit=Debit(amount_minor=move.amount, currency="USD", minor_digits=2) if third == 9 else None,
            rail="sepa" if third % 2 else None,
            allocations=tuple(
                Allocation(amount_minor=amount, invoice=id_of(one), pledge=standing_on(one, fourth))
                for one, amount in parts
            ),
            amount_minor=sum(amounts),
            currency="EUR",
            minor_digits=2,
            payee=invoices[0].links.seller if invoices[0] else NOBODY,
            payee_bank="COBADEFFXXX" if second == 13 else "bank-cn",
            payer=id_of(payer),
            payer_bank="HNSABEB0XXX" if second == 14 else "bank-be",
            uetr=uetr_of(fourth * 256 + second * 16 + third) if fourth % 4 else None,
        )
        return body, (player.key(payer),)
    return _banks(player, kind, move)


def _banks(player: "Player", kind: type[Body], move: "Move") -> tuple[Body, tuple[str, ...]]:
    first, _, third, fourth = move.picks
    payment = player.pick(Payment, first)
    if fourth and kind in (WithdrawPayment, AcceptPayment):
        paid = (value for value in player.corridor.ledger.objects.values() if isinstance(value, Payment))
        payment = next((value for value in paid if value.amounts.under_way_minor > 0), payment)
    paid = (value for value in player.corridor.ledger.objects.values() if isinstance(value, Payment))
    too_little = kind is CorrectPayment and third < 8
    if too_little:
        # Of what was sent back, a correction says that less has come.
        payment = next((value for value in paid if value.amounts.returned_minor > 1), payment)
    player.corridor.id["payment"] = id_of(payment)
    amounts, links = (payment.amounts, payment.links) if payment else (None, None)
    payee_bank, payer_bank = (confirms(links), carries(links)) if links else ("bank-cn", "bank-be")
    if kind is ConfirmPayment:
        open_minor = amounts.under_way_minor if amounts else 1
        # Mostly all of it arrives, or a part; sometimes charges are taken, and sometimes they do not add up.
        partial = third > 9
        expected = min(move.amount, open_minor) if partial else open_minor
        charged = (1 + third,) * (fourth % 3) if expected > 64 else ()
        credited = max(expected - sum(charged) - (fourth == 7), 1)
        body = player.corridor.make.confirmation(credited_minor=credited, charged_minor=charged, partial=partial)
        named = tuple(condition.object for condition in links.conditions) if links else ()
        if fourth == 11:
            # Something for which this payment does not wait.
            named = (*named, id_of(player.pick(Declaration, third)))
        return replace(body, conditions=named, debit=amounts.debit if amounts else None), (payee_bank,)
    if kind is CorrectPayment:
        last = amounts.last_credited_minor + amounts.last_charged_minor if amounts else 1
        charged = (fourth,) if 0 < fourth < 4 else ()
        credited = 1 if too_little else max(last - sum(charged) + third - 6, 1)
        return player.corridor.make.correction(credited_minor=credited, charged_minor=charged), (payee_bank,)
    if kind is WithdrawPayment:
        payer = player.party_of(payment.links.payer if payment else NOBODY)
        payee = player.party_of(payment.links.payee if payment else NOBODY)
        return WithdrawPayment(payment=id_of(payment)), (player.key(payee if third > 11 else payer),)
    if kind is AcceptPayment:
        return AcceptPayment(debit=amounts.debit if amounts else None, payment=id_of(payment)), (payer_bank,)
    if kind is RejectPayment:
        return RejectPayment(payment=id_of(payment), reason="AM04"), (payer_bank,)
    settled = amounts.settled_minor if amounts else 1
    returned = max(settled, 1) if third < 8 else move.amount
    return ReturnPayment(amount_minor=returned, payment=id_of(payment), reason="AC04"), (payee_bank,)
