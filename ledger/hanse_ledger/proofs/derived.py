"""What a file's records lead to: the very rules, run over the records that a proof shows.

An operator can withhold records, never forge them: a verifier applies each record that a file shows to the
state left by those before it, and compares the outcome with what the operator's state says. Of objects
that are named beside the subjects only the beginning may be known, so that the rules are not stricter here than they
were in the ledger: what others add to their sums is left out, since what takes it back need not be in the file. For
the subjects, whose histories are whole (`whole`, from the beginning or from a way mark on), they are exactly as strict.
"""

from msgspec import structs

from hanse_ledger.kinds import OBJECTS, kind_of, steps_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.member.proposals import NO_PROPOSALS
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.rows import OFFICE
from hanse_ledger.kinds.office.rules import office_of
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.bodies import TakeKey
from hanse_ledger.kinds.party.state import Party, Replaced
from hanse_ledger.kinds.pledge.bodies import CreatePledge
from hanse_ledger.kinds.reasons import refused_kind, rule_of
from hanse_ledger.kinds.refusals import SIGNER_UNKNOWN
from hanse_ledger.kinds.view import StateView
from hanse_ledger.proofs.relations import settings_asked
from hanse_ledger.proofs.sums import SUMMED, with_sums_of
from hanse_ledger.records.entry import RecordEntry
from hanse_ledger.records.envelope import Signed
from hanse_ledger.transition import transition
from hanse_ledger.values.errors import ProofInvalid, Rejected, Untrusted
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.types import Digest, LedgerId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.membership import Membership
from hanse_ledger.wire.part import Body

