"""What every reachable state satisfies of parties and their keys."""

from collections import Counter
from collections.abc import Iterator, Sequence

from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.object import created_id
from hanse_ledger.kinds.party.bodies import EnrolParty, RevokeKey, RotateKey, TakeKey
from hanse_ledger.kinds.party.state import Party
from hanse_ledger.kinds.reached import AppliedRecord, Invariants, ReachedState, all_of, words
from hanse_ledger.values.types import Digest, ObjectId, PublicKey
from hanse_ledger.wire.endings import Endings, ended_by


def _breaches(state: ReachedState) -> Iterator[str]:
    for party in all_of(state, Party):
        key = party.key.key
        if key is not None and state.claims.get(claim_key(ClaimKind.KEY, key)) != party.id:
            yield f"the key of {words(party)} is not claimed for it"
        if key is not None and claim_key(ClaimKind.REVOKED_KEY, key) in state.claims:
            yield f"the present key of {words(party)} is revoked"
        if party.status.valid_from >= party.status.valid_until or not party.status.roles:
            yield f"{words(party)} may never do anything"
        if party.links.repair == party.links.member:
            yield f"one member alone could repair the key of {words(party)}"
        if party.key.open_repair is not None and (key is None or party.links.repair is None):
            yield f"a repair of {words(party)} is open that nobody could contest, or that it never agreed to"


def _claimed(_: ReachedState, records: Sequence[AppliedRecord]) -> Iterator[tuple[Digest, bytes]]:
    """Derive whose each key is, and how keys ended."""
    present: dict[ObjectId, PublicKey] = {}
    ended: dict[PublicKey, Endings] = {}
    for record, body, _at in records:
        match body:
            case EnrolParty():
                yield claim_key(ClaimKind.KEY, body.key), created_id(record)
                present[created_id(record)] = body.key
            case RotateKey() | TakeKey():
                yield claim_key(ClaimKind.KEY, body.new_key), body.party
                ended[present[body.party]] = Endings(record, None)
                present[body.party] = body.new_key
            case RevokeKey():
                ended[body.key] = Endings(ended[body.key].rotation if body.key in ended else None, record)
            case _:
                pass
    for key, by in ended.items():
        yield claim_key(ClaimKind.REVOKED_KEY, key), ended_by(rotation=by.rotation, revocation=by.revocation)


def _counted(_: ReachedState, records: Sequence[AppliedRecord]) -> Counter[Digest]:
    """Count each party's replaced keys."""
    return Counter(
        ended_claim(body.party, body.party) for _id, body, _at in records if isinstance(body, RotateKey | TakeKey)
    )


INVARIANTS = Invariants(_breaches, _claimed, _counted)
