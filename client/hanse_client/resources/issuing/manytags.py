"""The tags of many invoices of one seller: asked for where the buyer's identity is there, told where none are made."""

from collections.abc import Iterable

from hanse_client.base.clock import now_ms
from hanse_client.base.errors import InvalidInput, Refused
from hanse_client.base.views import Notice
from hanse_client.exchange.askingtags import ask_tags, not_offered
from hanse_client.exchange.identifying import identified, own_identity
from hanse_client.exchange.session import Session
from hanse_client.home.identities import ShownIdentity
from hanse_client.resources.sharing.travelling import Travelling, travelling
from hanse_documents.semantics.tags import Tagged
from hanse_ledger.kinds.invoice.bodies import IssueInvoice, Tag
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId

UNTAGGED = "untagged"

Made = tuple[tuple[Tag, ...], tuple[Notice, ...]]


class ManyTags:
    """Asks for tags, one invoice after the other: the node makes them as often as it says."""

    def __init__(self, session: Session, seller: ObjectId, identities: Iterable[bytes]) -> None:
        """Take the identities that parties have shown: of buyers, and of the seller where it is not the home folder's.

        Raises:
            InvalidInput: one cannot be read, or two say different things of one party.
        """
        self._session, self.seller = session, seller
        self._shown: dict[ObjectId, bytes] = {}
        for data in identities:
            party = ShownIdentity.from_json(data).party
            if self._shown.setdefault(party, data) != data:
                raise InvalidInput(f"Two identities are given of {party.hex()}.", "Give the one that it has shown.")
        self._verified: dict[ObjectId, ShownIdentity] = {}
        self._none: Notice | None = None

    async def of(self, document: Tagged, buyer: ObjectId, kept: Signed | None) -> Made:
        """Give an invoice's tags, and a notice where it gets none although they are wanted.

        Args:
            document: the invoice.
            buyer: its buyer's party.
            kept: what was made of it before: its tags are the invoice's as long as it can be written.

        Raises:
            InvalidInput: a party is not enrolled as its identity says, or the seller's identity is not there.
            Refused: the node makes none of this one.
            NodeUnreachable, BadAnswer: as `submit`.
        """
        if kept is not None and kept.record.expires > now_ms() and isinstance(kept.record.body, IssueInvoice):
            return kept.record.body.tags, ()
        if not self._shown:
            return (), ()
        if self._none is not None:
            return (), (self._none,)
        if buyer not in self._shown:
            return (), (self._session.notices.tell(UNTAGGED, _not_shown(buyer)),)
        seller, buys = await self._identity(self.seller), await self._identity(buyer)
        try:
            return await ask_tags(self._session, document, seller, buys), ()
        except Refused as error:
            if not not_offered(error):
                raise
            # What keeps the node from making these keeps it from making the others: all have one seller.
            self._none = self._session.notices.tell(UNTAGGED, error)
            return (), (self._none,)

    async def identities(self, buyer: ObjectId) -> Travelling:
        """Give the identities that travel inside a shared invoice: both parties', or none. Raises as `of`."""
        if buyer not in self._shown:
            return ()
        return travelling((await self._identity(self.seller), await self._identity(buyer)))

    async def _identity(self, party: ObjectId) -> ShownIdentity:
        """Give a party's identity, once it is verified; the seller's own from the home folder."""
        if party not in self._verified:
            shown = self._shown.get(party)
            self._verified[party] = (
                own_identity(self._session, party) if shown is None else await identified(self._session, shown)
            )
        return self._verified[party]


def _not_shown(buyer: ObjectId) -> InvalidInput:
    return InvalidInput(
        f"It bears no tags: no identity of its buyer, {buyer.hex()}, is given.",
        "Get it from the buyer: hanse party show ID --opening FILE.",
    )
