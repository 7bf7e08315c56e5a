"""What all rules share: requirements, lookups that name what is missing, and who signed."""

from collections.abc import Collection
from typing import TypeVar

from msgspec import Struct

from hanse_ledger.kinds.member.refusals import MEMBER_LACKS_ROLE, MEMBER_SUSPENDED, MEMBER_UNKNOWN, MEMBER_WITHOUT_KEY
from hanse_ledger.kinds.object import Object
from hanse_ledger.kinds.refusals import SUPERFLUOUS_SIGNER
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import MemberId, Moment, Nonce, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.membership import Member, MemberRole, why_gone

Found = TypeVar("Found", bound=Object)


class Context(Struct, frozen=True):
    """What a rule may know of the record beside its body.

    `record` is its id, `creates` the id of the object that it creates, if it creates one; `nonce` seeds its salts;
    `at` is block time.
    """

    creates: ObjectId
    record: RecordId
    nonce: Nonce
    at: Moment


class Signers(Struct, frozen=True):
    """Who signed: members, parties, and keys that the record itself introduces.

    `count` is the number of signing keys: two keys of one member are two signers.
    """

    members: frozenset[MemberId]
    parties: frozenset[ObjectId]
    new_keys: frozenset[PublicKey]
    count: int


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
        signers.count == count,
        SUPERFLUOUS_SIGNER,
        "/signers",
        seen=signers.count,
        wanted=count,
    )


def require_alone(signers: Signers, name: MemberId | ObjectId, reason: Reason) -> None:
    """Refuse a record unless this member, or this party, signed it, and nobody else did (G-5)."""
    require(name in signers.members or name in signers.parties, reason, "/signers", wanted=name)
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


def find(state: StateView, name: ObjectId, kind: type[Found], reason: Reason, pointer: str) -> Found:
    """Find an object of a kind, or refuse with a reason that says that there is none."""
    found: Object | None = state.object(name)
    if not isinstance(found, kind):
        raise Rejected(reason, pointer=pointer, seen=name.hex(), wanted=meant(state, name, _noun(kind)))
    return found


def meant(state: StateView, name: ObjectId, what: str) -> str:
    """Say, where an id is that of another thing than is meant, what it is; nothing of an id that nothing has."""
    found = state.object(name)
    return "" if found is None else f"the id of {what}; this is that of {_noun(type(found))}"


def _noun(kind: type[Object]) -> str:
    noun = kind.__name__.lower()
    return f"{'an' if noun.startswith('i') else 'a'} {noun}"


def _show(value: object) -> str:
    shown = value() if callable(value) else value
    return shown.hex() if isinstance(shown, bytes) else str(shown)
