"""Invoices: issue, accept, refuse, cancel."""

from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import DocumentError
from hanse_client.base.files import read_source, read_typed
from hanse_client.base.identifiers import Id, parse_id
from hanse_client.base.objects import InvoiceView
from hanse_client.base.views import Receipt
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import own_party
from hanse_client.exchange.reading import show
from hanse_client.exchange.registering import register
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_ledger.kinds.invoice.bodies import AcceptInvoice, CancelInvoice, IssueInvoice, RefuseInvoice, Tag
from hanse_ledger.proofs.clearheader import header_of
from hanse_ledger.values.figures import money_text
from hanse_ledger.wire.catalogue import CommittedKind


class AsyncInvoices:
    """Invoices between a seller and a buyer. Reached as `client.invoices`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def issue(
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
        data, name = read_source(file)
        document, findings = read_typed(data, name, InvoiceDocument)
        stated = terms(document)
        opening = new_opening(CommittedKind.INVOICE, data, stated, name=name, discoverable=discoverable)
        header = header_of(CommittedKind.INVOICE, stated, document.exponent)
        if header["/payable_minor"] < 0:
            payable = money_text(header["/payable_minor"], document.exponent, document.currency)
            raise DocumentError(
                f"BT-115, the amount payable, is below zero: {payable}.",
                "Cancel the invoice that it corrects (invoice cancel), and issue one of what is payable in all.",
                field="BT-115",
                seen=payable,
                wanted=f"{money_text(0, document.exponent, document.currency)} or more",
            )
        body = IssueInvoice(
            buyer=parse_id(buyer, "buyer"),
            currency=header["/currency"],
            document=opening.commitment(),
            due=header.get("/due"),
            issued=header["/issued"],
            minor_digits=document.exponent,
            payable_minor=header["/payable_minor"],
            seller=await own_party(self._session, seller),
            tags=tuple(tags),
            type_code=header["/type_code"],
        )
        return replace(await register(self._session, body, opening, again=again), findings=findings)

    async def accept(self, invoice: Id) -> Receipt:
        """Accept an invoice as one's own debt; the client's identity is the buyer's. Rule I-2."""
        return await submit_body(self._session, AcceptInvoice(invoice=parse_id(invoice, "invoice")))

    async def refuse(self, invoice: Id, reasons: Sequence[str]) -> Receipt:
        """Refuse an invoice; the client's identity is the buyer's. Rule I-3.

        Args:
            invoice: the invoice.
            reasons: codes from the buyer's own published list, 1 to 16 capital letters, digits and hyphens each.
        """
        body = RefuseInvoice(invoice=parse_id(invoice, "invoice"), reasons=tuple(sorted(set(reasons))))
        return await submit_body(self._session, body)

    async def cancel(self, invoice: Id) -> Receipt:
        """Cancel an invoice that is neither paid, declared nor pledged; the identity is the seller's. Rule I-4."""
        return await submit_body(self._session, CancelInvoice(invoice=parse_id(invoice, "invoice")))

    async def show(self, invoice: Id) -> InvoiceView:
        """Show an invoice as it stands, from a verified proof of its status."""
        return await show(self._session, invoice, InvoiceView)
