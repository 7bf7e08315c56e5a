"""The state as rules see it, and what a rule changes."""

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct

from hanse_ledger.kinds.member.proposals import OpenProposals
from hanse_ledger.kinds.object import Object
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.membership import Membership


class StateView(Protocol):
    """The state as a rule sees it: the present values, and nothing else."""

    @property
    def membership(self) -> Membership:
        """The members, cosigners and parameters in force."""
        ...

    @property
    def proposals(self) -> OpenProposals:
        """The changes of the members that are open."""
        ...

    def object(self, object_id: ObjectId) -> Object | None:
        """Find an object by its id."""
        ...

    def claim(self, key: Digest) -> bytes | None:
        """Find the value of a claim by its name."""
        ...


class Delta(Struct, frozen=True):
    """What a rule changes: objects created or replaced, claims set or (nil) withdrawn.

    `inboxes` are those of the objects that are offices to which the record is addressed: it joins their inboxes, not
    their histories. `proposals` are all that are open then, or (nil) the same; `membership` begins an epoch, at which
    none is open.
    """

    objects: tuple[Object, ...] = ()
    inboxes: tuple[ObjectId, ...] = ()
    claims: Mapping[Digest, bytes | None] = {}
    membership: Membership | None = None
    proposals: OpenProposals | None = None
