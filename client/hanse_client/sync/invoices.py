"""Invoices, for callers that block.

Written from `hanse_client.resources.invoices` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import InvoiceView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.resources.invoices import AsyncInvoices
from hanse_ledger.kinds.invoice.bodies import Tag


class Invoices:
    """Invoices between a seller and a buyer. Reached as `client.invoices`."""

    def __init__(self, portal: Portal, calls: AsyncInvoices) -> None:
        self._portal, self._calls = portal, calls

    def issue(
        self,
        file: Path | str | bytes,
        *,
        buyer: Id,
        discoverable: bool = False,
        seller: Id | None = None,
        tags: Sequence[Tag] = (),
        again: bool = False,
    ) -> Receipt:
        """Register an invoice; the client's identity is the seller's. Rule I-1.

        The file stays here. The ledger gets salted commitments, the home folder the opening that can show terms later.

        Args:
            file: a UBL 2.1 invoice, by path or as bytes.
            buyer: the buyer's party.
            discoverable: let anyone who holds the very file look it up.
            seller: the seller's party, where the home folder does not know it.
            tags: one for each epoch, from a marketplace's node; the older epoch first.
            again: register the file even if this home folder has registered it for this seller, and it stands.

        Returns:
            The receipt. Of a file that stands already it is that of the record that stands, with the warning
            `registered-already`; nothing was sent then, so that trying again after an unclear failure is safe.

        Raises:
            DocumentError: the file is no invoice that can be registered.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        return self._portal.run(
            self._calls.issue, file, buyer=buyer, discoverable=discoverable, seller=seller, tags=tags, again=again
        )

    def accept(self, invoice: Id) -> Receipt:
        """Accept an invoice as one's own debt; the client's identity is the buyer's. Rule I-2."""
        return self._portal.run(self._calls.accept, invoice)

    def refuse(self, invoice: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse an invoice; the client's identity is the buyer's. Rule I-3.

        Args:
            invoice: the invoice.
            reasons: codes from the buyer's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        return self._portal.run(self._calls.refuse, invoice, reasons)

    def cancel(self, invoice: Id) -> Receipt:
        """Cancel an invoice that is neither paid, declared nor pledged; the identity is the seller's. Rule I-4."""
        return self._portal.run(self._calls.cancel, invoice)

    def show(self, invoice: Id) -> InvoiceView:
        """Show an invoice as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, invoice)
