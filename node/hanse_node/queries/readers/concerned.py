"""Whom concerns what was read, and by which right it was: what a note becomes when it is written down.

A read concerns the parties that see the whole of what was read: in whose lists the object stands, or one of those that
a record concerns.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.claims import payload_claim
from hanse_ledger.kinds.document.state import Document
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.access.readnotes import NOTHING_NAMED, ReadNote, Way
from hanse_node.queries.event import is_party, lists_of_records
from hanse_node.queries.ownrecords import open_entry
from hanse_node.store.paths import read_entries
from hanse_node.store.reads import Reads


class Entitlement(StrEnum):
    """By which right somebody has read: see `rights`.

    A party what is its `own`; what is `shared`, because it stands in the lists of the same object; or of what is the
    other's how it `stands`. A `member` every header; a `token` likewise; a `reader` to whom bytes are sealed, or whose
    document it is; whoever is on the machine of a node that asks nobody, `open`; the `operator`, by a webhook.
    """

    MEMBER = "member"
    OPEN = "open"
    OPERATOR = "operator"
    OWN = "own"
    READER = "reader"
    SHARED = "shared"
    STANDING = "standing"
    TOKEN = "token"  # noqa: S105 (a kind of right)


_BY_KIND = {
    CallerKind.MEMBER: Entitlement.MEMBER,
    CallerKind.MEMBER_KEY: Entitlement.MEMBER,
    CallerKind.NOBODY: Entitlement.OPEN,
    CallerKind.NODE: Entitlement.OPERATOR,
    CallerKind.OBSERVER: Entitlement.MEMBER,
    CallerKind.OFFICER: Entitlement.MEMBER,
    CallerKind.TOKEN: Entitlement.TOKEN,
}
_SEALED_TO = frozenset({CallerKind.MEMBER, CallerKind.MEMBER_KEY, CallerKind.OFFICER})

_OF_PARTIES = frozenset({Way.EVENTS, Way.WEBHOOK})
_OF_RECORDS = frozenset({Way.INBOX, Way.RECORD})
_OF_BYTES = frozenset({Way.PAYLOAD})

_TOGETHER = frozenset({Way.INBOX, Way.LIST})
"""Ways in which so many objects are seen at once that rows say how many of a kind, and not which."""

Lists = Sequence[frozenset[bytes]]
"""In whose lists each of some objects stands."""


class RowKey(NamedTuple):
    """What a row of an hour counts. `party` is empty where it concerns everybody."""

    party: bytes
    caller: Caller
    entitled: Entitlement
    way: Way
    kind: str
    object: bytes
    payload: bytes

    def coarse(self) -> "RowKey":
        """Name the kind, and no object."""
        return self._replace(object=b"", payload=b"")

    def coarsest(self) -> "RowKey":
        """Name not even the party."""
        return everybody(self.caller, self.way)


class _Subject(NamedTuple):
    """What was read: its kind, its id, which bytes, and in whose lists stands what it concerns."""

    kind: str
    object: bytes
    payload: bytes
    lists: Lists


def everybody(caller: Caller, way: Way) -> RowKey:
    """Say that somebody has read what is everybody's, or too much for each to be named."""
    return RowKey(NOTHING_NAMED, caller, _entitled(caller, way, b"", ()), way, "", b"", b"")


def rows_of(reads: Reads, notes: Iterable[ReadNote]) -> dict[ReadNote, list[RowKey]]:
    """Say of some notes in which rows they count; of what concerns no party in none.

    Args:
        reads: the ledger, as it stands now.
        notes: a few hundred.
    """
    named = [note for note in notes if note.subject]
    found = {note: [everybody(note.caller, note.way)] for note in notes if not note.subject}
    records = _records(reads, {note.subject for note in named if note.way in _OF_RECORDS})
    payloads = _payloads(reads, {note.subject for note in named if note.way in _OF_BYTES})
    others = _OF_PARTIES | _OF_RECORDS | _OF_BYTES
    objects = _objects(reads, {note.subject for note in named if note.way not in others})
    for note in named:
        if note.way in _OF_PARTIES:
            subject: _Subject | None = _Subject("", b"", b"", [frozenset({note.subject})])
        elif note.way in _OF_RECORDS:
            subject = records.get(note.subject)
        else:
            subject = (payloads if note.way in _OF_BYTES else objects).get(note.subject)
        found[note] = [] if subject is None else _rows(note, subject)
    return found


def _rows(note: ReadNote, subject: _Subject) -> list[RowKey]:
    parties = sorted({name for names in subject.lists for name in names if is_party(name)})
    rows = [
        RowKey(
            party,
            note.caller,
            _entitled(note.caller, note.way, party, subject.lists),
            note.way,
            subject.kind,
            subject.object,
            subject.payload,
        )
        for party in parties
    ]
    return [row.coarse() for row in rows] if note.way in _TOGETHER else rows


def _entitled(caller: Caller, way: Way, party: bytes, lists: Lists) -> Entitlement:
    if way is Way.PAYLOAD and (caller.kind in _SEALED_TO or caller.kind is CallerKind.PARTY):
        return Entitlement.OWN if caller.object_id == party else Entitlement.READER
    if caller.kind is not CallerKind.PARTY:
        return _BY_KIND[caller.kind]
    assert caller.object_id is not None, "a party has an id"
    if caller.object_id == party:
        return Entitlement.OWN
    together = any(party in names and caller.object_id in names for names in lists)
    return Entitlement.SHARED if together else Entitlement.STANDING


def _objects(reads: Reads, names: set[bytes]) -> Mapping[bytes, _Subject]:
    return {
        name: _Subject(type_of(value).name, name, b"", [type_of(value).listed.of_whom(value)])
        for name, (_, value) in reads.objects(names).items()
    }


def _records(reads: Reads, names: set[bytes]) -> Mapping[bytes, _Subject]:
    positions = reads.records(names)
    entries = read_entries(reads, positions.values())
    batch = [open_entry(entries[position])[1] for position in positions.values()]
    return {
        signed.id: _Subject(signed.record.kind, signed.id, b"", lists)
        for signed, lists in zip(batch, lists_of_records(reads, batch), strict=True)
    }


def _payloads(reads: Reads, digests: set[bytes]) -> Mapping[bytes, _Subject]:
    claims = {payload_claim(digest): digest for digest in digests}
    documents = {name: claims[claim] for claim, name in reads.claims(list(claims)).items()}
    return {
        documents[name]: _Subject(type_of(value).name, name, documents[name], [type_of(value).listed.of_whom(value)])
        for name, (_, value) in reads.objects(list(documents)).items()
        if isinstance(value, Document)
    }
