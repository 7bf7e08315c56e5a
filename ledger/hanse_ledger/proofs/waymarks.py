"""Way marks: an object as it stood at an older block's end, from which its shown history goes on; and acts of offices.

The operator's state says what an object was then; the object's own records, which the file carries, say most of it
again, signed. What is added up from records of others (see `sums`) is the cosigners' word, and so is what the history
was until then.

Whether an officer might sign, and up to which value an office took goods without a certificate, is judged by the
office's acts. A part follows an office from its opening, or from a way mark, to a later way mark or to the proven
state. Between the two ends no act can be left out: they replay from the one history to the other. What a way mark says
of who was an officer then, and under which settings, is the cosigners' word.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from msgspec import Struct, structs

from hanse_ledger.kinds import OBJECT_NAMED, type_of
from hanse_ledger.kinds.history import History
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.objects import object_value
from hanse_ledger.kinds.office.rows import OFFICE
from hanse_ledger.kinds.office.state import Office
from hanse_ledger.proofs.derived import DerivedState
from hanse_ledger.proofs.prooffile import EntryPart, OfficePart, ProofFile, WayMark
from hanse_ledger.proofs.report import kind_said
from hanse_ledger.proofs.statement import ActsSince
from hanse_ledger.proofs.subjects import Shown, aspects_of, read_aspects
from hanse_ledger.proofs.sums import different_but_for_sums, with_inbox
from hanse_ledger.records.entry import StateEntry, decode_entry
from hanse_ledger.records.record import Record
from hanse_ledger.trees.merkle import verify_inclusion
from hanse_ledger.trees.object_tree import object_leaf
from hanse_ledger.values.errors import ProofInvalid
from hanse_ledger.values.messages import Said, said
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.membership import Membership

Introduced = Mapping[PublicKey, tuple[ObjectId, int]]
"""Whose party's each key is, and by which record."""

_SPAN = 4
_ENDS, _BEGINS, _MARKS = 0, 1, 2


class Marked(Struct, frozen=True):
    """A way mark, opened: an object as it stood under the state entry at a position, and its own records until then."""

    object_id: ObjectId
    position: int
    time: Moment
    shown: Shown
    own: tuple[int, ...]

    @property
    def history(self) -> History:
        """The history until then."""
        history: History = self.shown.aspects["history"]
        return history


def read_state(part: EntryPart) -> StateEntry:
    """Read the state entry at which something is shown. Raises ProofInvalid if it is none, Malformed if no entry."""
    entry = decode_entry(part.entry)
    if not isinstance(entry, StateEntry):
        raise ProofInvalid(said("mark.not-at-end", "a way mark does not stand at the end of a block"))
    return entry


def open_mark(object_id: ObjectId, number: int, mark: WayMark) -> Marked:
    """Verify that an object stood in the state of its way mark as is shown. That the state entry is in the log is not.

    Raises:
        ProofInvalid: it did not, or not every aspect is shown, or the object's own records are out of order.
    """
    entry, shown = read_state(mark.state), read_aspects(mark.aspects)
    if shown.aspects.keys() != set(aspects_of(shown.kind)):
        raise ProofInvalid(said("mark.not-whole", "a way mark shows every aspect"))
    roots = entry.payload
    leaf = object_leaf(object_id, shown.value)
    verify_inclusion(leaf, number, roots.objects_count, mark.path, roots.objects_root)
    if mark.own[-1] >= entry.position:
        raise ProofInvalid(
            said("mark.own-later", "one of the object's own records before the way mark stands after it")
        )
    return Marked(object_id, entry.position, entry.time, shown, mark.own)


def take_up(marked: Marked, begun: Object | None) -> Object:
    """Go on from a way mark: give the object as it stood there.

    Args:
        marked: the way mark.
        begun: the object as far as the file's records before the mark lead.

    Raises:
        ProofInvalid: what the object's own records say is not what the mark says.
    """
    if begun is None:
        raise ProofInvalid(said("mark.creation-missing", "the record that created the object is not in the file"))
    if type_of(begun).name != marked.shown.kind:
        raise ProofInvalid(said("mark.other-kind", "the way mark is of an object of another kind"))
    value = structs.replace(begun, **marked.shown.aspects)
    if object_value(value) != marked.shown.value:
        raise ProofInvalid(
            said("mark.other-object", "the way mark is not of the object that its record created: the salts are others")
        )
    grown = value.history.count - begun.history.count
    if grown < 0 or (grown == 0 and value.history != begun.history):
        raise ProofInvalid(said("mark.other-history", "the way mark is not what the records before it lead to"))
    differing = [] if type_of(value).acts else different_but_for_sums(value, begun)
    if differing:
        raise ProofInvalid(
            said(
                "mark.other-aspect",
                "the object's own records do not make its {aspect} what the way mark says",
                differing[0],
            )
        )
    return value


