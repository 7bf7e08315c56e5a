"""Who may read what: one table, which follows from the rows of the objects' kinds.

- A **party** sees the objects that stand in its lists (`Listed.whose`), with all their records; of offices, of other
  parties and of certificates how they stand and their own records (who has which keys, what is certified), and an
  office's acts; the records that it has signed, that name
  it, that concern an object of its, or that decide of what such an object stands behind.
- A **reader** of a sealed document, a party as far as this node knows, sees how the document stands and what it belongs
  to, and what made them so: else it could open what it can compare with nothing.
- A **member** (its node, its key, its officers), an observer's node, and whoever bears a token see all of it.
- **Nobody** comes as far as this where a node asks who reads, but for what is public (`api.access`).

A member's own node holds every header, whoever asks it: what its office gives it besides are documents, which are
sealed. What one may not see answers as what is not there.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum

from hanse_ledger.kinds import KINDS, created_by, steps_of, type_of
from hanse_ledger.kinds.certificate.rows import CERTIFICATE
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.office.rows import OFFICE
from hanse_ledger.kinds.party.rows import PARTY
from hanse_ledger.records.envelope import Signed
from hanse_ledger.values.types import ObjectId
from hanse_node.access.caller import Caller, CallerKind
from hanse_node.queries.event import Event, whose_records
from hanse_node.queries.gathering import NotFound, Numbered
from hanse_node.queries.readers.refusedalike import another_object
from hanse_node.store.reads import Reads


class Sight(IntEnum):
    """How much of an object somebody may see: nothing, how it stands with its keys, or all with its records."""

    NOTHING = 0
    STANDING = 1
    WHOLE = 2


TOLD = frozenset({CERTIFICATE.name, OFFICE.name, PARTY.name})
"""What others rely on, to seal to it or declare by it: who has a key of the ledger, and the id, sees how it stands."""

WHOLLY_TOLD = frozenset({OFFICE.name})
"""Of these besides the records that made them: an office's acts name nobody but its member and its officers."""


OFFICE_KINDS = frozenset(kind.name for kind in KINDS if kind.object is OFFICE)
"""The records of which acts consist."""


def restricted(caller: Caller) -> ObjectId | None:
    """Name the party that reads what concerns it alone; nil of everybody who reads all."""
    return caller.object_id if caller.kind is CallerKind.PARTY else None


class Rights:
    """The table, as a node applies it."""

    def __init__(self, sealed_to: Callable[[ObjectId, ObjectId], bool]) -> None:
        """Prepare.

        Args:
            sealed_to: tells of a party and an object whether that is a document which the party reads, or what such a
                one belongs to, as far as this node knows (`payloads.partyreaders`).
        """
        self._sealed_to = sealed_to

    def sight(self, caller: Caller, value: Object) -> Sight:
        """Say how much of an object somebody may see."""
        party, row = restricted(caller), type_of(value)
        if party is None or party in row.listed.of_whom(value) or row.name in WHOLLY_TOLD:
            return Sight.WHOLE
        return Sight.STANDING if row.name in TOLD or self._sealed_to(party, value.id) else Sight.NOTHING

    def lists(self, caller: Caller, value: Object) -> bool:
        """Tell whether somebody finds an object by what it is found by: not what stands for everybody to see."""
        return self.sight(caller, value) > (Sight.STANDING if type_of(value).name in TOLD else Sight.NOTHING)

    def find_seen(
        self, reads: Reads, caller: Caller, object_ids: Sequence[ObjectId], least: Sight = Sight.STANDING
    ) -> list[Numbered]:
        """Find objects with their numbers, in the order of their names.

        Raises:
            NotFound: one does not exist, or the caller sees less of it: the same words for both.
        """
        numbered = reads.objects(object_ids)
        for object_id in object_ids:
            found = numbered.get(object_id)
            if found is None or self.sight(caller, found[1]) < least:
                if restricted(caller) is not None:
                    another = another_object(reads, object_id, opened=found is not None)
                    assert another is None or self.sight(caller, another) is not None
                raise NotFound(f"no object has the id {object_id.hex()}")
        return [numbered[object_id] for object_id in object_ids]

    def sees_record(self, reads: Reads, caller: Caller, signed: Signed) -> bool:
        """Tell whether somebody may see a record."""
        party = restricted(caller)
        if party is None:
            return True
        # Asked of all, acts of offices too, which everybody sees: so that each takes as long (`refusedalike`).
        concerned = party in whose_records(reads, [signed])[0]
        return concerned or signed.record.kind in OFFICE_KINDS or self._made_for(party, signed)

    def sees_all(self, caller: Caller, values: Iterable[Object]) -> bool:
        """Tell whether somebody sees the whole of some objects."""
        return all(self.sight(caller, value) is Sight.WHOLE for value in values)

    def _made_for(self, party: ObjectId, signed: Signed) -> bool:
        """Tell whether a record has made what a party reads."""
        steps = steps_of(signed.record.body, signed.id)
        return any(self._sealed_to(party, name) for step in steps for name in created_by(step))


def hears(caller: Caller, event: Event) -> bool:
    """Tell whether somebody is told of an event: on a stream, and by a webhook that is his."""
    party = restricted(caller)
    return party is None or party in event.whose or event.kind in OFFICE_KINDS
