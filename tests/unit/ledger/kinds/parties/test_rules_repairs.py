"""Rules P-8 to P-10: the repair of a lost key, its taking, and what ends it."""

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from hanse_ledger.blocks.block import Created
from hanse_ledger.kinds.claims import ClaimKind, claim_key, ended_claim
from hanse_ledger.kinds.party.refusals import (
    KEY_TAKEN,
    NO_REPAIR_OPEN,
    NOT_KEY_HOLDER,
    NOT_MEMBER_OF_PARTY,
    NOT_PARTY,
    NOT_REPAIR_KEY,
    NOT_REPAIRER,
    PARTY_INACTIVE,
    PARTY_UNKNOWN,
    PARTY_WITHOUT_KEY,
    REPAIR_NOT_AGREED,
    REPAIR_TOO_EARLY,
    REPAIRER_IS_OPERATOR,
    TOO_MANY_KEYS,
)
from hanse_ledger.kinds.party.state import OpenRepair, Replaced
from hanse_ledger.kinds.refusals import SIGNER_KEY_SUPERSEDED, SIGNER_SUSPENDED, SUPERFLUOUS_SIGNER
from hanse_ledger.values import limits
from hanse_ledger.wire.endings import Endings, endings
from tests.tables.refusals import Refused, names_of, try_row
from tests.unit.ledger.kinds.test_rules_parties import OPERATED, WORN_OUT, party_of
from tests.world.corridor import Corridor, traders
from tests.world.corridor_genesis import DAY, T0, YEAR, public, seed_of
from tests.world.departures import after, leave, suspend

WEEK = 7 * DAY
PAST = T0 + 2 * YEAR
"""When the traders' enrolments have ended."""


def repaired() -> Corridor:
    """The buyer has lost its key: the market and the chamber name another one."""
    corridor = traders()
    corridor.submit(corridor.make.repair("buyer", "new"), "market", "chamber")
    return corridor


def revoked() -> Corridor:
    """The market has revoked the buyer's key."""
    corridor = traders()
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    return corridor


def taken_by_another() -> Corridor:
    """The key that was to follow has become another party's."""
    corridor = repaired()
    corridor.enrol("new")
    return corridor


def never() -> Corridor:
    """The buyer has agreed to no repair."""
    corridor = traders()
    corridor.submit(corridor.make.move("buyer", "market"), "market", "buyer")
    return corridor


TRADERS, REPAIRED, REVOKED, NEVER, TAKEN = traders(), repaired(), revoked(), never(), taken_by_another()
OPENED = REPAIRED.head.time
REPAIR, TAKE, CONTEST = (
    TRADERS.make.repair("buyer", "new"),
    TRADERS.make.taking("buyer", "new"),
    TRADERS.make.contest("buyer"),
)

