"""Genesis, membership and the trust file: whom a verifier trusts."""

import base64
import json
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from hanse_ledger.proofs.trustfile import read_trust, write_trust
from hanse_ledger.values import limits
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.keys import ED25519
from hanse_ledger.wire.codec import encode
from hanse_ledger.wire.genesis import Genesis, decode_genesis, ledger_id, members_hash, origin_of
from hanse_ledger.wire.membership import Member, MemberKey, MemberRole, Membership, check_membership
from tests.tables.reference import pack, plain, unordered, unpack
from tests.world.corridor_genesis import GENESIS, LEDGER, T0, public, seed_of

MEMBERSHIP = GENESIS.membership
FIRST, SECOND, *REST = MEMBERSHIP.members
OPERATOR = MEMBERSHIP.cosigners[0]
MEMBERS = MEMBERSHIP.members


def other_operator(name: str, **changes: bytes) -> Any:
    """A second cosigner, with keys of its own unless told otherwise."""
    keys = {"cosigning_key": seed_of(f"{name} c"), "log_key": seed_of(f"{name} l"), **changes}
    return replace(OPERATOR, id=name, **keys)


def first(**changes: Any) -> Membership:
    """The membership with a changed first member."""
    return replace(MEMBERSHIP, members=(replace(FIRST, **changes), SECOND, *REST))


def keys(*held: tuple[str, int, int]) -> tuple[MemberKey, ...]:
    """Keys with their validity."""
    return tuple(MemberKey(key=public(name), valid_from=start, valid_until=end) for name, start, end in held)


INCONSISTENT: list[tuple[Membership, str, str]] = [
    (replace(MEMBERSHIP, members=(SECOND, FIRST, *REST)), "named once each, in order", "/membership/members"),
    (replace(MEMBERSHIP, members=(FIRST, FIRST)), "named once each, in order", "/membership/members"),
    (
        replace(MEMBERSHIP, cosigners=(OPERATOR, other_operator("bank"))),
        "cosigners must be named once each, in order",
        "/membership/cosigners",
    ),
    (
        replace(MEMBERSHIP, cosigners=(OPERATOR, other_operator("operator"))),
        "cosigners must be named once each, in order",
        "/membership/cosigners",
    ),
    (first(keys=SECOND.keys), "keys must be well formed and differ", "/membership/members"),
    (first(keys=FIRST.keys * 2), "keys must be well formed and differ", "/membership/members"),
    (
        first(keys=(replace(FIRST.keys[0], key=b"\x02" + bytes(32)),)),
        "keys must be well formed and differ",
        "/membership/members",
    ),
    (
        replace(MEMBERSHIP, cosigners=(replace(OPERATOR, log_key=OPERATOR.cosigning_key),)),
        "cosigners' keys must all differ",
        "/membership/cosigners",
    ),
    (
        replace(MEMBERSHIP, cosigners=(OPERATOR, other_operator("second", log_key=OPERATOR.cosigning_key))),
        "cosigners' keys must all differ",
        "/membership/cosigners",
    ),
    (first(roles=(MemberRole.CUSTOMS, MemberRole.BANK)), "roles must be named once each", "/membership/members"),
    (first(roles=(MemberRole.BANK, MemberRole.BANK)), "roles must be named once each", "/membership/members"),
    (first(keys=keys(("k", T0, T0), ("l", T0, T0 + 1))), "validity ends before it begins", "/membership/members"),
    (first(keys=keys(("k", T0, T0 + 1), ("l", T0 + 1, T0))), "validity ends before it begins", "/membership/members"),
    (first(keys=FIRST.keys[:1]), "at least two keys", "/membership/members"),
    (
        replace(
            MEMBERSHIP, members=tuple(replace(each, suspended=each.id in ("bank-be", "market")) for each in MEMBERS)
        ),
        "of 6 members at most 1 are suspended",
        "/membership/members",
    ),
    (
        replace(first(suspended=True), cosigners=(other_operator("bank-be"),)),
        "of 1 cosigners at most 0 are suspended",
        "/membership/cosigners",
    ),
    (
        replace(MEMBERSHIP, parameters=replace(MEMBERSHIP.parameters, quorum=2)),
        "quorum exceeds the cosigners",
        "/membership/parameters/quorum",
    ),
    (
        replace(MEMBERSHIP, parameters=replace(MEMBERSHIP.parameters, tag_epochs=(2, 1))),
        "epochs of tag keys must be listed once each",
        "/membership/parameters/tag_epochs",
    ),
]


