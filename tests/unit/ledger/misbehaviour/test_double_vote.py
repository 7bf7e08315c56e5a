"""Double votes: what an engine signs, and what a file of two such votes proves."""

import json
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from nacl.signing import SigningKey

from hanse_client import verify_file
from hanse_ledger.misbehaviour.accusing import accusation
from hanse_ledger.misbehaviour.double_vote import (
    FORMAT,
    DoubleVote,
    Vote,
    VotedBlock,
    chain_id,
    read_double_vote,
    sign_bytes,
    write_double_vote,
)
from hanse_ledger.proofs.trustfile import read_trust
from hanse_ledger.values.errors import Malformed
from hanse_ledger.values.hashing import hash_bytes
from hanse_ledger.values.verdict import Verdict
from hanse_node.comet.abci.hanse_abci_pb2 import Time
from tests.world.corridor import Corridor, traders
from tests.world.corridor_bodies import a_cosigner, change
from tests.world.corridor_genesis import LEDGER, T0, key_of

NAMES = ("bank-be", "chamber", "customs-be", "market")


def consortium() -> Corridor:
    """A ledger that four nodes have taken over."""
    corridor = traders()
    corridor.change_members(change(cosigners=[a_cosigner(name) for name in NAMES], removed=["operator"]))
    for name in NAMES:
        corridor.report_ready(name)
    return corridor


TRUST = read_trust(consortium().trust)


def block(name: str) -> VotedBlock:
    """A block by its name."""
    return VotedBlock(hash=hash_bytes(name.encode()), parts=1, parts_hash=hash_bytes(f"{name} parts".encode()))


def votes(first: VotedBlock | None, second: VotedBlock | None, signer: str = "chamber validator") -> DoubleVote:
    """Two votes of the chamber's engine, signed."""
    key = key_of(signer)
    made = DoubleVote(
        format=FORMAT,
        first=Vote(block=first, nanos=5, seconds=T0 // 1_000, signature=bytes(64)),
        height=7,
        ledger=LEDGER,
        member="chamber",
        round=1,
        second=Vote(block=second, nanos=0, seconds=T0 // 1_000 + 1, signature=bytes(64)),
        step=2,
        validator_key=bytes(key.verify_key),
    )
    return replace(made, first=_signed(made, made.first, key), second=_signed(made, made.second, key))


def _signed(evidence: DoubleVote, vote: Vote, key: SigningKey) -> Vote:
    return replace(vote, signature=key.sign(sign_bytes(evidence, vote)).signature)


GOOD = votes(block("a"), block("b"))


def verdict(evidence: DoubleVote) -> Verdict:
    """Check a file of evidence."""
    return verify_file(write_double_vote(evidence), TRUST, T0).verdict


@pytest.mark.parametrize("second", [block("b"), None], ids=["another block", "none"])
def test_two_votes_in_one_step_prove_who_voted(second: VotedBlock | None) -> None:
    """For two blocks, or for a block and none: the member is named, and nobody else."""
    evidence = votes(block("a"), second)
    report = verify_file(write_double_vote(evidence), TRUST, T0)
    assert report.verdict is Verdict.VALID, report
    assert report.detail == "the engine of chamber voted for two blocks at height 7, round 1"
    assert accusation(write_double_vote(evidence), TRUST).members == ("chamber",)


def test_the_same_step_is_one_accusation() -> None:
    """Other blocks in the same step say nothing new; another height does."""
    other = votes(block("c"), block("d"))
    assert accusation(write_double_vote(GOOD), TRUST).name == accusation(write_double_vote(other), TRUST).name


WRONG: dict[str, tuple[Callable[[DoubleVote], DoubleVote], Verdict]] = {
    "one vote twice": (lambda good: replace(good, second=good.first), Verdict.TAMPERED),
    "another height": (lambda good: replace(good, height=8), Verdict.TAMPERED),
    "another round": (lambda good: replace(good, round=0), Verdict.TAMPERED),
    "another step": (lambda good: replace(good, step=1), Verdict.TAMPERED),
    "another time": (lambda good: replace(good, first=replace(good.first, nanos=6)), Verdict.TAMPERED),
    "another member": (lambda good: replace(good, member="market"), Verdict.UNKNOWN_ISSUER),
    "another ledger": (lambda good: replace(good, ledger=bytes(32)), Verdict.UNKNOWN_ISSUER),
    "a stranger's key": (lambda _: votes(block("a"), block("b"), "somebody"), Verdict.UNKNOWN_ISSUER),
}


@pytest.mark.parametrize(("change_it", "wanted"), WRONG.values(), ids=WRONG)
def test_what_proves_nothing_is_no_evidence(change_it: Callable[[DoubleVote], DoubleVote], wanted: Verdict) -> None:
    """Whatever is changed, the votes do not hold, or are nobody's whom the trust file knows."""
    assert verdict(change_it(GOOD)) is wanted


def test_only_the_form_of_the_page_is_read() -> None:
    """Not canonical, of another format, or of no known form: malformed."""
    data = write_double_vote(GOOD)
    for wrong in (data + b" ", data.replace(b"doublevote/1", b"doublevote/2"), b"{}"):
        with pytest.raises(Malformed):
            read_double_vote(wrong)
    with pytest.raises(Malformed, match="no evidence"):
        accusation(b"{}", TRUST)


def test_what_is_signed_is_protobuf() -> None:
    """The bytes are those of CanonicalVote, with the lengths and field numbers of its definition."""
    data = sign_bytes(GOOD, GOOD.first)
    assert int(data[0] & 0x7F) + 128 * data[1] == len(data) - 2
    assert data[2:4] == b"\x08\x02"
    assert data[4:13] == b"\x11" + (7).to_bytes(8, "little")
    assert data[13:22] == b"\x19" + (1).to_bytes(8, "little")
    moment = Time(seconds=T0 // 1_000, nanos=5).SerializeToString()
    assert b"\x2a" + bytes([len(moment)]) + moment in data
    assert data.endswith(chain_id(LEDGER).encode())
    assert json.loads(write_double_vote(GOOD))["@type"] == FORMAT
