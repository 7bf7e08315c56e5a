"""Payments, for callers that block.

Written from `hanse_client.resources.payments` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import PaymentView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.payments import AsyncPayments
from hanse_ledger.kinds.payment.bodies import PaymentCharge
from hanse_ledger.values.types import Currency, MemberId, Uetr


class Payments:
    """Payments and their allocation to invoices. Reached as `client.payments`."""

    def __init__(self, portal: Portal, calls: AsyncPayments) -> None:
        self._portal, self._calls = portal, calls

    def instruct(
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
        )

    def confirm(
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
        return self._portal.run(self._calls.confirm, payment, file, transaction=transaction, charges=charges)

    def return_(self, payment: Id, reason: str) -> Receipt:
        """Record that a confirmed payment went back; the client's identity is the payee's bank's. Rule S-3.

        Args:
            payment: the payment.
            reason: an ISO 20022 external return reason code, such as AC04.
        """
        return self._portal.run(self._calls.return_, payment, reason)

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

    def show(self, payment: Id) -> PaymentView:
        """Show a payment as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, payment)