@pytest.mark.parametrize(("membership", "message", "pointer"), INCONSISTENT, ids=map(str, range(len(INCONSISTENT))))
def test_inconsistent_membership_is_refused(membership: Membership, message: str, pointer: str) -> None:
    """What single fields cannot say is checked, in a genesis and in a trust file alike."""
    genesis = replace(GENESIS, membership=membership)
    for read in (
        lambda: check_membership(membership),
        lambda: decode_genesis(encode(genesis)),
        lambda: read_trust(write_trust(genesis)),
    ):
        with pytest.raises(Malformed, match=message) as caught:
            read()
        assert caught.value.pointer == pointer


def test_a_genesis_gives_everybody_two_keys_that_last() -> None:
    """One that has ended when the ledger begins is no second key, and a later epoch is no beginning."""
    ended = replace(FIRST.keys[1], valid_from=0, valid_until=GENESIS.created)
    for membership, message in (
        (first(keys=(FIRST.keys[0], ended)), "bank-be has fewer than two keys that last"),
        (replace(MEMBERSHIP, epoch=1), "not of epoch 0"),
    ):
        with pytest.raises(Malformed, match=message):
            decode_genesis(encode(replace(GENESIS, membership=membership)))


def test_consistent_memberships_are_accepted() -> None:
    """Several cosigners, several keys and several roles are fine; a quorum may ask for all."""
    parameters = replace(MEMBERSHIP.parameters, quorum=2)
    member = replace(FIRST, keys=keys(("k", 0, 1), ("l", 1, 2)), roles=(MemberRole.BANK, MemberRole.CUSTOMS))
    check_membership(
        replace(
            MEMBERSHIP,
            cosigners=(OPERATOR, other_operator("second")),
            members=(member, SECOND),
            parameters=parameters,
        )
    )


def test_genesis_comes_back_and_its_hash_is_the_ledger() -> None:
    """The ledger's id is the SHA-256 of the genesis in canonical bytes, by any MessagePack library."""
    data = encode(GENESIS)
    assert decode_genesis(data) == GENESIS
    assert data == pack(plain(GENESIS))
    assert ledger_id(GENESIS) == sha256(data).digest() == LEDGER
    assert members_hash(MEMBERSHIP) == sha256(pack(plain(MEMBERSHIP))).digest()


PLAIN: dict[str, Any] = unpack(encode(GENESIS))


MALFORMED: list[bytes] = [
    b"",
    encode(GENESIS)[:-1],
    encode(GENESIS) + b"\0",
    unordered(PLAIN),
    encode(GENESIS).replace(b"test corridor", b"test corr\xed\xa0\x80or"),
    encode(GENESIS).replace(b"test corridor", b"test corr\xc0\x80dor"),
    pack({**PLAIN, "version": 3}),
    pack({**PLAIN, "version": True}),
    pack({**PLAIN, "name": ""}),
    pack({**PLAIN, "name": "x" * (limits.TEXT + 1)}),
    pack({**PLAIN, "nonce": bytes(15)}),
    pack({**PLAIN, "more": None}),
    pack({**PLAIN, "membership": {**PLAIN["membership"], "members": []}}),
    pack({**PLAIN, "membership": {**PLAIN["membership"], "cosigners": []}}),
    pack({**PLAIN, "membership": {**PLAIN["membership"], "proposal": 1}}),
    pack({**PLAIN, "membership": {**PLAIN["membership"], "parameters": {"quorum": 0, "tag_epochs": []}}}),
    bytes(limits.GENESIS_BYTES + 1),
]


