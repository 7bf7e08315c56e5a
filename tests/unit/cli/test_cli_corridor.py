"""A new corridor: the list of members, and the genesis that is made of it."""

import pytest

from hanse_cli.folders.corridor import YEAR_MS, make_corridor, read_plan
from hanse_client.base.errors import InvalidInput
from hanse_client.home.identity import Identity
from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import decode_genesis, ledger_id
from hanse_ledger.wire.membership import MemberRole

NOW = 1_800_000_000_000
OWN, SPARE = Identity.generate("bank"), Identity.generate("bank")
PLAN = f"""
name = "Hangzhou to Antwerp"
operator = "market"

[[members]]
id = "market"
name = "Silk Market"
roles = ["marketplace", "carrier", "marketplace"]

[[members]]
id = "bank"
name = "A bank"
roles = ["bank"]
key = "{OWN.public_key.hex()}"
spare = "{SPARE.public_key.hex()}"
years = 2
"""


def test_a_list_becomes_a_genesis() -> None:
    """Members stand in order with their roles and two keys: given ones are taken, missing ones are made."""
    corridor = make_corridor(read_plan(PLAN.encode()), NOW)
    membership = corridor.genesis.membership
    assert [member.id for member in membership.members] == ["bank", "market"]
    bank, market = membership.members
    assert market.roles == (MemberRole.CARRIER, MemberRole.MARKETPLACE)
    assert [held.key for held in bank.keys] == [OWN.public_key, SPARE.public_key]
    assert {held.valid_until for held in bank.keys} == {NOW + 2 * YEAR_MS}
    assert set(corridor.identities) == set(corridor.spares) == {"market"}
    made = (corridor.identities["market"].public_key, corridor.spares["market"].public_key)
    assert tuple(held.key for held in market.keys) == made
    assert [cosigner.id for cosigner in membership.cosigners] == ["market"]
    assert membership.parameters.quorum == 1


def test_the_genesis_is_one_that_nodes_and_verifiers_read() -> None:
    """It decodes from its canonical bytes, and its trust file names it."""
    genesis = make_corridor(read_plan(PLAN.encode()), NOW).genesis
    assert decode_genesis(encode(genesis)) == genesis
    assert read_trust(write_trust(genesis)).ledger == ledger_id(genesis)


def test_no_two_corridors_are_the_same() -> None:
    """The same list makes another ledger each time, with other keys."""
    one, two = (make_corridor(read_plan(PLAN.encode()), NOW) for _ in range(2))
    assert ledger_id(one.genesis) != ledger_id(two.genesis)
    assert len({one.log_seed, two.log_seed, one.cosigning_seed, two.cosigning_seed}) == 4


def test_nothing_prints_the_secrets() -> None:
    """Neither the seeds nor the identities' keys stand in what a traceback or a log would show."""
    corridor = make_corridor(read_plan(PLAN.encode()), NOW)
    assert repr(corridor) == "Corridor('Hangzhou to Antwerp')"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('operator = "market"', ""),
        ('operator = "market"', 'operator = "nobody"'),
        ('operator = "market"', 'operator = "market"\nquorum = 2'),
        ('id = "bank"', 'id = "Bank"'),
        ('id = "bank"', 'id = "market"'),
        ('roles = ["bank"]', 'roles = ["banker"]'),
        ('roles = ["bank"]', "roles = []"),
        ("years = 2", "years = 0"),
        (OWN.public_key.hex(), OWN.public_key.hex()[2:]),
        (OWN.public_key.hex(), "ff" + OWN.public_key.hex()[2:]),
        ('name = "A bank"', ""),
        ("[[members]]", "[[member]]"),
        ('name = "Hangzhou', "name = Hangzhou"),
    ],
    # A key is made anew in each process, and processes that share the tests must agree on their names.
    ids=map(str, range(13)),
)
def test_a_wrong_list_is_refused(old: str, new: str) -> None:
    """What is missing, unknown, repeated or no key is said before anything is made."""
    assert old in PLAN
    with pytest.raises(InvalidInput):
        make_corridor(read_plan(PLAN.replace(old, new).encode()), NOW)


def test_what_is_no_text_is_refused() -> None:
    """Bytes that are not UTF-8 are no list."""
    with pytest.raises(InvalidInput):
        read_plan(b"\xff\xfe")