_MISSING = frozenset(object_type.unknown for object_type in OBJECTS)


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
        self.replaced: list[tuple[int, ObjectId, Replaced]] = []
        self.officers: dict[PublicKey, Office] = {}
        self.asked: dict[ObjectId, int] = {}
        """The last record, by position, that an officer of an office signed, or whose rule asked for its settings."""
        self._followed: dict[ObjectId, dict[Digest, bytes]] = {}
        self._objects: dict[ObjectId, Object] = {}
        self._claims: dict[Digest, bytes] = {}
        self._time: Moment = 0

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object that a record in the file has created."""
        return self._objects.get(object_id)

    def claim(self, key: Digest) -> bytes | None:
        """Find a claim that a record in the file has made; those of an office only while its acts are followed."""
        for claims in self._followed.values():
            if key in claims:
                return claims[key]
        return self._claims.get(key)

    def follows(self, office: ObjectId) -> bool:
        """Tell whether the acts of an office are followed."""
        return office in self._followed

    def follow(self, office: ObjectId) -> None:
        """Follow the acts of an office from its opening on."""
        self._followed[office] = {}

    def take_up_acts(self, value: Office, position: int, at: Moment) -> None:
        """Follow the acts of an office from a way mark on. Raises ProofInvalid as `take_up` does."""
        self._advance(at, said("proof.time-of-mark", "the time of the way mark at position {position}", position))
        self._objects[value.id] = value
        self.follow(value.id)
        self._learn(value)

    def follow_no_more(self, office: ObjectId) -> None:
        """Follow the acts of an office no further: what it is from then on is not known."""
        del self._followed[office]

    def take_up(self, value: Object, position: int, at: Moment) -> None:
        """Go on from an object as it stood at a position, the end of a block at a time.

        Raises:
            ProofInvalid: that time lies before the last record's.
        """
        self._advance(at, said("proof.time-of-mark", "the time of the way mark at position {position}", position))
        self._objects[value.id] = value
        self.begins[value.id] = position
        self.whole.add(value.id)
        if isinstance(value, Office):
            self.follow(value.id)
            self._learn(value)

    def apply(self, entry: RecordEntry, signed: Signed) -> None:
        """Apply the next record, in order of positions.

        Raises:
            Untrusted: a signing key is no member's, and no record in the file enrols it.
            ProofInvalid: the rules refuse it, or its time lies before the last one's.
        """
        self._advance(
            entry.time, said("proof.time-of-record", "the time of the record at position {position}", entry.position)
        )
        supposed = self.suppose(self, signed.record.body)
        known = None if supposed is None else self._objects[supposed.id]
        if supposed is not None:
            self._objects[supposed.id] = supposed
        try:
            delta = transition(self, signed, self._ledger, entry.time, self)
        except Rejected as error:
            raise _refusal(entry.position, signed, error) from error
        if known is not None:
            self._objects[known.id] = known
        for key in signed.record.signers:
            if key in self.officers:
                self.asked[self.officers[key].id] = entry.position
        for member in settings_asked(signed.record.body):
            office = office_of(self, member)
            if office is not None:
                self.asked[office.id] = entry.position
        for value in delta.objects:
            if value.id in delta.inboxes:
                # What addresses an office is in no file whole, and no verdict needs it.
                continue
            self._objects[value.id] = self._as_known(value, signed)
            self.touched.setdefault(value.id, []).append(entry.position)
            if isinstance(value, Office):
                self._follow_act(value)
            if isinstance(value, Party) and isinstance(signed.record.body, TakeKey):
                assert value.key.replaced is not None, "the rule says who had the key replaced"
                self.replaced.append((entry.position, value.id, value.key.replaced))
        # A tag may have been given back by a record that is not in the file: its uniqueness cannot be judged here.
        # What an office claims counts while its acts are followed: what has become of it since is not known else.
        kinds = [kind_of(step.body) for step in steps_of(signed.record.body, signed.id)]
        if not any(kind.frees or kind.object is OFFICE for kind in kinds):
            self._claims.update({key: value for key, value in delta.claims.items() if value is not None})

    def suppose(self, state: StateView, body: Body) -> Object | None:
        """Take a pledge's word for what of an invoice beside was settled before, and give the invoice so.

        A pledge is of all that is outstanding, and what others have settled need not be in the file.
        """
        invoice = state.object(body.invoice) if isinstance(body, CreatePledge) else None
        if not isinstance(body, CreatePledge) or not isinstance(invoice, Invoice) or invoice.id in self.whole:
            return None
        settled = max(invoice.amounts.owed_minor - body.amount_minor, 0)
        supposed = structs.replace(invoice.amounts, settled_minor=settled, under_way_minor=0)
        return structs.replace(invoice, amounts=supposed)

    def _follow_act(self, office: Office) -> None:
        """Take over what an act has made of an office, if its acts are followed; a subject's are from its opening."""
        if office.id in self.whole and not self.follows(office.id):
            self.follow(office.id)
        if self.follows(office.id):
            self._learn(office)

    def _learn(self, office: Office) -> None:
        """Take over whose office it is, and who signs for it: who has done so once is known, and refused by F-5."""
        known = self._followed[office.id]
        known[claim_key(ClaimKind.OFFICE, office.links.member.encode())] = office.id
        for officer in office.officers:
            known[claim_key(ClaimKind.KEY, officer.key)] = office.id
            self.officers[officer.key] = office

    def _as_known(self, value: Object, signed: Signed) -> Object:
        """Leave out what a record adds to the sums of an object beside: what takes it back need not be in the file."""
        if type(value) not in SUMMED or value.id in self.whole:
            return value
        before = self._objects.get(value.id)
        steps = steps_of(signed.record.body, signed.id)
        own = any(kind_of(step.body).about(step.body) == value.id for step in steps)
        # Beside others in a bundle, an object's own step is taken for what it makes of all but the sums.
        if before is None or (own and len(steps) == 1):
            return value
        return with_sums_of(value, before)

    def _advance(self, at: Moment, what: Said) -> None:
        if at < self._time:
            raise ProofInvalid(said("proof.time-runs-back", "{time} lies before an earlier one's", what))
        self._time = at


def _refusal(position: int, signed: Signed, error: Rejected) -> ProofInvalid | Untrusted:
    """Say why a record cannot have been accepted."""
    where = said("proof.record-at", "the record at position {position}", position)
    if error.reason is SIGNER_UNKNOWN:
        return Untrusted(
            said(
                "proof.signer-unknown",
                "{record} is signed by {key}, no member's key, and no record in the file enrols it",
                where,
                error.seen,
            )
        )
    if error.reason in _MISSING:
        return ProofInvalid(
            said(
                "proof.names-missing",
                "{record} names {named}, and the record that creates it is not in the file",
                where,
                error.seen,
            )
        )
    rule = rule_of(refused_kind(signed.record.body, error.pointer), error.reason, error.pointer)
    return ProofInvalid(
        said(
            "proof.rule-broken",
            "{record} breaks rule {rule}, {code}: {reason}",
            where,
            rule,
            error.reason.value,
            error.reason.said(),
        )
    )
