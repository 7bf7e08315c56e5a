"""What goes into a full proof: the records of its subjects' histories, and what those need to be checked."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from enum import IntEnum

from msgspec import Struct

from hanse_ledger.kinds import kind_of, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.history import NO_HISTORY
from hanse_ledger.kinds.mandate.bodies import GrantMandate
from hanse_ledger.kinds.object import Object, created_id
from hanse_ledger.kinds.office.bodies import AppointOfficer
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RepairKey, RevokeKey, TakeKey
from hanse_ledger.proofs.relations import Relations, rests_on
from hanse_ledger.proofs.trustfile import TrustFile
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values import limits
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import ObjectId, PublicKey, RecordId
from hanse_ledger.wire.endings import endings
from hanse_node.base.errors import NodeError, StoreFailed
from hanse_node.queries.officeacts import SettingsAsked, Window, windows
from hanse_node.queries.ownrecords import OwnRecords, open_entry
from hanse_node.store.index.marks import MarkRow
from hanse_node.store.paths import read_entries
from hanse_node.store.reads import ENTRIES_READ, Reads
from hanse_node.store.snapshot import Snapshot

Numbered = tuple[int, Object]

REPLACING = frozenset({"key.rotate", "key.take"})
"""The kinds of records by which a party comes to another key."""


class NotFound(NodeError):
    """Nothing with this name stands in the ledger."""


class TooLarge(NodeError):
    """The answer would exceed a bound of the ledger. The asker should ask for less."""


class Begin(IntEnum):
    """Where a proof lets histories begin, from the one that says most to the one that always fits."""

    BEGINNING = 0
    LAST_MARK = 1
    PRESENT = 2


class Begun(Struct, frozen=True):
    """Where a subject's history begins: after so many records, and at which way mark; nil for the beginning."""

    count: int
    mark: MarkRow | None
    own: tuple[int, ...] = ()


def find_subjects(reads: Reads, object_ids: Sequence[ObjectId]) -> list[Numbered]:
    """Find objects with their numbers, in the order of their names. Raises NotFound."""
    numbered = reads.objects(object_ids)
    for object_id in object_ids:
        if object_id not in numbered:
            raise NotFound(f"no object has the id {object_id.hex()}")
    return [numbered[object_id] for object_id in object_ids]


