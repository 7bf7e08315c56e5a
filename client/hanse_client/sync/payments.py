"""Payments, for callers that block.

Written from `hanse_client.resources.payments` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import PaymentView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.exchange.bankmessages import BankMessage
from hanse_client.resources.arriving.confirming import Confirmation
from hanse_client.resources.payments import AsyncPayments
from hanse_ledger.kinds.payment.bodies import Debit, PaymentCharge
from hanse_ledger.values.types import Bank, Currency, MemberId, Moment, Rail, Uetr


class Payments:
    """Payments and their allocation to invoices. Reached as `client.payments`."""

    def __init__(self, portal: Portal, calls: AsyncPayments) -> None:
        self._portal, self._calls = portal, calls

    def instruct(  # noqa: PLR0913 (what a payment says, each by its name)
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
        return self._portal.run(
            self._calls.instruct,
            file,
            payer_bank=payer_bank,
            payee_bank=payee_bank,
            allocations=allocations,
            payee=payee,
            payer=payer,
            currency=currency,
            uetr=uetr,
            rail=rail,
            debit=debit,
            released=released,
            in_force=in_force,
            consignment=consignment,
        )

    def accept(self, payment: Id, debit: Debit | None = None) -> Receipt:
        """Accept an instruction: it is carried out; the client's identity is the payer's bank's. Rule S-6.

        Args:
            payment: the payment.
            debit: what the payer is debited in another currency, which the bank so signs; by default as instructed.
        """
        return self._portal.run(self._calls.accept, payment, debit)

    def confirm(
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
        return self._portal.run(
            self._calls.confirm, payment, file, transaction=transaction, charges=charges, partial=partial
        )

    def confirm_all(
        self,
        file: Path | str | bytes,
        *,
        instructing: Sequence[Path | str | bytes] = (),
        partial: bool = False,
        by_amount: bool = False,
    ) -> Iterator[Confirmation]:
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
        return self._portal.iterate(
            self._calls.confirm_all(file, instructing=instructing, partial=partial, by_amount=by_amount)
        )

    def message(self, payment: Id, kind: BankMessage | str, *, account: str | None = None) -> bytes:
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
        return self._portal.run(self._calls.message, payment, kind, account=account)

    def correct(
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
        return self._portal.run(self._calls.correct, payment, file, transaction=transaction, charges=charges)

    def return_(self, payment: Id, reason: str, amount_minor: int | None = None) -> Receipt:
        """Record that a confirmed payment went back; the client's identity is the payee's bank's. Rule S-3.

        Args:
            payment: the payment.
            reason: an ISO 20022 external return reason code, such as AC04.
            amount_minor: what is outstanding again, in minor units: what went back, with the charges that had been
                taken out of it; by default all that the payment has settled.
        """
        return self._portal.run(self._calls.return_, payment, reason, amount_minor)

    def reject(self, payment: Id, reason: str) -> Receipt:
        """Record that an instructed payment is not carried out; the client's identity is the payer's bank's. Rule S-4.

        Args:
            payment: the payment.
            reason: an ISO 20022 external status reason code, as in a pacs.002, such as AM04.
        """
        return self._portal.run(self._calls.reject, payment, reason)

    def withdraw(self, payment: Id) -> Receipt:
        """Take back an instruction that no bank carries out; the client's identity is the payer's or payee's. S-5.

        Thirty days after the instruction; the payer at once where one of the banks has left, is suspended, is no bank
        any more or has no key. Ask the banks first: the record says that nobody has confirmed the payment here, not
        that no money moved.
        """
        return self._portal.run(self._calls.withdraw, payment)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[PaymentView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def of_uetr(self, uetr: str) -> Iterator[PaymentView]:
        """Walk over the payments that bear a UETR, each proven; of one sending bank there is one at most.

        That none is left out is the node's word.
        """
        return self._portal.iterate(self._calls.of_uetr(uetr))

    def show(self, payment: Id) -> PaymentView:
        """Show a payment as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, payment)
