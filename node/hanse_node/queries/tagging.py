"""Making the tags of invoices for those who may have them: sellers of this node's member, and the member itself.

What an invoice says, and who its parties are, comes in a request and goes with it: nothing of it is kept or logged.
"""

import logging
from collections.abc import Callable
from threading import Lock
from time import monotonic

from hanse_documents.model.errors import DocumentError
from hanse_documents.semantics.tagrequests import IdentityPart, SignedTagRequest, read_request
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.invoice.bodies import Tag
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.bodies import EnrolParty
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.errors import Malformed, ProofInvalid
from hanse_ledger.values.types import MemberId, Moment
from hanse_node.access.caller import Caller
from hanse_node.access.quotas import Buckets
from hanse_node.base.errors import NodeError, QuotaExceeded, StoreFailed
from hanse_node.queries.ownrecords import open_entry
from hanse_node.signing.tagbook import KeyDiffers, TagBook
from hanse_node.store.reads import Reads
from hanse_node.store.sql import SqlLedgerStore

log = logging.getLogger(__name__)

FRESH_MS = 5 * 60 * 1_000
"""A request is answered so long before and after it says that it was made, by the node's own clock."""

SELLER_PER_SECOND, SELLER_BURST = 1, 10
MEMBER_PER_SECOND, MEMBER_BURST = 20, 200


class NotForThem(NodeError):
    """Whoever asks is neither the seller, enrolled by this node's member, nor that member."""


class IdentityDiffers(NodeError):
    """A party is not enrolled as the request says, or its identity has no number."""


class Tagging:
    """Makes tags. Any thread may call."""

    def __init__(self, store: SqlLedgerStore, book: TagBook, member: MemberId, clock: Callable[[], Moment]) -> None:
        """Make them with the keys of `book`, as the node of a member; `clock` is the present in milliseconds."""
        self._store, self._book, self._member, self._clock = store, book, member, clock
        self._lock, self._told = Lock(), ""
        self._sellers = Buckets(SELLER_PER_SECOND, SELLER_BURST, monotonic)
        self._members = Buckets(MEMBER_PER_SECOND, MEMBER_BURST, monotonic)

    def make(self, caller: Caller, data: bytes) -> tuple[Tag, ...]:
        """Make the tags of an invoice, one for each epoch in use.

        Args:
            caller: who asks; whom the tags are for says the signature.
            data: a signed request.

        Raises:
            Malformed: it is none, or for another ledger, or not of these minutes.
            NotForThem: whoever has signed it gets no tags of this invoice here.
            QuotaExceeded: they ask too often.
            IdentityDiffers: a party is not enrolled as the request says.
            KeyMissing: this node has not the key of an epoch in use.
            KeyDiffers: it has another one than the members'.
        """
        signed = read_request(data)
        request = signed.request
        if request.ledger != self._store.ledger:
            raise Malformed("the request is made for another ledger", pointer="/request/ledger")
        if abs(self._clock() - request.created) > FRESH_MS:
            raise Malformed("the request was not made in these five minutes", pointer="/request/created")
        try:
            signed.verify()
        except ProofInvalid as error:
            raise NotForThem(f"the request is not signed by its key: {error}") from error
        with self._store.showing() as reads:
            self._admit(reads, signed)
            for name, part in (("seller", request.seller), ("buyer", request.buyer)):
                _verify_identity(reads, name, part)
        keys = self._book.keys(self._store.head.membership.parameters)
        try:
            text = request.text()
        except DocumentError as error:
            raise IdentityDiffers(str(error)) from error
        return tuple(key.of(text) for key in keys)

    def take_up(self, caller: Caller) -> None:
        """Keep what is sealed to this node of the keys in use; what cannot be used is logged once.

        Args:
            caller: who asks: the node itself.

        Raises:
            OSError: one cannot be written.
        """
        try:
            self._book.take_up(self._store.head.membership.parameters)
        except KeyDiffers as error:
            if str(error) != self._told:
                log.warning("a key of tags cannot be used", extra={"reason": str(error)})
            self._told = str(error)

    def _admit(self, reads: Reads, signed: SignedTagRequest) -> None:
        """Insist that whoever asks may, and not too often."""
        now, key = self._clock(), signed.key
        held = self._store.head.membership.holder(key)
        if held is not None:
            member, own = held
            if member.id == self._member and not member.suspended and own.valid_from <= now < own.valid_until:
                self._take(self._members, member.id)
                return
            raise NotForThem("the key is another member's, or not in force")
        owner = reads.claim(claim_key(ClaimKind.KEY, key))
        found = None if owner is None else reads.object(owner)
        match None if found is None else found[1]:
            case Party() as party if self._sells(party, signed, now):
                self._take(self._sellers, party.id)
            case Office() as office if self._settles(office, key, now):
                self._take(self._members, office.id)
            case _:
                raise NotForThem(
                    f"tags are made for the invoice's seller, where {self._member} has enrolled it, and for that member"
                )

    def _sells(self, party: Party, signed: SignedTagRequest, now: Moment) -> bool:
        """Tell whether a party is the seller, in good standing, and this node's member has it."""
        status = party.status
        return (
            party.id == signed.request.seller.party
            and party.key.key == signed.key
            and party.links.member == self._member
            and not status.suspended
            and status.valid_from <= now < status.valid_until
        )

    def _settles(self, office: Office, key: bytes, now: Moment) -> bool:
        """Tell whether a key is that of an officer of this node's member who signs pledges."""
        return office.links.member == self._member and any(
            officer.key == key and Power.SETTLE in officer.powers and officer.valid_from <= now < officer.valid_until
            for officer in office.officers
        )

    def _take(self, buckets: Buckets, name: object) -> None:
        with self._lock:
            if buckets.level(name) < 1:
                raise QuotaExceeded("tags are asked for too often", buckets.seconds_until(name, 1))
            buckets.take(name, 1)


def _verify_identity(reads: Reads, name: str, part: IdentityPart) -> None:
    """Insist that a party is enrolled as is said. Raises IdentityDiffers."""
    found = reads.object(part.party)
    if found is None or not isinstance(found[1], Party):
        raise IdentityDiffers(f"the {name} is no party of this ledger")
    position = reads.creation(found[0])
    data = None if position is None else reads.entry(position)
    if data is None:
        raise StoreFailed(f"the record that enrolled a party is not there: object {found[0]}")
    body = open_entry(data)[1].record.body
    if not isinstance(body, EnrolParty) or not part.opens(body.identity):
        raise IdentityDiffers(f"the {name} is not enrolled as the request says")
