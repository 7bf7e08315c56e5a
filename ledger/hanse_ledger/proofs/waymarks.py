"""Way marks: an object as it stood at an older group's end, from which its shown history goes on.

The operator's state says what an object was then; the object's own records, which the file carries, say most of it
again, signed. What is added up from records of others (see `sums`) is the cosigners' word, and so is what the history
was until then.
"""

from msgspec import Struct, structs

from hanse_ledger.kinds import type_of
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.proofs.prooffile import ObjectPart, WayMark
from hanse_ledger.proofs.subjects import Shown, aspects_of, read_aspects
from hanse_ledger.proofs.sums import different_but_for_sums
from hanse_ledger.records.entry import StateEntry, decode_entry
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.types import Moment, ObjectId


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


def open_mark(evidence: ObjectPart, mark: WayMark) -> Marked:
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
    if type_of(begun).name != marked.shown.kind:
        raise ProofInvalid("the way mark is of an object of another kind")
    value = structs.replace(begun, **marked.shown.aspects)
    if object_value(value) != marked.shown.value:
        raise ProofInvalid("the way mark is not of the object that its record created: the salts are others")
    grown = value.history.count - begun.history.count
    if grown < 0 or (grown == 0 and value.history != begun.history):
        raise ProofInvalid("the way mark is not what the records before it lead to")
    differing = different_but_for_sums(value, begun)
    if differing:
        raise ProofInvalid(f"the object's own records do not make its {differing[0]} what the way mark says")
    return value
