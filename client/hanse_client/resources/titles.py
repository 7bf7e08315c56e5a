"""Titles: documents of title that a carrier issues on a shipment, each with one holder."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from hanse_client.base.errors import IdentityError, InvalidInput
from hanse_client.base.files import read_source
from hanse_client.base.identifiers import Id, parse_choice, parse_id, parse_id_if
from hanse_client.base.objects import PartyView, TitleView
from hanse_client.base.views import Receipt, RecordView
from hanse_client.exchange.listing import Sought, list_objects
from hanse_client.exchange.once import keep_opening, submit_body, submit_opening
from hanse_client.exchange.reading import show, walk_records
from hanse_client.exchange.session import Session
from hanse_client.exchange.submitting import draft_body
from hanse_client.home.drafts import Draft
from hanse_client.home.openings import Opening, new_opening
from hanse_client.home.unsettled import without_chance
from hanse_client.resources.parties import REQUEST_MS
from hanse_ledger.kinds.title.bodies import (
    AmendTitle,
    ConvertTitle,
    IssueTitle,
    Medium,
    RejectTitle,
    SurrenderTitle,
    TransferTitle,
)
from hanse_ledger.values.types import MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.part import Body


class AsyncTitles:
    """Titles. Reached as `client.titles`.

    What carrier and holder sign together one of them prepares, and hands on as `draft.to_json()`; the other one looks
    at it and calls `submit_draft(Draft.from_json(…))` within a week.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    async def issue(
        self,
        shipment: Id,
        file: Path | str | bytes,
        *,
        holder: Id,
        terms: Mapping[str, str],
        consignment: Id | None = None,
    ) -> Receipt:
        """Issue the title on a shipment; the client's identity is the carrier's. Rule T-3.

        Args:
            shipment: the shipment, which has not arrived.
            file: the bill of lading or other document of title. It stays here, and is committed to.
            holder: the party to whose order it is issued.
            terms: what the document says, by the names of the catalogue `transport`, such as `number`.
            consignment: where the carrier writes into one, it is put into it by this record. Rule U-3.

        Raises as `submit` does.
        """
        opening = _opening(file, terms)
        body = IssueTitle(
            consignment=parse_id_if(consignment, "consignment"),
            document=opening.commitment(),
            holder=parse_id(holder, "holder"),
            payload=None,
            shipment=parse_id(shipment, "shipment"),
        )
        asked = replace(body, document=without_chance(opening))
        return await submit_opening(self._session, body, asked, opening)

    async def transfer(self, title: Id, new_holder: Id) -> Receipt:
        """Pass a title on; the client's identity is its holder's. Rule T-4.

        Args:
            title: the title.
            new_holder: the party that holds it from then on, alone.
        """
        body = TransferTitle(new_holder=parse_id(new_holder, "new holder"), title=parse_id(title, "title"))
        return await submit_body(self._session, body)

    async def reject(self, title: Id, reasons: Sequence[str]) -> Receipt:
        """Give a title back to whom it came from, within seven days; the client's identity is its holder's. Rule T-5.

        Args:
            title: the title.
            reasons: codes of the holder's own list, 1 to 16 capital letters, digits and hyphens each.
        """
        body = RejectTitle(reasons=tuple(sorted(set(reasons))), title=parse_id(title, "title"))
        return await submit_body(self._session, body)

    async def prepare_surrender(self, title: Id) -> Draft:
        """Prepare the surrender of a title to its carrier, and sign it. Rule T-6.

        Holder and carrier sign; of a title on paper the carrier alone, once the paper has been presented.
        """
        view = await show(self._session, title, TitleView)
        return await self._prepare(SurrenderTitle(title=view.id), view, view.holding.holder)

    async def prepare_amendment(self, title: Id, file: Path | str | bytes, *, terms: Mapping[str, str]) -> Draft:
        """Prepare an amended document of a title, and sign it; carrier and holder sign. Rule T-7.

        Args:
            title: the title.
            file: the amended document. It stays here, and is committed to.
            terms: what it says, `statement` among it: what is amended.
        """
        view, opening = await show(self._session, title, TitleView), _opening(file, terms)
        body = AmendTitle(document=opening.commitment(), payload=None, title=view.id)
        return self._keep(await self._prepare(body, view, view.holding.holder), opening)

    async def prepare_conversion(
        self,
        title: Id,
        medium: Medium | str,
        file: Path | str | bytes,
        *,
        terms: Mapping[str, str],
        holder: Id | None = None,
    ) -> Draft:
        """Prepare a change of a title's medium, and sign it; carrier and holder sign. Rule T-8.

        Args:
            title: the title.
            medium: `paper` or `electronic`: the new one.
            file: the document in its new form. It stays here, and is committed to.
            terms: what it says, `statement` among it: that it stands in place of the old form.
            holder: who has given the paper up, and holds the title from then on; to paper it is the present holder.
        """
        view, opening = await show(self._session, title, TitleView), _opening(file, terms)
        bearer = view.holding.holder if holder is None else parse_id(holder, "holder")
        if bearer is None:
            raise InvalidInput("It is not said who holds the title then.", "Name the party that gives the paper up.")
        body = ConvertTitle(
            document=opening.commitment(),
            holder=bearer,
            medium=parse_choice(Medium, medium, "medium"),
            payload=None,
            title=view.id,
        )
        return self._keep(await self._prepare(body, view, bearer), opening)

    def list(
        self,
        *,
        state: str | Sequence[str] | None = None,
        open: bool | None = None,  # noqa: A002 (it reads as one asks)
        whose: Id | MemberId | None = None,
        other: Id | MemberId | None = None,
        since_ms: Moment | None = None,
        until_ms: Moment | None = None,
    ) -> AsyncIterator[TitleView]:
        """Walk over titles, the newest first, each proven. That none is left out is the node's word.

        Args:
            state: only of this state, or of these.
            open: only those for which something is left to do, or only those that have ended.
            whose: a party's or member's; by default the client's own, or everybody's where it has no identity.
            other: only those that are this party's or member's too.
            since_ms: only those that were created at this block time or later.
            until_ms: only those that were created before this block time.

        Raises:
            InvalidInput: no title has such a state.
        """
        sought = Sought(state=state, open=open, whose=whose, other=other, since_ms=since_ms, until_ms=until_ms)
        return list_objects(self._session, TitleView, sought)

    async def show(self, title: Id) -> TitleView:
        """Show a title and its holder as they stand, from a verified proof of its status."""
        return await show(self._session, title, TitleView)

    def records(self, title: Id) -> AsyncIterator[RecordView]:
        """Walk over a title's records, newest first, each proven and none left out."""
        return walk_records(self._session, title, TitleView)

    async def _prepare(self, body: Body, view: TitleView, holder: ObjectId | None) -> Draft:
        """Make a draft that holder and carrier sign, and sign it."""
        names = dict.fromkeys(name for name in (holder, view.links.carrier) if name is not None)
        keys = [await self._key_of(name) for name in names]
        own = self._session.need_identity()
        if own.public_key not in keys:
            raise IdentityError(
                f"The key {own.fingerprint} is neither the holder's nor the carrier's.", "Sign as one of the two."
            )
        return await draft_body(self._session, body, keys, REQUEST_MS)

    async def _key_of(self, party: ObjectId) -> PublicKey:
        key = (await show(self._session, party, PartyView)).key.key
        if key is None:
            raise IdentityError(f"The party {party.hex()} has no key any more.", "Nothing was signed.")
        return key

    def _keep(self, draft: Draft, opening: Opening) -> Draft:
        keep_opening(self._session, draft, opening)
        return draft


def _opening(file: Path | str | bytes, terms: Mapping[str, str]) -> Opening:
    data, name = read_source(file)
    return new_opening(CommittedKind.TRANSPORT, data, terms, name=name, discoverable=False)
