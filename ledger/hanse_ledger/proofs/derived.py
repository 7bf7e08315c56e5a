"""What a file's records lead to: the very rules, run over the records that a proof shows.

An operator can withhold records, never forge them: a verifier applies each record that a file shows to the
state left by those before it, and compares the outcome with what the operator's state says. Of objects
that are named beside the subjects only the beginning may be known, so that the rules are not stricter here than they
were in the ledger: what others add to their sums is left out, since what takes it back need not be in the file. For
the subjects, whose histories are whole (`whole`, from the beginning or from a way mark on), they are exactly as strict.
"""

from hanse_ledger.kinds import OBJECTS, kind_of
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.reasons import rule_of
from hanse_ledger.kinds.refusals import SIGNER_UNKNOWN
from hanse_ledger.proofs.sums import SUMMED, with_sums_of
from hanse_ledger.records.entry import RecordEntry
from hanse_ledger.records.envelope import Signed
from hanse_ledger.transition import transition
from hanse_ledger.values.errors import ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.types import Digest, LedgerId, Moment, ObjectId
from hanse_ledger.wire.membership import Membership

_MISSING = frozenset(each.unknown for each in OBJECTS)


class DerivedState:
    """The state that a file's records lead to, and which of them touched what. A StateView."""

    def __init__(self, ledger: LedgerId, membership: Membership) -> None:
        self.membership = membership
        self.whole: set[ObjectId] = set()
        # What is open leads to no object; only the records of an epoch's change are followed (see `trustfile`).
        self.proposals = NO_PROPOSALS
        self.touched: dict[ObjectId, list[int]] = {}
        self.begins: dict[ObjectId, int] = {}
        self._ledger = ledger
        self._objects: dict[ObjectId, Object] = {}
        self._claims: dict[Digest, bytes] = {}
        self._time: Moment = 0

    def object(self, name: ObjectId) -> Object | None:
        """Find an object that a record in the file has created."""
        return self._objects.get(name)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim that a record in the file has made."""
        return self._claims.get(key)

    def take_up(self, value: Object, position: int, at: Moment) -> None:
        """Go on from an object as it stood at a position, the end of a group at a time.

        Raises:
            ProofInvalid: that time lies before the last record's.
        """
        self._advance(at, f"the time of the way mark at position {position}")
        self._objects[value.id] = value
        self.begins[value.id] = position
        self.whole.add(value.id)

    def apply(self, entry: RecordEntry, signed: Signed) -> None:
        """Apply the next record, in order of positions.

        Raises:
            Untrusted: a signing key is no member's, and no record in the file enrols it.
            ProofInvalid: the rules refuse it, or its time lies before the last one's.
        """
        self._advance(entry.time, f"the time of the record at position {entry.position}")
        try:
            delta = transition(self, signed, self._ledger, entry.time)
        except Rejected as error:
            raise _refusal(entry.position, signed, error) from error
        for value in delta.objects:
            self._objects[value.id] = self._as_known(value, signed)
            self.touched.setdefault(value.id, []).append(entry.position)
        # A tag may have been given back by a record that is not in the file: its uniqueness cannot be judged here.
        if not kind_of(signed.record.body).frees:
            self._claims.update({key: value for key, value in delta.claims.items() if value is not None})

    def _as_known(self, value: Object, signed: Signed) -> Object:
        """Leave out what a record adds to the sums of an object beside: what takes it back need not be in the file."""
        if type(value) not in SUMMED or value.id in self.whole:
            return value
        before = self._objects.get(value.id)
        if before is None or kind_of(signed.record.body).about(signed.record.body) == value.id:
            return value
        return with_sums_of(value, before)

    def _advance(self, at: Moment, what: str) -> None:
        if at < self._time:
            raise ProofInvalid(f"{what} lies before an earlier one's")
        self._time = at


def _refusal(position: int, signed: Signed, error: Rejected) -> ProofInvalid | Untrusted:
    """Say why a record cannot have been accepted."""
    where = f"the record at position {position}"
    if error.reason is SIGNER_UNKNOWN:
        return Untrusted(f"{where} is signed by {error.seen}, no member's key, and no record in the file enrols it")
    if error.reason in _MISSING:
        return ProofInvalid(f"{where} names {error.seen}, and the record that creates it is not in the file")
    rule = rule_of(signed.record.kind, error.reason, error.pointer)
    return ProofInvalid(f"{where} breaks rule {rule}, {error.reason.value}: {error.reason.message}")