def one_word(mark: Marked) -> Said:
    """Warn that one operator alone says what a way mark says."""
    if OBJECT_NAMED[mark.shown.kind].acts:
        return said(
            "warning.one-word-of-all",
            "what became of {kind} {object} until {moment} is one operator's word",
            kind_said(mark.shown.kind),
            mark.object_id.hex(),
            moment_words(mark.time),
        )
    return said(
        "warning.one-word",
        "what became of {kind} {object} until {moment}, but for its own records, is one operator's word",
        kind_said(mark.shown.kind),
        mark.object_id.hex(),
        moment_words(mark.time),
    )


class Followed(Struct, frozen=True):
    """A part, opened: where it begins (nil: at the opening), where it ends, and how the office stood there."""

    part: OfficePart
    begin: Marked | None
    end_position: int
    end: Shown

    @property
    def begins_at(self) -> int:
        """The position of the state entry at which it begins; -1 for the opening."""
        return -1 if self.begin is None else self.begin.position


class Crossing(Struct, frozen=True):
    """What happens between two records, after all that stand up to a position: a part ends or begins, or a mark."""

    position: int
    rank: int
    mark: Marked | None
    followed: Followed | None


def signers_said(record: Record, members: Membership, retold: DerivedState, introduced: Introduced) -> list[Said | str]:
    """Name the signers of a record, in order of their names: who signs under mandates, with whose they are."""
    return sorted((_named(key, record, members, retold, introduced) for key in record.signers), key=str)


def _named(
    key: PublicKey, record: Record, members: Membership, retold: DerivedState, introduced: Introduced
) -> Said | str:
    signer, name = _signer(key, members, retold, introduced)
    mandates = [retold.object(mandate) for mandate in record.mandates]
    principals = [
        said("signer.party", "party {party}", mandate.links.principal.hex())
        for mandate in mandates
        if isinstance(mandate, Mandate) and name in (mandate.links.member, mandate.links.party)
    ]
    if not principals:
        return signer
    return said("signer.under-mandate", "{signer} for {principals} under mandate", signer, principals)


def _signer(
    key: PublicKey, members: Membership, retold: DerivedState, introduced: Introduced
) -> tuple[Said | str, MemberId | ObjectId]:
    """Name a signer in words, and by its own name: a member, an officer of one, or a party."""
    held = members.holder(key)
    if held is not None:
        return held[0].id, held[0].id
    if key in retold.officers:
        member = retold.officers[key].links.member
        return said("signer.officer", "officer {key} of {member}", key.hex(), member), member
    party = introduced[key][0] if key in introduced else key
    return said("signer.party", "party {party}", party.hex()), party


def require_order(what: Said, places: Sequence[Any]) -> None:
    """Insist that places in a file rise. Raises ProofInvalid."""
    if any(place <= before for before, place in pairwise(places)):
        raise ProofInvalid(said("proof.order", "the {parts} are repeated, or do not stand in their order", what))


def acts_since(followed: Sequence[Followed]) -> list[ActsSince]:
    """Give since when the acts are shown of those offices that are not followed from their opening."""
    begun = [each.begin for each in followed if each.begin is not None]
    return [ActsSince(mark.shown.aspects["links"].member, mark.time) for mark in begun]


def one_operators_words(marks: Sequence[Marked], followed: Sequence[Followed]) -> list[Said]:
    """Warn that one operator alone says what way marks say."""
    words = [one_word(mark) for mark in marks]
    return words + [
        said(
            "warning.one-word-office",
            "who the officers of {member} were on {moment}, and its settings, is one operator's word",
            since.member,
            moment_words(since.time),
        )
        for since in acts_since(followed)
    ]


