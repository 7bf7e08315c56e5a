"""The rows: everything that Hanse knows of one kind of record, and of one kind of object.

A row's constructor asks for every fact, so that a kind cannot be half known. What a fact is for stands here, what it is
for one object in that object's folder, and all rows on the front page, `kinds/__init__.py`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from msgspec import Struct

from hanse_ledger.kinds.common import Context, Signers
from hanse_ledger.kinds.judgement import Judgement
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import Digest, Moment, ObjectId, PublicKey
from hanse_ledger.wire.catalogue import CommittedKind
from hanse_ledger.wire.part import Body

B = TypeVar("B", bound=Body)
O = TypeVar("O", bound=Object)  # noqa: E741 (an object)

CreatedBy = Callable[[ObjectId], Body | None]
"""Finds the body of the record that created an object, as far as it is known."""


@dataclass(frozen=True, kw_only=True)
class Commits(Generic[B]):
    """That a record commits to a document, or to an identity, whose terms can be disclosed (see `wire.commitments`).

    `header` gives what bears the clear header of the terms: mostly the body itself. It may ask for the bodies of other
    records; where it does not find one it needs, nil.
    """

    kind: CommittedKind
    terms: Callable[[B], Digest]
    header: Callable[[B, CreatedBy], Struct | None]


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
    """

    name: str
    state: type[O]
    unknown: Reason
    beside: frozenset[str]
    sums: Mapping[type[Struct], tuple[str, ...]]
    judged: Callable[[Mapping[str, Any], Moment], Judgement]
    behind: Callable[[O], frozenset[ObjectId]] | None

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
        about: the object whose own record it is, where it does not create it.
        references: all objects that the body names, in any order; nil is left out.
        introduces: the key that it makes a party's.
        presents: a key of nobody yet that may sign it.
        claims: the claims that its rule asks for, besides those of the signing keys: they are read beforehand.
        commits: the terms that it commits to.
        frees: whether it gives back what may exist once, so that whoever sees a part of the records cannot judge that.
    """

    name: str
    number: str
    body: type[B]
    rule: Callable[[StateView, B, Signers, Context], Delta]
    object: ObjectType[Any] | None
    creates: bool
    about: Callable[[B], ObjectId | None]
    references: Callable[[B], Iterable[ObjectId | None]]
    introduces: Callable[[B], PublicKey | None]
    presents: Callable[[StateView, B], PublicKey | None]
    claims: Callable[[B], Iterable[Digest]]
    commits: Commits[B] | None
    frees: bool


def no_key(*_: object) -> None:
    """Introduce, or present, no key."""


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
