"""What a file's records lead to: the very rules, run over the records that a proof shows.

An operator can withhold records, never forge them: a verifier applies each record that a file shows to the
state left by those before it, and compares the outcome with what the operator's state says. Of objects
that are named beside the subjects only the beginning may be known, so that the rules are not stricter here than they
were in the ledger; for the subjects, whose histories are whole, they are exactly as strict.
"""

from hanse_ledger.codec import object_id
from hanse_ledger.entry import RecordEntry
from hanse_ledger.envelope import Signed
from hanse_ledger.errors import ProofInvalid, Rejected, Untrusted
from hanse_ledger.explanations import EXPLANATIONS
from hanse_ledger.membership import Membership
from hanse_ledger.reasons import Reason
from hanse_ledger.records import CancelInvoice, IssueInvoice, RefuseInvoice, RotateKey
from hanse_ledger.rules.numbers import rule_of
from hanse_ledger.state import ClaimKind, Object, claim_key
from hanse_ledger.transition import transition
from hanse_ledger.types import Digest, LedgerId, Moment, ObjectId, RecordId

_MISSING = {
    Reason.PARTY_UNKNOWN,
    Reason.INVOICE_UNKNOWN,
    Reason.CERTIFICATE_UNKNOWN,
    Reason.DECLARATION_UNKNOWN,
    Reason.PAYMENT_UNKNOWN,
}


class Retold:
    """The state that a file's records lead to, and which of them touched what. A StateView."""

    def __init__(self, ledger: LedgerId, membership: Membership) -> None:
        self.membership = membership
        self.created: dict[ObjectId, int] = {}
        self.touched: dict[ObjectId, list[int]] = {}
        self.rotated: dict[ObjectId, list[int]] = {}
        self._ledger = ledger
        self._objects: dict[ObjectId, Object] = {}
        self._claims: dict[Digest, bytes] = {}
        self._seen: set[RecordId] = set()
        self._time: Moment = 0

    def object(self, name: ObjectId) -> Object | None:
        """Find an object that a record in the file has created."""
        return self._objects.get(name)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim that a record in the file has made."""
        return self._claims.get(key)

    def owner(self, key: bytes) -> ObjectId | None:
        """Find the party whose key this is or was."""
        return self.claim(claim_key(ClaimKind.KEY, key))

    def apply(self, entry: RecordEntry, signed: Signed) -> None:
        """Apply the next record, in order of positions.

        Raises:
            Untrusted: a signing key is no member's, and no record in the file enrols it.
            ProofInvalid: the rules refuse it, it stands in the file twice, or its time lies before the last one's.
        """
        if signed.id in self._seen:
            raise ProofInvalid(f"the record at position {entry.position} stands in the file twice")
        if entry.time < self._time:
            raise ProofInvalid(f"the time of the record at position {entry.position} lies before an earlier one's")
        try:
            delta = transition(self, signed, self._ledger, entry.time)
        except Rejected as error:
            raise _refusal(entry.position, signed, error) from error
        self._seen.add(signed.id)
        self._time = entry.time
        for value in delta.objects:
            self._objects[value.id] = value
            self.touched.setdefault(value.id, []).append(entry.position)
        created = object_id(signed.id)
        if created in self._objects:
            self.created[created] = entry.position
        body = signed.record.body
        if isinstance(body, RotateKey):
            self.rotated.setdefault(body.party, []).append(entry.position)
        # A tag may have been given back by a record that is not in the file: its uniqueness cannot be judged here.
        if not isinstance(body, IssueInvoice | CancelInvoice | RefuseInvoice):
            self._claims.update({key: value for key, value in delta.claims.items() if value is not None})


def _refusal(position: int, signed: Signed, error: Rejected) -> ProofInvalid | Untrusted:
    """Say why a record cannot have been accepted."""
    where = f"the record at position {position}"
    if error.reason is Reason.SIGNER_UNKNOWN:
        return Untrusted(
            f"{where} is signed by {error.seen[:18]}…, no member's key, and no record in the file enrols it"
        )
    if error.reason in _MISSING:
        return ProofInvalid(f"{where} names {error.seen[:16]}…, and the record that creates it is not in the file")
    rule = rule_of(signed.record.kind, error.reason, error.pointer)
    return ProofInvalid(f"{where} breaks rule {rule}, {error.reason.value}: {EXPLANATIONS[error.reason].message}")
