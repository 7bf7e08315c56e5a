"""What all rules share: requirements, lookups that name what is missing, and who signed."""

from collections.abc import Collection
from typing import TypeVar

from msgspec import Struct

from hanse_ledger.kinds.certificate.state import Certificate
from hanse_ledger.kinds.declaration.state import Declaration
from hanse_ledger.kinds.invoice.state import Invoice
from hanse_ledger.kinds.objects import Object
from hanse_ledger.kinds.party.bodies import PartyRole
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.payment.state import Payment
from hanse_ledger.kinds.view import StateView
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.reasons import Reason
from hanse_ledger.values.types import MemberId, Moment, Nonce, ObjectId, PublicKey, RecordId
from hanse_ledger.wire.membership import Member, MemberRole, why_gone

Found = TypeVar("Found", Party, Invoice, Certificate, Declaration, Payment)


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
        Reason.SUPERFLUOUS_SIGNER,
        "/signers",
        seen=signers.count,
        wanted=count,
    )


def ascending(values: Collection[object]) -> bool:
    """Tell whether texts stand in order, each once."""
    texts = [str(value) for value in values]
    return texts == sorted(set(texts))


def find_party(state: StateView, name: ObjectId, pointer: str) -> Party:
    """Find a party, or refuse."""
    return _find(state, name, Party, Reason.PARTY_UNKNOWN, pointer)


def find_active_party(state: StateView, name: ObjectId, role: PartyRole | None, at: Moment, pointer: str) -> Party:
    """Find a party that is enrolled now, for a role if one is given, or refuse."""
    party = find_party(state, name, pointer)
    require_active(party, at, pointer)
    if role is not None:
        require(
            role in party.status.roles,
            Reason.PARTY_LACKS_ROLE,
            pointer,
            seen=", ".join(party.status.roles),
            wanted=role,
        )
    return party


def require_active(party: Party, at: Moment, pointer: str) -> None:
    """Refuse a party whose enrolment is not valid at block time."""
    status = party.status
    require(
        status.valid_from <= at < status.valid_until,
        Reason.PARTY_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(status.valid_from)} to {moment_words(status.valid_until)}",
    )


def find_invoice(state: StateView, name: ObjectId, pointer: str) -> Invoice:
    """Find an invoice, or refuse."""
    return _find(state, name, Invoice, Reason.INVOICE_UNKNOWN, pointer)


def find_certificate(state: StateView, name: ObjectId, pointer: str) -> Certificate:
    """Find a certificate, or refuse."""
    return _find(state, name, Certificate, Reason.CERTIFICATE_UNKNOWN, pointer)


def find_declaration(state: StateView, name: ObjectId, pointer: str) -> Declaration:
    """Find a declaration, or refuse."""
    return _find(state, name, Declaration, Reason.DECLARATION_UNKNOWN, pointer)


def find_payment(state: StateView, name: ObjectId, pointer: str) -> Payment:
    """Find a payment, or refuse."""
    return _find(state, name, Payment, Reason.PAYMENT_UNKNOWN, pointer)


def find_member(state: StateView, name: MemberId, role: MemberRole | None, pointer: str) -> Member:
    """Find a member, with a role if one is given, or refuse."""
    member = state.membership.member(name)
    if member is None:
        raise Rejected(Reason.MEMBER_UNKNOWN, pointer=pointer, seen=name)
    if role is not None:
        require(
            role in member.roles,
            Reason.MEMBER_LACKS_ROLE,
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
    require(not member.suspended, Reason.MEMBER_SUSPENDED, pointer, seen=name)
    require(_has_key(member, at), Reason.MEMBER_WITHOUT_KEY, pointer, seen=name)
    return find_member(state, name, role, pointer)


def member_is_active(state: StateView, name: MemberId, role: MemberRole | None, at: Moment) -> bool:
    """Tell whether a member can do what its role allows: it is there, not suspended, and has role and key."""
    return not why_gone(state.membership, name, role, at)


def require_role(state: StateView, name: MemberId, role: MemberRole) -> None:
    """Refuse what a member has signed without the role that it had when it was named. It has signed, so it is there."""
    find_member(state, name, role, "/signers")


def _has_key(member: Member, at: Moment) -> bool:
    return any(held.valid_from <= at < held.valid_until for held in member.keys)


def _find(state: StateView, name: ObjectId, kind: type[Found], reason: Reason, pointer: str) -> Found:
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