class Gathered:
    """The records of a full proof: histories, the beginnings of what they name, and how everybody's keys came and went.

    It is asked twice: of a state that is shown, which holds nobody up, and then of the state that is proven, for what
    has come since, and how the keys have ended.
    """

    def __init__(self, object_ids: Sequence[ObjectId], trust: TrustFile, own: OwnRecords, begin: Begin) -> None:
        self._object_ids, self.trust, self._own, self._begin = tuple(object_ids), trust, own, begin
        self._begun: dict[ObjectId, Begun] = {}
        self._histories: dict[ObjectId, list[int]] = {object_id: [] for object_id in object_ids}
        self._entries: dict[int, bytes] = {}
        self._signed: dict[int, Signed] = {}
        self._last_use: dict[PublicKey, int] = {}
        self._signings: dict[PublicKey, set[int]] = {}
        self._owners: dict[PublicKey, ObjectId] = {}
        self._offices: set[ObjectId] = set()
        self._settings = SettingsAsked()
        self._answered: dict[ObjectId, int] = {}
        self._taken: dict[ObjectId, set[int]] = {}
        self._named: set[ObjectId] = set()
        self._found: set[ObjectId] = set()
        self._wanted: set[int] = set()
        self.windows: tuple[Window, ...] = ()
        """The offices whose officers signed, or whose settings were asked for, with their acts around that."""
        self.claims: dict[PublicKey, bytes | None] = {}
        """The parties' keys of which the proof says whether they have ended, in order, with their claims."""
        self.mandates: dict[ObjectId, RecordId | None] = {}
        """The mandates of which it says whether they have ended, in order, with their claims."""

    def extend(self, reads: Reads, size: int) -> list[Numbered]:
        """Take over what stands in this state and was not there before; give the subjects as they stand in it.

        Args:
            reads: the state.
            size: of its log.

        Raises:
            NotFound: a subject does not exist.
            TooLarge: there are more records than a proof may hold.
        """
        subjects = find_subjects(reads, self._object_ids)
        if self._begin is Begin.PRESENT or not self._begun:
            self._begun = {value.id: self._where(reads, number, value, size) for number, value in subjects}
        histories = [at for _, value in subjects for at in self._missing(reads, value)]
        self._load(reads, [*histories, *(at for begun in self._begun.values() for at in begun.own)])
        self._load(reads, self._own_of_named(reads, histories, size))
        self._close(reads, size)
        return subjects

    def begun(self, object_id: ObjectId) -> Begun:
        """Tell where a subject's history begins."""
        return self._begun[object_id]

    def history(self, object_id: ObjectId) -> tuple[int, ...]:
        """Give the positions of a subject's history from there on, in order."""
        return tuple(self._histories[object_id])

    def check_histories(self, subjects: Sequence[Numbered]) -> None:
        """Insist that each subject's history replays to the head that it shows. Raises StoreFailed."""
        for number, value in subjects:
            mark = self._begun[value.id].mark
            chain = NO_HISTORY if mark is None else mark.value.history
            for position in self._histories[value.id]:
                chain = chain.after(self._signed[position].id)
            if chain != value.history:
                raise StoreFailed(f"the history of object {number} is damaged: it does not replay to its head")

    def entries(self) -> list[tuple[int, bytes]]:
        """Give the entries that the proof needs, in order of their positions."""
        return [(position, self._entries[position]) for position in sorted(self._wanted)]

    def _where(self, reads: Reads, number: int, value: Object, size: int) -> Begun:
        mark = None
        if self._begin is Begin.PRESENT:
            # The state that is proven serves as a way mark; its path is found where its tree is at hand.
            mark = MarkRow(value.history.count, size - 1, value, ())
        elif self._begin is Begin.LAST_MARK:
            mark = reads.last_mark(number, size)
        if mark is None:
            return Begun(0, None)
        if type_of(value).acts:
            # The mark says what its acts had made of it.
            return Begun(mark.count, mark, (_first(reads, value.id),))
        own = (record.position for record in self._own.of(reads, number, value, size))
        before = tuple(at for at in own if at < mark.position)
        if not before:
            raise StoreFailed(f"the record that created object {number} is not in its history")
        return Begun(mark.count, mark, before)

    def _missing(self, reads: Reads, value: Object) -> list[int]:
        """Bring an object's history up to its present count, and give what was missing."""
        known, begun = self._histories[value.id], self._begun[value.id].count
        count = value.history.count
        if count - begun > limits.PROOF_RECORDS:
            raise TooLarge(f"the history has {count - begun} records; at most {limits.PROOF_RECORDS} go into a proof")
        if self._begin is Begin.PRESENT:
            return []
        before = len(known)
        for end in range(begun + before, count, ENTRIES_READ):
            most = min(count, end + ENTRIES_READ)
            rows = reads.history(value.id, before=most, limit=most - end)
            known.extend(row.position for row in reversed(rows))
        if begun + len(known) != count:
            raise StoreFailed(f"a history has {begun + len(known)} rows where the object counts {count} records")
        return known[before:]

    def _own_of_named(self, reads: Reads, histories: Iterable[int], size: int) -> set[int]:
        """Find the own records, until then, of what is named after a way mark: the rules go on from them."""
        marked = {at for name, begun in self._begun.items() if begun.mark for at in self._histories[name]}
        last: dict[ObjectId, int] = {}
        for position in histories:
            for name in named_in(self._signed[position]) if position in marked else ():
                last[name] = max(position, last.get(name, 0))
        return self._own_until(reads, last, size)

    def _own_until(self, reads: Reads, last: Mapping[ObjectId, int], size: int) -> set[int]:
        """Find the own records of objects, of each those before a position; an office's acts have windows instead."""
        return {
            each.position
            for number, value in reads.objects(list(last)).values()
            if not type_of(value).acts
            for each in self._own.of(reads, number, value, size)
            if each.position < last[value.id]
        }

    def _close(self, reads: Reads, size: int) -> None:
        """Load the beginnings of all that is named, and the keys of all who signed; these name others in turn."""
        before = -1
        while len(self._entries) != before:
            before = len(self._entries)
            if before > limits.PROOF_RECORDS:
                raise TooLarge(f"the proof would hold {before} records; at most {limits.PROOF_RECORDS} are allowed")
            self._load(reads, self._beginnings(reads))
            self._load(reads, self._key_records(reads, size))
            self._load(reads, self._repairs(reads, size))
            self._load(reads, self._moves(reads, size))
            self._load(reads, self._rested_on(reads, size))
            self._load(reads, self._acts(reads, size))

    def _rested_on(self, reads: Reads, size: int) -> set[int]:
        """Find the own records, until then, of what the rules ask how it stood."""
        last: dict[ObjectId, int] = {}
        for position, signed in self._signed.items():
            for name in rests_on(signed):
                last[name] = max(position, last.get(name, 0))
        return self._own_until(reads, last, size)

    def settle(self, view: Snapshot) -> None:
        """Load the records that ended keys and mandates, with what they need; then keep what the checker will ask for.

        Args:
            view: the state that is proven, of which `extend` has been asked last.
        """
        needed = set(self._entries)
        if any(begun.mark is not None for begun in self._begun.values()):
            needed = self._needed(self._relations())
        keys = sorted(key for position in needed if (key := introduced_by(self._signed[position])) is not None)
        self.claims = {key: view.claim(claim_key(ClaimKind.REVOKED_KEY, key)) for key in keys}
        granted = (self._signed[position] for position in needed)
        mandates = sorted(created_id(signed.id) for signed in granted if isinstance(signed.record.body, GrantMandate))
        self.mandates = {name: view.claim(claim_key(ClaimKind.ENDED_MANDATE, name)) for name in mandates}
        names = {name for value in self.claims.values() if value is not None for name in _ending_records(value)}
        names |= {value for value in self.mandates.values() if value is not None}
        self._wanted = needed | self._windows_of(needed)
        if not names:
            return
        ended = view.records(names)
        if len(ended) != len(names):
            raise StoreFailed("a key or a mandate was ended by a record that is not in the ledger")
        self._load(view, ended.values())
        self._close(view, view.standing.size)
        try:
            needed |= self._relations().needed(ended.values())
            self._wanted = needed | self._windows_of(needed)
        except ProofInvalid as error:
            raise StoreFailed(f"what a proof needs is not found: {error.detail}") from error

    def _relations(self) -> Relations:
        return Relations({position: self._signed[position] for position in sorted(self._signed)})

    def _needed(self, relations: Relations) -> set[int]:
        begun, later = set[int](), set[int]()
        for name, history in self._histories.items():
            where = self._begun[name]
            begun.update(history, where.own)
            if where.mark is not None:
                later.update(history)
        try:
            return relations.needed(begun, later)
        except ProofInvalid as error:
            raise StoreFailed(f"what a proof needs is not found: {error.detail}") from error

    def _load(self, reads: Reads, positions: Iterable[int]) -> None:
        missing = {position for position in positions if position not in self._entries}
        for position, data in read_entries(reads, missing).items():
            signed = open_entry(data)[1]
            self._entries[position], self._signed[position] = data, signed
            self._named.update(named_in(signed))
            body = signed.record.body
            if isinstance(body, RevokeKey | MoveParty | RepairKey):
                self._answered[body.party] = max(position, self._answered.get(body.party, 0))
            self._settings.note(position, body)
            if isinstance(body, TakeKey):
                self._taken.setdefault(body.party, set()).add(position)
            new = body.key if isinstance(body, AppointOfficer) else introduced_by(signed)
            for key in signed.record.signers:
                if key != new and self.trust.at(position).holder(key) is None:
                    self._last_use[key] = max(position, self._last_use.get(key, 0))
                    self._signings.setdefault(key, set()).add(position)

    def _beginnings(self, reads: Reads) -> set[int]:
        """Find the records that create what the gathered ones name."""
        wanted = set()
        for name in sorted(self._named - self._found):
            wanted.add(_first(reads, name))
            self._found.add(name)
        return wanted

    def _key_records(self, reads: Reads, size: int) -> set[int]:
        """Find the records by which each party that signed had come to its keys."""
        self._find_owners(reads)
        used: dict[ObjectId, set[PublicKey]] = {}
        for key in self._last_use:
            if self._owners[key] not in self._offices:
                used.setdefault(self._owners[key], set()).add(key)
        wanted: set[int] = set()
        for party, keys in used.items():
            first = _first(reads, party)
            self._load(reads, [first])
            wanted.add(first)
            enrolment = self._signed[first].record.body
            if not isinstance(enrolment, EnrolParty):
                raise StoreFailed("a party's history does not begin with its enrolment")
            if keys != {enrolment.key}:
                last = max(self._last_use[key] for key in keys)
                number, value = find_subjects(reads, [party])[0]
                own = self._own.of(reads, number, value, size)
                wanted |= {record.position for record in own if record.kind in REPLACING and record.position <= last}
        return wanted

    def _repairs(self, reads: Reads, size: int) -> set[int]:
        """Find the repair behind each record by which a lost key was replaced: the last one before it."""
        wanted = set()
        for number, value in reads.objects(list(self._taken)).values():
            repairs = [each.position for each in self._own.of(reads, number, value, size) if each.kind == "key.repair"]
            for taken in self._taken[value.id]:
                wanted.add(max(position for position in repairs if position < taken))
        return wanted

    def _moves(self, reads: Reads, size: int) -> set[int]:
        """Find the moves before each record whose signers depend on the member with which a party was."""
        return {
            each.position
            for number, value in reads.objects(list(self._answered)).values()
            for each in self._own.of(reads, number, value, size)
            if each.kind == "party.move" and each.position < self._answered[value.id]
        }

    def _find_owners(self, reads: Reads) -> None:
        claims = {claim_key(ClaimKind.KEY, key): key for key in self._last_use if key not in self._owners}
        values = reads.claims(list(claims))
        for claim, key in claims.items():
            if claim not in values:
                raise StoreFailed("a record is signed by a key that is nobody's")
            self._owners[key] = values[claim]
        found = reads.objects(list(set(values.values())))
        self._offices |= {name for name, (_, value) in found.items() if isinstance(value, Office)}

    def _acts(self, reads: Reads, size: int) -> set[int]:
        """Find the acts of the offices by which records are judged, around what no subject's own history covers."""
        self._settings.find_offices(reads)
        uses: dict[ObjectId, set[int]] = {}
        for office, positions in self._judged_by_offices():
            uses.setdefault(office, set()).update(at for at in positions if not self._covered(office, at))
        self.windows = tuple(windows(reads, {name: at for name, at in uses.items() if at}, size))
        return self._of_windows()

    def _judged_by_offices(self) -> Iterator[tuple[ObjectId, set[int]]]:
        """Give offices with positions of what is judged by them: their officers signed it, or it asks for settings."""
        owned = ((self._owners.get(key), positions) for key, positions in self._signings.items())
        yield from ((owner, positions) for owner, positions in owned if owner in self._offices)
        yield from self._settings.uses()

    def _covered(self, office: ObjectId, position: int) -> bool:
        """Tell whether an office is a subject whose history is shown from before a position on."""
        begun = self._begun.get(office)
        return begun is not None and (begun.mark is None or begun.mark.position < position)

    def _windows_of(self, needed: Collection[int]) -> set[int]:
        """Keep the windows that something needed is judged by, and give their acts."""
        self.windows = tuple(
            window
            for window in self.windows
            if any(
                office == window.value.id and window.holds(at)
                for office, positions in self._judged_by_offices()
                for at in positions
                if at in needed
            )
        )
        return self._of_windows()

    def _of_windows(self) -> set[int]:
        return {at for window in self.windows for at in (window.opened, *window.acts)}


def named_in(signed: Signed) -> tuple[ObjectId, ...]:
    """List what a record names: in its body, and the mandates under which it is signed."""
    return (*signed.record.refs, *signed.record.mandates)


def _first(reads: Reads, object_id: ObjectId) -> int:
    """Find the record that created an object."""
    first = reads.history(object_id, before=1, limit=1)
    if not first:
        raise StoreFailed("an object that a record names has no history")
    return first[0].position


def _ending_records(value: bytes) -> list[RecordId]:
    try:
        ended = endings(value)
    except ProofInvalid as error:
        raise StoreFailed(f"a claim is damaged: {error.detail}") from error
    return [name for name in (ended.rotation, ended.revocation) if name is not None]


def introduced_by(signed: Signed) -> PublicKey | None:
    """Give the key that a record makes a party's."""
    return kind_of(signed.record.body).introduces(signed.record.body)
