"""Whose key it is with which a request is signed, by the same rules as of records: M-1, M-2, F-5 and P-4."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.signers import judge_member_key, judge_officer_key, judge_party_key
from hanse_ledger.values.types import Digest, Moment, ObjectId, PublicKey
from hanse_ledger.wire.membership import Membership
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.store.reads import Reads
from hanse_node.store.sql import SqlLedgerStore

KNOWN_KEYS = 1_024
KNOWN_MS = 1_000
"""Of so many keys it is remembered whose they are: for a second, and no longer than no record comes to stand."""

KEY_PLACE = "/signature-input/keyid"


class KeyOwners:
    """Use cases about whoever signs a request. Any thread may call."""

    def __init__(self, store: SqlLedgerStore, clock: Callable[[], Moment]) -> None:
        self._store, self._clock = store, clock
        self._known: OrderedDict[PublicKey, tuple[int, Moment, Caller]] = OrderedDict()
        self._lock = Lock()

    def who(self, caller: Caller, key: PublicKey) -> Caller:
        """Say whose a key is, as the committed ledger has it now.

        Args:
            caller: who asks, before it is known who has signed.
            key: with which the request is signed, which is verified.

        Raises:
            Rejected: the key is nobody's, or signs nothing now: it was revoked or replaced, its officer was dismissed,
                its enrolment has ended, its owner is suspended.
        """
        now, size = self._clock(), self._store.head.size
        with self._lock:
            known = self._known.get(key)
        if known is not None and known[0] == size and 0 <= now - known[1] < KNOWN_MS:
            return known[2]
        found = self._find(key, now)
        with self._lock:
            self._known[key] = (size, now, found)
            self._known.move_to_end(key)
            if len(self._known) > KNOWN_KEYS:
                self._known.popitem(last=False)
        return found

    def _find(self, key: PublicKey, now: Moment) -> Caller:
        membership = self._store.head.membership
        with self._store.reading() as reads:
            return owner_of_key(reads, membership, key, now)


def owner_of_key(reads: Reads, membership: Membership, key: PublicKey, now: Moment) -> Caller:
    """Say whose a key is, and that it signs now. Raises Rejected: see `KeyOwners.who`."""
    state, held = _CommittedState(reads, membership), membership.holder(key)
    if held is not None:
        member = judge_member_key(*held, now, KEY_PLACE)
        office = state.claim(claim_key(ClaimKind.OFFICE, member.encode()))
        return Caller(CallerKind.MEMBER_KEY, member, object_id=office, member=member)
    owner = state.claim(claim_key(ClaimKind.KEY, key))
    found = None if owner is None else state.object(owner)
    if isinstance(found, Office):
        member = judge_officer_key(state, found, key, now, KEY_PLACE)
        powers = next(officer.powers for officer in found.officers if officer.key == key)
        return Caller(CallerKind.OFFICER, key.hex(), object_id=found.id, member=member, powers=powers)
    party = judge_party_key(state, key, now, KEY_PLACE, of_itself=False)
    return Caller(CallerKind.PARTY, party.hex(), object_id=party)


class _CommittedState:
    """The committed state as those rules see it."""

    def __init__(self, reads: Reads, membership: Membership) -> None:
        self._reads, self.membership = reads, membership

    @property
    def proposals(self) -> OpenProposals:
        """Nothing of a signer depends on what is voted on."""
        raise AssertionError("no rule about signers asks for proposals")

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        found = self._reads.object(object_id)
        return None if found is None else found[1]

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        return self._reads.claim(key)
