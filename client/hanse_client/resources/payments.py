"""Payments: instruct, accept, confirm, correct, return, reject, withdraw."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from uuid import uuid4

from msgspec.structs import replace

from hanse_client.base.errors import InvalidInput
from hanse_client.base.files import read_payments, read_source
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import InvoiceView, PaymentView
from hanse_client.base.views import Receipt
from hanse_client.exchange.bankmessages import BankMessage, bank_message
from hanse_client.exchange.listing import Sought, find_objects, list_objects
from hanse_client.exchange.once import place_of, sign_body, submit_body, submit_once, submit_opening
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.arriving.arrivals import find_transaction, instructing_message
from hanse_client.resources.arriving.confirming import Confirmation, arrived_by, confirm_each, confirm_one
from hanse_documents.semantics.currencies import EXPONENTS
from hanse_ledger.kinds.payment.bodies import (
    AcceptPayment,
    Allocation,
    Condition,
    CorrectPayment,
    Debit,
    InstructPayment,
    PaymentCharge,
    RejectPayment,
    Required,
    ReturnPayment,
    WithdrawPayment,
)
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import Bank, Currency, MemberId, Moment, Rail, Uetr


class AsyncPayments:
    """Payments and their allocation to invoices. Reached as `client.payments`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def instruct(  # noqa: PLR0913 (what a payment says, each by its name)
        self,
        file: Path | str | bytes | None = None,
        *,
        payer_bank: Bank,
        payee_bank: Bank,
        allocations: Mapping[Id, int | None],
        payee: Id | None = None,
        payer: Id | None = None,
        currency: Currency | None = None,
        uetr: Uetr | None = None,
        rail: Rail | None = None,
        debit: Debit | None = None,
        released: Sequence[Id] = (),
        in_force: Sequence[Id] = (),
        consignment: Id | None = None,
    ) -> Receipt:
        """Instruct the payment of invoices; the client's identity is the payer's. Rule S-1.

        Args:
            file: a pain.001 or pacs.008 of this payment, from which amount, currency and UETR are taken, or nothing.
            payer_bank: the payer's bank, by its member's name; by its BIC where it is no member.
            payee_bank: the payee's bank, likewise; one of the two is a member. Of a pledged invoice the bank that has
                the pledge, which the record names by itself.
            allocations: for each invoice its share in minor units; None for all that is outstanding.
            payee: by default the seller of the first invoice.
            payer: the payer's party, where the home folder does not know it.
            currency: by default the message's, else the first invoice's.
            uetr: by default the message's, none where it bears none; without a message a new one.
            rail: by what it is to travel, such as swift, sepa, cbdc or token; None where the bank chooses.
            debit: what the payer is debited, where that is in another currency: both banks sign it.
            released: declarations of these invoices that must be released before it is confirmed.
            in_force: certificates of the payee's that must be in force when it is confirmed.
            consignment: where the payer writes into one, it is put into it by this record. Rule U-3.

        Raises:
            DocumentError: the file is no such message, or its amount is not what is allocated.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        read = None if file is None else read_source(file)
        asked = InstructPayment(
            allocations=_shares(allocations),
            amount_minor=0,
            conditions=_conditions(released, in_force),
            consignment=parse_id_if(consignment, "consignment"),
            currency=currency or "",
            debit=debit,
            minor_digits=0,
            payee=b"" if payee is None else parse_id(payee, "payee"),
            payee_bank=payee_bank,
            payer=await own_party(self._session, payer),
            payer_bank=payer_bank,
            rail=rail,
            uetr=uetr,
        )

        if not allocations:
            raise InvalidInput("A payment pays at least one invoice.", "Name an invoice and its share.")
        return await self._instruct_once(asked, allocations, read)

    async def _instruct_once(
        self, asked: InstructPayment, allocations: Mapping[Id, int | None], read: tuple[bytes, str] | None
    ) -> Receipt:
        async def make() -> Signed:
            # Looked at only now: what was sent before has taken what was outstanding.
            shares = [await self._share(name, amount) for name, amount in allocations.items()]
            return await sign_body(self._session, await self._instruction(asked, shares, read))

        place = await place_of(self._session, asked, (), b"" if read is None else read[0])
        return await submit_once(self._session, place, make)

    async def _share(self, name: Id, amount: int | None) -> Allocation:
        """Give an invoice's share, under the pledge that stands on it; where none is named, all that is outstanding.

        Raises:
            InvalidInput: that is nothing.
        """
        invoice = parse_id(name, "invoice")
        view = await show(self._session, invoice, InvoiceView)
        if amount is None:
            amount = view.amounts.outstanding_minor
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
        return Allocation(amount_minor=amount, invoice=invoice, pledge=view.pledge.pledged_by)

    async def _instruction(
        self, asked: InstructPayment, shares: Sequence[Allocation], read: tuple[bytes, str] | None
    ) -> InstructPayment:
        """Complete what was asked for: from the message, else from the first invoice."""
        total = sum(share.amount_minor for share in shares)
        currency, payee, uetr = asked.currency, asked.payee, asked.uetr
        if read is not None:
            message = instructing_message(*read, total, uetr)
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

    async def accept(self, payment: Id, debit: Debit | None = None) -> Receipt:
        """Accept an instruction: it is carried out; the client's identity is the payer's bank's. Rule S-6.

        Args:
            payment: the payment.
            debit: what the payer is debited in another currency, which the bank so signs; by default as instructed.
        """
        view = await show(self._session, payment, PaymentView)
        return await submit_body(self._session, AcceptPayment(debit=debit or view.amounts.debit, payment=view.id))

    async def confirm(
        self,
        payment: Id,
        file: Path | str | bytes,
        *,
        transaction: str | int | None = None,
        charges: Sequence[PaymentCharge] = (),
        partial: bool = False,
    ) -> Receipt:
        """Confirm that the payee has been credited; the client's identity is the payee's bank's. Rule S-2.

        What was credited and what banks charged on the way must be all that is under way, which is settled; or with
        `partial` a part of it: what is left stays under way.

        Args:
            payment: the payment.
            file: a camt.053, camt.054 or pacs.008 that shows it. Its transaction is found by the payment's UETR, or by
                the amount among those that bear none.
            transaction: which transaction is meant, where several may be: its number in the message from 1, or its
                end-to-end id, UETR, bank's reference, creditor reference or invoice number.
            charges: what was charged on the way, where the message does not tell it.
            partial: whether a part of what is under way has arrived.

        Raises:
            DocumentError: the message does not show this payment, or does not say which of several it is.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        name = parse_id(payment, "payment")
        return await confirm_one(self._session, name, file, transaction=transaction, charges=charges, partial=partial)

    def confirm_all(
        self,
        file: Path | str | bytes,
        *,
        instructing: Sequence[Path | str | bytes] = (),
        partial: bool = False,
        by_amount: bool = False,
    ) -> AsyncIterator[Confirmation]:
        """Confirm what a statement or notification shows, transaction by transaction; the payee's bank signs. Rule S-2.

        Each transaction is matched with a payment that is under way: by its UETR, its end-to-end id or what it names.
        What is not matched says why, and what the rules refuse hinders no other. Run again, nothing is sent twice: what
        stands `exists`.

        Args:
            file: the camt.053 or camt.054 message, or a pacs.008.
            instructing: messages that instructed payments (pain.001, pacs.008), by whose end-to-end ids and references
                transactions are found too.
            partial: whether a part of what is under way may have arrived: of transactions that bear a UETR.
            by_amount: whether an amount alone may tell which payment it is, where it is that of one payment and one
                transaction: others pay the same sums.

        Raises:
            DocumentError: no payments can be read of the file.
            NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`; what was sent before stands.
        """
        return confirm_each(self._session, file, instructing, partial=partial, by_amount=by_amount)

    async def message(self, payment: Id, kind: BankMessage | str, *, account: str | None = None) -> bytes:
        """Write what a bank tells others of a payment: from its proven state and records, and from what is kept here.

        What the message said that it was confirmed by (parties, references, ids) is in it where this home confirmed it.

        Args:
            payment: the payment.
            kind: `pacs.002`, how it fares; or `camt.054`, what its last confirmation credited.
            account: of a camt.054 the account that was credited, an IBAN or another one, where it is not kept here.

        Returns:
            The message, XML in UTF-8: its structure is that of its schema.

        Raises:
            InvalidInput: nothing was credited, or no status says how the payment stands.
            DocumentError: no account is known, or a value does not fit.
            UnsupportedDocument: the extra `documents` is not installed.
        """
        return await bank_message(self._session, payment, kind, account=account)

    async def correct(
        self,
        payment: Id,
        file: Path | str | bytes,
        *,
        transaction: str | int | None = None,
        charges: Sequence[PaymentCharge] = (),
    ) -> Receipt:
        """Correct the last confirmation of a payment; the client's identity is the payee's bank's. Rule S-7.

        What the message shows stands in the place of what that confirmation said: what is then missing is under way
        again. It cannot be less than what was returned.

        Args:
            payment: the payment.
            file: the camt.053, camt.054 or pacs.008 message that shows what was credited.
            transaction: which transaction of it is meant, as `confirm` takes it.
            charges: what was charged on the way, where the message does not tell it.

        Raises:
            DocumentError: the message does not show this payment, or does not say which of several it is.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        view = await show(self._session, payment, PaymentView)
        amounts = view.amounts
        before = amounts.last_credited_minor + amounts.last_charged_minor
        # Whatever the last confirmation has not taken may be what it should have told.
        open_minor = amounts.amount_minor - amounts.arrived_minor + before
        awaited = replace(amounts, under_way_minor=open_minor)
        read = read_source(file)
        messages, findings = read_payments(*read)
        message = find_transaction(messages, awaited, view.links.uetr, transaction, partial=True)
        arrived = arrived_by(message, awaited, view.links.uetr, read, charges, partial=True)
        body = CorrectPayment(
            charges=arrived.charges,
            credited_minor=arrived.credited_minor,
            document=arrived.opening.commitment(),
            payload=None,
            payment=view.id,
        )
        asked = replace(body, document=without_chance(arrived.opening))
        receipt = await submit_opening(self._session, body, asked, arrived.opening)
        return replace(receipt, findings=findings)

    async def return_(self, payment: Id, reason: str, amount_minor: int | None = None) -> Receipt:
        """Record that a confirmed payment went back; the client's identity is the payee's bank's. Rule S-3.

        Args:
            payment: the payment.
            reason: an ISO 20022 external return reason code, such as AC04.
            amount_minor: what is outstanding again, in minor units: what went back, with the charges that had been
                taken out of it; by default all that the payment has settled.
        """
        asked = ReturnPayment(amount_minor=amount_minor or 0, payment=parse_id(payment, "payment"), reason=reason)

        async def make() -> Signed:
            amount = amount_minor
            if amount is None:
                # Looked at only now: what was sent before has taken back what was settled.
                amount = (await show(self._session, payment, PaymentView)).amounts.settled_minor
            if amount < 1:
                raise InvalidInput(
                    "Nothing of the payment is settled, so that nothing can go back.",
                    f"Look at it: hanse payment show {asked.payment.hex()}",
                    pointer="/body/amount_minor",
                )
            return await sign_body(self._session, replace(asked, amount_minor=amount))

        return await submit_once(self._session, await place_of(self._session, asked), make)

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

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[PaymentView]:
        """Walk over payments, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no payment has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, PaymentView, sought)

    def of_uetr(self, uetr: str) -> AsyncIterator[PaymentView]:
        """Walk over the payments that bear a UETR, each proven; of one sending bank there is one at most.

        That none is left out is the node's word.
        """
        return find_objects(self._session, PaymentView, "payment_of_uetr", uetr)

    async def show(self, payment: Id) -> PaymentView:
        """Show a payment as it stands, from a verified proof of its status."""
        return await show(self._session, payment, PaymentView)


def _shares(allocations: Mapping[Id, int | None]) -> tuple[Allocation, ...]:
    """Give what was asked for of each invoice; 0 stands for all that is outstanding."""
    return tuple(
        Allocation(amount_minor=amount or 0, invoice=parse_id(name, "invoice"), pledge=None)
        for name, amount in allocations.items()
    )


def _conditions(released: Sequence[Id], in_force: Sequence[Id]) -> tuple[Condition, ...]:
    declarations, certificates = Required.DECLARATION_RELEASED, Required.CERTIFICATE_IN_FORCE
    return (
        *(Condition(object=parse_id(name, "declaration"), required=declarations) for name in released),
        *(Condition(object=parse_id(name, "certificate"), required=certificates) for name in in_force),
    )
