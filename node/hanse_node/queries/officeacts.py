"""The acts of offices around what is judged by them: their officers signed it, or it was held to their settings."""

from collections.abc import Collection, Iterator, Mapping

from msgspec import Struct

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.object import Object
from hanse_ledger.proofs.relations import settings_asked
from hanse_ledger.values.types import MemberId, ObjectId
from hanse_ledger.wire.part import Body
from hanse_node.base.errors import StoreFailed
from hanse_node.store.index.marks import MarkRow
from hanse_node.store.reads import ENTRIES_READ, Reads


class Window(Struct, frozen=True):
    """An office between two way marks; nil for its opening, and for the present.

    Attributes:
        number: its place in the object tree.
        value: the office as it stands at the present.
        opened: the position of the record that created it.
        acts: positions of all its acts between the two.
    """

    number: int
    value: Object
    opened: int
    begin: MarkRow | None
    end: MarkRow | None
    acts: tuple[int, ...]

    def holds(self, position: int) -> bool:
        """Tell whether a position lies between the two."""
        return (self.begin is None or self.begin.position < position) and (
            self.end is None or position < self.end.position
        )


class SettingsAsked:
    """The records whose rules ask for an office's settings, by positions, and whose offices these are."""

    def __init__(self) -> None:
        self._asked: dict[MemberId, set[int]] = {}
        self._offices: dict[MemberId, ObjectId] = {}

    def note(self, position: int, body: Body) -> None:
        """Take a record in."""
        for member in settings_asked(body):
            self._asked.setdefault(member, set()).add(position)

    def find_offices(self, reads: Reads) -> None:
        """Find the offices that are not known yet. Raises StoreFailed: a member has opened none."""
        wanted = {claim_key(ClaimKind.OFFICE, name.encode()): name for name in self._asked.keys() - self._offices}
        opened = reads.claims(list(wanted))
        for claim, member in wanted.items():
            if claim not in opened:
                raise StoreFailed(f"a record was judged by the office of {member}, which has opened none")
            self._offices[member] = opened[claim]

    def uses(self) -> Iterator[tuple[ObjectId, set[int]]]:
        """Give the offices whose settings were asked for, with the positions."""
        for member, positions in self._asked.items():
            yield self._offices[member], positions


def windows(reads: Reads, uses: Mapping[ObjectId, Collection[int]], size: int) -> Iterator[Window]:
    """Find the narrowest windows between way marks in which records are judged by offices, in order.

    Args:
        reads: the state.
        uses: positions of what is judged by each office.
        size: of the state's log.
    """
    found = reads.objects(list(uses))
    for office in sorted(uses):
        if office not in found:
            raise StoreFailed(f"a record is judged by the office {office.hex()}, which is not found")
        number, value = found[office]
        marks = list(reads.marks(number, after=0, size=size))
        ends = dict[int, tuple[MarkRow | None, MarkRow | None]]()
        for position in sorted(uses[office]):
            before = [mark for mark in marks if mark.position < position]
            begin = before[-1] if before else None
            ends[0 if begin is None else begin.count] = (
                begin,
                marks[len(before)] if len(before) < len(marks) else None,
            )
        opened = _acts(reads, office, 0, 1)[0]
        for first, (begin, end) in ends.items():
            last = value.history.count if end is None else end.count
            yield Window(number, value, opened, begin, end, tuple(_acts(reads, office, first, last)))


def _acts(reads: Reads, office: ObjectId, first: int, last: int) -> list[int]:
    """List the positions of an office's acts, by their places in its history."""
    acts: list[int] = []
    for start in range(first, last, ENTRIES_READ):
        most = min(last, start + ENTRIES_READ)
        acts.extend(row.position for row in reversed(reads.history(office, before=most, limit=most - start)))
    if len(acts) != last - first:
        raise StoreFailed(f"the office {office.hex()} has {len(acts)} acts where its marks count {last - first}")
    return acts
