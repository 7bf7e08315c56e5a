"""Way marks: an object as it stood at an older group's end, from which its shown history goes on.

The operator's state says what an object was then; the object's own records, which the file carries, say most of it
again, signed. What is added up from records of others (see `SUMS`) is the cosigners' word, and so is what the history
was until then.
"""

from typing import Any

from msgspec import Struct, structs

from hanse_ledger.entry import StateEntry, decode_entry
from hanse_ledger.errors import ProofInvalid
from hanse_ledger.evidence import ObjectEvidence, WayMark
from hanse_ledger.merkle import verify_inclusion
from hanse_ledger.objects import object_leaf
from hanse_ledger.state import Balance, History, InvoiceAmounts, InvoiceLinks, Object, object_kind, object_value
from hanse_ledger.subjects import Shown, aspects_of, read_aspects
from hanse_ledger.types import Moment, ObjectId

SUMS: dict[type[Struct], dict[str, int]] = {
    InvoiceAmounts: {"settled_minor": 0, "under_way_minor": 0},
    InvoiceLinks: {"declarations": 0},
    Balance: {"reserved_milli": 0, "written_off_milli": 0},
}
"""The fields to which records of others add: an object's own records do not say what they come to."""


class Marked(Struct, frozen=True):
    """A way mark, opened: an object as it stood under the state entry at a position, and its own records until then."""

    name: ObjectId
    position: int
    time: Moment
    shown: Shown
    own: tuple[int, ...]

    @property
    def history(self) -> History:
        """The history until then."""
        found: History = self.shown.aspects["history"]
        return found


def state_of_mark(mark: WayMark) -> StateEntry:
    """Read the state entry of a way mark. Raises ProofInvalid if it is none, Malformed if it is no entry."""
    entry = decode_entry(mark.state.entry)
    if not isinstance(entry, StateEntry):
        raise ProofInvalid("a way mark does not stand at the end of a group")
    return entry


def open_mark(evidence: ObjectEvidence, mark: WayMark) -> Marked:
    """Verify that an object stood in the state of its way mark as is shown. That the state entry is in the log is not.

    Raises:
        ProofInvalid: it did not, or not every aspect is shown, or the object's own records are out of order.
    """
    entry, shown = state_of_mark(mark), read_aspects(mark.aspects)
    if shown.aspects.keys() != set(aspects_of(shown.kind)):
        raise ProofInvalid("a way mark shows every aspect")
    roots = entry.payload
    leaf = object_leaf(evidence.id, shown.value)
    verify_inclusion(leaf, evidence.number, roots.objects_count, mark.path, roots.objects_root)
    if mark.own[-1] >= entry.position:
        raise ProofInvalid("one of the object's own records before the way mark stands after it")
    return Marked(evidence.id, entry.position, entry.time, shown, mark.own)


def take_up(marked: Marked, begun: Object | None) -> Object:
    """Go on from a way mark: give the object as it stood there.

    Args:
        marked: the way mark.
        begun: the object as far as the file's records before the mark lead.

    Raises:
        ProofInvalid: what the object's own records say is not what the mark says.
    """
    if begun is None:
        raise ProofInvalid("the record that created the object is not in the file")
    if object_kind(begun) != marked.shown.kind:
        raise ProofInvalid("the way mark is of an object of another kind")
    value = structs.replace(begun, **marked.shown.aspects)
    if object_value(value) != marked.shown.value:
        raise ProofInvalid("the way mark is not of the object that its record created: the salts are others")
    whole = value.history.count == begun.history.count
    if value.history.count < begun.history.count or (whole and value != begun):
        raise ProofInvalid("the way mark is not what the records before it lead to")
    for name in aspects_of(marked.shown.kind):
        if name != "history" and _fixed(getattr(value, name)) != _fixed(getattr(begun, name)):
            raise ProofInvalid(f"the object's own records do not make its {name} what the way mark says")
    return value


def same_but_for_sums(one: Object, other: Object) -> bool:
    """Tell whether two states of an object differ in nothing that its own records say."""
    names = aspects_of(object_kind(one))
    return all(_fixed(getattr(one, name)) == _fixed(getattr(other, name)) for name in names if name != "history")


def _fixed(aspect: Any) -> Any:
    """Leave out what records of others add to."""
    if isinstance(aspect, tuple):
        return tuple(_fixed(part) for part in aspect)
    return structs.replace(aspect, **SUMS[type(aspect)]) if type(aspect) in SUMS else aspect
