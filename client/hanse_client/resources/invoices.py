"""Invoices: issue, accept, refuse, cancel, credit, retag; that one is pledged to nobody."""

from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from pathlib import Path

from anyio import to_thread
from msgspec.structs import replace

from hanse_client.base.errors import HanseError, InvalidInput, Refused
from hanse_client.base.files import read_judged, read_source
from hanse_client.base.identifiers import Id, parse_id, parse_id_if
from hanse_client.base.objects import InvoiceView
from hanse_client.base.views import Notice, Receipt, Refusal
from hanse_client.exchange.askingtags import ask_tags, not_offered, tags_of
from hanse_client.exchange.identifying import identified, own_identity
from hanse_client.exchange.listing import Sought, list_objects, walk_numbered
from hanse_client.exchange.nearduplicates import likeness_of
from hanse_client.exchange.once import submit_body
from hanse_client.exchange.ownparties import meant_counterparty, own_party
from hanse_client.exchange.reading import fetch_proof, show
from hanse_client.exchange.registering import register
from hanse_client.exchange.session import Session
from hanse_client.home.openings import new_opening
from hanse_client.resources.credits import credited_by
from hanse_client.resources.issuing.many import InvoiceToIssue, body_of, issue_many, verify_kind
from hanse_client.resources.issuing.manyreaders import ManyReaders
from hanse_client.resources.issuing.manytags import ManyTags
from hanse_client.resources.issuing.one import register_invoice, share_invoice
from hanse_client.resources.sharing.stories import require_unpledged
from hanse_documents.model.documents import InvoiceDocument, terms
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.invoice.bodies import (
    AcceptInvoice,
    CancelInvoice,
    CreditInvoice,
    IssueInvoice,
    RefuseInvoice,
    RetagInvoice,
    Tag,
)
from hanse_ledger.values.types import MemberId, Moment, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


