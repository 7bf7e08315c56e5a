"""Payments: instruct, confirm, return, reject, withdraw."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from hanse_client.base.errors import DocumentError, InvalidInput
from hanse_client.base.files import read_payments, read_source
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import InvoiceView, PaymentView
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import place_of, sign_body, submit_body, submit_once, submit_opening
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.arrivals import arrival_of, find_transaction, instructed_of
from hanse_documents.model.documents import PaymentDocument, terms
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.kinds.payment.bodies import (
    Allocation,
    ConfirmPayment,
    InstructPayment,
    PaymentCharge,
    RejectPayment,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.figures import money_text
from hanse_ledger.values.types import Currency, MemberId, Uetr
from hanse_ledger.wire.catalogue import CommittedKind


class AsyncPayments:
    """Payments and their allocation to invoices. Reached as `client.payments`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def instruct(
        self,
        file: Path | str | bytes | None = None,
        *,
        payer_bank: MemberId,
        payee_bank: MemberId,
        allocations: Mapping[Id, int | None],
        payee: Id | None = None,
        payer: Id | None = None,
        currency: Currency | None = None,
        uetr: Uetr | None = None,
    ) -> Receipt:
        """Instruct the payment of invoices; the client's identity is the payer's. Rule S-1.

        Args:
            file: a pacs.008 message of this payment, from which amount, currency and UETR are taken, or nothing.
            payer_bank: the payer's bank, by its member's name.
            payee_bank: the payee's bank, by its member's name.
            allocations: for each invoice its share in minor units; None for all that is outstanding.
            payee: by default the seller of the first invoice.
            payer: the payer's party, where the home folder does not know it.
            currency: by default the message's, else the first invoice's.
            uetr: by default the message's, none where it bears none; without a message a new one.

        Raises:
            DocumentError: the file is no such message, or its amount is not what is allocated.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        read = None if file is None else read_source(file)
        asked = InstructPayment(
            allocations=tuple(
                Allocation(amount_minor=amount or 0, invoice=parse_id(name, "invoice"))
                for name, amount in allocations.items()
            ),
            amount_minor=0,
            currency=currency or "",
            minor_digits=0,
            payee=b"" if payee is None else parse_id(payee, "payee"),
            payee_bank=payee_bank,
            payer=await own_party(self._session, payer),
            payer_bank=payer_bank,
            uetr=uetr,
        )

        async def make() -> Signed:
            # Looked at only now: what was sent before has taken what was outstanding.
            shares = [await self._share(name, amount) for name, amount in allocations.items()]
            return await sign_body(self._session, await self._instruction(asked, shares, read))

        if not allocations:
            raise InvalidInput("A payment pays at least one invoice.", "Name an invoice and its share.")
        place = await place_of(self._session, asked, (), b"" if read is None else read[0])
        return await submit_once(self._session, place, make)

    async def _share(self, name: Id, amount: int | None) -> Allocation:
        """Give an invoice's share; where none is named, all that is outstanding. Raises InvalidInput."""
        invoice = parse_id(name, "invoice")
        if amount is None:
            amount = (await show(self._session, invoice, InvoiceView)).amounts.outstanding_minor
            if amount == 0:
                raise InvalidInput(
                    f"Nothing is outstanding on invoice {invoice.hex()}.",
                    f"Look at it: hanse invoice show {invoice.hex()}",
                    pointer="/body/allocations",
                )
        if amount < 1:
            raise InvalidInput(
                "A payment pays something of each of its invoices.",
                "Leave out an invoice of which nothing is due: a prepaid one is never paid.",
                pointer="/body/allocations",
            )
        return Allocation(amount_minor=amount, invoice=invoice)

    async def _instruction(
        self, asked: InstructPayment, shares: Sequence[Allocation], read: tuple[bytes, str] | None
    ) -> InstructPayment:
        """Complete what was asked for: from the message, else from the first invoice."""
        total = sum(share.amount_minor for share in shares)
        currency, payee, uetr = asked.currency, asked.payee, asked.uetr
        if read is not None:
            message = _message(*read, total, uetr)
            currency, uetr = currency or message.currency, uetr or message.uetr
        elif uetr is None:
            uetr = str(uuid4())  # it travels with the payment; a message to the bank that exists already says its own
        minor_digits = EXPONENTS.get(currency)
        if not payee or minor_digits is None:
            first = await show(self._session, shares[0].invoice, InvoiceView)
            payee, currency = payee or first.links.seller, currency or first.amounts.currency
            minor_digits = first.amounts.minor_digits if minor_digits is None else minor_digits
        return replace(
            asked,
            allocations=tuple(shares),
            amount_minor=total,
            currency=currency,
            minor_digits=minor_digits,
            payee=payee,
            uetr=uetr,
        )

    async def confirm(
        self,
        payment: Id,
        file: Path | str | bytes,
        *,
        transaction: str | int | None = None,
        charges: Sequence[PaymentCharge] = (),
    ) -> Receipt:
        """Confirm that the payee has been credited; the client's identity is the payee's bank's. Rule S-2.

        What was credited and what banks charged on the way must be what was instructed, which is settled.

        Args:
            payment: the payment.
            file: the camt.054 or pacs.008 message that shows it. Its transaction is found by the payment's UETR, or by
                the amount among those that bear none.
            transaction: which transaction is meant, where several may be: its number in the message from 1, or its
                end-to-end id, UETR, bank's reference, creditor reference or invoice number.
            charges: what was charged on the way, where the message does not tell it.

        Raises:
            DocumentError: the message does not show this payment, or does not say which of several it is.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        view = await show(self._session, payment, PaymentView)
        data, name = read_source(file)
        messages, findings = read_payments(data, name)
        message = find_transaction(messages, view.amounts, view.links.uetr, transaction)
        credited, taken = arrival_of(message, view.amounts, view.links.uetr, charges)
        opening = new_opening(CommittedKind.PAYMENT, data, terms(message), name=name, discoverable=False)
        body = ConfirmPayment(charges=taken, credited_minor=credited, document=opening.commitment(), payment=view.id)
        asked = replace(body, document=without_chance(opening))
        return replace(await submit_opening(self._session, body, asked, opening), findings=findings)

    async def return_(self, payment: Id, reason: str) -> Receipt:
        """Record that a confirmed payment went back; the client's identity is the payee's bank's. Rule S-3.

        Args:
            payment: the payment.
            reason: an ISO 20022 external return reason code, such as AC04.
        """
        return await submit_body(self._session, ReturnPayment(payment=parse_id(payment, "payment"), reason=reason))

    async def reject(self, payment: Id, reason: str) -> Receipt:
        """Record that an instructed payment is not carried out; the client's identity is the payer's bank's. Rule S-4.

        Args:
            payment: the payment.
            reason: an ISO 20022 external status reason code, as in a pacs.002, such as AM04.
        """
        return await submit_body(self._session, RejectPayment(payment=parse_id(payment, "payment"), reason=reason))

    async def withdraw(self, payment: Id) -> Receipt:
        """Take back an instruction that no bank carries out; the client's identity is the payer's or payee's. S-5.

        Thirty days after the instruction; the payer at once where one of the banks has left, is suspended, is no bank
        any more or has no key. Ask the banks first: the record says that nobody has confirmed the payment here, not
        that no money moved.
        """
        return await submit_body(self._session, WithdrawPayment(payment=parse_id(payment, "payment")))

    async def show(self, payment: Id) -> PaymentView:
        """Show a payment as it stands, from a verified proof of its status."""
        return await show(self._session, payment, PaymentView)


def _message(data: bytes, name: str, total: int, uetr: Uetr | None) -> PaymentDocument:
    """Find the transfer of a pacs.008 that instructs a payment: by a UETR, else the only one, else by its amount."""
    messages, _ = read_payments(data, name)
    found = [message for message in messages if uetr is None or message.uetr == uetr]
    if len(found) > 1:
        found = [message for message in found if instructed_of(message) == total]
    if len(found) != 1:
        raise DocumentError(
            f"{len(found)} payments of the message may be meant; one is needed.",
            "Say which by its UETR, or give the message of this payment alone.",
            field="UETR",
            seen=", ".join(message.uetr or message.end_to_end or "none" for message in messages)[:256],
            wanted=uetr or "one payment",
        )
    (message,) = found
    if instructed_of(message) != total:
        stated, allocated = (
            money_text(minor, message.exponent, message.currency) for minor in (instructed_of(message), total)
        )
        raise DocumentError(
            f"The amount in the {message.kind.value} message is not that of the payment: {stated}, and {allocated} are "
            "allocated to invoices.",
            "Give the message of this payment, or correct the allocations.",
            field="amount",
            seen=stated,
            wanted=allocated,
        )
    return message
