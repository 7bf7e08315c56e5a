"""All that a node has of sealed documents, and what follows for them when a record names them or has them erased."""

import logging
from collections.abc import Callable, Iterable

from hanse_ledger.values.types import Digest, MemberId, Moment
from hanse_node.access.caller import SIGNERS, Caller, CallerKind
from hanse_node.base.bounds import PAYLOAD_HOLDERS
from hanse_node.base.errors import QuotaExceeded
from hanse_node.payloads.anew import AskingAnew
from hanse_node.payloads.knownreaders import KnownReaders, OpenedReader, write_openings
from hanse_node.payloads.naming import Naming, Standing
from hanse_node.payloads.offered import Offered
from hanse_node.payloads.offering import PayloadOffer
from hanse_node.payloads.partyreaders import PartyReaders
from hanse_node.payloads.store import PayloadStore
from hanse_node.payloads.wanted import WantedPayloads

log = logging.getLogger(__name__)


class Holdings:
    """The sealed bytes, who reads them, who is to be told of them, and what is to be fetched. Any thread may call."""

    def __init__(self, store: PayloadStore, naming: Naming, own: MemberId, clock: Callable[[], Moment]) -> None:
        """Take up what lies in the folder of sealed documents. Raises StoreFailed.

        Args:
            store: the sealed bytes.
            naming: what the ledger says of them.
            own: this node's member.
            clock: the present in milliseconds since 1970.
        """
        self.store, self.naming, self.own, self.clock = store, naming, own, clock
        self.openings = KnownReaders(store.folder)
        self.parties = PartyReaders(self.openings, naming)
        self.offered, self.wanted = Offered(store.folder), WantedPayloads(store.folder)
        self.anew = AskingAnew(store.folder)

    @property
    def empty(self) -> bool:
        """Whether nothing is here, and nothing is to come: then no record concerns any of it."""
        held = self.store.held()
        return not (held.kept or held.waiting or len(self.wanted))

    def may_fetch(self, caller: Caller, digest: Digest, shown: Iterable[OpenedReader] = ()) -> bool:
        """Tell whether somebody may have sealed bytes.

        Whoever has signed the request may where he is a reader, for himself or for his member's office, or where the
        document is his or his member's. A member's node may where it serves a reader: its member's office, or a party
        that is with its member. Which readers there are the node knows from who sent the bytes, or from who asks: an
        opening proves itself against the record. A token's bearer comes as far as this only where the token's scopes
        open sealed bytes (`api.access.scope_of`); this node itself, and whoever asks one that asks for no token, may.

        Args:
            caller: who asks.
            digest: SHA-256 of the sealed bytes.
            shown: openings of readers that he shows.
        """
        if caller.kind is CallerKind.OBSERVER:
            return False
        if caller.kind in SIGNERS:
            return self._reads(caller, digest)
        if caller.kind is not CallerKind.MEMBER:
            return True
        known = self.openings.of(digest)
        if caller.name in self.naming.members(known):
            return True
        return caller.name in self.naming.members(self.holding(digest, shown))

    def _reads(self, caller: Caller, digest: Digest) -> bool:
        document, readers = self.naming.document(digest), {each.reader for each in self.openings.of(digest)}
        if document is None:
            return False
        party, member = document.links.owner_party, document.links.owner_member
        if caller.member == member if party is None else caller.object_id == party:
            return True
        return caller.object_id in readers

    def holding(self, digest: Digest, opened: Iterable[OpenedReader]) -> tuple[OpenedReader, ...]:
        """Give those of some openings that hold against the record that stands; none where none does."""
        given = tuple(opened)
        seal = self.naming.seal(digest) if given else None
        return () if seal is None else tuple(each for each in given if each.commitment in seal.readers)

    def settle(self, digest: Digest) -> bool:
        """Keep bytes that a record names: who reads them is checked, and their nodes are to be told.

        Tell whether the bytes are here. What was said falsely of their readers is let go of. Raises StoreFailed.
        """
        told = self.openings.told(digest)
        sound = self.holding(digest, told)
        if len(sound) < len(told):
            log.warning("readers were named of a sealed document that its record does not have")
        self.admit(digest, sound)
        kept = self.store.keep(digest)
        # The last step: a crash before it is made good by doing all of it once more.
        self.openings.forget_told(digest)
        return kept

    def admit(self, digest: Digest, sound: Iterable[OpenedReader]) -> None:
        """Take up readers that hold against the record, and have their nodes told. Raises StoreFailed."""
        readers = tuple(sound)
        if not readers:
            return
        if not self.offered.add(digest, self.naming.members(readers) - {self.own}, self.clock()):
            log.warning("so many sealed documents are still to be offered that one is not offered to all")
        self.know(digest, readers)

    def know(self, digest: Digest, sound: Iterable[OpenedReader]) -> None:
        """Take up readers that hold against the record. Raises StoreFailed."""
        readers = tuple(sound)
        self.openings.add(digest, readers)
        self.parties.add(digest, readers)

    def offer(self, digest: Digest, member: MemberId) -> PayloadOffer | None:
        """Make the offer of a document to a member's node, with the openings of its own readers; nil where none is due.

        Raises StoreFailed.
        """
        if self.naming.standing(digest) is not Standing.NAMED or not self.store.has(digest):
            return None
        readers = self.openings.of(digest)
        own = [each for each in readers if self.naming.member(each.reader) == member]
        if not own:
            return None
        others = sorted(self.naming.members(readers) - {member, self.own})
        return PayloadOffer(digest=digest, holders=tuple(others[:PAYLOAD_HOLDERS]), readers=write_openings(own))

    def want_back(self, others: Iterable[MemberId]) -> int:
        """Want what should be here and is not: its file was lost, or taken away because it was damaged. Tell how many.

        Args:
            others: whose nodes may have it. All are asked in turn: who reads it is known here.

        Raises:
            StoreFailed: the disk refuses.
        """
        names, count = tuple(others)[:PAYLOAD_HOLDERS], 0
        for digest in self.openings.held_of():
            if self.store.has(digest) or self.wanted.of(digest) is not None:
                continue
            seal = self.naming.seal(digest)
            if self.naming.standing(digest) is Standing.UNNAMED:
                self._forget(digest)  # of a ledger that is not this one any more
            mine = [each for each in self.holding(digest, self.openings.of(digest)) if self._mine(each)]
            if seal is None or not mine or not names:
                continue
            try:
                self.wanted.add(digest, seal.size, names, self.clock())
            except QuotaExceeded:
                break  # the next sweep goes on
            log.warning("a sealed document is not here any more, and is fetched again", extra={"payload": digest.hex()})
            count += 1
        return count

    def _mine(self, opened: OpenedReader) -> bool:
        return self.naming.member(opened.reader) == self.own

    def erase(self, digest: Digest) -> bool:
        """Delete bytes and all that is known of them; tell whether something was here. Raises StoreFailed."""
        self.wanted.drop(digest)
        self.offered.end_all(digest)
        gone = self.store.erase(digest)
        self._forget(digest)
        return gone

    def _forget(self, digest: Digest) -> None:
        self.openings.forget(digest)
        self.parties.forget(digest)

    def look(self) -> int:
        """Bring up to date what waits for a record, and what was told of it. Tell how many documents are gone.

        Raises StoreFailed.
        """
        gone, waiting = 0, self.store.waiting()
        for digest in dict.fromkeys((*waiting, *self.openings.told_of())):
            standing = self.naming.standing(digest)
            if standing is Standing.NAMED:
                self.settle(digest)
            elif standing is Standing.ERASED:
                gone += self.erase(digest)
            elif not self.store.has(digest):
                self.openings.forget_told(digest)
        for want in self.wanted.all():
            if self.naming.standing(want.digest) is Standing.ERASED:
                self.erase(want.digest)
        self.wanted.sweep(self.clock())
        self.want_back(self.naming.others(self.own))
        return gone
