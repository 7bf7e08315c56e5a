"""A whole state as its invariants see it, and what they share."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Digest, Moment, ObjectId, RecordId
from hanse_ledger.wire.membership import Membership
from hanse_ledger.wire.part import Body

Found = TypeVar("Found", bound=Object)


class ReachedState(Protocol):
    """A whole state: its objects with their numbers, and its claims."""

    @property
    def membership(self) -> Membership:
        """The members in force."""
        ...

    @property
    def proposals(self) -> OpenProposals:
        """The open proposals."""
        ...

    @property
    def objects(self) -> Mapping[ObjectId, Object]:
        """The objects by id."""
        ...

    @property
    def numbers(self) -> Mapping[ObjectId, int]:
        """The number of each object, in order of creation."""
        ...

    @property
    def claims(self) -> Mapping[Digest, bytes]:
        """The claims by name."""
        ...


class AppliedRecord(NamedTuple):
    """A record that led to a state: its id, its body, and the block time at which it was applied."""

    id: RecordId
    body: Body
    at: Moment


class Invariants(NamedTuple):
    """What every reachable state satisfies of one object, whatever was recorded in whatever order.

    Attributes:
        breaches: says in words what of a state cannot be.
        claimed: derives the claims that stand in the state, each once, from objects and the records in their order.
        counted: derives counts of what has ended, to which several objects may add, likewise.
    """

    breaches: Callable[[ReachedState], Iterator[str]]
    claimed: Callable[[ReachedState, Sequence[AppliedRecord]], Iterator[tuple[Digest, bytes]]]
    counted: Callable[[ReachedState, Sequence[AppliedRecord]], Counter[Digest]]


def no_breaches(_: ReachedState) -> Iterator[str]:
    """Have nothing that could be broken."""
    return iter(())


def no_claims(_: ReachedState, __: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Claim nothing."""
    return iter(())


def nothing_ended(_: ReachedState, __: Sequence[AppliedRecord]) -> Counter[Digest]:
    """Have nothing that ends on another's object."""
    return Counter()


def all_of(state: ReachedState, kind: type[Found]) -> Iterator[Found]:
    """Walk over the objects of a kind."""
    return (value for value in state.objects.values() if isinstance(value, kind))


def are(state: ReachedState, kind: type[Object], *object_ids: ObjectId) -> bool:
    """Tell whether ids are those of objects of a kind."""
    return all(isinstance(state.objects.get(object_id), kind) for object_id in object_ids)


def words(value: Object) -> str:
    """Name an object in a sentence."""
    return f"{type(value).__name__.lower()} {value.id.hex()}"