@pytest.mark.parametrize("data", MALFORMED, ids=map(str, range(len(MALFORMED))))
def test_malformed_genesis_is_refused(data: bytes) -> None:
    """A genesis that differs in a byte is another ledger's, or none."""
    with pytest.raises(Malformed):
        decode_genesis(data)


TRUST = write_trust(GENESIS)


def test_trust_file_holds_the_genesis_under_its_id() -> None:
    """Any JSON library reads it: the format, the ledger in base64, the members by name."""
    read = read_trust(TRUST)
    assert (read.genesis, read.ledger) == (GENESIS, LEDGER)
    shown = json.loads(TRUST)
    assert list(shown) == ["@type", "changes", "genesis", "ledger"]
    assert shown["@type"] == "hanse.trust/2"
    assert base64.b64decode(shown["ledger"]) == LEDGER
    assert [member["id"] for member in shown["genesis"]["membership"]["members"]] == [
        m.id for m in (FIRST, SECOND, *REST)
    ]


def trust_with(change: Callable[[dict[str, Any]], None]) -> bytes:
    """Give the trust file changed as JSON, in canonical form."""
    shown = json.loads(TRUST)
    change(shown)
    return json.dumps(shown, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def test_reference_form_is_the_canonical_one() -> None:
    """Python's own JSON, sorted and without white space, writes the same bytes."""
    assert trust_with(lambda shown: None) == TRUST


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "it is empty"),
        (TRUST[:-1], "ends too early"),
        (b"x" + TRUST, "not JSON"),
        (TRUST + b"\n", "its form was changed"),
        (TRUST.replace(b":", b": ", 1), "its form was changed"),
        (json.dumps(json.loads(TRUST), separators=(",", ":"), indent=1).encode(), "its form was changed"),
        (trust_with(lambda shown: None).replace(b'"name"', b'"n\\u0061me"', 1), "not canonical"),
        (trust_with(lambda shown: shown.update(more=1)), "trust file"),
        (trust_with(lambda shown: shown.pop("ledger")), "trust file"),
        (trust_with(lambda shown: shown.update({"@type": "hanse.trust/3"})), "newer than release"),
        (trust_with(lambda shown: shown.update(ledger=base64.b64encode(bytes(32)).decode())), "not the hash"),
        (trust_with(lambda shown: shown["genesis"].update(name="another")), "not the hash"),
        (trust_with(lambda shown: shown["genesis"].update(created=T0 + 1)), "not the hash"),
        (trust_with(lambda shown: shown["genesis"].update(created=1.5)), "trust file"),
        (b" " * (limits.TRUST_FILE_BYTES + 1), "at most"),
    ],
)
def test_malformed_trust_file_is_refused(data: bytes, message: str) -> None:
    """A trust file that was changed anywhere is none."""
    with pytest.raises(Malformed, match=message):
        read_trust(data)


def test_members_are_found_by_name_and_by_key() -> None:
    """A key belongs to at most one member, whether it counts now or not."""
    assert MEMBERSHIP.member("chamber") is not None
    assert MEMBERSHIP.member("nobody") is None
    held = MEMBERSHIP.holder(public("chamber"))
    assert held is not None
    member, key = held
    assert (member.id, key.key[0]) == ("chamber", ED25519)
    assert MEMBERSHIP.holder(public("stranger")) is None


def test_origin_names_ledger_and_cosigner() -> None:
    """Each cosigner publishes under its own name, so that none can lock another out."""
    assert origin_of(LEDGER, "operator") == f"{LEDGER.hex()}/operator"


def test_every_role_of_the_genesis_is_one_that_rules_know() -> None:
    """The corridor has a member of each role that signs records of version 1."""
    roles = {role for member in MEMBERSHIP.members for role in member.roles}
    assert roles == {MemberRole.BANK, MemberRole.CUSTOMS, MemberRole.MARKETPLACE, MemberRole.ORIGIN_ISSUER}
    assert isinstance(GENESIS, Genesis)
    assert all(isinstance(member, Member) for member in MEMBERSHIP.members)
