"""The rows: everything that Hanse knows of one kind of record, and of one kind of object.

A row's constructor asks for every fact, so that a kind cannot be half known. What a fact is for stands here, what it is
for one object in that object's folder, and all rows on the front page, `kinds/__init__.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from msgspec import Struct

from hanse_ledger.kinds.amount import Amount
from hanse_ledger.kinds.common import Context, Signers
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import Digest, MemberId, Moment, ObjectId, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.part import Body, Commitment

B = TypeVar("B", bound=Body)
O = TypeVar("O", bound=Object)  # noqa: E741 (an object)

CreatedBy = Callable[[ObjectId], Body | None]
"""Finds the body of the record that created an object, as far as it is known."""


@dataclass(frozen=True, kw_only=True)
class Commits(Generic[B]):
    """That a record commits to a document, or to an identity, whose terms can be disclosed (see `wire.commitments`).

    `document` gives the commitment to the document's file, nil where there are terms alone.
    `header` gives what bears the clear header of the terms: mostly the body itself. It may ask for the bodies of other
    records; where it does not find one it needs, nil.
    """

    kind: CommittedKind
    terms: Callable[[B], Digest]
    document: Callable[[B], Commitment | None]
    header: Callable[[B, CreatedBy], Struct | None]


@dataclass(frozen=True, kw_only=True)
class FoundBy(Generic[O]):
    """By what objects of one kind are found, besides their ids: a node keeps a table of it.

    Attributes:
        name: of that table: `pledge_of_invoice`.
        keys: those of an object, such as the id of an invoice that it names; only of what no record changes.
    """

    name: str
    keys: Callable[[O], Iterable[bytes]]


def listed_names(whose: Iterable[ObjectId | MemberId | None]) -> frozenset[bytes]:
    """Write the names of those who have a list: a party's id, a member's name as bytes; nil is left out."""
    names = (name for name in whose if name is not None)
    return frozenset(name if isinstance(name, bytes) else name.encode() for name in names)


class Waits(NamedTuple):
    """That an object, as it stands, waits for somebody.

    Attributes:
        who: the party, or the member by its name; nil where it is neither's.
        since: the block time from which on it waits, as far as the object says; nil else.
        until: the block time until which it can be done (excluded); nil for ever.
    """

    who: ObjectId | MemberId | None
    since: Moment | None = None
    until: Moment | None = None


@dataclass(frozen=True, kw_only=True)
class Listed(Generic[O]):
    """How objects of one kind are listed: a node keeps a row of each for everybody in whose lists it stands.

    Attributes:
        state: the word of its state as its records made it, whatever the time.
        open: those words for which something is left to do.
        ended: all others.
        whose: the parties and the members in whose lists it stands; nil is left out.
        waits: for whom it waits, as it stands, by the record with which that is done, or one of several: what stands in
            inboxes. Each is one of those in whose lists it is.
        worth: how much money it is about; nil where it says nothing of it.
        worth_of: the objects that say so in its place, in sum.
    """

    state: Callable[[O], str]
    open: frozenset[str]
    ended: frozenset[str]
    whose: Callable[[O], Iterable[ObjectId | MemberId | None]]
    waits: Mapping[str, Callable[[O], Iterable[Waits]]]
    worth: Callable[[O], Amount | None]
    worth_of: Callable[[O], Iterable[ObjectId]]

    def of_whom(self, value: O) -> frozenset[bytes]:
        """Name those in whose lists an object stands: a party by its id, a member by its name."""
        return listed_names(self.whose(value))

    def waiting(self, value: O) -> tuple[tuple[str, bytes, Waits], ...]:
        """Say for which records of whom an object waits: of a party by its id, of a member by its name."""
        found = ((record, each) for record, waits in self.waits.items() for each in waits(value))
        return tuple((record, name, each) for record, each in found for name in listed_names((each.who,)))


@dataclass(frozen=True, kw_only=True)
class ObjectType(Generic[O]):
    """Everything that Hanse knows of one kind of object.

    Attributes:
        name: as it stands in aspects, paths and reports: `invoice`.
        state: its class.
        unknown: the refusal of an id that no such object has.
        beside: the aspects that a full proof shows in words; its records lead to the others too, and all are compared.
        sums: of its parts the fields to which records of others add: its own records make everything else.
        judged: how its status is judged, from its shown aspects by name and the verifier's present.
        behind: what stands behind it, and changes when it is decided; nil where nothing ever does.
        acts: whether a way mark says what its own records made of it, because they are never all carried from the
            beginning; else those records are carried, and must lead to what the mark says.
        found_by: by what a node finds it, besides its id.
        listed: in which state and in whose lists it stands.
    """

    name: str
    state: type[O]
    unknown: Reason
    beside: frozenset[str]
    sums: Mapping[type[Struct], tuple[str, ...]]
    judged: Callable[[Mapping[str, Any], Moment], Judgement]
    behind: Callable[[O], frozenset[ObjectId]] | None
    acts: bool
    found_by: tuple[FoundBy[O], ...]
    listed: Listed[O]

    def behind_of(self, value: O) -> frozenset[ObjectId]:
        """Name what stands behind an object."""
        return frozenset() if self.behind is None else self.behind(value)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[B]):
    """Everything that Hanse knows of one kind of record.

    Attributes:
        name: as it stands in a record: `invoice.issue`.
        number: its rule: `I-1`.
        body: the class of its body.
        rule: what it changes, or a refusal.
        object: the kind of object whose own record it is; nil for what changes no object.
        creates: whether it creates that.
        about: the object whose own record it is, where it does not create it, or besides.
        references: all objects that the body names, in any order; nil is left out.
        addresses: the members to whose offices it is addressed, by a role that the body names them in, where they do
            not sign it; what is no member's name is left out.
        introduces: the key that it makes a party's.
        presents: a key of nobody yet that may sign it.
        claims: the claims that its rule asks for, besides those of the signing keys: they are read beforehand.
        commits: the terms that it commits to.
        frees: whether it gives back what may exist once, so that whoever sees a part of the records cannot judge that.
        powers: an officer needs one of these to sign it in the place of the member's own key; empty where none may.
        amount: of money for which a party signs it, in the state before it; nil for none. A mandate's limit is for it.
        sample: makes one that the rules accept where a ledger has come that far, for tests, vectors and pages; it names
            what only a ledger has by stand-ins (see `standins`).
    """

    name: str
    number: str
    body: type[B]
    rule: Callable[[StateView, B, Signers, Context], Delta]
    object: ObjectType[Any] | None
    creates: bool
    about: Callable[[B], ObjectId | None]
    references: Callable[[B], Iterable[ObjectId | None]]
    addresses: Callable[[B], Iterable[MemberId]]
    introduces: Callable[[B], PublicKey | None]
    presents: Callable[[StateView, B], PublicKey | None]
    claims: Callable[[B], Iterable[Digest]]
    commits: Commits[B] | None
    frees: bool
    powers: tuple[Power, ...]
    amount: Callable[[StateView, B], Amount | None]
    sample: Callable[[], B]


def no_worth(_: Any) -> None:
    """Be about no money, or say nothing of how much."""


def of_no_others(_: Any) -> tuple[ObjectId, ...]:
    """Leave it to no other objects to say how much money it is about."""
    return ()


def no_key(*_: object) -> None:
    """Introduce, or present, no key."""


def nobody(_: Body) -> tuple[MemberId, ...]:
    """Be addressed to no office."""
    return ()


def no_object(_: Body) -> None:
    """Be about no object that was there before."""


def no_claims(_: Body) -> tuple[Digest, ...]:
    """Ask for no claims besides those of the signing keys."""
    return ()


def no_references(_: Body) -> tuple[ObjectId, ...]:
    """Name no object."""
    return ()


def itself(body: Body, _: CreatedBy) -> Body:
    """Bear the clear header itself."""
    return body
