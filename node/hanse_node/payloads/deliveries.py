"""What members' nodes ask of sealed documents: that one is for readers here, and for the bytes of one."""

from collections.abc import Callable
from heapq import nsmallest

from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest
from hanse_node.access.caller import Caller
from hanse_node.access.readnotes import ReadNotes, Way
from hanse_node.base.bounds import PAYLOAD_OFFERS_GIVEN, PAYLOAD_OFFERS_LOOKED_AT
from hanse_node.base.errors import NodeError
from hanse_node.payloads.custody import PayloadErased, PayloadUnknown, ReadersDiffer
from hanse_node.payloads.holdings import Holdings
from hanse_node.payloads.knownreaders import read_openings
from hanse_node.payloads.naming import Standing
from hanse_node.payloads.offering import OffersGiven, OfferTaken, PayloadOffer


class NotYetNamed(NodeError):
    """No record here names the document that is offered: this node may be behind. It is offered again later."""


class Deliveries:
    """Use cases of members' nodes. Any thread may call; `caller` is whose node asks."""

    def __init__(self, holdings: Holdings, notes: ReadNotes) -> None:
        """Prepare.

        Args:
            holdings: all that is here of sealed documents.
            notes: where is noted who was given one.
        """
        self.holdings, self._notes = holdings, notes
        self.news: Callable[[], object] = lambda: None
        """Told when something is to be fetched."""

    def take_offer(self, caller: Caller, offer: PayloadOffer) -> OfferTaken:
        """Have a document fetched that another node offers, if it is for readers here; durable on return.

        Raises:
            Malformed: these are no openings.
            NotYetNamed, PayloadErased: no record here names it, or it was erased.
            ReadersDiffer: no reader is one of this node's, by the record.
            QuotaExceeded: as much as may is to be fetched of that member's.
        """
        held, opened = self.holdings, read_openings(offer.readers)
        standing = held.naming.standing(offer.digest)
        if standing is Standing.UNNAMED:
            raise NotYetNamed("no record here names the document that is offered")
        seal = held.naming.seal(offer.digest)
        if standing is Standing.ERASED or seal is None:
            raise PayloadErased("this document was erased")
        own = [each for each in held.holding(offer.digest, opened) if held.naming.member(each.reader) == held.own]
        if not own:
            raise ReadersDiffer("no reader of the document is served by this node")
        whole = held.store.has(offer.digest)
        if not whole:
            known = held.naming.has_member
            others = [name for name in offer.holders if name not in (held.own, caller.name) and known(name)]
            held.wanted.add(offer.digest, seal.size, (caller.name, *others), held.clock())
        held.know(offer.digest, own)
        if whole:
            held.settle(offer.digest)
        else:
            self.news()
        return OfferTaken(whole=whole)

    def give_offers(self, caller: Caller, after: Digest | None) -> OffersGiven:
        """Tell a member's node what is here for readers that it serves: it may have lost what it once had.

        A bounded part of all that is here is looked at each time.

        Args:
            caller: whose node asks.
            after: the hash behind which it begins; nil for the first page.

        Raises:
            StoreFailed: who reads cannot be read.
        """
        held = self.holdings
        behind = (digest for digest in held.openings.held_of() if after is None or digest > after)
        looked_at = nsmallest(PAYLOAD_OFFERS_LOOKED_AT, behind)
        offers, last = list[PayloadOffer](), None
        for digest in looked_at:
            offer = held.offer(digest, caller.name)
            if offer is not None:
                offers.append(offer)
            if len(offers) == PAYLOAD_OFFERS_GIVEN:
                last = digest
                break
        if last is None and len(looked_at) == PAYLOAD_OFFERS_LOOKED_AT:
            last = looked_at[-1]
        return OffersGiven(following=last, offers=tuple(offers))

    def read(self, caller: Caller, digest: Digest, start: int, most: int, shown: bytes) -> tuple[bytes, int]:
        """Give some bytes of a document, and how many it has, to a node that serves a reader of it.

        Args:
            caller: whose node asks.
            digest: SHA-256 of the sealed bytes.
            start: where the part begins.
            most: how many bytes it has at most.
            shown: openings of readers that it serves; nothing where this node knows of them.

        Raises:
            PayloadUnknown: it is not here, or not for that node: nobody is told which.
        """
        held = self.holdings
        try:
            opened = read_openings(shown) if shown else ()
        except Malformed:
            opened = ()
        named = held.naming.standing(digest) is Standing.NAMED
        found = held.store.read(digest, start, most) if named and held.may_fetch(caller, digest, opened) else None
        if found is None:
            raise PayloadUnknown("no document with this hash is here")
        self._notes.note(caller, Way.PAYLOAD, [digest])
        return found
