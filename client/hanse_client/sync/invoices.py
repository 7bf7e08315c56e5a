"""Invoices, for callers that block.

Written from `hanse_client.resources.invoices` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from hanse_client.base.errors import HanseError
from hanse_client.base.identifiers import Id
from hanse_client.base.objects import InvoiceView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt, Refusal
from hanse_client.resources.invoices import AsyncInvoices
from hanse_client.resources.issuing.many import InvoiceToIssue
from hanse_documents.model.documents import InvoiceDocument
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.invoice.bodies import CreditInvoice, IssueInvoice, Tag
from hanse_ledger.values.types import MemberId, Moment


class Invoices:
    """Invoices between a seller and a buyer. Reached as `client.invoices`."""

    def __init__(self, portal: Portal, calls: AsyncInvoices) -> None:
        self._portal, self._calls = portal, calls

    def issue(  # noqa: PLR0913 (each is an option of its own)
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
        return self._portal.run(
            self._calls.issue,
            file,
            buyer=buyer,
            discoverable=discoverable,
            seller=seller,
            tags=tags,
            buyer_identity=buyer_identity,
            consignment=consignment,
            share=share,
            again=again,
            unlike=unlike,
            despite_findings=despite_findings,
            before=before,
        )

    def issue_many(
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
        return self._portal.run(
            self._calls.issue_many,
            invoices,
            discoverable=discoverable,
            seller=seller,
            unlike=unlike,
            despite_findings=despite_findings,
            identities=identities,
            share=share,
            after_part=after_part,
        )

    def accept(self, invoice: Id, *, amount_minor: int | None = None, due: str | None = None) -> Receipt:
        """Accept an invoice as one's own debt; the client's identity is the buyer's. Rule I-2.

        What is not said is taken from the invoice as it stands, from a verified proof: `show` says it beforehand. The
        rules refuse another amount than what is payable when the record arrives, so that nothing else is accepted than
        what was shown to somebody whose amount is given here.

        Args:
            invoice: the invoice.
            amount_minor: what is accepted, in minor units; by default all that is payable.
            due: when that is due, such as 2026-10-17; by default, and where the invoice says so at all, its own day.
        """
        return self._portal.run(self._calls.accept, invoice, amount_minor=amount_minor, due=due)

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

    def credit(
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
        return self._portal.run(
            self._calls.credit,
            invoice,
            file,
            amount_minor=amount_minor,
            discoverable=discoverable,
            again=again,
            despite_findings=despite_findings,
            before=before,
        )

    def retag(self, invoice: Id, tags: Sequence[Tag]) -> Receipt:
        """Give an invoice the tags of the epochs in use, before one is dropped; the identity is the seller's. Rule I-6.

        One that is pledged is retagged together with the bank: `client.pledges.prepare_retag`.

        Args:
            invoice: the invoice.
            tags: all that it bears from now on, one for each epoch in use, from a marketplace's node.
        """
        return self._portal.run(self._calls.retag, invoice, tags)

    def tags(
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
        return self._portal.run(self._calls.tags, file, seller=seller, buyer=buyer, keys=keys)

    def unpledged(self, invoice: Id) -> bytes:
        """Fetch a proof that an invoice is pledged to nobody, and accepted by its buyer, and verify it.

        Its verdict says so, with amount and due date, as of the moment of its head; and where the invoice bears a tag
        of an epoch in use, that no pledge stands on the same invoice under another record. A bank asks for it before
        it lends; only a pledge of its own makes sure that none comes later.

        Raises:
            InvalidInput: it is pledged, under this record or another, or its buyer has not accepted it.
            NotFound, BadAnswer: as `client.proof`.
        """
        return self._portal.run(self._calls.unpledged, invoice)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[InvoiceView]:
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
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def of_number(self, number: str, *, seller: Id | None = None) -> Iterator[InvoiceView]:
        """Walk over the seller's own invoices that bear a number (BT-1), the newest first, each proven.

        The ledger does not know numbers: what was sent from this home folder is looked up in it, and no other.

        Args:
            number: as the invoice has it; capitals, blanks and marks are no difference.
            seller: the seller's party, where the home folder does not know it.

        Raises:
            SetupError: what is kept cannot be read.
        """
        return self._portal.iterate(self._calls.of_number(number, seller=seller))

    def show(self, invoice: Id) -> InvoiceView:
        """Show an invoice as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, invoice)
