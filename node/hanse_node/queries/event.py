"""What happened in the ledger, as subscribers are told: one event a record, with the objects that it concerns."""

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from hanse_ledger.kinds import created_by, kind_of, objects_of_step, steps_of, type_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.records.entry import RecordEntry, StateEntry, decode_entry
from hanse_ledger.records.envelope import Signed, open_decoded
from hanse_ledger.values import patterns
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.types import Digest, Moment, ObjectId, RecordId
from hanse_node.base.errors import StoreFailed
from hanse_node.store.reads import Reads

_ID_BYTES = 32
_MEMBER = re.compile(patterns.MEMBER.encode())


class Event(Struct, frozen=True, kw_only=True):
    """A record came to stand in the ledger.

    `kinds` are those of its steps; of a record of one step its own.
    `objects` are what it concerns, in order: what it creates and names, the parties that signed it, and for a
    decision about a payment or a declaration also the documents that stand behind that. `subject` is the one whose own
    record it is; nil for those of several steps. `state` is the state entry right before the record, where one stands
    there: with it and the hash chain a reader sees that nothing is left out.
    `whose` are those whom it concerns: who has signed it, whom it names, and in whose lists what it concerns stands;
    `parties` those of them that are parties.
    """

    position: int
    id: RecordId
    kind: str
    height: int
    time: Moment
    objects: tuple[ObjectId, ...]
    kinds: tuple[str, ...]
    subject: ObjectId | None = None
    state: bytes | None = None
    whose: frozenset[bytes] = frozenset()
    parties: frozenset[ObjectId] = frozenset()


def whose_records(reads: Reads, batch: Sequence[Signed]) -> list[frozenset[bytes]]:
    """Say of records whom each concerns: see `Event.whose`."""
    concerns = _Concerns(reads, batch)
    objects = [concerns.of(signed) for signed in batch]
    lists, _ = _lists_of(reads, objects)
    return [_whose(each, lists) for each in objects]


def lists_of_records(reads: Reads, batch: Sequence[Signed]) -> list[list[frozenset[bytes]]]:
    """Say of records in whose lists stands what each concerns; a party is its own."""
    concerns = _Concerns(reads, batch)
    objects = [concerns.of(signed) for signed in batch]
    lists, parties = _lists_of(reads, objects)
    own = lists | {name: frozenset({name}) for name in parties}
    return [[own.get(name, frozenset()) for name in each] for each in objects]


def is_party(name: bytes) -> bool:
    """Tell whether a name in an object's lists is a party's id; a member's has letters, digits and hyphens alone."""
    return len(name) == _ID_BYTES and _MEMBER.match(name) is None


def _lists_of(
    reads: Reads, batch: Iterable[Sequence[ObjectId]]
) -> tuple[dict[ObjectId, frozenset[bytes]], frozenset[ObjectId]]:
    """Say of objects in whose lists they stand, and which are parties; those are who they are, and bring nobody."""
    found = reads.objects(list({name for objects in batch for name in objects}))
    lists = {
        name: frozenset() if isinstance(value, Party | Office) else type_of(value).listed.of_whom(value)
        for name, (_, value) in found.items()
    }
    return lists, frozenset(name for name, (_, value) in found.items() if isinstance(value, Party))


def _whose(objects: Sequence[ObjectId], lists: Mapping[ObjectId, frozenset[bytes]]) -> frozenset[bytes]:
    return frozenset(objects).union(*(lists.get(name, frozenset()) for name in objects))


def _parties(
    objects: Sequence[ObjectId], lists: Mapping[ObjectId, frozenset[bytes]], parties: frozenset[ObjectId]
) -> frozenset[ObjectId]:
    listed = (name for each in objects for name in lists.get(each, frozenset()) if is_party(name))
    return parties.intersection(objects).union(listed)


def read_events(reads: Reads, begin: int, end: int) -> tuple[Event, ...]:
    """Read what happened at the positions from `begin` to `end` (excluded); at most 1,000 of them.

    Raises:
        StoreFailed: an entry is damaged.
    """
    found: list[tuple[RecordEntry, Signed, bytes | None]] = []
    state: bytes | None = None
    try:
        for data in reads.entries(max(0, begin - 1), end):
            entry = decode_entry(data)
            if isinstance(entry, StateEntry):
                state = data
            elif entry.position >= begin:
                found.append((entry, open_decoded(entry.payload), state))
                state = None
    except Malformed as error:
        raise StoreFailed(f"a stored entry is damaged: {error.detail}") from error
    concerns = _Concerns(reads, [signed for _, signed, _ in found])
    objects = {signed.id: concerns.of(signed) for _, signed, _ in found}
    lists, parties = _lists_of(reads, objects.values())
    return tuple(
        Event(
            position=entry.position,
            id=signed.id,
            kind=signed.record.kind,
            height=entry.height,
            time=entry.time,
            objects=objects[signed.id],
            kinds=tuple(kind_of(step.body).name for step in steps_of(signed.record.body, signed.id)),
            subject=_subject(signed),
            state=state,
            whose=_whose(objects[signed.id], lists),
            parties=_parties(objects[signed.id], lists, parties),
        )
        for entry, signed, state in found
    )


def _subject(signed: Signed) -> ObjectId | None:
    """Name the object whose own record this is: the one that it creates, or else is about; nil for several steps."""
    steps = steps_of(signed.record.body, signed.id)
    return next(iter(objects_of_step(steps[0])), None) if len(steps) == 1 else None


NOWHERE: ObjectId = bytes(32)
"""The id of no object."""


class _Concerns:
    """What a few records concern; what they lead to is read for all of them at once."""

    def __init__(self, reads: Reads, batch: Sequence[Signed]) -> None:
        claims = {claim_key(ClaimKind.KEY, key) for signed in batch for key in signed.record.signers}
        named = {name for signed in batch for name in _decided(signed)}
        self._owners: Mapping[Digest, ObjectId] = reads.claims(list(claims))
        mandates = {name for signed in batch for name in signed.record.mandates}
        # Asked in any case, also for none: how long it takes tells nobody what kind of record it is.
        found = reads.objects(list(named | mandates) or [NOWHERE])
        self._behind = {name: type_of(found[name][1]).behind_of(found[name][1]) for name in named if name in found}
        self._principals = {
            name: value.links.principal
            for name, (_, value) in found.items()
            if name in mandates and isinstance(value, Mandate)
        }

    def of(self, signed: Signed) -> tuple[ObjectId, ...]:
        record = signed.record
        concerned = {*record.refs, *record.mandates}
        concerned |= {self._principals[name] for name in record.mandates if name in self._principals}
        steps = steps_of(record.body, signed.id)
        concerned |= {name for step in steps for name in created_by(step)}
        for key in record.signers:
            owner = self._owners.get(claim_key(ClaimKind.KEY, key))
            concerned |= {owner} if owner is not None else set()
        for decided in _decided(signed):
            concerned |= self._behind.get(decided, frozenset())
        return tuple(sorted(concerned))


def _decided(signed: Signed) -> set[ObjectId]:
    """Name the objects of which a record decides, where others stand behind them, and change with them."""
    decided = set()
    for step in steps_of(signed.record.body, signed.id):
        kind = kind_of(step.body)
        about = kind.about(step.body)
        if about is not None and kind.object is not None and kind.object.behind is not None:
            decided.add(about)
    return decided
