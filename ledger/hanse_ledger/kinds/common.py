"""What all rules share: requirements, lookups that name what is missing, and who signed."""

from collections.abc import Collection
from typing import Protocol, TypeVar

from msgspec import Struct

from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import MemberId, Moment, Nonce, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.membership import Member, MemberRole, why_gone
from hanse_ledger.wire.part import Body

Found = TypeVar("Found", bound=Object)


class Supposing(Protocol):
    """What supposes how an object stood of which only a part is known, as verifiers of a file do."""

    def suppose(self, state: StateView, body: Body) -> Object | None:
        """Give the object as it must have stood for what is recorded now; nil where nothing is to be supposed."""
        ...


class Context(Struct, frozen=True):
    """What a rule may know of the record beside its body.

    `record` is its id, `creates` the id of the object that it creates, if it creates one, and `document` that of the
    document whose payload it names, if it names one; `nonce` is the record's, and `seed` seeds their salts;
    `at` is block time, `paired` the kinds of records that offices may put under four eyes, `coverable` those that a
    mandate may cover; `supposing` is nil wherever the whole state is known.
    """

    creates: ObjectId
    document: ObjectId
    record: RecordId
    nonce: Nonce
    seed: Nonce
    at: Moment
    paired: frozenset[str]
    coverable: frozenset[str]
    supposing: Supposing | None = None


class Unable(Struct, frozen=True):
    """That a member's signature does not count for steps of a kind, and why: as `Rejected` has it."""

    kind: str
    member: MemberId
    reason: Reason
    pointer: str
    seen: str
    wanted: str


class Signers(Struct, frozen=True):
    """Who signed: members, parties, and keys that the record itself introduces.

    `count` is the number of signing keys: two keys of one member are two signers, but for the pair that four eyes ask
    for, which is one. An officer signs as its member, and who signs under mandates as their principals: it is one
    signer a mandate. `acting_members` and `acting_parties` are those that do, `mandates` what they leave of these.

    Of a bundle `unable` says which members may not sign steps of which kinds, `pairs` which of them sign which kinds by
    two officers; `count` is that of the keys. To a step's rule it is nil: the bundle counts for all of them.
    """

    members: frozenset[MemberId]
    parties: frozenset[ObjectId]
    new_keys: frozenset[PublicKey]
    count: int | None
    acting_members: frozenset[MemberId]
    acting_parties: frozenset[ObjectId]
    mandates: tuple[Object, ...]
    unable: tuple[Unable, ...] = ()
    pairs: tuple[tuple[str, MemberId], ...] = ()


def with_themselves(signers: Signers) -> Signers:
    """Let those who sign under mandates sign as themselves too."""
    return Signers(
        members=signers.members | signers.acting_members,
        parties=signers.parties | signers.acting_parties,
        new_keys=signers.new_keys,
        count=None
        if signers.count is None
        else signers.count + len(signers.acting_members) + len(signers.acting_parties),
        acting_members=signers.acting_members,
        acting_parties=signers.acting_parties,
        mandates=signers.mandates,
    )


def require(
    holds: bool,
    reason: Reason,
    pointer: str = "",
    *,
    seen: object = "",
    wanted: object = "",
) -> None:
    """Refuse the record unless a requirement holds.

    Raises:
        Rejected: with the reason, the JSON pointer of the field, what was seen and what was wanted. Words that cost
            something to make are given as a function, which only a refusal calls.
    """
    if not holds:
        raise Rejected(reason, pointer=pointer, seen=_show(seen), wanted=_show(wanted))


def require_only(signers: Signers, count: int) -> None:
    """G-5. Refuse a record that names more signers than its rule asks for."""
    require(
        signers.count is None or signers.count == count,
        SUPERFLUOUS_SIGNER,
        "/signers",
        seen=signers.count,
        wanted=count,
    )


def require_alone(signers: Signers, signer: MemberId | ObjectId, reason: Reason) -> None:
    """Refuse a record unless this member, or this party, signed it, and nobody else did (G-5)."""
    require(signer in signers.members or signer in signers.parties, reason, "/signers", wanted=signer)
    require_only(signers, 1)


def ascending(values: Collection[object]) -> bool:
    """Tell whether texts stand in order, each once."""
    texts = [str(value) for value in values]
    return texts == sorted(set(texts))


def find_member(state: StateView, name: MemberId, role: MemberRole | None, pointer: str) -> Member:
    """Find a member, with a role if one is given, or refuse."""
    member = state.membership.member(name)
    if member is None:
        raise Rejected(MEMBER_UNKNOWN, pointer=pointer, seen=name)
    if role is not None:
        require(
            role in member.roles,
            MEMBER_LACKS_ROLE,
            pointer,
            seen=", ".join(member.roles),
            wanted=role,
        )
    return member


def find_active_member(state: StateView, name: MemberId, role: MemberRole | None, at: Moment, pointer: str) -> Member:
    """Find a member on which something new may depend, with a role if one is given, or refuse.

    It must be there, not suspended, and able to sign: what none but it may do could otherwise be done by nobody.
    """
    member = find_member(state, name, None, pointer)
    require(not member.suspended, MEMBER_SUSPENDED, pointer, seen=name)
    require(_has_key(member, at), MEMBER_WITHOUT_KEY, pointer, seen=name)
    return find_member(state, name, role, pointer)


def member_is_active(state: StateView, name: MemberId, role: MemberRole | None, at: Moment) -> bool:
    """Tell whether a member can do what its role allows: it is there, not suspended, and has role and key."""
    return not why_gone(state.membership, name, role, at)


def require_role(state: StateView, name: MemberId, role: MemberRole) -> None:
    """Refuse what a member has signed without the role that it had when it was named. It has signed, so it is there."""
    find_member(state, name, role, "/signers")


def _has_key(member: Member, at: Moment) -> bool:
    return any(held.valid_from <= at < held.valid_until for held in member.keys)


def find(state: StateView, object_id: ObjectId, kind: type[Found], reason: Reason, pointer: str) -> Found:
    """Find an object of a kind, or refuse with a reason that says that there is none."""
    value: Object | None = state.object(object_id)
    if not isinstance(value, kind):
        raise Rejected(reason, pointer=pointer, seen=object_id.hex(), wanted=meant(state, object_id, _noun(kind)))
    return value


def meant(state: StateView, object_id: ObjectId, what: str) -> str:
    """Say, where an id is that of another thing than is meant, what it is; nothing of an id that nothing has."""
    value = state.object(object_id)
    return "" if value is None else f"the id of {what}; this is that of {_noun(type(value))}"


def _noun(kind: type[Object]) -> str:
    noun = kind.__name__.lower()
    return f"{'an' if noun[0] in 'io' else 'a'} {noun}"


def _show(value: object) -> str:
    shown = value() if callable(value) else value
    return shown.hex() if isinstance(shown, bytes) else str(shown)
