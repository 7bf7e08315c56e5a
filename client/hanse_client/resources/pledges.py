"""Pledges of invoices to the banks that finance them: prepare, release, assign, pay out, retag, show."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import IdentityError, InvalidInput
from hanse_client.base.identifiers import Id, parse_id, parse_id_if, parse_key
from hanse_client.base.objects import InvoiceView, PartyView, PledgeView
from hanse_client.base.views import Receipt
from hanse_client.exchange.askingtags import tags_of
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import place_of, sign_body, submit_body, submit_once
from hanse_client.exchange.ownparties import acting_member
from hanse_client.exchange.reading import show
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import draft_body
from hanse_client.home.drafts import Draft
from hanse_client.resources.parties import REQUEST_MS, key_of
from hanse_documents.semantics.epochkeys import EpochKey
from hanse_ledger.kinds.claims import tag_claim
from hanse_ledger.kinds.invoice.bodies import RetagInvoice, Tag
from hanse_ledger.kinds.pledge.bodies import AssignPledge, CreatePledge, PayOutPledge, ReleasePledge
from hanse_ledger.kinds.pledge.state import PledgeAmounts
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import MemberId, Moment, ObjectId, PublicKey, Rail, Uetr
from hanse_ledger.wire.part import Body


class AsyncPledges:
    """Pledges of invoices. Reached as `client.pledges`.

    Two sign most of them: one prepares a draft and hands `draft.to_json()` to the other, who looks at it and calls
    `submit_draft` within a week.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def prepare(
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
        self._session.need_identity()
        own = await self._own_bank()
        name = bank or own
        if name is None:
            raise IdentityError(
                "No bank is named, and the client's key is no member's.", "Name the bank: bank=…, --bank NAME."
            )
        view = await show(self._session, invoice, InvoiceView)
        amounts = view.amounts
        if amounts.outstanding_minor < 1:
            raise InvalidInput(
                f"Nothing is outstanding on invoice {view.id.hex()}.",
                f"Look at it: hanse invoice show {view.id.hex()}",
                pointer="/body/amount_minor",
            )
        body = CreatePledge(
            amount_minor=amounts.outstanding_minor,
            bank=name,
            consignment=parse_id_if(consignment, "consignment"),
            currency=amounts.currency,
            invoice=view.id,
            minor_digits=amounts.minor_digits,
            tags=tuple(sorted(tags, key=lambda tag: tag.epoch)),
        )
        # Whoever prepares is one of the two; the other one's key is read from a proof, or from the members in force.
        other = await self._key_of(view.links.seller) if own == name else await self._bank_key(name, bank_key)
        return await self._draft(body, other)

    async def tags(
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
        view = await show(self._session, invoice, InvoiceView)
        made = await tags_of(self._session, file, seller=seller, buyer=buyer, keys=keys, parties=view.links)
        if tuple(tag_claim(tag.epoch, tag.value) for tag in made) != tuple(view.links.tags):
            raise InvalidInput(
                f"The tags of this file are not those that invoice {view.id.hex()} bears.",
                "Have the seller say which file it has registered. Lend nothing on this one.",
                pointer="/body/tags",
            )
        return made

    async def release(self, pledge: Id) -> Receipt:
        """Give the invoice free; the client's identity is that of the bank that has the pledge. Rule L-2."""
        return await submit_body(self._session, ReleasePledge(pledge=parse_id(pledge, "pledge")))

    async def prepare_release(self, pledge: Id) -> Draft:
        """Prepare the release of a pledge whose bank is no member any more, and sign it. Rule L-2.

        Seller and buyer sign it together: the client's identity is one of them, and the other calls `submit_draft`.
        """
        identity = self._session.need_identity()
        view = await show(self._session, pledge, PledgeView)
        links = (await show(self._session, view.links.invoice, InvoiceView)).links
        keys = [await self._key_of(party) for party in (links.seller, links.buyer)]
        others = [key for key in keys if key != identity.public_key]
        return await self._draft(ReleasePledge(pledge=view.id), *others)

    async def prepare_assign(self, pledge: Id, bank: MemberId, *, bank_key: PublicKey | str | None = None) -> Draft:
        """Prepare the assignment of a pledge to another bank and sign it, as the bank that has it. Rule L-3.

        Args:
            pledge: the pledge.
            bank: the member that takes it over: it looks at the invoice, signs and calls `submit_draft`.
            bank_key: the key with which that bank signs, where it is not the member's first.
        """
        body = AssignPledge(bank=bank, pledge=parse_id(pledge, "pledge"))
        return await self._draft(body, await self._bank_key(bank, bank_key))

    async def payout(self, pledge: Id, *, uetr: Uetr, rail: Rail, amount_minor: int | None = None) -> Receipt:
        """Say that the seller has been paid what is lent on a pledge; the identity is the bank's that has it. Rule L-4.

        Args:
            pledge: the pledge.
            uetr: the transfer's unique end-to-end reference: one transfer is told once, whatever it was for.
            rail: by what the money travelled: `swift`, `sepa`, `cbdc`, `token`, …
            amount_minor: what the seller got, in minor units; by default all that was pledged and not yet paid out.

        Raises:
            InvalidInput: all that was pledged is paid out.
        """
        name = parse_id(pledge, "pledge")
        asked = _asked(name, uetr, rail, amount_minor)

        async def make() -> Signed:
            # Looked at only now: what was sent before is paid out.
            view = await show(self._session, name, PledgeView)
            amounts = view.amounts
            left = amounts.amount_minor - amounts.paid_out_minor
            return await sign_body(
                self._session,
                _paid_out(asked, view.links.bank, amounts, left if amount_minor is None else amount_minor),
            )

        return await submit_once(self._session, await place_of(self._session, asked), make)

    async def prepare_payout(self, pledge: Draft, *, uetr: Uetr, rail: Rail, amount_minor: int | None = None) -> Draft:
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
        created = pledge.record.body
        if not isinstance(created, CreatePledge):
            raise InvalidInput(
                f"The draft is of another kind: {pledge.record.kind}.", "Give the draft of the pledge on which is lent."
            )
        asked = _asked(pledge.object_id, uetr, rail, amount_minor)
        paid = created.amount_minor if amount_minor is None else amount_minor
        return await self._draft(_paid_out(asked, created.bank, created, paid))

    async def retags(
        self, pledge: Id, file: Path | str | bytes, *, seller: bytes, buyer: bytes, keys: Sequence[EpochKey] = ()
    ) -> tuple[Tag, ...]:
        """Make the tags of a pledged invoice for the epochs in use, from the file that the bank has lent on.

        Arguments as of `tags`, but for the pledge. One at least must be a tag that the invoice bears already: retag it
        while an epoch that it bears is still in use.

        Raises:
            InvalidInput: none is: the file is another one than the invoice was registered with. Or as `tags`.
            Refused: the node makes no tags for the client's key.
        """
        view = await show(self._session, (await self.show(pledge)).links.invoice, InvoiceView)
        made = await tags_of(self._session, file, seller=seller, buyer=buyer, keys=keys, parties=view.links)
        if {tag_claim(tag.epoch, tag.value) for tag in made}.isdisjoint(view.links.tags):
            raise InvalidInput(
                f"None of the tags of this file is one that invoice {view.id.hex()} bears.",
                "Take the file that you have lent on, and retag the invoice before its epoch is dropped.",
                pointer="/body/tags",
            )
        return made

    async def prepare_retag(self, pledge: Id, *, tags: Sequence[Tag], bank_key: PublicKey | str | None = None) -> Draft:
        """Prepare that a pledged invoice gets the tags of the epochs in use, and sign it. Rule I-6.

        The client's identity is the bank's, which has made the tags of the file, or the seller's; the other one looks
        at it and calls `submit_draft`.

        Args:
            pledge: the pledge that stands on the invoice.
            tags: all that the invoice bears from then on, one for each epoch in use.
            bank_key: the key with which the bank signs, where the seller prepares and it is not the member's first.
        """
        self._session.need_identity()
        view = await show(self._session, pledge, PledgeView)
        ordered = tuple(sorted(tags, key=lambda tag: tag.epoch))
        body = RetagInvoice(invoice=view.links.invoice, pledge=view.id, tags=ordered)
        bank = view.links.bank
        by_bank = await self._own_bank() == bank
        other = await self._key_of(view.links.seller) if by_bank else await self._bank_key(bank, bank_key)
        return await self._draft(body, other)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[PledgeView]:
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
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, PledgeView, sought)

    async def show(self, pledge: Id) -> PledgeView:
        """Show a pledge as it stands, from a verified proof of its status."""
        return await show(self._session, pledge, PledgeView)

    async def _draft(self, body: Body, *others: PublicKey) -> Draft:
        return await draft_body(self._session, body, others, REQUEST_MS)

    async def _own_bank(self) -> MemberId | None:
        """Name the member for which the client's key signs; nil where it is a party's."""
        try:
            return await acting_member(self._session)
        except IdentityError:
            return None

    async def _bank_key(self, bank: MemberId, key: PublicKey | str | None) -> PublicKey:
        return await key_of(self._session, bank) if key is None else parse_key(key)

    async def _key_of(self, party: ObjectId) -> PublicKey:
        """Give a party's present key, from a verified proof of its status."""
        view = await show(self._session, party, PartyView)
        if view.key.key is None:
            raise IdentityError(
                f"Party {party.hex()} has no key any more.", "It signs nothing: ask the member with which it is."
            )
        return view.key.key


def _asked(pledge: ObjectId, uetr: Uetr, rail: Rail, amount_minor: int | None) -> PayOutPledge:
    """Say what a caller asks to be told as paid out; what the pledge says is still left open."""
    return PayOutPledge(
        amount_minor=amount_minor or 0, bank="", currency="", minor_digits=0, pledge=pledge, rail=rail, uetr=uetr
    )


def _paid_out(
    asked: PayOutPledge, bank: MemberId, unit: PledgeAmounts | CreatePledge, amount_minor: int
) -> PayOutPledge:
    """Say it of a pledge that stands, or is drafted: its bank, its currency, and what the seller gets.

    Raises:
        InvalidInput: that is nothing.
    """
    if amount_minor < 1:
        raise InvalidInput(
            "Nothing would be paid out: all that was pledged is, or the amount is none.",
            f"Look at it: hanse pledge show {asked.pledge.hex()}",
            pointer="/body/amount_minor",
        )
    return replace(asked, amount_minor=amount_minor, bank=bank, currency=unit.currency, minor_digits=unit.minor_digits)
