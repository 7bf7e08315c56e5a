"""Who has signed a record: members by their keys or their officers, parties, and keys that it introduces itself."""

from collections.abc import Sequence
from typing import Any

from hanse_ledger.kinds import PAIRED, kind_of
from hanse_ledger.kinds.bundle.bodies import TakeSteps
from hanse_ledger.kinds.bundle.steps import row_of
from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.common import Signers, Unable, require
from hanse_ledger.kinds.kind import Kind
from hanse_ledger.kinds.mandate.rules import find_mandate, use_mandate
from hanse_ledger.kinds.mandate.state import Mandate
from hanse_ledger.kinds.office.refusals import (
    FOUR_EYES_WANTED,
    KEY_UNDER_FOUR_EYES,
    OFFICE_CLOSED,
    OFFICER_ENDED,
    OFFICER_INACTIVE,
    OFFICER_WITHOUT_POWER,
)
from hanse_ledger.kinds.office.rows import OFFICE
from hanse_ledger.kinds.office.rules import office_of
from hanse_ledger.kinds.office.state import Office, Officer
from hanse_ledger.kinds.party.refusals import PARTY_SUSPENDED
from hanse_ledger.kinds.party.rows import PARTY
from hanse_ledger.kinds.party.rules import find_party, require_active
from hanse_ledger.kinds.power import Power
from hanse_ledger.kinds.refusals import (
    SIGNER_KEY_INACTIVE,
    SIGNER_KEY_REVOKED,
    SIGNER_KEY_SUPERSEDED,
    SIGNER_SUSPENDED,
    SIGNER_UNKNOWN,
)
from hanse_ledger.kinds.view import StateView
from hanse_ledger.records.record import Record
from hanse_ledger.values.errors import Rejected
from hanse_ledger.values.moments import moment_words
from hanse_ledger.values.types import Moment, ObjectId, PublicKey
from hanse_ledger.wire.endings import endings
from hanse_ledger.wire.membership import Member, MemberKey

FOUR_EYES = 2
"""Two pairs of them."""


def resolve_signers(state: StateView, record: Record, at: Moment) -> Signers:
    """M-1. Each signing key is a member's, an officer's, a party's, or one that the record itself introduces."""
    kind = kind_of(record.body)
    mandates = [find_mandate(state, name, f"/mandates/{place}") for place, name in enumerate(record.mandates)]
    acting = frozenset(mandate.links.member for mandate in mandates)
    by_key: list[str] = []
    by_officer: list[str] = []
    officers: list[tuple[int, Office, PublicKey]] = []
    parties: set[ObjectId] = set()
    new_keys: set[PublicKey] = set()
    presented = kind.presents(state, record.body)
    for place, key in enumerate(record.signers):
        pointer = f"/signers/{place}"
        held = state.membership.holder(key)
        if held is not None:
            by_key.append(judge_member_key(*held, at, pointer))
            continue
        owner = state.claim(claim_key(ClaimKind.KEY, key))
        if key == presented and owner is None:
            new_keys.add(key)
            continue
        office = None if owner is None else state.object(owner)
        if isinstance(office, Office):
            member = judge_officer_key(state, office, key, at, pointer)
            if not isinstance(record.body, TakeSteps):
                require_power(office, key, (Power.ACT,) if member in acting else kind.powers, pointer)
            officers.append((place, office, key))
            by_officer.append(member)
        else:
            parties.add(judge_party_key(state, key, at, pointer, of_itself=kind.object is PARTY))
    members = frozenset((*by_key, *by_officer))
    if isinstance(record.body, TakeSteps):
        signers = of_bundle(state, record.body, by_key, officers, frozenset(parties), len(record.signers))
        return for_principals(state, record, signers, mandates, at) if mandates else signers
    pairs = [name for name in sorted(members) if seen_by_two(state, name, kind, by_key, by_officer)]
    signers = Signers(
        members=members,
        parties=frozenset(parties),
        new_keys=frozenset(new_keys),
        count=len(record.signers) - len(pairs),
        acting_members=frozenset(),
        acting_parties=frozenset(),
        mandates=(),
    )
    return for_principals(state, record, signers, mandates, at) if mandates else signers


def of_bundle(
    state: StateView,
    body: TakeSteps,
    by_key: Sequence[str],
    officers: Sequence[tuple[int, Office, PublicKey]],
    parties: frozenset[ObjectId],
    count: int,
) -> Signers:
    """G-6. Judge of each kind among a bundle's steps which members may sign it, as of a record of its own.

    Args:
        state: the present.
        body: the bundle.
        by_key: the members that sign by their own keys.
        officers: the places of officers' keys among the signers, their offices, and the keys.
        parties: those that sign.
        count: of the signing keys.
    """
    by_officer = [office.links.member for _, office, _ in officers]
    members = frozenset((*by_key, *by_officer))
    unable: list[Unable] = []
    pairs: set[tuple[str, str]] = set()
    for kind in {step.kind: row_of(step.body) for step in body.steps}.values():
        for name in sorted(members):
            try:
                for place, office, key in officers:
                    if office.links.member == name:
                        require_power(office, key, kind.powers, f"/signers/{place}")
                if seen_by_two(state, name, kind, by_key, by_officer):
                    pairs.add((kind.name, name))
            except Rejected as error:
                unable.append(Unable(kind.name, name, error.reason, error.pointer, error.seen, error.wanted))
    return Signers(
        members=members,
        parties=parties,
        new_keys=frozenset(),
        count=count,
        acting_members=frozenset(),
        acting_parties=frozenset(),
        mandates=(),
        unable=tuple(unable),
        pairs=tuple(sorted(pairs)),
    )


