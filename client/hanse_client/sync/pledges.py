"""Pledges of invoices to the banks that finance them, for callers that block.

Written from `hanse_client.resources.pledges` by `python -m tests.blocking_twins`; a test compares.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from hanse_client.base.identifiers import Id
from hanse_client.base.objects import PledgeView
from hanse_client.base.portal import Portal
from hanse_client.base.views import Receipt
from hanse_client.home.drafts import Draft
from hanse_client.resources.pledges import AsyncPledges
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.values.types import MemberId, Moment, PublicKey, Rail, Uetr


class Pledges:
    """Pledges of invoices. Reached as `client.pledges`.

    Two sign most of them: one prepares a draft and hands `draft.to_json()` to the other, who looks at it and calls
    `submit_draft` within a week.
    """

    def __init__(self, portal: Portal, calls: AsyncPledges) -> None:
        self._portal, self._calls = portal, calls

    def prepare(
        self,
        invoice: Id,
        *,
        tags: Sequence[Tag],
        bank: MemberId | None = None,
        bank_key: PublicKey | str | None = None,
        consignment: Id | None = None,
    ) -> Draft:
        """Prepare the pledge of an invoice and sign it, as the bank or as the seller. Rule L-1.

        All that is outstanding is pledged, as a verified proof of the invoice says it now: what is not so any more when
        the draft is sent is refused. The bank answers for the tags: it makes them itself, from the invoice's file.

        Args:
            invoice: the invoice, which its buyer has accepted.
            tags: those that the bank has made, one for each epoch in use.
            bank: the bank's member name; by default the client's own member.
            bank_key: the key with which the bank signs, where the seller prepares and it is not the member's first.
            consignment: where the bank or the seller writes into one, it is put into it by this record. Rule U-3.

        Raises:
            InvalidInput: nothing of the invoice is outstanding.
            IdentityError: no bank is named, and the client's key is no member's; or the bank is not known.
        """
        return self._portal.run(
            self._calls.prepare, invoice, tags=tags, bank=bank, bank_key=bank_key, consignment=consignment
        )

    def tags(
        self,
        invoice: Id,
        file: Path | str | bytes,
        *,
        seller: bytes,
        buyer: bytes,
        keys: Sequence[EpochKey] = (),
    ) -> tuple[Tag, ...]:
        """Make an invoice's tags from its file, as the bank does before it lends, and compare them with those it bears.

        Args:
            invoice: the invoice, as a verified proof shows it.
            file: what is said to be that invoice, UBL 2.1.
            seller: its seller's identity, as `parties.show_identity` has written it.
            buyer: its buyer's.
            keys: the members' keys of the epochs in use; without them the bank's own node makes the tags.

        Raises:
            InvalidInput: the invoice is of other parties, or bears other tags: the file is another one than it was
                registered with. Or as `invoices.tags`.
            Refused: the node makes no tags for the client's key.
        """
        return self._portal.run(self._calls.tags, invoice, file, seller=seller, buyer=buyer, keys=keys)

    def release(self, pledge: Id) -> Receipt:
        """Give the invoice free; the client's identity is that of the bank that has the pledge. Rule L-2."""
        return self._portal.run(self._calls.release, pledge)

    def prepare_release(self, pledge: Id) -> Draft:
        """Prepare the release of a pledge whose bank is no member any more, and sign it. Rule L-2.

        Seller and buyer sign it together: the client's identity is one of them, and the other calls `submit_draft`.
        """
        return self._portal.run(self._calls.prepare_release, pledge)

    def prepare_assign(self, pledge: Id, bank: MemberId, *, bank_key: PublicKey | str | None = None) -> Draft:
        """Prepare the assignment of a pledge to another bank and sign it, as the bank that has it. Rule L-3.

        Args:
            pledge: the pledge.
            bank: the member that takes it over: it looks at the invoice, signs and calls `submit_draft`.
            bank_key: the key with which that bank signs, where it is not the member's first.
        """
        return self._portal.run(self._calls.prepare_assign, pledge, bank, bank_key=bank_key)

    def payout(self, pledge: Id, *, uetr: Uetr, rail: Rail, amount_minor: int | None = None) -> Receipt:
        """Say that the seller has been paid what is lent on a pledge; the identity is the bank's that has it. Rule L-4.

        Args:
            pledge: the pledge.
            uetr: the transfer's unique end-to-end reference: one transfer is told once, whatever it was for.
            rail: by what the money travelled: `swift`, `sepa`, `cbdc`, `token`, …
            amount_minor: what the seller got, in minor units; by default all that was pledged and not yet paid out.

        Raises:
            InvalidInput: all that was pledged is paid out.
        """
        return self._portal.run(self._calls.payout, pledge, uetr=uetr, rail=rail, amount_minor=amount_minor)

    def prepare_payout(self, pledge: Draft, *, uetr: Uetr, rail: Rail, amount_minor: int | None = None) -> Draft:
        """Prepare to say so of a pledge that is only a draft, for a bundle of both, and sign it. Rule L-4.

        In `client.bundles.prepare([pledge, payout])` bank and seller sign both or neither. Either of them prepares.

        Args:
            pledge: the draft of the pledge, of `prepare`.
            uetr: the transfer's, as `payout` takes it.
            rail: likewise.
            amount_minor: what the seller gets, in minor units; by default all that is pledged.

        Raises:
            InvalidInput: the draft is of no pledge.
        """
        return self._portal.run(self._calls.prepare_payout, pledge, uetr=uetr, rail=rail, amount_minor=amount_minor)

    def retags(
        self, pledge: Id, file: Path | str | bytes, *, seller: bytes, buyer: bytes, keys: Sequence[EpochKey] = ()
    ) -> tuple[Tag, ...]:
        """Make the tags of a pledged invoice for the epochs in use, from the file that the bank has lent on.

        Arguments as of `tags`, but for the pledge. One at least must be a tag that the invoice bears already: retag it
        while an epoch that it bears is still in use.

        Raises:
            InvalidInput: none is: the file is another one than the invoice was registered with. Or as `tags`.
            Refused: the node makes no tags for the client's key.
        """
        return self._portal.run(self._calls.retags, pledge, file, seller=seller, buyer=buyer, keys=keys)

    def prepare_retag(self, pledge: Id, *, tags: Sequence[Tag], bank_key: PublicKey | str | None = None) -> Draft:
        """Prepare that a pledged invoice gets the tags of the epochs in use, and sign it. Rule I-6.

        The client's identity is the bank's, which has made the tags of the file, or the seller's; the other one looks
        at it and calls `submit_draft`.

        Args:
            pledge: the pledge that stands on the invoice.
            tags: all that the invoice bears from then on, one for each epoch in use.
            bank_key: the key with which the bank signs, where the seller prepares and it is not the member's first.
        """
        return self._portal.run(self._calls.prepare_retag, pledge, tags=tags, bank_key=bank_key)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> Iterator[PledgeView]:
        """Walk over pledges, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no pledge has such a state.
        """
        return self._portal.iterate(
            self._calls.list(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        )

    def show(self, pledge: Id) -> PledgeView:
        """Show a pledge as it stands, from a verified proof of its status."""
        return self._portal.run(self._calls.show, pledge)