REPAIRS = [
    Refused(REVOKED, replace(REPAIR, party=bytes(32)), ("bank-be",), PARTY_UNKNOWN, "/body/party", PAST),
    Refused(REVOKED, REPAIR, ("bank-be",), PARTY_INACTIVE, "/body/party", PAST),
    Refused(REVOKED, REPAIR, ("bank-be",), PARTY_WITHOUT_KEY, "/body/party"),
    Refused(NEVER, REPAIR, ("bank-be",), REPAIR_NOT_AGREED, "/body/party"),
    Refused(TRADERS, REPAIR, ("chamber", "bank-be"), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(TRADERS, REPAIR, ("chamber", "buyer"), NOT_MEMBER_OF_PARTY, "/signers"),
    Refused(TRADERS, REPAIR, ("market", "bank-be"), NOT_REPAIRER, "/signers"),
    Refused(TRADERS, REPAIR, ("market",), NOT_REPAIRER, "/signers"),
    Refused(
        TRADERS,
        replace(REPAIR, new_key=public("seller")),
        ("market", "chamber", "bank-be"),
        SUPERFLUOUS_SIGNER,
        "/signers",
    ),
    Refused(
        OPERATED,
        OPERATED.make.repair("buyer", "seller"),
        ("market", "chamber"),
        REPAIRER_IS_OPERATOR,
        "/body/party",
    ),
    Refused(WORN_OUT, WORN_OUT.make.repair("buyer", "seller"), ("market", "chamber"), KEY_TAKEN, "/body/new_key"),
    Refused(TRADERS, replace(REPAIR, new_key=public("buyer")), ("market", "chamber"), KEY_TAKEN, "/body/new_key"),
    Refused(TRADERS, replace(REPAIR, new_key=public("chamber")), ("market", "chamber"), KEY_TAKEN, "/body/new_key"),
    Refused(WORN_OUT, WORN_OUT.make.repair("buyer", "new"), ("market", "chamber"), TOO_MANY_KEYS, "/body/party"),
]

TAKES = [
    Refused(TRADERS, replace(TAKE, party=bytes(32)), ("new",), PARTY_UNKNOWN, "/body/party"),
    Refused(TRADERS, TAKE, ("new",), NO_REPAIR_OPEN, "/body/party", OPENED + WEEK),
    Refused(REPAIRED, replace(TAKE, new_key=public("seller")), ("market",), NOT_REPAIR_KEY, "/body/new_key"),
    Refused(REPAIRED, replace(TAKE, new_key=public("other")), ("other",), NOT_REPAIR_KEY, "/body/new_key"),
    Refused(TAKEN, TAKE, ("market",), KEY_TAKEN, "/body/new_key"),
    Refused(TAKEN, TAKE, ("new",), KEY_TAKEN, "/body/new_key", OPENED + WEEK),
    Refused(REPAIRED, TAKE, ("market", "chamber"), NOT_KEY_HOLDER, "/signers"),
    Refused(REPAIRED, TAKE, ("buyer",), NOT_KEY_HOLDER, "/signers", OPENED + WEEK),
    Refused(REPAIRED, TAKE, ("new", "market"), SUPERFLUOUS_SIGNER, "/signers", PAST),
    Refused(REPAIRED, TAKE, ("new",), PARTY_INACTIVE, "/body/party", PAST),
    Refused(REPAIRED, TAKE, ("new",), REPAIR_TOO_EARLY, "/body/party", OPENED + WEEK - 1),
]

CONTESTS = [
    Refused(TRADERS, replace(CONTEST, party=bytes(32)), ("market",), PARTY_UNKNOWN, "/body/party"),
    Refused(TRADERS, CONTEST, ("market", "chamber"), NOT_PARTY, "/signers"),
    Refused(REPAIRED, CONTEST, ("seller",), NOT_PARTY, "/signers"),
    Refused(TRADERS, CONTEST, ("buyer", "market"), SUPERFLUOUS_SIGNER, "/signers"),
    Refused(TRADERS, CONTEST, ("buyer",), NO_REPAIR_OPEN, "/body/party"),
]

REFUSALS = REPAIRS + TAKES + CONTESTS


@pytest.mark.parametrize("row", REFUSALS, ids=names_of(REFUSALS))
def test_refusals(row: Refused) -> None:
    """Each broken rule is named with its field, and the earliest one wins."""
    try_row(row)


def test_after_a_week_the_new_key_takes_the_place_of_the_lost_one() -> None:
    """P-8 and P-9: until then the old key signs as ever; from then on the new one alone, and it is told who did it."""
    corridor = repaired()
    before = party_of(corridor, "buyer")
    assert before.key.open_repair == OpenRepair(new_key=public("new"), opened=OPENED)
    corridor.issue_invoice()
    corridor.submit(corridor.make.acceptance(), "buyer")
    at = OPENED + WEEK
    body = replace(TAKE, encryption_key=seed_of("new encryption"))
    signed = corridor.sign(body, "new", at=at)
    assert isinstance(corridor.apply(signed, at), Created)
    party = party_of(corridor, "buyer")
    assert party.key == replace(
        before.key,
        encryption_key=seed_of("new encryption"),
        key=public("new"),
        open_repair=None,
        replaced=Replaced(at=at, member="market", repair="chamber"),
    )
    assert (party.links, party.status) == (before.links, before.status)
    ledger = corridor.ledger
    assert endings(ledger.claim(claim_key(ClaimKind.REVOKED_KEY, public("buyer")))) == Endings(signed.id, None)
    assert ledger.claim(claim_key(ClaimKind.KEY, public("new"))) == party.id
    assert int.from_bytes(ledger.claim(ended_claim(party.id, party.id)) or b"", "big") == 1
    error = corridor.refusal(corridor.make.contest("buyer"), "buyer")
    assert error is not None
    assert error.reason is SIGNER_KEY_SUPERSEDED
    corridor.submit(corridor.make.rotation("buyer", "newest"), "new", "newest")
    assert party_of(corridor, "buyer").key.replaced == party.key.replaced


def test_taking_leaves_the_encryption_key_where_none_is_given() -> None:
    """P-9: nil keeps it, for a party that has lost only the key that signs."""
    corridor = repaired()
    before = party_of(corridor, "buyer").key.encryption_key
    corridor.submit(TAKE, "new", at=OPENED + WEEK)
    assert party_of(corridor, "buyer").key.encryption_key == before


def contested(corridor: Corridor) -> str:
    """The old key contests."""
    corridor.submit(corridor.make.contest("buyer"), "buyer")
    return "buyer"


def rotated(corridor: Corridor) -> str:
    """The old key is replaced by its holder."""
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    return "buyer 2"


def moved(corridor: Corridor) -> str:
    """The party goes to another member, and has another second one."""
    corridor.submit(corridor.make.move("buyer", "bank-be", "market"), "bank-be", "market", "buyer")
    return "buyer"


@pytest.mark.parametrize("end", [contested, rotated, moved])
def test_whoever_has_the_old_key_ends_a_repair(end: Callable[[Corridor], str]) -> None:
    """P-10, P-2 and P-5: what is signed with it shows that it was not lost; nothing is taken after a week."""
    corridor = repaired()
    key = end(corridor)
    assert party_of(corridor, "buyer").key.open_repair is None
    at = OPENED + WEEK
    error = corridor.refusal(TAKE, "new", at=at)
    assert error is not None
    assert error.reason is NO_REPAIR_OPEN
    corridor.issue_invoice()
    assert corridor.refusal(corridor.make.acceptance(), key, at=at) is None


def test_a_revoked_key_is_not_repaired() -> None:
    """P-3: neither member can take from the old key its week to contest by revoking it."""
    corridor = repaired()
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    assert party_of(corridor, "buyer").key.open_repair is None
    error = corridor.refusal(TAKE, "new", at=OPENED + WEEK)
    assert error is not None
    assert error.reason is NO_REPAIR_OPEN


def test_a_former_key_is_revoked_while_a_repair_is_open_and_ends_it() -> None:
    """P-3: a revocation of any key of the party ends it: the members may open it again."""
    corridor = traders()
    corridor.submit(corridor.make.rotation("buyer", "buyer 2"), "buyer", "buyer 2")
    corridor.submit(REPAIR, "market", "chamber")
    corridor.submit(corridor.make.revocation("buyer", "buyer"), "market")
    assert party_of(corridor, "buyer").key.open_repair is None
    assert corridor.refusal(REPAIR, "market", "chamber") is None


def test_a_second_repair_takes_the_place_of_the_first() -> None:
    """P-8: a key that was named by mistake is replaced, and its week begins anew."""
    corridor = repaired()
    corridor.submit(corridor.make.repair("buyer", "newer"), "chamber", "market", at=OPENED + DAY)
    for name, at, reason in (
        ("new", OPENED + WEEK, NOT_REPAIR_KEY),
        ("newer", OPENED + WEEK, REPAIR_TOO_EARLY),
    ):
        error = corridor.refusal(corridor.make.taking("buyer", name), name, at=at)
        assert error is not None
        assert error.reason is reason
    assert corridor.refusal(corridor.make.taking("buyer", "newer"), "newer", at=OPENED + DAY + WEEK) is None


def test_a_suspended_party_still_contests_and_takes() -> None:
    """P-4: what is about the party itself it may sign."""
    corridor = repaired()
    corridor.submit(corridor.make.suspension("buyer"), "market")
    assert corridor.refusal(CONTEST, "buyer") is None
    corridor.submit(TAKE, "new", at=OPENED + WEEK)
    assert party_of(corridor, "buyer").status.suspended


@pytest.mark.parametrize("name", ["market", "chamber"])
def test_a_member_that_is_suspended_repairs_nothing(name: str) -> None:
    """P-8 and M-2: both must be able to sign; a party that has its key moves or names another one (P-5)."""
    corridor = traders()
    if name == "market":
        corridor.submit(corridor.make.move("buyer", "bank-cn", "chamber"), "bank-cn", "market", "buyer")
        name = "bank-cn"
    member = party_of(corridor, "buyer").links.member
    corridor = after(corridor, (suspend, name))
    error = corridor.refusal(REPAIR, member, "chamber")
    assert error is not None
    assert error.reason is SIGNER_SUSPENDED
    assert corridor.refusal(corridor.make.move("buyer", "market", "bank-be"), "market", "buyer") is None


def test_what_two_members_have_opened_stands_when_one_has_left() -> None:
    """P-9: whoever has lost a key does not lose the week besides."""
    corridor = after(repaired(), (leave, "chamber"))
    assert corridor.refusal(TAKE, "new", at=OPENED + WEEK + DAY) is None


def test_how_long_a_repair_may_be_contested() -> None:
    """A week of block time, as the page says."""
    assert limits.REPAIR_MS == WEEK