def for_principals(
    state: StateView, record: Record, signers: Signers, mandates: Sequence[Mandate], at: Moment
) -> Signers:
    """B-3. Let each mandatary sign as the principals of the mandates that the record names."""
    kind = kind_of(record.body)
    amount = kind.amount(state, record.body)
    used = tuple(
        use_mandate(
            state,
            mandate,
            kind.name,
            amount,
            members=signers.members,
            parties=signers.parties,
            at=at,
            pointer=f"/mandates/{place}",
        )
        for place, mandate in enumerate(mandates)
    )
    members = frozenset(mandate.links.member for mandate in mandates if mandate.links.member is not None)
    parties = frozenset(mandate.links.party for mandate in mandates if mandate.links.party is not None)
    return Signers(
        members=signers.members - members,
        parties=(signers.parties - parties) | {mandate.links.principal for mandate in mandates},
        new_keys=signers.new_keys,
        count=None if signers.count is None else signers.count - len(members) - len(parties) + len(mandates),
        acting_members=members,
        acting_parties=parties,
        mandates=used,
    )


def judge_member_key(member: Member, held: MemberKey, at: Moment, pointer: str) -> str:
    """M-2. A member's key counts within its validity, judged at block time, and while the member is not suspended."""
    require(not member.suspended, SIGNER_SUSPENDED, pointer, seen=member.id)
    require(
        held.valid_from <= at < held.valid_until,
        SIGNER_KEY_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(held.valid_from)} to {moment_words(held.valid_until)}",
    )
    return member.id


def judge_officer_key(state: StateView, office: Office, key: PublicKey, at: Moment, pointer: str) -> str:
    """F-5. An officer signs for its member while its appointment is valid, and what its powers allow."""
    name = office.links.member
    member = state.membership.member(name)
    require(member is not None, OFFICE_CLOSED, pointer, seen=name)
    assert member is not None
    require(not member.suspended, SIGNER_SUSPENDED, pointer, seen=name)
    officer = _officer(office, key)
    require(officer is not None, OFFICER_ENDED, pointer, seen=key)
    assert officer is not None
    require(
        officer.valid_from <= at < officer.valid_until,
        OFFICER_INACTIVE,
        pointer,
        seen=lambda: f"block time {moment_words(at)}",
        wanted=lambda: f"{moment_words(officer.valid_from)} to {moment_words(officer.valid_until)}",
    )
    return name


def require_power(office: Office, key: PublicKey, powers: tuple[Power, ...], pointer: str) -> None:
    """F-5. An officer who signs has the power that the record needs.

    One of `powers` is enough; there are none where no officer signs it, and `act` alone where it is signed under a
    mandate.
    """
    officer = _officer(office, key)
    assert officer is not None, "its key was judged"
    require(
        any(power in officer.powers for power in powers),
        OFFICER_WITHOUT_POWER,
        pointer,
        seen=", ".join(officer.powers),
        wanted=" or ".join(powers) if powers else f"a key of {office.links.member}",
    )


def _officer(office: Office, key: PublicKey) -> Officer | None:
    return next((officer for officer in office.officers if officer.key == key), None)


def seen_by_two(state: StateView, name: str, kind: Kind[Any], by_key: Sequence[str], by_officer: Sequence[str]) -> bool:
    """F-6. What a member's office has put under four eyes bears two officers of it, and never the member's own key.

    A record about the office itself bears two of the member's keys instead: officers sign none. Tells whether it is so.
    """
    if kind.name not in PAIRED:
        return False
    office = office_of(state, name)
    if office is None or kind.name not in office.settings.four_eyes:
        return False
    if kind.object is not OFFICE:
        require(name not in by_key, KEY_UNDER_FOUR_EYES, "/signers", seen=name)
    seen = (by_key if kind.object is OFFICE else by_officer).count(name)
    require(seen >= FOUR_EYES, FOUR_EYES_WANTED, "/signers", seen=seen, wanted=FOUR_EYES)
    return True


def judge_party_key(state: StateView, key: PublicKey, at: Moment, pointer: str, *, of_itself: bool) -> ObjectId:
    """P-4. A party's key counts while it is the party's present key, not revoked, and the enrolment is valid.

    A suspended party signs what is about parties alone: it may still leave its member, and end its key.
    """
    ended = endings(state.claim(claim_key(ClaimKind.REVOKED_KEY, key)))
    require(ended.revocation is None, SIGNER_KEY_REVOKED, pointer, seen=key)
    owner = state.claim(claim_key(ClaimKind.KEY, key))
    require(owner is not None, SIGNER_UNKNOWN, pointer, seen=key)
    assert owner is not None
    party = find_party(state, owner, pointer)
    require(
        party.key.key == key,
        SIGNER_KEY_SUPERSEDED,
        pointer,
        seen=key,
        wanted=party.key.key or "",
    )
    require_active(party, at, pointer)
    require(of_itself or not party.status.suspended, PARTY_SUSPENDED, pointer, seen=party.id)
    return party.id
