"""The rows of parties, and of their keys."""

from collections.abc import Iterator

from hanse_ledger.kinds.claims import ClaimKind, claim_key
from hanse_ledger.kinds.kind import (
    Commits,
    Kind,
    ObjectType,
    itself,
    no_claims,
    no_key,
    no_object,
    no_references,
)
from hanse_ledger.kinds.party.bodies import EnrolParty, MoveParty, RevokeKey, RotateKey
from hanse_ledger.kinds.party.refusals import PARTY_UNKNOWN
from hanse_ledger.kinds.party.rules import enrol_party, move_party, revoke_key, rotate_key
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.party.status import judged
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind

PARTY = ObjectType(
    name="party",
    state=Party,
    unknown=PARTY_UNKNOWN,
    beside=frozenset({"history", "key", "status"}),
    sums={},
    judged=judged,
    behind=None,
)


def _own(body: RotateKey | RevokeKey | MoveParty) -> ObjectId:
    return body.party


def _named(body: RotateKey | RevokeKey | MoveParty) -> tuple[ObjectId, ...]:
    return (body.party,)


def _revoked(body: RevokeKey) -> Iterator[Digest]:
    """Name what is asked of the key that is revoked."""
    return (claim_key(kind, body.key) for kind in (ClaimKind.KEY, ClaimKind.REVOKED_KEY))


ENROL = Kind(
    name="party.enrol",
    number="P-1",
    body=EnrolParty,
    rule=enrol_party,
    object=PARTY,
    creates=True,
    about=no_object,
    references=no_references,
    introduces=lambda body: body.key,
    presents=lambda _, body: body.key,
    claims=no_claims,
    commits=Commits[EnrolParty](kind=CommittedKind.IDENTITY, terms=lambda body: body.identity, header=itself),
    frees=False,
)

ROTATE = Kind(
    name="key.rotate",
    number="P-2",
    body=RotateKey,
    rule=rotate_key,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    introduces=lambda body: body.new_key,
    presents=lambda _, body: body.new_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

REVOKE = Kind(
    name="key.revoke",
    number="P-3",
    body=RevokeKey,
    rule=revoke_key,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=_revoked,
    commits=None,
    frees=False,
)

MOVE = Kind(
    name="party.move",
    number="P-5",
    body=MoveParty,
    rule=move_party,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
)

KINDS = (ENROL, ROTATE, REVOKE, MOVE)
