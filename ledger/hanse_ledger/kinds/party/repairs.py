"""What becomes of a party whose key is lost: two members name a new one, and after a week it takes the old one's place.

Until then the old key signs as ever, and may end it. A party agrees to this at its enrolment, or never has it.
"""

from msgspec.structs import replace

from hanse_ledger.kinds.common import Context, Signers, require, require_alone, require_only
from hanse_ledger.kinds.party.bodies import ContestRepair, RepairKey, TakeKey
from hanse_ledger.kinds.party.refusals import (
    KEY_TAKEN,
    NO_REPAIR_OPEN,
    NOT_KEY_HOLDER,
    NOT_MEMBER_OF_PARTY,
    NOT_PARTY,
    NOT_REPAIR_KEY,
    NOT_REPAIRER,
    PARTY_WITHOUT_KEY,
    REPAIR_NOT_AGREED,
    REPAIR_TOO_EARLY,
    REPAIRER_IS_OPERATOR,
)
from hanse_ledger.kinds.party.rules import (
    find_party,
    is_taken,
    operates_alone,
    require_active,
    require_keys_left,
    with_new_key,
)
from hanse_ledger.kinds.party.state import OpenRepair, Replaced
from hanse_ledger.kinds.view import Delta, StateView
from hanse_ledger.values import limits
from hanse_ledger.values.moments import moment_words


def repair_key(state: StateView, body: RepairKey, signers: Signers, context: Context) -> Delta:
    """P-8. A party's member and its second one name the key that shall follow a lost one; again, and the week is new.

    Both must be there to sign: where one has left or is suspended, there is no repair. A party that has its key moves,
    or names another second member (P-5); one that has lost it is enrolled anew.
    """
    party = find_party(state, body.party, "/body/party")
    require_active(party, context.at, "/body/party")
    require(party.key.key is not None, PARTY_WITHOUT_KEY, "/body/party", seen=party.id)
    second = party.links.repair
    require(second is not None, REPAIR_NOT_AGREED, "/body/party", seen=party.id)
    assert second is not None
    require(party.links.member in signers.members, NOT_MEMBER_OF_PARTY, "/signers", wanted=party.links.member)
    require(second in signers.members, NOT_REPAIRER, "/signers", wanted=second)
    require_only(signers, 2)
    require(not operates_alone(state, second), REPAIRER_IS_OPERATOR, "/body/party", seen=second)
    require(not is_taken(state, body.new_key), KEY_TAKEN, "/body/new_key", seen=body.new_key)
    require_keys_left(state, party)

    # From here the repair must be open.
    opened = OpenRepair(new_key=body.new_key, opened=context.at)
    return Delta(objects=(replace(party, key=replace(party.key, open_repair=opened)),))


def take_key(state: StateView, body: TakeKey, signers: Signers, context: Context) -> Delta:
    """P-9. After seven days of block time the new key takes the old one's place; it alone signs.

    What the two members signed stands, whatever has become of them since.
    """
    party = find_party(state, body.party, "/body/party")
    repair = party.key.open_repair
    require(repair is not None, NO_REPAIR_OPEN, "/body/party", seen=party.id)
    assert repair is not None
    require(body.new_key == repair.new_key, NOT_REPAIR_KEY, "/body/new_key", seen=body.new_key, wanted=repair.new_key)
    require(not is_taken(state, body.new_key), KEY_TAKEN, "/body/new_key", seen=body.new_key)
    require(body.new_key in signers.new_keys, NOT_KEY_HOLDER, "/signers", wanted=body.new_key)
    require_only(signers, 1)
    require_active(party, context.at, "/body/party")
    earliest = repair.opened + limits.REPAIR_MS
    require(
        earliest <= context.at,
        REPAIR_TOO_EARLY,
        "/body/party",
        seen=lambda: f"block time {moment_words(context.at)}",
        wanted=lambda: moment_words(earliest),
    )

    # From here the new key must take the old one's place. Whoever moves or has no key has no open repair.
    assert party.links.repair is not None
    by = Replaced(at=context.at, member=party.links.member, repair=party.links.repair)
    encryption_key = body.encryption_key or party.key.encryption_key
    keys = replace(party.key, encryption_key=encryption_key, key=body.new_key, open_repair=None, replaced=by)
    return Delta(objects=(replace(party, key=keys),), claims=with_new_key(state, party, body.new_key, context))


def contest_repair(state: StateView, body: ContestRepair, signers: Signers, _: Context) -> Delta:
    """P-10. The party ends an open repair with the key that it has."""
    party = find_party(state, body.party, "/body/party")
    require_alone(signers, party.id, NOT_PARTY)
    require(party.key.open_repair is not None, NO_REPAIR_OPEN, "/body/party", seen=party.id)

    # From here the repair must have ended.
    return Delta(objects=(replace(party, key=replace(party.key, open_repair=None)),))