class AsyncInvoices:
    """Invoices between a seller and a buyer. Reached as `client.invoices`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    async def issue(  # noqa: PLR0913 (each is an option of its own)
        self,
        file: Path | str | bytes,
        *,
        buyer: Id,
        discoverable: bool = False,
        seller: Id | None = None,
        tags: Sequence[Tag] = (),
        buyer_identity: bytes | None = None,
        consignment: Id | None = None,
        share: Sequence[Id] = (),
        again: bool = False,
        unlike: bool = False,
        despite_findings: bool = False,
        before: Callable[[InvoiceDocument, IssueInvoice], None] | None = None,
    ) -> Receipt:
        """Register an invoice; the client's identity is the seller's. Rule I-1.

        The file stays here, or is sealed to those with whom it is shared. The ledger gets salted commitments.

        Args:
            file: UBL 2.1, CII or Factur-X, by path or as bytes. Where its rules cannot run, `findings` say so.
            buyer: the buyer's party.
            discoverable: let anyone who holds the very file look it up.
            seller: the seller's party, where the home folder does not know it.
            tags: one for each epoch, from a marketplace's node; the older epoch first.
            buyer_identity: as it has shown it: the node is asked for tags; a warning, `untagged`, where it makes none.
            consignment: where the seller writes into one, it is put into it by this record. Rule U-3.
            share: who shall be able to open it: ids of parties and offices, names of members for their offices.
            again: register the file even if this home folder has registered it for this seller, and it stands.
            unlike: send nothing where one of the same number, or of the same parties, amount and week, stands.
            despite_findings: register it although its rules refuse it; the receipt's `findings` say what they say.
            before: is given what was read and what the record will say of it, before anything is signed.

        Returns:
            The receipt; what looks like it is told by warnings, `near-duplicate`. Of a file that stands already it is
            that of what stands, with the warning `registered-already`: nothing was sent, and trying again is safe.

        Raises:
            DocumentError: the file is no invoice that can be registered, or breaks a rule; `faults` name the rules.
            NearDuplicate: others look like it, and `unlike` was said; nothing was sent.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        data, name = read_source(file)
        judge = partial(read_judged, data, name, despite_findings=despite_findings)
        document, findings = await to_thread.run_sync(judge)  # the rules take their time, in another process
        opening = new_opening(CommittedKind.INVOICE, data, terms(document), name=name, discoverable=discoverable)
        verify_kind(document)
        sells, buys = await own_party(self._session, seller), meant_counterparty(self._session, buyer, "buyer")
        warned: tuple[Notice, ...] = ()
        if buyer_identity is not None and not tags:
            tags, warned = await self._asked(document, sells, buys, buyer_identity)
        folder = parse_id_if(consignment, "consignment")
        body = body_of(document, opening, seller=sells, buyer=buys, tags=tags, consignment=folder)
        body, sealed = await share_invoice(self._session, body, data, opening, share, buyer_identity)
        if before is not None:
            before(document, body)
        likeness = likeness_of(body, document, data)
        receipt = await register_invoice(self._session, body, opening, likeness, sealed, again=again, unlike=unlike)
        return replace(receipt, findings=findings, warnings=(*warned, *receipt.warnings))

    async def issue_many(
        self,
        invoices: Sequence[InvoiceToIssue],
        *,
        discoverable: bool = False,
        seller: Id | None = None,
        unlike: bool = False,
        despite_findings: bool = False,
        identities: Sequence[bytes] = (),
        share: Sequence[Id] = (),
        after_part: Callable[[int], None] | None = None,
    ) -> list[Receipt | Refusal | HanseError]:
        """Register many invoices of one seller, as a marketplace does; one answer each, in order. Rule I-1.

        What is wrong with one hinders no other. Whoever was interrupted calls this again with the same files: what
        stands is answered `exists`, under the same id, also where it was cancelled since; the rest goes on.

        Args:
            invoices: the files, and for each its buyer.
            discoverable: let anyone who holds a very file look it up.
            seller: the seller's party, where the home folder does not know it; under a mandate it is its principal.
            unlike: send none where another of the same number, sent from this home folder, stands.
            despite_findings: register also those that their rules refuse.
            identities: as buyers have shown them: the node is asked for tags, one invoice after the other; a warning,
                `untagged`, where it makes none or its buyer's is missing. Under a mandate the seller's is among them.
            share: who shall be able to open all of them, as `issue` takes it; `InvoiceToIssue.share` names more of one.
            after_part: is told after each part how many have been answered.

        Returns:
            For each a receipt, the refusal of the rules, or what is wrong with it: a DocumentError that names the
            faults, InvalidInput, a NearDuplicate, or that the node makes no tags of it, Refused.

        Raises:
            InvalidInput: one of the identities cannot be read, or two are of one party; nothing can be sealed to one of
                `share`.
            NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`; the error's `answers` say what became of those
                that were answered.
        """
        return await issue_many(
            self._session,
            invoices,
            tags=ManyTags(self._session, await own_party(self._session, seller), identities),
            readers=ManyReaders(self._session, share),
            discoverable=discoverable,
            unlike=unlike,
            despite_findings=despite_findings,
            after_part=after_part,
        )

    async def _asked(
        self, document: InvoiceDocument, seller: ObjectId, buyer: ObjectId, identity: bytes
    ) -> tuple[tuple[Tag, ...], tuple[Notice, ...]]:
        """Ask the node for an invoice's tags; none, and a notice, where it makes none."""
        buys = await identified(self._session, identity)
        if buys.party != buyer:
            raise InvalidInput(f"The identity is that of {buys.party.hex()}, not the buyer's.", "Nothing was sent.")
        try:
            return await ask_tags(self._session, document, own_identity(self._session, seller), buys), ()
        except Refused as error:
            if not not_offered(error):
                raise
            return (), (self._session.notices.tell("untagged", error),)

    async def accept(self, invoice: Id, *, amount_minor: int | None = None, due: str | None = None) -> Receipt:
        """Accept an invoice as one's own debt; the client's identity is the buyer's. Rule I-2.

        What is not said is taken from the invoice as it stands, from a verified proof: `show` says it beforehand. The
        rules refuse another amount than what is payable when the record arrives, so that nothing else is accepted than
        what was shown to somebody whose amount is given here.

        Args:
            invoice: the invoice.
            amount_minor: what is accepted, in minor units; by default all that is payable.
            due: when that is due, such as 2026-10-17; by default, and where the invoice says so at all, its own day.
        """
        self._session.need_identity()
        view = await show(self._session, invoice, InvoiceView)
        body = AcceptInvoice(
            amount_minor=view.amounts.owed_minor if amount_minor is None else amount_minor,
            currency=view.amounts.currency,
            due=due or view.dates.due,
            invoice=view.id,
            minor_digits=view.amounts.minor_digits,
        )
        return await submit_body(self._session, body)

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

    async def credit(
        self,
        invoice: Id,
        file: Path | str | bytes,
        *,
        amount_minor: int | None = None,
        discoverable: bool = False,
        again: bool = False,
        despite_findings: bool = False,
        before: Callable[[CreditInvoice], None] | None = None,
    ) -> Receipt:
        """Take a credit note's sum off an invoice; the client's identity is the seller's. Rule I-5.

        The note is a document of its own: its opening lies under the record's id, by which its terms are disclosed.

        Args:
            invoice: the invoice that it corrects.
            file: a UBL 2.1 CreditNote, or an Invoice of type 381, from which the sum is read; or any file.
            amount_minor: what it credits, in minor units, where nothing here reads the file.
            discoverable: let anyone who holds the very file look it up.
            again: send it even if this home folder has sent the file for this seller, and it stands.
            despite_findings: send it although its published rules refuse it; the receipt's `findings` tell.
            before: is given what the record will say, before anything is signed.

        Returns:
            The receipt, as `issue` gives it: of a file that stands already that of what stands, and nothing is sent.

        Raises:
            DocumentError: the note is of another invoice or currency, says another sum, or is no sound one.
            UnsupportedDocument: nothing here reads it, and no amount is given.
            Refused, NodeUnreachable, BadAnswer, SecurityAlarm: as `submit`.
        """
        self._session.need_identity()
        view = await show(self._session, invoice, InvoiceView)
        data, name = read_source(file)
        judge = partial(credited_by, data, name, view.amounts, self._number(view.id), amount_minor)
        note = await to_thread.run_sync(partial(judge, despite_findings=despite_findings))
        opening = new_opening(CommittedKind.CREDIT_NOTE, data, note.terms, name=name, discoverable=discoverable)
        body = CreditInvoice(
            amount_minor=note.amount_minor,
            currency=view.amounts.currency,
            document=opening.commitment(),
            invoice=view.id,
            minor_digits=view.amounts.minor_digits,
            payload=None,
        )
        if before is not None:
            before(body)
        receipt = await register(self._session, body, opening, issuer=view.links.seller, again=again)
        return replace(receipt, findings=note.findings)

    async def retag(self, invoice: Id, tags: Sequence[Tag]) -> Receipt:
        """Give an invoice the tags of the epochs in use, before one is dropped; the identity is the seller's. Rule I-6.

        One that is pledged is retagged together with the bank: `client.pledges.prepare_retag`.

        Args:
            invoice: the invoice.
            tags: all that it bears from now on, one for each epoch in use, from a marketplace's node.
        """
        ordered = tuple(sorted(tags, key=lambda tag: tag.epoch))
        return await submit_body(
            self._session, RetagInvoice(invoice=parse_id(invoice, "invoice"), pledge=None, tags=ordered)
        )

    def _number(self, invoice: ObjectId) -> str | None:
        """Give an invoice's number where its opening is here; it was not issued here otherwise."""
        try:
            return self._session.openings.find(invoice).opening.terms.get("BT-1")
        except InvalidInput:
            return None

    async def tags(
        self, file: Path | str | bytes, *, seller: bytes, buyer: bytes, keys: Sequence[EpochKey] = ()
    ) -> tuple[Tag, ...]:
        """Make the tags of an invoice, as a member that has the keys: one for each key, the older epoch first.

        Without keys the node makes them, for the seller that its member has enrolled, and for its member itself.

        Args:
            file: the invoice, UBL 2.1.
            seller: its seller's identity, as `parties.show_identity` has written it.
            buyer: its buyer's.
            keys: the members' keys of the epochs in use.

        Raises:
            InvalidInput: a party is not enrolled as its identity says, or that has no number.
            DocumentError: the file is no invoice.
            Refused: the node makes none, or none for whoever asks.
        """
        return await tags_of(self._session, file, seller=seller, buyer=buyer, keys=keys)

    async def unpledged(self, invoice: Id) -> bytes:
        """Fetch a proof that an invoice is pledged to nobody, and accepted by its buyer, and verify it.

        Its verdict says so, with amount and due date, as of the moment of its head; and where the invoice bears a tag
        of an epoch in use, that no pledge stands on the same invoice under another record. A bank asks for it before
        it lends; only a pledge of its own makes sure that none comes later.

        Raises:
            InvalidInput: it is pledged, under this record or another, or its buyer has not accepted it.
            NotFound, BadAnswer: as `client.proof`.
        """
        data = await fetch_proof(self._session, [invoice], ())
        require_unpledged(data)
        return data

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[InvoiceView]:
        """Walk over invoices, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no invoice has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, InvoiceView, sought)

    def of_number(self, number: str, *, seller: Id | None = None) -> AsyncIterator[InvoiceView]:
        """Walk over the seller's own invoices that bear a number (BT-1), the newest first, each proven.

        The ledger does not know numbers: what was sent from this home folder is looked up in it, and no other.

        Args:
            number: as the invoice has it; capitals, blanks and marks are no difference.
            seller: the seller's party, where the home folder does not know it.

        Raises:
            SetupError: what is kept cannot be read.
        """
        return walk_numbered(self._session, number, seller)

    async def show(self, invoice: Id) -> InvoiceView:
        """Show an invoice as it stands, from a verified proof of its status."""
        return await show(self._session, invoice, InvoiceView)
