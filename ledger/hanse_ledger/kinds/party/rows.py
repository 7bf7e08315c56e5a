"""The rows of parties, and of their keys."""

from collections.abc import Iterator

from hanse_ledger.kinds.amount import no_amount
from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.kind import (
    Commits,
    Kind,
    Listed,
    ObjectType,
    Waits,
    itself,
    no_claims,
    no_key,
    no_object,
    no_references,
    no_worth,
    nobody,
    of_no_others,
)
from hanse_ledger.kinds.party import samples
from hanse_ledger.kinds.party.bodies import (
    AttestParty,
    ContestRepair,
    EnrolParty,
    MoveParty,
    ReinstateParty,
    RepairKey,
    RevokeKey,
    RotateKey,
    SuspendParty,
    TakeKey,
)
from hanse_ledger.kinds.party.refusals import PARTY_UNKNOWN
from hanse_ledger.kinds.party.repairs import contest_repair, repair_key, take_key
from hanse_ledger.kinds.party.rules import (
    attest_party,
    enrol_party,
    move_party,
    reinstate_party,
    revoke_key,
    rotate_key,
    suspend_party,
)
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.party.status import judged
from hanse_ledger.kinds.power import Power
from hanse_ledger.values.types import Digest, ObjectId
from hanse_ledger.wire.catalogue import CommittedKind


def _stands(party: Party) -> str:
    if party.key.key is None:
        return "revoked"
    return "suspended" if party.status.suspended else "enrolled"


def _contested_by(party: Party) -> Iterator[Waits]:
    """Wait for the party, in whose place others have opened a repair: after a week its key is replaced without it."""
    repair = party.key.open_repair
    if repair is not None:
        yield Waits(party.id, repair.opened)


PARTY = ObjectType(
    name="party",
    state=Party,
    unknown=PARTY_UNKNOWN,
    beside=frozenset({"history", "key", "status"}),
    sums={},
    judged=judged,
    behind=None,
    acts=False,
    found_by=(),
    listed=Listed(
        state=_stands,
        open=frozenset({"enrolled", "suspended"}),
        ended=frozenset({"revoked"}),
        whose=lambda party: (party.id, party.links.member),
        waits={"key.contest": _contested_by},
        worth=no_worth,
        worth_of=of_no_others,
    ),
)


_OfParty = (
    RotateKey
    | RevokeKey
    | MoveParty
    | SuspendParty
    | ReinstateParty
    | RepairKey
    | TakeKey
    | ContestRepair
    | AttestParty
)


def _own(body: _OfParty) -> ObjectId:
    return body.party


def _named(body: _OfParty) -> tuple[ObjectId, ...]:
    return (body.party,)


def _revoked(body: RevokeKey) -> Iterator[Digest]:
    """Name what is asked of the key that is revoked."""
    return (claim_key(kind, body.key) for kind in (ClaimKind.KEY, ClaimKind.REVOKED_KEY))


def _repaired(body: RepairKey) -> Iterator[Digest]:
    """Name what is asked of the key that a repair names, and of how often the party has replaced its key."""
    yield claim_key(ClaimKind.KEY, body.new_key)
    yield ended_claim(body.party, body.party)


ENROL = Kind(
    name="party.enrol",
    number="P-1",
    body=EnrolParty,
    rule=enrol_party,
    object=PARTY,
    creates=True,
    about=no_object,
    references=no_references,
    addresses=nobody,
    introduces=lambda body: body.key,
    presents=lambda _, body: body.key,
    claims=no_claims,
    commits=Commits[EnrolParty](
        kind=CommittedKind.IDENTITY, terms=lambda body: body.identity, document=lambda _: None, header=itself
    ),
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.enrol,
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
    addresses=nobody,
    introduces=lambda body: body.new_key,
    presents=lambda _, body: body.new_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.rotate,
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
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_revoked,
    commits=None,
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.revoke,
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
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.move,
)

SUSPEND = Kind(
    name="party.suspend",
    number="P-6",
    body=SuspendParty,
    rule=suspend_party,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.suspend,
)

REINSTATE = Kind(
    name="party.reinstate",
    number="P-7",
    body=ReinstateParty,
    rule=reinstate_party,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.reinstate,
)

REPAIR = Kind(
    name="key.repair",
    number="P-8",
    body=RepairKey,
    rule=repair_key,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=_repaired,
    commits=None,
    frees=False,
    powers=(Power.ENROL,),
    amount=no_amount,
    sample=samples.repair,
)

TAKE = Kind(
    name="key.take",
    number="P-9",
    body=TakeKey,
    rule=take_key,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=lambda body: body.new_key,
    presents=lambda _, body: body.new_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.take,
)

CONTEST = Kind(
    name="key.contest",
    number="P-10",
    body=ContestRepair,
    rule=contest_repair,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=None,
    frees=False,
    powers=(),
    amount=no_amount,
    sample=samples.contest,
)

ATTEST = Kind(
    name="party.attest",
    number="P-11",
    body=AttestParty,
    rule=attest_party,
    object=PARTY,
    creates=False,
    about=_own,
    references=_named,
    addresses=nobody,
    introduces=no_key,
    presents=no_key,
    claims=no_claims,
    commits=Commits[AttestParty](
        kind=CommittedKind.ATTESTATION, terms=lambda body: body.terms, document=lambda _: None, header=itself
    ),
    frees=False,
    powers=(Power.ATTEST,),
    amount=no_amount,
    sample=samples.attest,
)

KINDS = (ENROL, ROTATE, REVOKE, MOVE, SUSPEND, REINSTATE, REPAIR, TAKE, CONTEST, ATTEST)