def states_of(proof: ProofFile) -> Iterator[EntryPart]:
    """Give the state entries at which something is shown: of way marks, and where parts begin and end."""
    for evidence in proof.objects:
        if evidence.mark is not None:
            yield evidence.mark.state
    for part in proof.offices:
        if part.begin is not None:
            yield part.begin.state
        if part.end.state is not None:
            yield part.end.state


def open_parts(parts: Sequence[OfficePart], proven: StateEntry) -> list[Followed]:
    """Open the parts of a file, which stand in order of their offices, and each one's acts in order.

    Raises:
        ProofInvalid: they do not, or one does not hold.
    """
    for before, part in pairwise(parts):
        if part.id < before.id:
            raise ProofInvalid(said("office.parts-order", "the offices do not stand in their order"))
    for part in parts:
        require_order(said("part.acts", "acts of an office"), part.acts)
    return [open_part(part, proven) for part in parts]


def open_part(part: OfficePart, proven: StateEntry) -> Followed:
    """Verify that an office stood at both ends as is shown. That the state entries are in the log is not.

    Raises:
        ProofInvalid: it did not, or not every aspect is shown, or the ends do not stand in order.
    """
    begin = None if part.begin is None else open_mark(part.id, part.number, part.begin)
    entry = proven if part.end.state is None else read_state(part.end.state)
    end = read_aspects(part.end.aspects)
    if end.aspects.keys() != set(aspects_of(end.kind)) or end.kind != OFFICE.name:
        raise ProofInvalid(said("office.not-whole", "where the acts of an office end, every aspect of it is shown"))
    roots = entry.payload
    leaf = object_leaf(part.id, end.value)
    verify_inclusion(leaf, part.number, roots.objects_count, part.end.path, roots.objects_root)
    followed = Followed(part, begin, entry.position, end)
    within = all(followed.begins_at < act < entry.position for act in part.acts)
    if not within or followed.begins_at >= entry.position or (begin is not None and begin.shown.kind != OFFICE.name):
        raise ProofInvalid(said("office.acts-outside", "the acts of an office do not stand between the ends shown"))
    return followed


def crossings_of(marks: Sequence[Marked], followed: Sequence[Followed]) -> list[Crossing]:
    """List what happens between records, the last first."""
    crossings = [Crossing(mark.position, _MARKS, mark, None) for mark in marks]
    crossings += [Crossing(each.begins_at, _BEGINS, None, each) for each in followed]
    crossings += [Crossing(each.end_position, _ENDS, None, each) for each in followed]
    return sorted(crossings, key=lambda crossing: crossing.position * _SPAN + crossing.rank, reverse=True)


def cross(crossing: Crossing, retold: DerivedState) -> None:
    """Let it happen. Raises ProofInvalid where what the file's records lead to is not what is shown there."""
    if crossing.mark is not None:
        value = take_up(crossing.mark, retold.object(crossing.mark.object_id))
        retold.take_up(value, crossing.mark.position, crossing.mark.time)
    if crossing.followed is None:
        return
    if crossing.rank == _ENDS:
        _end(crossing.followed, retold)
        return
    begin, name = crossing.followed.begin, crossing.followed.part.id
    if retold.follows(name):
        raise ProofInvalid(said("office.followed-twice", "the acts of an office are shown twice"))
    if begin is None:
        retold.follow(name)
    else:
        value = take_up(begin, retold.object(name))
        assert isinstance(value, Office), "a part begins at an office"
        retold.take_up_acts(value, begin.position, begin.time)


def _end(followed: Followed, retold: DerivedState) -> None:
    """Insist that the acts lead to what stands at the end, and that something between the ends needs them."""
    name, begins = followed.part.id, followed.begins_at
    value = retold.object(name)
    touched = [at for at in retold.touched.get(name, []) if at > begins]
    if list(followed.part.acts) != touched or not isinstance(value, Office):
        raise ProofInvalid(said("office.acts-other", "the acts of an office are not those in the file that touch it"))
    if value.history != followed.end.aspects["history"] or (
        object_value(with_inbox(value, followed.end.aspects)) != followed.end.value
    ):
        raise ProofInvalid(
            said("office.acts-short", "the acts of an office do not lead to what is shown of it: some are missing")
        )
    if retold.asked.get(name, -1) <= begins:
        raise ProofInvalid(said("office.spare", "the acts of an office are needed by nothing in the file"))
    retold.follow_no_more(name)
